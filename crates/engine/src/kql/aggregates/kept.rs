//! KQL's own aggregates, whichever they are: the arguments of each group are kept, and computed with at the end as
//! `kqleval` does. A function's name carries its types: `kql-aggregate:arg_max(datetime,string)->datetime,string`.
//!
//! Lists are made in the order that the rows have. What they are ordered by comes behind the arguments:
//! `kql-aggregate:make_list(string|long asc first)->dynamic`.

use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::{Array, ArrayRef, BooleanArray, ListArray, UInt64Array};
use arrow_buffer::OffsetBuffer;
use datafusion::arrow::compute::{SortColumn, SortOptions, lexsort_to_indices};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{AggregateUDF, EmitTo, GroupsAccumulator};
use kql::ScalarType;
use kql::bound::{AggregateCall, Column};
use kqleval::{aggregate_groups, follows_order, survivors};
use kqlfn::{Column as KqlColumn, arrow_type};

use crate::views;

use super::{Grouped, field_name, item, lists_of, named, side_by_side, type_of, unfolded};

pub(super) const PREFIX: &str = "kql-aggregate";

/// Rows are looked through for those that can no longer count when so many have come since the last time.
const LOOKED_THROUGH_ROWS: usize = 1 << 16;

/// What rows are ordered by: the type, and how.
pub(in crate::kql) type Key = (ScalarType, SortOptions);

/// The aggregate of a call over arguments of some types, if it is one; behind the arguments come what rows are ordered by.
pub(in crate::kql) fn kept(
    call: &AggregateCall,
    arguments: &[ScalarType],
    keys: &[Key],
) -> Option<Arc<AggregateUDF>> {
    let gives: Vec<ScalarType> = call.columns.iter().map(|column| column.kind).collect();
    if gives.is_empty() {
        return None;
    }
    let columns = gives.iter().enumerate();
    let columns = columns.map(|(at, kind)| Column::new(field_name(at), *kind));
    let mut kinds = arguments.to_vec();
    kinds.extend(keys.iter().map(|(kind, _)| *kind));
    let none = Groups {
        call: Arc::new(AggregateCall {
            function: call.function.clone(),
            // They are computed before they come here.
            arguments: Vec::new(),
            columns: columns.collect(),
        }),
        kinds: kinds.clone(),
        order: keys.iter().map(|(_, options)| *options).collect(),
        columns: Vec::new(),
        group_of: Vec::new(),
        count: 0,
        rows_since: 0,
        bytes: 0,
    };
    let name = spelled(&call.function, arguments, keys, &gives);
    Some(named(name, kinds, type_of(&gives), none))
}

fn spelled(function: &str, arguments: &[ScalarType], keys: &[Key], gives: &[ScalarType]) -> String {
    let names = |kinds: &[ScalarType]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(",");
    let keys = keys.iter().map(|(kind, options)| {
        let direction = if options.descending { "desc" } else { "asc" };
        let nulls = if options.nulls_first { "first" } else { "last" };
        format!("{} {direction} {nulls}", kind.name())
    });
    let mut keys = keys.collect::<Vec<_>>().join(",");
    if !keys.is_empty() {
        keys.insert(0, '|');
    }
    format!(
        "{PREFIX}:{function}({}{keys})->{}",
        names(arguments),
        names(gives)
    )
}

/// The aggregate of a name, behind its prefix.
pub(super) fn by_name(name: &str) -> Option<Arc<AggregateUDF>> {
    let (call, gives) = name.rsplit_once(")->")?;
    let (function, kinds) = call.rsplit_once('(')?;
    let (arguments, keys) = kinds.split_once('|').unwrap_or((kinds, ""));
    let kinds_of = |text: &str| {
        text.split(',')
            .map(ScalarType::from_name)
            .collect::<Option<Vec<_>>>()
    };
    let keys = keys.split(',').filter(|key| !key.is_empty()).map(key);
    let columns = kinds_of(gives)?
        .into_iter()
        .map(|kind| Column::new("", kind))
        .collect();
    let call = AggregateCall {
        function: function.to_owned(),
        arguments: Vec::new(),
        columns,
    };
    kept(&call, &kinds_of(arguments)?, &keys.collect::<Option<Vec<_>>>()?)
}

