//! The world's own random numbers: splitmix64 to turn a key into a state, xoshiro256** to draw from it.
//!
//! Written out here because a seed must mean the same world for ever: the integer streams of the two published
//! algorithms never change, while the distributions of a general library may change between its versions. For the same
//! reason everything is integer arithmetic: no logarithm or power whose last bit depends on the platform.
//!
//! It must not be used for secrets, and it reads no entropy: a generator exists only for a seed and a key.

/// One step of splitmix64: a good mixer of 64 bits.
#[must_use]
pub fn splitmix64(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// What a stream of numbers is for. Each purpose has its own streams, so that adding traffic of one sort leaves all
/// other traffic of the same seed as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Purpose {
    Identifiers = 1,
    Flush = 2,
    WebClients = 3,
    HealthProbes = 4,
    PlatformDns = 5,
    DnsServer = 6,
    OutboundServices = 7,
    ConnectionPools = 8,
    Backups = 9,
    Administration = 10,
    ScannerNoise = 11,
    LateReplies = 12,
    PlatformReturns = 13,
    Monitoring = 14,
    EncryptedPeers = 15,
    Developers = 16,
    Legacy = 17,
    Incidents = 18,
    BigBlob = 19,
    Verdicts = 20,
    RuleChanges = 21,
}

/// A xoshiro256** generator.
#[derive(Clone, Debug)]
pub struct Prng {
    state: [u64; 4],
}

impl Prng {
    /// The generator of one purpose of one world; `key` says which NIC, which hour and so on.
    #[must_use]
    pub fn keyed(seed: u64, purpose: Purpose, key: &[u64]) -> Self {
        let mut mixed = splitmix64(seed) ^ splitmix64(0xF10_961A55 ^ purpose as u64);
        for part in key {
            mixed = splitmix64(mixed ^ splitmix64(*part));
        }
        let first = splitmix64(mixed);
        let second = splitmix64(first);
        let third = splitmix64(second);
        Self {
            state: [first, second, third, splitmix64(third) | 1],
        }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let c2 = c ^ a;
        let d2 = d ^ b;
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// A number in `0..bound` (0 when the bound is 0), by multiplication; the bias is far below anything counted here.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a 128-bit product shifted right by 64 fits in 64 bits"
    )]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A time or a length of time in `low..=high` milliseconds.
    pub fn millis(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::try_from(self.below(span + 1)).unwrap_or(0)
    }

    /// A port in `low..=high`.
    pub fn port(&mut self, low: u16, high: u16) -> u16 {
        u16::try_from(self.between(u64::from(low), u64::from(high))).unwrap_or(high)
    }

    /// A client's port, from the range Linux or the one Windows uses.
    pub fn ephemeral_port(&mut self) -> u16 {
        if self.per_mille(600) {
            self.port(32_768, 60_999)
        } else {
            self.port(49_152, 65_535)
        }
    }

    /// True in `chance` of 1,000 cases.
    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    /// One of the choices; `None` only when there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(choices.len()).unwrap_or(0));
        choices.get(usize::try_from(at).unwrap_or(0))
    }

    /// How many events happen when `mean_milli` thousandths are expected: spread evenly over half to one and a half of
    /// the mean, with the fraction drawn, so that a mean of 0.2 still happens in every fifth hour.
    pub fn count(&mut self, mean_milli: u64) -> u64 {
        let drawn = mean_milli / 2 + self.below(mean_milli + 1);
        drawn / 1_000 + u64::from(self.below(1_000) < drawn % 1_000)
    }

    /// A size between `low` and about `low << doublings`: every doubling is equally likely, which gives the long tail
    /// of transfer sizes without a logarithm.
    pub fn long_tail(&mut self, low: u64, doublings: u64) -> u64 {
        let shift = self.below(doublings.max(1));
        let scaled = low << shift.min(40);
        scaled + self.below(scaled)
    }

    /// A GUID in lower case.
    pub fn guid(&mut self) -> String {
        let high = self.next_u64();
        let low = self.next_u64();
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            (low >> 48) & 0x3FFF | 0x8000,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_first_values() {
        // The reference sequence of seed 0 is the mixer applied to 0, gamma, 2 * gamma ...
        assert_eq!(splitmix64(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(splitmix64(0x9E37_79B9_7F4A_7C15), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn streams_are_stable_across_versions() {
        let mut prng = Prng::keyed(1, Purpose::Identifiers, &[2, 3]);
        let drawn: Vec<u64> = (0..3).map(|_| prng.next_u64()).collect();
        let expected = [
            12_003_177_085_984_410_778,
            848_347_261_503_929_411,
            14_352_882_104_705_161_531,
        ];
        assert_eq!(drawn, expected, "a change here changes the meaning of every seed");
    }

    #[test]
    fn keys_and_purposes_give_different_streams() {
        let first = Prng::keyed(1, Purpose::WebClients, &[1]).next_u64();
        assert_ne!(first, Prng::keyed(1, Purpose::WebClients, &[2]).next_u64());
        assert_ne!(first, Prng::keyed(1, Purpose::HealthProbes, &[1]).next_u64());
        assert_ne!(first, Prng::keyed(2, Purpose::WebClients, &[1]).next_u64());
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut prng = Prng::keyed(7, Purpose::BigBlob, &[]);
        for _ in 0..2_000 {
            assert!(prng.below(10) < 10);
            assert!((3..=5).contains(&prng.between(3, 5)));
            assert!((-5..=5).contains(&prng.millis(-5, 5)));
            assert!(prng.ephemeral_port() >= 32_768);
            assert!((100..100 << 5).contains(&prng.long_tail(100, 4)));
        }
        assert_eq!(prng.below(0), 0);
        assert!(prng.pick::<u8>(&[]).is_none());
    }

    #[test]
    fn small_means_still_happen() {
        let mut prng = Prng::keyed(7, Purpose::BigBlob, &[1]);
        let total: u64 = (0..10_000).map(|_| prng.count(200)).sum();
        assert!((1_800..2_200).contains(&total), "{total}");
    }
}
