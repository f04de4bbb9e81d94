//! `--replay RANGE`: hours are read again, in place of what is stored of them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use ingest::{Container, IngestOptions, Progress, Replay, Replayed, Source};

use crate::exit::Failure;
use crate::json_text::Json;
use crate::message::{Grade, Message};
use crate::quantity::{counted, grouped};
use crate::session::Session;
use crate::timespan;
use crate::working::{self, ingest_failure};

const HOUR: i64 = 3_600_000_000;

/// The hours that a span touches, counted from 1970.
pub(crate) fn hours(session: &Session, typed: &str) -> Result<RangeInclusive<i32>, Failure> {
    let (from, before) = timespan::read("--replay", typed, session.now)?;
    let hour = |micros: i64| i32::try_from(micros.div_euclid(HOUR)).unwrap_or(i32::MAX);
    Ok(hour(from)..=hour(before.saturating_sub(1)))
}

/// Containers, each with what the names of its blobs begin with.
pub(crate) type Containers = Vec<(Arc<dyn Container>, String)>;

/// Reads again what was found of these hours.
pub(crate) fn run(
    session: &Session,
    hours: RangeInclusive<i32>,
    (sources, containers): (Vec<Source>, Containers),
    options: &IngestOptions,
    progress: Arc<dyn Progress>,
) -> anyhow::Result<Replayed> {
    let place = &session.settings.table.value;
    working::run(session, |cancel| async move {
        let mut table = super::accounts::opened(session, place, &cancel).await?;
        let what = Replay {
            hours,
            sources,
            containers,
        };
        let replayed = ingest::replay(&mut table, what, options, &cancel, progress).await;
        Ok(replayed.map_err(ingest_failure)?)
    })
}

/// What stays as it was, where somebody might think otherwise.
pub(crate) fn remarks(replayed: &Replayed) -> Vec<Message> {
    let note = |text: String| Message::new(Grade::Note, text);
    let mut remarks = Vec::new();
    if replayed.gone > 0 {
        let gone = counted(replayed.gone, "blob");
        remarks.push(note(format!(
            "{gone} of these hours can no longer be found in the account; what is stored of them stays"
        )));
    }
    if replayed.others > 0 {
        let others = counted(replayed.others, "file");
        remarks.push(note(format!(
            "{others} with no such hour in the path were left alone"
        )));
    }
    remarks
}

/// In words, behind what was read.
pub(crate) fn as_text(replayed: &Replayed, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let rows = grouped(replayed.withdrawn);
    writeln!(out, "  replaced  {rows} rows that were stored of them before")?;
    if replayed.kept > 0 {
        let kept = counted(replayed.kept, "source");
        writeln!(
            out,
            "  kept      what was stored of {kept} that could not be read"
        )?;
    }
    Ok(())
}

/// The answer of an ingest, with what was replaced if something was.
pub(crate) fn as_json(replayed: Option<&Replayed>, json: Json) -> Json {
    let Some(replayed) = replayed else {
        return json;
    };
    let mut members = match json {
        Json::Object(members) => members,
        _ => Vec::new(),
    };
    members.extend([
        ("replaced", Json::from(replayed.withdrawn)),
        ("kept", Json::from(replayed.kept)),
        ("gone", Json::from(replayed.gone)),
    ]);
    Json::Object(members)
}
