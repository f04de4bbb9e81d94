//! The slices of a pie: a row each, and what is beyond the limit as one, so that they make the whole.

use model::limits::CHART_WORDS_MAX;

use super::marks::Marks;
use crate::notes::{LeftOut, other};
use crate::{NotDrawn, Point, Series, label};

struct Slice {
    /// Where it stands among the rows.
    at: usize,
    word: String,
    measure: f64,
}

/// The words of slices, and their measures as the one series that a pie has.
pub(super) fn slices(
    marks: Marks<'_>,
    order: &[usize],
    left_out: &mut LeftOut,
) -> Result<(Vec<String>, Vec<Series>), NotDrawn> {
    // The largest first, equal ones by their words.
    let mut slices: Vec<Slice> = Vec::new();
    let (mut count, mut rest) = (0, 0.0);
    for (at, row) in order.iter().enumerate() {
        let has_any = marks.each(*row, 0, |point| {
            if point.y < 0.0 {
                return Err(NotDrawn::new(
                    "a slice of a pie cannot be negative",
                    "`render barchart` draws negative measures",
                ));
            }
            count += 1;
            rest += keep(&mut slices, at, point.y, || word(marks, *row));
            Ok(())
        })?;
        left_out.rows += usize::from(!has_any);
    }
    let sum = slices.iter().fold(rest, |sum, slice| sum + slice.measure);
    if !sum.is_finite() {
        return Err(NotDrawn::new(
            "the slices of the pie are too large to be summed",
            "`render barchart` draws them one by one",
        ));
    }
    if count > slices.len() {
        rest += slices.pop().map_or(0.0, |slice| slice.measure);
        let beyond = count - slices.len();
        left_out.slices = (beyond, count);
        slices.push(Slice {
            at: order.len(),
            word: other(beyond),
            measure: rest,
        });
    } else {
        slices.sort_by_key(|slice| slice.at);
    }
    let number = marks.chosen.measures.first();
    let name = number.and_then(|at| marks.rows.schema.get(*at));
    let mut series = Series {
        name: name.map_or_else(String::new, |column| column.name.to_string()),
        measure: 0,
        points: Vec::new(),
    };
    let mut words = Vec::with_capacity(slices.len());
    for (place, slice) in slices.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a place among few words")]
        let x = place as f64;
        words.push(slice.word);
        series.points.push(Point {
            x,
            y: slice.measure,
            is_odd: false,
        });
    }
    Ok((words, vec![series]))
}

/// Puts a slice among the largest, and gives the measure of what has no room.
fn keep(slices: &mut Vec<Slice>, at: usize, measure: f64, word: impl FnOnce() -> String) -> f64 {
    let is_full = slices.len() >= CHART_WORDS_MAX;
    if is_full && slices.last().is_some_and(|last| last.measure > measure) {
        return measure;
    }
    let slice = Slice {
        at,
        word: word(),
        measure,
    };
    let place = slices.partition_point(|held| {
        let by_measure = slice.measure.total_cmp(&held.measure);
        let by_word = || held.word.cmp(&slice.word).then(held.at.cmp(&slice.at));
        by_measure.then_with(by_word).is_lt()
    });
    slices.insert(place, slice);
    if is_full {
        slices.pop().map_or(0.0, |last| last.measure)
    } else {
        0.0
    }
}

/// What a slice is of: its place, and all that names it.
fn word(marks: Marks<'_>, row: usize) -> String {
    let columns = std::iter::once(&marks.chosen.x).chain(&marks.chosen.series);
    let cells = columns.map(|at| label::cell(marks.rows.cell(*at, row)));
    cells.collect::<Vec<_>>().join(", ")
}
