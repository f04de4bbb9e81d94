//! Dictionaries of one batch: text to code, address to code.
//!
//! A batch holds few distinct rules and many repeated addresses, so columns carry 32-bit codes and
//! the text is written once. Looking up an address costs one multiplication and one probe.

use std::collections::HashMap;

use ahash::RandomState;
use arrow_array::StringArray;
use arrow_array::builder::{BinaryBuilder, StringBuilder};

use crate::tuple::{self, Address};

/// No value.
pub(crate) const NULL: i32 = -1;

/// Distinct texts of one column.
#[derive(Default)]
pub(crate) struct Texts {
    codes: HashMap<Box<[u8]>, i32, RandomState>,
    values: StringBuilder,
    /// The text looked up last: neighbours are usually alike.
    last: Vec<u8>,
    last_code: i32,
}

impl Texts {
    /// The code of a text. Bytes that are not UTF-8 are replaced; the caller has reported them.
    #[inline]
    pub(crate) fn code(&mut self, text: &[u8]) -> i32 {
        if self.last_code != NULL && self.last == text && !self.codes.is_empty() {
            return self.last_code;
        }
        self.look_up(text)
    }

    fn look_up(&mut self, text: &[u8]) -> i32 {
        let code = match self.codes.get(text) {
            Some(code) => *code,
            None => {
                let code = i32::try_from(self.codes.len()).unwrap_or(i32::MAX);
                self.codes.insert(text.into(), code);
                self.values.append_value(String::from_utf8_lossy(text));
                code
            }
        };
        self.last.clear();
        self.last.extend_from_slice(text);
        self.last_code = code;
        code
    }

    /// The text of a code.
    pub(crate) fn text(&self, code: i32) -> String {
        nth(&self.values, code)
    }

    /// Memory the texts take, about.
    pub(crate) fn bytes(&self) -> usize {
        2 * self.values.values_slice().len()
    }

    /// The distinct texts in code order; empty afterwards.
    pub(crate) fn take(&mut self) -> StringArray {
        self.codes.clear();
        self.last_code = NULL;
        self.values.finish()
    }
}

/// Distinct byte strings of fixed use (record hashes).
#[derive(Default)]
pub(crate) struct Hashes {
    values: BinaryBuilder,
    count: i32,
}

impl Hashes {
    /// Records hardly ever repeat, so each gets a code of its own.
    pub(crate) fn code(&mut self, hash: u128) -> i32 {
        self.values.append_value(hash.to_be_bytes());
        self.count += 1;
        self.count - 1
    }

    pub(crate) fn take(&mut self) -> arrow_array::BinaryArray {
        self.count = 0;
        self.values.finish()
    }
}

/// The text of an address of at most 16 bytes, as two words; zero bytes fill it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Key {
    /// None if the text is longer.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let half = |bytes: &[u8]| bytes.first_chunk().map(|half| u64::from_le_bytes(*half));
        let (low, high) = bytes.split_at(8);
        Some(Self {
            low: half(low)?,
            high: half(high)?,
        })
    }

    /// Hands on the text if it is an address in dotted form, written as everybody writes it.
    fn address<T>(self, take: impl FnOnce(&str) -> T) -> Option<T> {
        let bytes = (u128::from(self.low) | u128::from(self.high) << 64).to_le_bytes();
        let length = bytes.len()
            - (self.high.leading_zeros() / 8) as usize
            - if self.high == 0 {
                (self.low.leading_zeros() / 8) as usize
            } else {
                0
            };
        let text = bytes.get(..length)?;
        if !tuple::is_dotted(text) {
            return None;
        }
        Some(take(std::str::from_utf8(text).ok()?))
    }
}

/// Distinct addresses of one batch; source and destination share the codes.
pub(crate) struct Addresses {
    /// Open addressing over `(address, code)`; a power of two in length.
    slots: Vec<(Key, i32)>,
    filled: usize,
    values: StringBuilder,
    count: i32,
    others: HashMap<Box<[u8]>, i32, RandomState>,
    /// Source and destination before.
    last: [(Key, i32); 2],
    /// Mixed into every look-up, so that nobody who chooses addresses can choose collisions.
    seed: u64,
}

const EMPTY: (Key, i32) = (Key { low: 0, high: 0 }, NULL);

