//! The page of what is answered and what is refused, made by asking.

use std::fmt::Write as _;

use kql::{Severity, refused};
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use kqlfn::registry;

use super::probes::{AGGREGATES, OF_THE_QUERY, OPERATORS, PLUGINS};

struct Probed;

impl Tables for Probed {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }

    fn external(&self, _: &str) -> kqleval::Result<String> {
        Ok("a\n".to_owned())
    }
}

/// Nothing if the query is answered, else why it is not.
fn refusal(text: &str) -> Option<String> {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = Evaluator::new(&Probed, 1);
    let names = Names::new(Vec::new(), 639_000_000_000_000_000, &evaluator);
    let (bound, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    diagnostics.retain(|held| held.severity == Severity::Error);
    if let Some(first) = diagnostics.first() {
        return Some(format!("{}: {}", first.code.name(), first.message));
    }
    evaluator.answers(&bound).err().map(|failure| failure.message)
}

fn table(title: &str, probes: &[(&str, String)], text: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(text, "\n## {title}\n\n| | |\n|---|---|\n");
    let mut answered = 0;
    for (name, query) in probes {
        let outcome = match refusal(query) {
            None => {
                answered += 1;
                "answered".to_owned()
            }
            Some(refusal) => refusal.replace('|', "\\|"),
        };
        let _ = writeln!(text, "| `{name}` | {outcome} |");
    }
    let _ = write!(text, "\n{answered} of {} are answered.\n", probes.len());
}

/// All families.
pub(super) fn page() -> String {
    let mut text = String::from(
        "# KQL: what is answered\n\nMade by `cargo xtask generate`: each line was asked, and says what came of it. What is not \
         supported is refused by its name and at its place, and never approximated.\n",
    );
    let mut operators: Vec<(&str, String)> = OPERATORS
        .iter()
        .map(|(name, query)| (*name, (*query).to_owned()))
        .collect();
    operators.extend(asked(refused::OPERATORS, |name| {
        format!("print a = 'x' | {name} by a")
    }));
    operators.sort_by_key(|(name, _)| *name);
    table("Operators and statements", &operators, &mut text);
    let aggregates: Vec<(&str, String)> = AGGREGATES
        .iter()
        .map(|(name, call)| {
            (
                *name,
                format!("print x = 1, s = 'a', d = dynamic({{'k': 1}}) | summarize {call}"),
            )
        })
        .collect();
    table("Aggregates", &aggregates, &mut text);
    let mut plugins: Vec<(&str, String)> = PLUGINS
        .iter()
        .map(|(name, call)| (*name, plugged(name, call)))
        .collect();
    plugins.extend(asked(refused::PLUGINS, |name| {
        format!("print a = 1 | evaluate {name}(typeof(*), 'x')")
    }));
    plugins.sort_by_key(|(name, _)| *name);
    table("Plugins", &plugins, &mut text);
    let _ = write!(
        text,
        "\n## Scalar functions\n\n{} functions are answered, under {} names: [functions](functions.md).\n",
        registry::all().count(),
        registry::names().len()
    );
    let of_the_query: Vec<(&str, String)> = OF_THE_QUERY
        .iter()
        .map(|(name, query)| (*name, (*query).to_owned()))
        .collect();
    table(
        "Functions that know of the query or of other rows",
        &of_the_query,
        &mut text,
    );
    let functions: Vec<(&str, String)> =
        asked(refused::FUNCTIONS, |name| format!("print {name}()")).collect();
    table(
        "Scalar functions of Kusto that are refused",
        &functions,
        &mut text,
    );
    let sources: Vec<(&str, String)> = asked(refused::SOURCES, |name| format!("{name}('x')")).collect();
    table("Functions that give rows and are refused", &sources, &mut text);
    text
}

/// Names, each with the query that asks for it.
fn asked(
    names: &'static [&'static str],
    query: impl Fn(&str) -> String,
) -> impl Iterator<Item = (&'static str, String)> {
    names.iter().map(move |name| (*name, query(name)))
}

fn plugged(name: &str, call: &str) -> String {
    let rows = match name {
        "schema_merge" => "print a = 1 | getschema",
        "dcount_intersect" => "print x = 1 | summarize h = hll(x)",
        "ipv4_lookup" | "ipv6_lookup" => "print u = '10.0.0.1'",
        "bag_unpack" => "print d = dynamic({'k': 1})",
        "pivot" => "print u = 'a', v = 1",
        _ => "print t = datetime(2026-01-01), u = 'a', v = 1",
    };
    let networks = match name {
        "ipv4_lookup" => "let N = datatable(net: string)['10.0.0.0/8']; ",
        "ipv6_lookup" => "let N = datatable(net: string)['::/0']; ",
        _ => "",
    };
    let sorted = if name == "rows_near" {
        " | sort by t asc"
    } else {
        ""
    };
    format!("{networks}{rows}{sorted} | evaluate {call}")
}
