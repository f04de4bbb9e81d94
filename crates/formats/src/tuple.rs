//! One tuple: the comma-separated text at the bottom of every flow log record.
//!
//! [`parse`] is the fast path and answers only "read" or "not read"; [`diagnose`] is asked why when
//! it was not. No allocation, no panics. The layouts are those of VNet flow log version 4 (13 fields)
//! and NSG flow log versions 2 (13 fields) and 1 (8 fields); see docs/formats.md.

use model::codes::{self, Code};
use model::{Direction, FlowState, FlowStatus};

use crate::intern::Key;

pub(crate) mod fast;

/// Which envelope the tuple stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    Vnet,
    Nsg,
}

/// An address as the tuple has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// IPv4 in canonical dotted form.
    V4(Key),
    /// Any other text that reads as an IP address.
    Other(&'a [u8]),
}

/// A tuple, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuple<'a> {
    /// Epoch microseconds.
    pub(crate) time: i64,
    /// The text had seconds rather than milliseconds.
    pub(crate) in_seconds: bool,
    pub(crate) source: Address<'a>,
    pub(crate) destination: Address<'a>,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) protocol: u8,
    pub(crate) protocol_letter: bool,
    pub(crate) direction: Direction,
    /// Absent in NSG version 1.
    pub(crate) state: Option<FlowState>,
    pub(crate) status: FlowStatus,
    /// Absent in NSG flow logs.
    pub(crate) encryption: &'a [u8],
    /// Packets and bytes there, packets and bytes back; `None` where not reported.
    pub(crate) counters: [Option<i64>; 4],
    /// True if the tuple has the eight fields of NSG version 1.
    pub(crate) short: bool,
}

/// Below this a time is in seconds: milliseconds since 1973 are above it, seconds stay below until
/// the year 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;

/// The fields that are left.
struct Fields<'a> {
    rest: &'a [u8],
    /// The last field has been taken.
    done: bool,
}

impl<'a> Fields<'a> {
    /// A run of digits up to the next comma or the end.
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        let mut digits = 0_u32;
        loop {
            match self.rest.split_first() {
                Some((b',', rest)) => {
                    self.rest = rest;
                    break;
                }
                Some((byte, rest)) => {
                    let digit = byte.wrapping_sub(b'0');
                    if digit > 9 {
                        return None;
                    }
                    // 19 digits cannot overflow; longer ones are for `diagnose` to name.
                    digits += 1;
                    if digits > 19 {
                        return None;
                    }
                    value = value * 10 + u64::from(digit);
                    self.rest = rest;
                }
                None => {
                    self.done = true;
                    break;
                }
            }
        }
        (digits > 0).then_some(value)
    }

    /// Text up to the next comma or the end.
    #[inline]
    fn text(&mut self) -> &'a [u8] {
        match self.rest.iter().position(|byte| *byte == b',') {
            Some(index) => {
                let (field, rest) = self.rest.split_at_checked(index).unwrap_or((self.rest, &[]));
                self.rest = rest.get(1..).unwrap_or(&[]);
                field
            }
            None => {
                self.done = true;
                std::mem::take(&mut self.rest)
            }
        }
    }

    /// A field of exactly one byte.
    #[inline]
    fn letter(&mut self) -> Option<u8> {
        match self.rest {
            [byte, b',', rest @ ..] => {
                self.rest = rest;
                Some(*byte)
            }
            [byte] => {
                self.rest = &[];
                self.done = true;
                Some(*byte)
            }
            _ => None,
        }
    }

    /// Digits, or nothing for "not reported".
    #[inline]
    fn counter(&mut self) -> Option<Option<i64>> {
        match self.rest.split_first() {
            Some((b',', rest)) => {
                self.rest = rest;
                Some(None)
            }
            None if !self.done => {
                self.done = true;
                Some(None)
            }
            None => None,
            Some(_) => self
                .number()
                .and_then(|value| i64::try_from(value).ok())
                .map(Some),
        }
    }

    #[inline]
    fn port(&mut self) -> Option<u16> {
        self.number().and_then(|value| u16::try_from(value).ok())
    }

    /// An IPv4 address in canonical form by hand, anything else by the standard library.
    #[inline]
    fn address(&mut self) -> Option<Address<'a>> {
        let all = self.rest;
        if let Some(length) = dotted(all)
            && let Some((text, [b',', rest @ ..])) = all.split_at_checked(length)
            && let Some(key) = Key::of(text)
        {
            self.rest = rest;
            return Some(Address::V4(key));
        }
        self.other_address(all)
    }

    #[cold]
    fn other_address(&mut self, all: &'a [u8]) -> Option<Address<'a>> {
        self.rest = all;
        let text = self.text();
        is_address(text).then_some(Address::Other(text))
    }
}

