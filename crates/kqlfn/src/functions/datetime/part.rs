//! The parts of a datetime by their names, as they are counted, added and told apart.

use kql::values::{
    TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND, days_from_civil, days_in_month,
};

use kql::{Code, Fault};

use super::clock::{civil, day_of_year, days, in_range, iso_week, weekday};
use crate::function::Refusal;

/// A part of a datetime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Year,
    Quarter,
    Month,
    Week,
    WeekOfYear,
    OldWeekOfYear,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

const COMMON: [(&str, Part); 10] = [
    ("year", Part::Year),
    ("quarter", Part::Quarter),
    ("month", Part::Month),
    ("day", Part::Day),
    ("hour", Part::Hour),
    ("minute", Part::Minute),
    ("second", Part::Second),
    ("millisecond", Part::Millisecond),
    ("microsecond", Part::Microsecond),
    ("nanosecond", Part::Nanosecond),
];

const NANOSECONDS_PER_TICK: i64 = 100;

fn find(name: &str, others: &[(&str, Part)]) -> Result<Part, Refusal> {
    COMMON
        .iter()
        .chain(others)
        .find(|(held, _)| held.eq_ignore_ascii_case(name))
        .map(|&(_, part)| part)
        .ok_or_else(|| Refusal::new(format!("`{name}` is no part of a datetime")))
}

/// Parts that only lengths of time have.
const LENGTHS: [(&str, Part); 1] = [("week", Part::Week)];

/// Parts that only a datetime has.
const COMPONENTS: [(&str, Part); 3] = [
    ("week_of_year", Part::WeekOfYear),
    ("weekofyear", Part::OldWeekOfYear),
    ("dayofyear", Part::DayOfYear),
];

/// A part that a length of time can be measured in.
pub(super) fn length(name: &str) -> Result<Part, Refusal> {
    find(name, &LENGTHS)
}

/// A part that a datetime has.
pub(super) fn component(name: &str) -> Result<Part, Refusal> {
    find(name, &COMPONENTS)
}

/// What is wrong with a name as such a part.
pub(crate) fn no_length(name: &str) -> Option<Fault> {
    fault(name, &LENGTHS)
}

/// What is wrong with a name as such a part.
pub(crate) fn no_component(name: &str) -> Option<Fault> {
    fault(name, &COMPONENTS)
}

fn fault(name: &str, others: &[(&str, Part)]) -> Option<Fault> {
    let refusal = find(name, others).err()?;
    let known: Vec<&str> = COMMON.iter().chain(others).map(|(held, _)| *held).collect();
    Some(Fault {
        code: Code::SEM0219,
        message: refusal.message,
        hint: format!("there are {}", known.join(", ")),
    })
}

/// The older count of weeks: they begin on Sunday and belong to the year of their Wednesday.
const fn old_week(ticks: i64) -> i64 {
    let days = days(ticks);
    (day_of_year(days - weekday(days) + 3) - 1) / 7 + 1
}

impl Part {
    /// How many ticks one has, of those that are always as long.
    const fn ticks(self) -> Option<i64> {
        match self {
            Self::Week => Some(7 * TICKS_PER_DAY),
            Self::Day => Some(TICKS_PER_DAY),
            Self::Hour => Some(TICKS_PER_HOUR),
            Self::Minute => Some(TICKS_PER_MINUTE),
            Self::Second => Some(TICKS_PER_SECOND),
            Self::Millisecond => Some(TICKS_PER_MILLISECOND),
            Self::Microsecond => Some(TICKS_PER_MICROSECOND),
            _ => None,
        }
    }

    /// How many months one has.
    const fn months(self) -> Option<i64> {
        match self {
            Self::Year => Some(12),
            Self::Quarter => Some(3),
            Self::Month => Some(1),
            _ => None,
        }
    }

    /// The ticks after so many more.
    pub(super) fn add(self, value: i64, ticks: i64) -> Option<i64> {
        if let Some(months) = self.months() {
            return add_months(value.checked_mul(months)?, ticks);
        }
        let added = match self.ticks() {
            Some(unit) => value.checked_mul(unit)?,
            None => value / NANOSECONDS_PER_TICK,
        };
        in_range(ticks.checked_add(added)?)
    }

    /// How many boundaries lie between two datetimes.
    pub(super) fn difference(self, later: i64, earlier: i64) -> Option<i64> {
        match (self, self.months(), self.ticks()) {
            (_, Some(months), _) => {
                let count = |ticks| {
                    let date = civil(ticks);
                    (date.year * 12 + date.month - 1).div_euclid(months)
                };
                Some(count(later) - count(earlier))
            }
            // Weeks begin on Sunday, the calendar on a Monday.
            (Self::Week, ..) => {
                let count = |ticks| (days(ticks) + 1).div_euclid(7);
                Some(count(later) - count(earlier))
            }
            (_, _, Some(unit)) => later.div_euclid(unit).checked_sub(earlier.div_euclid(unit)),
            _ => later.checked_sub(earlier)?.checked_mul(NANOSECONDS_PER_TICK),
        }
    }

    /// What a datetime has of it.
    pub(super) const fn of(self, ticks: i64) -> i64 {
        let of_second = ticks.rem_euclid(TICKS_PER_SECOND);
        match self {
            Self::Year => civil(ticks).year,
            Self::Quarter => (civil(ticks).month + 2) / 3,
            Self::Month => civil(ticks).month,
            Self::Week | Self::WeekOfYear => iso_week(ticks),
            Self::OldWeekOfYear => old_week(ticks),
            Self::Day => civil(ticks).day,
            Self::DayOfYear => day_of_year(days(ticks)),
            Self::Hour => ticks.div_euclid(TICKS_PER_HOUR).rem_euclid(24),
            Self::Minute => ticks.div_euclid(TICKS_PER_MINUTE).rem_euclid(60),
            Self::Second => ticks.div_euclid(TICKS_PER_SECOND).rem_euclid(60),
            Self::Millisecond => of_second / TICKS_PER_MILLISECOND,
            Self::Microsecond => of_second / TICKS_PER_MICROSECOND,
            Self::Nanosecond => of_second * NANOSECONDS_PER_TICK,
        }
    }
}

/// So many months later; a day that the month does not have is its last.
fn add_months(months: i64, ticks: i64) -> Option<i64> {
    let date = civil(ticks);
    let month = (date.year * 12 + date.month - 1).checked_add(months)?;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let day = date.day.min(days_in_month(year, month));
    Some(days_from_civil(year, month, day) * TICKS_PER_DAY + ticks.rem_euclid(TICKS_PER_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_any_size_do_no_harm() {
        let names = COMMON.iter().map(|(name, _)| *name);
        for name in names.chain(["week", "week_of_year", "weekofyear", "dayofyear"]) {
            for ticks in [i64::MIN, -1, 0, 1, i64::MAX] {
                let Ok(part) = length(name).or_else(|_| component(name)) else {
                    panic!("{name} is a part");
                };
                part.of(ticks);
                for other in [i64::MIN, 0, i64::MAX] {
                    part.add(other, ticks);
                    part.difference(other, ticks);
                }
            }
        }
        assert!(length("dayofyear").is_err() && component("week").is_err());
    }
}
