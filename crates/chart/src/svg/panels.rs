//! What lies along times or numbers: lines, areas and points, in one panel or one a measure.

use plotters::prelude::*;

use super::{Area, Drawn, axis_title, beside, failed, marks, mesh, on, ticks};
use crate::bins::Bins;
use crate::watch::Watch;
use crate::{Chart, Form, NotDrawn, Scale, Series};

/// Places along an axis, and what is measured there.
type Places<'p> = &'p [(f64, f64)];

/// Half an hour in ticks.
const HALF_AN_HOUR: f64 = 1800.0 * 1e7;

/// The series that share a scale, panel by panel.
pub(super) fn of(chart: &Chart) -> Vec<Vec<(usize, &Series)>> {
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

pub(super) fn draw(
    chart: &Chart,
    panel: &[(usize, &Series)],
    area: &Area<'_>,
    watch: &Watch<'_>,
) -> Result<(), NotDrawn> {
    let series: Vec<&Series> = panel.iter().map(|(_, series)| *series).collect();
    let (first, last) = span(chart);
    let layers = layers(chart, &series);
    let (mut least, mut most) = chart.bounds(&series);
    if chart.form == Form::StackedAreas {
        let heights = || layers.iter().flatten().map(|(_, height)| *height);
        most = chart.y.most.unwrap_or_else(|| heights().fold(most, f64::max));
        if !chart.y.is_log {
            least = chart.y.least.unwrap_or_else(|| heights().fold(least, f64::min));
        }
    }
    let (x, y) = (
        (on(&chart.x, first), on(&chart.x, last)),
        (on(&chart.y, least), on(&chart.y, most)),
    );
    let above = if chart.y.most.is_none() && !chart.is_parts {
        y.1 * 0.04 - y.0 * 0.04
    } else {
        0.0
    };
    let y = (y.0, (y.1 + above).min(f64::MAX));
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
    let x_title = axis_title(&chart.x, chart.span());
    mesh(
        &mut drawn,
        (&|at| beside(&chart.x, at, last - first), &x_title),
        (&|at| beside(&chart.y, at, 0.0), &y_title),
    )?;
    let bins = Bins::of(chart);
    let mut below: &[(f64, f64)] = &[];
    for ((number, series), layer) in panel.iter().zip(&layers) {
        draw_series(
            chart,
            (*number, series),
            (layer, below, y, &bins),
            (&mut drawn, watch),
        )?;
        if chart.form == Form::StackedAreas {
            below = layer;
        }
    }
    Ok(())
}

/// The first and the last place; where there is one only, it stands in the middle.
fn span(chart: &Chart) -> (f64, f64) {
    let (first, last) = chart.span();
    if first < last {
        return (first, last);
    }
    let around = match chart.x.scale {
        Scale::Times | Scale::Spans => HALF_AN_HOUR,
        Scale::Words | Scale::Numbers => (first.abs() * 0.05).max(0.5),
    };
    if chart.x.is_log {
        (first / 10.0, last * 10.0)
    } else {
        (first - around, last + around)
    }
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
    (layer, below, range, bins): (Places<'_>, Places<'_>, (f64, f64), &Bins),
    (drawn, watch): (&mut Drawn<'_, '_>, &Watch<'_>),
) -> Result<(), NotDrawn> {
    watch.ask()?;
    let ink = marks::color(number);
    let at = |(x, y): (f64, f64)| (on(&chart.x, x), on(&chart.y, y));
    let is_shown = |place: &(f64, f64)| (range.0..=range.1).contains(&place.1);
    if chart.form == Form::Points {
        points(chart, number, (layer, range), (drawn, watch))?;
    } else {
        // Layers upon each other have the same places, and so the same gaps.
        let mut below = bins.pieces(below).into_iter();
        for piece in bins.pieces(layer) {
            let below = below.next().unwrap_or_default();
            if piece.len() > 1 {
                draw_piece(chart, number, (piece, below, range), drawn)?;
            } else {
                // A line needs two points; one alone is a dot.
                points(chart, number, (piece, range), (drawn, watch))?;
            }
        }
        for (shape, place) in marks::along_line(number, layer) {
            let place = at(place);
            if is_shown(&place) {
                marks::dot(drawn.plotting_area(), place, (shape, 4), ink.to_rgba())?;
            }
        }
    }
    let odd = series.points.iter().filter(|point| point.is_odd);
    let rings = odd.map(|point| at((point.x, point.y))).filter(is_shown);
    let rings = rings.map(|place| Circle::new(place, 6, RGBColor(200, 0, 0).stroke_width(2)));
    drawn.draw_series(rings).map_err(failed)?;
    Ok(())
}

/// A line without a gap, and the area below it.
fn draw_piece(
    chart: &Chart,
    number: usize,
    (line, below, range): (Places<'_>, Places<'_>, (f64, f64)),
    drawn: &mut Drawn<'_, '_>,
) -> Result<(), NotDrawn> {
    let ink = marks::color(number);
    let on_axes = |line: Places<'_>| -> Vec<(f64, f64)> {
        let places = line.iter();
        places
            .map(|(x, y)| (on(&chart.x, *x), on(&chart.y, *y)))
            .collect()
    };
    let places = crossed(&on_axes(line), range);
    let floor = on(&chart.y, chart.y.least.unwrap_or(0.0));
    let opacity = match chart.form {
        Form::StackedAreas => 0.5,
        Form::Areas => 0.3,
        _ => 0.0,
    };
    if opacity > 0.0 {
        let mut band = places.clone();
        if below.is_empty() {
            band.extend(places.iter().rev().map(|(x, _)| (*x, floor)));
        } else {
            band.extend(crossed(&on_axes(below), range).into_iter().rev());
        }
        drawn
            .draw_series([Polygon::new(band, ink.mix(opacity))])
            .map_err(failed)?;
    }
    for piece in shown(&places, range) {
        drawn
            .draw_series(LineSeries::new(piece, ink.stroke_width(2)))
            .map_err(failed)?;
    }
    Ok(())
}

/// A dot for each place.
fn points(
    chart: &Chart,
    number: usize,
    (places, range): (Places<'_>, (f64, f64)),
    (drawn, watch): (&mut Drawn<'_, '_>, &Watch<'_>),
) -> Result<(), NotDrawn> {
    let shape = marks::Shape::of_point(number);
    for (x, y) in places {
        watch.step()?;
        let place = (on(&chart.x, *x), on(&chart.y, *y));
        if (range.0..=range.1).contains(&place.1) {
            let ink = marks::color(number).mix(0.8);
            marks::dot(drawn.plotting_area(), place, (shape, 3), ink)?;
        }
    }
    Ok(())
}

/// A line with a place more wherever it crosses the least or the most that is shown.
fn crossed(line: &[(f64, f64)], (least, most): (f64, f64)) -> Vec<(f64, f64)> {
    let mut places = Vec::with_capacity(line.len());
    for (place, next) in line.iter().zip(line.iter().skip(1)) {
        places.push(*place);
        let width = next.0 - place.0;
        let borders = if next.1 > place.1 {
            [least, most]
        } else {
            [most, least]
        };
        for border in borders {
            let part = crate::part_of((place.1, next.1), border);
            if part > 0.0 && part < 1.0 {
                places.push((place.0 + width * part, border));
            }
        }
    }
    places.extend(line.last());
    places
}

/// The pieces of a line that are between the least and the most.
fn shown(line: &[(f64, f64)], (least, most): (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<(f64, f64)> = Vec::new();
    for (place, next) in line.iter().zip(line.iter().skip(1)) {
        let middle = place.1 / 2.0 + next.1 / 2.0;
        if middle < least || middle > most {
            pieces.push(std::mem::take(&mut piece));
            continue;
        }
        if piece.is_empty() {
            piece.push(*place);
        }
        piece.push(*next);
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_it_leaves_the_picture() {
        let line = [(0.0, 0.0), (2.0, 4.0), (4.0, 0.0), (5.0, 1.0), (6.0, -9.0)];
        let pieces = shown(&crossed(&line, (-1.0, 2.0)), (-1.0, 2.0));
        assert_eq!(
            pieces,
            [
                vec![(0.0, 0.0), (1.0, 2.0)],
                vec![(3.0, 2.0), (4.0, 0.0), (5.0, 1.0), (5.2, -1.0)],
            ]
        );
        // All of it is between them.
        assert_eq!(crossed(&line, (-9.0, 4.0)), line);
        assert_eq!(shown(&line, (-9.0, 4.0)), [line.to_vec()]);
    }
}
