//! What is said about finding sources. Where they are found is `ingest::sources`; nothing is opened here.

use formats::Looks;
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

/// The message for a file that holds something else. In a folder that is nothing to fail for.
pub(crate) fn not_a_flow_log(source: &Source, looks: Option<Looks>) -> Message {
    let grade = if source.named { Grade::Error } else { Grade::Note };
    let (is, hint) = is_instead(looks.unwrap_or(Looks::Other));
    Message::new(grade, format!("`{}` {is}", source.display))
        .code(code::NOT_A_FLOW_LOG)
        .hint(hint)
}

/// What a file is, and what to do about it.
fn is_instead(looks: Looks) -> (String, &'static str) {
    match looks {
        Looks::Utf16 => (
            "is UTF-16 text, as `>` of PowerShell 5 writes it; flow logs are UTF-8".into(),
            "convert it: `iconv -f UTF-16 -t UTF-8 OLD > NEW`, or in PowerShell `Get-Content OLD | Set-Content -Encoding utf8 NEW`",
        ),
        Looks::Compressed(name) => (
            format!("is compressed with {name}, which is not read; gzip and zstd are"),
            "decompress it, and read the result",
        ),
        Looks::CompressedTwice(name) => (
            format!("is compressed twice, the second time with {name}; one compression is undone"),
            "decompress it once, and read the result",
        ),
        Looks::Archive(name) => (
            format!("is a {name} archive, and archives are not read"),
            "unpack it, and read the files in it",
        ),
        Looks::Columns(name) => (
            format!("is a {name} file, which is not read"),
            "export it as CSV or NDJSON",
        ),
        Looks::Lines => (
            "looks like rows under a header, and its names are of no layout known here".into(),
            "name its fields with `--map SrcIp=FIELD` and so on, or its layout with `--format-in`",
        ),
        Looks::Other => (
            "is not a flow log in any form known here".into(),
            "check the path; flow log blobs are called `PT1H.json` and begin with `{\"records\":[`",
        ),
    }
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
    fn what_a_file_is_instead_is_said() {
        let source = &ingest::find(&[ingest::Input::Standard], 0).sources[0];
        for (looks, said, hint) in [
            (Looks::Archive("zip"), "is a zip archive", "unpack"),
            (Looks::Compressed("xz"), "is compressed with xz", "decompress"),
            (Looks::CompressedTwice("gzip"), "is compressed twice", "once"),
            (Looks::Lines, "rows under a header", "`--map SrcIp=FIELD`"),
            (Looks::Utf16, "is UTF-16", "iconv"),
        ] {
            let message = not_a_flow_log(source, Some(looks));
            assert!(message.text.contains(said), "{}", message.text);
            assert!(message.hint.is_some_and(|text| text.contains(hint)), "{said}");
        }
    }
}
