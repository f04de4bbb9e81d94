//! The record hash: one number for a record's content, whatever its key order, white space or wrapper.
//!
//! A tree of XXH3-128 hashes: each tuple is hashed by itself, a list is folded in order, and a
//! node hashes its few fields with the fold of its children. So a key that follows the tuples it
//! describes changes nothing, and nothing is held but 1 KiB per open list. The hash identifies,
//! it does not authenticate: evidence rests on the SHA-256 in `IngestLog` (docs/adr/0004-identity.md).

use twox_hash::XxHash3_128;

const FOLD_BYTES: usize = 1024;

/// Hash of one tuple's text.
#[inline]
pub(crate) fn leaf(text: &[u8]) -> u128 {
    XxHash3_128::oneshot(text)
}

/// An ordered list of hashes being folded into one.
pub(crate) struct Fold {
    state: u128,
    count: u64,
    pending: Vec<u8>,
}

impl Fold {
    pub(crate) fn new() -> Self {
        Self {
            state: 0,
            count: 0,
            pending: Vec::with_capacity(FOLD_BYTES + 32),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.state = 0;
        self.count = 0;
        self.pending.clear();
    }

    #[inline]
    pub(crate) fn push(&mut self, hash: u128) {
        self.count += 1;
        self.pending.extend_from_slice(&hash.to_le_bytes());
        if self.pending.len() >= FOLD_BYTES {
            self.squeeze();
        }
    }

    fn squeeze(&mut self) {
        self.pending.extend_from_slice(&self.state.to_le_bytes());
        self.state = XxHash3_128::oneshot(&self.pending);
        self.pending.clear();
    }

    /// The fold of all that was pushed; the list is empty afterwards.
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
pub(crate) fn node(scratch: &mut Vec<u8>, tag: u8, fields: &[&[u8]], children: u128) -> u128 {
    scratch.clear();
    scratch.push(tag);
    for field in fields {
        scratch.extend_from_slice(&(field.len() as u64).to_le_bytes());
        scratch.extend_from_slice(field);
    }
    scratch.extend_from_slice(&children.to_le_bytes());
    XxHash3_128::oneshot(scratch)
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
    fn fields_do_not_run_into_each_other() {
        let mut scratch = Vec::new();
        assert_ne!(
            node(&mut scratch, 1, &[b"ab", b"c"], 0),
            node(&mut scratch, 1, &[b"a", b"bc"], 0)
        );
    }
}
