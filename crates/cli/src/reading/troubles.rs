//! What was wrong with a source, said once for each, and in short when there are many.

use std::collections::{BTreeMap, BTreeSet};

use formats::{Report, Tally};
use ingest::Source;
use model::Code;
use model::codes::list as code;

use crate::message::{Grade, Message};
use crate::quantity::{bytes, counted, grouped};
use crate::reading::scan::Scan;
use crate::reading::sources::not_a_flow_log;
use table::io_reason;

/// Messages of one code said in full; after that they are counted.
const SAID_MAX: u64 = 10;

/// How often each code has come up.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    said: BTreeMap<Option<Code>, u64>,
    /// The next steps that have been said; no more of them than messages.
    hinted: BTreeSet<(Option<Code>, String)>,
}

impl Troubles {
    /// The message, or nothing if there were many of its kind.
    pub(crate) fn admit(&mut self, message: Message) -> Option<Message> {
        let count = self.said.entry(message.code).or_default();
        *count += 1;
        if *count > SAID_MAX {
            return None;
        }
        // The next step is mostly the same for all of a kind: once is enough.
        let code = message.code;
        let hint = message.hint.clone();
        let hint = hint.filter(|hint| self.hinted.insert((code, hint.clone())));
        Some(Message { hint, ..message })
    }

    /// What was left out, by code.
    pub(crate) fn rest(&self) -> Vec<Message> {
        let left_out = self.said.iter().filter(|(_, count)| **count > SAID_MAX);
        left_out
            .map(|(code, count)| {
                let text = format!("{} more like this were left out", grouped(count - SAID_MAX));
                Message {
                    code: *code,
                    ..Message::new(Grade::Note, text)
                }
            })
            .collect()
    }
}

/// How a source went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Read, whatever was in it.
    Read,
    /// Holds no records.
    Empty,
    /// Not a flow log.
    Unrecognised,
    /// Could not be read to its end.
    Failed,
}

/// Looks at a scan and says what is to be said about the source.
pub(crate) fn judge(source: &Source, scan: &Scan) -> (Health, Vec<Message>) {
    let name = &source.display;
    let (report, counts) = (&scan.report, &scan.report.counts);
    let mut messages = Vec::new();
    let message = |grade, code: Code, text: String| {
        let hint = code.def().map(|def| lower_first(def.next));
        Message {
            hint,
            ..Message::new(grade, text).code(code)
        }
    };
    if let Some(error) = &report.failure {
        let at = bytes(counts.bytes_read);
        let text = format!("reading `{name}` broke off after {at}: {}", io_reason(error));
        messages.push(message(Grade::Error, code::SOURCE_IO, text));
        return (Health::Failed, messages);
    }
    if report.cancelled {
        return (Health::Read, messages);
    }
    if let Some(damage) = scan.decompression {
        let what = if damage == code::DECOMPRESS_LIMIT {
            "swells beyond the limit when decompressed"
        } else {
            "is damaged in its compressed data"
        };
        let text = format!(
            "`{name}` {what}: {} given up, {} before that kept",
            bytes(counts.bytes_given_up),
            counted(counts.tuples_stored, "tuple")
        );
        messages.push(message(Grade::Warning, damage, text));
        return (Health::Read, messages);
    }
    if let Some((refused, why)) = report.refusal() {
        let text = format!("nothing of `{name}` was read: {why}");
        messages.push(message(Grade::Error, refused, text));
        return (Health::Failed, messages);
    }
    if report.unrecognised {
        messages.push(not_a_flow_log(source, report.looks));
        return (Health::Unrecognised, messages);
    }
    if let Some(kind) = nothing_but(&report.quarantined, counts.tuples_stored) {
        let text = format!("`{name}` holds no flow log: {}", named(kind, &report.quarantined));
        messages.push(message(Grade::Warning, kind, text));
    }
    messages.extend(given_up(name, report).map(|(code, text)| message(Grade::Warning, code, text)));
    let nothing = counts.records == 0 && counts.records_broken == 0 && report.quarantined.is_empty();
    if nothing && messages.is_empty() {
        messages.push(message(
            Grade::Note,
            code::NO_RECORDS,
            format!("`{name}` holds no records"),
        ));
        return (Health::Empty, messages);
    }
    (Health::Read, messages)
}

