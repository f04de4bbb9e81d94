//! The cells of a panel: bars that stand on zero or hang from it, or stand on the least that is shown.

use super::{part, steps};
use crate::Chart;

/// Eighths of a cell, from below.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Halves of a cell, from above: of eighths there is no sign.
const HALVES: [char; 3] = [' ', '▀', '█'];
/// What lies above or below all that is shown.
const ABOVE: char = '↑';
const BELOW: char = '↓';

/// A line of cells, counted from zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Row {
    Up(usize),
    /// The line from which bars hang.
    Zero,
    Down(usize),
}

/// How many lines there are above and below zero, and what they measure.
pub(super) struct Grid<'c> {
    chart: &'c Chart,
    bounds: (f64, f64),
    up: usize,
    down: usize,
    /// What a line measures, where some are below zero.
    unit: f64,
}

impl<'c> Grid<'c> {
    /// So many lines, or one more: whole ones are above zero and whole ones below, in the same measure.
    pub(super) fn of(chart: &'c Chart, bounds: (f64, f64), height: usize) -> Self {
        let (least, most) = bounds;
        let mut grid = Self {
            chart,
            bounds,
            up: height,
            down: 0,
            unit: 0.0,
        };
        if chart.y.is_log || least >= 0.0 || most < 0.0 {
            return grid;
        }
        #[expect(clippy::cast_precision_loss, reason = "a dozen lines")]
        let lines = height as f64;
        // Each by itself: together they may be beyond the largest number.
        grid.unit = most / lines - least / lines;
        grid.up = whole(most / grid.unit, height);
        grid.down = whole(-least / grid.unit, height);
        grid
    }

    /// The lines from above.
    pub(super) fn lines(&self) -> Vec<Row> {
        let mut lines: Vec<Row> = (0..self.up).rev().map(Row::Up).collect();
        if self.down > 0 {
            lines.push(Row::Zero);
            lines.extend((0..self.down).map(Row::Down));
        }
        lines
    }

    /// What a column shows in a line.
    pub(super) fn cell(&self, measure: Option<f64>, row: Row) -> char {
        let Some(measure) = measure else {
            return ' ';
        };
        let (least, most) = self.bounds;
        let is_first = match row {
            Row::Up(row) => row + 1 == self.up,
            Row::Zero => self.up == 0,
            Row::Down(_) => false,
        };
        let is_last = match row {
            Row::Up(row) => row == 0 && self.down == 0,
            Row::Zero => false,
            Row::Down(row) => row + 1 == self.down,
        };
        if (measure > most && is_first) || (measure < least && is_last) {
            return if measure > most { ABOVE } else { BELOW };
        }
        match row {
            Row::Up(row) if self.down == 0 => {
                if measure < least {
                    return ' ';
                }
                standing(part(self.chart, self.bounds, measure), (row, self.up))
            }
            Row::Up(row) if measure > 0.0 => {
                let eighths = parts(measure.min(most) / self.unit, self.up, 8);
                EIGHTHS
                    .get(eighths.saturating_sub(row * 8).min(8))
                    .copied()
                    .unwrap_or(' ')
            }
            Row::Down(row) if measure < 0.0 => {
                let halves = parts(measure.max(least).abs() / self.unit, self.down, 2);
                HALVES
                    .get(halves.saturating_sub(row * 2).min(2))
                    .copied()
                    .unwrap_or(' ')
            }
            Row::Up(_) | Row::Down(_) => ' ',
            Row::Zero if measure == 0.0 => '·',
            Row::Zero => '─',
        }
    }
}

/// The cell of a panel of one line: what is below zero hangs from above.
pub(super) fn one_line(chart: &Chart, (least, most): (f64, f64), measure: Option<f64>) -> char {
    let Some(measure) = measure else {
        return ' ';
    };
    if measure > most || measure < least {
        return if measure > most { ABOVE } else { BELOW };
    }
    if chart.y.is_log || least >= 0.0 || most < 0.0 {
        return standing(part(chart, (least, most), measure), (0, 1));
    }
    let largest = most.max(least.abs());
    let share = (measure / largest).abs();
    if measure >= 0.0 {
        return standing(share, (0, 1));
    }
    ['▔', '▀', '▒'].get(steps(share, 2)).copied().unwrap_or('▒')
}

/// The cell of a bar of so large a part of so many lines; what is more than nothing is seen.
fn standing(part: f64, (row, height): (usize, usize)) -> char {
    let mut eighths = steps(part, height * 8);
    if part > 0.0 {
        eighths = eighths.max(1);
    }
    match eighths.saturating_sub(row * 8).min(8) {
        0 if row == 0 => '·',
        eighths => EIGHTHS.get(eighths).copied().unwrap_or(' '),
    }
}

/// How many parts of lines a bar of so many lines has; what is more than nothing has one.
fn parts(lines: f64, most: usize, of: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a dozen lines")]
    let share = lines / most as f64;
    steps(share, most * of).max(1)
}

/// So many lines, the last of which may be filled in part.
fn whole(lines: f64, most: usize) -> usize {
    (0..most)
        .find(|count| {
            #[expect(clippy::cast_precision_loss, reason = "a dozen lines")]
            let count = *count as f64;
            // So near to a whole line, it is one.
            lines <= count + 1e-9
        })
        .unwrap_or(most)
}