/// `long asc first`.
fn key(text: &str) -> Option<Key> {
    let mut words = text.split(' ');
    let kind = ScalarType::from_name(words.next()?)?;
    let options = SortOptions {
        descending: words.next()? == "desc",
        nulls_first: words.next()? == "first",
    };
    Some((kind, options))
}

/// The arguments of all groups.
#[derive(Clone, Debug)]
struct Groups {
    call: Arc<AggregateCall>,
    /// Of the arguments, and behind them of what rows are ordered by.
    kinds: Vec<ScalarType>,
    /// How rows are ordered by the last columns.
    order: Vec<SortOptions>,
    /// The rows that have come, batch by batch: of each the arguments.
    columns: Vec<Vec<ArrayRef>>,
    /// The group of each row, batch by batch.
    group_of: Vec<Vec<usize>>,
    /// How many groups there are.
    count: usize,
    rows_since: usize,
    bytes: usize,
}

impl Groups {
    fn add(&mut self, columns: Vec<ArrayRef>, group_of: Vec<usize>, count: usize) -> Result<()> {
        self.count = self.count.max(count);
        self.rows_since += group_of.len();
        self.hold(columns, group_of);
        if self.rows_since >= LOOKED_THROUGH_ROWS.max(self.count) {
            self.thin_out()?;
        }
        Ok(())
    }

    fn hold(&mut self, columns: Vec<ArrayRef>, group_of: Vec<usize>) {
        self.bytes += columns.iter().map(|column| views::bytes(column)).sum::<usize>();
        self.bytes += group_of.len() * size_of::<usize>();
        self.columns.push(columns);
        self.group_of.push(group_of);
    }

