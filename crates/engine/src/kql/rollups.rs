//! Rollups: what flows come to in an hour, from what is kept where it counts, and from rows where it does not.
//!
//! A rollup is a stored function like any view; its text is written for the table as it stands. It is a union of kept rows
//! of some hours and of rows computed for the others, so that it is always what the whole of `Flows` would come to.

use std::fmt::Write as _;

use chrono::DateTime;
use kqleval::{KEPT, Stored};
use model::columns::{FLOWS_HOURLY, ROLLUPS};
use table::{Hours, RollupDefinition, Rollups};

use super::views::VIEWS;

/// Intervals that are computed each by itself; with more, those close together become one, with what lies between.
const INTERVALS_MAX: usize = 4;

/// How the first rollup lies in its files.
const ORDER: &str = "TimeGenerated asc, SrcIp asc, DestIp asc";

/// The functions that make the other rollups of the first, in the order of [`ROLLUPS`], and how those lie in their files: what
/// is asked for by ends or ports is grouped in half the time where rows of one of them follow each other.
const MADE_BY: [(&str, &str); 5] = [
    ("TrafficOf", "TimeGenerated asc"),
    ("RulesOf", "TimeGenerated asc"),
    ("ServicesOf", "L4Protocol asc, DestPort asc, TimeGenerated asc"),
    ("TalkersOf", "Role asc, Vm asc, Ip asc, TimeGenerated asc"),
    ("PlacesOf", "TimeGenerated asc"),
];

/// The rollups by name, each with the function that makes it of [`FLOWS_HOURLY`].
fn all() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let makers = std::iter::once(None).chain(MADE_BY.into_iter().map(|(maker, _)| Some(maker)));
    ROLLUPS.iter().map(|table| table.name).zip(makers)
}

/// True for the name of a rollup.
pub(super) fn is_one(name: &str) -> bool {
    ROLLUPS.iter().any(|rollup| rollup.name == name)
}

/// The name of the table of what is kept of a rollup.
pub(crate) fn kept_name(rollup: &str) -> String {
    format!("{rollup}{KEPT}")
}

/// The definition of the rollups of this program.
#[must_use]
pub fn rollup_definition() -> RollupDefinition {
    let made_of = VIEWS.iter().filter(|view| {
        let is_maker = MADE_BY.iter().any(|(maker, _)| *maker == view.name);
        is_maker || ["FlowsOnce", "FlowsHourlyOf"].contains(&view.name)
    });
    let columns = ROLLUPS.iter().flat_map(|table| table.columns);
    let names = columns.map(|column| column.name);
    // Names and kinds of traffic are made in code, which changes from release to release.
    let texts = made_of.map(|view| view.text).chain(names);
    RollupDefinition::new(ROLLUPS, texts.chain([env!("CARGO_PKG_VERSION")]))
}

/// A query with an answer for each rollup, in the order of [`ROLLUPS`], all computed from the rows of some hours.
#[must_use]
pub fn rollup_query(hours: Hours) -> String {
    let mut text = format!(
        "let Hours = materialize({}); Hours | sort by {ORDER}",
        computed(hours, None)
    );
    for (maker, order) in MADE_BY {
        // Writing to a String cannot fail.
        let _ = write!(text, "; Hours | invoke {maker}() | sort by {order}");
    }
    text
}

/// The rollups as stored functions, over what is kept. Only what these times need is computed.
pub(super) fn stored(
    kept: Option<&Rollups>,
    timespan: Option<(i64, i64)>,
) -> impl Iterator<Item = (&'static str, Stored)> {
    all().map(move |(name, maker)| {
        let text = match kept {
            Some(kept) => text(name, maker, kept, timespan),
            None => format!("() {{ {} }}", computed(ALL_TIMES, maker)),
        };
        let stored = Stored {
            text: text.into(),
            time: "TimeGenerated",
            is_table: false,
        };
        (name, stored)
    })
}

/// More than any flow log may hold.
const ALL_TIMES: Hours = Hours {
    from: 0,
    before: 253_402_297_200_000_000,
};

fn text(name: &str, maker: Option<&str>, rollups: &Rollups, timespan: Option<(i64, i64)>) -> String {
    let asked = timespan.map(|(from, before)| Hours::around(from, before));
    let missing = rollups.missing().touching(asked).in_few(INTERVALS_MAX);
    let kept = rollups.kept().without(&missing);
    let mut parts: Vec<String> = missing.iter().map(|hours| computed(hours, maker)).collect();
    if !kept.is_empty() {
        let hours: Vec<String> = kept.iter().map(condition).collect();
        parts.push(format!(
            "(['{}'] | where {} | project-away {})",
            kept_name(name),
            hours.join(" or "),
            FLOWS_HOURLY.partition
        ));
    }
    match parts.as_slice() {
        [] => format!("() {{ {} }}", computed(Hours { from: 0, before: 0 }, maker)),
        [one] => format!("() {{ {one} }}"),
        many => format!("() {{ union {} }}", many.join(", ")),
    }
}

fn condition(hours: Hours) -> String {
    format!(
        "(TimeGenerated >= {} and TimeGenerated < {})",
        literal(hours.from),
        literal(hours.before)
    )
}

/// Rows computed for some hours.
fn computed(hours: Hours, maker: Option<&str>) -> String {
    let made = maker.map_or_else(String::new, |maker| format!(" | invoke {maker}()"));
    format!(
        "({}Of({}, {}){made})",
        FLOWS_HOURLY.name,
        literal(hours.from),
        literal(hours.before)
    )
}

fn literal(micros: i64) -> String {
    let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    format!("datetime({})", time.format("%Y-%m-%dT%H:%M:%SZ"))
}
