//! Many queries in one process: a query a line of standard input, an answer a line of standard output. A query that
//! fails is an answer too.

use std::io::{BufRead, Read as _, Write};

use engine::{Engine, KqlAnswer, QueryContext};
use kqlfn::wire::write_string;
use serde_json::Value;
use table::TableError;

use super::answer::{columns, lists};
use super::trouble::Trouble;

/// Longer lines hold no query.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Answers every line until there are no more, or until the work is cancelled.
pub(crate) async fn answer_all(
    engine: &Engine,
    context: &QueryContext,
    no_table: Option<&TableError>,
    input: &mut impl BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    while !context.cancel.is_cancelled() && next_line(input, &mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let text = match request(&line) {
            Ok((id, query, parameters)) => match engine.kql(context, &query, parameters).await {
                Ok((answers, _)) => answered_line(&id, &answers),
                Err(failure) => refused_line(&id, &Trouble::of(failure, no_table)),
            },
            Err((id, message)) => refused_line(&id, &Trouble::bad_request(message)),
        };
        out.write_all(text.as_bytes())?;
        // Who asks one at a time waits for this.
        out.flush()?;
    }
    Ok(())
}

/// Reads a line; of one that is too long only the beginning is kept.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', line)?;
    if read as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

type Request = (Value, String, Vec<(String, String)>);

/// What a line asks.
fn request(line: &[u8]) -> Result<Request, (Value, String)> {
    const FORM: &str = r#"it takes {"id": …, "query": "…"}"#;
    if line.len() as u64 >= LINE_BYTES_MAX {
        return Err((
            Value::Null,
            format!("the line is longer than {LINE_BYTES_MAX} bytes"),
        ));
    }
    let mut asked: Value = serde_json::from_slice(line)
        .map_err(|error| (Value::Null, format!("the line is not JSON ({error}); {FORM}")))?;
    let id = asked.get_mut("id").map(Value::take).unwrap_or_default();
    let Some(Value::String(query)) = asked.get_mut("query").map(Value::take) else {
        return Err((id, format!("the line has no text under `query`; {FORM}")));
    };
    let parameters = match asked.get("params") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(given)) => given
            .iter()
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name.clone(), value)
            })
            .collect(),
        Some(_) => return Err((id, "`params` takes an object of names and values".to_owned())),
    };
    Ok((id, query, parameters))
}

/// The first answer of a query; where it gives several, the others behind it.
fn answered_line(id: &Value, answers: &[KqlAnswer]) -> String {
    let mut text = format!("{{\"id\":{id},\"ok\":true,\"columns\":");
    let Some((first, more)) = answers.split_first() else {
        text.push_str("[],\"rows\":[]}\n");
        return text;
    };
    let table = |text: &mut String, answer: &KqlAnswer| {
        text.push_str(&columns(&answer.rows));
        text.push_str(",\"rows\":");
        text.push_str(&lists(&answer.rows));
    };
    table(&mut text, first);
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
    text.push_str("}\n");
    text
}

fn refused_line(id: &Value, trouble: &Trouble) -> String {
    let mut text = format!("{{\"id\":{id},\"ok\":false,\"error\":{{\"code\":");
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
    text.push_str("}}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_ask_nothing() {
        let refused = |line: &[u8]| request(line).unwrap_err();
        assert_eq!(refused(br#"{"id":7}"#).0, 7);
        assert_eq!(refused(br#"{"id":"a","query":5}"#).0, "a");
        assert!(refused(b"print 1").1.starts_with("the line is not JSON"));
        assert!(
            refused(br#"{"id":1,"query":"x","params":[1]}"#)
                .1
                .contains("params")
        );
    }

    #[test]
    fn a_line_that_asks() {
        let line = br#"{"id":[1],"query":"print a","params":{"a":"x","b":5}}"#;
        let (id, query, parameters) = request(line).unwrap();
        assert_eq!((id.to_string().as_str(), query.as_str()), ("[1]", "print a"));
        let expected = [("a".to_owned(), "x".to_owned()), ("b".to_owned(), "5".to_owned())];
        assert_eq!(parameters, expected);
    }

    #[test]
    fn a_line_without_end_is_passed_over() {
        let long = usize::try_from(LINE_BYTES_MAX).unwrap() + 10;
        let mut bytes = vec![b'x'; long];
        bytes.extend_from_slice(b"\nnext\n");
        let (mut input, mut line) = (bytes.as_slice(), Vec::new());
        assert!(next_line(&mut input, &mut line).unwrap());
        assert!(request(&line).unwrap_err().1.contains("longer than"));
        assert!(next_line(&mut input, &mut line).unwrap());
        assert_eq!(line, b"next\n");
        assert!(!next_line(&mut input, &mut line).unwrap());
    }
}
