//! Points on a grid, a letter a series.

use super::{LETTERS, NAME_WIDTH, line, mark, name, part, places, scaled, steps};
use crate::label;
use crate::watch::Watch;
use crate::{Chart, NotDrawn, Series};

const HEIGHT: usize = 18;

pub(super) fn draw(chart: &Chart, width: usize, out: &mut String, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    let all: Vec<&Series> = chart.series.iter().collect();
    let (span, bounds) = (chart.span(), chart.bounds(&all));
    let labels = [label::round(bounds.0), label::round(bounds.1)];
    let gutter = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(1);
    let room = width.saturating_sub(gutter + 2).max(8);
    let mut grid = vec![vec![' '; room]; HEIGHT];
    for (number, series) in chart.series.iter().enumerate() {
        let letter = mark(LETTERS, number);
        if chart.has_legend {
            let text = format!(
                "{:gutter$}  {} {}",
                "",
                letter,
                name(&series.name, NAME_WIDTH * 2)
            );
            line(out, &text);
        }
        for point in &series.points {
            watch.step()?;
            if point.y < bounds.0 || point.y > bounds.1 {
                continue;
            }
            let row = HEIGHT - 1 - steps(part(chart, bounds, point.y), HEIGHT - 1);
            let column = steps(scaled(chart.x.is_log, span, point.x), room - 1);
            if let Some(cell) = grid.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = letter;
            }
        }
    }
    for (row, cells) in grid.iter().enumerate() {
        let beside = match row {
            0 => labels[1].as_str(),
            row if row + 1 == HEIGHT => labels[0].as_str(),
            _ => "",
        };
        let edge = if beside.is_empty() { '│' } else { '┤' };
        let cells: String = cells.iter().collect();
        line(out, &format!("{beside:>gutter$} {edge}{cells}"));
    }
    for text in places(chart, gutter, room, span) {
        line(out, &text);
    }
    Ok(())
}