impl Addresses {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            slots: vec![EMPTY; 1024],
            filled: 0,
            values: StringBuilder::new(),
            count: 0,
            others: HashMap::default(),
            last: [EMPTY; 2],
            seed,
        }
    }

    #[inline]
    pub(crate) fn code(&mut self, address: Address<'_>) -> i32 {
        match address {
            Address::V4(key) => self.code_v4(key).unwrap_or(NULL),
            Address::Other(text) => self.code_other(text),
        }
    }

    #[inline]
    fn slot_of(&self, key: Key) -> usize {
        let mixed = (key.low ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed.rotate_left(32) ^ key.high).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        // The high bits are the well-mixed ones.
        (mixed >> 32) as usize & (self.slots.len() - 1)
    }

    /// The codes of a tuple's addresses. One of them is the interface's own, and often in the same place as in
    /// the tuple before.
    #[inline(always)]
    pub(crate) fn codes_v4(&mut self, source: Key, destination: Key) -> Option<(i32, i32)> {
        let [last_source, last_destination] = self.last;
        let source = if source == last_source.0 {
            last_source
        } else {
            (source, self.code_v4(source)?)
        };
        let destination = if destination == last_destination.0 {
            last_destination
        } else {
            (destination, self.code_v4(destination)?)
        };
        self.last = [source, destination];
        Some((source.1, destination.1))
    }

    /// The code of an address in dotted form; None if that is not what it is.
    #[inline(always)]
    pub(crate) fn code_v4(&mut self, key: Key) -> Option<i32> {
        let mask = self.slots.len() - 1;
        let mut slot = self.slot_of(key);
        while let Some((found, code)) = self.slots.get(slot) {
            if *code == NULL {
                break;
            }
            if *found == key {
                return Some(*code);
            }
            slot = (slot + 1) & mask;
        }
        self.insert_v4(key, slot)
    }

    #[cold]
    fn insert_v4(&mut self, key: Key, slot: usize) -> Option<i32> {
        key.address(|text| self.values.append_value(text))?;
        let code = self.count;
        self.count += 1;
        if let Some(entry) = self.slots.get_mut(slot) {
            *entry = (key, code);
        }
        self.filled += 1;
        if self.filled * 2 > self.slots.len() {
            self.grow();
        }
        Some(code)
    }

    fn grow(&mut self) {
        let doubled = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; doubled]);
        let mask = doubled - 1;
        for (key, code) in old.into_iter().filter(|(_, code)| *code != NULL) {
            let mut slot = self.slot_of(key);
            while self.slots.get(slot).is_some_and(|(_, taken)| *taken != NULL) {
                slot = (slot + 1) & mask;
            }
            if let Some(entry) = self.slots.get_mut(slot) {
                *entry = (key, code);
            }
        }
    }

    #[cold]
    fn code_other(&mut self, text: &[u8]) -> i32 {
        if let Some(code) = self.others.get(text) {
            return *code;
        }
        let code = self.count;
        self.count += 1;
        self.values.append_value(String::from_utf8_lossy(text));
        self.others.insert(text.into(), code);
        code
    }

    /// The text of a code.
    pub(crate) fn text(&self, code: i32) -> String {
        nth(&self.values, code)
    }

    /// Memory the addresses' texts take, about.
    pub(crate) fn bytes(&self) -> usize {
        self.values.values_slice().len()
    }

    /// The distinct addresses in code order; empty afterwards.
    pub(crate) fn take(&mut self) -> StringArray {
        if self.slots.len() > 1 << 16 {
            self.slots = vec![EMPTY; 1024];
        } else {
            self.slots.fill(EMPTY);
        }
        self.filled = 0;
        self.count = 0;
        self.others.clear();
        self.last = [EMPTY; 2];
        self.values.finish()
    }
}

fn nth(values: &StringBuilder, code: i32) -> String {
    let offset = |index: usize| {
        values
            .offsets_slice()
            .get(index)
            .and_then(|offset| usize::try_from(*offset).ok())
    };
    let range = usize::try_from(code)
        .ok()
        .and_then(|code| Some(offset(code)?..offset(code + 1)?));
    let bytes = range
        .and_then(|range| values.values_slice().get(range))
        .unwrap_or(&[]);
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;

    #[test]
    fn addresses_keep_their_codes_while_the_table_grows() {
        let v4 = |n: u32| {
            let text = std::net::Ipv4Addr::from(n).to_string();
            Address::V4(Key::of(text.as_bytes()).unwrap())
        };
        let mut addresses = Addresses::new(7);
        let codes: Vec<i32> = (0..5000).map(|n| addresses.code(v4(n * 257))).collect();
        for (n, code) in (0..).zip(&codes) {
            assert_eq!(addresses.code(v4(n * 257)), *code);
        }
        assert_eq!(addresses.code(Address::Other(b"fd00::1")), 5000);
        assert_eq!(addresses.code(Address::Other(b"fd00::1")), 5000);
        let values = addresses.take();
        assert_eq!(values.len(), 5001);
        assert_eq!(values.value(1), "0.0.1.1");
        assert_eq!(addresses.code(v4(9)), 0);
        for text in ["10.01.0.1", "10.0.0", "a.b.c.d", "1.2.3.256", ""] {
            assert_eq!(
                addresses.code_v4(Key::of(text.as_bytes()).unwrap()),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn texts_start_anew_after_take() {
        let mut texts = Texts::default();
        assert_eq!((texts.code(b"a"), texts.code(b"b"), texts.code(b"a")), (0, 1, 0));
        assert_eq!(texts.take().len(), 2);
        assert_eq!(texts.code(b"a"), 0);
        assert_eq!(texts.take().len(), 1);
    }
}
