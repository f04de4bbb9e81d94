//! Percentiles and ranks: the values with their weights, or a t-digest once there are many.
//!
//! As `dynamic`: `[[7], [values], [weights]]`, the values in order.

use std::cmp::Ordering;

use kql::ScalarType;

use crate::column::Cell;
use crate::dynamic::{Dynamic, Writer};

/// Up to so many different values are kept as they are.
const VALUES_MAX: usize = 4096;
/// Values wait up to this number before they are put in order.
const WAITING_MAX: usize = 4 * VALUES_MAX;
/// The steps of the scale by which values are joined: not more are left.
const STEPS: f64 = 3000.0;

/// What is kept of values to tell their percentiles.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// The type of the values: `long`, `real`, `datetime` or `timespan`. None before the first.
    kind: Option<ScalarType>,
    points: Vec<(Point, i64)>,
}

/// A value. Times are their ticks.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Point {
    Whole(i64),
    Real(f64),
}

impl Point {
    #[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
    const fn real(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left.cmp(&right),
            (left, right) => left.real().total_cmp(&right.real()),
        }
    }

    fn of(cell: Cell<'_>) -> Option<(ScalarType, Self)> {
        Some(match cell.plain() {
            Cell::Int(value) => (ScalarType::Long, Self::Whole(i64::from(value))),
            Cell::Long(value) => (ScalarType::Long, Self::Whole(value)),
            Cell::Datetime(ticks) => (ScalarType::Datetime, Self::Whole(ticks)),
            Cell::Timespan(ticks) => (ScalarType::Timespan, Self::Whole(ticks)),
            Cell::Real(value) => (ScalarType::Real, Self::Real(value)),
            Cell::Decimal(digits) => (ScalarType::Real, Self::Real(digits.parse().ok()?)),
            _ => return None,
        })
    }
}

const fn is_number(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Long | ScalarType::Real)
}

impl Digest {
    /// True if there was no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Takes a value with a weight. False if it is of another type than those before; null is none.
    pub fn insert(&mut self, cell: Cell<'_>, weight: i64) -> bool {
        if cell.is_null() || weight <= 0 {
            return true;
        }
        let Some((kind, point)) = Point::of(cell) else {
            return false;
        };
        if !self.takes(kind) {
            return false;
        }
        self.points.push((point, weight));
        if self.points.len() > WAITING_MAX {
            self.settle();
        }
        true
    }

    /// True if values of a type go with those before. Numbers go with numbers and are reals together.
    fn takes(&mut self, kind: ScalarType) -> bool {
        match self.kind {
            None => self.kind = Some(kind),
            Some(held) if held == kind => {}
            Some(held) if is_number(held) && is_number(kind) => {
                self.kind = Some(ScalarType::Real);
                for (point, _) in &mut self.points {
                    *point = Point::Real(point.real());
                }
            }
            Some(_) => return false,
        }
        true
    }

    /// Takes all values of another one. False if they are of another type.
    pub fn merge(&mut self, other: &Self) -> bool {
        let Some(kind) = other.kind else {
            return true;
        };
        if !self.takes(kind) {
            return false;
        }
        for &(point, weight) in &other.points {
            let point = if self.kind == Some(ScalarType::Real) {
                Point::Real(point.real())
            } else {
                point
            };
            self.points.push((point, weight));
            if self.points.len() > WAITING_MAX {
                self.settle();
            }
        }
        true
    }

    /// Puts the values in order, each once, and joins neighbours if there are too many.
    pub fn settle(&mut self) {
        self.points.sort_by(|left, right| left.0.order(right.0));
        self.points.dedup_by(|next, held| {
            let same = next.0.order(held.0).is_eq();
            if same {
                held.1 = held.1.saturating_add(next.1);
            }
            same
        });
        if self.points.len() > VALUES_MAX {
            self.points = joined(&self.points);
        }
    }

    fn total(&self) -> i64 {
        self.points
            .iter()
            .fold(0, |sum, (_, weight)| sum.saturating_add(*weight))
    }

