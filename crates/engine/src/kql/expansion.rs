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
use kql::bound::{ExpandedColumn, MvExpand, Rows, Scalar, ScalarKind, StepKind};
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
    items: Vec<Item>,
    bags_as_arrays: bool,
    limit: Option<i64>,
}

/// The function that expands such items.
pub(super) fn expansion(items: Vec<Item>, bags_as_arrays: bool, limit: Option<i64>) -> Arc<ScalarUDF> {
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
    let expansion = Expansion {
        items,
        bags_as_arrays,
        limit,
    };
    named(name, &kinds, DataType::List(expansion.element()), expansion)
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
    Some(expansion(items, bags == "arrays", limit))
}

impl Expansion {
    /// The type of what a row becomes: the elements, and behind them their number.
    fn element(&self) -> FieldRef {
        let items = self.items.iter().map(|(_, to)| to.unwrap_or(ScalarType::Dynamic));
        let kinds = items.chain([ScalarType::Long]).enumerate();
        let fields: Fields = kinds
            .map(|(at, kind)| Field::new(field_name(at), arrow_type(kind), true))
            .collect();
        Arc::new(Field::new_list_field(DataType::Struct(fields), true))
    }

    /// The step over a table that holds the items, and behind them the number of each row; it gives the elements, their
    /// numbers, and the row that each comes from.
    fn rows(&self) -> Rows {
        let count = self.items.len();
        let items = self
            .items
            .iter()
            .enumerate()
            .map(|(place, (from, to))| ExpandedColumn {
                value: Scalar {
                    kind: ScalarKind::Column(place),
                    gives: *from,
                    span: kql::Span::default(),
                },
                to: *to,
                place,
            });
        let expand = MvExpand {
            items: items.collect(),
            kept: vec![(count, count + 1)],
            index: Some(count),
            bags_as_arrays: self.bags_as_arrays,
            limit: self.limit.map(|limit| {
                Scalar::literal(Literal::Long(Some(limit)), ScalarType::Long, kql::Span::default())
            }),
        };
        let kinds: Vec<ScalarType> = self.items.iter().map(|(from, _)| *from).collect();
        let elements = self.items.iter().map(|(_, to)| to.unwrap_or(ScalarType::Dynamic));
        let gives: Vec<ScalarType> = elements.chain([ScalarType::Long, ScalarType::Long]).collect();
        over_rows::step(&kinds, StepKind::MvExpand(expand), &gives)
    }
}

impl Kernel for Expansion {
    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let expanded = over_rows::done(&self.rows(), args)?;
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
        let element = self.element();
        let DataType::Struct(fields) = element.data_type() else {
            return Err(exec_datafusion_err!("rows of an expansion are no rows"));
        };
        let elements = StructArray::try_new_with_length(fields.clone(), arrays, None, expanded.rows)?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let lists = ListArray::try_new(element, offsets, Arc::new(elements), None)?;
        Ok(ColumnarValue::Array(Arc::new(lists)))
    }
}
