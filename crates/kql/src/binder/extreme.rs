//! `arg_max`, `arg_min` and `take_any`: a column for each argument, and `*` for all that were not named.

use super::Binder;
use super::naming;
use crate::bound::{AggregateCall, Column, Scalar, ScalarKind};
use crate::diagnostic::Code;
use crate::syntax::{Call, Expr, ExprKind};
use crate::types::ScalarType;

/// How the columns of a call are named: after their arguments, with something before them.
struct Style {
    /// Before the first.
    first: String,
    /// Before the others.
    others: String,
    /// Before the numbers of arguments that suggest no name.
    numbered: String,
    /// The first has a number too if it suggests no name.
    numbers_first: bool,
}

impl Style {
    fn of(name: &str, call: &Call) -> Self {
        let first = call
            .arguments
            .first()
            .and_then(naming::suggested)
            .unwrap_or_default();
        let extreme = name.trim_start_matches("arg_");
        match call.name.text.as_str() {
            "any" => Self {
                first: "any_".to_owned(),
                others: "any_".to_owned(),
                numbered: "any_arg".to_owned(),
                numbers_first: call.arguments.len() > 1,
            },
            "argmax" | "argmin" => Self {
                first: format!("{extreme}_"),
                others: format!("{extreme}_{first}_"),
                numbered: format!("{extreme}_{first}_arg"),
                numbers_first: false,
            },
            _ if name == "take_any" => Self {
                first: String::new(),
                others: String::new(),
                numbered: "any_arg".to_owned(),
                numbers_first: true,
            },
            _ => Self {
                first: if first.is_empty() {
                    format!("{extreme}_")
                } else {
                    String::new()
                },
                others: String::new(),
                numbered: format!("{extreme}_{first}_arg"),
                numbers_first: false,
            },
        }
    }

    fn name(&self, at: usize, suggested: Option<String>) -> String {
        match (at, suggested) {
            (0, Some(name)) => format!("{}{name}", self.first),
            (0, None) if !self.numbers_first => self.first.clone(),
            (_, Some(name)) => format!("{}{name}", self.others),
            (at, None) => format!("{}{at}", self.numbered),
        }
    }
}

impl Binder<'_> {
    /// Binds a call. `name` is the usual one, the call may have an old one.
    pub(super) fn extremes(&mut self, name: &str, call: &Call) -> Option<AggregateCall> {
        let style = Style::of(name, call);
        let is_star = |argument: &Expr| matches!(argument.kind, ExprKind::Star);
        let has_star = call.arguments.iter().any(is_star);
        let mut arguments: Vec<Scalar> = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for (at, argument) in call.arguments.iter().enumerate() {
            if is_star(argument) {
                if at == 0 && name != "take_any" {
                    let message = format!("`{name}` needs a value before `*`");
                    return self.error(Code::SEM0219, argument.span, message);
                }
                if call.name.text == "any" && call.arguments.len() > 1 {
                    return self.error(Code::SEM0219, argument.span, "`any` takes `*` alone");
                }
                for (place, column) in self.row_columns().into_iter().enumerate() {
                    if !stands_among(&arguments, place) {
                        arguments.push(Scalar::column(place, column.kind, argument.span));
                        let shown = style.name(at, Some(column.name.to_string()));
                        columns.push(Column::new(shown, column.kind));
                    }
                }
                continue;
            }
            let value = match &argument.kind {
                ExprKind::Named(_, value) => value.as_ref(),
                _ => argument,
            };
            let value = self.scalar(value)?;
            let has_no_order = matches!(value.gives, ScalarType::Dynamic | ScalarType::Guid);
            if at == 0 && name != "take_any" && has_no_order {
                let message = format!("`{name}` cannot put values of type {} in order", value.gives);
                return self.error(Code::SEM0219, value.span, message);
            }
            // Beside `*` no column is given twice.
            if has_star && matches!(value.kind, ScalarKind::Column(place) if stands_among(&arguments, place))
            {
                continue;
            }
            let shown = style.name(at, naming::suggested(argument).filter(|name| !name.is_empty()));
            columns.push(Column::new(shown, value.gives));
            arguments.push(value);
        }
        if call.arguments.is_empty() {
            return self.error(Code::SEM0219, call.span, format!("`{name}` needs an argument"));
        }
        Some(AggregateCall {
            function: name.to_owned(),
            arguments,
            columns,
        })
    }
}

/// True if a column of the input is one of the values.
fn stands_among(arguments: &[Scalar], place: usize) -> bool {
    arguments
        .iter()
        .any(|held| matches!(held.kind, ScalarKind::Column(at) if at == place))
}
