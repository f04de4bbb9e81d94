//! What is said beside a drawing: what was left out or put together, and what helps.

use kql::ScalarType;
use kqleval::Table;
use model::digits::grouped;
use model::limits::{CHART_SERIES_MAX, CHART_WORDS_MAX};

use crate::choose::Chosen;
use crate::label;
use crate::properties::{self, Properties};

/// A sentence about a drawing, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What is so.
    pub text: String,
    /// What helps, if anything does.
    pub hint: Option<String>,
    /// The picture itself says it too: something that was asked for is not in it as it is.
    pub(crate) is_in_picture: bool,
}

impl Note {
    fn new(text: String, hint: Option<String>) -> Self {
        Self {
            text,
            hint,
            is_in_picture: true,
        }
    }
}

/// What there was and is not drawn as it is.
#[derive(Default)]
pub(crate) struct LeftOut {
    /// Series beyond the limit, and of how many they are.
    pub(crate) series: (usize, usize),
    /// Those are summed to one.
    pub(crate) are_summed: bool,
    /// Slices that are summed to one, and of how many they are.
    pub(crate) slices: (usize, usize),
    /// Bars beyond the words that an axis has.
    pub(crate) bars: usize,
    /// Rows without a place or a measure.
    pub(crate) rows: usize,
    /// Rows that lack one measure and have another.
    pub(crate) parts: usize,
}

/// The name of what is left of series or slices.
pub(crate) fn other(count: usize) -> String {
    format!("other ({} more)", grouped(count as u64))
}

pub(crate) fn of(rows: &Table, chosen: &Chosen, left_out: &LeftOut, has_log: bool) -> Vec<Note> {
    let count = |count: usize| grouped(count as u64);
    let mut notes = Vec::new();
    let (beyond, all) = left_out.series;
    if beyond > 0 {
        let what = if left_out.are_summed {
            format!("{} are stacked as one", count(beyond))
        } else {
            format!("{} are left out", count(beyond))
        };
        let text = format!(
            "the {} largest of {} series are drawn, {what}",
            all - beyond,
            count(all)
        );
        notes.push(Note::new(text, Some(fewer_series(rows, chosen))));
    }
    let (beyond, all) = left_out.slices;
    if beyond > 0 {
        let text = format!(
            "the {} largest of {} slices are drawn, {} are one slice `{}`",
            all - beyond,
            count(all),
            count(beyond),
            other(beyond)
        );
        notes.push(Note::new(
            text,
            Some("`| render table` shows all rows".to_owned()),
        ));
    }
    if left_out.bars > 0 {
        let text = format!(
            "the first {CHART_WORDS_MAX} of `{}` are drawn, {} not",
            name(rows, chosen.x),
            match left_out.bars {
                1 => "1 further bar is".to_owned(),
                bars => format!("{} further bars are", count(bars)),
            }
        );
        notes.push(Note::new(text, Some(fewer_words(rows, chosen))));
    }
    let above = if has_log { " above 0" } else { "" };
    if left_out.rows > 0 {
        let rows = counted_rows(left_out.rows, "", "s");
        let text = format!("{rows} without a place or a measure{above} not drawn");
        notes.push(Note::new(text, None));
    }
    if left_out.parts > 0 {
        let rows = counted_rows(left_out.parts, " lacks", "s lack");
        let text = format!("{rows} one of the measures{above}, the others are drawn");
        notes.push(Note::new(text, None));
    }
    notes.extend(like_labels(rows, chosen));
    notes
}

/// What was said of the picture and changes nothing in it.
pub(crate) fn of_properties(properties: &Properties<'_>) -> Vec<Note> {
    let unknown = properties.unknown.iter().map(|name| Note {
        text: format!("`{name}` is no property of `render`, and changes nothing"),
        hint: Some(format!("the properties are {}", properties::NAMES)),
        is_in_picture: false,
    });
    let unused = properties.unused.iter().map(|name| {
        let text = format!("`{name}` is not followed here: all places are drawn");
        let hint = "leave out the rest before `render`: `| where … between (… .. …)`";
        Note::new(text, Some(hint.to_owned()))
    });
    unknown.chain(unused).collect()
}