    /// All rows in one batch, and the rows of each group.
    fn gathered(&mut self) -> Result<(Vec<KqlColumn>, Vec<Vec<usize>>)> {
        let (batches, group_of) = (
            std::mem::take(&mut self.columns),
            std::mem::take(&mut self.group_of),
        );
        self.bytes = 0;
        let mut columns = Vec::with_capacity(self.kinds.len());
        for (at, kind) in self.kinds.iter().enumerate() {
            let parts: Vec<&dyn Array> = batches
                .iter()
                .filter_map(|batch| batch.get(at).map(AsRef::as_ref))
                .collect();
            let array = if parts.is_empty() {
                arrow_array::new_empty_array(&arrow_type(*kind))
            } else {
                arrow_select::concat::concat(&parts)?
            };
            columns.push(KqlColumn::new(*kind, array));
        }
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); self.count];
        for (row, group) in group_of.iter().flatten().enumerate() {
            if let Some(places) = places.get_mut(*group) {
                places.push(row);
            }
        }
        self.put_in_order(&columns, &mut places)?;
        Ok((columns, places))
    }

    /// The rows of each group in their order, if they have one.
    fn put_in_order(&self, columns: &[KqlColumn], places: &mut [Vec<usize>]) -> Result<()> {
        if self.order.is_empty() {
            return Ok(());
        }
        let keys = columns.iter().skip(self.arguments()).zip(&self.order);
        let keys: Vec<SortColumn> = keys
            .map(|(column, options)| SortColumn {
                values: Arc::clone(&column.array),
                options: Some(*options),
            })
            .collect();
        let sorted = lexsort_to_indices(&keys, None)?;
        let mut ranks = vec![0_u32; sorted.len()];
        for (rank, row) in (0_u32..).zip(sorted.values()) {
            if let Some(held) = usize::try_from(*row).ok().and_then(|row| ranks.get_mut(row)) {
                *held = rank;
            }
        }
        for rows in places {
            rows.sort_unstable_by_key(|row| ranks.get(*row).copied());
        }
        Ok(())
    }

    /// So many of the columns are arguments.
    fn arguments(&self) -> usize {
        self.kinds.len().saturating_sub(self.order.len())
    }

    /// The rows of each group without those that can no longer count.
    fn left(&self, columns: &[KqlColumn], places: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        if !kqleval::has_survivors(&self.call.function) {
            return places;
        }
        let arguments = columns.get(..self.arguments()).unwrap_or_default();
        survivors(&self.call.function, arguments, places)
    }

    /// Puts rows back that were gathered; the first of them are gone for good.
    fn put_back(&mut self, columns: &[KqlColumn], places: &[Vec<usize>]) -> Result<()> {
        self.count = places.len();
        let rows = UInt64Array::from_iter_values(places.iter().flatten().map(|row| *row as u64));
        if rows.is_empty() {
            return Ok(());
        }
        let taken = columns
            .iter()
            .map(|column| {
                let taken = arrow_select::take::take(&column.array, &rows, None)?;
                Ok(views::compact(&taken))
            })
            .collect::<Result<Vec<_>>>()?;
        let group_of = places
            .iter()
            .enumerate()
            .flat_map(|(group, rows)| std::iter::repeat_n(group, rows.len()))
            .collect();
        self.hold(taken, group_of);
        Ok(())
    }

    /// Drops the rows that can no longer count.
    fn thin_out(&mut self) -> Result<()> {
        self.rows_since = 0;
        if !kqleval::has_survivors(&self.call.function) {
            return Ok(());
        }
        let (columns, places) = self.gathered()?;
        let left = self.left(&columns, places);
        self.put_back(&columns, &left)
    }

    /// The rows of the groups that go out; those of others are kept.
    fn emitted(&mut self, emit: EmitTo) -> Result<(Vec<KqlColumn>, Vec<Vec<usize>>)> {
        let (columns, mut places) = self.gathered()?;
        match emit {
            EmitTo::All => {
                self.count = 0;
                Ok((columns, places))
            }
            EmitTo::First(count) => {
                let kept = places.split_off(count.min(places.len()));
                self.put_back(&columns, &kept)?;
                Ok((columns, places))
            }
        }
    }

    fn computed(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let (columns, places) = self.emitted(emit)?;
        let arguments = columns.get(..self.arguments()).unwrap_or_default();
        let computed = aggregate_groups(&self.call, arguments, &places)
            .map_err(|failure| DataFusionError::Execution(failure.message))?;
        side_by_side(computed.into_iter().map(|column| column.array).collect())
    }

    /// The rows as lists, one for each group.
    fn listed(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let (columns, places) = self.emitted(emit)?;
        let places = self.left(&columns, places);
        let rows = UInt64Array::from_iter_values(places.iter().flatten().map(|row| *row as u64));
        let offsets = OffsetBuffer::<i32>::from_lengths(places.iter().map(Vec::len));
        columns
            .iter()
            .map(|column| {
                let values = arrow_select::take::take(&column.array, &rows, None)?;
                let list = ListArray::try_new(item(column.kind), offsets.clone(), values, None)?;
                Ok(Arc::new(list) as ArrayRef)
            })
            .collect()
    }

    /// Takes lists of rows, of which each belongs to a group.
    fn merge(&mut self, states: &[ArrayRef], group_of: &[usize], count: usize) -> Result<()> {
        let mut groups = Vec::new();
        let mut columns = Vec::with_capacity(states.len());
        for state in states {
            let (values, of) = unfolded(lists_of(state)?, group_of);
            columns.push(values);
            groups = of;
        }
        self.add(columns, groups, count)
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let Some(filter) = opt_filter else {
            return self.add(values.to_vec(), group_indices.to_vec(), total_num_groups);
        };
        let mut kept = BooleanBuilder::with_capacity(filter.len());
        let mut groups = Vec::new();
        for (held, group) in filter.iter().zip(group_indices) {
            kept.append_value(held == Some(true));
            if held == Some(true) {
                groups.push(*group);
            }
        }
        let kept = kept.finish();
        let values = values
            .iter()
            .map(|column| Ok(arrow_select::filter::filter(column, &kept)?))
            .collect::<Result<Vec<_>>>()?;
        self.add(values, groups, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.computed(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.listed(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.merge(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |column| column.len());
        let lengths = (0..rows).map(|row| {
            usize::from(opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row)))
        });
        let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
        values
            .iter()
            .zip(&self.kinds)
            .map(|(column, kind)| {
                let kept = match opt_filter {
                    None => Arc::clone(column),
                    Some(filter) => arrow_select::filter::filter(column, filter)?,
                };
                let list = ListArray::try_new(item(*kind), offsets.clone(), kept, None)?;
                Ok(Arc::new(list) as ArrayRef)
            })
            .collect()
    }

    /// What is held, and what is made of it at the end: all rows side by side, and of lists the list of them.
    fn size(&self) -> usize {
        let times = if follows_order(&self.call.function) { 4 } else { 2 };
        self.bytes.saturating_mul(times) + size_of::<Self>()
    }
}

impl Grouped for Groups {
    fn at_least(&mut self, groups: usize) {
        self.count = self.count.max(groups);
    }
}
