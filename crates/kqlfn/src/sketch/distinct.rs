//! How many different values there were: their hashes, or HyperLogLog once there are many.
//!
//! As `dynamic`: `[[most hashes, bits], [hashes as texts], [registers as one text]]`. One of the last two is empty.

use std::collections::BTreeSet;

use crate::column::Cell;
use crate::dynamic::{Dynamic, Writer};
use crate::functions::hash_of;

/// Up to so many different values are counted exactly. Kusto's own limit is 1,024 at accuracy 1, and grows with it.
const HASHES_MAX: usize = 8192;
/// The bits that choose a register, for each accuracy.
const BITS: [u32; 5] = [12, 14, 16, 17, 18];
/// What stands for a register that is 0.
const ZERO: u8 = b'0';

/// What is kept of values to tell how many different ones there were.
#[derive(Clone, Debug)]
pub struct Distinct {
    bits: u32,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Hashes(BTreeSet<u64>),
    /// For each beginning of a hash the most zeros that followed, and one.
    Registers(Vec<u8>),
}

/// The bits of an accuracy from 0 to 4.
#[must_use]
pub fn bits_of(accuracy: i64) -> Option<u32> {
    BITS.get(usize::try_from(accuracy).ok()?).copied()
}

impl Distinct {
    /// Of no values yet.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        Self {
            bits,
            held: Held::Hashes(BTreeSet::new()),
        }
    }

    /// True if there was no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.held, Held::Hashes(hashes) if hashes.is_empty())
    }

    /// Takes a value. Null is none.
    pub fn insert(&mut self, cell: Cell<'_>) {
        if let Some(hash) = hash_of(cell.plain()) {
            self.insert_hash(hash);
        } else if !cell.is_null() {
            // Decimals, arrays and bags have no hash of their own; what they look like has one.
            self.insert_hash(hash_of(Cell::String(&cell.text())).unwrap_or_default());
        }
    }

    fn insert_hash(&mut self, hash: u64) {
        match &mut self.held {
            Held::Hashes(hashes) => {
                hashes.insert(hash);
                if hashes.len() > HASHES_MAX {
                    let mut registers = vec![0; 1 << self.bits];
                    for hash in std::mem::take(hashes) {
                        register(&mut registers, self.bits, hash);
                    }
                    self.held = Held::Registers(registers);
                }
            }
            Held::Registers(registers) => register(registers, self.bits, hash),
        }
    }

    /// Takes all values of another one. False if they differ in accuracy; nothing is done then.
    pub fn merge(&mut self, other: &Self) -> bool {
        if self.bits != other.bits {
            return false;
        }
        match &other.held {
            Held::Hashes(hashes) => hashes.iter().for_each(|hash| self.insert_hash(*hash)),
            Held::Registers(theirs) => {
                let mut merged = theirs.clone();
                match &self.held {
                    Held::Hashes(hashes) => hashes
                        .iter()
                        .for_each(|hash| register(&mut merged, self.bits, *hash)),
                    Held::Registers(own) => {
                        for (held, own) in merged.iter_mut().zip(own) {
                            *held = (*held).max(*own);
                        }
                    }
                }
                self.held = Held::Registers(merged);
            }
        }
        true
    }

    /// How many different values there were.
    #[must_use]
    pub fn count(&self) -> i64 {
        match &self.held {
            Held::Hashes(hashes) => i64::try_from(hashes.len()).unwrap_or(i64::MAX),
            Held::Registers(registers) => estimate(registers, self.bits),
        }
    }

    /// Writes it.
    pub fn write(&self, writer: &mut Writer) {
        writer.array(|parts| {
            parts.push(|writer| {
                writer.array(|numbers| {
                    numbers.push(|writer| writer.long(i64::try_from(HASHES_MAX).unwrap_or_default()));
                    numbers.push(|writer| writer.long(i64::from(self.bits)));
                });
            });
            parts.push(|writer| {
                writer.array(|items| {
                    if let Held::Hashes(hashes) = &self.held {
                        for hash in hashes {
                            items.push(|writer| writer.string(&hash.cast_signed().to_string()));
                        }
                    }
                });
            });
            parts.push(|writer| {
                writer.array(|items| {
                    if let Held::Registers(registers) = &self.held {
                        let text: String = registers.iter().map(|held| char::from(ZERO + held)).collect();
                        items.push(|writer| writer.string(&text));
                    }
                });
            });
        });
    }

    /// Reads one; none if the value is something else.
    #[must_use]
    pub fn read(value: Dynamic<'_>) -> Option<Self> {
        let parts = value.array()?;
        let (numbers, hashes, registers) = (
            parts.get(0)?.array()?,
            parts.get(1)?.array()?,
            parts.get(2)?.array()?,
        );
        let Dynamic::Long(bits) = numbers.get(1)? else {
            return None;
        };
        let bits = u32::try_from(bits).ok().filter(|bits| BITS.contains(bits))?;
        let mut read = Self::new(bits);
        if let Some(Dynamic::String(text)) = registers.get(0) {
            let most = u8::try_from(65 - bits).ok()?;
            let own = text
                .bytes()
                .map(|byte| byte.checked_sub(ZERO).filter(|held| *held <= most))
                .collect::<Option<Vec<u8>>>()?;
            if own.len() != 1 << bits {
                return None;
            }
            read.held = Held::Registers(own);
        } else if !registers.is_empty() {
            return None;
        }
        for hash in hashes.iter() {
            let hash = match hash {
                Dynamic::String(text) => text.parse().ok()?,
                Dynamic::Long(hash) => hash,
                _ => return None,
            };
            read.insert_hash(hash.cast_unsigned());
        }
        Some(read)
    }
}

