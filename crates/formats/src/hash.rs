//! The record hash: one number for a record's content, whatever its key order, white space or wrapper.
//!
//! A tree of XXH3-128 hashes: the tuples of a list are folded in order, block by block, and a node hashes
//! its few fields with the fold of its children. So a key that follows the tuples it describes changes
//! nothing, and nothing is held but one block per open list. The hash identifies, it does not
//! authenticate: evidence rests on the SHA-256 in `IngestLog` (docs/adr/0004-identity.md).

use twox_hash::XxHash3_128;

/// Large enough for the hash to be at full speed.
const BLOCK_BYTES: usize = 4096;

/// What stands between tuples: as in JSON without white space, so that a run of tuples is hashed as it lies there.
pub(crate) const BETWEEN: &[u8] = b"\",\"";

/// The hash of one text.
pub(crate) fn leaf(text: &[u8]) -> u128 {
    XxHash3_128::oneshot(text)
}

/// An ordered list being folded into one hash.
pub(crate) struct Fold {
    state: u128,
    count: u64,
    /// Less than a block.
    pending: Vec<u8>,
}

impl Fold {
    pub(crate) fn new() -> Self {
        Self {
            state: 0,
            count: 0,
            pending: Vec::with_capacity(BLOCK_BYTES + 32),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.state = 0;
        self.count = 0;
        self.pending.clear();
    }

    /// Adds the hash of a child.
    pub(crate) fn push(&mut self, hash: u128) {
        self.count += 1;
        self.write(&hash.to_le_bytes());
    }

    /// Adds texts that stand one after another, with [`BETWEEN`] between them.
    #[inline]
    pub(crate) fn push_texts(&mut self, texts: &[u8], count: usize) {
        self.count += count as u64;
        self.write(texts);
        self.write(BETWEEN);
    }

    fn write(&mut self, mut bytes: &[u8]) {
        while let Some((head, rest)) = bytes.split_at_checked(BLOCK_BYTES - self.pending.len()) {
            self.pending.extend_from_slice(head);
            self.squeeze();
            bytes = rest;
        }
        self.pending.extend_from_slice(bytes);
    }

    fn squeeze(&mut self) {
        self.pending.extend_from_slice(&self.state.to_le_bytes());
        self.state = XxHash3_128::oneshot(&self.pending);
        self.pending.clear();
    }

    /// The fold of all that was added; the list is empty afterwards.
    pub(crate) fn finish(&mut self) -> u128 {
        let count = self.count;
        self.pending.extend_from_slice(&count.to_le_bytes());
        self.squeeze();
        let hash = self.state;
        self.clear();
        hash
    }
}

/// A node: a tag, its text fields in fixed order, and the fold of its children.
pub(crate) struct Node<'s> {
    scratch: &'s mut Vec<u8>,
}

impl<'s> Node<'s> {
    pub(crate) fn new(scratch: &'s mut Vec<u8>, tag: u8) -> Self {
        scratch.clear();
        scratch.push(tag);
        Self { scratch }
    }

    /// The next field, which `write` appends.
    pub(crate) fn field(self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let length_at = self.scratch.len();
        self.scratch.extend_from_slice(&[0; 8]);
        let begin = self.scratch.len();
        write(self.scratch);
        let length = (self.scratch.len() - begin) as u64;
        if let Some(place) = self.scratch.get_mut(length_at..begin) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        self
    }

    pub(crate) fn hash(self, children: u128) -> u128 {
        self.scratch.extend_from_slice(&children.to_le_bytes());
        XxHash3_128::oneshot(self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_number_of_children_matter() {
        let fold = |items: &[u128]| {
            let mut fold = Fold::new();
            items.iter().for_each(|item| fold.push(*item));
            fold.finish()
        };
        assert_ne!(fold(&[1, 2]), fold(&[2, 1]));
        assert_ne!(fold(&[]), fold(&[0]));
        let many: Vec<u128> = (0..1000).collect();
        assert_eq!(fold(&many), fold(&many));
        assert_ne!(fold(&many), fold(many.get(1..).unwrap()));
    }

    #[test]
    fn texts_in_one_piece_are_the_texts_one_by_one() {
        let texts: Vec<String> = (0..500).map(|number| "x".repeat(number % 83)).collect();
        let mut one_by_one = Fold::new();
        texts
            .iter()
            .for_each(|text| one_by_one.push_texts(text.as_bytes(), 1));
        let mut in_pieces = Fold::new();
        for piece in texts.chunks(130) {
            in_pieces.push_texts(piece.join("\",\"").as_bytes(), piece.len());
        }
        let hash = one_by_one.finish();
        assert_eq!(hash, in_pieces.finish());
        in_pieces.push_texts(texts.join("\",\"").as_bytes(), 499);
        assert_ne!(hash, in_pieces.finish());
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let of = |fields: [&[u8]; 2]| {
            let mut scratch = Vec::new();
            let mut node = Node::new(&mut scratch, 1);
            for field in fields {
                node = node.field(|out| out.extend_from_slice(field));
            }
            node.hash(0)
        };
        assert_ne!(of([b"ab", b"c"]), of([b"a", b"bc"]));
    }
}
