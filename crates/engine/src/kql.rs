//! KQL over the tables: read, bound, and run as a program of plans.
//!
//! What the plan algebra can do runs as plans over the files, beginning at the scan ([`lower`]); what it cannot is done on
//! the rows that are left, in memory and under the query's limit (`kqleval`). Every step that comes to be lowered
//! moves work from the second to the first and changes no answer: the second is the first's twin.

mod aggregates;
mod batches;
mod catalog;
pub(crate) mod elsewhere;
mod function;
mod kept_texts;
mod lower;
mod needed;
mod outside;
pub(crate) mod over_rows;
mod preimage;
mod reach;
mod reading;
pub(crate) mod rollups;
mod rows_table;
mod run;
mod table_value;
mod views;

pub use run::{KqlAnswer, KqlFailure, KqlParameters};

pub(crate) use aggregates::aggregate_by_name;
pub(crate) use rows_table::RowsTable;
pub(crate) use run::Program;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

/// A function of a plan that has travelled.
pub(crate) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    function::by_name(name)
        .or_else(|| table_value::by_name(name))
        .or_else(|| kept_texts::by_name(name))
        .or_else(|| over_rows::by_name(name))
}
