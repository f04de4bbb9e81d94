//! Numbers that look drawn, and are the same for the same seed: questions can be asked again.

/// A source of them.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Beginning with a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number (splitmix64).
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A place below a count; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let drawn = self.next().checked_rem(count as u64).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// Puts items in another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}
