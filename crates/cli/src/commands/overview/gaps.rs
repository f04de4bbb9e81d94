//! What an overview cannot show, and why: an empty table is no answer.

use engine::{Engine, QueryContext};
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqleval::Table as Rows;
use kqlfn::Cell;

use crate::asking::Trouble;
use crate::instant::{Micros, iso, words};
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;

/// What the table has at all times.
const ALL: &str = "Flows
| summarize Rows = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by IsMade = LogFormat startswith 'ta-'
| order by IsMade asc";

/// True for totals without a first hour.
pub(super) fn has_nothing(totals: &Rows) -> bool {
    matches!(totals.cell(0, 0), Cell::Null)
}

/// Says why nothing is counted, and what there is.
pub(super) async fn say_why(session: &Session, engine: &Engine, context: QueryContext) -> anyhow::Result<()> {
    let is_limited = context.timespan.is_some();
    let at_all_times = QueryContext {
        timespan: None,
        ..context
    };
    let asked = engine.kql(&at_all_times, ALL, Vec::new()).await;
    let (answers, _) = asked.map_err(|failure| Trouble::of(failure, None).failure)?;
    let Some(found) = answers.first().map(|answer| &answer.rows) else {
        return Ok(());
    };
    let (first, last) = (instant(found.cell(2, 0)), instant(found.cell(3, 0)));
    let message = match (found.cell(0, 0), first, last) {
        (Cell::Bool(false), ..) if !is_limited => Message::new(
            Grade::Note,
            "the table has flows, and none of them counts: their sources log them too, as far as is known",
        )
        .hint("`FlowsOnce` counts each once; `flowglass query 'Flows | take 10'` has all: docs/views.md"),
        (Cell::Bool(false), Some(first), Some(last)) => {
            let (from, to) = (words(first, true), words(last, true));
            let hint = format!("ask for others: `--timespan {}/P1D`, or leave it out", iso(first));
            Message::new(
                Grade::Note,
                format!("no flows in these times; the table has those of {from} to {to}"),
            )
            .hint(hint)
        }
        (Cell::Bool(true), ..) => {
            let rows = match found.cell(1, 0) {
                Cell::Long(rows) => u64::try_from(rows).unwrap_or(0),
                _ => 0,
            };
            let text = format!(
                "all the table has is {} that Traffic Analytics made, which is counted nowhere here",
                counted(rows, "row")
            );
            Message::new(Grade::Note, text)
                .hint("ask them with `flowglass query 'Flows | …'`, by `LogFormat`")
        }
        _ => Message::new(Grade::Note, "the table has no flows yet")
            .hint("bring flow logs in with `flowglass ingest PATH`"),
    };
    session.say(&message);
    Ok(())
}

/// Says that nothing has a name.
pub(super) fn say_no_facts(session: &Session) {
    let text = "nothing is known of this network, so addresses have no names, service tags and countries";
    session.say(&Message::new(Grade::Note, text).hint("load exports of it with `flowglass facts load PATH`"));
}

fn instant(cell: Cell<'_>) -> Option<Micros> {
    match cell {
        Cell::Datetime(ticks) => Some((ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_MICROSECOND)),
        _ => None,
    }
}
