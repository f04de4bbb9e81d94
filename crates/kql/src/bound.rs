//! The query as meant: names resolved, types known, every step with the columns that it gives. Columns are meant by
//! their place. This is what an engine lowers; it depends on no engine.

mod scalar;
mod step;

pub use scalar::{ListItems, Scalar, ScalarKind};
pub use step::{
    AggregateCall, ExpandedColumn, JoinKind, MakeSeries, MvApply, MvExpand, Named, Parse, ParseKv, ParsePart,
    PluginCall, Rows, Scan, ScanStep, SortKey, Source, Step, StepKind, TopNestedLevel, UnionInput, UnionKind,
};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::types::ScalarType;

/// Begins the names of columns that stand between steps and that no query can name.
pub const HIDDEN: char = '\u{1f}';

/// A column: its name and type.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its name; no two columns of a step have the same.
    pub name: Arc<str>,
    /// Its type.
    pub kind: ScalarType,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<Arc<str>>, kind: ScalarType) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }
}

/// How the rows are to be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendering {
    /// `timechart` and its kin.
    pub kind: String,
    /// `title` and its kin, as texts.
    pub properties: Vec<(String, String)>,
}

/// One answer of a query.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// Its name; `PrimaryResult` if it has none.
    pub name: Option<String>,
    /// Its rows.
    pub rows: Rows,
    /// How they are to be drawn.
    pub rendering: Option<Rendering>,
}

/// A whole query.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Bound {
    /// The answers, in the order of the statements.
    pub answers: Vec<Answer>,
    /// `set name = value`: options of the request.
    pub options: Vec<(String, Option<String>)>,
}
