//! The one column table: a column exists only if it is here.
//!
//! From it come the Arrow schema ([`arrow_schema`]), the Delta schema (`table` maps the same types)
//! and the column reference (`docs/columns.md`). Nothing else may invent a column name.

mod facts;
mod flows;
mod ingest_log;
mod made;
mod page;
mod quarantine;
mod rollups;
mod row_sources;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use std::sync::{Arc, LazyLock};

pub use facts::{ASSETS, NSG_RULES};
pub use flows::FLOWS;
pub use ingest_log::INGEST_LOG;
pub use page::columns_page;
pub use quarantine::QUARANTINE;
pub use rollups::{
    FLOWS_HOURLY, PLACES_HOURLY, RULES_HOURLY, SERVICES_HOURLY, TALKERS_HOURLY, TRAFFIC_HOURLY,
};
pub use row_sources::{RowSource, row_source};

/// Every table, in the order of the reference page.
pub const TABLES: &[&TableDef] = &[&FLOWS, &INGEST_LOG, &QUARANTINE];

/// Tables that are made of the facts beside the table, in the order of the reference page.
pub const FACT_TABLES: &[&TableDef] = &[&ASSETS, &NSG_RULES];

/// Rollups: what flows come to in an hour. The first is what the others are made of.
pub const ROLLUPS: &[&TableDef] = &[
    &FLOWS_HOURLY,
    &TRAFFIC_HOURLY,
    &RULES_HOURLY,
    &SERVICES_HOURLY,
    &TALKERS_HOURLY,
    &PLACES_HOURLY,
];

/// The schema of a `Flows` batch on its way to the writer, made once.
pub static FLOWS_BATCH_SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| FLOWS.batch_schema());

/// A table: its name and its columns in order.
#[derive(Debug)]
pub struct TableDef {
    /// The name used in queries and as the folder of the table.
    pub name: &'static str,
    /// One sentence: what one row is.
    pub row: &'static str,
    /// The columns, in stored order; computed ones last.
    pub columns: &'static [ColumnDef],
    /// The partition column.
    pub partition: &'static str,
}

/// A column.
#[derive(Debug)]
pub struct ColumnDef {
    /// Name as Traffic Analytics spells it where it has the column.
    pub name: &'static str,
    /// Type.
    pub value_type: ValueType,
    /// How the column is held in a batch while it is being written.
    pub repr: Repr,
    /// Logged, as of the time of the flow, or computed on reading.
    pub kind: Kind,
    /// May be null.
    pub nullable: bool,
    /// Unit of measure, empty where there is none.
    pub unit: &'static str,
    /// What it means; what null means.
    pub meaning: &'static str,
    /// Where it comes from in a VNet flow log.
    pub vnet: &'static str,
    /// Where it comes from in an NSG flow log.
    pub nsg: &'static str,
    /// Names that KQL users know it by.
    pub kql_aliases: &'static [&'static str],
}

/// What a column's value rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Read from the log; stored.
    Logged,
    /// True at that time and lost later (an asset, a rule set); stored as a small code.
    Asof,
    /// Made from other columns whenever a query asks; not stored, absent for other readers of the files.
    Computed,
}

impl Kind {
    /// The word on the column page.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logged => "logged",
            Self::Asof => "asof",
            Self::Computed => "computed",
        }
    }
}

/// The types a column can have: those that Arrow, Delta and KQL agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// UTF-8 text. KQL `string`.
    Text,
    /// 32-bit integer. KQL `int`.
    Int,
    /// 64-bit integer. KQL `long`.
    Long,
    /// UTC instant in microseconds. KQL `datetime`.
    Instant,
    /// Calendar day, UTC.
    Day,
    /// Bytes.
    Bytes,
    /// True or false. KQL `bool`.
    Bool,
}

impl ValueType {
    /// The Arrow type of the column as a query sees it.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Day => DataType::Date32,
            Self::Bytes => DataType::Binary,
            Self::Bool => DataType::Boolean,
        }
    }

    /// The name of the type in the Delta log.
    #[must_use]
    pub const fn delta(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "integer",
            Self::Long => "long",
            Self::Instant => "timestamp",
            Self::Day => "date",
            Self::Bytes => "binary",
            Self::Bool => "boolean",
        }
    }

    /// The name of the type in KQL.
    #[must_use]
    pub const fn kql(self) -> &'static str {
        match self {
            Self::Text | Self::Bytes => "string",
            Self::Int => "int",
            Self::Long => "long",
            Self::Instant | Self::Day => "datetime",
            Self::Bool => "bool",
        }
    }
}

/// How a column is held in memory between the parser and the file writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repr {
    /// One value per row.
    Plain,
    /// A 32-bit code per row into the distinct values of the batch.
    Dictionary,
}

impl ColumnDef {
    /// True if the column lies in the files.
    #[must_use]
    pub fn stored(&self) -> bool {
        self.kind != Kind::Computed
    }

    /// The Arrow field as a query sees it.
    #[must_use]
    pub fn field(&self) -> Field {
        Field::new(self.name, self.value_type.arrow(), self.nullable)
    }

    /// The Arrow field as the parser hands it to the writer.
    #[must_use]
    pub fn batch_field(&self) -> Field {
        let data_type = match self.repr {
            Repr::Plain => self.value_type.arrow(),
            Repr::Dictionary => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(self.value_type.arrow()))
            }
        };
        Field::new(self.name, data_type, self.nullable)
    }
}

impl TableDef {
    /// Stored columns in order.
    pub fn stored_columns(&self) -> impl Iterator<Item = &'static ColumnDef> + use<> {
        self.columns.iter().filter(|column| column.stored())
    }

    /// Looks a column up by its exact name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnDef> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The schema of the stored columns as a query sees them.
    #[must_use]
    pub fn arrow_schema(&self) -> Arc<Schema> {
        Arc::new(Schema::new(
            self.stored_columns().map(ColumnDef::field).collect::<Vec<_>>(),
        ))
    }

    /// The schema of a batch on its way to the writer.
    #[must_use]
    pub fn batch_schema(&self) -> Arc<Schema> {
        Arc::new(Schema::new(
            self.stored_columns()
                .map(ColumnDef::batch_field)
                .collect::<Vec<_>>(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_ignoring_case_and_partition_columns_exist() {
        for table in TABLES.iter().chain(ROLLUPS) {
            let mut seen = HashSet::new();
            for column in table.columns {
                assert!(
                    seen.insert(column.name.to_lowercase()),
                    "{}.{} twice",
                    table.name,
                    column.name
                );
                assert!(
                    !column.meaning.is_empty(),
                    "{}.{} says nothing",
                    table.name,
                    column.name
                );
            }
            assert!(
                table.column(table.partition).is_some_and(ColumnDef::stored),
                "{}",
                table.name
            );
        }
    }

    #[test]
    fn computed_columns_are_not_stored() {
        assert!(FLOWS.columns.iter().any(|column| column.kind == Kind::Computed));
        assert!(FLOWS.stored_columns().all(|column| column.kind != Kind::Computed));
        assert_eq!(
            FLOWS.arrow_schema().fields().len(),
            FLOWS.batch_schema().fields().len()
        );
    }
}
