//! Scalar expressions as meant.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Rows;
use crate::span::Span;
use crate::syntax::{DynamicValue, ListOperator, Literal};
use crate::types::ScalarType;

/// A scalar expression: what it is, its type, and where it was written.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scalar {
    /// What it is.
    pub kind: ScalarKind,
    /// Its type.
    pub gives: ScalarType,
    /// Where it was written.
    pub span: Span,
}

/// What a scalar expression is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ScalarKind {
    /// A literal.
    Literal(Literal),
    /// What `dynamic(...)` says.
    Dynamic(DynamicValue),
    /// A column of the input, by its place.
    Column(usize),
    /// A column of the step's state, in `scan`: of the step with that number.
    StepColumn(usize, usize),
    /// A function or an operator, by its name.
    Call(String, Vec<Scalar>),
    /// A function that looks at other rows: `prev`, `row_number`.
    Window(String, Vec<Scalar>),
    /// `and` or `or` of two or more.
    Logic(bool, Vec<Scalar>),
    /// `in`, `has_any` and their kin.
    In(Box<Scalar>, ListOperator, ListItems),
    /// The first cell of some rows; the same rows are computed once.
    ToScalar(Arc<Rows>),
    /// An expression that stands in several places; it is one.
    Shared(Arc<Scalar>),
    /// A value of another type, widened: `int` to `long`, a plain value to `dynamic`.
    Widened(Box<Scalar>),
    /// A bag of all columns of the input but those with nothing in them, if asked so.
    PackAll(bool),
}

/// The right side of `in`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ListItems {
    /// Expressions; arrays among them count as their elements.
    Values(Vec<Scalar>),
    /// The first column of some rows.
    Rows(Arc<Rows>),
}

impl Scalar {
    /// A literal.
    #[must_use]
    pub const fn literal(literal: Literal, gives: ScalarType, span: Span) -> Self {
        Self {
            kind: ScalarKind::Literal(literal),
            gives,
            span,
        }
    }

    /// A column of the input.
    #[must_use]
    pub const fn column(at: usize, gives: ScalarType, span: Span) -> Self {
        Self {
            kind: ScalarKind::Column(at),
            gives,
            span,
        }
    }

    /// A column compared with a moment, in ticks.
    #[must_use]
    pub fn compared(at: usize, operator: &str, ticks: i64, span: Span) -> Self {
        let kind = ScalarType::Datetime;
        let sides = vec![
            Self::column(at, kind, span),
            Self::literal(Literal::Datetime(Some(ticks)), kind, span),
        ];
        Self {
            kind: ScalarKind::Call(operator.to_owned(), sides),
            gives: ScalarType::Bool,
            span,
        }
    }

    /// The literal, if it is one, through brackets of `let`.
    #[must_use]
    pub fn as_literal(&self) -> Option<&Literal> {
        match &self.kind {
            ScalarKind::Literal(literal) => Some(literal),
            ScalarKind::Shared(shared) => shared.as_literal(),
            _ => None,
        }
    }

    /// What `dynamic(...)` says, if it is that, through brackets of `let`.
    #[must_use]
    pub fn as_dynamic(&self) -> Option<&DynamicValue> {
        match &self.kind {
            ScalarKind::Dynamic(value) => Some(value),
            ScalarKind::Shared(shared) => shared.as_dynamic(),
            _ => None,
        }
    }

    /// The expressions directly inside of it.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            ScalarKind::Call(_, arguments)
            | ScalarKind::Window(_, arguments)
            | ScalarKind::Logic(_, arguments) => arguments.iter().collect(),
            ScalarKind::In(value, _, ListItems::Values(items)) => {
                std::iter::once(value.as_ref()).chain(items).collect()
            }
            ScalarKind::In(value, _, ListItems::Rows(_)) | ScalarKind::Widened(value) => vec![value],
            ScalarKind::Shared(shared) => vec![shared],
            ScalarKind::Literal(_)
            | ScalarKind::Dynamic(_)
            | ScalarKind::Column(_)
            | ScalarKind::StepColumn(..)
            | ScalarKind::ToScalar(_)
            | ScalarKind::PackAll(_) => Vec::new(),
        }
    }

    /// True if it holds for all rows.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        !matches!(
            self.kind,
            ScalarKind::Column(_)
                | ScalarKind::StepColumn(..)
                | ScalarKind::Window(..)
                | ScalarKind::PackAll(_)
        ) && self.parts().into_iter().all(Self::is_constant)
    }

    /// True if it looks at other rows, and so hangs on their order.
    #[must_use]
    pub fn has_window(&self) -> bool {
        matches!(self.kind, ScalarKind::Window(..)) || self.parts().into_iter().any(Self::has_window)
    }
}
