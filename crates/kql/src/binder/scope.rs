//! What names mean at a place: `let` names from the innermost outwards, and the columns of a row.

use std::rc::Rc;
use std::sync::Arc;

use super::constant::reference;
use super::{Binder, NAMES_MAX};
use crate::bound::{Column, Rows, Scalar, Source, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Function, Literal, Name, Pattern};
use crate::types::ScalarType;

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Meaning {
    /// A scalar; and if it varies by row, how deep the query with these rows is.
    Scalar(Arc<Scalar>, Option<usize>),
    /// Rows.
    Rows(Arc<Rows>),
    /// A function, and what its body sees.
    Function(Rc<Function>, Scope),
    /// A pattern, and what its queries see.
    Pattern(Rc<Pattern>, Scope),
}

/// Names and what they stand for; a later one hides an earlier one of the same name.
#[derive(Clone, Default)]
pub(super) struct Scope {
    latest: Option<Rc<Link>>,
    /// Of the tables and functions of the database only those are seen that a pattern of each list fits.
    pub(super) limits: Rc<Vec<Vec<String>>>,
}

struct Link {
    name: String,
    meaning: Meaning,
    /// How many names stand behind this one, each of which stands for the next.
    names: usize,
    before: Option<Rc<Self>>,
}

/// A long chain is taken apart link by link, and not each inside of the other.
impl Drop for Link {
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(mut link) = next.and_then(Rc::into_inner) {
            next = link.before.take();
        }
    }
}

impl Scope {
    /// One name more, and how many names stand behind it.
    pub(super) fn with(&self, name: &str, meaning: Meaning, names: usize) -> Self {
        let latest = Link {
            name: name.to_owned(),
            meaning,
            names,
            before: self.latest.clone(),
        };
        Self {
            latest: Some(Rc::new(latest)),
            limits: self.limits.clone(),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Meaning> {
        self.links()
            .find(|link| link.name == name)
            .map(|link| &link.meaning)
    }

    /// True if a name of the database is seen.
    pub(super) fn sees(&self, name: &str) -> bool {
        let mut limits = self.limits.iter();
        limits.all(|patterns| patterns.iter().any(|pattern| matches(pattern, name)))
    }

    /// All names with what they stand for, the latest first.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Meaning)> {
        self.links().map(|link| (link.name.as_str(), &link.meaning))
    }

    /// The same for those that are asked for, in the order in which they were declared.
    pub(super) fn narrowed(&self, limits: Vec<Vec<String>>, keeps: impl Fn(&str, &Meaning) -> bool) -> Self {
        let kept: Vec<&Link> = self
            .links()
            .filter(|link| keeps(&link.name, &link.meaning))
            .collect();
        let none = Self {
            latest: None,
            limits: Rc::new(limits),
        };
        kept.into_iter().rev().fold(none, |narrowed, link| {
            narrowed.with(&link.name, link.meaning.clone(), link.names)
        })
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.latest.as_deref(), |link| link.before.as_deref())
    }
}

/// The columns that an expression sees.
#[derive(Clone, Default)]
pub(super) struct Row {
    /// Those of the input.
    pub(super) columns: Vec<Column>,
    /// Those of a join's right side, behind `$right`; `columns` are then behind `$left`.
    pub(super) right: Option<Vec<Column>>,
    /// The names of a scan's steps: each has a copy of the columns.
    pub(super) steps: Vec<String>,
    /// The rows have an order.
    pub(super) is_serialized: bool,
    /// There may be columns that only the data tell.
    pub(super) is_open: bool,
    /// The table whose columns these are, if they are those of one.
    pub(super) table: Option<String>,
}

impl Row {
    /// What an expression over rows sees.
    pub(super) fn of(rows: &Rows) -> Self {
        let is_whole = rows.steps.iter().all(|step| {
            matches!(
                step.kind,
                StepKind::Filter(_) | StepKind::Sort(_) | StepKind::Take(_) | StepKind::Top(..)
            )
        });
        let table = match &rows.source {
            Source::Table(name) if is_whole => Some(name.clone()),
            _ => None,
        };
        Self {
            columns: rows.columns().to_vec(),
            is_serialized: rows.is_serialized,
            is_open: rows.is_open,
            table,
            ..Self::default()
        }
    }
}

