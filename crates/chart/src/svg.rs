//! Drawing as SVG: one document, no script, no font and no picture from elsewhere.
//!
//! Places are put on the axis before the library sees them (a scale of powers is drawn as its logarithms, words as
//! their numbers), so that one kind of axis serves all.

mod bars;
mod pie;
mod ticks;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::label;
use crate::{Axis, Chart, Form, NotDrawn, Point, Scale, Series};

/// Width of the document.
const WIDTH: u32 = 1080;
/// Width of what names the series.
const LEGEND_WIDTH: u32 = 260;
/// Height of one panel.
const HEIGHT: u32 = 480;
const TITLE_HEIGHT: u32 = 44;
const LINE_HEIGHT: u32 = 20;
const TEXT: (&str, u32) = ("sans-serif", 14);

/// Colours that are told apart by eyes that see few, from Okabe and Ito, without yellow.
const COLORS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(120, 94, 40),
    RGBColor(80, 80, 80),
    RGBColor(230, 159, 0),
];
const INK: RGBColor = RGBColor(32, 32, 32);

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;
type Coordinates = Cartesian2d<ticks::Marked, ticks::Marked>;
type Drawn<'a, 's> = ChartContext<'a, SVGBackend<'s>, Coordinates>;

/// The colour of a series or a slice.
fn color(number: usize) -> RGBColor {
    COLORS.get(number % COLORS.len()).copied().unwrap_or(INK)
}

/// The library's errors come from writing, and text in memory takes all that is written.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it")]
fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> NotDrawn {
    NotDrawn::new(
        format!("the picture cannot be made: {error}"),
        "look at the rows: `| render table`",
    )
}

