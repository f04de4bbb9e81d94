//! Bars along words, lying or upright.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, Drawn, failed, marks, mesh, on, size, ticks};
use crate::label;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Series};

/// Height of a word with one lying bar.
const WORD_HEIGHT: u32 = 26;
/// Height of each further bar of a word.
const BAR_HEIGHT: u32 = 10;
/// The part of a word's place that its bars fill.
const FILLED: f64 = 0.8;
/// Words that long stand upright under upright bars.
const UPRIGHT_FROM: usize = 90;

/// The height of lying bars, without the title.
pub(super) fn height(chart: &Chart) -> u32 {
    let bars = if chart.form.is_stacked() {
        1
    } else {
        size(chart.series.len())
    };
    size(chart.words.len()) * (WORD_HEIGHT + bars.saturating_sub(1) * BAR_HEIGHT) + 90
}

/// A bar: along its words, and from where to where it measures.
struct Bar {
    series: usize,
    along: (f64, f64),
    measure: (f64, f64),
}

pub(super) fn draw(chart: &Chart, area: &Area<'_>, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    let is_upright = !matches!(
        chart.form,
        Form::Bars {
            is_upright: false,
            ..
        }
    );
    let bars = bars(chart);
    let measured = measured(chart, &bars);
    #[expect(clippy::cast_precision_loss, reason = "dozens of words")]
    let length = chart.words.len() as f64;
    #[expect(clippy::cast_precision_loss, reason = "dozens of words")]
    let middles: Vec<f64> = (0..chart.words.len()).map(|word| word as f64 + 0.5).collect();
    let along = if is_upright { (0.0, length) } else { (length, 0.0) };
    let words: Vec<String> = chart.words.iter().map(|word| label::short(word, 28)).collect();
    let longest = words.iter().map(|word| label::width(word)).max().unwrap_or(0);
    let stand = is_upright && longest * words.len() > UPRIGHT_FROM;
    let word_area = size(longest) * 8 + 24;
    let (below, beside) = match (is_upright, stand) {
        (true, true) => (word_area + 16, 76),
        (true, false) => (48, 76),
        (false, _) => (48, word_area),
    };
    let ticks = ticks::of(&chart.y, measured);
    let (x, y) = if is_upright {
        (along, measured)
    } else {
        (measured, along)
    };
    let (x_marks, y_marks) = if is_upright {
        (middles, ticks)
    } else {
        (ticks, middles)
    };
    let mut drawn = ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(below)
        .y_label_area_size(beside)
        .build_cartesian_2d(ticks::Marked::new(x, x_marks), ticks::Marked::new(y, y_marks))
        .map_err(failed)?;
    let word = |at: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "dozens of words"
        )]
        let place = at.floor().max(0.0) as usize;
        words.get(place).cloned().unwrap_or_default()
    };
    let number = |at: f64| super::beside(&chart.y, at, 0.0);
    let titles = [&chart.x.title, &chart.y.title].map(|title| model::printable::text(title).into_owned());
    if stand {
        mesh(&mut drawn, (&|_| String::new(), ""), (&number, &titles[1]))?;
        standing(&words, measured, &drawn, area)?;
    } else if is_upright {
        mesh(&mut drawn, (&word, &titles[0]), (&number, &titles[1]))?;
    } else {
        mesh(&mut drawn, (&number, &titles[1]), (&word, ""))?;
    }
    draw_bars(chart, &bars, (is_upright, measured), (&mut drawn, watch))
}

/// From where to where the bars measure, as the axis has it.
fn measured(chart: &Chart, bars: &[Bar]) -> (f64, f64) {
    let all: Vec<&Series> = chart.series.iter().collect();
    let (mut least, mut most) = chart.bounds(&all);
    if chart.form.is_stacked() {
        let ends = || bars.iter().flat_map(|bar| [bar.measure.0, bar.measure.1]);
        if !chart.y.is_log {
            least = chart.y.least.unwrap_or_else(|| ends().fold(least, f64::min));
        }
        most = chart.y.most.unwrap_or_else(|| ends().fold(most, f64::max));
    }
    if chart.y.most.is_none() && !chart.y.is_log {
        // The highest stays clear of the edge.
        most = (most + (most * 0.04 - least * 0.04)).min(f64::MAX);
    }
    (on(&chart.y, least), on(&chart.y, most))
}

fn draw_bars(
    chart: &Chart,
    bars: &[Bar],
    (is_upright, (least, most)): (bool, (f64, f64)),
    (drawn, watch): (&mut Drawn<'_, '_>, &Watch<'_>),
) -> Result<(), NotDrawn> {
    for bar in bars {
        watch.step()?;
        let ink = marks::color(bar.series);
        // What the axis does not show is not drawn beside it.
        let end = |measure: f64| on(&chart.y, measure).clamp(least, most);
        let (from, to) = (end(bar.measure.0), end(bar.measure.1));
        let corner = |along: f64, measure: f64| {
            if is_upright {
                (along, measure)
            } else {
                (measure, along)
            }
        };
        let (begin, until) = bar.along;
        let corners = [corner(begin, from), corner(until, to)];
        drawn
            .draw_series([Rectangle::new(corners, ink.filled())])
            .map_err(failed)?;
        let stripes = marks::stripes(bar.series).map(|part| {
            let along = begin + (until - begin) * part;
            PathElement::new(
                vec![corner(along, from), corner(along, to)],
                WHITE.stroke_width(1),
            )
        });
        drawn.draw_series(stripes).map_err(failed)?;
    }
    Ok(())
}

/// Words that stand upright, from the axis down: there is no room beside each other.
fn standing(
    words: &[String],
    measured: (f64, f64),
    drawn: &Drawn<'_, '_>,
    area: &Area<'_>,
) -> Result<(), NotDrawn> {
    let (left, top) = area.get_base_pixel();
    let style = super::TEXT
        .into_font()
        .transform(FontTransform::Rotate90)
        .color(&super::INK)
        .pos(Pos::new(HPos::Left, VPos::Center));
    for (number, word) in words.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "dozens of words")]
        let (x, y) = drawn.backend_coord(&(number as f64 + 0.5, measured.0));
        area.draw(&Text::new(word.clone(), (x - left, y - top + 8), style.clone()))
            .map_err(failed)?;
    }
    Ok(())
}

fn bars(chart: &Chart) -> Vec<Bar> {
    let stacked = chart.form.is_stacked();
    let zero = if chart.y.is_log { f64::MIN_POSITIVE } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "dozens of series")]
    let count = if stacked { 1.0 } else { chart.series.len() as f64 };
    let width = FILLED / count;
    // For each word how high its bars reach, and how low.
    let mut reached = vec![(0.0, 0.0); chart.words.len()];
    let mut bars = Vec::new();
    for (number, series) in chart.series.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "dozens of series")]
        let beside = if stacked { 0.0 } else { number as f64 * width };
        for point in &series.points {
            let start = point.x + (1.0 - FILLED) / 2.0 + beside;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "dozens of words"
            )]
            let place = point.x as usize;
            let mut measure = (zero, point.y);
            if let Some((high, low)) = reached.get_mut(place).filter(|_| stacked) {
                let end = if point.y < 0.0 { low } else { high };
                measure = (*end, *end + point.y);
                *end += point.y;
            }
            bars.push(Bar {
                series: number,
                along: (start, start + width),
                measure,
            });
        }
    }
    bars
}
