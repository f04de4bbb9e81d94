//! One part of flows, cut into finitely many kinds: two points are of one kind if all rules say the same of both.
//!
//! What is not known of a point doubles it: once as if it were of a label, once as if it were not. So rules that share a label agree in
//! either case, and what holds for all kinds holds whatever the truth is.

use std::hash::Hash;

use ahash::AHashMap;

use crate::labels::Label;
use crate::ranges::{Point, Ranges};
use crate::region::{Bits, TooMany};

/// So much is looked at before a list of rules is given up: kinds, times rules in words of 64.
const WORK_MAX: usize = 32 << 20;
/// So many unknown things that several rules share are told apart at one point; of more it is not known who else means them.
const SHARED_MAX: usize = 6;

/// A place of the space: the parts that it is of, those that it may be of, and a point there.
pub(crate) struct Spot<E> {
    within: Bits,
    perhaps: Bits,
    pub(crate) example: E,
    /// All that is alike, as ranges in order.
    pub(crate) ranges: Vec<(E, E)>,
}

impl<E> Spot<E> {
    /// With the point as something else.
    pub(crate) fn with<F>(self, as_other: impl Fn(E) -> F) -> Spot<F> {
        let ranges = self.ranges.into_iter();
        Spot {
            within: self.within,
            perhaps: self.perhaps,
            example: as_other(self.example),
            ranges: ranges
                .map(|(first, last)| (as_other(first), as_other(last)))
                .collect(),
        }
    }
}

/// Cuts a space where a part begins or ends. What is alike comes once.
pub(crate) fn spots<P: Point + Hash>(parts: &[(&Ranges<P>, &Ranges<P>)]) -> Result<Vec<Spot<P>>, TooMany> {
    let mut turns: Vec<(P, usize, bool, bool)> = Vec::new();
    for (at, (within, perhaps)) in parts.iter().enumerate() {
        for (ranges, is_sure) in [(within, true), (perhaps, false)] {
            for (first, last) in ranges.iter() {
                turns.push((first, at, is_sure, true));
                turns.extend(last.next().map(|end| (end, at, is_sure, false)));
            }
        }
    }
    turns.sort_unstable_by_key(|(point, ..)| *point);
    let mut known: AHashMap<(Bits, Bits), Vec<(P, P)>> = AHashMap::new();
    let (mut within, mut perhaps) = (Bits::none(parts.len()), Bits::none(parts.len()));
    let mut rest = turns.as_slice();
    let mut point = P::FIRST;
    loop {
        let here = rest.partition_point(|(at, ..)| *at <= point);
        let (now, later) = rest.split_at_checked(here).unwrap_or_default();
        // Ends come first: a part whose ranges touch goes on.
        for begins in [false, true] {
            for (_, part, is_sure, _) in now.iter().filter(|(.., does)| *does == begins) {
                let bits = if *is_sure { &mut within } else { &mut perhaps };
                if begins {
                    bits.set(*part)
                } else {
                    bits.unset(*part)
                }
            }
        }
        rest = later;
        let next = rest.first().map(|(next, ..)| *next);
        let last = next.and_then(P::previous).unwrap_or(P::LAST);
        let alike = known.entry((within.clone(), perhaps.clone())).or_default();
        alike.push((point, last));
        if known.len() * parts.len().div_ceil(64) > WORK_MAX / 4 {
            return Err(TooMany);
        }
        match next {
            Some(next) => point = next,
            None => break,
        }
    }
    let spots = known.into_iter().filter_map(|((within, perhaps), ranges)| {
        Some(Spot {
            within,
            perhaps,
            example: ranges.first()?.0,
            ranges,
        })
    });
    Ok(spots.collect())
}

/// A part, and the rows that say it.
pub(crate) struct Held {
    pub(crate) label: Option<Label>,
    pub(crate) is_negated: bool,
    pub(crate) rows: Vec<usize>,
}

/// For a row the kinds that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    /// At least what it matches, case by case.
    pub(crate) subject: Bits,
    /// At most what it matches, case by case.
    pub(crate) cover: Bits,
    /// All that it may match in any case.
    pub(crate) upper: Bits,
    /// What it matches in every case.
    pub(crate) lower: Bits,
}

/// The kinds, with a point of each, and for each row those that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Kinds<E> {
    pub(crate) examples: Vec<E>,
    pub(crate) rows: Vec<Roles>,
    /// For each place of the space, by its number, the kinds of its points: several where not all is known.
    pub(crate) of_spots: Vec<(usize, usize)>,
    /// The ranges of each place; of addresses they are not kept.
    pub(crate) pieces: Vec<Vec<(E, E)>>,
}

