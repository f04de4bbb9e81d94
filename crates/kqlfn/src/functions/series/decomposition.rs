//! A series as the sum of what comes back, of where it goes, and of what remains.

use super::line::Line;
use super::period::detected;
use super::reading::complete;
use super::statistics::{average, median};
use crate::function::{Call, Refusal};

/// Where a series goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trend {
    /// It stays at its average.
    Average,
    /// It follows a straight line.
    Line,
    /// It is not looked for.
    None,
}

/// The parts of a series.
pub(super) struct Parts {
    /// How many elements were learnt from; the others are behind them.
    pub(super) learnt: usize,
    pub(super) seasonal: Vec<f64>,
    pub(super) trend: Vec<f64>,
    pub(super) baseline: Vec<f64>,
    pub(super) residual: Vec<f64>,
}

/// Which arguments say how a series is taken apart.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) period: usize,
    pub(super) test_points: usize,
    /// Above which score a period that is found counts; none: it cannot be said.
    pub(super) threshold: Option<usize>,
}

/// The score above which a period that is found counts, if nothing else is said.
const THRESHOLD: f64 = 0.6;

/// Which trend a call asks for.
pub(super) fn trend_of(call: &Call<'_>, argument: usize, default: Trend) -> Result<Trend, Refusal> {
    if !call.has(argument) {
        return Ok(default);
    }
    let name = call
        .constant(argument)
        .ok_or_else(|| Refusal::new("the trend must be the same for all rows"))?
        .text();
    match name.as_ref() {
        "avg" => Ok(Trend::Average),
        "linefit" => Ok(Trend::Line),
        "none" => Ok(Trend::None),
        other => Err(Refusal::new(format!(
            "`{other}` is not a trend; it is `avg`, `linefit` or `none`"
        ))),
    }
}

/// The parts of the first argument's series; none if an argument is null or makes no sense.
pub(super) fn parts(call: &Call<'_>, row: usize, places: Places, trend: Trend) -> Option<Parts> {
    let values = complete(call, 0, row)?;
    let test_points = if call.has(places.test_points) {
        usize::try_from(call.long(places.test_points, row)?).ok()?
    } else {
        0
    };
    let learnt = values.len().saturating_sub(test_points);
    let period = match call.has(places.period).then(|| call.long(places.period, row)) {
        Some(Some(-1)) | None => {
            let threshold = match places.threshold.filter(|argument| call.has(*argument)) {
                Some(argument) => call.real(argument, row)?,
                None => THRESHOLD,
            };
            detected(values.get(..learnt).unwrap_or(&values), threshold)
        }
        Some(period) => usize::try_from(period?).ok()?,
    };
    Some(decompose(&values, learnt, period, trend))
}

/// For each element the median of those at the same place of the period, among the first ones that are learnt from.
fn seasonal(values: &[f64], learnt: usize, period: usize) -> Vec<f64> {
    let learnt = values.get(..learnt).unwrap_or(values);
    if period == 0 {
        return vec![0.0; values.len()];
    }
    let medians: Vec<f64> = (0..period.min(values.len()))
        .map(|phase| median(learnt.iter().skip(phase).step_by(period).copied().collect()))
        .collect();
    medians.iter().copied().cycle().take(values.len()).collect()
}

/// Takes a series apart. The elements behind those that are learnt from are foretold.
fn decompose(values: &[f64], learnt: usize, period: usize, trend: Trend) -> Parts {
    let seasonal = seasonal(values, learnt, period);
    let rest: Vec<f64> = values
        .iter()
        .zip(&seasonal)
        .take(learnt)
        .map(|(value, seasonal)| value - seasonal)
        .collect();
    let trend: Vec<f64> = match trend {
        Trend::None => vec![0.0; values.len()],
        _ if rest.is_empty() => vec![0.0; values.len()],
        Trend::Average => vec![average(&rest); values.len()],
        Trend::Line => {
            let line = Line::fit(&rest);
            (0..values.len()).map(|at| line.at(at)).collect()
        }
    };
    let baseline: Vec<f64> = seasonal
        .iter()
        .zip(&trend)
        .map(|(seasonal, trend)| seasonal + trend)
        .collect();
    let residual = values
        .iter()
        .zip(&baseline)
        .map(|(value, baseline)| value - baseline)
        .collect();
    Parts {
        learnt,
        seasonal,
        trend,
        baseline,
        residual,
    }
}
