//! What aggregates and functions over rows look at, as columns of a step before them, each once.
//!
//! Left to itself, the library takes what several aggregates share out of them, and now and then makes a plan that fails;
//! and it tells functions over rows apart by a text, in which a function of values is its name alone.

use datafusion::logical_expr::Expr;
use kql::bound::HIDDEN;

use super::scalar::column_named;

/// The columns so far.
#[derive(Default)]
pub(super) struct Inputs(Vec<Expr>);

impl Inputs {
    /// The column that holds an expression; literals stay.
    pub(super) fn column(&mut self, expression: Expr) -> Expr {
        if matches!(expression, Expr::Literal(..)) {
            return expression;
        }
        let known = self.0.iter().position(|held| *held == expression);
        let at = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(expression);
        }
        column_named(name(at))
    }

    /// Columns in place of arguments.
    pub(super) fn columns(&mut self, arguments: &mut [Expr]) {
        for argument in arguments {
            let taken = std::mem::take(argument);
            *argument = self.column(taken);
        }
    }

    /// What the step before has to make.
    pub(super) fn made(self) -> impl Iterator<Item = Expr> {
        self.0
            .into_iter()
            .enumerate()
            .map(|(at, expression)| expression.alias(name(at)))
    }
}

fn name(at: usize) -> String {
    format!("{HIDDEN}{at}")
}
