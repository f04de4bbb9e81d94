//! The least that any reader of tuples must do: find them, find their fields, turn digits into numbers.
//!
//! For `benches/read.rs` only. It believes its input: no JSON around the tuples is looked at, no address is
//! checked or remembered, no record is hashed, no row is kept.

use memchr::memmem::Finder;

use crate::hot::{self, SPAN, Vectors, Work};
use crate::tuple::{self, Envelope, fast};

struct Walk<'i>(&'i [u8]);

impl Work for Walk<'_> {
    type Output = (u64, u64);

    #[inline(always)]
    fn run<V: Vectors>(self) -> Self::Output {
        let lists = Finder::new(b"\"flowTuples\":[");
        let (mut tuples, mut sum) = (0, 0_u64);
        let mut rest = self.0;
        while let Some(list) = lists.find(rest) {
            rest = rest.get(list + 14..).unwrap_or(&[]);
            while let [b'"', text @ ..] = rest {
                tuples += 1;
                let Some(tuple) = text
                    .first_chunk::<{ SPAN + 16 }>()
                    .and_then(|span| fast::parse::<V>(span, Envelope::Vnet))
                else {
                    // Out of the ordinary, or the very last.
                    let end = memchr::memchr(b'"', text).unwrap_or(text.len());
                    let read = text
                        .get(..end)
                        .and_then(|text| tuple::parse(text, Envelope::Vnet));
                    sum = sum.wrapping_add(read.map_or(0, |tuple| tuple.time.cast_unsigned()));
                    rest = behind(text, end);
                    continue;
                };
                let ports = u64::from(tuple.source_port) + u64::from(tuple.destination_port);
                let counters = tuple
                    .counters
                    .iter()
                    .fold(0, |sum, counter| sum + counter.cast_unsigned());
                sum = sum
                    .wrapping_add(tuple.time.cast_unsigned())
                    .wrapping_add(tuple.source.low ^ tuple.destination.high)
                    .wrapping_add(ports + counters + u64::from(tuple.protocol))
                    .wrapping_add(tuple.direction as u64 + tuple.state as u64);
                rest = behind(text, tuple.text.len());
            }
        }
        (tuples, sum)
    }
}

/// What follows a closing quote, and a comma.
#[inline(always)]
fn behind(text: &[u8], quote: usize) -> &[u8] {
    let rest = text.get(quote + 1..).unwrap_or(&[]);
    rest.strip_prefix(b",").unwrap_or(rest)
}

/// Tuples found, and a sum over all their fields so that none is left out.
#[must_use]
pub fn tuples(input: &[u8]) -> (u64, u64) {
    hot::run(Walk(input))
}
