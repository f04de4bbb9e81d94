//! Answers of KQL with `render`, drawn as text for the terminal and as SVG.
//!
//! [`Chart::of`] decides which columns are the axis, the measures and the series, as `render` documents it, and takes
//! the points; [`Chart::to_text`] and [`Chart::to_svg`] draw them. Rows are never changed: no sum and no mean is made
//! here. There are two exceptions, and both say so: in a terminal with fewer columns than there are points a column
//! shows its largest (or what is farthest from zero), and where parts make a whole (slices, stacks) those beyond the limit are summed to one.

mod bins;
mod choose;
mod collect;
mod label;
mod notes;
mod properties;
mod svg;
mod text;
mod watch;

use kql::bound::Rendering;
use kqleval::Table;

pub use notes::Note;
use watch::Watch;

/// Why an answer is not drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotDrawn {
    /// It is not to be drawn in this way; its rows can be shown.
    #[error("{reason}")]
    Refused {
        /// What is missing.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The caller said that it is enough.
    #[error("drawing was stopped")]
    Stopped,
}

impl NotDrawn {
    fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused {
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
    /// Measures are parts of a hundred.
    is_parts: bool,
    notes: Vec<Note>,
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

impl Form {
    /// Marks stand upon each other, and make a whole.
    const fn is_stacked(self) -> bool {
        match self {
            Self::Bars { stacking, .. } => !matches!(stacking, Stacking::Beside),
            Self::StackedAreas => true,
            Self::Lines | Self::Areas | Self::Points | Self::Pie | Self::Card => false,
        }
    }
}

impl Chart {
    /// Whether this kind of rendering is a picture at all: `table` is not.
    #[must_use]
    pub fn is_asked_for(rendering: &Rendering) -> bool {
        !matches!(rendering.kind.as_str(), "table" | "list")
    }

    /// What is not drawn or not as one may think, with what helps.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Takes the points of rows. `stop` is asked now and then, and when it says so the work ends with
    /// [`NotDrawn::Stopped`].
    pub fn of(rows: &Table, rendering: &Rendering, stop: &dyn Fn() -> bool) -> Result<Self, NotDrawn> {
        collect::chart(rows, rendering, &Watch::new(stop)?)
    }

    /// Draws with letters, blocks and lines: no colour is needed, and no control characters are written. The text ends
    /// with a line end.
    pub fn to_text(&self, width: usize, stop: &dyn Fn() -> bool) -> Result<String, NotDrawn> {
        text::draw(self, width, &Watch::new(stop)?)
    }

    /// Draws as one SVG document.
    pub fn to_svg(&self, stop: &dyn Fn() -> bool) -> Result<String, NotDrawn> {
        svg::draw(self, &Watch::new(stop)?)
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }

    /// The series' least and largest measure, with zero where marks stand on it.
    fn bounds(&self, series: &[&Series]) -> (f64, f64) {
        let measures = series.iter().flat_map(|series| &series.points);
        let (mut least, mut most) = ends(measures.map(|point| point.y));
        let stands_on_zero = !matches!(self.form, Form::Points) && !self.y.is_log;
        if stands_on_zero {
            (least, most) = (least.min(0.0), most.max(0.0));
        }
        if self.y.is_log && matches!(self.form, Form::Bars { .. }) {
            // On a scale of powers nothing is zero: bars stand on the power below the least, which is then seen.
            least = 10f64.powf(least.log10().ceil() - 1.0);
        }
        let (least, mut most) = (self.y.least.unwrap_or(least), self.y.most.unwrap_or(most));
        if most <= least {
            most = (least + if least == 0.0 { 1.0 } else { least.abs() }).min(f64::MAX);
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

/// Where a value lies between two others: 0 at the first, 1 at the last. Their distance may be beyond the largest number.
fn part_of((first, last): (f64, f64), value: f64) -> f64 {
    let length = last - first;
    if length.is_finite() {
        (value - first) / length
    } else {
        (value / 2.0 - first / 2.0) / (last / 2.0 - first / 2.0)
    }
}
