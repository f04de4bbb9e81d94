//! Calls in scalar expressions: our functions, functions of the query, and what is no function.

use super::scope::{Meaning, nearest};
use super::{Binder, aggregate, slips, special};
use crate::bound::{Scalar, ScalarKind};
use crate::catalog::FunctionDeclaration;
use crate::diagnostic::{Code, Diagnostic};
use crate::refused;
use crate::signature::Class;
use crate::span::Span;
use crate::syntax::{Call, Expr, ExprKind, Literal};
use crate::types::ScalarType;

/// Functions over neighbouring rows.
const WINDOWS: [&str; 8] = [
    "next",
    "prev",
    "row_cumsum",
    "row_number",
    "row_rank",
    "row_rank_dense",
    "row_rank_min",
    "row_window_session",
];

/// Functions that are bound by themselves and are in no catalog: over neighbouring rows, and those that know of the query.
#[must_use]
pub fn functions_of_the_query() -> Vec<&'static str> {
    let mut names: Vec<&str> = WINDOWS.into_iter().chain(special::SPECIAL).collect();
    names.sort_unstable();
    names
}

impl Binder<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Option<Scalar> {
        let name = call.name.text.as_str();
        if self.is_aggregate_here(name) {
            return self.aggregate_in_expression(call);
        }
        if let Some(Meaning::Function(function, scope)) = self.meaning(name) {
            let arguments = self.function_arguments(&function, call)?;
            return self.call_scalar_function(&function, &scope, arguments, call.span);
        }
        if let Some(special) = self.special(call) {
            return special;
        }
        if WINDOWS.contains(&name) {
            return self.window(call);
        }
        let catalog = self.catalog;
        let Some(declaration) = catalog.function(name) else {
            return self.no_function(call);
        };
        if !declaration.tuple.is_empty() {
            let message =
                format!("`{name}` gives several columns; it can only stand alone in `extend` or `project`");
            return self.place_error(call.span, &message);
        }
        let arguments = self.arguments(&call.arguments)?;
        let (arguments, gives) = self.resolve(name, &declaration.signatures, arguments, call.span)?;
        self.constants_hold(name, declaration, &arguments)?;
        self.literals_hold(declaration, &arguments)?;
        let counts_weeks = matches!(
            arguments.first().and_then(Scalar::as_literal),
            Some(Literal::String(part)) if part.eq_ignore_ascii_case("week")
        );
        let bound = self.call_of(declaration.name, arguments, gives, call.span);
        // Weeks are the one part that the engine counts as reals.
        if declaration.name == "datetime_diff" && counts_weeks {
            return Some(self.call_of("toreal", vec![bound], ScalarType::Real, call.span));
        }
        Some(bound)
    }

    /// Some arguments must hold for all rows. Of arrays that are sorted together the last may say how.
    pub(super) fn constants_hold(
        &mut self,
        name: &str,
        declaration: &FunctionDeclaration,
        arguments: &[Scalar],
    ) -> Option<()> {
        for (at, argument) in arguments.iter().enumerate() {
            let is_asked = declaration.constant.contains(&at) && argument.gives != ScalarType::Dynamic;
            if is_asked && !argument.is_constant() {
                let message = format!("`{name}` takes a constant here, and this differs from row to row");
                let diagnostic = Diagnostic::error(Code::SEM0019, argument.span, message);
                return self.tell(diagnostic.hint("a literal, or a name that `let` gives to one"));
            }
        }
        Some(())
    }

    /// A literal text must be one that its place takes: a regular expression, the name of a part of a datetime.
    pub(super) fn literals_hold(
        &mut self,
        declaration: &FunctionDeclaration,
        arguments: &[Scalar],
    ) -> Option<()> {
        let text = |at: usize| match arguments.get(at).and_then(Scalar::as_literal) {
            Some(Literal::String(text)) => Some(text.as_str()),
            _ => None,
        };
        for checked in &declaration.checked {
            if checked.only_if.is_some_and(|(at, asked)| text(at) != Some(asked)) {
                continue;
            }
            if let Some(fault) = text(checked.argument).and_then(checked.fault) {
                let span = arguments.get(checked.argument)?.span;
                return self.tell(Diagnostic::error(fault.code, span, fault.message).hint(fault.hint));
            }
        }
        Some(())
    }

    /// Binds arguments, telling all mistakes.
    pub(super) fn arguments(&mut self, arguments: &[Expr]) -> Option<Vec<Scalar>> {
        let bound: Vec<Option<Scalar>> = arguments
            .iter()
            .map(|argument| match &argument.kind {
                // Names of arguments are accepted and mean nothing to built-in functions.
                ExprKind::Named(_, value) => self.scalar(value),
                _ => self.scalar(argument),
            })
            .collect();
        bound.into_iter().collect()
    }

    fn no_function(&mut self, call: &Call) -> Option<Scalar> {
        let name = call.name.text.as_str();
        let span = call.name.span;
        if self.broken.iter().any(|held| held == name) {
            return None;
        }
        if aggregate::is_aggregate(name) {
            let diagnostic = Diagnostic::error(Code::SEM0260, span, format!("`{name}` is an aggregate"));
            return self
                .tell(diagnostic.hint("aggregates stand in `summarize`, `make-series` and `top-nested`"));
        }
        if refused::FUNCTIONS.contains(&name) {
            return self.unsupported(span, &format!("the function `{name}`"));
        }
        if self.table(name).is_some() || self.stored_text(name).is_some() {
            return self.place_error(
                call.span,
                &format!("`{name}` gives rows, where one value is asked for"),
            );
        }
        let mut diagnostic = Diagnostic::error(Code::SEM0260, span, format!("there is no function `{name}`"));
        diagnostic.hint = self.function_hint(name);
        self.tell(diagnostic)
    }

    fn function_hint(&self, name: &str) -> Option<String> {
        if self.functions.contains(name) {
            return Some("a function sees what is declared before it, and not itself".to_owned());
        }
        if let Some(hint) = foreign(name) {
            return Some(hint.to_owned());
        }
        let joined = name.replace('_', "");
        if joined != name && (aggregate::is_aggregate(&joined) || self.catalog.function(&joined).is_some()) {
            return Some(format!("did you mean `{joined}`?"));
        }
        // Operators are functions too, and are called otherwise.
        let is_word = |name: &&str| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let known = self.catalog.function_names().into_iter().filter(is_word);
        match self.aggregating.is_some() {
            true => nearest(name, known.chain(aggregate::names())),
            false => nearest(name, known),
        }
    }

    /// `prev`, `row_number` and their kin: they hang on the order of rows.
    fn window(&mut self, call: &Call) -> Option<Scalar> {
        let name = call.name.text.as_str();
        let arguments = self.arguments(&call.arguments)?;
        let serialized = self.row.as_ref().is_some_and(|row| row.is_serialized);
        if !serialized {
            let message = format!("`{name}` needs rows in an order, and these have none");
            let diagnostic = Diagnostic::error(Code::SEM0019, call.span, message);
            return self.tell(diagnostic.hint("put `sort by ...` or `serialize` before it"));
        }
        let (number, gives) = match name {
            "row_number" => (0..=2, ScalarType::Long),
            "row_cumsum" => (
                1..=2,
                arguments
                    .first()
                    .map_or(ScalarType::Long, |argument| argument.gives),
            ),
            "row_rank_dense" | "row_rank_min" | "row_rank" => (1..=2, ScalarType::Long),
            "row_window_session" => (3..=4, ScalarType::Datetime),
            _ => (
                1..=3,
                arguments
                    .first()
                    .map_or(ScalarType::Long, |argument| argument.gives),
            ),
        };
        if !number.contains(&arguments.len()) {
            let message = format!("`{name}` takes {} to {} arguments", number.start(), number.end());
            return self.error(Code::SEM0219, call.span, message);
        }
        self.window_arguments(name, &arguments, call.span)?;
        let name = if name == "row_rank" {
            "row_rank_dense"
        } else {
            name
        };
        Some(Scalar {
            kind: ScalarKind::Window(name.to_owned(), arguments),
            gives,
            span: call.span,
        })
    }

    /// What is asked of the arguments beyond their number.
    fn window_arguments(&mut self, name: &str, arguments: &[Scalar], span: Span) -> Option<()> {
        if matches!(name, "prev" | "next") {
            let offset = arguments.get(1);
            let positive = offset.is_none_or(|offset| match offset.as_literal() {
                Some(Literal::Long(Some(number))) => *number > 0,
                Some(Literal::Int(Some(number))) => *number > 0,
                _ => false,
            });
            if !positive {
                return self.error(
                    Code::SEM0219,
                    span,
                    format!("the distance of `{name}` is a whole number above 0"),
                );
            }
        }
        if matches!(name, "prev" | "next") && arguments.get(2).is_some_and(|default| !default.is_constant()) {
            let message = format!("what `{name}` gives where there is no such row must hold for all rows");
            let diagnostic = Diagnostic::error(Code::SEM0219, span, message);
            return self
                .tell(diagnostic.hint(format!("`coalesce({name}(a), a)` takes another column there")));
        }
        if matches!(name, "row_number") && arguments.first().is_some_and(|start| !start.gives.is_integer()) {
            return self.error(Code::SEM0219, span, "`row_number` begins with a whole number");
        }
        self.window_value(name, arguments, span)?;
        if name == "row_window_session" {
            let mut distances = arguments.iter().skip(1).take(2);
            if let Some(other) = distances.find(|held| held.gives != ScalarType::Timespan) {
                let message = format!(
                    "the distances of `{name}` are timespans, and this is of type {}",
                    other.gives
                );
                let mut diagnostic = Diagnostic::error(Code::SEM0219, other.span, message);
                diagnostic.hint = slips::unquoted(Class::Type(ScalarType::Timespan), other);
                return self.tell(diagnostic);
            }
        }
        let restart = match name {
            "row_number" | "row_cumsum" | "row_rank_dense" | "row_rank_min" | "row_rank" => arguments.get(1),
            "row_window_session" => arguments.get(3),
            _ => None,
        };
        if restart.is_some_and(|restart| restart.gives != ScalarType::Bool) {
            return self.error(
                Code::SEM0219,
                span,
                format!("`{name}` begins anew where a condition is true"),
            );
        }
        Some(())
    }
}

