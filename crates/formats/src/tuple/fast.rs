//! The ordinary tuple, read all at once: fields by the marks of their commas, numbers eight digits at a
//! time. Whatever is out of the ordinary is `None`, and [`super::parse`] decides about it.

use model::{Direction, FlowState, FlowStatus};

use super::{Envelope, SECONDS_BELOW, state};
use crate::hot::{SPAN, Span, Vectors};
use crate::intern::Key;

/// A tuple but for its addresses, which only look like some.
pub(crate) struct Fast<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) time: i64,
    pub(crate) in_seconds: bool,
    pub(crate) source: Key,
    pub(crate) destination: Key,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) protocol: u8,
    pub(crate) protocol_letter: bool,
    pub(crate) direction: Direction,
    pub(crate) state: FlowState,
    pub(crate) status: FlowStatus,
    /// `X` or `NX`; of an NSG flow log nothing.
    pub(crate) encrypted: Option<bool>,
    pub(crate) counters: [i64; 4],
    /// Bit n: counter n was reported.
    pub(crate) reported: u8,
}

/// Eight bytes of a span from here on.
#[inline(always)]
#[expect(
    clippy::indexing_slicing,
    reason = "at most SPAN - 1 + 8, and the span has 16 bytes more; checked when compiled"
)]
fn word(span: &Span, start: usize) -> u64 {
    let start = start & (SPAN - 1);
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&span[start..start + 8]);
    u64::from_le_bytes(bytes)
}

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "below SPAN by its mask")]
fn byte(span: &Span, at: usize) -> u8 {
    span[at & (SPAN - 1)]
}

/// Where a field begins and ends.
type Field = (usize, usize);

/// Positions of the lowest bits of a word, one after another; 64 once there are no more.
struct Bits(u64);

impl Bits {
    #[inline(always)]
    fn next(&mut self) -> usize {
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        bit
    }
}

/// The thirteen fields. The first seven end within 64 bytes, as those of every IPv4 tuple do, the others
/// within 64 bytes behind them.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "cut off on purpose: the 64 bytes that follow the first seven fields"
)]
fn fields<V: Vectors>(span: &Span) -> Option<[Field; 13]> {
    let marks = V::marks(span);
    let quote = match marks.quotes {
        [0, high] => 64 + high.trailing_zeros() as usize,
        [low, _] => low.trailing_zeros() as usize,
    };
    let mut fields = [(0, 0); 13];
    let (front, back) = fields.split_at_mut(7);
    let mut start = 0;
    let mut bits = Bits(marks.ends[0]);
    for field in front {
        let end = bits.next();
        *field = (start, end);
        start = end + 1;
    }
    let base = start;
    if base > 64 {
        return None;
    }
    let both = u128::from(marks.ends[1]) << 64 | u128::from(marks.ends[0]);
    let mut bits = Bits((both >> base) as u64);
    for field in back {
        let end = base + bits.next();
        *field = (start, end);
        start = end + 1;
    }
    // The thirteenth mark is there, and is the first quote, so those before it are commas.
    (start <= base + 64 && start == quote + 1 && quote < SPAN).then_some(fields)
}

/// The word that ends with a field's digits, and the bits of it that lie before them.
#[inline(always)]
fn digits(span: &Span, (start, end): Field) -> (u64, u64) {
    (word(span, end.wrapping_sub(8)), (64 - 8 * (end - start) as u64))
}

/// The text of an address of at most 15 characters.
#[inline(always)]
fn address(span: &Span, (start, end): Field) -> Option<Key> {
    let count = end - start;
    if !(7..=15).contains(&count) {
        return None;
    }
    let low_bits = 8 * count.min(8);
    let high_bits = 8 * count.saturating_sub(8);
    Some(Key {
        low: word(span, start) & (u64::MAX >> (64 - low_bits)),
        high: word(span, start + 8) & ((1 << high_bits) - 1),
    })
}

#[inline(always)]
fn letter(span: &Span, (start, end): Field) -> Option<u8> {
    (end == start + 1).then(|| byte(span, start))
}

#[inline(always)]
fn protocol(span: &Span, (start, end): Field) -> Option<(u8, bool)> {
    // Two bytes at most; the third is the comma or belongs to it.
    let text = word(span, start) & 0xffff;
    const SEVENTEEN: u64 = u16::from_le_bytes(*b"17") as u64;
    match (end - start, text & 0xff) {
        (1, 0x36) => Some((6, false)),
        (2, _) if text == SEVENTEEN => Some((17, false)),
        (1, 0x54) => Some((6, true)),
        (1, 0x55) => Some((17, true)),
        _ => None,
    }
}