fn register(registers: &mut [u8], bits: u32, hash: u64) {
    let at = usize::try_from(hash >> (64 - bits)).unwrap_or(0);
    let zeros = (hash << bits).leading_zeros().min(64 - bits) + 1;
    if let (Some(held), Ok(zeros)) = (registers.get_mut(at), u8::try_from(zeros)) {
        *held = (*held).max(zeros);
    }
}

/// The number of values behind registers, by the estimator of O. Ertl (arXiv:1702.01284, section 4), which needs no
/// tables of corrections.
#[expect(clippy::cast_precision_loss, reason = "no more registers than 2^18")]
#[expect(clippy::cast_possible_truncation, reason = "an estimate is a whole number")]
fn estimate(registers: &[u8], bits: u32) -> i64 {
    let all = registers.len() as f64;
    let last = 65 - bits as usize;
    let mut counts = vec![0.0; last + 1];
    for held in registers {
        if let Some(count) = counts.get_mut(usize::from(*held)) {
            *count += 1.0;
        }
    }
    let of = |at: usize| counts.get(at).copied().unwrap_or_default();
    let mut sum = all * tau(1.0 - of(last) / all);
    for at in (1..last).rev() {
        sum = 0.5 * (sum + of(at));
    }
    sum += all * sigma(of(0) / all);
    (all * all / (2.0 * std::f64::consts::LN_2 * sum)).round() as i64
}

fn sigma(share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut power, mut factor, mut sum) = (share, 1.0, share);
    loop {
        power *= power;
        let before = sum;
        sum += power * factor;
        factor += factor;
        if sum <= before {
            return sum;
        }
    }
}

fn tau(share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut root, mut factor, mut sum) = (share, 1.0, 1.0 - share);
    loop {
        root = root.sqrt();
        let before = sum;
        factor *= 0.5;
        sum -= (1.0 - root) * (1.0 - root) * factor;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: std::ops::Range<i64>, bits: u32) -> Distinct {
        let mut held = Distinct::new(bits);
        numbers.for_each(|number| held.insert(Cell::Long(number)));
        held
    }

    #[test]
    fn few_are_counted_exactly_and_many_nearly() {
        for accuracy in 0..5 {
            let bits = bits_of(accuracy).unwrap_or_default();
            assert_eq!(of(0..0, bits).count(), 0);
            assert_eq!(of(0..8000, bits).count(), 8000);
            for number in [9_000, 40_000, 300_000] {
                let off = (of(0..number, bits).count() - number).abs();
                assert!(off * 20 < number, "{number} at {accuracy}: off by {off}");
            }
        }
    }

    #[test]
    fn merged_ones_count_what_both_have_seen() {
        for (left, right, both) in [
            (0..100, 50..150, 150),
            (0..20_000, 0..20_000, 20_000),
            (0..100, 0..20_000, 20_000),
        ] {
            let (mut one, mut other) = (of(left.clone(), 16), of(right.clone(), 16));
            assert!(one.merge(&other));
            assert!(other.merge(&of(left, 16)));
            assert_eq!(one.count(), other.count());
            assert!((one.count() - both).abs() * 50 < both, "{}", one.count());
        }
        assert!(!of(0..1, 14).merge(&of(0..1, 16)));
    }

    #[test]
    fn what_is_written_is_read() {
        for number in [0, 10, 10_000] {
            let held = of(0..number, 14);
            let bytes = Writer::build(|writer| held.write(writer));
            let read = Distinct::read(Dynamic::read(&bytes)).map(|read| read.count());
            assert_eq!(read, Some(held.count()));
            let text = Dynamic::read(&bytes).to_json();
            let parsed = crate::dynamic::from_json(&text).unwrap_or_default();
            let read = Distinct::read(Dynamic::read(&parsed)).map(|read| read.count());
            assert_eq!(read, Some(held.count()));
        }
    }
}
