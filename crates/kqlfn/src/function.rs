//! What a function is: its names, what it takes and gives, how it is explained, and its kernel.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeBinaryBuilder, StringViewBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array};
use kql::ScalarType;
use kql::signature::Signature;

use crate::column::{Cell, Column};
use crate::dynamic::Writer;

/// A scalar function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Other names that Kusto knows it by, most of them old.
    pub aliases: &'static [&'static str],
    /// What it takes and gives, first match first.
    pub signatures: &'static [&'static str],
    /// The columns that it gives where it gives several: what is put behind the name of the series, and the type of each. Its
    /// kernel then makes a dynamic array of their values. Empty for all others.
    pub tuple: &'static [(&'static str, ScalarType)],
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What is easily got wrong about it; may be empty.
    pub notes: &'static str,
    /// Calls and what they give, both as expressions of KQL. They run as tests.
    pub examples: &'static [(&'static str, &'static str)],
    /// Computes a column.
    pub kernel: fn(&Call<'_>) -> Result<ArrayRef, Refusal>,
}

impl Function {
    /// Its signatures, read.
    #[must_use]
    pub fn parsed_signatures(&self) -> Vec<Signature> {
        self.signatures
            .iter()
            .filter_map(|text| Signature::parse(text))
            .collect()
    }
}

/// Why a call cannot be computed at all, whatever the rows hold: a pattern that is none, say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// Nothing is wrong but the size of what would be made; fewer rows at once may do.
    pub is_too_large: bool,
}

impl Refusal {
    /// A refusal.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_too_large: false,
        }
    }

    /// What would be made is too large.
    #[must_use]
    pub fn too_large() -> Self {
        Self {
            message: "the values of a column are too large together".to_owned(),
            is_too_large: true,
        }
    }
}

/// The type of all kernels' results.
pub type Computed = Result<ArrayRef, Refusal>;

/// One call on some rows.
#[derive(Debug)]
pub struct Call<'a> {
    /// The arguments.
    pub arguments: &'a [Column],
    /// How many rows there are.
    pub rows: usize,
    /// The type of the result, where the arguments alone do not say it.
    pub gives: ScalarType,
    /// More bytes of texts, arrays and bags than these are not made.
    pub bytes_max: usize,
}

