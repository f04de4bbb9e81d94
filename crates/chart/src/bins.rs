//! How far a point reaches along its axis, and which bins are missing: one rule for both ways of drawing.
//!
//! The shortest way between two places, over all series, is a bin's length. Months and years are not all of one length,
//! so what is up to half a bin longer is none the less the next.

use crate::{Chart, Scale};

/// Up to so many steps the next place is the next bin.
const NEXT: f64 = 1.5;
/// A minute in ticks: times that lie as close as seconds are taken for events, not for bins.
const MINUTE: f64 = 60.0 * 1e7;

/// The places of all series.
pub(crate) struct Bins {
    places: Vec<f64>,
    step: f64,
    /// The places are bins; else they are events, and none is missing.
    are_bins: bool,
}

impl Bins {
    pub(crate) fn of(chart: &Chart) -> Self {
        let mut places: Vec<f64> = chart.points().map(|point| point.x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let steps = || {
            places
                .iter()
                .zip(places.iter().skip(1))
                .map(|(left, right)| right - left)
        };
        let shortest = steps().fold(f64::INFINITY, f64::min);
        let step = if shortest.is_finite() { shortest } else { 0.0 };
        // So many are one step apart, and whether all are whole steps apart.
        let next = steps().filter(|way| *way <= step * NEXT).count();
        let are_most = next * 2 + 1 >= places.len();
        let are_whole = steps().all(|way| (way / step - (way / step).round()).abs() < 1e-6);
        let are_bins = match chart.x.scale {
            // Samples are not taken on the dot, and of bins few may be there.
            Scale::Times | Scale::Spans => are_most || (are_whole && step >= MINUTE),
            // Percentiles and the like have distances of any kind.
            Scale::Numbers | Scale::Words => are_most && are_whole,
        };
        Self {
            are_bins: are_bins && !chart.x.is_log,
            places,
            step,
        }
    }

    /// The length of a bin; 0 where there is one place only.
    pub(crate) const fn step(&self) -> f64 {
        self.step
    }

    /// Where a bin ends: at the next place, or after its own length if that is missing.
    pub(crate) fn end(&self, place: f64) -> f64 {
        let next = self.places.partition_point(|held| *held <= place);
        match self.places.get(next) {
            Some(next) if *next - place <= self.step * NEXT => *next,
            _ => place + self.step,
        }
    }

    /// Whether a bin is missing between two places, one after the other.
    pub(crate) fn is_gap(&self, left: f64, right: f64) -> bool {
        self.are_bins && right - left > self.step * NEXT
    }

    /// A line in pieces, without bridges over what is missing.
    pub(crate) fn pieces<'l>(&self, line: &'l [(f64, f64)]) -> Vec<&'l [(f64, f64)]> {
        line.chunk_by(|left, right| !self.is_gap(left.0, right.0))
            .collect()
    }
}
