//! Answers and refusals as the Kusto REST API version 2 frames them.

use std::io::{self, Write};
use std::time::Duration;

use engine::{Counters, KqlAnswer};
use kql::values::timespan_to_text;
use kqlfn::wire::write_string;
use model::codes::list;
use serde_json::{Value, json};

use super::answer::lists;
use super::trouble::Trouble;
use super::used::Used;
use super::visualization::visualization;
use crate::exit::Exit;

const NO_GUID: &str = "00000000-0000-0000-0000-000000000000";

const HEADER: &str = r#"{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"}"#;

/// What is told of a query beside its answers.
pub(crate) struct Ran {
    /// When it was asked.
    pub(crate) now: String,
    pub(crate) took: Duration,
    pub(crate) counters: Counters,
}

/// Writes all frames, as one array.
pub(crate) fn write_frames(out: &mut dyn Write, answers: &[KqlAnswer], ran: &Ran) -> io::Result<()> {
    writeln!(out, "[{HEADER},")?;
    writeln!(out, "{},", properties(answers))?;
    let mut sizes = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let name = answer.name.as_deref().unwrap_or("PrimaryResult");
        let columns: Vec<(&str, &str)> = answer
            .rows
            .schema
            .iter()
            .map(|column| (&*column.name, column.kind.name()))
            .collect();
        let rows = lists(&answer.rows, usize::MAX);
        sizes.push((answer.rows.rows, rows.len()));
        writeln!(out, "{},", frame(at + 1, "PrimaryResult", name, &columns, &rows))?;
    }
    let done = (0, "S_OK (0)");
    let events = [
        Event {
            level: (4, "Info"),
            status: done,
            kind: (4, "QueryInfo"),
            payload: json!({"Count": 1, "Text": "Query completed successfully"}).to_string(),
        },
        Event {
            level: (6, "Stats"),
            status: done,
            kind: (0, "QueryResourceConsumption"),
            payload: consumption(ran, &sizes),
        },
    ];
    writeln!(out, "{},", completion(answers.len() + 1, &ran.now, &events))?;
    writeln!(
        out,
        r#"{{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#
    )
}

/// Writes why there is no answer: clients look for it at the end, or among the events, so it stands in both.
pub(crate) fn write_refusal(out: &mut dyn Write, trouble: &Trouble, now: &str) -> io::Result<()> {
    let is_cancelled = trouble.failure.code == Some(list::QUERY_CANCELLED);
    let (kusto, says, class, is_permanent) = kind_of(trouble);
    let about = match trouble.code.get(..3) {
        Some("SYN") => "Syntax error: ",
        Some("SEM") => "Semantic error: ",
        _ => "",
    };
    let message = format!("{says} {about}{}: {}", trouble.code, trouble.message);
    let error = json!({"error": {
        "code": kusto,
        "message": says,
        "@type": class,
        "@message": message,
        "@context": {"timestamp": now, "clientRequestId": "flowglass", "activityId": NO_GUID},
        "@permanent": is_permanent,
        "innererror": {
            "code": trouble.code,
            "message": trouble.message,
            "line": trouble.place.map(|(line, _)| line),
            "column": trouble.place.map(|(_, column)| column),
            "hint": trouble.failure.hint,
        },
    }});
    let event = Event {
        level: (2, "Error"),
        status: (-2_147_467_259, "E_FAIL (80004005)"),
        kind: (1, "QueryInfo"),
        payload: json!({"Count": 1, "Text": message}).to_string(),
    };
    writeln!(out, "[{HEADER},")?;
    writeln!(out, "{},", completion(0, now, &[event]))?;
    writeln!(
        out,
        r#"{{"FrameType":"DataSetCompletion","HasErrors":true,"Cancelled":{is_cancelled},"OneApiErrors":[{error}]}}]"#
    )
}

/// Kusto's code and sentence, its class, and whether it would be the same again.
fn kind_of(trouble: &Trouble) -> (&'static str, &'static str, &'static str, bool) {
    if trouble.failure.exit == Exit::Usage {
        return (
            "General_BadRequest",
            "Request is invalid and cannot be executed.",
            "Kusto.Data.Exceptions.KustoBadRequestException",
            true,
        );
    }
    if trouble.failure.code == Some(list::QUERY_MEMORY) {
        return (
            "LimitsExceeded",
            "Request exceeds its limits and was stopped.",
            "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
            true,
        );
    }
    (
        "General_InternalServerError",
        "Request could not be executed.",
        "Kusto.Data.Exceptions.KustoServicePartialQueryFailureException",
        false,
    )
}

