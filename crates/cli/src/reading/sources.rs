//! What is said about finding sources. Where they are found is `ingest::sources`; nothing is opened here.

use ingest::{PassedOver, Source, Trouble};
use model::codes::list as code;

use crate::message::{Grade, Message};
use crate::quantity::{counted, grouped};
use table::io_reason;

/// The message for what was named and cannot be read.
pub(crate) fn trouble(trouble: &Trouble) -> Message {
    match trouble {
        Trouble::Unreadable { name, error } => unreadable(name, error),
        Trouble::Nothing { what } => Message::new(Grade::Error, what)
            .code(code::SOURCE_NONE)
            .hint("check the spelling; quote patterns so that the shell leaves them alone"),
    }
}

/// The message for a source that cannot be read.
pub(crate) fn unreadable(name: &str, error: &std::io::Error) -> Message {
    Message::new(
        Grade::Error,
        format!("cannot read `{name}`: {}", io_reason(error)),
    )
    .code(code::SOURCE_IO)
    .hint("check the path and its permissions; the other sources are read all the same")
}

/// The message for a file that holds something else, known by its first bytes. In a folder that is
/// nothing to fail for.
pub(crate) fn not_a_flow_log(source: &Source, beginning: &[u8]) -> Message {
    let grade = if source.named { Grade::Error } else { Grade::Note };
    let name = &source.display;
    let message = |text| Message::new(grade, text).code(code::NOT_A_FLOW_LOG);
    if is_utf16(beginning) {
        return message(format!("`{name}` is UTF-16 text, as `>` of PowerShell 5 writes it; flow logs are UTF-8"))
            .hint("convert it: `iconv -f UTF-16 -t UTF-8 OLD > NEW`, or in PowerShell `Get-Content OLD | Set-Content -Encoding utf8 NEW`");
    }
    message(format!("`{name}` is not a flow log in any form known here"))
        .hint("check the path; flow log blobs are called `PT1H.json` and begin with `{\"records\":[`")
}

/// Bytes by which [`not_a_flow_log`] knows what a file is.
pub(crate) const BEGINNING_BYTES: u64 = 4;

/// A byte order mark of UTF-16, or the first brace of JSON in two bytes.
fn is_utf16(beginning: &[u8]) -> bool {
    matches!(
        beginning,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..]
    )
}

/// The sentence about files that were left alone in folders, if there were any.
pub(crate) fn passed_over(passed_over: &PassedOver) -> Option<Message> {
    if passed_over.total() == 0 {
        return None;
    }
    let kinds: Vec<String> = passed_over
        .kinds()
        .map(|(kind, count)| format!("{} {kind}", grouped(count)))
        .collect();
    let files = counted(passed_over.total(), "file");
    let text = format!(
        "{files} in folders passed over ({}): not named like a flow log",
        kinds.join(", ")
    );
    Some(Message::new(Grade::Note, text).hint("name a file itself to have it read whatever it is called"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_told_by_its_first_bytes() {
        for text in ["\u{feff}{", "{\"", "[{"] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert!(is_utf16(&little) && is_utf16(&big), "{text}");
        }
        for bytes in [&b"{\"re"[..], b"\xef\xbb\xbf{", b"", b"{", b"\0\0\0\0"] {
            assert!(!is_utf16(bytes), "{bytes:?}");
        }
    }
}