impl Binder<'_> {
    /// What kind of value a window function goes over.
    fn window_value(&mut self, name: &str, arguments: &[Scalar], span: Span) -> Option<()> {
        let gives = arguments.first().map(|argument| argument.gives);
        let (fits, wanted) = match (name, gives) {
            (_, None) => (true, ""),
            ("row_cumsum", Some(kind)) => (kind.is_number(), "adds numbers"),
            ("row_rank_dense" | "row_rank_min" | "row_rank", Some(kind)) => {
                (kind != ScalarType::Dynamic, "ranks what is no dynamic")
            }
            ("row_window_session", Some(kind)) => (kind == ScalarType::Datetime, "goes over datetimes"),
            (_, Some(_)) => (true, ""),
        };
        match fits {
            true => Some(()),
            false => self.error(Code::SEM0219, span, format!("`{name}` {wanted}")),
        }
    }
}

/// What functions of other languages are called here.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "exists" => "`a in (T | project a)`, or `join kind=leftsemi (T) on a`",
        "concat" => "`strcat(a, b)` joins texts",
        "len" | "length" => "`strlen(text)` and `array_length(array)` count",
        "lower" | "lcase" => "`tolower(text)`",
        "upper" | "ucase" => "`toupper(text)`",
        "nvl" | "ifnull" => "`coalesce(a, b)` takes the first that is not null",
        "if" => "`iff(condition, then, else)`",
        "date_trunc" => "`bin(time, 1h)` or `startofday(time)`",
        "getdate" | "current_timestamp" => "`now()`",
        "dateadd" | "date_add" => "`datetime_add('day', 1, time)`, or `time + 1d`",
        "cast" | "convert" => "`tolong(...)`, `tostring(...)` and their kin convert",
        "average" | "mean" => "`avg(a)`",
        "median" => "`percentile(a, 50)`",
        "std" | "stddev" => "`stdev(a)`",
        "var" => "`variance(a)`",
        "total" => "`sum(a)`",
        "distinct_count" | "uniq" | "approx_distinct" | "approx_count_distinct" => {
            "`dcount(a)` estimates, `count_distinct(a)` counts"
        }
        "values" | "collect_set" => "`make_set(a)`",
        "list" | "array_agg" | "collect_list" => "`make_list(a)`",
        "string_agg" | "group_concat" | "listagg" => "`strcat_array(make_list(a), \",\")`",
        "cidrmatch" => "`ipv4_is_in_range(address, '10.0.0.0/8')`",
        "substr" => "`substring(text, start, length)` counts from 0",
        _ => return None,
    })
}
