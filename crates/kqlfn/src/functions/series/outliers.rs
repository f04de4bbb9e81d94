//! How far values lie outside of what is common: the fences of Tukey.

use super::statistics::quantile;
use crate::function::{Call, Refusal};

/// Which part of the values is common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    /// From the 25th to the 75th percentile.
    Tukey,
    /// From the 10th to the 90th.
    Custom,
}

/// The unit of the scores for [`Method::Custom`], in ranges between the two percentiles. It makes a score of 1.5
/// about as rare as under the usual fences. Kusto's own value, from its answers.
const CUSTOM_UNIT: f64 = 0.360_671_563_966_202_65;

/// Which method a call asks for.
pub(super) fn method_of(call: &Call<'_>, argument: usize) -> Result<Method, Refusal> {
    if !call.has(argument) {
        return Ok(Method::Custom);
    }
    let name = call
        .constant(argument)
        .ok_or_else(|| Refusal::new("the kind of fences must be the same for all rows"))?
        .text();
    match name.as_ref() {
        "tukey" => Ok(Method::Tukey),
        "ctukey" => Ok(Method::Custom),
        other => Err(Refusal::new(format!(
            "`{other}` is not a kind of fences; it is `ctukey` or `tukey`"
        ))),
    }
}

/// Refuses percentiles of which the unit of the scores is not known.
pub(super) fn percentiles_are_usual(call: &Call<'_>) -> Result<(), Refusal> {
    for (argument, usual) in [(3, 10.0), (4, 90.0)] {
        let is_usual = !call.has(argument)
            || call
                .constant(argument)
                .is_some_and(|cell| cell.real() == Some(usual));
        if !is_usual {
            return Err(Refusal::new("only the percentiles 10 and 90 are supported"));
        }
    }
    Ok(())
}

/// The fences around what is common.
pub(super) struct Fences {
    low: f64,
    high: f64,
    unit: f64,
}

impl Fences {
    /// By the values that are learnt from; none if there are none.
    pub(super) fn of(mut values: Vec<f64>, method: Method) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (part, unit) = match method {
            Method::Tukey => (0.25, 1.0),
            Method::Custom => (0.1, CUSTOM_UNIT),
        };
        let (low, high) = (quantile(&values, part)?, quantile(&values, 1.0 - part)?);
        Some(Self {
            low,
            high,
            unit: (high - low) * unit,
        })
    }

    /// 0 between the fences, above 0 behind the high one, below 0 behind the low one.
    pub(super) fn score(&self, value: f64) -> f64 {
        if value > self.high {
            (value - self.high) / self.unit
        } else if value < self.low {
            (value - self.low) / self.unit
        } else {
            0.0
        }
    }
}
