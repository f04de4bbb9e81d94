//! All shared queries through the binder: accepted and refused as the real engine does, or as the reference parser does
//! where the engine was not asked; with the same names and types of columns.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use kql::bound::Column;
use kql::{Catalog, FunctionDeclaration, ScalarType, Severity};
use serde_json::Value;

struct Shared {
    tables: HashMap<String, Vec<Column>>,
    /// The texts of stored functions.
    functions: HashMap<String, String>,
}

impl Shared {
    fn new(schema: &Value) -> Self {
        let mut tables = HashMap::new();
        for (name, columns) in schema["tables"].as_object().into_iter().flatten() {
            let columns = columns.as_array().into_iter().flatten().filter_map(|column| {
                let kind = ScalarType::from_name(column[1].as_str()?)?;
                Some(Column::new(column[0].as_str()?, kind))
            });
            tables.insert(name.clone(), columns.collect());
        }
        let functions = schema["functions"].as_object().into_iter().flatten();
        let functions = functions.map(|(name, function)| {
            let part = |of: &str| function[of].as_str().unwrap_or_default();
            (name.clone(), format!("{} {}", part("parameters"), part("body")))
        });
        Self {
            tables,
            functions: functions.collect(),
        }
    }
}

impl Catalog for Shared {
    fn table(&self, name: &str) -> Option<Vec<Column>> {
        self.tables.get(name).cloned()
    }

    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tables.keys().cloned().collect();
        names.sort();
        names
    }

    fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        kqlfn::registry::declaration(name)
    }

    fn function_names(&self) -> Vec<&'static str> {
        kqlfn::registry::names()
    }

    fn stored_function(&self, name: &str) -> Option<String> {
        self.functions.get(name).cloned()
    }

    fn now(&self) -> i64 {
        639_000_000_000_000_000
    }
}

/// Where we differ, and why.
const DIFFERS: &[(&str, &str)] = &[
    ("current-cluster-endpoint-function-00", "there is no cluster"),
    ("hash-combine-function-00", "how it combines is not known"),
    ("parse-user-agent-function-00", "the function is refused by name"),
    ("parse-user-agent-function-01", "the function is refused by name"),
    ("reduce-operator-00", "the operator is refused by name"),
    ("reduce-operator-01", "the operator is refused by name"),
    (
        "series-periods-detect-function-01",
        "the function is refused by name",
    ),
    ("fz-0616", "a name that the engine made up"),
    (
        "fz-1048",
        "the columns of an unpacked bag are known when the query runs",
    ),
];

/// The lines of a file; each must be JSON.
fn lines(path: &Path) -> Result<Vec<Value>, serde_json::Error> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect()
}

/// What the reference parser said, by the id of the query.
fn frozen(path: &Path) -> Result<HashMap<String, Value>, serde_json::Error> {
    let id = |answer: &Value| answer.get("id").and_then(Value::as_str).map(str::to_owned);
    let answers = lines(path)?.into_iter();
    Ok(answers
        .filter_map(|answer| Some((id(&answer)?, answer)))
        .collect())
}

/// Names and types of the columns, as one text.
fn shown(columns: &[(String, String)]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .map(|(name, kind)| format!("{name}:{kind}"))
        .collect();
    shown.join(" ")
}

