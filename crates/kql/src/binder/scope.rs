//! What names mean at a place: `let` names from the innermost outwards, and the columns of a row.

use std::rc::Rc;
use std::sync::Arc;

use super::Binder;
use crate::bound::{Column, Rows, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Function, Name, Pattern};
use crate::types::ScalarType;

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Meaning {
    /// A scalar.
    Scalar(Arc<Scalar>),
    /// Rows.
    Rows(Arc<Rows>),
    /// A function, and what its body sees.
    Function(Rc<Function>, Scope),
    /// A pattern, and what its queries see.
    Pattern(Rc<Pattern>, Scope),
}

/// Names and what they stand for; a later one hides an earlier one of the same name.
#[derive(Clone, Default)]
pub(super) struct Scope(Option<Rc<Link>>);

struct Link {
    name: String,
    meaning: Meaning,
    before: Scope,
}

impl Scope {
    pub(super) fn with(&self, name: &str, meaning: Meaning) -> Self {
        Self(Some(Rc::new(Link {
            name: name.to_owned(),
            meaning,
            before: self.clone(),
        })))
    }

    pub(super) fn find(&self, name: &str) -> Option<&Meaning> {
        self.links()
            .find(|link| link.name == name)
            .map(|link| &link.meaning)
    }

    /// All names with what they stand for, the latest first.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Meaning)> {
        self.links().map(|link| (link.name.as_str(), &link.meaning))
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.0.as_deref(), |link| link.before.0.as_deref())
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
}

impl Binder<'_> {
    /// Binds something over the columns of some rows.
    pub(super) fn over<T>(&mut self, rows: &Rows, bind: impl FnOnce(&mut Self) -> T) -> T {
        let row = Row {
            columns: rows.columns().to_vec(),
            is_serialized: rows.is_serialized,
            is_open: rows.is_open,
            ..Row::default()
        };
        self.in_row(Some(Rc::new(row)), bind)
    }

    pub(super) fn in_row<T>(&mut self, row: Option<Rc<Row>>, bind: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.row, row);
        let bound = bind(self);
        self.row = before;
        bound
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
        match self.scope.find(&name.text).cloned() {
            Some(Meaning::Scalar(shared)) => {
                let gives = shared.gives;
                // A literal stays one, so that what needs one finds it.
                let kind = match &shared.kind {
                    ScalarKind::Literal(literal) => ScalarKind::Literal(literal.clone()),
                    ScalarKind::Dynamic(value) => ScalarKind::Dynamic(value.clone()),
                    _ => ScalarKind::Shared(shared),
                };
                Some(Scalar {
                    kind,
                    gives,
                    span: name.span,
                })
            }
            Some(Meaning::Function(function, scope)) if function.parameters.is_empty() => {
                self.call_scalar_function(&function, &scope, Vec::new(), name.span)
            }
            Some(Meaning::Function(..)) => {
                let message = format!("`{}` is a function; its arguments are missing", name.text);
                self.error(Code::SEM0219, name.span, message)
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
                crate::syntax::Literal::null(ScalarType::Dynamic),
                ScalarType::Dynamic,
                name.span,
            )),
            None => self.unknown_name(name),
        }
    }

    fn unknown_name(&mut self, name: &Name) -> Option<Scalar> {
        if self.broken.contains(&name.text) {
            return None;
        }
        let mut known: Vec<String> = Vec::new();
        if let Some(row) = &self.row {
            known.extend(row.columns.iter().map(|column| column.name.to_string()));
        }
        known.extend(self.scope.names().map(|(name, _)| name.to_owned()));
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
        if let Some(hint) = nearest(&name.text, known.iter().map(String::as_str)) {
            diagnostic = diagnostic.hint(hint);
        } else if self.catalog.table(&name.text).is_some() {
            diagnostic = diagnostic.hint(format!(
                "`{}` is a table; `toscalar(...)` takes one value of rows",
                name.text
            ));
        } else if self.row.as_ref().is_some_and(|row| !row.columns.is_empty()) {
            let columns: Vec<&str> = known.iter().take(12).map(String::as_str).collect();
            diagnostic = diagnostic.hint(format!("there are {}", columns.join(", ")));
        }
        self.tell(diagnostic)
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
    let limit = (name.chars().count() / 3).max(1);
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
