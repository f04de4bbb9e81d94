//! Drawing with letters and blocks.
//!
//! What lies along times or numbers is one panel a series, all on one scale, so that no colour tells them apart; what
//! lies along words is one bar a line, with its number behind it.

mod bars;
mod grid;
mod panels;
mod points;

use crate::label;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Scale};

/// Narrower is of no use.
const WIDTH_MIN: usize = 40;
/// Wider is no better read.
const WIDTH_MAX: usize = 160;
/// Names beside marks.
const NAME_WIDTH: usize = 32;
/// What tells series from each other where these have no room of their own: as many as can be drawn.
const LETTERS: &str = "o+x*#@%&=~abcdefghijklmnpqrstuvwyzABCDEFG";
/// The same for parts of a bar.
const FILLS: &str = "█░▓▒#=+-ABCDEFGHIJKLMNOPQRSTUVWXYZ@%&*ox";

pub(crate) fn draw(chart: &Chart, width: usize, watch: &Watch<'_>) -> Result<String, NotDrawn> {
    let width = width.clamp(WIDTH_MIN, WIDTH_MAX);
    let mut out = String::new();
    if let Some(title) = &chart.title {
        line(&mut out, &model::printable::text(title));
    }
    match (chart.form, chart.x.scale) {
        (Form::Card, _) => card(chart, &mut out),
        (Form::Points, Scale::Numbers | Scale::Times | Scale::Spans) => {
            points::draw(chart, width, &mut out, watch)?;
        }
        (Form::Lines | Form::Areas | Form::StackedAreas, Scale::Numbers | Scale::Times | Scale::Spans) => {
            panels::draw(chart, width, &mut out, watch)?;
        }
        _ => bars::draw(chart, width, &mut out, watch)?,
    }
    Ok(out)
}

/// Writes a line without blanks at its end.
fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

/// The mark of a series.
fn mark(marks: &str, number: usize) -> char {
    let count = marks.chars().count().max(1);
    marks.chars().nth(number % count).unwrap_or('o')
}

/// Each name over its value.
fn card(chart: &Chart, out: &mut String) {
    let names = || chart.series.iter().map(|series| name(&series.name, NAME_WIDTH));
    let width = names().map(|name| label::width(&name)).max().unwrap_or(0);
    for (name, value) in names().zip(&chart.words) {
        line(out, &format!("{}  {value}", label::padded(&name, width)));
    }
}

/// A name that is safe to print and fits.
fn name(name: &str, most: usize) -> String {
    label::short(&model::printable::text(name), most)
}

/// A measure for people; parts of a hundred say so.
fn measure(chart: &Chart, measure: f64) -> String {
    let percent = if chart.is_parts { "%" } else { "" };
    format!("{}{percent}", label::exact(measure))
}

/// A measure beside the scale.
fn beside(chart: &Chart, measure: f64) -> String {
    let percent = if chart.is_parts { "%" } else { "" };
    format!("{}{percent}", label::round(measure))
}

/// Where a measure lies between the least and the most: 0 to 1.
fn part(chart: &Chart, (least, most): (f64, f64), measure: f64) -> f64 {
    scaled(chart.y.is_log, (least, most), measure).clamp(0.0, 1.0)
}

/// Where a value lies between two others; on a scale of powers if it is one.
fn scaled(is_log: bool, (least, most): (f64, f64), value: f64) -> f64 {
    let on = |value: f64| {
        if is_log {
            value.max(f64::MIN_POSITIVE).log10()
        } else {
            value
        }
    };
    let (least, most) = (on(least), on(most));
    if most > least {
        crate::part_of((least, most), on(value))
    } else {
        0.0
    }
}

/// The number of whole steps in a part of so many.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a part between 0 and 1 of a few hundred cells"
)]
fn steps(part: f64, of: usize) -> usize {
    (part.clamp(0.0, 1.0) * of as f64).round() as usize
}

/// What stands below an axis: its first place, the one in the middle, and the last.
fn places(chart: &Chart, gutter: usize, width: usize, (first, end): (f64, f64)) -> [String; 2] {
    let at = |part: f64| {
        if chart.x.is_log {
            10f64.powf(first.log10() + (end.log10() - first.log10()) * part)
        } else if (end - first).is_finite() {
            first + (end - first) * part
        } else {
            first * (1.0 - part) + end * part
        }
    };
    let labels = [0.0, 0.5, 1.0].map(|part| label::place(&chart.x, at(part), end - first));
    let mut below = labels[0].clone();
    if first < end {
        let length = |text: &str| text.chars().count();
        let middle = (width / 2).saturating_sub(length(&labels[1]) / 2);
        if length(&below) < middle {
            below = format!("{below:<middle$}{}", labels[1]);
        }
        let end = width.saturating_sub(length(&labels[2]));
        if length(&below) < end {
            below = format!("{below:<end$}{}", labels[2]);
        }
    }
    let title = model::printable::text(&chart.x.title).into_owned();
    let title = match chart.x.scale {
        Scale::Times => format!("{title}, {}", label::days(first, chart.span().1)),
        _ => title,
    };
    let blank = " ".repeat(gutter + 2);
    [format!("{blank}{below}"), format!("{blank}{title}")]
}
