//! `mv-expand` as a function: of each row the list of rows that it becomes, each with its elements and their number. The
//! plan unfolds the lists. A function's name carries what it does: `kql-expand:dynamic>long,dynamic>;bags;5`.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use kql::ScalarType;
use kql::bound::{ExpandedColumn, MvExpand, Rows, Scalar, StepKind};
use kql::syntax::Literal;
use kqlfn::arrow_type;

use super::aggregates::field_name;
use super::function::{Kernel, named};
use super::over_rows;

const PREFIX: &str = "kql-expand:";

/// One thing that is expanded: the type it has, and the type that its elements get, if any.
type Item = (ScalarType, Option<ScalarType>);

#[derive(Debug)]
struct Expansion {
    step: Rows,
    /// What a row becomes: the elements, and behind them their number.
    fields: Fields,
}

/// The function that expands such items.
pub(super) fn expansion(items: &[Item], bags_as_arrays: bool, limit: Option<i64>) -> Arc<ScalarUDF> {
    let spelled = items.iter().map(|(from, to)| {
        let to = to.map(ScalarType::name).unwrap_or_default();
        format!("{}>{to}", from.name())
    });
    let name = format!(
        "{PREFIX}{};{};{}",
        spelled.collect::<Vec<_>>().join(","),
        if bags_as_arrays { "arrays" } else { "bags" },
        limit.map(|limit| limit.to_string()).unwrap_or_default()
    );
    let kinds: Vec<ScalarType> = items.iter().map(|(from, _)| *from).collect();
    let elements = items.iter().map(|(_, to)| to.unwrap_or(ScalarType::Dynamic));
    let mut gives: Vec<ScalarType> = elements.chain([ScalarType::Long]).collect();
    let fields: Fields = gives
        .iter()
        .enumerate()
        .map(|(at, kind)| Field::new(field_name(at), arrow_type(*kind), true))
        .collect();
    // The row that each element comes from stands behind them.
    gives.push(ScalarType::Long);
    let expand = StepKind::MvExpand(step(items, bags_as_arrays, limit));
    let expansion = Expansion {
        step: over_rows::step(&kinds, expand, &gives),
        fields: fields.clone(),
    };
    named(name, &kinds, DataType::List(list_item(fields)), expansion)
}

/// The function of a name that has travelled.
pub(super) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    let mut parts = name.strip_prefix(PREFIX)?.split(';');
    let (items, bags, limit) = (parts.next()?, parts.next()?, parts.next()?);
    let items = items
        .split(',')
        .map(|item| {
            let (from, to) = item.split_once('>')?;
            let to = match to {
                "" => None,
                to => Some(ScalarType::from_name(to)?),
            };
            Some((ScalarType::from_name(from)?, to))
        })
        .collect::<Option<Vec<_>>>()?;
    let limit = match limit {
        "" => None,
        limit => Some(limit.parse().ok()?),
    };
    Some(expansion(&items, bags == "arrays", limit))
}

/// The step over a table that holds the items, and behind them the number of each row.
fn step(items: &[Item], bags_as_arrays: bool, limit: Option<i64>) -> MvExpand {
    let count = items.len();
    let items = items.iter().enumerate();
    let items = items.map(|(place, (from, to))| ExpandedColumn {
        value: Scalar::column(place, *from, kql::Span::default()),
        to: *to,
        place,
    });
    MvExpand {
        items: items.collect(),
        kept: vec![(count, count + 1)],
        index: Some(count),
        bags_as_arrays,
        limit: limit
            .map(|limit| Scalar::literal(Literal::Long(Some(limit)), ScalarType::Long, kql::Span::default())),
    }
}

fn list_item(fields: Fields) -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(fields), true))
}

impl Kernel for Expansion {
    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let expanded = over_rows::done(&self.step, args)?;
        let mut arrays: Vec<ArrayRef> = expanded.columns.into_iter().map(|column| column.array).collect();
        let origins = arrays.pop();
        let origins = origins
            .as_ref()
            .and_then(|origins| origins.as_primitive_opt::<Int64Type>())
            .ok_or_else(|| exec_datafusion_err!("rows of an expansion have no origin"))?;
        let mut lengths = vec![0_usize; rows];
        for origin in origins.values() {
            if let Some(length) = usize::try_from(*origin).ok().and_then(|at| lengths.get_mut(at)) {
                *length += 1;
            }
        }
        let elements = StructArray::try_new_with_length(self.fields.clone(), arrays, None, expanded.rows)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let lists = ListArray::try_new(list_item(self.fields.clone()), offsets, Arc::new(elements), None)?;
        Ok(ColumnarValue::Array(Arc::new(lists)))
    }
}
