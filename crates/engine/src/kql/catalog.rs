//! The columns of tables as KQL has them.

use arrow_schema::{DataType, Field, Schema};
use kql::ScalarType;
use kql::bound::Column;

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
