//! The recorded answers of the real engine: every shared query is parsed, bound, evaluated and compared, column by
//! column and cell by cell. The scores may only rise.

#[path = "../../kqlfn/tests/near/mod.rs"]
mod near;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use kql::values::{datetime_to_text, datetime_to_wire, guid_to_text, timespan_to_text};
use kql::{ScalarType, Severity};
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;
use serde_json::{Value, json};

use near::near;

/// What must hold of each family, at least.
const FLOORS: &[(&str, usize)] = &[
    ("engine_docs core", 267),
    ("engine_docs series/ml", 19),
    ("engine_edge aggregation", 80),
    ("engine_edge datetime-timespan", 81),
    ("engine_edge dynamic-json", 74),
    ("engine_edge joins-lookup-union", 69),
    ("engine_edge nested-pipelines-let-cte", 91),
    ("engine_edge null-and-edge", 59),
    ("engine_edge parse-search", 65),
    ("engine_edge probe", 3),
    ("engine_edge probe2", 4),
    ("engine_edge reg", 7),
    ("engine_edge reg2", 10),
    ("engine_edge string-ops", 104),
    ("engine_edge type-casts-coercion", 103),
    ("engine_edge window-series-scan", 57),
];

struct NoTables;

impl Tables for NoTables {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }
}

/// What came of a query.
fn run(text: &str) -> Result<Table, String> {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = Evaluator::new(&NoTables, 1);
    let names = Names::new(Vec::new(), 639_000_000_000_000_000, &evaluator);
    let (bound, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    if let Some(error) = diagnostics.iter().find(|held| held.severity == Severity::Error) {
        return Err(format!("{}: {}", error.code.name(), error.message));
    }
    let answers = evaluator
        .answers(&bound)
        .map_err(|failure| format!("failed: {failure}"))?;
    answers.into_iter().next().ok_or_else(|| "no answer".to_owned())
}

fn wire(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => json!(value),
        Cell::Int(value) => json!(value),
        Cell::Long(value) => json!(value),
        Cell::Real(value) if value.is_finite() => json!(value),
        Cell::Real(value) => json!(if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }),
        Cell::Decimal(text) | Cell::String(text) | Cell::Dynamic(Dynamic::String(text)) => json!(text),
        Cell::Datetime(ticks) => json!(datetime_to_wire(ticks)),
        Cell::Timespan(ticks) => json!(timespan_to_text(ticks)),
        Cell::Guid(guid) => json!(guid_to_text(&guid)),
        Cell::Dynamic(value) => serde_json::from_str(&value.to_json()).unwrap_or(Value::Null),
    }
}

/// True if both hold the same rows, in order where that counts.
fn same_rows(got: &[Value], expected: &[Value], is_ordered: bool) -> bool {
    if got.len() != expected.len() {
        return false;
    }
    if is_ordered {
        return got
            .iter()
            .zip(expected)
            .all(|(got, expected)| near(got, expected));
    }
    let mut left: Vec<&Value> = expected.iter().collect();
    got.iter().all(|row| {
        let at = left.iter().position(|held| near(row, held));
        at.map(|at| left.swap_remove(at)).is_some()
    })
}

fn real_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) => match exponent.parse::<i32>() {
            Ok(exponent) if exponent >= 15 => format!("{mantissa}E+{exponent:02}"),
            Ok(exponent) if exponent < -5 => format!("{mantissa}E-{:02}", -exponent),
            _ => format!("{number}"),
        },
        None => text,
    }
}

/// A dynamic as the recorded tuples write it.
fn pretty(value: Dynamic<'_>, indent: usize, text: &mut String) {
    let inner = " ".repeat(indent + 2);
    match value {
        Dynamic::Array(array) if !array.is_empty() => {
            text.push_str("[\n");
            for (at, item) in array.iter().enumerate() {
                text.push_str(if at > 0 { ",\n" } else { "" });
                text.push_str(&inner);
                pretty(item, indent + 2, text);
            }
            let _ = write!(text, "\n{}]", " ".repeat(indent));
        }
        Dynamic::Bag(bag) if !bag.is_empty() => {
            text.push_str("{\n");
            for (at, (key, item)) in bag.iter().enumerate() {
                text.push_str(if at > 0 { ",\n" } else { "" });
                let _ = write!(text, "{inner}{}: ", json!(key));
                pretty(item, indent + 2, text);
            }
            let _ = write!(text, "\n{}}}", " ".repeat(indent));
        }
        // Answers carry the shortest digits; `tostring` writes others.
        Dynamic::Real(value) if value.is_finite() => text.push_str(&json!(value).to_string()),
        other => text.push_str(&other.to_json()),
    }
}

