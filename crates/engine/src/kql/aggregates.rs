//! KQL's own aggregates as the query library wants them. The name of one carries its types, so that a plan that travels
//! finds it again.

mod distinct;
mod kept;
mod ranked;

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, BooleanArray, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use kql::ScalarType;
use kqlfn::arrow_type;

pub(super) use distinct::distinct;
pub(super) use kept::{Key, kept};
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

/// The type of what an aggregate gives: a value, or several side by side.
fn type_of(gives: &[ScalarType]) -> DataType {
    match gives {
        [one] => arrow_type(*one),
        many => {
            let fields = many.iter().enumerate();
            let fields = fields.map(|(at, kind)| Field::new(field_name(at), arrow_type(*kind), true));
            DataType::Struct(fields.collect())
        }
    }
}

/// The columns that an aggregate gives, as one.
fn side_by_side(columns: Vec<ArrayRef>) -> Result<ArrayRef> {
    if let [one] = columns.as_slice() {
        return Ok(Arc::clone(one));
    }
    let fields = columns.iter().enumerate();
    let fields: Fields = fields
        .map(|(at, column)| Field::new(field_name(at), column.data_type().clone(), true))
        .collect();
    Ok(Arc::new(StructArray::try_new(fields, columns, None)?))
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

/// Groups that an aggregate computes with. It can also be asked where no row has come.
trait Grouped: GroupsAccumulator + Clone + Debug + Sync + 'static {
    /// It may give no value.
    const IS_NULLABLE: bool = true;

    /// There are so many groups or more, with rows or without.
    fn at_least(&mut self, groups: usize);
}

/// An aggregate of the library: its name says all of it.
#[derive(Debug)]
struct Named<G> {
    name: String,
    /// Of each argument the values travel as lists.
    kinds: Vec<ScalarType>,
    gives: DataType,
    signature: Signature,
    /// No groups yet.
    none: G,
}

/// The aggregate of a name, its arguments, what it gives, and no groups yet.
fn named<G: Grouped>(name: String, kinds: Vec<ScalarType>, gives: DataType, none: G) -> Arc<AggregateUDF> {
    let types = kinds.iter().map(|kind| arrow_type(*kind)).collect();
    Arc::new(AggregateUDF::new_from_impl(Named {
        name,
        kinds,
        gives,
        signature: Signature::exact(types, Volatility::Immutable),
        none,
    }))
}

impl<G> PartialEq for Named<G> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<G> Eq for Named<G> {}

impl<G> Hash for Named<G> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<G: Grouped> AggregateUDFImpl for Named<G> {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn is_nullable(&self) -> bool {
        G::IS_NULLABLE
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let kinds = self.kinds.iter().enumerate();
        Ok(kinds
            .map(|(at, kind)| {
                let name = format!("{}[{at}]", args.name);
                Arc::new(Field::new_list(name, item(*kind), true))
            })
            .collect())
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(self.none.clone())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.none.clone()))
    }
}

/// What is kept of the values of one argument, group by group.
trait Values: Clone + Debug + Send + Sync + 'static {
    /// It may give no value.
    const IS_NULLABLE: bool = true;

    /// The type of the values.
    fn kind(&self) -> ScalarType;

    /// There are so many groups or more.
    fn at_least(&mut self, groups: usize);

    /// Takes values, each with its group; those without one are passed over.
    fn add(&mut self, values: &ArrayRef, group_of: impl Fn(usize) -> Option<usize>) -> Result<()>;

    /// What comes of the groups that go out.
    fn computed(&mut self, emit: EmitTo) -> Result<ArrayRef>;

    /// What is kept of the groups that go out, a list each.
    fn listed(&mut self, emit: EmitTo) -> Result<ArrayRef>;

    /// Bytes that it takes.
    fn bytes(&self) -> usize;
}

/// An aggregate of one argument, of which values are kept.
#[derive(Clone, Debug)]
struct OfValues<V>(V);

impl<V: Values> Grouped for OfValues<V> {
    const IS_NULLABLE: bool = V::IS_NULLABLE;

    fn at_least(&mut self, groups: usize) {
        self.0.at_least(groups);
    }
}

impl<V: Values> GroupsAccumulator for OfValues<V> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.at_least(total_num_groups);
        let Some(values) = values.first() else {
            return Ok(());
        };
        self.0.add(values, |row| {
            let group = group_indices.get(row).copied();
            group.filter(|_| is_kept(opt_filter, row))
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.0.computed(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.0.listed(emit_to)?])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.at_least(total_num_groups);
        let Some(state) = values.first() else {
            return Ok(());
        };
        let (values, groups) = unfolded(lists_of(state)?, group_indices);
        self.0.add(&values, |row| groups.get(row).copied())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let lists = values.iter();
        lists
            .map(|values| single_lists(self.0.kind(), values, opt_filter))
            .collect()
    }

    fn size(&self) -> usize {
        self.0.bytes()
    }
}

/// All rows are one group.
#[derive(Debug)]
struct One<G>(G);

impl<G: Grouped> Accumulator for One<G> {
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
