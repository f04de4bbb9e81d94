//! Functions that do a step of the evaluator over the rows of a batch. A function's name carries the step, so that a plan
//! that travels finds it again: `kql-row:{…}` gives each row what its one row is, or nothing where it is dropped,
//! `kql-rows:{…}` the list of rows that it becomes.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, ListArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields};
use datafusion::common::config::{ConfigExtension, ConfigOptions};
use datafusion::common::{DataFusionError, Result, exec_datafusion_err, extensions_options};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use kql::ScalarType;
use kql::bound::{Column, Rows, Source, Step, StepKind};
use kqleval::{Evaluator, Failure, FailureKind, Table, Tables};
use kqlfn::{Column as KqlColumn, arrow_type};
use serde::{Deserialize, Serialize};

use super::aggregates::field_name;
use super::function::{Kernel, named};

const ONE: &str = "kql-row:";
const MANY: &str = "kql-rows:";

/// What is longer than this to write down has no function: names in it may stand for more than memory holds.
const BYTES_MAX: usize = 1 << 20;

extensions_options! {
    /// What functions over the rows of a batch keep to.
    pub(crate) struct BatchLimits {
        /// So many bytes may be made of one batch.
        pub memory_bytes: usize, default = 1 << 30
    }
}

impl ConfigExtension for BatchLimits {
    const PREFIX: &'static str = "batch_limits";
}

/// A step over some values and, behind them, the number of each row. That number comes out again, and behind it what the
/// step gives.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OverRows {
    pub(super) values: Vec<ScalarType>,
    pub(super) step: StepKind,
    /// The types of the columns up to the number, and without it.
    pub(super) before: Vec<ScalarType>,
    /// The types of those behind it.
    pub(super) gives: Vec<ScalarType>,
}

/// Nothing is read here but the rows of the batch.
struct NoTables {
    memory_bytes: usize,
}

impl Tables for NoTables {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }

    fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

/// A step over the rows of a batch.
#[derive(Debug)]
struct Stepped {
    rows: Rows,
    fields: Fields,
    /// The place of the row's number in what comes out.
    number: usize,
}

/// For each row its one row, if it has one.
#[derive(Debug)]
struct One(Stepped);

/// For each row the list of its rows.
#[derive(Debug)]
struct Many(Stepped);

impl OverRows {
    /// The function that gives each row the one that it becomes; none where it cannot be written down.
    pub(super) fn one(&self) -> Option<Arc<ScalarUDF>> {
        by_name(&self.spelled(ONE)?)
    }

    /// The function that gives each row those that it becomes; none where it cannot be written down.
    pub(super) fn many(&self) -> Option<Arc<ScalarUDF>> {
        by_name(&self.spelled(MANY)?)
    }

    fn spelled(&self, prefix: &str) -> Option<String> {
        let mut written = Bounded(prefix.as_bytes().to_vec());
        serde_json::to_writer(&mut written, self).ok()?;
        let written = String::from_utf8(written.0).ok()?;
        // What asks facts would elsewhere ask others, or none. A text that holds the name of such a function is taken for a call.
        (!written.contains("\"nsg_")).then_some(written)
    }

    fn stepped(self) -> Stepped {
        let number = self.before.len();
        let fields = self.gives.iter().enumerate();
        let fields = fields.map(|(at, kind)| Field::new(field_name(at), arrow_type(*kind), true));
        let fields = fields.collect();
        let long = [ScalarType::Long];
        let source = columns(self.values.iter().chain(&long));
        let mut rows = Rows::new(Source::Outer, source);
        rows.steps.push(Step {
            kind: self.step,
            columns: columns(self.before.iter().chain(&long).chain(&self.gives)),
            span: kql::Span::default(),
        });
        Stepped { rows, fields, number }
    }
}

/// Bytes that do not become too many.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The function of a name that has travelled.
pub(super) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    let (is_one, spelled) = match name.strip_prefix(ONE) {
        Some(spelled) => (true, spelled),
        None => (false, name.strip_prefix(MANY)?),
    };
    let over: OverRows = serde_json::from_str(spelled).ok()?;
    let kinds = over.values.clone();
    let stepped = over.stepped();
    let name = name.to_owned();
    Some(match is_one {
        true => {
            let row = DataType::Struct(stepped.fields.clone());
            named(name, &kinds, row, One(stepped))
        }
        false => {
            let row = DataType::Struct(with_number(&stepped.fields));
            let rows = DataType::List(Arc::new(Field::new_list_field(row, true)));
            named(name, &kinds, rows, Many(stepped))
        }
    })
}

