//! From the tree as written to what is meant: names, types, columns. It reads no data, knows no engine, and says of
//! everything that it cannot do that it cannot.

mod about;
mod aggregate;
mod call;
mod columns;
mod constant;
mod depth;
mod dispatch;
mod expand;
mod extreme;
mod find;
mod fitting;
mod function;
mod join;
mod kinds;
mod meeting;
mod named;
mod naming;
mod operators;
mod parameters;
mod parse;
mod partition;
mod pattern;
mod plugin;
mod qualified;
mod restrict;
mod scalar;
mod scope;
mod search;
mod series;
mod slips;
mod special;
mod tabular;
mod union;

pub use aggregate::aggregate_names;
pub use call::functions_of_the_query;

use std::collections::HashSet;
use std::rc::Rc;

use crate::bound::{Answer, Bound, Rendering, Scalar, StepKind};
use crate::catalog::Catalog;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::span::Span;
use crate::syntax::{Query, StatementKind};
use scope::{Row, Scope};

/// How large a query may become when its functions and names are put in: more is a mistake or an attack.
const SIZE_MAX: usize = 400_000;

/// So many mistakes are told at most.
const DIAGNOSTICS_MAX: usize = 50;

/// How deep names may stand for what other names stand for.
const NAMES_MAX: usize = 128;

/// How deep an expression may become when names are put in.
const NESTING_MAX: usize = crate::parser::CHAIN_MAX;

/// How deep functions may call each other.
const CALLS_MAX: usize = 64;

/// Binds a query. Where a diagnostic is an error, what is bound is not whole.
#[must_use]
pub fn bind(
    query: &Query,
    text: &str,
    catalog: &dyn Catalog,
    parameters: &[(String, String)],
) -> (Bound, Vec<Diagnostic>) {
    let mut binder = Binder {
        catalog,
        text,
        parameters,
        diagnostics: Vec::new(),
        broken: Vec::new(),
        functions: HashSet::new(),
        scope: Scope::default(),
        row: None,
        size: 0,
        calls: 0,
        stored_calls: 0,
        depth: 0,
        reached: 0,
        constants: constant::Constants::default(),
        rendering: None,
        answers: Vec::new(),
        aggregating: None,
        auto_bins: about::AutoBins::default(),
        rows_max: None,
    };
    let mut bound = Bound::default();
    binder.statements(query, &mut bound);
    let mut seen = depth::Seen::default();
    let answers = binder.answers.iter();
    let deep: Vec<Span> = answers
        .filter_map(|answer| depth::of_columns(&answer.rows, &mut seen).err())
        .collect();
    for span in deep {
        let message = "with the columns that it is made of put in, an expression is too deep here";
        let diagnostic = Diagnostic::error(Code::SYN0200, span, message);
        let _: Option<()> =
            binder.tell(diagnostic.hint("`| summarize` or `| join` before it makes its columns first"));
    }
    bound.answers = binder.answers;
    let failed = binder
        .diagnostics
        .iter()
        .any(|held| held.severity == Severity::Error);
    if bound.answers.is_empty() && !failed {
        let place = Span::at(u32::try_from(text.len()).unwrap_or_default());
        binder.diagnostics.push(
            Diagnostic::error(Code::SYN0002, place, "there is nothing to answer")
                .hint("a query ends with an expression, such as the name of a table"),
        );
    }
    (bound, binder.diagnostics)
}

struct Binder<'c> {
    catalog: &'c dyn Catalog,
    text: &'c str,
    parameters: &'c [(String, String)],
    diagnostics: Vec<Diagnostic>,
    /// Names whose `let` has been complained about: their uses are no further mistakes.
    broken: Vec<String>,
    /// Names of functions that have been declared somewhere, whether they are seen here or not.
    functions: HashSet<String>,
    scope: Scope,
    row: Option<Rc<Row>>,
    size: usize,
    calls: usize,
    /// How many stored functions are being bound, one in the other.
    stored_calls: usize,
    /// How many queries stand around, each inside of the other.
    depth: usize,
    /// How deep the names that were met lately stand for other names.
    reached: usize,
    constants: constant::Constants,
    rendering: Option<Rendering>,
    answers: Vec<Answer>,
    /// In an expression over aggregates: the rows that they go over, and those found so far.
    aggregating: Option<Aggregating>,
    auto_bins: about::AutoBins,
    /// So many rows are given of each answer.
    rows_max: Option<Scalar>,
}

/// Aggregates inside of an expression stand for columns that the grouping gives.
struct Aggregating {
    row: Option<Rc<Row>>,
    calls: columns::Calls,
    /// Before the first of them.
    offset: usize,
}

impl Binder<'_> {
    /// Says that something is wrong; what it stood for is nothing.
    fn error<T>(&mut self, code: Code, span: Span, message: impl Into<String>) -> Option<T> {
        self.tell(Diagnostic::error(code, span, message))
    }

    /// So many mistakes are told that no more will be, or one of this place, as a function is called again.
    fn has_told(&self, span: Span) -> bool {
        self.diagnostics.len() >= DIAGNOSTICS_MAX || self.diagnostics.iter().any(|held| held.span == span)
    }

    fn tell<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        if self.diagnostics.len() < DIAGNOSTICS_MAX && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
        None
    }

    /// Kusto has it and we do not.
    fn unsupported<T>(&mut self, span: Span, what: &str) -> Option<T> {
        self.error(Code::SEM0501, span, format!("{what} is not supported"))
    }

    /// The query is too large or too deep; no more of it is looked at.
    fn too_large<T>(&mut self, span: Span, message: String) -> Option<T> {
        self.size = SIZE_MAX;
        self.error(Code::SYN0200, span, message)
    }

    /// Counts what is made, so that names that stand for names do not grow without bound.
    fn grow(&mut self, span: Span) -> Option<()> {
        self.size += 1;
        if self.size == SIZE_MAX {
            return self.error(
                Code::SYN0200,
                span,
                format!("with its functions and names put in, the query has more than {SIZE_MAX} parts"),
            );
        }
        (self.size < SIZE_MAX).then_some(())
    }

    /// Leaves rows out of answers, where `set` says how many there may be.
    fn cut_answers(&mut self) {
        let Some(most) = self.rows_max.clone() else {
            return;
        };
        for answer in &mut self.answers {
            tabular::push(&mut answer.rows, StepKind::Take(most.clone()), None, most.span);
        }
    }

    fn statements(&mut self, query: &Query, bound: &mut Bound) {
        let mut declared = HashSet::new();
        for statement in &query.statements {
            match &statement.kind {
                StatementKind::Expression(expression) => {
                    self.reached = 0;
                    self.rendering = None;
                    let before = self.answers.len();
                    if let Some(rows) = self.answer_of(expression) {
                        let rendering = self.rendering.take();
                        // `fork` and `facet` have given theirs already.
                        if self.answers.len() == before {
                            let counted = plugin::previewed(expression, &rows);
                            self.answers.push(Answer {
                                name: None,
                                rows,
                                rendering,
                            });
                            self.answers.extend(counted.map(|rows| Answer {
                                name: None,
                                rows,
                                rendering: None,
                            }));
                        }
                    }
                }
                StatementKind::Set(name, value) => {
                    let _: Option<()> = self.remember_option(name, value.as_ref());
                    let value = value.as_ref().map(|value| value.span.text(self.text).to_owned());
                    bound.options.push((name.text.clone(), value));
                }
                other => {
                    self.declare(other, &mut declared);
                }
            }
        }
        self.cut_answers();
    }
}
