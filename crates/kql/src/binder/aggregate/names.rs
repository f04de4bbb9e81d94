//! How the columns of aggregates are named that were given no name.

use super::{Naming, find};
use crate::binder::naming::{self, Names};
use crate::bound::AggregateCall;
use crate::syntax::{Call, Expr, ExprKind, Literal};

/// The name that an aggregate's call suggests for its column.
pub(in crate::binder) fn suggested_name(call: &Call) -> Option<String> {
    let (aggregate, _) = find(&call.name.text)?;
    let first = || suggested(call.arguments.first());
    // Some old names keep their own prefix.
    let old = match call.name.text.as_str() {
        "make_dictionary" => Some("dictionary"),
        old @ ("anyif" | "cnt") => Some(old),
        _ => None,
    };
    match (old, aggregate.naming) {
        (Some(prefix), _) | (None, Naming::Prefix(prefix)) => Some(format!("{prefix}_{}", first())),
        (None, Naming::First) => Some(first()).filter(|name| !name.is_empty()),
        (None, Naming::Own) => own_names(aggregate.name, call).into_iter().next(),
    }
}

fn suggested(argument: Option<&Expr>) -> String {
    argument.and_then(naming::suggested).unwrap_or_default()
}

/// The names of the columns of `percentiles`, `arg_max` and `take_any`.
pub(super) fn own_names(aggregate: &str, call: &Call) -> Vec<String> {
    let percentiles = |from: usize| {
        let first = suggested(call.arguments.first());
        let named = call.arguments.iter().skip(from);
        named
            .map(|argument| format!("percentile_{first}_{}", percent(argument)))
            .collect()
    };
    match aggregate {
        "percentile" | "percentiles" => percentiles(1),
        "percentilew" | "percentilesw" => percentiles(2),
        _ => {
            let own = Extremes::of(call);
            let named = call.arguments.iter().enumerate();
            named
                .map(|(at, argument)| own.of_argument(at, argument))
                .collect()
        }
    }
}

/// `99.9` is `99_9`.
fn percent(argument: &Expr) -> String {
    match &argument.kind {
        ExprKind::Literal(Literal::Long(Some(number))) => number.to_string(),
        ExprKind::Literal(Literal::Real(Some(number))) => number.to_string().replace('.', "_"),
        _ => String::new(),
    }
}

/// How `arg_max`, `arg_min`, `take_any` and the old forms of them name their columns.
pub(super) struct Extremes {
    /// `max`, `min` or `any`.
    what: &'static str,
    /// The name of the first argument.
    first: String,
    /// The old forms say what they are before each name.
    is_old: bool,
}

impl Extremes {
    pub(super) fn of(call: &Call) -> Self {
        let (what, is_old) = match call.name.text.as_str() {
            "arg_max" => ("max", false),
            "argmax" => ("max", true),
            "arg_min" => ("min", false),
            "argmin" => ("min", true),
            "any" => ("any", true),
            _ => ("any", false),
        };
        Self {
            what,
            first: suggested(call.arguments.first()),
            is_old,
        }
    }

    /// A column that `*` stands for.
    pub(super) fn of_column(&self, name: &str) -> String {
        match (self.is_old, self.what) {
            (false, _) => name.to_owned(),
            (true, "any") => format!("any_{name}"),
            (true, what) => format!("{what}_{}_{name}", self.first),
        }
    }

    /// An argument by its place.
    pub(super) fn of_argument(&self, at: usize, argument: &Expr) -> String {
        let name = naming::suggested(argument);
        let Self { what, first, is_old } = self;
        match (name, *what) {
            (Some(name), "any") if *is_old => format!("any_{name}"),
            (None, "any") if *is_old => "any_".to_owned(),
            (None, "any") => format!("any_arg{at}"),
            (Some(name), _) if !is_old => name,
            (name, what) if at == 0 => format!("{what}_{}", name.unwrap_or_default()),
            (Some(name), what) => format!("{what}_{first}_{name}"),
            (None, what) => format!("{what}_{first}_arg{at}"),
        }
    }
}

/// Gives the columns of a call names that no other column of the step has.
pub(in crate::binder) fn name_columns(call: &mut AggregateCall, given: &[String], names: &mut Names) {
    for (at, column) in call.columns.iter_mut().enumerate() {
        let name = match given.get(at) {
            Some(given) => {
                names.take(given);
                given.clone()
            }
            None if column.name.is_empty() => names.anonymous(),
            None => names.unique(&column.name),
        };
        column.name = name.into();
    }
}
