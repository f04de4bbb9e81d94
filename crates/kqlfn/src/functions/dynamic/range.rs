//! `range`.

use kql::ScalarType;
use kql::values::TICKS_PER_HOUR;

use super::arguments::ELEMENTS_MAX;
use crate::dynamic::Writer;
use crate::function::{Call, Computed, Function, Refusal};

pub(super) const FUNCTION: Function = Function {
    name: "range",
    aliases: &[],
    signatures: &["(start:Summable, stop:Summable, ?step:Summable) -> dynamic"],
    tuple: &[],
    summary: "An array of values from one to another, the same step apart.",
    notes: "The step is 1 or 1h if it is left out. The last value is the stop if the steps meet it. The array is cut at \
            1,048,576 elements. A step of 0 gives null.",
    examples: &[
        ("range(1, 8, 3)", "dynamic([1, 4, 7])"),
        ("range(1, 3)", "dynamic([1, 2, 3])"),
        ("range(1h, 3h)", "dynamic([time(1h), time(2h), time(3h)])"),
        (
            "range(datetime(2015-01-01), datetime(2015-01-02 12:00), 1d)",
            "dynamic([datetime(2015-01-01), datetime(2015-01-02)])",
        ),
        ("range(0, 1, 0.5)", "dynamic([0.0, 0.5, 1.0])"),
        ("range(3, 1)", "dynamic([])"),
    ],
    kernel: |call| match kind_of_values(call) {
        Some(ScalarType::Long) => whole(
            call,
            1,
            |call, argument, row| call.long(argument, row),
            Writer::long,
        ),
        Some(ScalarType::Datetime) => whole(call, TICKS_PER_HOUR, ticks, Writer::datetime),
        Some(ScalarType::Timespan) => whole(call, TICKS_PER_HOUR, ticks, Writer::timespan),
        Some(_) => fractional(call),
        None => Err(Refusal::new(
            "`range` takes numbers that are no decimals, or times and a timespan",
        )),
    },
};

/// What the array is made of: longs, reals, datetimes or timespans.
fn kind_of_values(call: &Call<'_>) -> Option<ScalarType> {
    let kinds: Vec<ScalarType> = call.arguments.iter().map(|column| column.kind).collect();
    let all = |fits: fn(ScalarType) -> bool| kinds.iter().all(|kind| fits(*kind));
    if all(ScalarType::is_integer) {
        return Some(ScalarType::Long);
    }
    if all(|kind| kind.is_integer() || kind == ScalarType::Real) {
        return Some(ScalarType::Real);
    }
    match kinds.as_slice() {
        [start, stop] | [start, stop, ScalarType::Timespan] if start == stop => {
            [ScalarType::Datetime, ScalarType::Timespan]
                .into_iter()
                .find(|kind| kind == start)
        }
        _ => None,
    }
}

fn ticks(call: &Call<'_>, argument: usize, row: usize) -> Option<i64> {
    call.ticks(argument, row)
}

fn whole(
    call: &Call<'_>,
    usual_step: i64,
    value: impl Fn(&Call<'_>, usize, usize) -> Option<i64>,
    write: impl Fn(&mut Writer, i64),
) -> Computed {
    call.dynamics(|row, writer| {
        let step = if call.has(2) {
            value(call, 2, row)
        } else {
            Some(usual_step)
        };
        let (Some(start), Some(stop), Some(step)) = (value(call, 0, row), value(call, 1, row), step) else {
            return;
        };
        if step == 0 {
            return;
        }
        let values = std::iter::successors(Some(start), |value| value.checked_add(step));
        let inside = values.take_while(|&value| if step > 0 { value <= stop } else { value >= stop });
        writer.array(|elements| {
            for value in inside.take(ELEMENTS_MAX) {
                elements.push(|writer| write(writer, value));
            }
        });
    })
}

fn fractional(call: &Call<'_>) -> Computed {
    call.dynamics(|row, writer| {
        let step = if call.has(2) { call.real(2, row) } else { Some(1.0) };
        let (Some(start), Some(stop), Some(step)) = (call.real(0, row), call.real(1, row), step) else {
            return;
        };
        if step == 0.0 || start.is_nan() || stop.is_nan() || step.is_nan() {
            return;
        }
        // Multiplied and not added up, so that no error adds up either.
        let values = (0_u32..).map(|steps| {
            if steps == 0 {
                start
            } else {
                start + f64::from(steps) * step
            }
        });
        let inside = values.take_while(|&value| if step > 0.0 { value <= stop } else { value >= stop });
        writer.array(|elements| {
            for value in inside.take(ELEMENTS_MAX) {
                elements.push(|writer| writer.real(value));
            }
        });
    })
}
