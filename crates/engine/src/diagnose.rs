//! Turns errors of the query library into ours: what the user typed, where, and the nearest name.
//!
//! Texts of the library are a last resort. They are cut to their first sentence and their type names
//! are put into the words of the column table; nothing here decides what is an error.

use arrow_schema::ArrowError;
use chrono::NaiveDateTime;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use tokio::task::JoinError;

use crate::bind::TextWithNumber;
use crate::context::Limits;
use crate::error::{EngineError, NameKind, Position, column_known_as};
use crate::functions::{JOIN_TEXT, TooMuch};
use crate::workers::{self, BrokeOff};

/// Names that exist, for suggestions.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) tables: Vec<String>,
    pub(crate) functions: Vec<String>,
}

/// An error before the query ran.
pub(crate) fn binding(error: &DataFusionError, names: &Names, limits: &Limits) -> EngineError {
    let first = first(error);
    let position = first
        .diagnostic()
        .and_then(|diagnostic| diagnostic.span)
        .map(|span| Position {
            line: span.start.line,
            column: span.start.column,
        });
    match first.find_root() {
        DataFusionError::SQL(error, _) => syntax(error),
        DataFusionError::SchemaError(error, _) => schema_error(error, position),
        DataFusionError::Plan(message) => {
            missing_name(message, position, names).unwrap_or_else(|| misfit(message, position))
        }
        DataFusionError::NotImplemented(message) => {
            EngineError::syntax(format!("not supported: {}", plain(message)), position)
        }
        DataFusionError::External(inner) if let Some(found) = inner.downcast_ref::<TextWithNumber>() => {
            EngineError::Syntax {
                message: found.to_string(),
                position: found.position,
                advice: Some(found.hint()),
            }
        }
        root => bad_instant(&root.to_string()).unwrap_or_else(|| running(root, limits)),
    }
}

/// An error while the query ran.
pub(crate) fn running(error: &DataFusionError, limits: &Limits) -> EngineError {
    if let Some(message) = missing_file(error) {
        return EngineError::FileGone { message };
    }
    if error.to_string().contains("No space left on device") {
        return disk_full(limits);
    }
    let failed = |text: &str| EngineError::Failed {
        message: plain(text),
        advice: None,
    };
    let unreadable = |text: &str| EngineError::Unreadable {
        message: broken_file(text),
        advice: None,
    };
    match first(error).find_root() {
        DataFusionError::ResourcesExhausted(message) if message.contains("disk") => EngineError::Unreadable {
            message: plain(message),
            advice: None,
        },
        DataFusionError::ResourcesExhausted(_) => EngineError::Memory {
            limit_bytes: limits.memory_bytes,
        },
        DataFusionError::ObjectStore(error) => unreadable(&error.to_string()),
        DataFusionError::ParquetError(error) => {
            let text = error.to_string();
            in_condition(&text, limits).unwrap_or_else(|| unreadable(&text))
        }
        DataFusionError::IoError(error) => unreadable(&error.to_string()),
        DataFusionError::ArrowError(error, _) => match error.as_ref() {
            ArrowError::DivideByZero => divide_by_zero(),
            ArrowError::CastError(text) | ArrowError::ParseError(text) => misfit_value(text),
            ArrowError::ParquetError(text) => unreadable(text),
            other => failed(&other.to_string()),
        },
        DataFusionError::ExecutionJoin(join) if join.is_panic() => damaged(&join.to_string()),
        DataFusionError::Execution(message)
        | DataFusionError::Plan(message)
        | DataFusionError::Internal(message)
        | DataFusionError::NotImplemented(message)
        | DataFusionError::Configuration(message) => failed(message),
        DataFusionError::External(inner) => {
            if let Some(much) = inner.downcast_ref::<TooMuch>() {
                return too_much(much);
            }
            if let Some(unusable) = crate::known::unusable(inner.as_ref()) {
                return unusable;
            }
            match inner.downcast_ref::<BrokeOff>() {
                Some(panic) => damaged(&panic.0),
                None => failed(&inner.to_string()),
            }
        }
        other => failed(&other.strip_backtrace()),
    }
}

