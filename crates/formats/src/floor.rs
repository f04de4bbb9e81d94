//! The least that any reader of tuples must do: find them, find their fields, turn digits into numbers; and the
//! same with the numbers kept in columns.
//!
//! For `bench/read` only. It believes its input: no JSON around the tuples is looked at, no address is
//! checked or remembered, no record is hashed, no batch is made.

use memchr::memmem::Finder;

use crate::hot::{self, SPAN, Vectors, Work};
use crate::tuple::fast::Fast;
use crate::tuple::{self, Envelope, fast};

/// Takes tuples.
trait Take {
    fn ordinary(&mut self, tuple: &Fast<'_>);
    /// One out of the ordinary, or the very last.
    fn other(&mut self, time: i64);
}

struct Walk<'i, 't, T> {
    input: &'i [u8],
    take: &'t mut T,
}

impl<T: Take> Work for Walk<'_, '_, T> {
    /// Tuples found.
    type Output = u64;

    #[inline(always)]
    fn run<V: Vectors>(self) -> Self::Output {
        let lists = Finder::new(b"\"flowTuples\":[");
        let mut tuples = 0;
        let mut rest = self.input;
        while let Some(list) = lists.find(rest) {
            rest = rest.get(list + 14..).unwrap_or(&[]);
            while let [b'"', text @ ..] = rest {
                tuples += 1;
                let Some(tuple) = text
                    .first_chunk::<{ SPAN + 16 }>()
                    .and_then(|span| fast::parse::<V>(span, Envelope::Vnet))
                else {
                    let end = memchr::memchr(b'"', text).unwrap_or(text.len());
                    let read = text
                        .get(..end)
                        .and_then(|text| tuple::parse(text, Envelope::Vnet));
                    self.take.other(read.map_or(0, |tuple| tuple.time));
                    rest = behind(text, end);
                    continue;
                };
                self.take.ordinary(&tuple);
                rest = behind(text, tuple.text.len());
            }
        }
        tuples
    }
}

/// What follows a closing quote, and a comma.
#[inline(always)]
fn behind(text: &[u8], quote: usize) -> &[u8] {
    let rest = text.get(quote + 1..).unwrap_or(&[]);
    rest.strip_prefix(b",").unwrap_or(rest)
}

/// A sum over all fields, so that none is left out.
#[derive(Default)]
struct Sum(u64);

impl Take for Sum {
    #[inline(always)]
    fn ordinary(&mut self, tuple: &Fast<'_>) {
        let numbers = numbers(tuple);
        self.0 = numbers
            .iter()
            .fold(self.0, |sum, number| sum.wrapping_add(number.cast_unsigned()));
    }

    fn other(&mut self, time: i64) {
        self.0 = self.0.wrapping_add(time.cast_unsigned());
    }
}

/// The thirteen fields as numbers; of an address, some of its bytes.
#[inline(always)]
fn numbers(tuple: &Fast<'_>) -> [i64; 13] {
    let [a, b, c, d] = tuple.counters;
    [
        tuple.time,
        tuple.source.low.cast_signed(),
        tuple.destination.high.cast_signed(),
        i64::from(tuple.source_port),
        i64::from(tuple.destination_port),
        i64::from(tuple.protocol),
        tuple.direction as i64,
        tuple.state as i64,
        i64::from(tuple.encrypted == Some(true)),
        a,
        b,
        c,
        d,
    ]
}

/// Rows of the columns: as many as a batch has.
const ROWS: usize = 16 * 1024;

struct Columns {
    columns: [Vec<i64>; 13],
    /// Of columns that were full.
    sum: u64,
}

impl Columns {
    fn empty(&mut self) {
        for column in &mut self.columns {
            let numbers = column.drain(..).map(i64::cast_unsigned);
            self.sum = numbers.fold(self.sum, u64::wrapping_add);
        }
    }
}

impl Take for Columns {
    #[inline(always)]
    fn ordinary(&mut self, tuple: &Fast<'_>) {
        for (column, number) in self.columns.iter_mut().zip(numbers(tuple)) {
            column.push(number);
        }
        if self.columns.first().is_some_and(|column| column.len() >= ROWS) {
            self.empty();
        }
    }

    fn other(&mut self, time: i64) {
        self.sum = self.sum.wrapping_add(time.cast_unsigned());
    }
}

/// Tuples found, and a sum over all their fields.
#[must_use]
pub fn tuples(input: &[u8]) -> (u64, u64) {
    let mut sum = Sum::default();
    let tuples = hot::run(Walk {
        input,
        take: &mut sum,
    });
    (tuples, sum.0)
}

/// The same by way of thirteen columns of numbers.
#[must_use]
pub fn columns(input: &[u8]) -> (u64, u64) {
    let mut columns = Columns {
        columns: std::array::from_fn(|_| Vec::with_capacity(ROWS)),
        sum: 0,
    };
    let tuples = hot::run(Walk {
        input,
        take: &mut columns,
    });
    columns.empty();
    (tuples, columns.sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_floors_read_the_same() {
        let tuple = r#""1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,406,3,614""#;
        let short = r#""1710413935828,10.1.1.70,10.1.1.4,55490,80,6,O,B,NX,,,,""#;
        let list = [tuple, short].repeat(20_000).join(",");
        let text = format!(r#"{{"flowTuples":[{list}]}}"#);
        assert_eq!(tuples(text.as_bytes()).0, 40_000);
        assert_eq!(tuples(text.as_bytes()), columns(text.as_bytes()));
    }
}