impl Binder<'_> {
    /// Binds something over the columns of some rows.
    pub(super) fn over<T>(&mut self, rows: &Rows, bind: impl FnOnce(&mut Self) -> T) -> T {
        self.in_row(Some(Rc::new(Row::of(rows))), bind)
    }

    pub(super) fn in_row<T>(&mut self, row: Option<Rc<Row>>, bind: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.row, row);
        let bound = bind(self);
        self.row = before;
        bound
    }

    /// Binds a query, or what else holds for all rows around: of their columns and aggregates it sees nothing.
    pub(super) fn apart<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> T {
        let aggregating = self.aggregating.take();
        self.depth += 1;
        let bound = self.in_row(None, bind);
        self.depth -= 1;
        self.aggregating = aggregating;
        bound
    }

    /// What a name stands for here.
    pub(super) fn meaning(&mut self, name: &str) -> Option<Meaning> {
        let link = self.scope.links().find(|link| link.name == name)?;
        self.reached = self.reached.max(link.names);
        Some(link.meaning.clone())
    }

    /// Binds, and tells how many names stand behind those that were met, each of which stands for the next.
    pub(super) fn reaching<T>(&mut self, bind: impl FnOnce(&mut Self) -> T) -> (T, usize) {
        let before = std::mem::replace(&mut self.reached, 0);
        let bound = bind(self);
        let reached = self.reached;
        self.reached = before.max(reached);
        (bound, reached)
    }

    /// One name more that stands for others: how many these are in a row.
    pub(super) fn one_name_more(&mut self, reached: usize, span: Span) -> Option<usize> {
        if reached < NAMES_MAX {
            return Some(reached + 1);
        }
        let message = format!("names stand for other names more than {NAMES_MAX} deep");
        self.too_large(span, message)
    }

    /// The place and type of a column of the input.
    pub(super) fn find_column(&self, name: &str) -> Option<(usize, Column)> {
        let row = self.row.as_ref()?;
        let at = row.columns.iter().position(|column| *column.name == *name)?;
        Some((at, row.columns.get(at)?.clone()))
    }

    /// A name in a scalar expression.
    pub(super) fn scalar_name(&mut self, name: &Name) -> Option<Scalar> {
        if let Some((at, column)) = self.find_column(&name.text) {
            return Some(Scalar::column(at, column.kind, name.span));
        }
        match self.meaning(&name.text) {
            // A parameter may stand for a column of the caller's rows, which other rows do not have.
            Some(Meaning::Scalar(_, Some(depth))) if depth != self.depth => {
                let message = format!(
                    "`{}` varies by row outside of this query, which is asked once for all rows",
                    name.text
                );
                let diagnostic = Diagnostic::error(Code::SEM0100, name.span, message);
                self.tell(diagnostic.hint("`lookup` and `join` look something up for each row"))
            }
            Some(Meaning::Scalar(shared, _)) => Some(reference(shared, name.span)),
            Some(Meaning::Function(function, scope)) => {
                let arguments = self.default_arguments(&function, name)?;
                self.call_scalar_function(&function, &scope, arguments, name.span)
            }
            Some(Meaning::Pattern(..)) => {
                let message = format!("`{}` is a pattern, where one value is asked for", name.text);
                self.error(Code::SEM0009, name.span, message)
            }
            Some(Meaning::Rows(_)) => {
                let diagnostic = Diagnostic::error(
                    Code::SEM0009,
                    name.span,
                    format!("`{}` stands for rows, where one value is asked for", name.text),
                );
                self.tell(diagnostic.hint(format!("`toscalar({})` takes the first cell", name.text)))
            }
            // What the data will tell is of no known type.
            None if self.row.as_ref().is_some_and(|row| row.is_open) => Some(Scalar::literal(
                Literal::null(ScalarType::Dynamic),
                ScalarType::Dynamic,
                name.span,
            )),
            None => self.unknown_name(name),
        }
    }

    fn unknown_name(&mut self, name: &Name) -> Option<Scalar> {
        if self.broken.contains(&name.text) || self.has_told(name.span) {
            return None;
        }
        if self.row.is_none() && self.is_grouped(&name.text) {
            let message = format!("`{}` has many values here, of all rows of a group", name.text);
            let hint = format!(
                "an aggregate makes one of them, such as `max({0})` or `take_any({0})`; behind `by` it makes groups",
                name.text
            );
            return self.tell(Diagnostic::error(Code::SEM0100, name.span, message).hint(hint));
        }
        let what = if self.row.is_some() {
            "column or variable"
        } else {
            "variable"
        };
        let mut diagnostic = Diagnostic::error(
            Code::SEM0100,
            name.span,
            format!("there is no {what} `{}` here", name.text),
        );
        diagnostic.hint = self.name_hint(name);
        self.tell(diagnostic)
    }

    /// True for a column of the rows that are being grouped.
    fn is_grouped(&self, name: &str) -> bool {
        let row = self
            .aggregating
            .as_ref()
            .and_then(|aggregating| aggregating.row.as_ref());
        row.is_some_and(|row| row.columns.iter().any(|column| *column.name == *name))
    }

    /// The columns whose names a pattern matches, in their order.
    pub(super) fn matching_columns(&self, pattern: &str) -> Vec<usize> {
        let Some(row) = &self.row else {
            return Vec::new();
        };
        (0..row.columns.len())
            .filter(|&at| {
                row.columns
                    .get(at)
                    .is_some_and(|column| matches(pattern, &column.name))
            })
            .collect()
    }

    /// A plain column, where only one can stand.
    pub(super) fn plain_column(&mut self, name: &Name) -> Option<usize> {
        match self.find_column(&name.text) {
            Some((at, _)) => Some(at),
            None => self.unknown_name(name).and(None),
        }
    }

    pub(super) fn row_columns(&self) -> Vec<Column> {
        self.row
            .as_ref()
            .map(|row| row.columns.clone())
            .unwrap_or_default()
    }

    pub(super) fn place_error<T>(&mut self, span: Span, message: &str) -> Option<T> {
        self.error(Code::SEM0009, span, message)
    }
}

/// The name that was probably meant.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let lowered = name.to_lowercase();
    // Of a name of one or two letters any other is near.
    let limit = match name.chars().count() {
        0..=2 => 0,
        letters => (letters / 3).max(1),
    };
    known
        .map(|known| {
            (
                strsim::damerau_levenshtein(&lowered, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

/// True if a name fits a pattern in which `*` stands for anything.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("*", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "axbxc", true),
            ("a*a", "a", false),
            ("abc", "abc", true),
            ("ab", "abc", false),
            ("*b*", "abc", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
