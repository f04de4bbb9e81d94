//! The tables and functions that a query can name, as the binder asks for them.

use arrow_schema::{DataType, Field, Schema};
use kql::bound::{Column, Rows};
use kql::{Catalog, FunctionDeclaration, ScalarType};

/// How the columns of a table come to KQL.
pub(super) type OpenColumns<'c> = &'c (dyn Fn(&Rows) -> Option<Vec<Column>> + 'c);

/// Tables by name, and the moment of the query.
pub(super) struct KqlCatalog<'c> {
    tables: Vec<(String, Vec<Column>)>,
    now: i64,
    open: OpenColumns<'c>,
}

impl<'c> KqlCatalog<'c> {
    pub(super) const fn new(tables: Vec<(String, Vec<Column>)>, now: i64, open: OpenColumns<'c>) -> Self {
        Self { tables, now, open }
    }
}

impl Catalog for KqlCatalog<'_> {
    fn table(&self, name: &str) -> Option<Vec<Column>> {
        let found = self.tables.iter().find(|(held, _)| held == name);
        found.map(|(_, columns)| columns.clone())
    }

    fn table_names(&self) -> Vec<String> {
        self.tables.iter().map(|(name, _)| name.clone()).collect()
    }

    fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        kqlfn::registry::declaration(name)
    }

    fn function_names(&self) -> Vec<&'static str> {
        kqlfn::registry::names()
    }

    fn open_columns(&self, rows: &Rows) -> Option<Vec<Column>> {
        (self.open)(rows)
    }

    fn now(&self) -> i64 {
        self.now
    }
}

/// The columns of a table as KQL has them.
pub(super) fn columns(schema: &Schema) -> Vec<Column> {
    schema
        .fields()
        .iter()
        .map(|field| Column::new(field.name().as_str(), kind(field)))
        .collect()
}

/// The type of KQL for a column of a table.
pub(super) fn kind(field: &Field) -> ScalarType {
    match field.data_type() {
        DataType::Boolean => ScalarType::Bool,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            ScalarType::Int
        }
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => ScalarType::Long,
        DataType::Float32 | DataType::Float64 => ScalarType::Real,
        DataType::Timestamp(..) | DataType::Date32 => ScalarType::Datetime,
        // Bytes are shown as text.
        _ => ScalarType::String,
    }
}
