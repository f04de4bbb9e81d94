//! Aggregates: what they take and give, and how their columns are named.

use std::sync::LazyLock;

use super::Binder;
use super::naming;
use crate::bound::{AggregateCall, Column, Scalar};
use crate::diagnostic::{Code, Diagnostic};
use crate::signature::Signature;
use crate::syntax::{Call, Expr, ExprKind, Literal};
use crate::types::ScalarType;

/// What an aggregate's result is named: a prefix and the first argument, or as said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Prefix(&'static str),
    First,
    /// Percentiles, extremes and `take_any` name several columns on their own.
    Own,
}

struct Aggregate {
    name: &'static str,
    signatures: &'static [&'static str],
    naming: Naming,
}

/// Old names and the usual ones.
const OLD_NAMES: [(&str, &str); 9] = [
    ("any", "take_any"),
    ("anyif", "take_anyif"),
    ("argmax", "arg_max"),
    ("argmin", "arg_min"),
    ("cnt", "count"),
    ("makelist", "make_list"),
    ("makeset", "make_set"),
    ("make_dictionary", "make_bag"),
    ("merge_tdigest", "tdigest_merge"),
];

const NUMBER: &[&str] = &["(value:Summable) -> real"];
const NUMBER_IF: &[&str] = &["(value:Summable, condition:bool) -> real"];
const PAIR: &[&str] = &["(value:Summable, other:Summable) -> real"];
const PAIR_IF: &[&str] = &["(value:Summable, other:Summable, condition:bool) -> real"];
const SAME: &[&str] = &["(value:Orderable) -> Parameter0"];
const SAME_IF: &[&str] = &["(value:Orderable, condition:bool) -> Parameter0"];

