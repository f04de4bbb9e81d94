//! A bar a line: of bars, columns, slices, and what lies along words.

use super::{FILLS, NAME_WIDTH, line, mark, measure, name, part, steps};
use crate::label;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Series};

/// Eighths of a cell, from the left.
const EIGHTHS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/// Room for numbers behind bars.
const NUMBER_WIDTH: usize = 16;

pub(super) fn draw(chart: &Chart, width: usize, out: &mut String, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    let is_stacked = chart.form.is_stacked() && chart.series.len() > 1;
    let words: Vec<String> = chart.words.iter().map(|word| name(word, NAME_WIDTH)).collect();
    let word_width = widest(words.iter().map(String::as_str));
    if is_stacked {
        stacked(chart, width, (&words, word_width), out, watch)
    } else {
        beside(chart, width, (&words, word_width), out, watch)
    }
}

fn beside(
    chart: &Chart,
    width: usize,
    (words, word_width): (&[String], usize),
    out: &mut String,
    watch: &Watch<'_>,
) -> Result<(), NotDrawn> {
    let names: Vec<String> = chart
        .series
        .iter()
        .map(|series| name(&series.name, NAME_WIDTH / 2))
        .collect();
    let is_one = chart.series.len() == 1;
    let name_width = if is_one {
        0
    } else {
        widest(names.iter().map(String::as_str)) + 2
    };
    let room = width
        .saturating_sub(word_width + name_width + 2 + NUMBER_WIDTH)
        .max(8);
    if is_one && chart.has_legend {
        line(
            out,
            &format!("{:word_width$}  {}", "", model::printable::text(&chart.y.title)),
        );
    }
    let all: Vec<&Series> = chart.series.iter().collect();
    let shared = bounds(chart, &all);
    let sum: f64 = chart.points().map(|point| point.y).sum();
    for (place, word) in words.iter().enumerate() {
        let mut word = word.as_str();
        for (series, name) in chart.series.iter().zip(&names) {
            watch.ask()?;
            let Some(height) = at(series, place) else {
                continue;
            };
            let bounds = if chart.is_split {
                bounds(chart, &[series])
            } else {
                shared
            };
            let mut text = format!("{}  ", label::padded(word, word_width));
            if !is_one {
                text.push_str(&label::padded(name, name_width));
            }
            let is_below = height < 0.0 && chart.y.least.is_some_and(|least| least >= 0.0);
            let reaches = if is_below {
                0.0
            } else {
                part(chart, bounds, height.abs())
            };
            text.push_str(&bar(reaches, height < 0.0, room));
            text.push(' ');
            text.push_str(&measure(chart, height));
            if chart.form == Form::Pie && sum > 0.0 {
                text.push_str(&format!("  {}", label::percent(height, sum)));
            }
            line(out, &text);
            word = "";
        }
    }
    Ok(())
}

fn stacked(
    chart: &Chart,
    width: usize,
    (words, word_width): (&[String], usize),
    out: &mut String,
    watch: &Watch<'_>,
) -> Result<(), NotDrawn> {
    let fill = |number: usize| mark(FILLS, number);
    let named = chart.series.iter().enumerate().filter(|_| chart.has_legend);
    for (number, series) in named {
        line(
            out,
            &format!(
                "{:word_width$}  {} {}",
                "",
                fill(number),
                name(&series.name, NAME_WIDTH)
            ),
        );
    }
    let total = |place: usize| -> f64 {
        let measures = chart.series.iter().filter_map(|series| at(series, place));
        measures.map(f64::abs).sum()
    };
    let largest = (0..words.len()).map(total).fold(0.0, f64::max);
    let largest = chart.y.most.unwrap_or(largest);
    // As beside each other: bars have no part below nothing.
    let least = chart.y.least.unwrap_or(0.0).max(0.0);
    let room = width.saturating_sub(word_width + 2 + NUMBER_WIDTH).max(8);
    for (place, word) in words.iter().enumerate() {
        watch.ask()?;
        let mut text = format!("{}  ", label::padded(word, word_width));
        let (mut until, mut drawn) = (0.0, 0);
        for (number, series) in chart.series.iter().enumerate() {
            let Some(measure) = at(series, place) else {
                continue;
            };
            until += measure.abs();
            let end = if largest > least {
                steps(crate::part_of((least, largest), until), room)
            } else {
                0
            };
            text.extend(std::iter::repeat_n(fill(number), end.saturating_sub(drawn)));
            drawn = drawn.max(end);
        }
        text.push(' ');
        text.push_str(&measure(chart, total(place)));
        line(out, &text);
    }
    Ok(())
}

fn at(series: &Series, place: usize) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a place among few words")]
    let place = place as f64;
    series
        .points
        .iter()
        .find(|point| point.x == place)
        .map(|point| point.y)
}

/// From nothing to the largest in either direction: the sign is told by the number and the fill.
fn bounds(chart: &Chart, series: &[&Series]) -> (f64, f64) {
    let (least, most) = chart.bounds(series);
    let largest = most.abs().max(least.abs());
    (
        if chart.y.is_log || chart.y.least.is_some() {
            // Bars have no part below nothing: they tell their sign by their fill.
            least.max(0.0)
        } else {
            0.0
        },
        largest,
    )
}

/// A bar of so large a part of the room, to an eighth of a cell; what is more than nothing is seen.
fn bar(part: f64, is_negative: bool, room: usize) -> String {
    let mut eighths = steps(part, room * 8);
    if part > 0.0 {
        eighths = eighths.max(1);
    }
    let fill = if is_negative { '▒' } else { '█' };
    let mut bar: String = std::iter::repeat_n(fill, eighths / 8).collect();
    if let Some(rest) = EIGHTHS.get(eighths % 8).filter(|_| !eighths.is_multiple_of(8)) {
        bar.push(if is_negative { '▒' } else { *rest });
    }
    bar
}

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(label::width).max().unwrap_or(0)
}
