//! What a line of a batch asks, and what is wrong with one that asks nothing.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

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
    /// As it was sent: a number may have more digits than any type of ours holds.
    pub(super) id: String,
    pub(super) query: String,
    pub(super) parameters: Given,
    /// Instead of that of the command line.
    pub(super) timespan: Option<(Micros, Micros)>,
}

/// The id of a line that has none.
const NO_ID: &str = "null";

/// What a line asks; or what is wrong, with the id if there is one.
pub(super) fn read(line: &[u8], now: Micros) -> Result<Request, (String, Failure)> {
    let without_id = |failure| (NO_ID.to_owned(), failure);
    let mut asked = object(line).map_err(without_id)?;
    let id = id(&mut asked).map_err(without_id)?;
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

/// The keys of an object and the texts of their values, in order.
struct Keyed(Vec<(String, Box<RawValue>)>);

impl Keyed {
    /// Takes out the value of a key; none if it is not there.
    fn take(&mut self, key: &str) -> Option<Box<RawValue>> {
        let at = self.0.iter().position(|(held, _)| held == key)?;
        Some(self.0.remove(at).1)
    }

    /// A key that is there twice: which of its values is meant is not known.
    fn twice(&self) -> Option<&str> {
        let mut seen = BTreeSet::new();
        self.0
            .iter()
            .map(|(key, _)| key.as_str())
            .find(|key| !seen.insert(*key))
    }
}

impl<'de> Deserialize<'de> for Keyed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Keyed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keyed, A::Error> {
                let mut keyed = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    keyed.push(entry);
                }
                Ok(Keyed(keyed))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

fn object(line: &[u8]) -> Result<Keyed, Failure> {
    if line.len() as u64 >= LINE_BYTES_MAX {
        let text = format!("the line is longer than {} MiB", LINE_BYTES_MAX >> 20);
        return Err(wrong(&text));
    }
    let text = std::str::from_utf8(line).map_err(|_| wrong("the line is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(wrong("the line is empty"));
    }
    let no_json = |error: serde_json::Error| wrong(&format!("the line is not JSON: {error}"));
    let whole: &RawValue = serde_json::from_str(text).map_err(no_json)?;
    if !whole.get().starts_with('{') {
        return Err(wrong("the line is JSON, but no object"));
    }
    serde_json::from_str(text).map_err(no_json)
}

/// Takes the id, as it was sent.
fn id(asked: &mut Keyed) -> Result<String, Failure> {
    if asked.twice() == Some("id") {
        return Err(wrong("the line has the key `id` twice"));
    }
    let id = asked.take("id").filter(|id| id.get() != NO_ID);
    let id = id.ok_or_else(|| wrong("the line has no `id`"))?;
    let is_number = id
        .get()
        .starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if is_number || serde_json::from_str::<String>(id.get()).is_ok() {
        Ok(id.get().to_owned())
    } else {
        Err(wrong("the `id` of the line is no number and no text"))
    }
}

type Fields = (String, Given, Option<(Micros, Micros)>);

fn fields(mut asked: Keyed, now: Micros) -> Result<Fields, Failure> {
    if let Some(unknown) = asked.0.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
        return Err(wrong(&format!("`{}` is no key of a line", unknown.0)));
    }
    if let Some(key) = asked.twice() {
        return Err(wrong(&format!("the line has the key `{key}` twice")));
    }
    let query = match asked.take("query") {
        Some(query) => serde_json::from_str::<String>(query.get())
            .map_err(|_| wrong("the `query` of the line is no text"))?,
        None => return Err(wrong("the line has no `query`")),
    };
    let parameters = match (asked.take("parameters"), asked.take("params")) {
        (Some(_), Some(_)) => {
            return Err(wrong(
                "`params` is another name of `parameters`; give one of them",
            ));
        }
        (Some(given), None) | (None, Some(given)) => parameters(&given)?,
        (None, None) => Given::new(),
    };
    let timespan = match asked.take("timespan").filter(|typed| typed.get() != "null") {
        None => None,
        Some(typed) => {
            let typed = serde_json::from_str::<String>(typed.get())
                .map_err(|_| wrong("the `timespan` of the line is no text"))?;
            Some(timespan::read("timespan", &typed, now)?)
        }
    };
    Ok((query, parameters, timespan))
}

fn parameters(given: &RawValue) -> Result<Given, Failure> {
    if given.get() == "null" {
        return Ok(Given::new());
    }
    let given: Keyed = serde_json::from_str(given.get())
        .map_err(|_| wrong("`parameters` takes an object of names and values"))?;
    if let Some(name) = given.twice() {
        return Err(wrong(&format!("`parameters` has `{name}` twice")));
    }
    given
        .0
        .into_iter()
        // Nothing is given: the default holds.
        .filter(|(_, value)| value.get() != "null")
        .map(|(name, value)| match value_text(&value) {
            Ok(text) => Ok((name, text)),
            Err(error) => Err(wrong(&format!("the value of `{name}` is not read: {error}"))),
        })
        .collect()
}

/// A text is meant without its quotes, and all else as it was sent: a number keeps its digits.
fn value_text(value: &RawValue) -> Result<String, serde_json::Error> {
    if value.get().starts_with('"') {
        return serde_json::from_str(value.get());
    }
    if value.get().starts_with(['{', '[']) {
        // It may be nested without end.
        serde_json::from_str::<serde_json::Value>(value.get())?;
    }
    Ok(value.get().to_owned())
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
        assert_eq!(held, id, "{failure}");
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
        refused(br#"{"id":"\ud800","query":"x"}"#, "null", "no number and no text");
        refused(br#"{"id":true,"query":"x"}"#, "null", "no number and no text");
        refused(br#"{"id":1,"id":2,"query":"x"}"#, "null", "`id` twice");
        refused(br#"{"id":1,"query":"x","query":"y"}"#, "1", "`query` twice");
        refused(
            br#"{"id":1,"query":"x","parameters":{"a":1,"a":2}}"#,
            "1",
            "`parameters` has `a` twice",
        );
        let deep = format!(
            r#"{{"id":1,"query":"x","parameters":{{"a":{}1{}}}}}"#,
            "[".repeat(1000),
            "]".repeat(1000)
        );
        refused(deep.as_bytes(), "1", "the value of `a` is not read");
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
        assert_eq!((asked.id.as_str(), asked.query.as_str()), ("1", "print a"));
        let given: Vec<(&str, &str)> = asked
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(given, [("a", "x"), ("b", "5"), ("c", "[1]")]);
        assert_eq!(asked.timespan, Some((NOON - 86_400_000_000, NOON)));
        for id in ["18446744073709551616", "1e3", "-0", "0.10", r#""a\u0041""#] {
            let line = format!(r#"{{"id": {id} , "query":"print 1", "parameters":{{"a": 1e3, "b": 0.10}}}}"#);
            let asked = read(line.as_bytes(), NOON).unwrap();
            assert_eq!(asked.id, id);
            let given =
                [("a", "1e3"), ("b", "0.10")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(asked.parameters, given);
        }
        let line = "\u{feff}{\"id\":\"x\",\"query\":\"print a\",\"timespan\":null,\"params\":null}";
        assert!(read(line.as_bytes(), NOON).unwrap().parameters.is_empty());
    }
}