/// How long the IPv4 address is that a text begins with; none unless it is written as everybody writes it.
fn dotted(text: &[u8]) -> Option<usize> {
    let mut rest = text;
    for part in 0..4 {
        if part > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let mut octet = 0_u32;
        let mut digits = 0_u32;
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            octet = octet * 10 + u32::from(digit - b'0');
            digits += 1;
            // A leading zero is not canonical: another reader may take it for octal.
            if digits > 3 || (digits == 2 && octet < 10) || (digits == 3 && octet < 100) {
                return None;
            }
            rest = after;
        }
        if digits == 0 || octet > 255 {
            return None;
        }
    }
    Some(text.len() - rest.len())
}

/// True if the text is an IPv4 address, written as everybody writes it.
pub(crate) fn is_dotted(text: &[u8]) -> bool {
    dotted(text) == Some(text.len())
}

fn is_address(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<std::net::IpAddr>().is_ok())
}

/// Reads a tuple, or says that it cannot.
#[inline]
pub(crate) fn parse(text: &[u8], envelope: Envelope) -> Option<Tuple<'_>> {
    let mut fields = Fields {
        rest: text,
        done: false,
    };
    let stamp = fields.number()?;
    let in_seconds = stamp < SECONDS_BELOW;
    let time = i64::try_from(stamp)
        .ok()?
        .checked_mul(if in_seconds { 1_000_000 } else { 1_000 })?;
    let source = fields.address()?;
    let destination = fields.address()?;
    let source_port = fields.port()?;
    let destination_port = fields.port()?;
    let (protocol, protocol_letter) = match fields.rest {
        [letter @ (b'T' | b'U'), b',', rest @ ..] => {
            fields.rest = rest;
            (if *letter == b'T' { 6 } else { 17 }, true)
        }
        _ => (u8::try_from(fields.number()?).ok()?, false),
    };
    let direction = match fields.letter()? {
        b'I' => Direction::Inbound,
        b'O' => Direction::Outbound,
        _ => return None,
    };
    let decision = fields.letter()?;
    let mut tuple = Tuple {
        time,
        in_seconds,
        source,
        destination,
        source_port,
        destination_port,
        protocol,
        protocol_letter,
        direction,
        state: None,
        status: FlowStatus::Allowed,
        encryption: &[],
        counters: [None; 4],
        short: false,
    };
    decide(&mut tuple, &mut fields, decision, envelope)?;
    if tuple.short {
        return Some(tuple);
    }
    for counter in &mut tuple.counters {
        if fields.done {
            return None;
        }
        *counter = fields.counter()?;
    }
    fields.done.then_some(tuple)
}

/// Reads what the envelope decides about: decision, state and encryption.
#[inline]
fn decide<'a>(
    tuple: &mut Tuple<'a>,
    fields: &mut Fields<'a>,
    decision: u8,
    envelope: Envelope,
) -> Option<()> {
    match envelope {
        Envelope::Vnet => {
            tuple.state = Some(state(decision)?);
            if decision == b'D' {
                tuple.status = FlowStatus::Denied;
            }
            tuple.encryption = fields.text();
            if !plausible_encryption(tuple.encryption) {
                return None;
            }
        }
        Envelope::Nsg => {
            tuple.status = match decision {
                b'A' => FlowStatus::Allowed,
                b'D' => FlowStatus::Denied,
                _ => return None,
            };
            if fields.done {
                tuple.short = true;
                return Some(());
            }
            let logged = fields.letter()?;
            tuple.state = Some(if logged == b'D' {
                return None;
            } else {
                state(logged)?
            });
        }
    }
    Some(())
}