/// What all of a source is that holds none of what is read here: said once, not record by record.
pub(crate) fn nothing_but(quarantined: &Tally, stored: u64) -> Option<Code> {
    let mut codes = quarantined.iter().map(|(code, _)| code);
    let kinds = [
        code::RECORD_CATEGORY,
        code::RECORD_HYBRID,
        code::TUPLE_LAYOUT,
        code::TUPLE_VNET_LAYOUT,
        code::ROW_TABLE,
    ];
    match (codes.next(), codes.next()) {
        (Some(only), None) if stored == 0 && kinds.contains(&only) => Some(only),
        _ => None,
    }
}

/// A code's title, and what it was about where that is known.
pub(crate) fn named(kind: Code, tally: &Tally) -> String {
    let names: Vec<String> = tally
        .names(kind)
        .map(|(name, _)| format!("`{}`", model::printable::text(name)))
        .collect();
    let about = if names.is_empty() { "" } else { ": " };
    format!("{}{about}{}", kind.title(), names.join(", "))
}

/// What could not be used of a source, in a few words.
fn given_up(name: &str, report: &Report) -> Option<(Code, String)> {
    let counts = &report.counts;
    let lost = bytes(counts.bytes_given_up);
    if let Some(offset) = report.truncated_at {
        let text = format!(
            "`{name}` ends inside a record at byte {}: {lost} given up with {}, {} before it kept",
            grouped(offset),
            counted(counts.tuples_cut, "tuple"),
            counted(counts.tuples_stored, "tuple"),
        );
        return Some((code::END_TRUNCATED, text));
    }
    if report.quarantined.count(code::HOLE) > 0 {
        let text = format!("`{name}` has holes of zero bytes: {lost} of the records around them given up");
        return Some((code::HOLE, text));
    }
    let text = format!("`{name}` holds {lost} that are no record");
    (counts.bytes_given_up > 0).then_some((code::BYTES_BETWEEN, text))
}

/// A sentence of a code's page as a hint: no capital, no final stop.
fn lower_first(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    let text: String = first.chain(letters).collect();
    let mut sentences = text.split(". ");
    let mut hint = sentences.next().unwrap_or_default().to_owned();
    for sentence in sentences {
        let mut letters = sentence.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        hint.push_str("; ");
        hint.extend(first.chain(letters));
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_kind_are_counted() {
        let mut troubles = Troubles::default();
        let message = || Message::new(Grade::Error, "x").code(code::SOURCE_IO).hint("look");
        let said: Vec<Message> = (0..25).filter_map(|_| troubles.admit(message())).collect();
        assert_eq!(said.len(), 10);
        assert_eq!(said.iter().filter(|message| message.hint.is_some()).count(), 1);
        let rest = troubles.rest();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].text, "15 more like this were left out");
    }

    #[test]
    fn each_next_step_is_said_once() {
        let mut troubles = Troubles::default();
        let said = |hint: Option<&str>| {
            let message = Message::new(Grade::Error, "x").code(code::NOT_A_FLOW_LOG);
            let message = hint.map_or(message.clone(), |hint| message.hint(hint));
            troubles.admit(message).and_then(|message| message.hint)
        };
        let hints: Vec<Option<String>> = [Some("unpack"), Some("check"), Some("unpack"), None]
            .map(said)
            .into();
        assert_eq!(
            hints,
            [Some("unpack".to_owned()), Some("check".to_owned()), None, None]
        );
    }

    #[test]
    fn a_source_of_one_refused_kind_is_told_in_one_sentence() {
        let mut tally = Tally::default();
        assert_eq!(nothing_but(&tally, 0), None);
        tally.add(code::RECORD_CATEGORY, 10_000);
        assert_eq!(nothing_but(&tally, 0), Some(code::RECORD_CATEGORY));
        assert_eq!(nothing_but(&tally, 1), None);
        tally.note(code::TUPLE_PORT);
        assert_eq!(nothing_but(&tally, 0), None);
    }

    #[test]
    fn a_refused_kind_says_what_it_was() {
        let title = code::RECORD_CATEGORY.title();
        let mut tally = Tally::default();
        tally.note(code::RECORD_CATEGORY);
        assert_eq!(named(code::RECORD_CATEGORY, &tally), title);
        tally.note_name(code::RECORD_CATEGORY, b"NetworkSecurityGroupEvent");
        assert_eq!(
            named(code::RECORD_CATEGORY, &tally),
            format!("{title}: `NetworkSecurityGroupEvent`")
        );
    }

    #[test]
    fn hints_from_pages() {
        assert_eq!(
            lower_first("Check the path. Blobs are so."),
            "check the path; blobs are so"
        );
        assert_eq!(lower_first(""), "");
    }
}
