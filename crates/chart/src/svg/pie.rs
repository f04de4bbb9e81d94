//! A pie. Its slices are named beside it, with their numbers, from above and with the clock.

use std::f64::consts::TAU;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, HEIGHT, INK, LEGEND_WIDTH, WIDTH, failed, marks};
use crate::label;
use crate::{Chart, NotDrawn};

const RADIUS: f64 = HEIGHT as f64 / 2.0 - 36.0;
/// Where numbers stand around it.
const NUMBERS: f64 = RADIUS + 14.0;
/// With more slices than colours these are told apart by numbers, where a slice has room for one.
const NUMBERED_FROM: f64 = 0.01;
/// Corners of a whole circle: with more they would be nearer to each other than places on paper are exact.
const CORNERS: f64 = 120.0;

/// Each slice's word, measure, and part of a hundred.
pub(super) fn legend(chart: &Chart) -> Vec<(usize, String)> {
    let sum: f64 = chart.points().map(|point| point.y).sum();
    let slices = chart.points().zip(&chart.words).enumerate();
    let is_numbered = is_numbered(chart);
    slices
        .map(|(number, (point, word))| {
            let before = if is_numbered {
                format!("{}: ", number + 1)
            } else {
                String::new()
            };
            let text = format!(
                "{before}{} {} ({})",
                label::short(word, 18),
                label::round(point.y),
                label::percent(point.y, sum)
            );
            (number, text)
        })
        .collect()
}

fn is_numbered(chart: &Chart) -> bool {
    marks::round(chart.words.len().saturating_sub(1)) > 0
}

pub(super) fn draw(chart: &Chart, area: &Area<'_>) -> Result<(), NotDrawn> {
    let sum: f64 = chart.points().map(|point| point.y).sum();
    if sum <= 0.0 {
        return Ok(());
    }
    let style = ("sans-serif", 11)
        .into_font()
        .color(&INK)
        .pos(Pos::new(HPos::Center, VPos::Center));
    let is_numbered = is_numbered(chart);
    let mut from = 0.0;
    for (number, point) in chart.points().enumerate() {
        let part = point.y / sum;
        let until = from + part;
        if part > 0.0 {
            let ink = marks::color(number);
            area.draw(&Polygon::new(wedge(from, until), ink.filled()))
                .map_err(failed)?;
        }
        if is_numbered && part >= NUMBERED_FROM {
            let place = at((from + until) / 2.0, NUMBERS);
            let text = (number + 1).to_string();
            area.draw(&Text::new(text, place, style.clone()))
                .map_err(failed)?;
        }
        from = until;
    }
    // Neighbours of one colour stay two.
    let mut from = 0.0;
    for point in chart.points().filter(|point| point.y > 0.0 && point.y < sum) {
        let line = vec![at(0.0, 0.0), at(from, RADIUS)];
        area.draw(&PathElement::new(line, WHITE.stroke_width(1)))
            .map_err(failed)?;
        from += point.y / sum;
    }
    Ok(())
}

/// The corners of a slice between two parts of the circle.
fn wedge(from: f64, until: f64) -> Vec<(i32, i32)> {
    let steps = ((until - from) * CORNERS).ceil().clamp(1.0, CORNERS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 120"
    )]
    let count = steps as u32;
    let arc = (0..=count).map(|step| at(from + (until - from) * f64::from(step) / steps, RADIUS));
    std::iter::once(at(0.0, 0.0)).chain(arc).collect()
}

/// A place on a circle, so large a part of it from above with the clock.
fn at(part: f64, radius: f64) -> (i32, i32) {
    let (sine, cosine) = (part * TAU).sin_cos();
    let (x, y) = (
        f64::from(WIDTH - LEGEND_WIDTH) / 2.0 + radius * sine,
        f64::from(HEIGHT) / 2.0 - radius * cosine,
    );
    #[expect(clippy::cast_possible_truncation, reason = "a place on paper")]
    let place = (x.round() as i32, y.round() as i32);
    place
}
