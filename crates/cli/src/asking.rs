//! Answers of KQL on their way out: one query for people and programs, or a batch of them.

mod answer;
pub(crate) mod batch;
pub(crate) mod columnar;
mod drawing;
pub(crate) mod form;
mod frames;
mod trouble;

use std::io::Write;

use engine::KqlAnswer;

pub(crate) use drawing::Stop;
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
    let is_for_people = matches!(format, Format::Table | Format::Csv);
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 && is_for_people {
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
    stop: Stop<'_>,
) -> anyhow::Result<()> {
    let is_parquet = match form {
        Whole::Kusto => {
            frames::write_frames(out, answers, &crate::instant::iso(session.now))?;
            return Ok(());
        }
        Whole::Svg => return drawing::write_svg(session, out, answers, stop),
        Whole::Parquet => true,
        Whole::Arrow => false,
    };
    let [answer] = answers else {
        let text = format!("the query gives {} answers, and a file holds one", answers.len());
        return Err(Failure::usage(text)
            .hint("ask them one by one, or use `--format kusto`")
            .into());
    };
    let batch = columnar::batch_of(&answer.rows)?;
    let mut writer = columnar::ColumnarWriter::new(is_parquet, &batch.schema())?;
    writer.write(&batch, out)?;
    writer.finish(out)
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
    session.say(&Message::new(Grade::Note, text).hint("`--limit N` shows more, `--format csv` gives all"));
}