/// A step of the plan panicked. Decoders do that on bytes that they did not write.
fn damaged(what: &str) -> EngineError {
    EngineError::Unreadable {
        message: format!("a data file is damaged: {}", plain(what)),
        advice: Some(
            "`flowglass table check --deep` tells which; if all are whole, please report this".to_owned(),
        ),
    }
}

/// Planning panicked, which no query may bring about.
pub(crate) fn planning_broke_off(broken: JoinError) -> EngineError {
    let why = match broken.try_into_panic() {
        Ok(panic) => workers::broke_off(panic.as_ref()).strip_backtrace(),
        Err(_) => return EngineError::Cancelled,
    };
    EngineError::Failed {
        message: format!("the query cannot be planned: {}", plain(&why)),
        advice: Some("please report this with the query; another wording may do meanwhile".to_owned()),
    }
}

fn disk_full(limits: &Limits) -> EngineError {
    let folder = limits.spill_dir.clone().unwrap_or_else(std::env::temp_dir);
    EngineError::Unreadable {
        message: format!(
            "the disk is full while the query spilled to `{}`",
            folder.display()
        ),
        advice: Some(
            "set TMPDIR to a folder with more room, or allow more memory with `--memory`".to_owned(),
        ),
    }
}

fn divide_by_zero() -> EngineError {
    EngineError::Failed {
        message: "divide by zero".to_owned(),
        advice: Some("divide by zero: use `nullif(x, 0)` as the divisor".to_owned()),
    }
}

fn misfit_value(text: &str) -> EngineError {
    EngineError::Failed {
        message: plain(text),
        advice: Some("`TRY_CAST` gives null for a value that does not fit".to_owned()),
    }
}

/// What went wrong in a condition that a scan computes while it reads. The file is not at fault, but
/// all the library hands on is a text.
fn in_condition(text: &str, limits: &Limits) -> Option<EngineError> {
    let (_, why) = text.split_once("Error evaluating filter predicate: ")?;
    if why.contains("ResourcesExhausted(") {
        return Some(EngineError::Memory {
            limit_bytes: limits.memory_bytes,
        });
    }
    if let Some(much) = between(why, "TooMuch { function: \"", " }")
        && let Some((function, bytes_max)) = much.split_once("\", bytes_max: ")
    {
        return Some(too_much(&TooMuch {
            function: function.to_owned(),
            bytes_max: bytes_max.parse().ok()?,
        }));
    }
    if why.contains("DivideByZero") {
        return Some(divide_by_zero());
    }
    let message = between(why, "(\"", "\")").unwrap_or(why).replace("\\\"", "\"");
    if why.contains("CastError(") || why.contains("ParseError(") {
        return Some(misfit_value(&message));
    }
    Some(EngineError::Failed {
        message: plain(&message),
        advice: None,
    })
}

/// A text compared with an instant that does not name one.
fn bad_instant(text: &str) -> Option<EngineError> {
    let literal = between(text, "Error parsing timestamp from '", "'")?;
    let whole = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(literal.trim_end_matches('Z'), form).ok());
    let example = whole.map_or_else(
        || "2026-02-16T23:59:00Z".to_owned(),
        |instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    );
    let like = if whole.is_some() {
        "it as"
    } else {
        "an instant like"
    };
    Some(EngineError::Syntax {
        message: format!("`{literal}` is not an instant"),
        position: None,
        advice: Some(format!("write {like} '{example}'")),
    })
}

fn too_much(much: &TooMuch) -> EngineError {
    let function = if much.function == JOIN_TEXT {
        "||"
    } else {
        &much.function
    };
    EngineError::TooMuch {
        function: function.to_owned(),
        bytes_max: much.bytes_max,
    }
}

fn broken_file(text: &str) -> String {
    let text = text.replace("Parquet error: ", "");
    match text
        .split_once("ailed to fetch metadata for file ")
        .and_then(|(_, rest)| rest.split_once(": "))
    {
        Some((path, why)) => format!("file `{path}` cannot be read: {}", plain(why)),
        None => format!("a file cannot be read: {}", plain(&text)),
    }
}

/// The path of a file that is listed but gone: vacuum ran under a reader, or somebody deleted it.
fn missing_file(error: &DataFusionError) -> Option<String> {
    let text = error.to_string();
    let path = between(&text, "Object at location ", " not found")?;
    Some(format!("file `{path}` is listed but not there"))
}