#[rustfmt::skip]
static AGGREGATES: [Aggregate; 52] = [
    Aggregate { name: "arg_max", signatures: &["(value:Orderable, ?returned:Scalar*) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "arg_min", signatures: &["(value:Orderable, ?returned:Scalar*) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "avg", signatures: &["(value:Integer) -> real", "(value:real) -> real", "(value:decimal) -> decimal", "(value:timespan) -> timespan", "(value:datetime) -> datetime"], naming: Naming::Prefix("avg") },
    Aggregate { name: "avgif", signatures: &["(value:Integer, condition:bool) -> real", "(value:real, condition:bool) -> real", "(value:decimal, condition:bool) -> decimal", "(value:timespan, condition:bool) -> timespan", "(value:datetime, condition:bool) -> datetime"], naming: Naming::Prefix("avgif") },
    Aggregate { name: "binary_all_and", signatures: &["(value:Integer) -> Parameter0"], naming: Naming::First },
    Aggregate { name: "binary_all_or", signatures: &["(value:Integer) -> Parameter0"], naming: Naming::First },
    Aggregate { name: "binary_all_xor", signatures: &["(value:Integer) -> Parameter0"], naming: Naming::First },
    Aggregate { name: "buildschema", signatures: &["(value:dynamic) -> dynamic"], naming: Naming::Prefix("schema") },
    Aggregate { name: "count", signatures: &["() -> long", "(value:Scalar) -> long"], naming: Naming::Prefix("count") },
    Aggregate { name: "count_distinct", signatures: &["(value:NotDynamic) -> long"], naming: Naming::Prefix("count_distinct") },
    Aggregate { name: "count_distinctif", signatures: &["(value:NotDynamic, condition:bool) -> long"], naming: Naming::Prefix("count_distinctif") },
    Aggregate { name: "countif", signatures: &["(condition:bool) -> long"], naming: Naming::Prefix("countif") },
    Aggregate { name: "covariance", signatures: PAIR, naming: Naming::Prefix("covariance") },
    Aggregate { name: "covarianceif", signatures: PAIR_IF, naming: Naming::Prefix("covarianceif") },
    Aggregate { name: "covariancep", signatures: PAIR, naming: Naming::Prefix("covariancep") },
    Aggregate { name: "covariancepif", signatures: PAIR_IF, naming: Naming::Prefix("covariancepif") },
    Aggregate { name: "dcount", signatures: &["(value:Scalar, ?accuracy:NotDynamic) -> long"], naming: Naming::Prefix("dcount") },
    Aggregate { name: "dcountif", signatures: &["(value:Scalar, condition:bool, ?accuracy:NotDynamic) -> long"], naming: Naming::Prefix("dcountif") },
    Aggregate { name: "hll", signatures: &["(value:NotRealOrBool, ?accuracy:Integer) -> dynamic"], naming: Naming::Prefix("hll") },
    Aggregate { name: "hll_if", signatures: &["(value:NotRealOrBool, condition:bool, ?accuracy:Integer) -> dynamic"], naming: Naming::Prefix("hll_if") },
    Aggregate { name: "hll_merge", signatures: &["(hll:dynamic) -> dynamic"], naming: Naming::Prefix("hll_merge") },
    Aggregate { name: "make_bag", signatures: &["(value:dynamic, ?size:Integer) -> dynamic"], naming: Naming::Prefix("bag") },
    Aggregate { name: "make_bag_if", signatures: &["(value:dynamic, condition:bool, ?size:Integer) -> dynamic"], naming: Naming::Prefix("bag") },
    Aggregate { name: "make_list", signatures: &["(value:Scalar, ?size:Integer) -> dynamic"], naming: Naming::Prefix("list") },
    Aggregate { name: "make_list_if", signatures: &["(value:Scalar, condition:bool, ?size:Integer) -> dynamic"], naming: Naming::Prefix("list") },
    Aggregate { name: "make_list_with_nulls", signatures: &["(value:Scalar) -> dynamic"], naming: Naming::Prefix("list") },
    Aggregate { name: "make_set", signatures: &["(value:Scalar, ?size:Integer) -> dynamic"], naming: Naming::Prefix("set") },
    Aggregate { name: "make_set_if", signatures: &["(value:Scalar, condition:bool, ?size:Integer) -> dynamic"], naming: Naming::Prefix("set") },
    Aggregate { name: "max", signatures: SAME, naming: Naming::Prefix("max") },
    Aggregate { name: "maxif", signatures: SAME_IF, naming: Naming::Prefix("maxif") },
    Aggregate { name: "min", signatures: SAME, naming: Naming::Prefix("min") },
    Aggregate { name: "minif", signatures: SAME_IF, naming: Naming::Prefix("minif") },
    Aggregate { name: "percentile", signatures: &["(value:Summable, percentile:Number) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "percentiles", signatures: &["(value:Summable, percentile:Number*) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "percentiles_array", signatures: &["(value:Summable, percentile:Number*) -> dynamic", "(value:Summable, percentiles:dynamic) -> dynamic"], naming: Naming::Prefix("percentiles") },
    Aggregate { name: "percentilew", signatures: &["(value:Summable, weight:Integer, percentile:Number) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "percentilesw", signatures: &["(value:Summable, weight:Integer, percentile:Number*) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "percentilesw_array", signatures: &["(value:Summable, weight:Integer, percentile:Number*) -> dynamic", "(value:Summable, weight:Integer, percentiles:dynamic) -> dynamic"], naming: Naming::Prefix("percentiles") },
    Aggregate { name: "stdev", signatures: NUMBER, naming: Naming::Prefix("stdev") },
    Aggregate { name: "stdevif", signatures: NUMBER_IF, naming: Naming::Prefix("stdevif") },
    Aggregate { name: "stdevp", signatures: NUMBER, naming: Naming::Prefix("stdevp") },
    Aggregate { name: "sum", signatures: &["(value:Summable) -> Parameter0"], naming: Naming::Prefix("sum") },
    Aggregate { name: "sumif", signatures: &["(value:Summable, condition:bool) -> Parameter0"], naming: Naming::Prefix("sumif") },
    Aggregate { name: "take_any", signatures: &["(value:Scalar*) -> Parameter0"], naming: Naming::Own },
    Aggregate { name: "take_anyif", signatures: &["(value:Scalar, condition:bool) -> Parameter0"], naming: Naming::First },
    Aggregate { name: "tdigest", signatures: &["(value:Summable, ?weight:Integer) -> dynamic"], naming: Naming::Prefix("tdigest") },
    Aggregate { name: "tdigest_merge", signatures: &["(tdigest:dynamic) -> dynamic"], naming: Naming::Prefix("merge_tdigests") },
    Aggregate { name: "variance", signatures: NUMBER, naming: Naming::Prefix("variance") },
    Aggregate { name: "varianceif", signatures: NUMBER_IF, naming: Naming::Prefix("varianceif") },
    Aggregate { name: "variancep", signatures: NUMBER, naming: Naming::Prefix("variancep") },
    Aggregate { name: "variancepif", signatures: NUMBER_IF, naming: Naming::Prefix("variancepif") },
    Aggregate { name: "passthrough", signatures: &["(value:Scalar) -> Parameter0"], naming: Naming::First },
];

static SIGNATURES: LazyLock<Vec<Vec<Signature>>> = LazyLock::new(|| {
    let read = |held: &Aggregate| {
        held.signatures
            .iter()
            .filter_map(|text| Signature::parse(text))
            .collect()
    };
    AGGREGATES.iter().map(read).collect()
});

fn usual(name: &str) -> &str {
    OLD_NAMES
        .iter()
        .find(|(old, _)| *old == name)
        .map_or(name, |&(_, usual)| usual)
}

fn find(name: &str) -> Option<(&'static Aggregate, &'static [Signature])> {
    let name = usual(name);
    let at = AGGREGATES.iter().position(|held| held.name == name)?;
    Some((AGGREGATES.get(at)?, SIGNATURES.get(at)?))
}

/// True if there is an aggregate of that name.
pub(super) fn is_aggregate(name: &str) -> bool {
    find(name).is_some()
}

/// The usual names of all.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    AGGREGATES.iter().map(|held| held.name)
}

/// All names that an aggregate has, old ones too.
#[must_use]
pub fn aggregate_names() -> Vec<&'static str> {
    let mut all: Vec<&str> = names().chain(OLD_NAMES.map(|(old, _)| old)).collect();
    all.sort_unstable();
    all
}

/// True if there is one that names its columns on its own.
pub(super) fn names_itself(name: &str) -> bool {
    find(name).is_some_and(|(aggregate, _)| aggregate.naming == Naming::Own)
}

/// The name that an aggregate's call suggests for its column.
pub(super) fn suggested_name(call: &Call) -> Option<String> {
    let (aggregate, _) = find(&call.name.text)?;
    let first = || {
        call.arguments
            .first()
            .and_then(naming::suggested)
            .unwrap_or_default()
    };
    // The engine names both values, where the reference parser names the first.
    if aggregate.name.starts_with("covariance") {
        let second = call.arguments.get(1).and_then(naming::suggested);
        return Some(format!(
            "{}_{}_{}",
            aggregate.name,
            first(),
            second.unwrap_or_default()
        ));
    }
    match aggregate.naming {
        // Old names keep their own prefix where they have one.
        _ if call.name.text == "anyif" => Some(format!("anyif_{}", first())),
        Naming::Prefix(prefix) => {
            let prefix = match call.name.text.as_str() {
                "make_dictionary" => "dictionary",
                "cnt" => "cnt",
                _ => prefix,
            };
            Some(format!("{prefix}_{}", first()))
        }
        Naming::First => Some(first()).filter(|name| !name.is_empty()),
        Naming::Own => own_names(aggregate.name, call, literal)
            .into_iter()
            .next()
            .flatten(),
    }
}

/// The literal that an expression is.
fn literal(expression: &Expr) -> Option<&Literal> {
    match &expression.kind {
        ExprKind::Literal(literal) => Some(literal),
        _ => None,
    }
}

/// The names of the columns of `percentiles`, `arg_max` and `take_any`.
/// The literals are found for what stands for them.
fn own_names<'e>(
    aggregate: &str,
    call: &'e Call,
    literal: impl Fn(&'e Expr) -> Option<&'e Literal>,
) -> Vec<Option<String>> {
    let first = || {
        call.arguments
            .first()
            .and_then(naming::suggested)
            .unwrap_or_default()
    };
    let percentiles = |from: usize| {
        let named = call.arguments.iter().skip(from);
        named
            .map(|argument| Some(format!("percentile_{}_{}", first(), percent(literal(argument)))))
            .collect()
    };
    match aggregate {
        "percentile" | "percentiles" => percentiles(1),
        "percentilew" | "percentilesw" => percentiles(2),
        _ if call.name.text == "any" && call.arguments.len() == 1 => vec![Some(format!("any_{}", first()))],
        _ => call.arguments.iter().map(naming::suggested).collect(),
    }
}

/// `99.9` is `99_9`.
fn percent(rank: Option<&Literal>) -> String {
    match rank {
        Some(Literal::Int(Some(number))) => number.to_string(),
        Some(Literal::Long(Some(number))) => number.to_string(),
        Some(Literal::Real(Some(number))) => number.to_string().replace('.', "_"),
        Some(Literal::Decimal(Some(digits))) => digits.replace('.', "_"),
        _ => String::new(),
    }
}

impl Binder<'_> {
    /// The name of the first column of an aggregate that names its columns on its own.
    pub(super) fn own_name(&self, call: &Call) -> Option<String> {
        let (aggregate, _) = find(&call.name.text)?;
        self.own_names(aggregate, call).into_iter().next().flatten()
    }

    fn own_names(&self, aggregate: &Aggregate, call: &Call) -> Vec<Option<String>> {
        own_names(aggregate.name, call, |argument| self.literal_of(argument))
    }

    /// Binds a call of an aggregate over the rows of its step. Its columns are not yet unique.
    pub(super) fn aggregate_call(&mut self, call: &Call) -> Option<AggregateCall> {
        let (aggregate, signatures) = find(&call.name.text)?;
        let name = aggregate.name;
        if matches!(name, "arg_max" | "arg_min" | "take_any") {
            return self.extremes(name, call);
        }
        if name == "count"
            && matches!(call.arguments.as_slice(), [only] if matches!(only.kind, ExprKind::Star))
        {
            let diagnostic = Diagnostic::error(Code::SEM0219, call.span, "`count(*)` is not a part of KQL");
            return self.tell(diagnostic.hint("`count()` counts all rows"));
        }
        let bound: Vec<Option<Scalar>> = call
            .arguments
            .iter()
            .map(|argument| self.scalar(argument))
            .collect();
        let arguments = bound.into_iter().collect::<Option<Vec<_>>>()?;
        if let Some(window) = arguments.iter().find(|argument| argument.has_window()) {
            return self.place_error(
                window.span,
                "functions over neighbouring rows cannot stand inside of an aggregate",
            );
        }
        let (mut arguments, gives) = self.resolve(&call.name.text, signatures, arguments, call.span)?;
        let is_old = matches!(
            call.name.text.as_str(),
            "makelist" | "makeset" | "make_dictionary"
        );
        if is_old && arguments.len() == 1 {
            arguments.push(super::expand::old_limit(call.span));
        }
        let gives = match name {
            // Whole numbers add up to longs; truths too.
            "sum" | "sumif" if gives == ScalarType::Int => ScalarType::Long,
            "percentile" | "percentiles" | "percentilew" | "percentilesw" => match gives {
                ScalarType::Int => ScalarType::Long,
                ScalarType::Decimal => ScalarType::Real,
                gives => gives,
            },
            _ => gives,
        };
        let mut names: Vec<Option<String>> = match aggregate.naming {
            Naming::Own => self.own_names(aggregate, call),
            _ => vec![suggested_name(call)],
        };
        if names.is_empty() {
            names.push(None);
        }
        let columns = names
            .into_iter()
            .map(|name| Column::new(name.unwrap_or_default(), gives))
            .collect();
        Some(AggregateCall {
            function: name.to_owned(),
            arguments,
            columns,
        })
    }
}
