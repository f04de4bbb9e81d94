//! From a value to the rules that match it or may: the space is cut where a set of some rule begins or ends, and each piece has a set
//! of bits, shared by all pieces with the same one.
//!
//! An index is a guide, not a judge: what it says matches does, and what it says may match is looked at. So one that would be too
//! large is cut into fewer pieces, and stays right.

use ahash::AHashMap;

use crate::ranges::{Point, Ranges};

/// So many words of bits an index may hold, 64 MiB: with 1,000 rules that are 262,144 different pieces, where all the service
/// tags of Azure make fewer than 200,000.
const WORDS_MAX: usize = 8 << 20;

/// Ranges that belong to rules, as a part of their side.
pub(crate) struct Part<'r, P> {
    pub(crate) within: &'r Ranges<P>,
    pub(crate) perhaps: &'r Ranges<P>,
    /// The rows that it is a part of.
    pub(crate) rows: &'r [u32],
}

/// Sets of bits: of each first the rows that can match, then those that surely do.
#[derive(Clone, Debug)]
pub(crate) struct Sets {
    words: Vec<u64>,
    /// Words of one of the two.
    width: usize,
}

impl Sets {
    pub(crate) const fn new(width: usize) -> Self {
        Self {
            words: Vec::new(),
            width,
        }
    }

    /// The rows that can match, and those that do.
    pub(crate) fn get(&self, class: u32) -> (&[u64], &[u64]) {
        let at = class as usize * self.width * 2;
        let held = self.words.get(at..at + self.width * 2).unwrap_or_default();
        held.split_at_checked(self.width).unwrap_or_default()
    }

    fn push(&mut self, can: &[u64], sure: &[u64]) {
        self.words.extend_from_slice(can);
        self.words.extend_from_slice(sure);
    }

    /// What they take, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// A set of its own, of rows that can match and rows that do.
    pub(crate) fn add(&mut self, can: &[u32], sure: &[u32]) -> u32 {
        let class = self.words.len().checked_div(self.width * 2).unwrap_or_default();
        let (mut all, mut certain) = (vec![0; self.width], vec![0; self.width]);
        for row in can.iter().chain(sure) {
            set(&mut all, *row, true);
        }
        for row in sure {
            set(&mut certain, *row, true);
        }
        self.push(&all, &certain);
        u32::try_from(class).unwrap_or(u32::MAX)
    }
}

fn set(words: &mut [u64], row: u32, is_on: bool) {
    if let Some(word) = words.get_mut(row as usize / 64) {
        let bit = 1 << (row % 64);
        *word = if is_on { *word | bit } else { *word & !bit };
    }
}

/// Pieces of a space in order, each with its class.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<P> {
    pub(crate) starts: Vec<P>,
    pub(crate) classes: Vec<u32>,
}

impl<P: Point> Pieces<P> {
    /// What they take, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.starts.len() * (size_of::<P>() + size_of::<u32>())
    }

    /// The class of a point, found among some of the pieces.
    pub(crate) fn class_among(&self, from: usize, until: usize, point: P) -> u32 {
        let some = self.starts.get(from..until).unwrap_or_default();
        let at = from + some.partition_point(|start| *start <= point);
        at.checked_sub(1)
            .and_then(|at| self.classes.get(at).copied())
            .unwrap_or_default()
    }

    pub(crate) fn class(&self, point: P) -> u32 {
        self.class_among(0, self.starts.len(), point)
    }
}

/// A place where a part begins or ends.
#[derive(Clone, Copy)]
struct Turn<P> {
    at: P,
    part: u32,
    is_sure: bool,
    begins: bool,
}

