//! Answers as the Kusto REST API version 2 frames them.

use std::io::{self, Write};

use engine::KqlAnswer;
use kqlfn::wire::write_string;

use super::answer::lists;

const NO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// Writes all frames, as one array.
pub(crate) fn write_frames(out: &mut dyn Write, answers: &[KqlAnswer], now: &str) -> io::Result<()> {
    writeln!(
        out,
        r#"[{{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"}},"#
    )?;
    writeln!(out, "{},", properties(answers))?;
    for (at, answer) in answers.iter().enumerate() {
        let name = answer.name.as_deref().unwrap_or("PrimaryResult");
        let columns: Vec<(&str, &str)> = answer
            .rows
            .schema
            .iter()
            .map(|column| (&*column.name, column.kind.name()))
            .collect();
        writeln!(
            out,
            "{},",
            frame(at + 1, "PrimaryResult", name, &columns, &lists(&answer.rows))
        )?;
    }
    writeln!(out, "{},", completion(answers.len() + 1, now))?;
    writeln!(
        out,
        r#"{{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#
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

/// How each answer is to be drawn.
fn properties(answers: &[KqlAnswer]) -> String {
    let mut rows = String::from("[");
    for (at, answer) in answers.iter().enumerate() {
        let Some(rendering) = &answer.rendering else {
            continue;
        };
        let mut value = String::from("{\"Visualization\":");
        write_string(&rendering.kind, &mut value);
        for (name, text) in &rendering.properties {
            value.push(',');
            write_string(&capitalised(name), &mut value);
            value.push(':');
            write_string(text, &mut value);
        }
        value.push('}');
        rows.push_str(if rows.len() > 1 { ",[" } else { "[" });
        rows.push_str(&(at + 1).to_string());
        rows.push_str(",\"Visualization\",");
        write_string(&value, &mut rows);
        rows.push(']');
    }
    rows.push(']');
    let columns = [("TableId", "int"), ("Key", "string"), ("Value", "dynamic")];
    frame(0, "QueryProperties", "@ExtendedProperties", &columns, &rows)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn completion(id: usize, now: &str) -> String {
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
    let mut rows = format!(
        r#"[["{now}","flowglass","{NO_GUID}","{NO_GUID}","{NO_GUID}",4,"Info",0,"S_OK (0)",4,"QueryInfo","#
    );
    write_string(r#"{"Count":1,"Text":"Query completed successfully"}"#, &mut rows);
    rows.push_str("]]");
    let (kind, name) = ("QueryCompletionInformation", "QueryCompletionInformation");
    frame(id, kind, name, &columns, &rows)
}
