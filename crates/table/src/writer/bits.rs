//! Numbers in as few bits as they need: the two packings of the Parquet format that our columns use.
//!
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>: RLE/bit-packing hybrid and
//! DELTA_BINARY_PACKED. Tests read what is written here by the library's own reader.

/// Bits that a number needs.
pub(super) fn width(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

/// Appends an unsigned LEB128 number.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn zigzag(out: &mut Vec<u8>, number: i64) {
    varint(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// The low and the high half.
fn halves(number: u128) -> [u64; 2] {
    let mut halves = [0; 2];
    let bytes = number.to_le_bytes();
    for (half, bytes) in halves.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *half = u64::from_le_bytes(*bytes);
    }
    halves
}

/// Appends numbers of `width` bits, the first in the lowest bits; full bytes only if their sum is.
fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    let mut pending = 0_u128;
    let mut bits = 0;
    for number in numbers {
        pending |= u128::from(number) << bits;
        bits += width;
        if bits >= 64 {
            let [low, _] = halves(pending);
            out.extend_from_slice(&low.to_le_bytes());
            pending >>= 64;
            bits -= 64;
        }
    }
    let bytes = pending.to_le_bytes();
    out.extend(bytes.iter().take(bits.div_ceil(8) as usize));
}

/// What is packed at a time: as many numbers as fill whole bytes, whatever their width.
type Eight = [u32; 8];

/// Appends groups of eight numbers of `WIDTH` bits: with the width known, no shift is computed.
fn pack_eights<const WIDTH: u32>(out: &mut Vec<u8>, groups: &[Eight]) {
    let four = |numbers: &[u32]| {
        let each = numbers.iter().rev();
        each.fold(0_u128, |all, number| all << WIDTH | u128::from(*number))
    };
    out.reserve(groups.len() * WIDTH as usize);
    for group in groups {
        let (first, second) = group.split_at(4);
        let (first, second) = (four(first), four(second));
        // Eight numbers of 17 bits and more do not fit into one word.
        let low = first | second.checked_shl(4 * WIDTH).unwrap_or(0);
        let high = second.checked_shr(128 - 4 * WIDTH).unwrap_or(0);
        let low_bytes = low.to_le_bytes();
        out.extend_from_slice(low_bytes.get(..(WIDTH as usize).min(16)).unwrap_or(&[]));
        if WIDTH > 16 {
            let high = high.to_le_bytes();
            out.extend_from_slice(high.get(..WIDTH as usize - 16).unwrap_or(&[]));
        }
    }
}

