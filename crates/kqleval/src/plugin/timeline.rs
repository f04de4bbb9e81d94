//! A column of moments or whole numbers, parted into windows: what the plugins over timelines share. It counts nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use kql::ScalarType;
use kql::bound::PluginCall;
use kql::values::{civil_from_days, days_from_civil};
use kqlfn::{Cell, Column};

use crate::budget::{Budget, Held};
use crate::grouping::groups;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, key, whole};
use crate::{Failure, Result};

const TICKS_PER_DAY: i64 = 864_000_000_000;

/// A timeline has at most so many windows: more come of a mistaken unit.
const WINDOWS_MAX: usize = 1_000_000;

/// What a row takes: its place and id, and its number among those of its slice, its window and its id.
const ROW_BYTES: usize = 96;

/// What an id takes beside its bytes.
const ID_BYTES: usize = 96;

/// The moment or number of a cell.
pub(super) fn place(cell: Cell<'_>) -> Option<i64> {
    cell.ticks().or_else(|| cell.long())
}

/// How a timeline is parted.
#[derive(Clone, Copy)]
pub(super) enum Windows {
    /// From a place on, each so long.
    Fixed(i64, i64),
    /// By the calendar.
    Week,
    /// By the calendar.
    Month,
    /// By the calendar.
    Year,
}

impl Windows {
    /// As an argument says: a length, or a word of the calendar.
    pub(super) fn of(length: &Value, start: i64) -> Result<Self> {
        match length.cell() {
            Cell::String("week") => Ok(Self::Week),
            Cell::String("month") => Ok(Self::Month),
            Cell::String("year") => Ok(Self::Year),
            cell => match place(cell) {
                Some(length) if length > 0 => Ok(Self::Fixed(start, length)),
                _ => Err(Failure::new(
                    "a window is longer than 0, or one of `week`, `month` and `year`",
                )),
            },
        }
    }

    /// Where the window begins that a place is in.
    pub(super) fn floor(self, at: i64) -> i64 {
        let days = at.div_euclid(TICKS_PER_DAY);
        let date = civil_from_days(days);
        match self {
            Self::Fixed(start, length) => {
                let distance = i128::from(at) - i128::from(start);
                let inside = distance.rem_euclid(i128::from(length));
                i64::try_from(i128::from(at) - inside).unwrap_or(i64::MIN)
            }
            // The first day of the calendar was a Monday, and weeks begin on Sundays.
            Self::Week => (days - (days + 1).rem_euclid(7)).saturating_mul(TICKS_PER_DAY),
            Self::Month => days_from_civil(date.year, date.month, 1).saturating_mul(TICKS_PER_DAY),
            Self::Year => days_from_civil(date.year, 1, 1).saturating_mul(TICKS_PER_DAY),
        }
    }

    /// The window after one that begins there.
    fn next(self, floor: i64) -> i64 {
        match self {
            Self::Fixed(_, length) => floor.saturating_add(length),
            Self::Week => floor.saturating_add(7 * TICKS_PER_DAY),
            Self::Month => self.floor(floor.saturating_add(31 * TICKS_PER_DAY)),
            Self::Year => self.floor(floor.saturating_add(366 * TICKS_PER_DAY)),
        }
    }

    /// The window before one that begins there.
    pub(super) fn before(self, floor: i64) -> i64 {
        self.floor(floor.saturating_sub(1))
    }

    /// All windows from one place to another.
    pub(super) fn between(self, from: i64, to: i64) -> Result<Vec<i64>> {
        let mut all = Vec::new();
        let mut at = self.floor(from);
        while at <= to {
            all.push(at);
            if all.len() > WINDOWS_MAX {
                return Err(Failure::new(format!(
                    "a timeline has at most {WINDOWS_MAX} windows, and this one has more"
                )));
            }
            let next = self.next(at);
            if next <= at {
                break;
            }
            at = next;
        }
        Ok(all)
    }

    /// How far before a window those begin that a longer window ending with it has.
    pub(super) fn reach(self, longer: i64) -> i64 {
        match self {
            Self::Fixed(_, length) => longer.saturating_sub(length),
            _ => longer.saturating_sub(1),
        }
    }
}

/// The rows that have the same dimensions.
pub(super) struct Slice {
    /// The dimensions.
    pub(super) dimensions: Vec<Value>,
    /// The rows.
    pub(super) rows: Vec<usize>,
}

/// Who was active when.
pub(super) struct Timeline<'b> {
    pub(super) budget: &'b Budget<'b>,
    _held: Held,
    kind: ScalarType,
    places: Vec<Option<i64>>,
    ids: Vec<Option<usize>>,
    numbers: HashMap<Vec<u8>, usize>,
    /// The slices.
    pub(super) slices: Vec<Slice>,
    /// Where the analysis begins.
    pub(super) start: i64,
    /// The last place of the analysis.
    pub(super) end: i64,
}

