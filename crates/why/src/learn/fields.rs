//! What each field of a tuple is, and the question for it.

use model::LogFormat;

use super::chance::Chance;
use super::choosing::with_others;
use super::entry::Entry;
use super::question::{Choice, Question, Topic};

/// What a field is, and how else it is called.
type Field = (&'static str, &'static [&'static str]);

const TIME: Field = ("when it happened", &["time", "timestamp", "date"]);
const SOURCE: Field = (
    "who began the flow: its address",
    &["source", "source address", "source ip", "src"],
);
const DESTINATION: Field = (
    "whom the flow is for: its address",
    &[
        "destination",
        "destination address",
        "destination ip",
        "dest",
        "dst",
    ],
);
const SOURCE_PORT: Field = ("the source port", &["sport", "src port"]);
const DESTINATION_PORT: Field = (
    "the destination port, which tells the service",
    &["destination port", "dport", "dest port", "dst port", "port"],
);
const PROTOCOL: Field = ("the protocol", &["tcp", "udp", "ip protocol"]);
const DIRECTION: Field = (
    "the direction, as the interface sees it",
    &["direction", "in or out"],
);
const DECISION: Field = ("the decision", &["allowed or denied", "action"]);
const STATE: Field = (
    "the state: begin, continue, end, denied",
    &["state", "flow state"],
);
const ENCRYPTION: Field = ("whether it was encrypted", &["encryption", "encrypted"]);
const PACKETS_SENT: Field = (
    "packets that the source sent since the previous entry",
    &["packets sent", "packets of the source"],
);
const BYTES_SENT: Field = (
    "bytes that the source sent since the previous entry",
    &["bytes sent", "bytes of the source"],
);
const PACKETS_BACK: Field = (
    "packets that came back since the previous entry",
    &["packets received", "packets back"],
);
const BYTES_BACK: Field = (
    "bytes that came back since the previous entry",
    &["bytes received", "bytes back"],
);

const VNET: [Field; 13] = [
    TIME,
    SOURCE,
    DESTINATION,
    SOURCE_PORT,
    DESTINATION_PORT,
    PROTOCOL,
    DIRECTION,
    STATE,
    ENCRYPTION,
    PACKETS_SENT,
    BYTES_SENT,
    PACKETS_BACK,
    BYTES_BACK,
];

const NSG: [Field; 13] = [
    TIME,
    SOURCE,
    DESTINATION,
    SOURCE_PORT,
    DESTINATION_PORT,
    PROTOCOL,
    DIRECTION,
    DECISION,
    STATE,
    PACKETS_SENT,
    BYTES_SENT,
    PACKETS_BACK,
    BYTES_BACK,
];

/// The fields of an entry's tuple.
const fn of(entry: &Entry) -> &'static [Field] {
    if entry.format.is_nsg() { &NSG } else { &VNET }
}

/// What one of its fields is.
pub(super) fn question(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let (written, fields) = (entry.fields(), of(entry));
    let at = chance.below(written.len().min(fields.len()));
    let (value, (meaning, names)) = (written.get(at)?, fields.get(at)?);
    let others = fields
        .iter()
        .map(|(meaning, names)| Choice::new(*meaning).also(names));
    let choices = with_others(Choice::new(*meaning).also(names), others.collect(), chance);
    let prompt = match value.as_str() {
        "" => format!("What is field {} of the tuple, which is empty here?", at + 1),
        value => format!("What is field {} of the tuple, `{value}`?", at + 1),
    };
    let counts = if entry.format == LogFormat::Nsg1 { 8 } else { 13 };
    Some(
        Question::new(Topic::Fields, prompt, choices, chance)
            .hint("from the left: time, who, whom, two ports, protocol, direction; then what became of it, and counters")
            .because([format!(
                "A tuple of a {} has {counts} fields; field {} is {meaning}.",
                entry.log_words(),
                at + 1
            )]),
    )
}
