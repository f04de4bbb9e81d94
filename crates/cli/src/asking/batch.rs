//! Many queries in one process: a query a line of standard input, an answer a line of standard output. A query that
//! fails is an answer too, and so is a line that asks nothing.

use std::collections::BTreeSet;
use std::io::{self, Write};

use engine::{Engine, EngineError, KqlAnswer, QueryContext, QueryNote};
use kqlfn::wire::write_string;
use table::TableError;
use tokio::sync::mpsc::Receiver;

use super::answer::{columns, lists};
use super::parameters::{self, Given};
use super::request::{self, Request};
use super::trouble::Trouble;
use crate::working::engine_failure;

/// What all lines are asked of.
pub(crate) struct Batch<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) context: &'a QueryContext,
    pub(crate) no_table: Option<&'a TableError>,
    /// Of the command line: each query takes those that it declares.
    pub(crate) parameters: Given,
}

impl Batch<'_> {
    /// Answers every line until there are no more; a failure if the work is cancelled. Given are the names of
    /// parameters that no query declared.
    pub(crate) async fn answer_all(
        self,
        mut lines: Receiver<io::Result<Vec<u8>>>,
        out: &mut dyn Write,
    ) -> anyhow::Result<BTreeSet<String>> {
        let mut unused: BTreeSet<String> = self.parameters.iter().map(|(name, _)| name.clone()).collect();
        loop {
            let line = tokio::select! {
                biased;
                () = self.context.cancel.cancelled() => {
                    return Err(engine_failure(&EngineError::Cancelled).into());
                }
                line = lines.recv() => line,
            };
            let Some(line) = line.transpose()? else {
                return Ok(unused);
            };
            let text = match request::read(&line, self.context.now) {
                Ok(request) => self.answer(request, &mut unused).await,
                Err((id, failure)) => refused_line(&id, &Trouble::bad_request(failure)),
            };
            out.write_all(text.as_bytes())?;
            // Who asks one at a time waits for this.
            out.flush()?;
        }
    }

    async fn answer(&self, request: Request, unused: &mut BTreeSet<String>) -> String {
        let Request {
            id,
            query,
            mut parameters,
            timespan,
        } = request;
        if let Err(failure) = parameters::all_declared(&query, &parameters) {
            return refused_line(&id, &Trouble::bad_request(failure));
        }
        if !self.parameters.is_empty() {
            let declared = parameters::declared(&query).unwrap_or_default();
            for (name, value) in &self.parameters {
                if declared.iter().any(|(held, _)| held == name) {
                    unused.remove(name);
                    if !parameters.iter().any(|(held, _)| held == name) {
                        parameters.push((name.clone(), value.clone()));
                    }
                }
            }
        }
        let mut context = self.context.clone();
        context.timespan = timespan.or(context.timespan);
        match self.engine.kql(&context, &query, parameters).await {
            Ok((answers, explain)) => answered_line(&id, &answers, explain.noted()),
            Err(failure) => refused_line(&id, &Trouble::of(failure, self.no_table)),
        }
    }
}

/// The first answer of a query; where it gives several, the others behind it, and what is to be said beside them.
fn answered_line(id: &str, answers: &[KqlAnswer], notes: &[QueryNote]) -> String {
    let mut text = format!("{{\"id\":{id},\"ok\":true,\"columns\":");
    let table = |text: &mut String, answer: &KqlAnswer| {
        text.push_str(&columns(&answer.rows));
        text.push_str(",\"rows\":");
        text.push_str(&lists(&answer.rows, usize::MAX));
    };
    let more = match answers.split_first() {
        Some((first, more)) => {
            table(&mut text, first);
            more
        }
        None => {
            text.push_str("[],\"rows\":[]");
            &[]
        }
    };
    text.push_str(",\"error\":null");
    if !more.is_empty() {
        text.push_str(",\"more\":[");
        for (at, answer) in more.iter().enumerate() {
            text.push_str(if at == 0 { "{" } else { ",{" });
            if let Some(name) = &answer.name {
                text.push_str("\"name\":");
                write_string(name, &mut text);
                text.push(',');
            }
            text.push_str("\"columns\":");
            table(&mut text, answer);
            text.push('}');
        }
        text.push(']');
    }
    if !notes.is_empty() {
        text.push_str(",\"notes\":[");
        for (at, (note, _)) in notes.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "," });
            write_string(note, &mut text);
        }
        text.push(']');
    }
    text.push_str("}\n");
    text
}

fn refused_line(id: &str, trouble: &Trouble) -> String {
    let mut text = format!("{{\"id\":{id},\"ok\":false,\"columns\":null,\"rows\":null,\"error\":{{\"code\":");
    write_string(&trouble.code, &mut text);
    text.push_str(",\"message\":");
    write_string(&trouble.message, &mut text);
    let (line, column) = trouble.place.unzip();
    for (name, at) in [("line", line), ("column", column)] {
        let at = at.map_or_else(|| "null".to_owned(), |at| at.to_string());
        text.push_str(",\"");
        text.push_str(name);
        text.push_str("\":");
        text.push_str(&at);
    }
    text.push_str(",\"hint\":");
    match &trouble.failure.hint {
        Some(hint) => write_string(hint, &mut text),
        None => text.push_str("null"),
    }
    text.push_str("}}\n");
    text
}