pub(crate) fn draw(chart: &Chart) -> Result<String, NotDrawn> {
    let mut text = String::new();
    let panels = panels(chart);
    let legend: Vec<(usize, String)> = legend(chart);
    let height = match chart.form {
        Form::Card => size(chart.series.len()) * 3 * LINE_HEIGHT + LINE_HEIGHT,
        Form::Bars {
            is_upright: false, ..
        } => bars::height(chart),
        _ => HEIGHT * size(panels.len()),
    };
    let height = height.max(size(legend.len()) * LINE_HEIGHT + LINE_HEIGHT) + TITLE_HEIGHT;
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (head, body) = root.split_vertically(TITLE_HEIGHT);
        if let Some(title) = &chart.title {
            let style = ("sans-serif", 20).into_font().color(&INK);
            let title = model::printable::text(title).into_owned();
            head.draw(&Text::new(title, (16, 12), style)).map_err(failed)?;
        }
        let body = if legend.is_empty() {
            body
        } else {
            let (body, beside) = body.split_horizontally(WIDTH - LEGEND_WIDTH);
            draw_legend(&beside, &legend)?;
            body
        };
        match chart.form {
            Form::Card => card(chart, &body)?,
            Form::Pie => pie::draw(chart, &body)?,
            _ if chart.x.scale == Scale::Words => bars::draw(chart, &body)?,
            _ => {
                for (area, panel) in body.split_evenly((panels.len(), 1)).iter().zip(&panels) {
                    draw_panel(chart, panel, area)?;
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

/// The series that share a scale, panel by panel.
fn panels(chart: &Chart) -> Vec<Vec<(usize, &Series)>> {
    let numbered = chart.series.iter().enumerate();
    if !chart.is_split || chart.x.scale == Scale::Words {
        return vec![numbered.collect()];
    }
    let mut panels: Vec<Vec<(usize, &Series)>> = Vec::new();
    for (number, series) in numbered {
        match panels.iter_mut().find(|panel| {
            panel
                .first()
                .is_some_and(|(_, first)| first.measure == series.measure)
        }) {
            Some(panel) => panel.push((number, series)),
            None => panels.push(vec![(number, series)]),
        }
    }
    panels
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

fn draw_legend(area: &Area<'_>, legend: &[(usize, String)]) -> Result<(), NotDrawn> {
    let mut top = 8;
    for (number, name) in legend {
        let square = [(4, top), (16, top + 12)];
        area.draw(&Rectangle::new(square, color(*number).filled()))
            .map_err(failed)?;
        let style = TEXT.into_font().color(&INK);
        area.draw(&Text::new(name.clone(), (24, top - 1), style))
            .map_err(failed)?;
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

fn draw_panel(chart: &Chart, panel: &[(usize, &Series)], area: &Area<'_>) -> Result<(), NotDrawn> {
    let series: Vec<&Series> = panel.iter().map(|(_, series)| *series).collect();
    let (mut first, mut last) = chart.span();
    if first >= last {
        // One place: it stands in the middle.
        (first, last) = (first - 0.5, last + 0.5);
    }
    let layers = layers(chart, &series);
    let (least, mut most) = chart.bounds(&series);
    if chart.form == Form::StackedAreas && chart.y.most.is_none() {
        let tops = layers.last().into_iter().flatten().map(|(_, top)| *top);
        most = tops.fold(most, f64::max);
    }
    let (x, y) = (
        (on(&chart.x, first), on(&chart.x, last)),
        (on(&chart.y, least), on(&chart.y, most)),
    );
    let y = (
        y.0,
        y.1 + if chart.y.most.is_none() {
            (y.1 - y.0) * 0.04
        } else {
            0.0
        },
    );
    let mut drawn = ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(48)
        .y_label_area_size(76)
        .build_cartesian_2d(
            ticks::Marked::new(x, ticks::of(&chart.x, x)),
            ticks::Marked::new(y, ticks::of(&chart.y, y)),
        )
        .map_err(failed)?;
    let y_title = match (chart.is_split, series.first()) {
        (true, Some(series)) => model::printable::text(&series.name).into_owned(),
        _ => axis_title(&chart.y, y),
    };
    let x_title = axis_title(&chart.x, (first, last));
    mesh(
        &mut drawn,
        (&|at| beside(&chart.x, at, last - first), &x_title),
        (&|at| beside(&chart.y, at, 0.0), &y_title),
    )?;
    for ((number, series), layer) in panel.iter().zip(&layers) {
        draw_series(chart, (*number, series), layer, &mut drawn)?;
    }
    Ok(())
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

/// For each series its places and how high it reaches there: as it is, or upon those before it.
fn layers(chart: &Chart, series: &[&Series]) -> Vec<Vec<(f64, f64)>> {
    let plain = |series: &&Series| series.points.iter().map(|point| (point.x, point.y)).collect();
    if chart.form != Form::StackedAreas {
        return series.iter().map(plain).collect();
    }
    let mut places: Vec<f64> = series
        .iter()
        .flat_map(|series| &series.points)
        .map(|point| point.x)
        .collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let mut below = vec![0.0; places.len()];
    let mut layers = Vec::with_capacity(series.len());
    for series in series {
        let mut points = series.points.iter().peekable();
        for (place, height) in places.iter().zip(&mut below) {
            while let Some(point) = points.next_if(|point| point.x <= *place) {
                *height += point.y;
            }
        }
        layers.push(places.iter().copied().zip(below.iter().copied()).collect());
    }
    layers
}

fn draw_series(
    chart: &Chart,
    (number, series): (usize, &Series),
    layer: &[(f64, f64)],
    drawn: &mut Drawn<'_, '_>,
) -> Result<(), NotDrawn> {
    let ink = color(number);
    let at = |x: f64, y: f64| (on(&chart.x, x), on(&chart.y, y));
    let places: Vec<(f64, f64)> = layer.iter().map(|(x, y)| at(*x, *y)).collect();
    match chart.form {
        Form::Points => {
            let dots = places
                .iter()
                .map(|place| Circle::new(*place, 3, ink.mix(0.8).filled()));
            drawn.draw_series(dots).map_err(failed)?;
        }
        Form::Areas | Form::StackedAreas => {
            let opacity = if chart.form == Form::Areas { 0.3 } else { 0.15 };
            let area = AreaSeries::new(
                places,
                on(&chart.y, chart.y.least.unwrap_or(0.0)),
                ink.mix(opacity),
            );
            drawn
                .draw_series(area.border_style(ink.stroke_width(2)))
                .map_err(failed)?;
        }
        // A line needs two points; one alone is a dot.
        _ if places.len() == 1 => {
            let dots = places.iter().map(|place| Circle::new(*place, 3, ink.filled()));
            drawn.draw_series(dots).map_err(failed)?;
        }
        _ => {
            drawn
                .draw_series(LineSeries::new(places, ink.stroke_width(2)))
                .map_err(failed)?;
        }
    }
    let odd: Vec<&Point> = series.points.iter().filter(|point| point.is_odd).collect();
    let rings = odd
        .iter()
        .map(|point| Circle::new(at(point.x, point.y), 6, RGBColor(200, 0, 0).stroke_width(2)));
    drawn.draw_series(rings).map_err(failed)?;
    Ok(())
}
