//! Building values of type `dynamic`.

use super::{Dynamic, Tag};

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
        if let Some(at) = replaced {
            self.take_the_place_of(at);
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
        let bytes = &self.elements.writer.bytes;
        self.keys
            .iter()
            .position(|&(start, end)| bytes.get(start..end) == Some(key.as_bytes()))
    }

    /// The last member's value moves to where the member with the same key stands.
    fn take_the_place_of(&mut self, at: usize) {
        let start = self.elements.start;
        let all: Vec<u8> = self.elements.writer.bytes.split_off(start);
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        let mut from = 0;
        for &end in &self.elements.ends {
            pieces.push(all.get(from..end as usize).unwrap_or_default().to_vec());
            from = end as usize;
        }
        let value = pieces.pop();
        pieces.pop();
        if let (Some(value), Some(held)) = (value, pieces.get_mut(at * 2 + 1)) {
            *held = value;
        }
        self.elements.ends.clear();
        self.keys.clear();
        for (number, piece) in pieces.iter().enumerate() {
            let from = self.elements.writer.bytes.len();
            self.elements.writer.bytes.extend_from_slice(piece);
            if number % 2 == 0 {
                self.keys.push((from, self.elements.writer.bytes.len()));
            }
            self.elements.end_piece();
        }
    }
}
