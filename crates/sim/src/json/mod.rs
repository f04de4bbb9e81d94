//! Writes tuples and records, byte for byte as the service does: one line, no spaces, no line end.
//!
//! No general JSON writer is used, because key order and layout vary on purpose. Nothing is escaped: every name of a
//! world is plain ASCII without quotes, and a test holds that. It must not read anything back.

mod digits;
mod nsg;
mod vnet;

pub(crate) use digits::{push_address, push_decimal};
pub(crate) use nsg::write_nsg_record;
pub(crate) use vnet::write_vnet_record;

use crate::flow::State;
use crate::inbox::Line;
use crate::rules::Decision;
use crate::world::LogFormat;

/// The tuples of one rule within a record, already written: `"…","…"`.
#[derive(Debug)]
pub(crate) struct Group<'w> {
    pub(crate) decision: &'w Decision,
    pub(crate) tuples: Vec<u8>,
}

/// What a record weighs without its groups; a little too much rather than too little.
pub(crate) const HEADER_BYTES: usize = 860;

/// What a group weighs without its tuples.
pub(crate) fn group_bytes(decision: &Decision) -> usize {
    decision.acl_id.len() + decision.rule.len() + 70
}

/// Appends one tuple to a list of tuples.
pub(crate) fn append_tuple(list: &mut Vec<u8>, text: &[u8]) {
    if !list.is_empty() {
        list.push(b',');
    }
    list.push(b'"');
    list.extend_from_slice(text);
    list.push(b'"');
}

/// The time that a tuple shows: NSG flow logs count in seconds.
pub(crate) fn logged_ms(format: LogFormat, time_ms: i64) -> i64 {
    match format {
        LogFormat::Vnet4 => time_ms,
        LogFormat::Nsg2 | LogFormat::Nsg1 => time_ms - time_ms.rem_euclid(1_000),
    }
}

/// Whether a tuple of this state carries counters: in VNet flow logs always, in NSG version 2 only `C` and `E`.
pub(crate) fn reports_counters(format: LogFormat, state: State) -> bool {
    match format {
        LogFormat::Vnet4 => true,
        LogFormat::Nsg2 => matches!(state, State::Continue | State::End),
        LogFormat::Nsg1 => false,
    }
}

/// The text of a tuple, without quotes (FORMATS.md 1.2 and 2.2).
pub(crate) fn write_tuple(out: &mut Vec<u8>, format: LogFormat, line: &Line<'_>) {
    let vnet = format == LogFormat::Vnet4;
    let time = if vnet {
        line.time_ms
    } else {
        line.time_ms.div_euclid(1_000)
    };
    push_decimal(out, u64::try_from(time).unwrap_or(0));
    for address in [line.flow.source, line.flow.destination] {
        out.push(b',');
        push_address(out, address);
    }
    for port in [line.flow.source_port, line.flow.destination_port] {
        out.push(b',');
        push_decimal(out, u64::from(port));
    }
    out.push(b',');
    match (vnet, line.flow.protocol) {
        (false, 6) => out.push(b'T'),
        (false, 17) => out.push(b'U'),
        (_, number) => push_decimal(out, u64::from(number)),
    }
    out.push(b',');
    push_letter(out, line.direction.letter());
    out.push(b',');
    if vnet {
        push_letter(out, line.state.letter());
        out.push(b',');
        out.extend_from_slice(line.encryption.as_bytes());
    } else {
        let denied = line.state == State::Deny;
        out.push(if denied { b'D' } else { b'A' });
        if format == LogFormat::Nsg1 {
            return;
        }
        out.push(b',');
        push_letter(out, if denied { 'B' } else { line.state.letter() });
    }
    if reports_counters(format, line.state) {
        let volume = &line.volume;
        for count in [
            volume.packets_sent,
            volume.bytes_sent,
            volume.packets_received,
            volume.bytes_received,
        ] {
            out.push(b',');
            push_decimal(out, count);
        }
    } else {
        out.extend_from_slice(b",,,,");
    }
}

fn push_letter(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `"name":"value"`
fn push_text(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Volume;
    use crate::rules::Direction;
    use crate::walk::FiveTuple;

    fn check(format: LogFormat, state: State, expected: &str) {
        let decision = Decision {
            id: 0,
            acl_id: String::new(),
            rule: String::new(),
            allowed: state != State::Deny,
            in_nsg_logs: true,
        };
        let line = Line {
            time_ms: 1_735_636_278_979,
            flow: FiveTuple {
                source: "10.1.0.4".parse().unwrap(),
                destination: "2001:db8::1".parse().unwrap(),
                source_port: 50_000,
                destination_port: 443,
                protocol: 6,
            },
            direction: Direction::Outbound,
            state,
            encryption: "NX",
            volume: if state == State::End {
                Volume {
                    packets_sent: 1,
                    bytes_sent: 5_000_000_000,
                    packets_received: 0,
                    bytes_received: 7,
                }
            } else {
                Volume::NONE
            },
            decision: &decision,
            incident: 0,
            from_us: true,
            opens: false,
            begun_ms: 0,
            previous_ms: None,
        };
        let mut out = Vec::new();
        write_tuple(&mut out, format, &line);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn tuples_of_every_format() {
        let (vnet, nsg2, nsg1) = (LogFormat::Vnet4, LogFormat::Nsg2, LogFormat::Nsg1);
        check(
            vnet,
            State::Begin,
            "1735636278979,10.1.0.4,2001:db8::1,50000,443,6,O,B,NX,0,0,0,0",
        );
        check(
            vnet,
            State::End,
            "1735636278979,10.1.0.4,2001:db8::1,50000,443,6,O,E,NX,1,5000000000,0,7",
        );
        check(
            vnet,
            State::Deny,
            "1735636278979,10.1.0.4,2001:db8::1,50000,443,6,O,D,NX,0,0,0,0",
        );
        check(
            nsg2,
            State::Begin,
            "1735636278,10.1.0.4,2001:db8::1,50000,443,T,O,A,B,,,,",
        );
        check(
            nsg2,
            State::Deny,
            "1735636278,10.1.0.4,2001:db8::1,50000,443,T,O,D,B,,,,",
        );
        check(
            nsg2,
            State::End,
            "1735636278,10.1.0.4,2001:db8::1,50000,443,T,O,A,E,1,5000000000,0,7",
        );
        check(
            nsg1,
            State::Begin,
            "1735636278,10.1.0.4,2001:db8::1,50000,443,T,O,A",
        );
        check(
            nsg1,
            State::Deny,
            "1735636278,10.1.0.4,2001:db8::1,50000,443,T,O,D",
        );
    }
}
