//! Series along times or numbers: one panel each, over the same places and on the same scale.
//!
//! A point holds from its place to the next that any series has, so bins are as wide as they are long, and a bin that
//! is missing is a gap. Zero is a dot, to be told from nothing.

use super::{NAME_WIDTH, beside, line, measure, name, part, places, scaled, steps};
use crate::label;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Series};

/// Eighths of a cell, from below.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Panels of one line, from so many series on.
const MANY: usize = 9;

/// What a column of cells shows.
#[derive(Clone, Copy, Default)]
struct Column {
    /// The largest measure in it.
    measure: Option<f64>,
    /// How many points begin in it.
    points: usize,
    is_odd: bool,
}

pub(super) fn draw(chart: &Chart, width: usize, out: &mut String, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    let (first, last) = chart.span();
    let step = step(chart);
    let end = if chart.x.is_log { last } else { last + step };
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
        let columns = columns(chart, series, (room, first, end, step), watch)?;
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
    if is_flat {
        let what = if chart.is_split {
            "each measure on its own scale".to_owned()
        } else {
            format!(
                "all from {} to {}",
                beside(chart, shared.0),
                beside(chart, shared.1)
            )
        };
        line(out, &format!("{:gutter$}  {what}", ""));
    }
    if crowded > 1 {
        let what = format!("a column shows the largest of up to {crowded} points");
        line(out, &format!("{:gutter$}  {what}", ""));
    }
    if chart.form == Form::StackedAreas && chart.series.len() > 1 {
        let what = "each series stands on its own, not upon those before it";
        line(out, &format!("{:gutter$}  {what}", ""));
    }
    Ok(())
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

/// The shortest way between two places, over all series.
fn step(chart: &Chart) -> f64 {
    let mut places: Vec<f64> = chart.points().map(|point| point.x).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let steps = places
        .iter()
        .zip(places.iter().skip(1))
        .map(|(left, right)| right - left);
    let shortest = steps.fold(f64::INFINITY, f64::min);
    if shortest.is_finite() { shortest } else { 0.0 }
}

fn columns(
    chart: &Chart,
    series: &Series,
    (room, first, end, step): (usize, f64, f64, f64),
    watch: &Watch<'_>,
) -> Result<Vec<Column>, NotDrawn> {
    let mut columns = vec![Column::default(); room];
    for point in &series.points {
        watch.step()?;
        let at = |x: f64| steps(scaled(chart.x.is_log, (first, end), x), room);
        let from = at(point.x).min(room - 1);
        let until = if chart.x.is_log {
            from + 1
        } else {
            at(point.x + step).clamp(from + 1, room)
        };
        for (number, column) in columns.iter_mut().enumerate().take(until).skip(from) {
            column.measure = Some(column.measure.map_or(point.y, |held| held.max(point.y)));
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
            most(chart, series)
        );
        line(out, &text);
    }
    for row in (0..height).rev() {
        let label = match row {
            0 => beside(chart, bounds.0),
            row if row + 1 == height => beside(chart, bounds.1),
            _ => String::new(),
        };
        let edge = if label.is_empty() { '│' } else { '┤' };
        let mut text = format!("{label:>gutter$} {edge}");
        for column in columns {
            text.push(cell(chart, *column, bounds, (row, height)));
        }
        line(out, &text);
    }
    odd(columns, gutter, out);
}

fn flat(chart: &Chart, series: &Series, (columns, bounds, gutter): Drawn<'_>, out: &mut String) {
    let mut text = format!("{}  ", label::padded(&name(&series.name, gutter), gutter));
    for column in columns {
        text.push(cell(chart, *column, bounds, (0, 1)));
    }
    text.push_str(&most(chart, series));
    line(out, &text);
    odd(columns, gutter, out);
}

fn cell(chart: &Chart, column: Column, bounds: (f64, f64), (row, height): (usize, usize)) -> char {
    let Some(measure) = column.measure else {
        return ' ';
    };
    let part = part(chart, bounds, measure);
    let mut eighths = steps(part, height * 8);
    if part > 0.0 {
        eighths = eighths.max(1);
    }
    match eighths.saturating_sub(row * 8).min(8) {
        0 if row == 0 => '·',
        eighths => EIGHTHS.get(eighths).copied().unwrap_or(' '),
    }
}

/// Marks below what is out of the ordinary.
fn odd(columns: &[Column], gutter: usize, out: &mut String) {
    if columns.iter().any(|column| column.is_odd) {
        let marks = columns.iter().map(|column| if column.is_odd { '^' } else { ' ' });
        line(out, &format!("{:gutter$}  {}", "", marks.collect::<String>()));
    }
}

fn most(chart: &Chart, series: &Series) -> String {
    let most = series
        .points
        .iter()
        .map(|point| point.y)
        .fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() {
        format!("  max {}", measure(chart, most))
    } else {
        String::new()
    }
}