#[inline]
fn state(letter: u8) -> Option<FlowState> {
    match letter {
        b'B' => Some(FlowState::Begin),
        b'C' => Some(FlowState::Continue),
        b'E' => Some(FlowState::End),
        b'D' => Some(FlowState::Denied),
        _ => None,
    }
}

/// Encryption is an open set (`X`, `NX`, `NX_…`), but the single letters of an NSG state in its place
/// mean that the tuple has the NSG layout.
#[inline]
fn plausible_encryption(text: &[u8]) -> bool {
    match text {
        b"NX" | b"X" => true,
        [] | [b'B' | b'C' | b'E' | b'D' | b'A'] => false,
        _ => text.len() <= 64 && text.iter().all(|byte| byte.is_ascii_graphic()),
    }
}

/// `X`, `NX` and what begins with `NX_`: no other field of a flow log has such values.
pub(crate) fn is_encryption(text: &[u8]) -> bool {
    matches!(text, b"X" | b"NX") || text.starts_with(b"NX_")
}

/// Says why a tuple could not be read. Slow and thorough; only asked about bad tuples.
#[cold]
pub(crate) fn diagnose(text: &[u8], envelope: Envelope) -> Code {
    let fields: Vec<&[u8]> = text.split(|byte| *byte == b',').collect();
    let arity_fits = fields.len() == 13 || (fields.len() == 8 && envelope == Envelope::Nsg);
    if !arity_fits {
        return codes::list::TUPLE_FIELDS;
    }
    let field = |index: usize| fields.get(index).copied().unwrap_or(&[]);
    let number = |index: usize, limit: u64| {
        let text = std::str::from_utf8(field(index)).unwrap_or("");
        !text.starts_with('+') && text.parse::<u64>().is_ok_and(|value| value <= limit)
    };
    if envelope == Envelope::Vnet && matches!(field(7), b"A" | b"D") && matches!(field(8), b"B" | b"C" | b"E")
    {
        return codes::list::TUPLE_LAYOUT;
    }
    if envelope == Envelope::Nsg && matches!(field(7), b"B" | b"C" | b"E" | b"D") && is_encryption(field(8)) {
        return codes::list::TUPLE_VNET_LAYOUT;
    }
    if !number(0, i64::MAX as u64 / 1_000_000) {
        return codes::list::TUPLE_TIME;
    }
    if !is_address(field(1)) || !is_address(field(2)) {
        return codes::list::TUPLE_ADDRESS;
    }
    if !number(3, u64::from(u16::MAX)) || !number(4, u64::from(u16::MAX)) {
        return codes::list::TUPLE_PORT;
    }
    if !matches!(field(5), b"T" | b"U") && !number(5, u64::from(u8::MAX)) {
        return codes::list::TUPLE_PROTOCOL;
    }
    if !matches!(field(6), b"I" | b"O") {
        return codes::list::TUPLE_DIRECTION;
    }
    let counters_fit = fields.iter().skip(9).all(|text| {
        text.is_empty()
            || (text.len() <= 19
                && text.iter().all(u8::is_ascii_digit)
                && std::str::from_utf8(text).is_ok_and(|text| text.parse::<i64>().is_ok()))
    });
    let states_fit = match envelope {
        Envelope::Vnet => matches!(field(7), b"B" | b"C" | b"E" | b"D") && plausible_encryption(field(8)),
        Envelope::Nsg => {
            matches!(field(7), b"A" | b"D") && (fields.len() == 8 || matches!(field(8), b"B" | b"C" | b"E"))
        }
    };
    if !states_fit {
        codes::list::TUPLE_STATE
    } else if !counters_fit {
        codes::list::TUPLE_COUNTER
    } else {
        codes::list::TUPLE_TIME
    }
}

#[cfg(test)]
mod tests;
