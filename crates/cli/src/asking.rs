//! Answers of KQL on their way out: one query for people and programs, or a batch of them.

mod answer;
pub(crate) mod batch;
pub(crate) mod columnar;
mod drawing;
pub(crate) mod form;
pub(crate) mod frames;
pub(crate) mod lines;
pub(crate) mod parameters;
pub(crate) mod question;
mod request;
mod trouble;
mod used;
mod visualization;

use std::io::Write;

use engine::KqlAnswer;
use kqlfn::wire::write_string;

pub(crate) use drawing::Stop;
use frames::Ran;
pub(crate) use trouble::Trouble;

use crate::config::settings::Format;
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::row_writer::RowWriter;
use crate::session::Session;

/// Prints the answers of a query, one after the other.
pub(crate) fn print(
    session: &Session,
    out: &mut dyn Write,
    answers: &[KqlAnswer],
    limit: usize,
    stop: Stop<'_>,
) -> anyhow::Result<()> {
    let format = session.settings.format.value;
    match format {
        Format::Json if answers.len() > 1 => return tables(session, out, answers, limit),
        Format::Csv | Format::Ndjson if answers.len() > 1 => return Err(too_many(answers.len()).into()),
        _ => {}
    }
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        if let (Some(name), true) = (&answer.name, format == Format::Table) {
            writeln!(out, "{}:", model::printable::text(name))?;
        }
        if format != Format::Table || !drawing::draw(session, out, answer, stop)? {
            one(session, out, answer, limit)?;
        }
    }
    Ok(())
}

/// Writes the answers in a form for programs: all of them as frames, or the one that there is as columns.
pub(crate) fn write_whole(
    session: &Session,
    out: &mut dyn Write,
    answers: &[KqlAnswer],
    form: Whole,
    ran: &Ran,
    stop: Stop<'_>,
) -> anyhow::Result<()> {
    let is_parquet = match form {
        Whole::Kusto => return Ok(frames::write_frames(out, answers, ran)?),
        Whole::Svg => return drawing::write_svg(session, out, answers, stop),
        Whole::Parquet => true,
        Whole::Arrow => false,
    };
    let [answer] = answers else {
        return Err(too_many(answers.len()).into());
    };
    let batch = columnar::batch_of(&answer.rows)?;
    let mut writer = columnar::ColumnarWriter::new(is_parquet, &batch.schema())?;
    writer.write(&batch, out)?;
    writer.finish(out)
}

/// Several answers where the form has room for one.
fn too_many(answers: usize) -> Failure {
    Failure::usage(format!(
        "the query gives {answers} answers, and this form holds one"
    ))
    .hint("table, json and kusto hold several: `--format json`; or ask them one by one")
}

/// Several answers as one document, in the form of the Log Analytics API.
fn tables(session: &Session, out: &mut dyn Write, answers: &[KqlAnswer], limit: usize) -> anyhow::Result<()> {
    out.write_all(b"{\"tables\":[\n")?;
    for (at, answer) in answers.iter().enumerate() {
        let mut text = String::from(if at == 0 { "{\"name\":" } else { ",\n{\"name\":" });
        write_string(answer.name.as_deref().unwrap_or("PrimaryResult"), &mut text);
        text.push_str(",\"columns\":");
        text.push_str(&answer::columns(&answer.rows));
        text.push_str(",\"rows\":");
        text.push_str(&answer::lists(&answer.rows, limit));
        text.push('}');
        out.write_all(text.as_bytes())?;
        if answer.rows.rows > limit {
            say_beyond(session, answer.rows.rows - limit);
        }
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

/// Says what is to be known beside an answer.
pub(crate) fn say_notes<'n>(session: &Session, notes: impl Iterator<Item = (&'n str, Option<&'n str>)>) {
    for (text, hint) in notes {
        let message = Message::new(Grade::Note, text);
        session.say(&match hint {
            Some(hint) => message.hint(hint),
            None => message,
        });
    }
}

/// The forms that are written whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// The frames of the Kusto REST API.
    Kusto,
    /// One Parquet file.
    Parquet,
    /// One stream of Arrow.
    Arrow,
    /// One drawing.
    Svg,
}

fn one(session: &Session, out: &mut dyn Write, answer: &KqlAnswer, limit: usize) -> anyhow::Result<()> {
    let (format, rows) = (session.settings.format.value, &answer.rows);
    match format {
        Format::Json if rows.rows == 0 => writeln!(out, "[]")?,
        Format::Json => {
            answer::write_objects(out, rows, limit, ("[\n", ",\n", "\n]\n"))?;
        }
        Format::Ndjson => answer::write_objects(out, rows, limit, ("", "\n", "\n"))?,
        Format::Table | Format::Csv => {
            let shown = answer::shown(rows, limit)?;
            let mut writer = RowWriter::new(format, &shown.schema());
            writer.write(out, &shown)?;
            writer.end(out, session)?;
        }
    }
    if rows.rows > limit {
        say_beyond(session, rows.rows - limit);
    }
    Ok(())
}

/// Says how many rows a limit kept back.
pub(crate) fn say_beyond(session: &Session, beyond: usize) {
    let text = format!("{} more not shown", counted(beyond as u64, "row"));
    let hint = match session.settings.format.value {
        Format::Table => "`--limit N` shows more, `--format csv` gives all",
        Format::Json | Format::Ndjson | Format::Csv => "without `--limit` all are given",
    };
    session.say(&Message::new(Grade::Note, text).hint(hint));
}