impl Evaluator<'_> {
    /// The timeline of a call whose arguments are id, place, start, end, others, and dimensions from a place on.
    pub(super) fn timeline(
        &self,
        call: &PluginCall,
        table: &Table,
        dimensions: usize,
    ) -> Result<Timeline<'_>> {
        let [id, times, start, end, ..] = call.arguments.as_slice() else {
            return Err(Failure::new(format!("`{}` takes more arguments", call.name)));
        };
        let id = self.column(id, table)?;
        let times = self.column(times, table)?;
        let dimensions = call
            .arguments
            .iter()
            .skip(dimensions)
            .map(|dimension| self.column(dimension, table))
            .collect::<Result<Vec<Column>>>()?;
        let mut held = self.budget.hold();
        held.grow(table.rows.saturating_mul(ROW_BYTES))?;
        let slices = groups(&dimensions, table.rows, &self.budget)?
            .rows
            .into_iter()
            .map(|rows| Slice {
                dimensions: dimensions
                    .iter()
                    .map(|column| Value::from(rows.first().map_or(Cell::Null, |row| column.cell(*row))))
                    .collect(),
                rows,
            })
            .collect();
        let places: Vec<Option<i64>> = (0..table.rows).map(|row| place(times.cell(row))).collect();
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut ids = Vec::with_capacity(table.rows);
        for row in 0..table.rows {
            self.budget.tick()?;
            ids.push(match id.cell(row) {
                Cell::Null => None,
                cell => {
                    let next = numbers.len();
                    let key = key(&[cell]);
                    let bytes = key.len();
                    let number = *numbers.entry(key).or_insert(next);
                    if number == next {
                        held.grow(ID_BYTES + bytes)?;
                    }
                    Some(number)
                }
            });
        }
        // Without ends the analysis is of all there is.
        let first = places.iter().flatten().min().copied();
        let last = places.iter().flatten().max().copied();
        Ok(Timeline {
            budget: &self.budget,
            _held: held,
            kind: times.kind,
            start: place(self.constant(start)?.cell()).or(first).unwrap_or(0),
            end: place(self.constant(end)?.cell()).or(last).unwrap_or(-1),
            places,
            ids,
            numbers,
            slices,
        })
    }
}

impl Timeline<'_> {
    /// The rows up to the end of the analysis, by the window that they are in.
    pub(super) fn until_end(&self, slice: &Slice, windows: Windows) -> BTreeMap<i64, Vec<usize>> {
        let mut by_window: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (row, at) in self.placed(&slice.rows) {
            by_window.entry(windows.floor(at)).or_default().push(row);
        }
        by_window
    }

    /// The rows of the analysis, by the window that they are in.
    pub(super) fn by_window(&self, slice: &Slice, windows: Windows) -> BTreeMap<i64, Vec<usize>> {
        let mut by_window: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (row, at) in self.placed(&slice.rows).filter(|(_, at)| *at >= self.start) {
            by_window.entry(windows.floor(at)).or_default().push(row);
        }
        by_window
    }

    fn placed<'s>(&'s self, rows: &'s [usize]) -> impl Iterator<Item = (usize, i64)> + 's {
        let rows = rows.iter().take_while(|_| self.budget.goes_on());
        rows.filter_map(|row| {
            let at = self.places.get(*row).copied().flatten()?;
            (at <= self.end).then_some((*row, at))
        })
    }

    /// Who is in some rows.
    pub(super) fn ids(&self, rows: &[usize]) -> HashSet<usize> {
        rows.iter().filter_map(|row| self.id(*row)).collect()
    }

    pub(super) fn id(&self, row: usize) -> Option<usize> {
        self.ids.get(row).copied().flatten()
    }

    /// The number of somebody who is named elsewhere.
    pub(super) fn number(&self, id: Cell<'_>) -> Option<usize> {
        self.numbers.get(&key(&[id])).copied()
    }

    /// When each has been there up to the end, in order.
    pub(super) fn appearances(&self, slice: &Slice) -> BTreeMap<usize, Vec<i64>> {
        let mut of_ids: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for (row, at) in self.placed(&slice.rows) {
            if let Some(id) = self.id(row) {
                of_ids.entry(id).or_default().push(at);
            }
        }
        for appearances in of_ids.values_mut() {
            appearances.sort_unstable();
        }
        of_ids
    }

    /// A row of the answer: the window, the dimensions, what was counted.
    pub(super) fn row(&self, windows: &[i64], slice: &Slice, counted: &[Value]) -> Vec<Value> {
        windows
            .iter()
            .map(|at| whole(self.kind, *at))
            .chain(slice.dimensions.iter().cloned())
            .chain(counted.iter().cloned())
            .collect()
    }
}
