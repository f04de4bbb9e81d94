//! Notices of Event Grid that a blob was written: in its own form or in that of CloudEvents, plain or in base64, one or many.
//!
//! What is another event, or none, is told beside what was understood, by its kind only: what another program's message says is
//! nobody's business. Nothing here fails.
//! <https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::Value;

use crate::storage::text::etag_of;

/// So much of the name of another event is told.
const TOLD_MAX: usize = 80;

/// What tells that a blob has new contents under a name. A renamed one is told of by its new name.
const WRITTEN: [&str; 2] = ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobRenamed"];

/// A blob that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Of which account.
    pub account: String,
    /// Of which container.
    pub container: String,
    /// Its name.
    pub blob: String,
    /// How, such as `PutBlockList`.
    pub api: String,
    /// Which of its contents these are.
    pub etag: String,
    /// Bytes, if that was said.
    pub size: Option<u64>,
    /// When, in microseconds since 1970, if that was said.
    pub at_micros: Option<i64>,
}

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Blobs that were written.
    pub written: Vec<Written>,
    /// What else it says, in words: other events, and what could not be read.
    pub others: Vec<String>,
}

/// Reads the text of a message.
#[must_use]
pub fn parse(text: &str) -> Events {
    let mut events = Events::default();
    match document(text) {
        Some(Value::Array(held)) => held.iter().for_each(|event| events.take(event)),
        Some(event) => events.take(&event),
        None => events.others.push("no JSON, and no JSON in base64".to_owned()),
    }
    events
}

/// Event Grid puts base64 into queues; others put JSON.
fn document(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && (value.is_object() || value.is_array())
    {
        return Some(value);
    }
    let bytes = STANDARD.decode(text).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

impl Events {
    fn take(&mut self, event: &Value) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("eventType") {
            "" => text("type"),
            kind => kind,
        };
        if !WRITTEN.contains(&kind) {
            let what = match kind {
                "" => "JSON that is no event".to_owned(),
                kind => format!("an event `{}`", told(kind)),
            };
            self.others.push(what);
            return;
        }
        match written(event) {
            Some(written) => self.written.push(written),
            None => self.others.push(format!("an event `{kind}` that names no blob")),
        }
    }
}

fn written(event: &Value) -> Option<Written> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let data = event.get("data");
    let of_data = |name: &str| data?.get(name)?.as_str();
    // `/blobServices/default/containers/CONTAINER/blobs/NAME`
    let (_, rest) = text("subject")?.split_once("/containers/")?;
    let (container, blob) = rest.split_once("/blobs/")?;
    // `topic` in Event Grid's own form, `source` in that of CloudEvents: the resource id of the account.
    let id = text("topic").or_else(|| text("source")).unwrap_or_default();
    let of_id = id.rsplit_once('/').map(|(_, name)| name).filter(|_| {
        let id = id.to_lowercase();
        id.contains("/storageaccounts/")
    });
    let url = of_data("url").and_then(|url| url::Url::parse(url).ok());
    let of_url = url
        .as_ref()
        .and_then(url::Url::domain)
        .and_then(|host| host.split('.').next());
    let account = of_id.or(of_url).filter(|account| !account.is_empty())?;
    let time = text("eventTime").or_else(|| text("time"));
    (!container.is_empty() && !blob.is_empty()).then(|| Written {
        account: account.to_lowercase(),
        container: container.to_owned(),
        blob: blob.to_owned(),
        api: of_data("api").unwrap_or_default().to_owned(),
        etag: etag_of(of_data("eTag").or_else(|| of_data("etag")).unwrap_or_default()),
        size: data
            .and_then(|data| data.get("contentLength"))
            .and_then(Value::as_u64),
        at_micros: time
            .and_then(|time| DateTime::parse_from_rfc3339(time).ok())
            .map(|time| time.timestamp_micros()),
    })
}

