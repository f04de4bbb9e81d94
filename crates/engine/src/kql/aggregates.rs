//! KQL's own aggregates as the query library wants them. The name of one carries its types, so that a plan that travels
//! finds it again.

mod distinct;
mod kept;
mod ranked;

use std::fmt::Debug;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, BooleanArray, ListArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::{Accumulator, AggregateUDF, EmitTo, GroupsAccumulator};
use kql::ScalarType;
use kqlfn::arrow_type;

pub(super) use distinct::distinct;
pub(super) use kept::kept;
pub(super) use ranked::ranked;

/// The aggregate of a name that has travelled.
pub(crate) fn aggregate_by_name(name: &str) -> Option<Arc<AggregateUDF>> {
    let (prefix, rest) = name.split_once(':')?;
    match prefix {
        distinct::PREFIX => distinct::by_name(rest),
        ranked::PREFIX => ranked::by_name(rest),
        kept::PREFIX => kept::by_name(rest),
        _ => None,
    }
}

/// What the column of an aggregate that gives several is called.
pub(super) fn field_name(at: usize) -> String {
    format!("c{at}")
}

/// The elements of lists of values of a type.
fn item(kind: ScalarType) -> FieldRef {
    Arc::new(Field::new_list_field(arrow_type(kind), true))
}

fn lists_of(state: &ArrayRef) -> Result<&ListArray> {
    state
        .as_list_opt::<i32>()
        .ok_or_else(|| exec_datafusion_err!("rows of an aggregate are no lists"))
}

/// The elements of lists one after the other, and the group of each: that of its list.
fn unfolded(lists: &ListArray, group_of: &[usize]) -> (ArrayRef, Vec<usize>) {
    let mut groups = Vec::with_capacity(lists.values().len());
    for (at, group) in group_of.iter().enumerate() {
        let length = usize::try_from(lists.value_length(at)).unwrap_or(0);
        groups.extend(std::iter::repeat_n(*group, length));
    }
    let start = lists.value_offsets().first().copied().unwrap_or(0);
    let start = usize::try_from(start).unwrap_or(0);
    (lists.values().slice(start, groups.len()), groups)
}

/// True for rows that a filter keeps.
fn is_kept(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

/// Each value as a list of its own; none where there is no value.
fn single_lists(kind: ScalarType, values: &ArrayRef, filter: Option<&BooleanArray>) -> Result<ArrayRef> {
    let holds = |row: usize| values.is_valid(row) && is_kept(filter, row);
    let kept: BooleanArray = (0..values.len()).map(|row| Some(holds(row))).collect();
    let offsets = OffsetBuffer::<i32>::from_lengths((0..values.len()).map(|row| usize::from(holds(row))));
    let values = arrow_select::filter::filter(values, &kept)?;
    Ok(Arc::new(ListArray::try_new(item(kind), offsets, values, None)?))
}

/// An aggregate of groups that can also be asked where no row has come.
trait Grouped: GroupsAccumulator {
    /// There are so many groups or more, with rows or without.
    fn at_least(&mut self, groups: usize);
}

/// All rows are one group.
#[derive(Debug)]
struct One<G>(G);

impl<G: Grouped + Debug + Sync> Accumulator for One<G> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |column| column.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.at_least(1);
        ScalarValue::try_from_array(&self.0.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.at_least(1);
        let lists = self.0.state(EmitTo::All)?;
        lists
            .iter()
            .map(|list| ScalarValue::try_from_array(list, 0))
            .collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |column| column.len());
        self.0.merge_batch(states, &vec![0; rows], 1)
    }
}
