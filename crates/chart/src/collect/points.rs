//! The points of the series that are drawn.

use std::collections::{BTreeMap, HashMap};

use model::limits::{CHART_POINTS_MAX, CHART_WORDS_MAX};

use super::marks::Marks;
use super::series::{Kept, Slot};
use crate::notes::LeftOut;
use crate::{NotDrawn, Point, Scale, Series, label};

/// What is collected.
pub(super) struct Points<'t> {
    marks: Marks<'t>,
    kept: Kept,
    words: Words,
    /// What is beyond the limit of series: for each sum and each place, as bits, what they come to.
    sums: BTreeMap<(usize, u64), f64>,
    points: usize,
}

impl<'t> Points<'t> {
    pub(super) fn new(marks: Marks<'t>, kept: Kept) -> Self {
        Self {
            marks,
            kept,
            words: Words::default(),
            sums: BTreeMap::new(),
            points: 0,
        }
    }

    /// Takes the points of a row.
    pub(super) fn row(&mut self, row: usize, left_out: &mut LeftOut) -> Result<(), NotDrawn> {
        let (mut has_some, mut lacks_some) = (false, false);
        for measure in 0..self.marks.chosen.measures.len() {
            let number = self.kept.number(row, measure);
            let slot = self.kept.slot(number);
            if !matches!(slot, Slot::Nowhere) {
                let marks = self.marks;
                let has_any = marks.each(row, measure, |point| {
                    match self.place(row, number, point) {
                        Some(point) => self.add(slot, point)?,
                        None => left_out.bars += 1,
                    }
                    Ok(())
                })?;
                has_some |= has_any;
                lacks_some |= !has_any;
            }
        }
        left_out.rows += usize::from(lacks_some && !has_some);
        left_out.parts += usize::from(lacks_some && has_some);
        Ok(())
    }

    /// The words along the axis, and the series with their points.
    pub(super) fn finish(mut self) -> (Vec<String>, Vec<Series>) {
        for ((sum, place), y) in self.sums {
            if let Some(series) = self.kept.series.get_mut(self.kept.own + sum) {
                let x = f64::from_bits(place);
                series.points.push(Point { x, y, is_odd: false });
            }
        }
        (self.words.words, self.kept.series)
    }

    fn add(&mut self, slot: Slot, point: Point) -> Result<(), NotDrawn> {
        let is_new = match slot {
            Slot::Own(place) => {
                if let Some(series) = self.kept.series.get_mut(place) {
                    series.points.push(point);
                }
                true
            }
            Slot::Sum(sum) => {
                let before = self.sums.len();
                *self.sums.entry((sum, point.x.to_bits())).or_default() += point.y;
                self.sums.len() > before
            }
            Slot::Nowhere => false,
        };
        self.points += usize::from(is_new);
        if self.points > CHART_POINTS_MAX {
            return Err(NotDrawn::new(
                format!("the answer has more than {CHART_POINTS_MAX} points"),
                "take fewer: `| summarize … by bin(TimeGenerated, 1h)`",
            ));
        }
        Ok(())
    }

    /// The point at its place; along words there may be none.
    fn place(&mut self, row: usize, series: usize, point: Point) -> Option<Point> {
        if self.marks.chosen.scale != Scale::Words {
            return Some(point);
        }
        let word = label::cell(self.marks.rows.cell(self.marks.chosen.x, row));
        let place = self.words.place(word, series)?;
        #[expect(clippy::cast_precision_loss, reason = "a place among few words")]
        let x = place as f64;
        Some(Point { x, ..point })
    }
}

/// The words along the axis.
#[derive(Default)]
struct Words {
    words: Vec<String>,
    /// The places of each word.
    places: HashMap<String, Vec<usize>>,
    /// How many of a word's first places a series has taken, by the first of them.
    taken: HashMap<(usize, usize), usize>,
}

impl Words {
    /// The place of a word: a row that repeats one has a place of its own, for nothing is summed here.
    fn place(&mut self, word: String, series: usize) -> Option<usize> {
        let next = self.words.len();
        let has_room = next < CHART_WORDS_MAX;
        let Some(places) = self.places.get_mut(&word) else {
            if !has_room {
                return None;
            }
            self.taken.insert((next, series), 1);
            self.places.insert(word.clone(), vec![next]);
            self.words.push(word);
            return Some(next);
        };
        let first = places.first().copied().unwrap_or(next);
        let taken = self.taken.entry((first, series)).or_default();
        let place = match places.get(*taken) {
            Some(place) => *place,
            None if has_room => {
                places.push(next);
                self.words.push(word);
                next
            }
            None => return None,
        };
        *taken += 1;
        Some(place)
    }
}