impl<'a> Call<'a> {
    /// An argument's value in a row; null if the argument was left out.
    #[must_use]
    pub fn cell(&self, argument: usize, row: usize) -> Cell<'a> {
        self.arguments
            .get(argument)
            .map_or(Cell::Null, |column| column.cell(row))
    }

    /// An argument as text in a row.
    #[must_use]
    pub fn text(&self, argument: usize, row: usize) -> Cow<'a, str> {
        self.cell(argument, row).text()
    }

    /// An argument as a whole number in a row.
    #[must_use]
    pub fn long(&self, argument: usize, row: usize) -> Option<i64> {
        self.cell(argument, row).long()
    }

    /// An argument as a real in a row.
    #[must_use]
    pub fn real(&self, argument: usize, row: usize) -> Option<f64> {
        self.cell(argument, row).real()
    }

    /// An argument's ticks in a row.
    #[must_use]
    pub fn ticks(&self, argument: usize, row: usize) -> Option<i64> {
        self.cell(argument, row).ticks()
    }

    /// An argument's truth in a row.
    #[must_use]
    pub fn bool(&self, argument: usize, row: usize) -> Option<bool> {
        self.cell(argument, row).bool()
    }

    /// True if the argument was given.
    #[must_use]
    pub const fn has(&self, argument: usize) -> bool {
        argument < self.arguments.len()
    }

    /// The argument, if it was given.
    #[must_use]
    pub fn column(&self, argument: usize) -> Option<&'a Column> {
        self.arguments.get(argument)
    }

    /// The argument's value if it is the same for all rows: what can be prepared once.
    #[must_use]
    pub fn constant(&self, argument: usize) -> Option<Cell<'a>> {
        let column = self.arguments.get(argument)?;
        column.is_constant.then(|| column.cell(0))
    }

    /// A column of bools.
    pub fn bools(&self, value: impl FnMut(usize) -> Option<bool>) -> Computed {
        Ok(Arc::new((0..self.rows).map(value).collect::<BooleanArray>()))
    }

    /// A column of ints.
    pub fn ints(&self, value: impl FnMut(usize) -> Option<i32>) -> Computed {
        Ok(Arc::new((0..self.rows).map(value).collect::<Int32Array>()))
    }

    /// A column of longs; of datetimes and timespans too, in ticks.
    pub fn longs(&self, value: impl FnMut(usize) -> Option<i64>) -> Computed {
        Ok(Arc::new((0..self.rows).map(value).collect::<Int64Array>()))
    }

    /// A column of reals.
    pub fn reals(&self, value: impl FnMut(usize) -> Option<f64>) -> Computed {
        Ok(Arc::new((0..self.rows).map(value).collect::<Float64Array>()))
    }

    /// A column of texts.
    pub fn strings<T: AsRef<str>>(&self, mut value: impl FnMut(usize) -> T) -> Computed {
        let mut builder = StringViewBuilder::with_capacity(self.rows);
        let mut bytes = 0_usize;
        for row in 0..self.rows {
            let text = value(row);
            bytes = self.grown(bytes, text.as_ref().len())?;
            // An array of texts holds no longer one.
            builder.try_append_value(text).map_err(|_| Refusal::too_large())?;
        }
        Ok(Arc::new(builder.finish()))
    }

    /// How many bytes there are with some more, if there may be so many.
    fn grown(&self, bytes: usize, more: usize) -> Result<usize, Refusal> {
        let together = bytes.saturating_add(more);
        if together > self.bytes_max {
            return Err(Refusal::too_large());
        }
        Ok(together)
    }

    /// A column of decimals, by their digits.
    pub fn decimals(&self, mut value: impl FnMut(usize) -> Option<String>) -> Computed {
        let mut builder = StringViewBuilder::with_capacity(self.rows);
        for row in 0..self.rows {
            builder.append_option(value(row));
        }
        Ok(Arc::new(builder.finish()))
    }

    /// A column of guids.
    pub fn guids(&self, mut value: impl FnMut(usize) -> Option<[u8; 16]>) -> Computed {
        let mut builder = FixedSizeBinaryBuilder::with_capacity(self.rows, 16);
        for row in 0..self.rows {
            match value(row) {
                // Sixteen bytes always fit.
                Some(guid) => drop(builder.append_value(guid)),
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// A column of dynamics. Who writes nothing, or null, gives null. A column holds less than 2 GiB.
    pub fn dynamics(&self, mut write: impl FnMut(usize, &mut Writer)) -> Computed {
        let mut builder = BinaryBuilder::with_capacity(self.rows, self.rows * 16);
        for row in 0..self.rows {
            let bytes = Writer::build(|writer| write(row, writer));
            let together = self.grown(builder.values_slice().len(), bytes.len())?;
            if i32::try_from(together).is_err() {
                return Err(Refusal::too_large());
            }
            match bytes.as_slice() {
                [0] | [] => builder.append_null(),
                bytes => builder.append_value(bytes),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// A column of the type that the call gives, cell by cell. What does not fit that type is null.
    pub fn cells<'c>(&self, mut value: impl FnMut(usize) -> Cell<'c>) -> Computed {
        match self.gives {
            ScalarType::Bool => self.bools(|row| value(row).bool()),
            ScalarType::Int => self.ints(|row| value(row).long().and_then(|long| i32::try_from(long).ok())),
            ScalarType::Long => self.longs(|row| value(row).long()),
            ScalarType::Real => self.reals(|row| value(row).real()),
            ScalarType::Decimal => self.decimals(|row| match value(row).plain() {
                Cell::Null => None,
                cell => Some(cell.text().into_owned()),
            }),
            ScalarType::String => self.strings(|row| value(row).text()),
            ScalarType::Datetime | ScalarType::Timespan => self.longs(|row| value(row).ticks()),
            ScalarType::Guid => self.guids(|row| match value(row).plain() {
                Cell::Guid(guid) => Some(guid),
                _ => None,
            }),
            ScalarType::Dynamic => self.dynamics(|row, writer| value(row).write(writer)),
        }
    }
}