fn first(error: &DataFusionError) -> &DataFusionError {
    match error {
        DataFusionError::Collection(errors) => errors.first().map_or(error, first),
        DataFusionError::Shared(shared) => first(shared),
        DataFusionError::Context(_, inner) => first(inner),
        other => other,
    }
}

fn syntax(error: &ParserError) -> EngineError {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => "the query is nested too deeply",
    };
    let (message, position) = match text.rsplit_once(" at Line: ") {
        Some((message, place)) => (message, parse_position(place)),
        None => (text, None),
    };
    EngineError::syntax(parser_words(message), position)
}

fn parse_position(place: &str) -> Option<Position> {
    let (line, column) = place.split_once(", Column: ")?;
    let position = Position {
        line: line.trim().parse().ok()?,
        column: column.trim().parse().ok()?,
    };
    (position.line > 0).then_some(position)
}

/// `Expected: X, found: Y` in our style.
fn parser_words(message: &str) -> String {
    let Some((expected, found)) = message
        .strip_prefix("Expected: ")
        .and_then(|rest| rest.rsplit_once(", found: "))
    else {
        return plain(message);
    };
    let found = if found == "EOF" {
        "the end of the query".to_owned()
    } else {
        format!("`{found}`")
    };
    format!("expected {}, found {found}", plain(expected))
}

fn schema_error(error: &SchemaError, position: Option<Position>) -> EngineError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => EngineError::Name {
            kind: NameKind::Column,
            name: field.name.clone(),
            position: position.or_else(|| {
                let span = field.spans.first()?;
                Some(Position {
                    line: span.start.line,
                    column: span.start.column,
                })
            }),
            suggestion: our_name(&field.name, valid_fields.iter().map(|valid| valid.name.as_str())),
        },
        SchemaError::AmbiguousReference { field } => EngineError::syntax(
            format!(
                "column `{}` is in several tables; write the table's name before it",
                field.name
            ),
            position,
        ),
        SchemaError::DuplicateQualifiedField { name, .. }
        | SchemaError::DuplicateUnqualifiedField { name } => EngineError::same_name(name),
    }
}

/// Names that the library reports in text only.
fn missing_name(message: &str, position: Option<Position>, names: &Names) -> Option<EngineError> {
    if let Some(name) = between(message, "Invalid function '", "'") {
        let suggestion = nearest(name, names.functions.iter().map(String::as_str));
        return Some(name_error(NameKind::Function, name, position, suggestion));
    }
    if let Some(name) = between(message, "table function '", "' not found") {
        let suggestion = nearest(name, names.functions.iter().map(String::as_str));
        return Some(name_error(NameKind::Function, name, position, suggestion));
    }
    let full = between(message, "table '", "' not found")?;
    let name = full.rsplit('.').next().unwrap_or(full);
    let suggestion = nearest(name, names.tables.iter().map(String::as_str));
    Some(name_error(NameKind::Table, name, position, suggestion))
}

/// What does not fit together.
fn misfit(message: &str, position: Option<Position>) -> EngineError {
    match message.split_once("require unique expression names") {
        Some((_, rest)) => EngineError::same_name(name_of(between(rest, "\"", "\" at").unwrap_or("?"))),
        None => EngineError::syntax(misfit_words(message), position),
    }
}

/// The name that the result gives to an expression: `1 AS a` is `a`, `Flows.SrcIp` is `SrcIp`.
fn name_of(expression: &str) -> &str {
    let alias = expression.rsplit_once(" AS ").map(|(_, alias)| alias);
    let simple = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "._".contains(c));
    alias.unwrap_or_else(|| match expression.rsplit_once('.') {
        Some((_, column)) if simple(expression) => column,
        _ => expression,
    })
}

/// The mistakes that are made most.
fn misfit_words(message: &str) -> String {
    if message.contains("in GROUP BY or an aggregate function")
        && let Some(column) = between(message, "column \"", "\"")
    {
        let column = column.rsplit('.').next().unwrap_or(column);
        return format!("column `{column}` must be in GROUP BY or inside an aggregate function");
    }
    if let Some(call) = between(
        message,
        "No function matches the given name and argument types '",
        "'",
    ) {
        return format!("no function takes these arguments: `{}`", plain(call));
    }
    plain(message)
}

