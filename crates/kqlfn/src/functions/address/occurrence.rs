//! Addresses of version 4 inside of texts: whole ones with neither letter nor digit on either side.

use super::network::{digits, octets};
use crate::dynamic::Dynamic;
use crate::function::{Call, Computed};

/// What is looked for: the first bytes of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Beginning {
    octets: [u8; 4],
    length: usize,
}

/// A whole address.
fn whole(text: &str) -> Option<Beginning> {
    octets(text).map(|octets| Beginning { octets, length: 4 })
}

/// An address, or up to three of its numbers with a point behind each.
fn beginning(text: &str) -> Option<Beginning> {
    let Some(inside) = text.strip_suffix('.') else {
        return whole(text);
    };
    let mut octets = [0; 4];
    let mut length = 0;
    for (part, octet) in inside.split('.').zip(octets.iter_mut()) {
        *octet = u8::try_from(digits(part, 3)?).ok()?;
        length += 1;
    }
    (length < 4).then_some(Beginning { octets, length })
}

/// `255.255.255.255` has so many characters.
const LENGTH_MAX: usize = 15;

/// The address at the beginning of a text, and how long it is.
fn leading(text: &str) -> Option<([u8; 4], usize)> {
    // A longer run than the longest address is none, however it goes on; to read no further keeps long texts quick.
    let length = text
        .bytes()
        .take(LENGTH_MAX + 1)
        .take_while(|&byte| byte.is_ascii_digit() || byte == b'.')
        .count();
    let run = text.get(..length)?;
    let mut points = run.match_indices('.').map(|(at, _)| at);
    // Three points are inside; a fourth ends the address.
    points.nth(2)?;
    let end = points.next().unwrap_or(length);
    Some((octets(run.get(..end)?)?, end))
}

/// The addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = [u8; 4]> + '_ {
    let mut before = None;
    text.char_indices().filter_map(move |(at, sign)| {
        let is_start = sign.is_ascii_digit() && !before.is_some_and(char::is_alphanumeric);
        before = Some(sign);
        if !is_start {
            return None;
        }
        let rest = text.get(at..)?;
        let (octets, length) = leading(rest)?;
        let behind = rest.get(length..)?.chars().next();
        (!behind.is_some_and(char::is_alphanumeric)).then_some(octets)
    })
}

fn has(text: &str, wanted: &[Beginning]) -> bool {
    !wanted.is_empty()
        && addresses(text).any(|address| {
            wanted
                .iter()
                .any(|held| address.get(..held.length) == held.octets.get(..held.length))
        })
}

/// What a call looks for in a row: an array of texts, or texts up to the last argument. What is none is not found.
fn wanted(call: &Call<'_>, row: usize, read: fn(&str) -> Option<Beginning>) -> Vec<Beginning> {
    let mut found = Vec::new();
    for argument in 1..call.arguments.len() {
        let cell = call.cell(argument, row);
        match cell.dynamic() {
            Some(Dynamic::Array(array)) => found.extend(array.iter().filter_map(|value| match value {
                Dynamic::String(text) => read(text),
                _ => None,
            })),
            _ => found.extend(read(&cell.text())),
        }
    }
    found
}

fn search(call: &Call<'_>, read: fn(&str) -> Option<Beginning>) -> Computed {
    let is_constant = call.arguments.iter().skip(1).all(|argument| argument.is_constant);
    let once = is_constant.then(|| wanted(call, 0, read));
    call.bools(|row| {
        let text = call.text(0, row);
        Some(match &once {
            Some(wanted) => has(&text, wanted),
            None => has(&text, &wanted(call, row, read)),
        })
    })
}

/// A column of bools: whether a text has one of the addresses.
pub(super) fn has_address(call: &Call<'_>) -> Computed {
    search(call, whole)
}

/// A column of bools: whether a text has an address with one of the beginnings.
pub(super) fn has_beginning(call: &Call<'_>) -> Computed {
    search(call, beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_between_other_signs() {
        for (text, expected) in [
            ("from: 192.168.1.1, 10.1.1.115 and 10.1.1.201", 3),
            ("[10.0.0.1]:443->10.0.0.2:80", 2),
            ("10.0.0.1.", 1),
            ("v10.0.0.1 10.0.0.1b 10.0.0.1234 10.0.0.999", 0),
            ("é10.0.0.1 10.0.0.1é", 0),
            ("", 0),
        ] {
            assert_eq!(addresses(text).count(), expected, "{text}");
        }
        // Many beginnings in one run.
        assert_eq!(addresses(&"1.".repeat(500_000)).count(), 499_997);
    }
}