impl<E: Copy + Ord> Kinds<E> {
    /// What is of these kinds, as ranges in order.
    pub(crate) fn ranges(&self, bits: &Bits) -> Vec<(E, E)> {
        let held = self.of_spots.iter().filter(|(_, kind)| bits.has(*kind));
        let ranges = held.filter_map(|(spot, _)| self.pieces.get(*spot)).flatten();
        let mut ranges: Vec<(E, E)> = ranges.copied().collect();
        ranges.sort_unstable();
        ranges.dedup();
        ranges
    }
}

/// What rows say of a kind: as [`Roles`], row by row.
type Said = [Bits; 4];

/// Makes kinds of spots.
pub(crate) fn kinds<E: Copy>(spots: &[Spot<E>], parts: &[Held], rows: usize) -> Result<Kinds<E>, TooMany> {
    let tellers = Tellers::of(parts, rows);
    let mut known: AHashMap<Said, usize> = AHashMap::new();
    let mut examples = Vec::new();
    let mut of_spots = Vec::new();
    let words = rows.div_ceil(64);
    for (number, spot) in spots.iter().enumerate() {
        let shared = tellers.shared_at(spot);
        for case in 0..1_u32 << shared.len() {
            let said = tellers.say(spot, &shared, case);
            let kind = known.entry(said).or_insert_with(|| {
                examples.push(spot.example);
                examples.len() - 1
            });
            of_spots.push((number, *kind));
            if known.len() * words * 4 > WORK_MAX {
                return Err(TooMany);
            }
        }
    }
    let count = examples.len();
    if count.div_ceil(64) * rows * 4 > WORK_MAX {
        return Err(TooMany);
    }
    let mut held: Vec<[Bits; 4]> = vec![std::array::from_fn(|_| Bits::none(count)); rows];
    for (said, kind) in &known {
        for (role, bits) in said.iter().enumerate() {
            for row in bits.iter() {
                if let Some(bits) = held.get_mut(row).and_then(|roles| roles.get_mut(role)) {
                    bits.set(*kind);
                }
            }
        }
    }
    let rows = held.into_iter().map(|[subject, cover, upper, lower]| Roles {
        subject,
        cover,
        upper,
        lower,
    });
    Ok(Kinds {
        examples,
        rows: rows.collect(),
        of_spots,
        pieces: Vec::new(),
    })
}

/// A part, with its rows as bits and the number of its label, if several rows share it.
struct Teller {
    rows: Bits,
    shared: Option<usize>,
    is_negated: bool,
}

struct Tellers {
    held: Vec<Teller>,
    rows: usize,
}

impl Tellers {
    fn of(parts: &[Held], rows: usize) -> Self {
        let mut uses: AHashMap<&Label, usize> = AHashMap::new();
        for part in parts {
            if let Some(label) = &part.label {
                *uses.entry(label).or_default() += part.rows.len();
            }
        }
        let mut numbers: AHashMap<&Label, usize> = AHashMap::new();
        let held = parts.iter().map(|part| {
            let label = part.label.as_ref();
            let shared = label.filter(|label| uses.get(label).is_some_and(|count| *count > 1));
            let next = numbers.len();
            let shared = shared.map(|label| *numbers.entry(label).or_insert(next));
            let mut bits = Bits::none(rows);
            part.rows.iter().for_each(|row| bits.set(*row));
            Teller {
                rows: bits,
                shared,
                is_negated: part.is_negated,
            }
        });
        let held = held.collect();
        Self { held, rows }
    }

    /// The shared labels that are open at a spot.
    fn shared_at<E>(&self, spot: &Spot<E>) -> Vec<usize> {
        let open = spot.perhaps.iter().filter_map(|part| self.held.get(part)?.shared);
        let mut shared: Vec<usize> = open.collect();
        shared.sort_unstable();
        shared.dedup();
        shared.truncate(SHARED_MAX);
        shared
    }

    fn say<E>(&self, spot: &Spot<E>, shared: &[usize], case: u32) -> Said {
        let [mut subject, mut cover, mut upper, mut lower]: Said =
            std::array::from_fn(|_| Bits::none(self.rows));
        for part in spot.within.iter().filter_map(|part| self.held.get(part)) {
            for bits in [&mut subject, &mut cover, &mut upper, &mut lower] {
                bits.add(&part.rows);
            }
        }
        for part in spot.perhaps.iter().filter_map(|part| self.held.get(part)) {
            upper.add(&part.rows);
            let number = shared.iter().position(|number| Some(*number) == part.shared);
            match number.map(|number| (case >> number & 1 == 1) != part.is_negated) {
                Some(true) => {
                    subject.add(&part.rows);
                    cover.add(&part.rows);
                }
                Some(false) => {}
                None => subject.add(&part.rows),
            }
        }
        [subject, cover, upper, lower]
    }
}