fn frame(id: usize, kind: &str, name: &str, columns: &[(&str, &str)], rows: &str) -> String {
    let mut text = format!(r#"{{"FrameType":"DataTable","TableId":{id},"TableKind":"{kind}","TableName":"#);
    write_string(name, &mut text);
    text.push_str(",\"Columns\":[");
    for (at, (name, kind)) in columns.iter().enumerate() {
        text.push_str(if at == 0 {
            "{\"ColumnName\":"
        } else {
            ",{\"ColumnName\":"
        });
        write_string(name, &mut text);
        text.push_str(",\"ColumnType\":");
        write_string(kind, &mut text);
        text.push('}');
    }
    text.push_str("],\"Rows\":");
    text.push_str(rows);
    text.push('}');
    text
}

/// How each answer is to be drawn; of those that are not, that they are not.
fn properties(answers: &[KqlAnswer]) -> String {
    let mut rows = String::from("[");
    for (at, answer) in answers.iter().enumerate() {
        rows.push_str(if at > 0 { ",[" } else { "[" });
        rows.push_str(&(at + 1).to_string());
        rows.push_str(",\"Visualization\",");
        write_string(&visualization(answer.rendering.as_ref()), &mut rows);
        rows.push(']');
    }
    rows.push(']');
    let columns = [("TableId", "int"), ("Key", "string"), ("Value", "dynamic")];
    frame(0, "QueryProperties", "@ExtendedProperties", &columns, &rows)
}

/// One row of what is told of a query: numbers, each with its word.
struct Event {
    level: (i32, &'static str),
    status: (i32, &'static str),
    kind: (i32, &'static str),
    payload: String,
}

/// That a query ended, and how.
fn completion(id: usize, now: &str, events: &[Event]) -> String {
    let columns = [
        ("Timestamp", "datetime"),
        ("ClientRequestId", "string"),
        ("ActivityId", "guid"),
        ("SubActivityId", "guid"),
        ("ParentActivityId", "guid"),
        ("Level", "int"),
        ("LevelName", "string"),
        ("StatusCode", "int"),
        ("StatusCodeName", "string"),
        ("EventType", "int"),
        ("EventTypeName", "string"),
        ("Payload", "string"),
    ];
    let rows = events.iter().map(|event| {
        let Event {
            level,
            status,
            kind,
            payload,
        } = event;
        json!([
            now,
            "flowglass",
            NO_GUID,
            NO_GUID,
            NO_GUID,
            level.0,
            level.1,
            status.0,
            status.1,
            kind.0,
            kind.1,
            payload
        ])
    });
    let rows: Vec<Value> = rows.collect();
    let (kind, name) = ("QueryCompletionInformation", "QueryCompletionInformation");
    frame(id, kind, name, &columns, &json!(rows).to_string())
}

/// What a query took. `sizes` are rows and bytes of each answer.
fn consumption(ran: &Ran, sizes: &[(usize, usize)]) -> String {
    let used = Used::by_this_process();
    let counters = &ran.counters;
    let span = |used: Option<Duration>| {
        let ticks = used.map(|used| i64::try_from(used.as_nanos() / 100).unwrap_or(i64::MAX));
        ticks.map(timespan_to_text)
    };
    let total = used.user.zip(used.kernel).map(|(user, kernel)| user + kernel);
    let sizes = sizes
        .iter()
        .map(|(rows, bytes)| json!({"table_row_count": rows, "table_size": bytes}));
    json!({
        "ExecutionTime": ran.took.as_secs_f64(),
        "resource_usage": {
            "cpu": {"user": span(used.user), "kernel": span(used.kernel), "total cpu": span(total)},
            "memory": {"peak_per_node": used.peak_bytes},
        },
        "input_dataset_statistics": {
            "extents": {"total": counters.files_total, "scanned": counters.files_after_statistics},
            "rows": {"scanned": counters.rows_read, "kept": counters.rows_matched},
            "bytes": {"scanned": counters.bytes_scanned, "spilled": counters.bytes_spilled},
        },
        "dataset_statistics": sizes.collect::<Vec<_>>(),
    })
    .to_string()
}