/// Appends groups of eight numbers of up to 32 bits.
fn pack_groups(out: &mut Vec<u8>, groups: &[Eight], width: u32) {
    macro_rules! widths {
        ($($width:literal)*) => {
            match width {
                $($width => pack_eights::<$width>(out, groups),)*
                _ => {}
            }
        };
    }
    widths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

/// Appends one number so many times.
pub(super) fn run(out: &mut Vec<u8>, number: u32, count: usize, width: u32) {
    varint(out, (count as u64) << 1);
    out.extend(number.to_le_bytes().iter().take(width.div_ceil(8) as usize));
}

/// Appends numbers as runs of equal ones and packed groups of eight. A run begins where a group does.
pub(super) fn hybrid(out: &mut Vec<u8>, numbers: &[u32], width: u32) {
    let (groups, rest) = numbers.as_chunks::<8>();
    let mut literals = 0;
    let mut at = 0;
    while let Some([first, others @ ..]) = groups.get(at) {
        if others.iter().fold(0, |differs, other| differs | (other ^ first)) != 0 {
            at += 1;
            continue;
        }
        let following = groups.get(at..).unwrap_or(&[]);
        let equal = following
            .iter()
            .take_while(|group| **group == [*first; 8])
            .count();
        let to_the_end = at + equal == groups.len() && rest.iter().all(|number| number == first);
        // A run costs its number and two headers, its own and that of what is packed behind it.
        if to_the_end || equal * width as usize > 4 + width.div_ceil(8) as usize {
            packed(out, groups.get(literals..at).unwrap_or(&[]), &[], width);
            let count = equal * 8 + if to_the_end { rest.len() } else { 0 };
            run(out, *first, count, width);
            if to_the_end {
                return;
            }
            literals = at + equal;
        }
        at += equal;
    }
    packed(out, groups.get(literals..).unwrap_or(&[]), rest, width);
}

fn packed(out: &mut Vec<u8>, groups: &[Eight], rest: &[u32], width: u32) {
    let count = groups.len() + rest.len().div_ceil(8);
    if count == 0 {
        return;
    }
    varint(out, (count as u64) << 1 | 1);
    pack_groups(out, groups, width);
    if !rest.is_empty() {
        let mut last = Eight::default();
        for (place, number) in last.iter_mut().zip(rest) {
            *place = *number;
        }
        pack_groups(out, &[last], width);
    }
}

const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Appends numbers as differences from their predecessors, as few bits for each 32 of them as those need.
pub(super) fn delta(out: &mut Vec<u8>, numbers: &[i64]) {
    varint(out, BLOCK as u64);
    varint(out, (BLOCK / MINIBLOCK) as u64);
    varint(out, numbers.len() as u64);
    zigzag(out, numbers.first().copied().unwrap_or(0));
    let mut differences = [0_i64; BLOCK];
    let mut previous = numbers.first().copied().unwrap_or(0);
    for block in numbers.get(1..).unwrap_or(&[]).chunks(BLOCK) {
        let mut least = i64::MAX;
        for (difference, number) in differences.iter_mut().zip(block) {
            *difference = number.wrapping_sub(previous);
            previous = *number;
            least = least.min(*difference);
        }
        zigzag(out, least);
        let differences = differences.get(..block.len()).unwrap_or(&[]);
        let above = |difference: &i64| difference.wrapping_sub(least).cast_unsigned();
        let mut widths = [0_u8; BLOCK / MINIBLOCK];
        for (bits, part) in widths.iter_mut().zip(differences.chunks(MINIBLOCK)) {
            let all = part.iter().fold(0, |all, difference| all | above(difference));
            *bits = width(all).to_le_bytes()[0];
        }
        out.extend_from_slice(&widths);
        for (bits, part) in widths.iter().zip(differences.chunks(MINIBLOCK)) {
            if *bits > 32 {
                let padding = std::iter::repeat_n(0, MINIBLOCK - part.len());
                pack(out, part.iter().map(above).chain(padding), u32::from(*bits));
                continue;
            }
            let mut narrow = [0_u32; MINIBLOCK];
            for (place, difference) in narrow.iter_mut().zip(part) {
                *place = u32::try_from(above(difference)).unwrap_or(u32::MAX);
            }
            pack_groups(out, narrow.as_chunks::<8>().0, u32::from(*bits));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow reader: one bit after another.
    fn unpack(bytes: &[u8], count: usize, width: u32) -> Vec<u64> {
        (0..count)
            .map(|number| {
                (0..width as usize).fold(0, |value, bit| {
                    let at = number * width as usize + bit;
                    value | u64::from(bytes[at / 8] >> (at % 8) & 1) << bit
                })
            })
            .collect()
    }

    fn read_varint(bytes: &mut &[u8]) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        number
    }

    fn read_hybrid(mut bytes: &[u8], width: u32) -> Vec<u32> {
        let mut numbers = Vec::new();
        while !bytes.is_empty() {
            let header = usize::try_from(read_varint(&mut bytes)).unwrap();
            let (count, size) = if header & 1 == 1 {
                (header >> 1 << 3, (header >> 1) * width as usize)
            } else {
                (header >> 1, width.div_ceil(8) as usize)
            };
            let (body, rest) = bytes.split_at(size);
            bytes = rest;
            if header & 1 == 1 {
                numbers.extend(
                    unpack(body, count, width)
                        .iter()
                        .map(|n| u32::try_from(*n).unwrap()),
                );
            } else {
                let number = unpack(body, 1, width)[0];
                numbers.extend(std::iter::repeat_n(u32::try_from(number).unwrap(), count));
            }
        }
        numbers
    }

    /// Runs and noise, by the seed.
    fn numbers(seed: u64, width: u32) -> Vec<u32> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut numbers = Vec::new();
        while numbers.len() < 300 {
            let number = u32::try_from(next() & ((1 << width) - 1)).unwrap();
            let count = if next() % 3 == 0 { next() % 40 } else { 1 };
            numbers.extend(std::iter::repeat_n(number, usize::try_from(count).unwrap()));
        }
        numbers.truncate(usize::try_from(next() % 301).unwrap());
        numbers
    }

    #[test]
    fn runs_and_groups_come_back() {
        for seed in 0..2_000 {
            let width = u32::try_from(seed % 33).unwrap();
            let numbers = numbers(seed, width);
            let mut bytes = Vec::new();
            hybrid(&mut bytes, &numbers, width);
            let mut back = read_hybrid(&bytes, width);
            assert!(back.len() - numbers.len() < 8, "{seed}");
            back.truncate(numbers.len());
            assert_eq!(back, numbers, "{seed}");
        }
        let mut bytes = Vec::new();
        hybrid(&mut bytes, &[7; 100_000], 3);
        assert_eq!(bytes.len(), 4);
    }

    #[test]
    fn differences_come_back() {
        let cases: [Vec<i64>; 6] = [
            vec![],
            vec![-5],
            (0..1000).collect(),
            (0..257).map(|n| n * n * 1_000_000_007).collect(),
            vec![i64::MAX, i64::MIN, 0, -1, i64::MAX],
            numbers(3, 32).into_iter().map(i64::from).collect(),
        ];
        for case in cases {
            let mut bytes = Vec::new();
            delta(&mut bytes, &case);
            let mut rest = bytes.as_slice();
            assert_eq!(read_varint(&mut rest), 128);
            assert_eq!(read_varint(&mut rest), 4);
            assert_eq!(read_varint(&mut rest), case.len() as u64);
            let signed = |n: u64| (n >> 1).cast_signed() ^ -(n & 1).cast_signed();
            let mut value = signed(read_varint(&mut rest));
            let mut back: Vec<i64> = case.first().map(|_| value).into_iter().collect();
            while back.len() < case.len() {
                let least = signed(read_varint(&mut rest));
                let (widths, mut body) = rest.split_at(4);
                for width in widths {
                    let bytes = usize::from(*width) * 4;
                    if back.len() >= case.len() {
                        assert_eq!(*width, 0);
                        continue;
                    }
                    for above in unpack(body, 32, u32::from(*width)) {
                        if back.len() < case.len() {
                            value = value.wrapping_add(least).wrapping_add(above.cast_signed());
                            back.push(value);
                        }
                    }
                    body = &body[bytes..];
                }
                rest = body;
            }
            assert_eq!(back, case);
            assert!(rest.is_empty());
        }
    }
}