/// Cuts a space; `rows` is how many rows there are.
pub(crate) fn cut<P: Point>(parts: &[Part<'_, P>], rows: usize, sets: &mut Sets) -> Pieces<P> {
    let mut turns = Vec::new();
    for (part, held) in (0_u32..).zip(parts) {
        for (ranges, is_sure) in [(held.within, true), (held.perhaps, false)] {
            for (first, last) in ranges.iter() {
                let turn = |at, begins| Turn {
                    at,
                    part,
                    is_sure,
                    begins,
                };
                turns.push(turn(first, true));
                turns.extend(last.next().map(|at| turn(at, false)));
            }
        }
    }
    turns.sort_unstable_by_key(|turn| turn.at);
    let before = sets.words.len();
    let mut stride = 1;
    loop {
        let mut sweep = Sweep::new(parts, rows, sets.width);
        if let Some(pieces) = sweep.run(&turns, stride, sets) {
            return pieces;
        }
        sets.words.truncate(before);
        stride *= 8;
    }
}

/// What is on at a place of the space.
struct Sweep<'p, P> {
    parts: &'p [Part<'p, P>],
    /// By how many parts each row can match, and surely does.
    can_count: Vec<u32>,
    sure_count: Vec<u32>,
    can: Vec<u64>,
    sure: Vec<u64>,
    /// Of the piece that is being made: anything that can match in it, and what does all over it.
    piece_can: Vec<u64>,
    piece_sure: Vec<u64>,
}

impl<'p, P: Point> Sweep<'p, P> {
    fn new(parts: &'p [Part<'p, P>], rows: usize, width: usize) -> Self {
        Self {
            parts,
            can_count: vec![0; rows],
            sure_count: vec![0; rows],
            can: vec![0; width],
            sure: vec![0; width],
            piece_can: vec![0; width],
            piece_sure: vec![0; width],
        }
    }

    /// Makes pieces, each of `stride` cuts; none if they hold too much.
    fn run(&mut self, turns: &[Turn<P>], stride: usize, sets: &mut Sets) -> Option<Pieces<P>> {
        let mut known: AHashMap<Vec<u64>, u32> = AHashMap::new();
        let mut pieces = Pieces {
            starts: Vec::new(),
            classes: Vec::new(),
        };
        let (mut start, mut cuts, mut at) = (P::FIRST, 0_usize, P::FIRST);
        for turn in turns {
            if turn.at > at {
                cuts += 1;
                if cuts >= stride {
                    self.put(start, &mut pieces, &mut known, sets)?;
                    (start, cuts) = (turn.at, 0);
                }
                at = turn.at;
            }
            self.turn(*turn);
            if at == start {
                // Nothing of the piece lies before it.
                self.begin();
            }
        }
        self.put(start, &mut pieces, &mut known, sets)?;
        Some(pieces)
    }

    fn begin(&mut self) {
        self.piece_can.clone_from(&self.can);
        self.piece_sure.clone_from(&self.sure);
    }

    fn put(
        &mut self,
        start: P,
        pieces: &mut Pieces<P>,
        known: &mut AHashMap<Vec<u64>, u32>,
        sets: &mut Sets,
    ) -> Option<()> {
        let key = [self.piece_can.as_slice(), self.piece_sure.as_slice()].concat();
        let class = match known.get(&key) {
            Some(class) => *class,
            None => {
                let class = sets.words.len().checked_div(sets.width * 2).unwrap_or_default();
                let class = u32::try_from(class).ok()?;
                sets.push(&self.piece_can, &self.piece_sure);
                known.insert(key, class);
                class
            }
        };
        if pieces.classes.last() != Some(&class) {
            pieces.starts.push(start);
            pieces.classes.push(class);
        }
        // One piece is always possible.
        (known.len() == 1 || known.len() * sets.width * 2 <= WORDS_MAX).then_some(())
    }

    fn turn(&mut self, turn: Turn<P>) {
        let Some(part) = self.parts.get(turn.part as usize) else {
            return;
        };
        for row in part.rows {
            let kinds = [
                (true, &mut self.can_count, &mut self.can),
                (turn.is_sure, &mut self.sure_count, &mut self.sure),
            ];
            for (is_meant, counts, words) in kinds {
                let Some(count) = counts.get_mut(*row as usize).filter(|_| is_meant) else {
                    continue;
                };
                *count = if turn.begins {
                    *count + 1
                } else {
                    count.saturating_sub(1)
                };
                set(words, *row, *count > 0);
            }
            if turn.begins {
                set(&mut self.piece_can, *row, true);
            } else if self.sure_count.get(*row as usize) == Some(&0) {
                set(&mut self.piece_sure, *row, false);
            }
        }
    }
}
