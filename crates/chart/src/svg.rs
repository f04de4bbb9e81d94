//! Drawing as SVG: one document, no script, no font and no picture from elsewhere.
//!
//! Places are put on the axis before the library sees them (a scale of powers is drawn as its logarithms, words as
//! their numbers), so that one kind of axis serves all.

mod bars;
mod marks;
mod panels;
mod pie;
mod ticks;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::label;
use crate::watch::Watch;
use crate::{Axis, Chart, Form, NotDrawn, Scale};

/// Width of the document.
const WIDTH: u32 = 1080;
/// Width of what names the series.
const LEGEND_WIDTH: u32 = 260;
/// Height of one panel.
const HEIGHT: u32 = 480;
const TITLE_HEIGHT: u32 = 44;
const LINE_HEIGHT: u32 = 20;
const TEXT: (&str, u32) = ("sans-serif", 14);

const INK: RGBColor = RGBColor(32, 32, 32);

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;
type Coordinates = Cartesian2d<ticks::Marked, ticks::Marked>;
type Drawn<'a, 's> = ChartContext<'a, SVGBackend<'s>, Coordinates>;

/// The library's errors come from writing, and text in memory takes all that is written.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it")]
fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> NotDrawn {
    NotDrawn::new(
        format!("the picture cannot be made: {error}"),
        "look at the rows: `| render table`",
    )
}

pub(crate) fn draw(chart: &Chart, watch: &Watch<'_>) -> Result<String, NotDrawn> {
    let mut text = String::new();
    let panels = panels::of(chart);
    let legend: Vec<(usize, String)> = legend(chart);
    let height = match chart.form {
        Form::Card => size(chart.series.len()) * 3 * LINE_HEIGHT + LINE_HEIGHT,
        Form::Bars {
            is_upright: false, ..
        } => bars::height(chart),
        _ => HEIGHT * size(panels.len()),
    };
    let height = height.max(size(legend.len()) * LINE_HEIGHT + LINE_HEIGHT) + TITLE_HEIGHT;
    let notes: Vec<&str> = chart
        .notes
        .iter()
        .filter(|note| note.is_in_picture)
        .map(|note| note.text.as_str())
        .collect();
    let foot = size(notes.len()) * LINE_HEIGHT;
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height + foot)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (above, below) = root.split_vertically(height);
        draw_notes(&below, &notes)?;
        let (head, body) = above.split_vertically(TITLE_HEIGHT);
        if let Some(title) = &chart.title {
            let style = ("sans-serif", 20).into_font().color(&INK);
            let title = model::printable::text(title).into_owned();
            head.draw(&Text::new(title, (16, 12), style)).map_err(failed)?;
        }
        let body = if legend.is_empty() {
            body
        } else {
            let (body, beside) = body.split_horizontally(WIDTH - LEGEND_WIDTH);
            draw_legend(chart, &beside, &legend)?;
            body
        };
        match chart.form {
            Form::Card => card(chart, &body)?,
            Form::Pie => pie::draw(chart, &body)?,
            _ if chart.x.scale == Scale::Words => bars::draw(chart, &body, watch)?,
            _ => {
                for (area, panel) in body.split_evenly((panels.len(), 1)).iter().zip(&panels) {
                    panels::draw(chart, panel, area, watch)?;
                }
            }
        }
        root.present().map_err(failed)?;
    }
    Ok(named(&text, chart))
}

/// Gives the document its name, for those who hear it read.
fn named(text: &str, chart: &Chart) -> String {
    let name = chart
        .title
        .clone()
        .unwrap_or_else(|| format!("{} over {}", chart.y.title, chart.x.title));
    let name = model::printable::text(&name)
        .replace('&', "&amp;")
        .replace('<', "&lt;");
    match text
        .find("<svg")
        .and_then(|at| text.get(at..)?.find('>').map(|end| at + end + 1))
    {
        Some(end) => {
            let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            format!("{head}\n<title>{name}</title>{rest}\n")
        }
        None => text.to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "counts of series and words are limited to dozens"
)]
const fn size(count: usize) -> u32 {
    count as u32
}

fn legend(chart: &Chart) -> Vec<(usize, String)> {
    if !chart.has_legend {
        return Vec::new();
    }
    match chart.form {
        Form::Card => Vec::new(),
        Form::Pie => pie::legend(chart),
        _ if chart.series.len() < 2 => Vec::new(),
        _ => chart
            .series
            .iter()
            .enumerate()
            .map(|(number, series)| (number, label::short(&model::printable::text(&series.name), 32)))
            .collect(),
    }
}

fn draw_legend(chart: &Chart, area: &Area<'_>, legend: &[(usize, String)]) -> Result<(), NotDrawn> {
    let mut middle = 14;
    for (number, name) in legend {
        marks::beside_name(chart, area, *number, middle)?;
        let style = TEXT.into_font().color(&INK);
        area.draw(&Text::new(name.clone(), (34, middle - 7), style))
            .map_err(failed)?;
        middle += 20;
    }
    Ok(())
}

/// What is not in the picture as it was asked for.
fn draw_notes(area: &Area<'_>, notes: &[&str]) -> Result<(), NotDrawn> {
    let mut top = 0;
    for note in notes {
        let style = ("sans-serif", 12).into_font().color(&INK);
        let note = model::printable::text(note).into_owned();
        area.draw(&Text::new(note, (16, top), style)).map_err(failed)?;
        top += 20;
    }
    Ok(())
}

/// Large values, each under its name.
fn card(chart: &Chart, area: &Area<'_>) -> Result<(), NotDrawn> {
    let mut top = 8;
    for (series, value) in chart.series.iter().zip(&chart.words) {
        let name = model::printable::text(&series.name).into_owned();
        let small = TEXT.into_font().color(&INK);
        area.draw(&Text::new(name, (16, top), small)).map_err(failed)?;
        let large = ("sans-serif", 28).into_font().color(&INK);
        area.draw(&Text::new(value.clone(), (16, top + 18), large))
            .map_err(failed)?;
        top += 60;
    }
    Ok(())
}

/// A value as the axis has it.
fn on(axis: &Axis, value: f64) -> f64 {
    if axis.is_log {
        value.max(f64::MIN_POSITIVE).log10()
    } else {
        value
    }
}

/// A label of a place on the axis.
fn beside(axis: &Axis, at: f64, span: f64) -> String {
    let at = if axis.is_log { 10f64.powf(at) } else { at };
    label::place(axis, at, span)
}

/// The name of an axis, with the days of times.
fn axis_title(axis: &Axis, (first, last): (f64, f64)) -> String {
    let title = model::printable::text(&axis.title).into_owned();
    match axis.scale {
        Scale::Times => format!("{title}, {}", label::days(first, last)),
        _ => title,
    }
}

type Label<'l> = (&'l dyn Fn(f64) -> String, &'l str);

fn mesh(drawn: &mut Drawn<'_, '_>, x: Label<'_>, y: Label<'_>) -> Result<(), NotDrawn> {
    drawn
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.12))
        .axis_style(INK.mix(0.6))
        .label_style(TEXT.into_font().color(&INK))
        .x_label_formatter(&|at| x.0(*at))
        .y_label_formatter(&|at| y.0(*at))
        .x_desc(x.1)
        .y_desc(y.1)
        .draw()
        .map_err(failed)
}
