//! Series along times or numbers: one panel each, over the same places and on the same scale.
//!
//! A point holds from its place to the next that any series has, so bins are as wide as they are long, and a bin that
//! is missing is a gap. Zero is a dot, to be told from nothing; what is below it hangs from a line.

use super::grid::{Grid, Row, one_line};
use super::{NAME_WIDTH, beside, line, measure, name, places, scaled, steps};
use crate::bins::Bins;
use crate::label;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Series, ends};

/// Panels of one line, from so many series on.
const MANY: usize = 9;

/// What a column of cells shows.
#[derive(Clone, Copy, Default)]
struct Column {
    /// The measure in it that is farthest from zero, of several.
    measure: Option<f64>,
    /// How many points begin in it.
    points: usize,
    is_odd: bool,
}

pub(super) fn draw(chart: &Chart, width: usize, out: &mut String, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    let (first, last) = chart.span();
    let bins = Bins::of(chart);
    let end = if chart.x.is_log {
        last
    } else {
        (last + bins.step()).min(f64::MAX)
    };
    let is_flat = chart.series.len() >= MANY;
    let all: Vec<&Series> = chart.series.iter().collect();
    let shared = chart.bounds(&all);
    let bounds = |series: &Series| {
        if chart.is_split {
            let same: Vec<&Series> = all
                .iter()
                .copied()
                .filter(|other| other.measure == series.measure)
                .collect();
            chart.bounds(&same)
        } else {
            shared
        }
    };
    let gutter = gutter(chart, is_flat, &bounds);
    let behind = if is_flat { 12 } else { 0 };
    let room = width.saturating_sub(gutter + 2 + behind).max(8);
    let height = match chart.series.len() {
        1 => 12,
        2 | 3 => 6,
        4 | 5 => 4,
        _ => 3,
    };
    let mut crowded = 1;
    for series in &chart.series {
        let columns = columns(chart, series, (room, first, end), (&bins, watch))?;
        crowded = columns
            .iter()
            .map(|column| column.points)
            .fold(crowded, usize::max);
        let bounds = bounds(series);
        if is_flat {
            flat(chart, series, (&columns, bounds, gutter), out);
        } else {
            panel(chart, series, (&columns, bounds, gutter), height, out);
        }
    }
    for text in places(chart, gutter, room, (first, end)) {
        line(out, &text);
    }
    for text in explained(chart, shared, (is_flat, crowded)) {
        line(out, &format!("{:gutter$}  {text}", ""));
    }
    Ok(())
}

/// What is to be known below the panels.
fn explained(chart: &Chart, shared: (f64, f64), (is_flat, crowded): (bool, usize)) -> Vec<String> {
    let has_below = chart.points().any(|point| point.y < 0.0);
    let mut texts = Vec::new();
    if is_flat {
        let scale = if chart.is_split {
            "each measure on its own scale".to_owned()
        } else {
            let (least, most) = (beside(chart, shared.0), beside(chart, shared.1));
            format!("all from {least} to {most}")
        };
        let hangs = if has_below {
            "; what is below zero hangs from above"
        } else {
            ""
        };
        texts.push(format!("{scale}{hangs}"));
    }
    if crowded > 1 {
        let which = if has_below {
            "what is farthest from zero"
        } else {
            "the largest"
        };
        texts.push(format!("a column shows {which} of up to {crowded} points"));
    }
    if chart.form == Form::StackedAreas && chart.series.len() > 1 {
        texts.push("each series stands on its own, not upon those before it".to_owned());
    }
    texts
}

/// Room for what stands before the columns: names of series, or labels of the scale.
fn gutter(chart: &Chart, is_flat: bool, bounds: &dyn Fn(&Series) -> (f64, f64)) -> usize {
    if is_flat {
        let names = chart.series.iter();
        let names = names.map(|series| label::width(&name(&series.name, NAME_WIDTH)));
        return names.max().unwrap_or(0).min(NAME_WIDTH);
    }
    let labels = chart.series.iter().flat_map(|series| {
        let (least, most) = bounds(series);
        [beside(chart, least), beside(chart, most)]
    });
    labels.map(|text| label::width(&text)).max().unwrap_or(1)
}

fn columns(
    chart: &Chart,
    series: &Series,
    (room, first, end): (usize, f64, f64),
    (bins, watch): (&Bins, &Watch<'_>),
) -> Result<Vec<Column>, NotDrawn> {
    let mut columns = vec![Column::default(); room];
    for point in &series.points {
        watch.step()?;
        let at = |x: f64| steps(scaled(chart.x.is_log, (first, end), x), room);
        let from = at(point.x).min(room - 1);
        let until = if chart.x.is_log {
            from + 1
        } else {
            at(bins.end(point.x)).clamp(from + 1, room)
        };
        for (number, column) in columns.iter_mut().enumerate().take(until).skip(from) {
            column.measure = Some(match column.measure {
                Some(held) if held.abs() > point.y.abs() => held,
                _ => point.y,
            });
            if number == from {
                column.points += 1;
                column.is_odd |= point.is_odd;
            }
        }
    }
    Ok(columns)
}

type Drawn<'c> = (&'c [Column], (f64, f64), usize);

fn panel(
    chart: &Chart,
    series: &Series,
    (columns, bounds, gutter): Drawn<'_>,
    height: usize,
    out: &mut String,
) {
    if chart.has_legend {
        let text = format!(
            "{:gutter$}  {}{}",
            "",
            name(&series.name, NAME_WIDTH * 2),
            extreme(chart, series)
        );
        line(out, &text);
    }
    let grid = Grid::of(chart, bounds, height);
    let lines = grid.lines();
    let last = lines.len().saturating_sub(1);
    for (number, row) in lines.into_iter().enumerate() {
        let label = match (number, row) {
            (_, Row::Zero) => beside(chart, 0.0),
            (0, _) => beside(chart, bounds.1),
            (number, _) if number == last => beside(chart, bounds.0),
            _ => String::new(),
        };
        let edge = if label.is_empty() { '│' } else { '┤' };
        let mut text = format!("{label:>gutter$} {edge}");
        text.extend(columns.iter().map(|column| grid.cell(column.measure, row)));
        line(out, &text);
    }
    odd(columns, gutter, out);
}

fn flat(chart: &Chart, series: &Series, (columns, bounds, gutter): Drawn<'_>, out: &mut String) {
    let mut text = format!("{}  ", label::padded(&name(&series.name, gutter), gutter));
    text.extend(
        columns
            .iter()
            .map(|column| one_line(chart, bounds, column.measure)),
    );
    text.push_str(&extreme(chart, series));
    line(out, &text);
    odd(columns, gutter, out);
}

/// Marks below what is out of the ordinary.
fn odd(columns: &[Column], gutter: usize, out: &mut String) {
    if columns.iter().any(|column| column.is_odd) {
        let marks = columns.iter().map(|column| if column.is_odd { '^' } else { ' ' });
        line(out, &format!("{:gutter$}  {}", "", marks.collect::<String>()));
    }
}

/// The largest measure; where all are below zero, the least.
fn extreme(chart: &Chart, series: &Series) -> String {
    let (least, most) = ends(series.points.iter().map(|point| point.y));
    match most {
        _ if series.points.is_empty() => String::new(),
        most if most < 0.0 => format!("  min {}", measure(chart, least)),
        most => format!("  max {}", measure(chart, most)),
    }
}
