//! What tells series and slices apart: eight colours, and with each round of them another mark.
//!
//! Forty series are eight colours by five marks. On a line some of its points carry the mark, a point is one, and a bar
//! has stripes along it. Slices have numbers.

use plotters::coord::CoordTranslate;
use plotters::prelude::*;

use super::{Area, INK, failed};
use crate::{Chart, Form, NotDrawn, Scale};

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

/// A mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

const SHAPES: [Shape; 5] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Cross,
];
/// On a line about so many points carry a mark.
const MARKED: usize = 12;

/// The colour of a series or a slice.
pub(super) fn color(number: usize) -> RGBColor {
    COLORS.get(number % COLORS.len()).copied().unwrap_or(INK)
}

/// How often the colours were gone through before it.
pub(super) const fn round(number: usize) -> usize {
    number / COLORS.len()
}

impl Shape {
    /// The shape of a series' points.
    pub(super) fn of_point(number: usize) -> Self {
        SHAPES
            .get(round(number) % SHAPES.len())
            .copied()
            .unwrap_or(Self::Circle)
    }

    /// The shape on a series' line: the first of each colour has none.
    fn on_line(number: usize) -> Option<Self> {
        (round(number) > 0).then(|| Self::of_point(number))
    }
}

/// The marks along a line.
pub(super) fn along_line(
    number: usize,
    line: &[(f64, f64)],
) -> impl Iterator<Item = (Shape, (f64, f64))> + '_ {
    let step = line.len().div_ceil(MARKED).max(1);
    // Lines that go together have their marks at different points.
    let first = number % step;
    let places = line.iter().skip(first).step_by(step);
    Shape::on_line(number)
        .into_iter()
        .flat_map(move |shape| places.clone().map(move |place| (shape, *place)))
}

/// A mark at a place, so many pixels from its middle to its edge.
pub(super) fn dot<T>(
    area: &DrawingArea<SVGBackend<'_>, T>,
    place: T::From,
    (shape, size): (Shape, i32),
    ink: RGBAColor,
) -> Result<(), NotDrawn>
where
    T: CoordTranslate,
    T::From: Clone + 'static,
{
    let drawn = match corners(shape, size) {
        None => area.draw(&Circle::new(place, size, ink.filled())),
        Some(corners) => area.draw(&(EmptyElement::at(place) + Polygon::new(corners, ink.filled()))),
    };
    drawn.map_err(failed)
}

/// The corners of a shape around its middle; none of a circle.
fn corners(shape: Shape, size: i32) -> Option<Vec<(i32, i32)>> {
    let more = size + 1;
    let corners = match shape {
        Shape::Circle => return None,
        Shape::Square => vec![(-size, -size), (size, -size), (size, size), (-size, size)],
        Shape::Triangle => vec![(0, -more), (more, size), (-more, size)],
        Shape::Diamond => vec![(0, -more), (more, 0), (0, more), (-more, 0)],
        Shape::Cross => {
            // One arm after the other.
            let arms = [(1 - more, -more), (0, -2), (more - 1, -more), (more, 1 - more)];
            let lower = [(2, 0), (more, more - 1), (more - 1, more), (0, 2)];
            let left = [(1 - more, more), (-more, more - 1), (-2, 0), (-more, 1 - more)];
            [arms, lower, left].concat()
        }
    };
    Some(corners)
}

/// The white lines along a bar or within a swatch, as parts of its width.
pub(super) fn stripes(number: usize) -> impl Iterator<Item = f64> {
    #[expect(clippy::cast_precision_loss, reason = "a handful of stripes")]
    let (count, part) = (round(number) % SHAPES.len(), |at: usize| at as f64);
    (1..=count).map(move |at| part(at) / part(count + 1))
}

/// The series' mark beside its name, so high.
pub(super) fn beside_name(
    chart: &Chart,
    area: &Area<'_>,
    number: usize,
    middle: i32,
) -> Result<(), NotDrawn> {
    let ink = color(number);
    let is_line =
        chart.x.scale != Scale::Words && matches!(chart.form, Form::Lines | Form::Areas | Form::StackedAreas);
    if is_line {
        let line = vec![(4, middle), (28, middle)];
        area.draw(&PathElement::new(line, ink.stroke_width(3)))
            .map_err(failed)?;
        if let Some(shape) = Shape::on_line(number) {
            dot(area, (16, middle), (shape, 5), ink.to_rgba())?;
        }
        return Ok(());
    }
    if chart.form == Form::Points && chart.x.scale != Scale::Words {
        return dot(area, (16, middle), (Shape::of_point(number), 5), ink.to_rgba());
    }
    let square = [(10, middle - 6), (24, middle + 6)];
    area.draw(&Rectangle::new(square, ink.filled())).map_err(failed)?;
    // A slice has a number instead.
    for part in stripes(number).filter(|_| chart.form != Form::Pie) {
        #[expect(clippy::cast_possible_truncation, reason = "a part of twelve pixels")]
        let at = middle - 6 + (part * 12.0).round() as i32;
        area.draw(&PathElement::new(vec![(10, at), (24, at)], WHITE.stroke_width(1)))
            .map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_series_as_are_drawn_are_told_apart() {
        let count = model::limits::CHART_SERIES_MAX;
        let mut seen = Vec::new();
        for number in 0..count {
            let marks = (color(number), Shape::on_line(number), stripes(number).count());
            assert!(!seen.contains(&marks), "{number}");
            seen.push(marks);
        }
        let points = (0..count).map(|number| (color(number), Shape::of_point(number)));
        let points: Vec<_> = points.collect();
        for (at, held) in points.iter().enumerate() {
            assert!(!points.iter().skip(at + 1).any(|other| other == held), "{at}");
        }
    }

    #[test]
    fn a_long_line_has_few_marks() {
        let line: Vec<(f64, f64)> = (0..10_000).map(|at| (f64::from(at), 1.0)).collect();
        assert_eq!(along_line(0, &line).count(), 0);
        assert_eq!(along_line(9, &line).count(), MARKED);
        assert_eq!(along_line(39, line.get(..3).unwrap_or_default()).count(), 3);
    }
}
