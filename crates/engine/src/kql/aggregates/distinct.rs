//! `dcount`: how many different values each group has, counted and not estimated.
//!
//! A value is remembered once, whichever groups it is in, and each pair of group and value is eight or sixteen bytes:
//! the library keeps a set of its own for each group, which for a million groups of a few values takes 18 GB.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::{HashSet, RandomState};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, ListArray, StringViewArray, new_empty_array,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{AggregateUDF, EmitTo};
use kql::ScalarType;
use kqlfn::arrow_type;

use super::{OfValues, Values, item, named};

pub(super) const PREFIX: &str = "kql-distinct";

/// How many different values of a type there are.
pub(in crate::kql) fn distinct(kind: ScalarType) -> Arc<AggregateUDF> {
    let name = format!("{PREFIX}:{}", kind.name());
    named(name, vec![kind], DataType::Int64, OfValues(Groups::of(kind)))
}

/// The aggregate of a name, behind its prefix.
pub(super) fn by_name(name: &str) -> Option<Arc<AggregateUDF>> {
    ScalarType::from_name(name).map(distinct)
}

/// Texts with a number each.
#[derive(Clone, Debug, Default)]
struct Texts {
    numbers: HashMap<Arc<str>, u64, RandomState>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

impl Texts {
    fn number(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u64;
        let text: Arc<str> = text.into();
        self.bytes += text.len() + 2 * size_of::<usize>();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }
}

/// Pairs of a group and a value, in eight bytes where the value is small.
#[derive(Clone, Debug, Default)]
struct Pairs {
    small: HashSet<u64>,
    large: HashSet<(u32, u64)>,
}

impl Pairs {
    /// True if the pair is new.
    fn insert(&mut self, group: u32, value: u64) -> bool {
        match u32::try_from(value) {
            Ok(value) => self.small.insert(u64::from(group) << 32 | u64::from(value)),
            Err(_) => self.large.insert((group, value)),
        }
    }

    fn into_pairs(self) -> impl Iterator<Item = (u32, u64)> {
        let small = self
            .small
            .into_iter()
            .map(|pair| ((pair >> 32) as u32, pair & 0xffff_ffff));
        small.chain(self.large)
    }

    fn size(&self) -> usize {
        self.small.capacity() * (size_of::<u64>() + 1) + self.large.capacity() * (size_of::<(u32, u64)>() + 1)
    }
}

/// The values of all groups.
#[derive(Clone, Debug)]
struct Groups {
    kind: ScalarType,
    /// Groups and values: numbers themselves, or the numbers of texts.
    seen: Pairs,
    counts: Vec<i64>,
    texts: Texts,
}

impl Groups {
    fn of(kind: ScalarType) -> Self {
        Self {
            kind,
            seen: Pairs::default(),
            counts: Vec::new(),
            texts: Texts::default(),
        }
    }

    /// The pairs of the groups that go out, and how many each has; the others are numbered anew.
    fn emitted(&mut self, emit: EmitTo) -> (Vec<(u32, u64)>, Vec<i64>) {
        let seen = std::mem::take(&mut self.seen);
        match emit {
            EmitTo::All => {
                let counts = std::mem::take(&mut self.counts);
                (seen.into_pairs().collect(), counts)
            }
            EmitTo::First(first) => {
                let rest = self.counts.split_off(first.min(self.counts.len()));
                let counts = std::mem::replace(&mut self.counts, rest);
                let mut out = Vec::new();
                for (group, value) in seen.into_pairs() {
                    match (group as usize).checked_sub(first).map(u32::try_from) {
                        Some(Ok(left)) => {
                            self.seen.insert(left, value);
                        }
                        _ => out.push((group, value)),
                    }
                }
                (out, counts)
            }
        }
    }

    /// Remembered values as they came.
    fn array(&self, values: &[u64]) -> Result<ArrayRef> {
        let numbers = || values.iter().map(|value| value.cast_signed());
        #[expect(clippy::cast_possible_truncation, reason = "it was an int")]
        let array: ArrayRef = match arrow_type(self.kind) {
            DataType::Int64 => Arc::new(Int64Array::from_iter_values(numbers())),
            DataType::Int32 => Arc::new(Int32Array::from_iter_values(
                numbers().map(|number| number as i32),
            )),
            DataType::Boolean => Arc::new(BooleanArray::from_iter(
                values.iter().map(|value| Some(*value == 1)),
            )),
            DataType::Utf8View => {
                let text = |number: &u64| {
                    let number = usize::try_from(*number).unwrap_or(usize::MAX);
                    self.texts.texts.get(number).map(AsRef::as_ref)
                };
                Arc::new(values.iter().map(text).collect::<StringViewArray>())
            }
            other => new_empty_array(&other),
        };
        if array.len() == values.len() {
            Ok(array)
        } else {
            Err(exec_datafusion_err!(
                "values of type {} are not counted",
                array.data_type()
            ))
        }
    }
}

impl Values for Groups {
    /// A count is always there.
    const IS_NULLABLE: bool = false;

    fn kind(&self) -> ScalarType {
        self.kind
    }

    fn at_least(&mut self, groups: usize) {
        if self.counts.len() < groups {
            self.counts.resize(groups, 0);
        }
    }