fn name_error(
    kind: NameKind,
    name: &str,
    position: Option<Position>,
    suggestion: Option<String>,
) -> EngineError {
    EngineError::Name {
        kind,
        name: name.to_owned(),
        position,
        suggestion,
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside)
}

/// The column that other tools know by the name typed, or else the nearest.
fn our_name<'a>(typed: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let known = column_known_as(typed).filter(|name| candidates.clone().any(|valid| valid == *name));
    known.map(str::to_owned).or_else(|| nearest(typed, candidates))
}

/// The nearest name by edits, letter case aside; none if over a third of it would have to change.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = typed.to_lowercase();
    candidates
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count().max(lower.chars().count()))
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate.to_owned())
}

/// A library's text made plain: first sentence, no prefix, no type names, no full stop, lower case.
fn plain(text: &str) -> String {
    let mut text = text.lines().next().unwrap_or_default().trim();
    for prefix in [
        "Error during planning: ",
        "Execution error: ",
        "Arrow error: ",
        "Parquet error: ",
        "Cast error: ",
        "External error: ",
        "Internal error: ",
        "Optimizer rule 'simplify_expressions' failed",
        "sql parser error: ",
    ] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    let mut words = text.trim_end_matches('.').to_owned();
    for (type_name, word) in TYPE_WORDS {
        words = words.replace(type_name, word);
    }
    for quote in ['\'', '"'] {
        // An odd one is an apostrophe.
        if words.matches(quote).count() % 2 == 0 {
            words = words.replace(quote, "`");
        }
    }
    let mut letters = words.chars();
    match letters.next() {
        // A name in capitals (`COUNT`) stays as it is.
        Some(letter) if !letters.as_str().starts_with(char::is_uppercase) => {
            letter.to_lowercase().chain(letters).collect()
        }
        _ => words,
    }
}

const TYPE_WORDS: &[(&str, &str)] = &[
    ("LargeUtf8", "text"),
    ("Utf8View", "text"),
    ("Utf8", "text"),
    ("LargeBinary", "bytes"),
    ("BinaryView", "bytes"),
    ("Binary", "bytes"),
    ("Boolean", "bool"),
    ("Date32", "day"),
    ("UInt64", "long"),
    ("Int64", "long"),
    ("UInt32", "int"),
    ("Int32", "int"),
    ("Float64", "real"),
    ("Timestamp(µs, \"UTC\")", "datetime"),
    ("Timestamp(ns, \"UTC\")", "datetime"),
    ("Timestamp(µs)", "datetime"),
    ("Timestamp(ns)", "datetime"),
    ("DataFusion", "the engine"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_ignores_case_and_gives_up_in_time() {
        let names = ["SrcIp", "DestIp", "SrcPort", "TimeGenerated"];
        let nearest = |typed| nearest(typed, names.into_iter());
        assert_eq!(nearest("srcip").as_deref(), Some("SrcIp"));
        assert_eq!(nearest("SrcIpp").as_deref(), Some("SrcIp"));
        assert_eq!(nearest("TimeGenerted").as_deref(), Some("TimeGenerated"));
        assert_eq!(nearest("Elephant"), None);
    }

    #[test]
    fn a_full_disk_is_named_with_its_folder() {
        let full = std::io::Error::from_raw_os_error(28);
        let limits = Limits {
            spill_dir: Some("/spill".into()),
            ..Limits::default()
        };
        let error = running(&DataFusionError::IoError(full), &limits);
        assert_eq!(
            error.to_string(),
            "the disk is full while the query spilled to `/spill`"
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("TMPDIR")));
    }

    #[test]
    fn library_texts_become_plain() {
        assert_eq!(
            plain("Cannot compare Utf8View with Int64."),
            "cannot compare text with long"
        );
        assert_eq!(plain("COUNT takes one argument"), "COUNT takes one argument");
        assert_eq!(
            parser_words("Expected: an expression, found: EOF"),
            "expected an expression, found the end of the query"
        );
    }
}
