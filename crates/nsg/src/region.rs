//! Sets of flows, as boxes over the kinds that a [`crate::Space`] tells apart.

/// So many boxes a set may have: beyond it the work is given up, and what was asked is not known.
const BOXES_MAX: usize = 8_192;

/// A set would be of too many boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these rules overlap in more ways than are looked at")]
pub struct TooMany;

/// A set of kinds of one part of flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(crate) fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(crate) fn unset(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    fn minus(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(crate) fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at * 64 + bit as usize)
            })
        })
    }
}

/// Protocols, sources, source ports, destinations, destination ports: all flows that are of each.
pub(crate) type Cuboid = [Bits; 5];

fn and(one: &Cuboid, other: &Cuboid) -> Option<Cuboid> {
    let meets = one.iter().zip(other).all(|(a, b)| a.meets(b));
    meets.then(|| {
        std::array::from_fn(|at| match (one.get(at), other.get(at)) {
            (Some(a), Some(b)) => a.and(b),
            _ => Bits::default(),
        })
    })
}

/// What is left of a box, as boxes that do not meet.
fn minus(one: &Cuboid, other: &Cuboid, left: &mut Vec<Cuboid>) {
    let Some(both) = and(one, other) else {
        left.push(one.clone());
        return;
    };
    let mut rest = one.clone();
    for (at, common) in both.into_iter().enumerate() {
        let Some(part) = rest.get_mut(at) else {
            return;
        };
        let outside = part.minus(&common);
        if !outside.is_none() {
            let mut piece = rest.clone();
            if let Some(part) = piece.get_mut(at) {
                *part = outside;
            }
            left.push(piece);
        }
        if let Some(part) = rest.get_mut(at) {
            *part = common;
        }
    }
}

/// A set of flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Region {
    boxes: Vec<Cuboid>,
}

impl Region {
    pub(crate) fn of(boxes: impl IntoIterator<Item = Cuboid>) -> Self {
        let held = boxes.into_iter();
        Self {
            boxes: held.filter(|one| !one.iter().any(Bits::is_none)).collect(),
        }
    }

    pub(crate) fn boxes(&self) -> &[Cuboid] {
        &self.boxes
    }

    /// True if no flow is of it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// True if some flow is of both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let meets = |one: &Cuboid, other: &Cuboid| one.iter().zip(other).all(|(a, b)| a.meets(b));
        self.boxes
            .iter()
            .any(|one| other.boxes.iter().any(|other| meets(one, other)))
    }

    /// What is of both, box by box.
    pub(crate) fn of_both<'r>(&'r self, other: &'r Self) -> impl Iterator<Item = Cuboid> + 'r {
        let held = self.boxes.iter();
        held.flat_map(|one| other.boxes.iter().filter_map(move |other| and(one, other)))
    }

    /// What is of both.
    pub fn and(&self, other: &Self) -> Result<Self, TooMany> {
        let mut boxes = Vec::new();
        for one in &self.boxes {
            boxes.extend(other.boxes.iter().filter_map(|other| and(one, other)));
            if boxes.len() > BOXES_MAX {
                return Err(TooMany);
            }
        }
        Ok(Self { boxes })
    }

    /// What is of it and not of the other.
    pub fn minus(&self, other: &Self) -> Result<Self, TooMany> {
        let mut boxes = self.boxes.clone();
        for other in &other.boxes {
            let mut left = Vec::with_capacity(boxes.len());
            for one in &boxes {
                minus(one, other, &mut left);
            }
            if left.len() > BOXES_MAX {
                return Err(TooMany);
            }
            boxes = left;
        }
        Ok(Self { boxes })
    }

    /// What is of it or of the other.
    pub fn or(&self, other: &Self) -> Result<Self, TooMany> {
        let boxes = [self.boxes.as_slice(), &other.boxes].concat();
        match boxes.len() > BOXES_MAX {
            true => Err(TooMany),
            false => Ok(Self { boxes }),
        }
    }
}