/// Four numbers; those of more than eight digits one by one.
#[inline(always)]
fn counters<V: Vectors>(span: &Span, fields: [Field; 4]) -> Option<[i64; 4]> {
    let longest = fields
        .iter()
        .fold(0, |longest, (start, end)| longest.max(end - start));
    if longest > 8 {
        return long_counters(span, fields);
    }
    let parts = fields.map(|field| digits(span, field));
    let numbers = V::numbers(parts.map(|part| part.0), parts.map(|part| part.1))?;
    Some(numbers.map(i64::from))
}

#[cold]
fn long_counters(span: &Span, fields: [Field; 4]) -> Option<[i64; 4]> {
    let mut counters = [0; 4];
    for (counter, (start, end)) in counters.iter_mut().zip(fields) {
        for digit in span.get(start..end)? {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 || end - start > 18 {
                return None;
            }
            *counter = *counter * 10 + i64::from(digit);
        }
    }
    Some(counters)
}

/// The stamp and the two ports.
#[inline(always)]
fn stamp_and_ports<V: Vectors>(span: &Span, stamp: Field, ports: [Field; 2]) -> Option<(u64, u16, u16)> {
    let stamp_digits = stamp.1;
    let port = |(start, end): Field| (1..=5).contains(&(end - start));
    if !(stamp_digits == 13 || stamp_digits == 10) || !ports.into_iter().all(port) {
        return None;
    }
    let before = 8 * (16 - stamp_digits);
    let [source, destination] = ports.map(|field| digits(span, field));
    let [low, high, source, destination] = V::numbers(
        [
            word(span, stamp_digits - 8),
            word(span, 0) << before,
            source.0,
            destination.0,
        ],
        [0, before as u64, source.1, destination.1],
    )?;
    let stamp = u64::from(high) * 100_000_000 + u64::from(low);
    Some((
        stamp,
        u16::try_from(source).ok()?,
        u16::try_from(destination).ok()?,
    ))
}

/// State, decision and encryption, by the letter and the field behind it.
#[inline(always)]
fn decide(
    span: &Span,
    letter_field: Field,
    next: Field,
    envelope: Envelope,
) -> Option<(FlowState, FlowStatus, Option<bool>)> {
    let decision = letter(span, letter_field)?;
    match envelope {
        Envelope::Vnet => {
            let status = if decision == b'D' {
                FlowStatus::Denied
            } else {
                FlowStatus::Allowed
            };
            let encrypted = match (next.1 - next.0, word(span, next.0) & 0xffff) {
                (2, text) if text == u64::from(u16::from_le_bytes(*b"NX")) => false,
                (1, text) if text & 0xff == u64::from(b'X') => true,
                _ => return None,
            };
            Some((state(decision)?, status, Some(encrypted)))
        }
        Envelope::Nsg => {
            let status = match decision {
                b'A' => FlowStatus::Allowed,
                b'D' => FlowStatus::Denied,
                _ => return None,
            };
            let logged = letter(span, next)?;
            (logged != b'D').then_some((state(logged)?, status, None))
        }
    }
}

/// Reads the tuple that a span begins with.
#[inline(always)]
pub(crate) fn parse<V: Vectors>(span: &Span, envelope: Envelope) -> Option<Fast<'_>> {
    let [
        stamp,
        source,
        destination,
        from,
        to,
        l4,
        direction,
        decision,
        next,
        a,
        b,
        c,
        d,
    ] = fields::<V>(span)?;
    let (stamp, source_port, destination_port) = stamp_and_ports::<V>(span, stamp, [from, to])?;
    let in_seconds = stamp < SECONDS_BELOW;
    let (protocol, protocol_letter) = protocol(span, l4)?;
    let direction = match letter(span, direction)? {
        b'I' => Direction::Inbound,
        b'O' => Direction::Outbound,
        _ => return None,
    };
    let (state, status, encrypted) = decide(span, decision, next, envelope)?;
    let counter_fields = [a, b, c, d];
    let counters = counters::<V>(span, counter_fields)?;
    let mut reported = 0;
    for (bit, (start, end)) in counter_fields.into_iter().enumerate() {
        reported |= u8::from(end > start) << bit;
    }
    Some(Fast {
        text: span.get(..d.1)?,
        // 13 digits at most.
        time: stamp.cast_signed() * if in_seconds { 1_000_000 } else { 1_000 },
        in_seconds,
        source: address(span, source)?,
        destination: address(span, destination)?,
        source_port,
        destination_port,
        protocol,
        protocol_letter,
        direction,
        state,
        status,
        encrypted,
        counters,
        reported,
    })
}