    /// The value at a percentile by the nearest rank; none if there are no values. It must be settled.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
    pub fn percentile(&self, percent: f64) -> Cell<'static> {
        let rank = (percent / 100.0 * self.total() as f64).ceil().max(1.0);
        let mut seen: i64 = 0;
        let reached = self.points.iter().find(|(_, weight)| {
            seen = seen.saturating_add(*weight);
            seen as f64 >= rank
        });
        match reached.or(self.points.last()) {
            Some((point, _)) => self.cell(*point),
            None => Cell::Null,
        }
    }

    fn cell(&self, point: Point) -> Cell<'static> {
        match (self.kind, point) {
            (Some(ScalarType::Datetime), Point::Whole(ticks)) => Cell::Datetime(ticks),
            (Some(ScalarType::Timespan), Point::Whole(ticks)) => Cell::Timespan(ticks),
            (_, Point::Whole(value)) => Cell::Long(value),
            (_, Point::Real(value)) => Cell::Real(value),
        }
    }

    /// How many values there are up to one, and how many in all; none if it is of another type.
    #[must_use]
    pub fn rank(&self, value: Cell<'_>) -> Option<(i64, i64)> {
        let (kind, value) = Point::of(value)?;
        let held = self.kind?;
        if held != kind && !(is_number(held) && is_number(kind)) {
            return None;
        }
        let below = self
            .points
            .iter()
            .filter(|(point, _)| point.order(value).is_le())
            .fold(0, |sum: i64, (_, weight)| sum.saturating_add(*weight));
        Some((below, self.total()))
    }

    /// Writes it. It must be settled.
    pub fn write(&self, writer: &mut Writer) {
        writer.array(|parts| {
            parts.push(|writer| writer.array(|form| form.push(|writer| writer.long(7))));
            parts.push(|writer| {
                writer.array(|items| {
                    for (point, _) in &self.points {
                        items.push(|writer| self.cell(*point).write(writer));
                    }
                });
            });
            parts.push(|writer| {
                writer.array(|items| {
                    for (_, weight) in &self.points {
                        items.push(|writer| writer.long(*weight));
                    }
                });
            });
        });
    }

    /// Reads one; none if the value is something else.
    #[must_use]
    pub fn read(value: Dynamic<'_>) -> Option<Self> {
        let parts = value.array()?;
        let (form, values, weights) = (
            parts.get(0)?.array()?,
            parts.get(1)?.array()?,
            parts.get(2)?.array()?,
        );
        if form.is_empty() || values.len() != weights.len() {
            return None;
        }
        let mut read = Self::default();
        for (value, weight) in values.iter().zip(weights.iter()) {
            let Dynamic::Long(weight) = weight else {
                return None;
            };
            if value.is_null() || !read.insert(Cell::Dynamic(value), weight) {
                return None;
            }
        }
        read.settle();
        Some(read)
    }
}

/// Joins neighbours so that those at both ends stay alone and those in the middle become large: a step of the scale
/// `k1` of T. Dunning's t-digest (arXiv:1902.04023) at most.
#[expect(clippy::cast_precision_loss, reason = "shares of a whole")]
fn joined(points: &[(Point, i64)]) -> Vec<(Point, i64)> {
    let total: f64 = points.iter().map(|(_, weight)| *weight as f64).sum();
    let scale =
        |seen: f64| STEPS / std::f64::consts::TAU * (2.0 * seen / total - 1.0).clamp(-1.0, 1.0).asin();
    let mut joined: Vec<(Point, i64)> = Vec::new();
    let (mut seen, mut begin) = (0.0, f64::NEG_INFINITY);
    for &(point, weight) in points {
        let end = scale(seen + weight as f64);
        match joined.last_mut() {
            Some(held) if end - begin <= 1.0 => *held = mean(*held, (point, weight)),
            _ => {
                begin = scale(seen);
                joined.push((point, weight));
            }
        }
        seen += weight as f64;
    }
    joined
}

/// Two values as one between them.
#[expect(clippy::cast_precision_loss, reason = "a mean is near")]
fn mean(left: (Point, i64), right: (Point, i64)) -> (Point, i64) {
    let weight = left.1.saturating_add(right.1);
    let point = match (left.0, right.0) {
        (Point::Whole(low), Point::Whole(high)) => {
            let way = (i128::from(high) - i128::from(low)) * i128::from(right.1) / i128::from(weight.max(1));
            Point::Whole(i64::try_from(i128::from(low) + way).unwrap_or(low))
        }
        (low, high) => {
            let share = right.1 as f64 / weight as f64;
            Point::Real(low.real() * (1.0 - share) + high.real() * share)
        }
    };
    (point, weight)
}

#[cfg(test)]
mod tests;