/// Measures that are not between the least and the most that are to be shown.
pub(crate) fn beyond(count: usize) -> Option<Note> {
    let text = match count {
        0 => return None,
        1 => "1 measure lies beyond `ymin` or `ymax`, and is cut off".to_owned(),
        more => format!(
            "{} measures lie beyond `ymin` or `ymax`, and are cut off",
            grouped(more as u64)
        ),
    };
    Some(Note::new(text, None))
}

/// So many rows, and how it goes on for one and for more.
fn counted_rows(count: usize, one: &str, more: &str) -> String {
    let ending = if count == 1 { one } else { more };
    format!("{} row{ending}", grouped(count as u64))
}

/// The rows that a card does not show.
pub(crate) fn behind_card(left_out: usize) -> Option<Note> {
    let text = match left_out {
        0 => return None,
        1 => "a card shows the first row, 1 further is not drawn".to_owned(),
        more => format!(
            "a card shows the first row, {} further are not drawn",
            grouped(more as u64)
        ),
    };
    Some(Note::new(
        text,
        Some("`| render table` shows all rows".to_owned()),
    ))
}

/// How to ask for fewer series. It is written behind the query, before `render`.
fn fewer_series(rows: &Table, chosen: &Chosen) -> String {
    let measure = chosen.measures.first().map_or("", |at| name(rows, *at));
    if chosen.series.is_empty() {
        return format!("`with (ycolumns = {measure})` says which columns to draw");
    }
    if chosen.is_lists {
        return format!(
            "`| top {SOME} by array_sum({})` keeps the largest",
            written(measure)
        );
    }
    largest(rows, chosen, &chosen.series)
}

/// How to ask for fewer words along the axis.
fn fewer_words(rows: &Table, chosen: &Chosen) -> String {
    let measure = chosen.measures.first().map_or("", |at| name(rows, *at));
    if chosen.series.is_empty() {
        return format!(
            "`| top {CHART_WORDS_MAX} by {}` before `render` keeps the largest",
            written(measure)
        );
    }
    largest(rows, chosen, &[chosen.x])
}

/// As many as are well told apart.
const SOME: usize = CHART_SERIES_MAX / 4;

/// The largest by what some columns name, with all of their rows.
fn largest(rows: &Table, chosen: &Chosen, columns: &[usize]) -> String {
    let is_dynamic = |at: &usize| {
        rows.schema
            .get(*at)
            .is_some_and(|column| column.kind == ScalarType::Dynamic)
    };
    if let Some(at) = columns.iter().find(|at| is_dynamic(at)) {
        let name = written(name(rows, *at));
        return format!("`| extend {name} = tostring({name})`, and `| where {name} in (…)` keeps some");
    }
    let measure = written(chosen.measures.first().map_or("", |at| name(rows, *at)));
    let names: Vec<String> = columns.iter().map(|at| written(name(rows, *at))).collect();
    let (by, sums) = (names.join(", "), "Rows | summarize Sum = sum");
    if let [only] = names.as_slice() {
        return format!(
            "`| as Rows | where {only} in (({sums}({measure}) by {by} | top {SOME} by Sum | project {by}))` keeps the largest"
        );
    }
    format!(
        "`| as Rows | join kind=leftsemi ({sums}({measure}) by {by} | top {SOME} by Sum) on {by}` keeps the largest"
    )
}

/// Whole numbers that are drawn as measures beside others, and are named like what only tells things apart.
fn like_labels<'a>(rows: &'a Table, chosen: &'a Chosen) -> impl Iterator<Item = Note> + 'a {
    let is_like = |at: &usize| {
        rows.schema.get(*at).is_some_and(|column| {
            matches!(column.kind, ScalarType::Int | ScalarType::Long) && label::is_like_a_label(&column.name)
        })
    };
    let has_other = !chosen.measures.iter().all(is_like);
    let found = chosen.measures.iter().filter(move |at| has_other && is_like(at));
    found.map(|at| {
        let name = written(name(rows, *at));
        Note {
            text: format!("`{name}` is drawn as a measure"),
            hint: Some(format!("`| extend {name} = tostring({name})` makes it a label")),
            is_in_picture: false,
        }
    })
}

fn name(rows: &Table, at: usize) -> &str {
    rows.schema.get(at).map_or("", |column| &*column.name)
}

/// A column's name as a query has it.
fn written(name: &str) -> String {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    {
        return name.to_owned();
    }
    let name = model::printable::text(name)
        .replace('\\', "\\\\")
        .replace('\'', "\\'");
    format!("['{name}']")
}
