//! Building values of type `dynamic`.

use std::collections::HashMap;

use super::{Dynamic, Tag};

/// Up to so many keys of a bag are searched one after the other.
const SEARCHED_KEYS_MAX: usize = 32;

/// Writes one value. Whoever writes nothing has written null.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// Writes the elements of an array.
#[derive(Debug)]
pub struct Elements<'w> {
    writer: &'w mut Writer,
    start: usize,
    ends: Vec<u32>,
}

/// Writes the members of a bag.
#[derive(Debug)]
pub struct Members<'w> {
    elements: Elements<'w>,
    keys: Vec<(usize, usize)>,
    /// The places of the keys, once there are many.
    places: HashMap<Vec<u8>, usize>,
}

impl Writer {
    /// The bytes of one value.
    #[must_use]
    pub fn build(write: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self::default();
        write(&mut writer);
        writer.finish()
    }

    /// The bytes of what was written.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.bytes.is_empty() {
            self.null();
        }
        self.bytes
    }

    fn tagged(&mut self, tag: Tag, payload: &[u8]) {
        self.bytes.push(tag as u8);
        self.bytes.extend_from_slice(payload);
    }

    /// Null.
    pub fn null(&mut self) {
        self.tagged(Tag::Null, &[]);
    }

    /// A bool.
    pub fn bool(&mut self, value: bool) {
        self.tagged(if value { Tag::True } else { Tag::False }, &[]);
    }

    /// A whole number of 32 bits.
    pub fn int(&mut self, value: i32) {
        self.tagged(Tag::Int, &value.to_le_bytes());
    }

    /// A whole number.
    pub fn long(&mut self, value: i64) {
        self.tagged(Tag::Long, &value.to_le_bytes());
    }

    /// A number with a fraction.
    pub fn real(&mut self, value: f64) {
        self.tagged(Tag::Real, &value.to_le_bytes());
    }

    /// A decimal, as it is written.
    pub fn decimal(&mut self, digits: &str) {
        self.tagged(Tag::Decimal, digits.as_bytes());
    }

    /// A text.
    pub fn string(&mut self, value: &str) {
        self.tagged(Tag::String, value.as_bytes());
    }

    /// A datetime in ticks.
    pub fn datetime(&mut self, ticks: i64) {
        self.tagged(Tag::Datetime, &ticks.to_le_bytes());
    }

    /// A timespan in ticks.
    pub fn timespan(&mut self, ticks: i64) {
        self.tagged(Tag::Timespan, &ticks.to_le_bytes());
    }

    /// A guid.
    pub fn guid(&mut self, guid: &[u8; 16]) {
        self.tagged(Tag::Guid, guid);
    }

    /// A value that is stored already.
    pub fn raw(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
    }

    /// Any value.
    pub fn value(&mut self, value: Dynamic<'_>) {
        match value {
            Dynamic::Null => self.null(),
            Dynamic::Bool(value) => self.bool(value),
            Dynamic::Int(value) => self.int(value),
            Dynamic::Long(value) => self.long(value),
            Dynamic::Real(value) => self.real(value),
            Dynamic::Decimal(digits) => self.decimal(digits),
            Dynamic::String(text) => self.string(text),
            Dynamic::Datetime(ticks) => self.datetime(ticks),
            Dynamic::Timespan(ticks) => self.timespan(ticks),
            Dynamic::Guid(guid) => self.guid(&guid),
            Dynamic::Array(array) => self.array(|elements| {
                for raw in array.raw() {
                    elements.raw(raw);
                }
            }),
            Dynamic::Bag(bag) => self.bag(|members| {
                for (key, raw) in bag.raw() {
                    members.raw(key, raw);
                }
            }),
        }
    }

    /// An array.
    pub fn array<R>(&mut self, write: impl FnOnce(&mut Elements<'_>) -> R) -> R {
        self.bytes.push(Tag::Array as u8);
        let mut elements = Elements::begin(self);
        let result = write(&mut elements);
        elements.end();
        result
    }

    /// A bag. A member whose key was written before takes that one's place.
    pub fn bag<R>(&mut self, write: impl FnOnce(&mut Members<'_>) -> R) -> R {
        self.bytes.push(Tag::Bag as u8);
        let mut members = Members {
            elements: Elements::begin(self),
            keys: Vec::new(),
            places: HashMap::new(),
        };
        let result = write(&mut members);
        members.elements.end();
        result
    }
}

impl<'w> Elements<'w> {
    fn begin(writer: &'w mut Writer) -> Self {
        Self {
            start: writer.bytes.len(),
            writer,
            ends: Vec::new(),
        }
    }

    fn end_piece(&mut self) {
        // A value of more than 4 GiB cannot come into being: columns hold less.
        let end = u32::try_from(self.writer.bytes.len() - self.start).unwrap_or(u32::MAX);
        self.ends.push(end);
    }

    fn end(&mut self) {
        for end in &self.ends {
            self.writer.bytes.extend_from_slice(&end.to_le_bytes());
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.writer.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// One more element.
    pub fn push<R>(&mut self, write: impl FnOnce(&mut Writer) -> R) -> R {
        let before = self.writer.bytes.len();
        let result = write(self.writer);
        if self.writer.bytes.len() == before {
            self.writer.null();
        }
        self.end_piece();
        result
    }

    /// One more element that is stored already.
    pub fn raw(&mut self, value: &[u8]) {
        self.push(|writer| writer.raw(value));
    }

    /// One more element.
    pub fn value(&mut self, value: Dynamic<'_>) {
        self.push(|writer| writer.value(value));
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl Members<'_> {
    /// One more member.
    pub fn push<R>(&mut self, key: &str, write: impl FnOnce(&mut Writer) -> R) -> R {
        let replaced = self.position(key);
        let start = self.elements.writer.bytes.len();
        self.elements.writer.bytes.extend_from_slice(key.as_bytes());
        self.keys.push((start, self.elements.writer.bytes.len()));
        self.elements.end_piece();
        let result = self.elements.push(write);
        match replaced {
            Some(at) => self.take_the_place_of(at),
            None => self.note_place(),
        }
        result
    }

    /// One more member whose value is stored already.
    pub fn raw(&mut self, key: &str, value: &[u8]) {
        self.push(key, |writer| writer.raw(value));
    }

    /// True if a member has this name.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.keys.len() > SEARCHED_KEYS_MAX {
            return self.places.get(key.as_bytes()).copied();
        }
        let bytes = &self.elements.writer.bytes;
        self.keys
            .iter()
            .position(|&(start, end)| bytes.get(start..end) == Some(key.as_bytes()))
    }

    /// Notes the place of the last key, and of all before it when they become many.
    fn note_place(&mut self) {
        if self.keys.len() > SEARCHED_KEYS_MAX {
            let bytes = &self.elements.writer.bytes;
            for &(start, end) in self.keys.iter().skip(self.places.len()) {
                let key = bytes.get(start..end).unwrap_or_default().to_vec();
                self.places.insert(key, self.places.len());
            }
        }
    }

    /// The last member's value moves to where the member with the same key stands.
    fn take_the_place_of(&mut self, at: usize) {
        let Elements { writer, start, ends } = &mut self.elements;
        let (Some(key), Some(&held_start), Some(&held_end)) =
            (self.keys.pop(), ends.get(at * 2), ends.get(at * 2 + 1))
        else {
            return;
        };
        let value = writer.bytes.split_off(key.1);
        writer.bytes.truncate(key.0);
        ends.truncate(self.keys.len() * 2);
        let (held_start, held_end) = (held_start as usize, held_end as usize);
        let (held_size, size) = (held_end - held_start, value.len());
        writer.bytes.splice(*start + held_start..*start + held_end, value);
        for end in ends.iter_mut().skip(at * 2 + 1) {
            *end = u32::try_from(*end as usize + size - held_size).unwrap_or(u32::MAX);
        }
        for (start, end) in self.keys.iter_mut().skip(at + 1) {
            *start = *start + size - held_size;
            *end = *end + size - held_size;
        }
    }
}
