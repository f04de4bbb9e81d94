//! Address prefixes, compared bit by bit.
//!
//! Slow and obvious on purpose, and written without looking at the evaluator's own prefix sets: the two are compared
//! with each other in tests, and a shared trick would only prove that they agree with themselves. It must not import any
//! other crate of the workspace.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and the number of its leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix {
    /// Any address of the prefix; the bits after the first `bits` do not matter.
    pub base: IpAddr,
    /// How many leading bits are compared.
    pub bits: u8,
}

impl Prefix {
    /// Reads `10.1.0.0/16`, `fd00::/8`, or a single address. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let base: IpAddr = address.parse().ok()?;
        let width = width(base);
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self { base, bits })
    }

    /// Whether the address lies in the prefix. A v4 address never lies in a v6 prefix, nor the reverse.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.base.is_ipv4() == address.is_ipv4()
            && (0..self.bits).all(|at| bit(self.base, at) == bit(address, at))
    }

    /// The address `offset` places after the beginning of the prefix.
    #[must_use]
    pub fn host(&self, offset: u64) -> IpAddr {
        let free = width(self.base) - self.bits;
        match self.base {
            IpAddr::V4(base) => {
                let mask = u32::MAX.checked_shl(u32::from(free)).unwrap_or(0);
                let low = u32::try_from(offset & u64::from(!mask)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from((u32::from(base) & mask) | low))
            }
            IpAddr::V6(base) => {
                let mask = u128::MAX.checked_shl(u32::from(free)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from(
                    (u128::from(base) & mask) | (u128::from(offset) & !mask),
                ))
            }
        }
    }

    /// How many addresses the prefix holds, at most 2^32.
    #[must_use]
    pub fn size(&self) -> u64 {
        1_u64 << u32::from(width(self.base) - self.bits).min(32)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == width(self.base) {
            write!(f, "{}", self.base)
        } else {
            write!(f, "{}/{}", self.base, self.bits)
        }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The bit at a place, counted from the left, 0 first.
fn bit(address: IpAddr, at: u8) -> bool {
    match address {
        IpAddr::V4(address) => (u32::from(address) >> (31 - u32::from(at).min(31))) & 1 == 1,
        IpAddr::V6(address) => (u128::from(address) >> (127 - u32::from(at).min(127))) & 1 == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prefix: &str, address: &str, expected: bool) {
        let prefix = Prefix::parse(prefix).unwrap();
        assert_eq!(
            prefix.contains(address.parse().unwrap()),
            expected,
            "{prefix} {address}"
        );
    }

    #[test]
    fn compares_the_leading_bits_only() {
        check("10.1.0.0/16", "10.1.255.255", true);
        check("10.1.0.0/16", "10.2.0.0", false);
        check("0.0.0.0/0", "255.1.2.3", true);
        check("10.1.0.4", "10.1.0.4", true);
        check("10.1.0.4", "10.1.0.5", false);
        check("10.0.1.0/26", "10.0.1.63", true);
        check("10.0.1.0/26", "10.0.1.64", false);
        check("fd00:10:1::/48", "fd00:10:1:1::4", true);
        check("fd00:10:1::/48", "fd00:10:2::4", false);
        check("::/0", "10.0.0.1", false);
    }

    #[test]
    fn refuses_what_is_no_prefix() {
        for text in ["", "Internet", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/x"] {
            assert_eq!(Prefix::parse(text), None, "{text}");
        }
    }

    #[test]
    fn counts_hosts_from_the_beginning() {
        let prefix = Prefix::parse("10.1.16.0/20").unwrap();
        assert_eq!(prefix.host(4).to_string(), "10.1.16.4");
        assert_eq!(prefix.host(260).to_string(), "10.1.17.4");
        assert_eq!(prefix.size(), 4096);
        assert_eq!(
            Prefix::parse("fd00:10:1:1::/64").unwrap().host(5).to_string(),
            "fd00:10:1:1::5"
        );
        assert_eq!(prefix.to_string(), "10.1.16.0/20");
    }
}