    fn add(&mut self, values: &ArrayRef, group_of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        // Sorted rows repeat themselves.
        let mut last: Option<(usize, u64)> = None;
        let Self {
            seen, counts, texts, ..
        } = self;
        let mut see = |group: usize, value: u64| -> Result<()> {
            if last == Some((group, value)) {
                return Ok(());
            }
            last = Some((group, value));
            let number = u32::try_from(group).map_err(|_| exec_datafusion_err!("too many groups"))?;
            let is_new = seen.insert(number, value);
            if let Some(count) = counts.get_mut(group).filter(|_| is_new) {
                *count += 1;
            }
            Ok(())
        };
        let rows = (0..values.len()).filter(|row| values.is_valid(*row));
        let mut placed = rows.filter_map(|row| Some((row, group_of(row)?)));
        match values.data_type() {
            DataType::Int64 => {
                let values = values.as_primitive::<Int64Type>();
                placed.try_for_each(|(row, group)| see(group, values.value(row).cast_unsigned()))
            }
            DataType::Int32 => {
                let values = values.as_primitive::<Int32Type>();
                placed.try_for_each(|(row, group)| see(group, i64::from(values.value(row)).cast_unsigned()))
            }
            DataType::Boolean => {
                let values = values.as_boolean();
                placed.try_for_each(|(row, group)| see(group, u64::from(values.value(row))))
            }
            DataType::Utf8View => {
                let values = values.as_string_view();
                let mut before: Option<(&str, u64)> = None;
                for (row, group) in placed {
                    let text = values.value(row);
                    let number = match before {
                        Some((held, number)) if held == text => number,
                        _ => texts.number(text),
                    };
                    before = Some((text, number));
                    see(group, number)?;
                }
                Ok(())
            }
            other => Err(exec_datafusion_err!("values of type {other} are not counted")),
        }
    }

    fn computed(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let (_, counts) = self.emitted(emit);
        Ok(Arc::new(Int64Array::from(counts)))
    }

    fn listed(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let (pairs, counts) = self.emitted(emit);
        let lengths = counts.iter().map(|count| usize::try_from(*count).unwrap_or(0));
        let offsets = OffsetBuffer::<i32>::from_lengths(lengths.clone());
        let mut next: Vec<usize> = lengths
            .scan(0, |end, length| {
                let start = *end;
                *end += length;
                Some(start)
            })
            .collect();
        let mut values = vec![0_u64; pairs.len()];
        for (group, value) in pairs {
            if let Some(place) = next.get_mut(group as usize) {
                if let Some(slot) = values.get_mut(*place) {
                    *slot = value;
                }
                *place += 1;
            }
        }
        let list = ListArray::try_new(item(self.kind), offsets, self.array(&values)?, None)?;
        Ok(Arc::new(list))
    }

    fn bytes(&self) -> usize {
        let texts = self.texts.numbers.capacity() * (size_of::<(Arc<str>, u64)>() + 1);
        self.seen.size()
            + self.counts.capacity() * size_of::<i64>()
            + self.texts.texts.capacity() * size_of::<Arc<str>>()
            + self.texts.bytes
            + texts
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::GroupsAccumulator as _;

    use super::*;

    fn texts(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(texts.iter().copied().collect::<StringViewArray>())
    }

    fn counts(array: &ArrayRef) -> Vec<i64> {
        array.as_primitive::<Int64Type>().values().to_vec()
    }

    fn groups(kind: ScalarType) -> OfValues<Groups> {
        OfValues(Groups::of(kind))
    }

    #[test]
    fn groups_go_out_one_after_the_other_and_the_rest_stays() {
        let mut held = groups(ScalarType::String);
        let values = texts(&[Some("a"), Some("b"), Some("a"), None, Some("c"), Some("a")]);
        held.update_batch(&[values], &[0, 1, 0, 1, 2, 2], None, 4)
            .unwrap();
        assert_eq!(counts(&held.evaluate(EmitTo::First(1)).unwrap()), [1]);
        held.update_batch(&[texts(&[Some("b"), Some("d")])], &[0, 1], None, 3)
            .unwrap();
        assert_eq!(counts(&held.evaluate(EmitTo::All).unwrap()), [1, 3, 0]);
        assert!(held.0.seen.into_pairs().next().is_none() && held.0.counts.is_empty());
    }

    #[test]
    fn what_was_counted_apart_is_counted_together() {
        let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None, Some(1)]));
        let filter = BooleanArray::from(vec![Some(true), Some(true), Some(true), None]);
        let (mut left, mut right, mut whole) = (
            groups(ScalarType::Long),
            groups(ScalarType::Long),
            groups(ScalarType::Long),
        );
        left.update_batch(&[Arc::clone(&values)], &[0, 1, 1, 1], Some(&filter), 2)
            .unwrap();
        right
            .update_batch(&[Arc::clone(&values)], &[0, 0, 0, 0], None, 1)
            .unwrap();
        let states = right.convert_to_state(&[values], Some(&filter)).unwrap();
        whole
            .merge_batch(&left.state(EmitTo::All).unwrap(), &[0, 1], 2)
            .unwrap();
        whole
            .merge_batch(&right.state(EmitTo::All).unwrap(), &[1], 2)
            .unwrap();
        whole.merge_batch(&states, &[0, 0, 1, 1], 2).unwrap();
        assert_eq!(counts(&whole.evaluate(EmitTo::All).unwrap()), [2, 2]);
    }
}