fn told(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_control());
    letters.take(TOLD_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "flowLogResourceID=/SUB_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_FLOW/y=2024/m=03/d=14/h=10/m=00/macAddress=002248710B6C/PT1H.json";

    fn grid() -> String {
        format!(
            r#"{{"topic":"/subscriptions/s/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/myLogs","subject":"/blobServices/default/containers/insights-logs-flowlogflowevent/blobs/{NAME}","eventType":"Microsoft.Storage.BlobCreated","eventTime":"2024-03-14T10:01:02.1234567Z","id":"831e1650","data":{{"api":"PutBlockList","clientRequestId":"6d79dbfb","eTag":"\"0x8D4BCC2E4835CD0\"","contentType":"application/octet-stream","contentLength":524288,"blobType":"BlockBlob","url":"https://mylogs.blob.core.windows.net/x","sequencer":"00000000000004420000000000028963","storageDiagnostics":{{"batchId":"b68529f3"}}}},"dataVersion":"","metadataVersion":"1"}}"#
        )
    }

    fn cloud() -> String {
        format!(
            r#"{{"specversion":"1.0","type":"Microsoft.Storage.BlobCreated","source":"/subscriptions/s/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/mylogs","id":"9aeb0fdf","time":"2024-03-14T10:01:02.1234567Z","subject":"/blobServices/default/containers/insights-logs-flowlogflowevent/blobs/{NAME}","data":{{"api":"PutBlockList","eTag":"0x8D4BCC2E4835CD0","contentLength":524288,"url":"https://mylogs.blob.core.windows.net/x"}}}}"#
        )
    }

    fn expected() -> Written {
        Written {
            account: "mylogs".to_owned(),
            container: "insights-logs-flowlogflowevent".to_owned(),
            blob: NAME.to_owned(),
            api: "PutBlockList".to_owned(),
            etag: "0x8D4BCC2E4835CD0".to_owned(),
            size: Some(524_288),
            at_micros: Some(1_710_410_462_123_456),
        }
    }

    #[test]
    fn both_forms_plain_and_encoded_one_and_many() {
        for text in [
            grid(),
            cloud(),
            format!(" \u{feff}{}\n", cloud()),
            STANDARD.encode(grid()),
            STANDARD.encode(cloud()),
            format!("[{}]", grid()),
        ] {
            let events = parse(&text);
            assert_eq!(events.written, [expected()], "{text}");
            assert_eq!(events.others, [""; 0]);
        }
        let both = parse(&format!("[{},{}]", grid(), cloud()));
        assert_eq!(both.written.len(), 2);
    }

    #[test]
    fn the_account_of_a_url() {
        let text = cloud().replace(
            "/subscriptions/s/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/mylogs",
            "elsewhere",
        );
        assert_eq!(parse(&text).written, [expected()]);
    }

    #[test]
    fn what_is_something_else_is_told() {
        let check = |text: &str, expected: &str| {
            let events = parse(text);
            assert_eq!(events.written, [], "{text}");
            assert_eq!(events.others.len(), 1, "{text}");
            assert!(events.others[0].starts_with(expected), "{:?}", events.others);
        };
        check("hello", "no JSON, and");
        check("", "no JSON, and");
        check("17", "no JSON, and");
        check("{}", "JSON that is no event");
        check(r#"{"eventType":7}"#, "JSON that is no event");
        check(
            &grid().replace("BlobCreated", "BlobDeleted"),
            "an event `Microsoft.Storage.BlobDeleted`",
        );
        check(
            &grid().replace("/blobs/", "/else/"),
            "an event `Microsoft.Storage.BlobCreated` that names no blob",
        );
        check(
            r#"{"type":"Microsoft.Storage.BlobCreated","data":7}"#,
            "an event `Microsoft.Storage.BlobCreated` that names no blob",
        );
        assert_eq!(parse("[]"), Events::default());
    }

    /// What another program's message says is told to nobody.
    #[test]
    fn nothing_of_another_programs_message_is_told() {
        for text in [
            "password=hunter2",
            r#"{"password":"hunter2"}"#,
            r#"{"eventType":"Contoso.Order","data":"hunter2"}"#,
            r#"{"type":"Microsoft.Storage.BlobCreated","subject":"hunter2"}"#,
        ] {
            let told = parse(text).others.concat();
            assert!(!told.is_empty() && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn a_renamed_blob_is_told_by_its_new_name() {
        let text = r#"{"topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/logs","subject":"/blobServices/default/containers/c/blobs/new/PT1H.json","eventType":"Microsoft.Storage.BlobRenamed","data":{"api":"RenameFile","destinationUrl":"https://logs.dfs.core.windows.net/c/new/PT1H.json","sourceUrl":"https://logs.dfs.core.windows.net/c/old"}}"#;
        let events = parse(text);
        assert_eq!(events.others, [""; 0]);
        assert_eq!(
            (
                events.written[0].account.as_str(),
                events.written[0].blob.as_str()
            ),
            ("logs", "new/PT1H.json")
        );
    }
}
