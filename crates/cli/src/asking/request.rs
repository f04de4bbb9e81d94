//! What a line of a batch asks, and what is wrong with one that asks nothing.

use serde_json::{Map, Value};

use super::lines::LINE_BYTES_MAX;
use super::parameters::Given;
use crate::exit::Failure;
use crate::instant::Micros;
use crate::timespan;

/// The keys of a line; `params` is short for `parameters`.
const KEYS: [&str; 5] = ["id", "query", "parameters", "params", "timespan"];

/// The form of a line, for hints.
const FORM: &str = r#"a line takes {"id": 1, "query": "…"}, and may have "parameters": {"name": value} and "timespan": "P1D""#;

/// A line that asks something.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: Value,
    pub(super) query: String,
    pub(super) parameters: Given,
    /// Instead of that of the command line.
    pub(super) timespan: Option<(Micros, Micros)>,
}

/// What a line asks; or what is wrong, with the id if there is one.
pub(super) fn read(line: &[u8], now: Micros) -> Result<Request, (Value, Failure)> {
    let mut asked = object(line).map_err(|failure| (Value::Null, failure))?;
    let id = match asked.remove("id") {
        Some(id @ (Value::Number(_) | Value::String(_))) => id,
        None | Some(Value::Null) => return Err((Value::Null, wrong("the line has no `id`"))),
        Some(_) => {
            return Err((
                Value::Null,
                wrong("the `id` of the line is no number and no text"),
            ));
        }
    };
    match fields(asked, now) {
        Ok((query, parameters, timespan)) => Ok(Request {
            id,
            query,
            parameters,
            timespan,
        }),
        Err(failure) => Err((id, failure)),
    }
}

fn object(line: &[u8]) -> Result<Map<String, Value>, Failure> {
    if line.len() as u64 >= LINE_BYTES_MAX {
        let text = format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20);
        return Err(wrong(&text));
    }
    let text = std::str::from_utf8(line).map_err(|_| wrong("the line is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(wrong("the line is empty"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(asked)) => Ok(asked),
        Ok(_) => Err(wrong("the line is JSON, but no object")),
        Err(error) => Err(wrong(&format!("the line is not JSON: {error}"))),
    }
}

type Fields = (String, Given, Option<(Micros, Micros)>);

fn fields(mut asked: Map<String, Value>, now: Micros) -> Result<Fields, Failure> {
    if let Some(unknown) = asked.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(wrong(&format!("`{unknown}` is no key of a line")));
    }
    let query = match asked.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err(wrong("the `query` of the line is no text")),
        None => return Err(wrong("the line has no `query`")),
    };
    let parameters = match (asked.remove("parameters"), asked.remove("params")) {
        (Some(_), Some(_)) => {
            return Err(wrong(
                "`params` is another name of `parameters`; give one of them",
            ));
        }
        (Some(given), None) | (None, Some(given)) => parameters(given)?,
        (None, None) => Given::new(),
    };
    let timespan = match asked.remove("timespan") {
        None | Some(Value::Null) => None,
        Some(Value::String(typed)) => Some(timespan::read("timespan", &typed, now)?),
        Some(_) => return Err(wrong("the `timespan` of the line is no text")),
    };
    Ok((query, parameters, timespan))
}

fn parameters(given: Value) -> Result<Given, Failure> {
    match given {
        Value::Null => Ok(Given::new()),
        Value::Object(given) => Ok(given
            .into_iter()
            // Nothing is given: the default holds.
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect()),
        _ => Err(wrong("`parameters` takes an object of names and values")),
    }
}

fn wrong(text: &str) -> Failure {
    Failure::usage(text).hint(FORM)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Micros = 1_710_417_600_000_000; // 2024-03-14T12:00:00Z

    #[track_caller]
    fn refused(line: &[u8], id: &str, says: &str) {
        let (held, failure) = read(line, NOON).unwrap_err();
        assert_eq!(held.to_string(), id, "{failure}");
        assert!(
            failure.message.contains(says) && failure.hint.is_some(),
            "{failure}"
        );
    }

    #[test]
    fn lines_that_ask_nothing() {
        refused(br#"{"id":7}"#, "7", "has no `query`");
        refused(br#"{"id":"a","query":5}"#, "\"a\"", "is no text");
        refused(b"print 1", "null", "is not JSON");
        refused(b"[1]", "null", "no object");
        refused(b"", "null", "is empty");
        refused(b" \r\n", "null", "is empty");
        refused(b"{\"id\":\"\xff\"}", "null", "not UTF-8");
        refused(br#"{"query":"print 1"}"#, "null", "has no `id`");
        refused(br#"{"id":null,"query":"print 1"}"#, "null", "has no `id`");
        refused(
            br#"{"id":{"a":1},"query":"print 1"}"#,
            "null",
            "no number and no text",
        );
        refused(
            br#"{"id":1,"query":"x","params":[1]}"#,
            "1",
            "`parameters` takes an object",
        );
        refused(
            br#"{"id":1,"query":"x","params":{},"parameters":{}}"#,
            "1",
            "another name",
        );
        refused(
            br#"{"id":1,"query":"x","Timespan":"P1D"}"#,
            "1",
            "`Timespan` is no key",
        );
        refused(
            br#"{"id":1,"query":"x","timespan":"P1M"}"#,
            "1",
            "no length of their own",
        );
        refused(br#"{"id":1,"query":"x","timespan":5}"#, "1", "no text");
        let long = vec![b' '; usize::try_from(LINE_BYTES_MAX).unwrap()];
        refused(&long, "null", "longer than 16 MiB");
        let deep = "[".repeat(100_000);
        refused(deep.as_bytes(), "null", "is not JSON");
    }

    #[test]
    fn lines_that_ask() {
        let line =
            br#"{"id":1,"query":"print a","parameters":{"a":"x","b":5,"c":[1],"d":null},"timespan":"P1D"}"#;
        let asked = read(line, NOON).unwrap();
        assert_eq!(
            (asked.id.to_string().as_str(), asked.query.as_str()),
            ("1", "print a")
        );
        let given: Vec<(&str, &str)> = asked
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(given, [("a", "x"), ("b", "5"), ("c", "[1]")]);
        assert_eq!(asked.timespan, Some((NOON - 86_400_000_000, NOON)));
        let line = "\u{feff}{\"id\":\"x\",\"query\":\"print a\",\"timespan\":null,\"params\":null}";
        assert!(read(line.as_bytes(), NOON).unwrap().parameters.is_empty());
    }
}
