//! Answers of KQL with `render`, drawn as text for the terminal and as SVG.
//!
//! [`Chart::of`] decides which columns are the axis, the measures and the series, as `render` documents it, and takes
//! the points; [`Chart::to_text`] and [`Chart::to_svg`] draw them. Rows are never changed: no sum and no mean is made
//! here. The one exception is a terminal with fewer columns than there are points: a column shows its largest, and
//! says so.

mod choose;
mod collect;
mod label;
mod properties;
mod svg;
mod text;

use kql::bound::Rendering;
use kqleval::Table;

/// Why an answer is not drawn: a sentence, and what helps.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct NotDrawn {
    /// What is missing.
    pub reason: String,
    /// What to do.
    pub hint: String,
}

impl NotDrawn {
    fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hint: hint.into(),
        }
    }
}

/// Marks of one row or more, as far as drawing needs them.
#[derive(Clone, PartialEq, Debug)]
pub struct Chart {
    form: Form,
    title: Option<String>,
    x: Axis,
    y: Axis,
    /// The words along the axis, where it is one of words.
    words: Vec<String>,
    series: Vec<Series>,
    has_legend: bool,
    /// Each measure has a scale of its own.
    is_split: bool,
    left_out: LeftOut,
}

/// What there was and is not drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Series beyond the limit.
    pub series: usize,
    /// Words along the axis beyond the limit.
    pub words: usize,
    /// Rows without a place or a measure.
    pub rows: usize,
}

/// How marks are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Lines,
    Areas,
    StackedAreas,
    Points,
    Bars { is_upright: bool, stacking: Stacking },
    Pie,
    Card,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stacking {
    Beside,
    Stacked,
    /// As parts of a hundred.
    Parts,
}

/// What an axis measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scale {
    Words,
    Numbers,
    /// Ticks since the year 1.
    Times,
    /// Ticks.
    Spans,
}

#[derive(Clone, PartialEq, Debug)]
struct Axis {
    title: String,
    scale: Scale,
    is_log: bool,
    /// The least and the largest that are shown, where the query says so.
    least: Option<f64>,
    most: Option<f64>,
}

#[derive(Clone, PartialEq, Debug)]
struct Series {
    name: String,
    /// The measure that it is of, for scales of their own.
    measure: usize,
    points: Vec<Point>,
}

/// A place on the axis (the number of a word, where it is one of words) and a measure.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Point {
    x: f64,
    y: f64,
    /// It is marked as out of the ordinary.
    is_odd: bool,
}

impl Chart {
    /// Whether this kind of rendering is a picture at all: `table` is not.
    #[must_use]
    pub fn is_asked_for(rendering: &Rendering) -> bool {
        !matches!(rendering.kind.as_str(), "table" | "list")
    }

    /// What is left out of the drawing.
    #[must_use]
    pub const fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Takes the points of rows.
    pub fn of(rows: &Table, rendering: &Rendering) -> Result<Self, NotDrawn> {
        collect::chart(rows, rendering)
    }

    /// Draws with letters, blocks and lines: no colour is needed, and no control characters are written. The text ends
    /// with a line end.
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        text::draw(self, width)
    }

    /// Draws as one SVG document.
    pub fn to_svg(&self) -> Result<String, NotDrawn> {
        svg::draw(self)
    }

    /// The series' least and largest measure, with zero where marks stand on it.
    fn bounds(&self, series: &[&Series]) -> (f64, f64) {
        let measures = series.iter().flat_map(|series| &series.points);
        let (mut least, mut most) = ends(measures.map(|point| point.y));
        let stands_on_zero = !matches!(self.form, Form::Points) && !self.y.is_log;
        if stands_on_zero {
            (least, most) = (least.min(0.0), most.max(0.0));
        }
        let (least, mut most) = (self.y.least.unwrap_or(least), self.y.most.unwrap_or(most));
        if most <= least {
            most = least + if least == 0.0 { 1.0 } else { least.abs() };
        }
        (least, most)
    }

    /// The first and the last place that a point has.
    fn span(&self) -> (f64, f64) {
        ends(self.points().map(|point| point.x))
    }
}

/// The least and the largest; 0 to 1 where there are none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
        (least.min(value), most.max(value))
    });
    if least.is_finite() {
        (least, most)
    } else {
        (0.0, 1.0)
    }
}
