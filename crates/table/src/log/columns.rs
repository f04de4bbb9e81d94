//! The columns that a log names, against the column table: what an older table lacks, and how it gets it.
//!
//! Only metadata is written, and only steps that every reader bears: a column appended, a column that may
//! be null. Whatever else differs is refused by name.

use deltalake_core::kernel::{Action, DataType, MetadataExt, PrimitiveType, StructField, StructType};
use deltalake_core::protocol::DeltaOperation;
use model::columns::ColumnDef;
use model::{TableDef, TableVersion, ValueType};

use super::{FORMAT, Log, PROPERTY_FORMAT, properties};
use crate::error::{Result, TableError};

/// One step from an older format to the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationStep {
    /// A column that the table does not have yet; null in the rows it holds.
    Column(&'static str),
    /// A column that may be null from now on.
    Nullable(&'static str),
    /// The number of the format in the table's properties.
    Format {
        /// What it is.
        from: u32,
        /// What it becomes.
        to: u32,
    },
}

impl std::fmt::Display for MigrationStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column(name) => write!(f, "column `{name}` is added"),
            Self::Nullable(name) => write!(f, "column `{name}` may be null"),
            Self::Format { from, to } => write!(f, "format {from} becomes {to}"),
        }
    }
}

fn delta_type(value_type: ValueType) -> DataType {
    DataType::Primitive(match value_type {
        ValueType::Text => PrimitiveType::String,
        ValueType::Int => PrimitiveType::Integer,
        ValueType::Long => PrimitiveType::Long,
        ValueType::Instant => PrimitiveType::Timestamp,
        ValueType::Day => PrimitiveType::Date,
        ValueType::Bytes => PrimitiveType::Binary,
        ValueType::Bool => PrimitiveType::Boolean,
    })
}

/// A column as the log names it. All may be null there: which may not is our own rule, and one that
/// later formats can relax.
pub(super) fn delta_field(column: &ColumnDef) -> StructField {
    StructField::new(column.name, delta_type(column.value_type), true)
}

/// What lies between the stored columns and the present ones, and the columns afterwards.
fn compare(table: &TableDef, stored: &StructType) -> Result<(Vec<MigrationStep>, Vec<StructField>)> {
    let refused = |what: String| TableError::Unmigratable {
        table: table.name.to_owned(),
        what,
    };
    let mut steps = Vec::new();
    let mut fields = Vec::new();
    for field in stored.fields() {
        // A column that we do not know is a newer program's: it stays as it is.
        let Some(column) = table.column(field.name()).filter(|column| column.stored()) else {
            fields.push(field.clone());
            continue;
        };
        let now = delta_type(column.value_type);
        if *field.data_type() != now {
            return Err(refused(format!(
                "column `{}` holds {}, this program writes {now}",
                column.name,
                field.data_type()
            )));
        }
        if !field.is_nullable() {
            steps.push(MigrationStep::Nullable(column.name));
        }
        fields.push(delta_field(column));
    }
    for column in table
        .stored_columns()
        .filter(|column| stored.field(column.name).is_none())
    {
        if !column.nullable {
            return Err(refused(format!(
                "column `{}` is missing and cannot be null",
                column.name
            )));
        }
        steps.push(MigrationStep::Column(column.name));
        fields.push(delta_field(column));
    }
    Ok((steps, fields))
}

impl Log {
    /// What separates the table from the present format; nothing if it has it, or a newer one.
    pub(crate) fn migration(&self) -> Result<Vec<MigrationStep>> {
        self.migrated().map(|(steps, _)| steps)
    }

    fn migrated(&self) -> Result<(Vec<MigrationStep>, Vec<StructField>)> {
        let schema = self.state.schema();
        let (mut steps, fields) = compare(self.table, schema.as_ref())?;
        let found = self.property(PROPERTY_FORMAT).unwrap_or(0);
        if found < FORMAT {
            steps.push(MigrationStep::Format {
                from: found,
                to: FORMAT,
            });
        }
        Ok((steps, fields))
    }

    /// Brings the table to the present format, if nobody else has since it was loaded.
    pub(crate) async fn migrate(&mut self) -> Result<(Vec<MigrationStep>, TableVersion)> {
        let (steps, fields) = self.migrated()?;
        if steps.is_empty() {
            return Ok((steps, self.version()));
        }
        self.check_writable()?;
        let schema =
            StructType::try_new(fields).map_err(|error| TableError::io("describe the columns", error))?;
        let format = self.property(PROPERTY_FORMAT).unwrap_or(0).max(FORMAT);
        // Named in full: the library's own method of this name, on the same type, is another.
        let metadata = MetadataExt::with_schema(self.state.metadata().clone(), &schema)
            .and_then(|metadata| metadata.add_config_key(PROPERTY_FORMAT.to_owned(), format.to_string()))
            .map_err(|error| TableError::io("describe the columns", error))?;
        let added = steps.iter().filter_map(|step| match step {
            MigrationStep::Column(name) => self.table.column(name).map(delta_field),
            MigrationStep::Nullable(_) | MigrationStep::Format { .. } => None,
        });
        let operation = DeltaOperation::AddColumn {
            fields: added.collect(),
        };
        let actions = vec![Action::Metadata(metadata)];
        self.put_entry(properties().with_max_retries(0), actions, operation)
            .await?;
        Ok((steps, self.version()))
    }

    /// The columns that a newer program has given the table.
    pub(crate) fn unknown_columns(&self) -> Vec<String> {
        let schema = self.state.schema();
        let unknown = schema
            .fields()
            .filter(|field| self.table.column(field.name()).is_none());
        unknown.map(|field| field.name().clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(change: impl Fn(&str, StructField) -> Option<StructField>) -> StructType {
        let fields = model::QUARANTINE
            .stored_columns()
            .filter_map(|column| change(column.name, delta_field(column)));
        StructType::try_new(fields).unwrap()
    }

    #[test]
    fn allowed_steps_are_named_and_others_refused() {
        let steps = |schema: &StructType| compare(&model::QUARANTINE, schema).map(|(steps, _)| steps);
        assert_eq!(steps(&stored(|_, field| Some(field))).unwrap(), []);
        let older = stored(|name, field| (name != "TupleIndex").then_some(field));
        assert_eq!(steps(&older).unwrap(), [MigrationStep::Column("TupleIndex")]);
        let strict = stored(|name, field| {
            Some(match name {
                "Code" => StructField::new(name, field.data_type().clone(), false),
                _ => field,
            })
        });
        assert_eq!(steps(&strict).unwrap(), [MigrationStep::Nullable("Code")]);
        let other = stored(|name, field| {
            Some(match name {
                "Offset" => StructField::new(name, delta_type(ValueType::Text), true),
                _ => field,
            })
        });
        let refused = steps(&other).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "table `Quarantine` cannot be migrated: column `Offset` holds string, this program writes long"
        );
        assert_eq!(refused.code().to_string(), "FG2009");
        let lacking = stored(|name, field| (name != "Code").then_some(field));
        assert_eq!(
            steps(&lacking).unwrap_err().to_string(),
            "table `Quarantine` cannot be migrated: column `Code` is missing and cannot be null"
        );
    }

    #[test]
    fn columns_of_a_newer_program_are_kept() {
        let known = stored(|_, field| Some(field));
        let newer = StructField::new("Later", delta_type(ValueType::Long), true);
        let schema = StructType::try_new(known.fields().cloned().chain([newer])).unwrap();
        let (steps, fields) = compare(&model::QUARANTINE, &schema).unwrap();
        assert_eq!(steps, []);
        assert_eq!(fields.last().unwrap().name(), "Later");
    }
}