fn member(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Bool(value) => if value { "True" } else { "False" }.to_owned(),
        Cell::Int(value) => value.to_string(),
        Cell::Long(value) => value.to_string(),
        Cell::Real(value) => real_text(value),
        Cell::Decimal(digits) => real_text(digits.parse().unwrap_or(f64::NAN)),
        Cell::String(text) => format!("'{text}'"),
        Cell::Datetime(ticks) => datetime_to_text(ticks),
        Cell::Timespan(ticks) => timespan_to_text(ticks),
        Cell::Guid(guid) => format!("'{}'", guid_to_text(&guid)),
        Cell::Dynamic(value) => {
            let mut text = String::new();
            pretty(value, 0, &mut text);
            text
        }
    }
}

fn class(kind: ScalarType) -> &'static str {
    match kind {
        ScalarType::Bool => "Bool",
        ScalarType::Int | ScalarType::Long => "Int",
        ScalarType::Real | ScalarType::Decimal => "Real",
        ScalarType::String => "String",
        ScalarType::Datetime => "DateTime",
        ScalarType::Timespan => "TimeSpan",
        ScalarType::Guid => "Guid",
        ScalarType::Dynamic => "Dynamic",
    }
}

/// What differs; none if all is the same.
fn difference(case: &Value, got: Result<Table, String>) -> Option<String> {
    let table = match (got, case["kusto_error"].is_string()) {
        (Err(_), true) => return None,
        (Ok(_), true) => return Some("answers what the engine refuses".to_owned()),
        (Err(error), false) => return Some(error),
        (Ok(table), false) => table,
    };
    let names: Vec<Value> = table.schema.iter().map(|column| json!(&*column.name)).collect();
    if json!(names) != case["expected_columns"] {
        return Some(format!(
            "columns {} expected {}",
            json!(names),
            case["expected_columns"]
        ));
    }
    if let Some(types) = case["expected_types"].as_array() {
        let kinds: Vec<Value> = table
            .schema
            .iter()
            .map(|column| json!(column.kind.name()))
            .collect();
        if kinds != *types {
            return Some(format!("types {} expected {}", json!(kinds), json!(types)));
        }
        let rows: Vec<Value> = (0..table.rows)
            .map(|row| Value::Array(table.row(row).into_iter().map(wire).collect()))
            .collect();
        let expected = case["expected_rows"].as_array().cloned().unwrap_or_default();
        let same = same_rows(&rows, &expected, case["ordered"] == json!(true));
        return (!same).then(|| format!("rows {} expected {}", json!(rows), json!(expected)));
    }
    let classes: Vec<Value> = table
        .schema
        .iter()
        .map(|column| json!(class(column.kind)))
        .collect();
    if json!(classes) != case["expected_classes"] {
        return Some(format!(
            "classes {} expected {}",
            json!(classes),
            case["expected_classes"]
        ));
    }
    let mut rows: Vec<String> = (0..table.rows)
        .map(|row| {
            let members: Vec<String> = table.row(row).into_iter().map(member).collect();
            format!("({})", members.join(", ")).replace("\r\n", "\n")
        })
        .collect();
    let mut expected: Vec<String> = case["expected_rows"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| row.as_str().unwrap_or_default().replace("\r\n", "\n"))
        .collect();
    if case["complete"] != json!(true) {
        let count = case["row_count"].as_u64().unwrap_or_default();
        return (table.rows as u64 != count).then(|| format!("{} rows expected {count}", table.rows));
    }
    rows.sort();
    expected.sort();
    (rows != expected).then(|| format!("rows {rows:?} expected {expected:?}"))
}

#[test]
fn the_engine_answers_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql");
    let mut scores: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut told = String::new();
    for name in ["engine_docs.jsonl", "engine_edge.jsonl"] {
        if !folder.exists() {
            println!("skipped: {name}: the shared queries are not here");
            continue;
        }
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        let cases: Vec<Value> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}")))
            .collect();
        assert!(
            !cases.is_empty(),
            "{name}: the folder is here and holds no queries"
        );
        for case in cases {
            let family = case["family"].as_str().unwrap_or_default();
            if matches!(family, "geo" | "graph") || case["nondeterministic"] == json!(true) {
                continue;
            }
            let id = case["id"].as_str().unwrap_or_default();
            let query = case["query"].as_str().unwrap_or_default();
            let score = scores
                .entry(format!("{} {family}", name.trim_end_matches(".jsonl")))
                .or_default();
            score.1 += 1;
            match difference(&case, run(query)) {
                None => score.0 += 1,
                Some(difference) => {
                    let _ = writeln!(told, "{id}: {}\n    {difference}\n", query.replace('\n', " "));
                }
            }
        }
    }
    let mut shown = String::new();
    let (mut held, mut all) = (0, 0);
    for (family, (of_family, cases)) in &scores {
        let _ = writeln!(shown, "{of_family:5} of {cases:5}  {family}");
        held += of_family;
        all += cases;
    }
    println!("{told}\n{shown}{held:5} of {all:5}  in all");
    if !folder.exists() {
        return;
    }
    for (family, floor) in FLOORS {
        let held = scores.get(*family).map_or(0, |(held, _)| *held);
        assert!(held >= *floor, "{family}: {held} hold, and {floor} did");
    }
}