fn columns<'k>(kinds: impl Iterator<Item = &'k ScalarType>) -> Vec<Column> {
    let kinds = kinds.enumerate();
    kinds
        .map(|(at, kind)| Column::new(field_name(at), *kind))
        .collect()
}

/// The columns of a list's rows: theirs, and the number of each.
fn with_number(fields: &Fields) -> Fields {
    let number = Field::new(field_name(fields.len()), DataType::Int64, true);
    fields.iter().cloned().chain([Arc::new(number)]).collect()
}

impl Stepped {
    /// The number of the row that each comes from, and what comes of it.
    fn done(&self, args: ScalarFunctionArgs) -> Result<(Int64Array, Vec<ArrayRef>)> {
        let rows = args.number_rows;
        let limits = of_batch(&args.config_options);
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values((0_i64..).take(rows)));
        let arrays = args.args.into_iter().map(|value| value.into_array(rows));
        let arrays = arrays.chain([Ok(numbers)]);
        let columns = self.rows.source_columns.iter().zip(arrays);
        let columns = columns.map(|(column, array)| Ok(KqlColumn::new(column.kind, array?)));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let table = Table::new(self.rows.source_columns.clone(), columns, rows);
        let done = Evaluator::new(&limits, 1).rows(&self.rows, Some(&table));
        let done = done.map_err(|failure| match failure.kind {
            FailureKind::Memory => DataFusionError::ResourcesExhausted(failure.message),
            _ => DataFusionError::Execution(failure.message),
        })?;
        let given = done.columns.into_iter().map(|column| column.array);
        let mut given = given.skip(self.number);
        let numbers = given.next();
        let numbers = numbers
            .as_ref()
            .and_then(|numbers| numbers.as_primitive_opt::<Int64Type>());
        let numbers = numbers.ok_or_else(|| exec_datafusion_err!("rows come from no row"))?;
        Ok((numbers.clone(), given.collect()))
    }
}

fn of_batch(options: &ConfigOptions) -> NoTables {
    let limits = options.extensions.get::<BatchLimits>().cloned();
    NoTables {
        memory_bytes: limits.unwrap_or_default().memory_bytes,
    }
}

impl Kernel for One {
    const STAYS: bool = true;

    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let (numbers, arrays) = self.0.done(args)?;
        let mut places = vec![None; rows];
        for (place, row) in (0_u32..).zip(numbers.values()) {
            if let Some(held) = usize::try_from(*row).ok().and_then(|row| places.get_mut(row)) {
                *held = Some(place);
            }
        }
        let fits = NullBuffer::from_iter(places.iter().map(Option::is_some));
        let places = UInt32Array::from(places);
        let arrays = arrays
            .into_iter()
            .map(|array| Ok(arrow_select::take::take(&array, &places, None)?))
            .collect::<Result<Vec<ArrayRef>>>()?;
        let found = StructArray::try_new_with_length(self.0.fields.clone(), arrays, Some(fits), rows)?;
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}

impl Kernel for Many {
    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let (numbers, mut arrays) = self.0.done(args)?;
        let mut lengths = vec![0_usize; rows];
        for number in numbers.values() {
            if let Some(length) = usize::try_from(*number).ok().and_then(|at| lengths.get_mut(at)) {
                *length += 1;
            }
        }
        let fields = with_number(&self.0.fields);
        let places = lengths.iter().flat_map(|length| (0_i64..).take(*length));
        arrays.push(Arc::new(Int64Array::from_iter_values(places)));
        let elements = StructArray::try_new_with_length(fields.clone(), arrays, None, numbers.len())?;
        let offsets = OffsetBuffer::from_lengths(lengths);
        let item = Arc::new(Field::new_list_field(DataType::Struct(fields), true));
        let lists = ListArray::try_new(item, offsets, Arc::new(elements), None)?;
        Ok(ColumnarValue::Array(Arc::new(lists)))
    }
}