/// What should come of a case: none if it is refused, else its columns; types are unknown where they are empty.
fn expected(case: &Value, oracle: &Value) -> Option<Vec<(String, String)>> {
    let refused = case["kusto_error"].is_string()
        || (case["kusto_error"].is_null()
            && oracle["outcome"] != "accepted"
            && case["expected_rows"].is_null());
    if refused {
        return None;
    }
    let from_oracle: Vec<(String, String)> = oracle["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|column| {
            (
                column[0].as_str().unwrap_or_default().to_owned(),
                column[1].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let Some(names) = case["expected_columns"].as_array() else {
        return Some(from_oracle);
    };
    let types = case["expected_types"].as_array();
    let columns = names.iter().enumerate().map(|(at, name)| {
        let kind = match types {
            Some(types) => types
                .get(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            None => from_oracle
                .get(at)
                .map(|(_, kind)| kind.clone())
                .filter(|kind| {
                    case["expected_classes"]
                        .get(at)
                        .is_some_and(|class| is_of_class(kind, class))
                })
                .unwrap_or_default(),
        };
        (name.as_str().unwrap_or_default().to_owned(), kind)
    });
    Some(columns.collect())
}

/// True unless the engine's answer says that the reference parser errs: weeks between dates are reals.
fn is_of_class(kind: &str, class: &Value) -> bool {
    class
        .as_str()
        .is_none_or(|class| (class == "Real") == matches!(kind, "real" | "decimal"))
}

/// Parts of dates are longs in the engine and ints in the reference parser.
fn same_type(got: &str, expected: &str, is_the_engines: bool) -> bool {
    expected.is_empty() || got == expected || (!is_the_engines && (got, expected) == ("long", "int"))
}

#[test]
fn queries_are_bound_as_kusto_binds_them() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kql");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kql/tests/oracle");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(shared.join("schema_flowlogs.json")).unwrap_or_default())
            .unwrap_or_default();
    let catalog = Shared::new(&schema);
    let mut wrong = String::new();
    let (mut held, mut public) = (0, (0, 0));
    for name in ["engine_docs.jsonl", "engine_edge.jsonl", "flowlog_queries.jsonl"] {
        if !shared.exists() {
            println!("skipped: {name}: the shared queries are not here");
            continue;
        }
        let cases = lines(&shared.join(name)).expect("each line is JSON");
        assert!(
            !cases.is_empty(),
            "{name}: the folder is here and holds no queries"
        );
        let answers = frozen(&folder.join(name)).expect("each line is JSON");
        for case in &cases {
            let id = case["id"].as_str().unwrap_or_default();
            let Some(oracle) = answers.get(id) else {
                panic!("{name}: nothing is known of {id}: freeze what the reference parser says of it");
            };
            if matches!(case["family"].as_str(), Some("geo" | "graph"))
                || DIFFERS.iter().any(|(held, _)| *held == id)
            {
                continue;
            }
            let text = case["query"].as_str().unwrap_or_default();
            let (query, mut diagnostics) = kql::parse(text);
            let (bound, more) = kql::bind(&query, text, &catalog, &[]);
            if name == "flowlog_queries.jsonl" && oracle["outcome"] == "accepted" {
                public.1 += 1;
                let is_wrong = |held: &kql::Diagnostic| held.severity == Severity::Error;
                public.0 += usize::from(!diagnostics.iter().chain(&more).any(is_wrong));
            }
            diagnostics.extend(more);
            let error = diagnostics
                .iter()
                .find(|diagnostic| diagnostic.severity == Severity::Error);
            let is_open = bound.answers.first().is_some_and(|answer| answer.rows.is_open);
            let got = match (error, bound.answers.first()) {
                (None, Some(answer)) => Ok(answer
                    .rows
                    .columns()
                    .iter()
                    .map(|column| (column.name.to_string(), column.kind.name().to_owned()))
                    .collect::<Vec<_>>()),
                (Some(error), _) => Err(format!(
                    "{} {} {:?}",
                    error.code.name(),
                    error.message,
                    error.hint
                )),
                (None, None) => Err("no answer".to_owned()),
            };
            let expected = expected(case, oracle);
            let types_are_the_engines = case["expected_types"].is_array();
            let agrees = match (&got, &expected) {
                (Ok(got), Some(expected)) => {
                    is_open
                        || (got.len() == expected.len()
                            && got.iter().zip(expected).all(|(got, expected)| {
                                got.0 == expected.0 && same_type(&got.1, &expected.1, types_are_the_engines)
                            }))
                }
                (Err(_), None) => true,
                _ => false,
            };
            if agrees {
                held += 1;
                continue;
            }
            let got = match got {
                Ok(columns) => shown(&columns),
                Err(error) => error,
            };
            let expected = expected.map_or_else(|| "refused".to_owned(), |columns| shown(&columns));
            let _ = writeln!(
                wrong,
                "{id}: {}\n    gives    {got}\n    expected {expected}",
                text.replace('\n', " ")
            );
        }
    }
    println!("{:5} of {:5}  flowlog_queries", public.0, public.1);
    println!("{held} held, {} differ", wrong.lines().count() / 3);
    assert!(wrong.is_empty(), "\n{wrong}");
}
