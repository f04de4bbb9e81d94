//! What a query can name: some tables, and all functions. And what its steps are called when one of them fails.

use std::borrow::Cow;

use kql::bound::{Column, Rows, Source, StepKind};
use kql::{Catalog, FunctionDeclaration};
use kqlfn::registry;

use crate::Evaluator;

/// What other systems call columns and tables, and where those are here.
#[derive(Clone, Copy)]
pub struct Elsewhere {
    /// See [`Catalog::column_elsewhere`].
    pub column: fn(&str) -> Option<(&'static str, String)>,
    /// See [`Catalog::table_elsewhere`].
    pub table: fn(&str) -> Option<&'static str>,
}

/// A stored function.
#[derive(Clone)]
pub struct Stored {
    /// `(parameters) { body }`.
    pub text: Cow<'static, str>,
    /// The column that its times are in.
    pub time: &'static str,
    /// True if patterns of names find it as a table.
    pub is_table: bool,
}

/// How names of tables end that only stored functions name: no pattern finds them, and nobody is told of them.
pub const KEPT: &str = "/kept";

/// Stored functions by their names.
pub type StoredByName = Vec<(&'static str, Stored)>;

/// Tables by name, all functions, and the moment of the query.
pub struct Names<'e> {
    tables: Vec<(String, Vec<Column>)>,
    now: i64,
    evaluator: &'e Evaluator<'e>,
    elsewhere: Option<Elsewhere>,
    stored: StoredByName,
    timespan: Option<(i64, i64)>,
}

impl<'e> Names<'e> {
    /// Some tables at a moment, in ticks. What only data tell, the evaluator looks up.
    #[must_use]
    pub const fn new(tables: Vec<(String, Vec<Column>)>, now: i64, evaluator: &'e Evaluator<'e>) -> Self {
        Self {
            tables,
            now,
            evaluator,
            elsewhere: None,
            stored: Vec::new(),
            timespan: None,
        }
    }

    /// With stored functions.
    #[must_use]
    pub fn with_stored(mut self, stored: StoredByName) -> Self {
        self.stored = stored;
        self
    }

    /// Only these times of what a query names: from, and before, in ticks.
    #[must_use]
    pub const fn within(mut self, timespan: Option<(i64, i64)>) -> Self {
        self.timespan = timespan;
        self
    }

    fn stored(&self, name: &str) -> Option<&Stored> {
        let found = self.stored.iter().find(|(held, _)| *held == name);
        found.map(|(_, stored)| stored)
    }

    /// With advice for names that other systems have.
    #[must_use]
    pub const fn with_elsewhere(mut self, elsewhere: Elsewhere) -> Self {
        self.elsewhere = Some(elsewhere);
        self
    }
}

impl Catalog for Names<'_> {
    fn table(&self, name: &str) -> Option<Vec<Column>> {
        let found = self.tables.iter().find(|(held, _)| held == name);
        found.map(|(_, columns)| columns.clone())
    }

    fn table_names(&self) -> Vec<String> {
        let seen = self.tables.iter().filter(|(name, _)| !name.ends_with(KEPT));
        seen.map(|(name, _)| name.clone()).collect()
    }

    fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        registry::declaration(name)
    }

    fn function_names(&self) -> Vec<&'static str> {
        registry::names()
    }

    fn stored_function(&self, name: &str) -> Option<String> {
        self.stored(name).map(|held| held.text.to_string())
    }

    fn timespan(&self) -> Option<(i64, i64)> {
        self.timespan
    }

    fn time_column(&self, name: &str) -> &str {
        self.stored(name).map_or("TimeGenerated", |held| held.time)
    }

    fn stored_names(&self) -> Vec<(&str, bool)> {
        let stored = self.stored.iter();
        stored.map(|(name, held)| (*name, held.is_table)).collect()
    }

    fn column_elsewhere(&self, name: &str) -> Option<(&'static str, String)> {
        (self.elsewhere?.column)(name)
    }

    fn table_elsewhere(&self, name: &str) -> Option<&'static str> {
        (self.elsewhere?.table)(name)
    }

    fn open_columns(&self, rows: &Rows) -> Option<Vec<Column>> {
        let table = self.evaluator.rows(rows, None).ok()?;
        Some(table.schema)
    }

    fn now(&self) -> i64 {
        self.now
    }
}

/// What a step is called, where it has one name.
pub(crate) const fn step_name(step: &StepKind) -> &'static str {
    match step {
        StepKind::Filter(_) => "where",
        StepKind::Project(_) => "",
        StepKind::Summarize(..) => "summarize",
        StepKind::Sort(_) => "sort",
        StepKind::Top(..) => "top",
        StepKind::Take(_) => "take",
        StepKind::Sample(_) => "sample",
        StepKind::Join { .. } => "join",
        StepKind::MvExpand(_) => "mv-expand",
        StepKind::MvApply(_) => "mv-apply",
        StepKind::MakeSeries(_) => "make-series",
        StepKind::Parse(_) => "parse",
        StepKind::ParseKv(_) => "parse-kv",
        StepKind::TopNested(_) => "top-nested",
        StepKind::Scan(_) => "scan",
        StepKind::Partition { .. } => "partition",
        StepKind::Plugin(_) => "evaluate",
    }
}

/// What a source is called, where it has a name.
pub(crate) const fn source_name(source: &Source) -> &'static str {
    match source {
        Source::Range(..) => "range",
        Source::Print(_) => "print",
        Source::Union(..) => "union",
        Source::External(..) => "externaldata",
        Source::Literal(_) => "datatable",
        _ => "",
    }
}
