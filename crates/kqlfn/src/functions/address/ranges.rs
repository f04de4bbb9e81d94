//! Lists of networks, and whether an address is in one of them.

use super::network::Version;
use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::{Call, Computed};

/// Networks as spans of addresses in order that do not touch, so that many are searched as quickly as few.
struct Ranges {
    spans: Vec<(u128, u128)>,
    has_unreadable: bool,
}

impl Ranges {
    fn new<'t>(version: Version, texts: impl Iterator<Item = Option<&'t str>>) -> Self {
        let mut has_unreadable = false;
        let mut all = Vec::new();
        for text in texts {
            match text.and_then(|text| version.read_to_compare(text)) {
                Some(network) => all.push((network.first(), network.last())),
                None => has_unreadable = true,
            }
        }
        all.sort_unstable();
        let mut spans: Vec<(u128, u128)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match spans.last_mut() {
                Some(held) if first <= held.1 => held.1 = held.1.max(last),
                _ => spans.push((first, last)),
            }
        }
        Self {
            spans,
            has_unreadable,
        }
    }

    /// The ranges of a call in a row: an array, or texts up to the last argument. None for no array.
    fn of(call: &Call<'_>, row: usize, version: Version) -> Option<Self> {
        if let Some(list) = call.cell(1, row).dynamic() {
            let texts = |value| match value {
                Dynamic::String(text) => Some(text),
                _ => None,
            };
            return match list {
                Dynamic::Array(array) => Some(Self::new(version, array.iter().map(texts))),
                single => Some(Self::new(version, std::iter::once(texts(single)))),
            };
        }
        if call.cell(1, row).is_null() {
            return None;
        }
        let texts = (1..call.arguments.len()).map(|argument| match call.cell(argument, row) {
            Cell::String(text) => Some(text),
            _ => None,
        });
        Some(Self::new(version, texts))
    }

    /// True if an address is in one; null if that cannot be said, for some were not read.
    fn contain(&self, address: u128) -> Option<bool> {
        let behind = self.spans.partition_point(|&(first, _)| first <= address);
        let candidate = behind.checked_sub(1).and_then(|at| self.spans.get(at));
        match candidate {
            Some(&(_, last)) if address <= last => Some(true),
            _ => (!self.has_unreadable).then_some(false),
        }
    }
}

/// A column of bools: whether the address is in any of the ranges.
pub(super) fn is_in_any(call: &Call<'_>, version: Version) -> Computed {
    let is_constant = call.arguments.iter().skip(1).all(|argument| argument.is_constant);
    let once = is_constant.then(|| Ranges::of(call, 0, version));
    call.bools(|row| {
        let address = version.read_to_compare(&call.text(0, row))?.first();
        match &once {
            Some(ranges) => ranges.as_ref()?.contain(address),
            None => Ranges::of(call, row, version)?.contain(address),
        }
    })
}
