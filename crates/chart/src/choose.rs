//! Which column is the axis, which are measures, and which name the series.
//!
//! What the query names holds. Else the axis is the first column of times for `timechart` and its kin, the first column
//! for bars, and the first of times or else of numbers for what is drawn along numbers; measures are the columns of
//! numbers that are left; what is left of text names the series.

use kql::ScalarType;
use kqleval::Table;
use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;

use crate::properties::Properties;
use crate::{NotDrawn, Scale};

/// Places of columns.
pub(crate) struct Chosen {
    pub(crate) x: usize,
    pub(crate) scale: Scale,
    pub(crate) measures: Vec<usize>,
    pub(crate) series: Vec<usize>,
    /// Columns that tell which points are out of the ordinary.
    pub(crate) odd: Vec<usize>,
    /// Each row holds lists, one value a point, as `make-series` gives them.
    pub(crate) is_lists: bool,
}

/// What may be the axis.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    /// Anything, as words: of bars and slices.
    Words,
    /// Times before all else.
    Times,
    /// Times or numbers; words if there is nothing else.
    Numbers,
}

pub(crate) fn choose(rows: &Table, properties: &Properties<'_>, along: Along) -> Result<Chosen, NotDrawn> {
    let find = |name: &str| find(rows, name);
    let all = |names: &[&str]| names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>();
    let (given, series, odd) = (
        all(&properties.y_columns)?,
        all(&properties.series)?,
        all(&properties.odd_columns)?,
    );
    let named = properties.x_column.map(find).transpose()?;
    let taken = |at: usize| given.contains(&at) || series.contains(&at) || odd.contains(&at);
    let free: Vec<usize> = (0..rows.schema.len()).filter(|at| !taken(*at)).collect();
    let x = named
        .or_else(|| axis(rows, &free, along))
        .ok_or_else(|| no_axis(along))?;
    let scale = scale(rows, x, along);
    let is_lists = kind(rows, x) == Some(ScalarType::Dynamic) && along != Along::Words;
    let is_measure = |at: usize| match kind(rows, at) {
        Some(ScalarType::Dynamic) => is_lists && list(rows, at).is_some_and(|first| first.number().is_some()),
        Some(kind) => kind.is_number() && !is_lists,
        None => false,
    };
    let left = || free.iter().copied().filter(|at| *at != x);
    let measures = if given.is_empty() {
        left().filter(|at| is_measure(*at)).collect()
    } else {
        given
    };
    if measures.is_empty() {
        let reason = format!("there is no column of numbers to draw over `{}`", name(rows, x));
        return Err(NotDrawn::new(
            reason,
            "count or sum something: `| summarize count() by …`",
        ));
    }
    let series = if series.is_empty() {
        left()
            .filter(|at| !is_measure(*at) && is_name(kind(rows, *at)))
            .filter(|at| !measures.contains(at))
            .collect()
    } else {
        series
    };
    Ok(Chosen {
        x,
        scale,
        measures,
        series,
        odd,
        is_lists,
    })
}

fn no_axis(along: Along) -> NotDrawn {
    match along {
        Along::Times => NotDrawn::new(
            "there is no column of times for the axis",
            "keep one: `| summarize count() by bin(TimeGenerated, 1h)`",
        ),
        Along::Words | Along::Numbers => {
            NotDrawn::new("there is no column for the axis", "`xcolumn = …` names one")
        }
    }
}

/// The place of a column by its name, as written or else ignoring case.
fn find(rows: &Table, name: &str) -> Result<usize, NotDrawn> {
    let exact = rows.schema.iter().position(|column| *column.name == *name);
    let at = exact.or_else(|| {
        rows.schema
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case(name))
    });
    at.ok_or_else(|| {
        let names: Vec<&str> = rows.schema.iter().map(|column| &*column.name).collect();
        NotDrawn::new(
            format!("`render` names `{name}`, and the answer has no such column"),
            format!("its columns are {}", names.join(", ")),
        )
    })
}

fn axis(rows: &Table, free: &[usize], along: Along) -> Option<usize> {
    let first = |wanted: &dyn Fn(usize) -> bool| free.iter().copied().find(|at| wanted(*at));
    let is_time = |at: usize| match kind(rows, at) {
        Some(ScalarType::Datetime) => true,
        Some(ScalarType::Dynamic) => matches!(list(rows, at), Some(Dynamic::Datetime(_))),
        _ => false,
    };
    let is_number =
        |at: usize| kind(rows, at).is_some_and(|kind| kind.is_number() || kind == ScalarType::Timespan);
    match along {
        Along::Words => free.first().copied(),
        Along::Times => first(&is_time).or_else(|| {
            let numbers = || free.iter().filter(|at| is_number(**at));
            first(&is_number).filter(|_| numbers().count() > 1)
        }),
        // The first of several; one alone is the measure.
        Along::Numbers => first(&is_time)
            .or_else(|| free.first().copied().filter(|at| is_number(*at)))
            .or_else(|| free.first().copied()),
    }
}

fn scale(rows: &Table, x: usize, along: Along) -> Scale {
    match kind(rows, x) {
        _ if along == Along::Words => Scale::Words,
        Some(ScalarType::Datetime) => Scale::Times,
        Some(ScalarType::Timespan) => Scale::Spans,
        Some(ScalarType::Dynamic) => match list(rows, x) {
            Some(Dynamic::Datetime(_)) => Scale::Times,
            Some(Dynamic::Timespan(_)) => Scale::Spans,
            _ => Scale::Numbers,
        },
        Some(kind) if kind.is_number() => Scale::Numbers,
        _ => Scale::Words,
    }
}

fn kind(rows: &Table, at: usize) -> Option<ScalarType> {
    rows.schema.get(at).map(|column| column.kind)
}

fn name(rows: &Table, at: usize) -> &str {
    rows.schema.get(at).map_or("", |column| &*column.name)
}

/// The first value of the first list in a column.
fn list(rows: &Table, at: usize) -> Option<Dynamic<'_>> {
    (0..rows.rows).find_map(|row| match rows.cell(at, row) {
        Cell::Dynamic(Dynamic::Array(values)) => values.iter().find(|value| !matches!(value, Dynamic::Null)),
        _ => None,
    })
}

const fn is_name(kind: Option<ScalarType>) -> bool {
    matches!(
        kind,
        Some(ScalarType::String | ScalarType::Bool | ScalarType::Guid | ScalarType::Dynamic)
    )
}
