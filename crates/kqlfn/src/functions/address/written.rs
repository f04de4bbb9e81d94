//! Addresses that are written anew with their prefix applied.

use super::network::{Network, Version};
use crate::column::Cell;
use crate::function::Call;

/// An address as a text or a number, with the prefix that the second argument names, if it is there.
pub(super) fn masked(call: &Call<'_>, row: usize, version: Version) -> Option<Network> {
    let cell = call.cell(0, row);
    let network = match cell.plain() {
        Cell::String(text) => version.read(text),
        other => Network::of_number(other.long()?),
    }?;
    if !call.has(1) {
        return Some(network);
    }
    Some(network.within(version.prefix(call.long(1, row)?)?))
}
