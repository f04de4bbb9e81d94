//! Sets of addresses and of ports, as ranges in order that do not touch.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What ranges are made of.
pub(crate) trait Point: Copy + Ord {
    const FIRST: Self;
    const LAST: Self;
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

macro_rules! points {
    ($($kind:ty),*) => {$(
        impl Point for $kind {
            const FIRST: Self = Self::MIN;
            const LAST: Self = Self::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}

points!(u16, u32, u128);

/// A set of points.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ranges<P> {
    held: Vec<(P, P)>,
}

impl<P> Default for Ranges<P> {
    fn default() -> Self {
        Self { held: Vec::new() }
    }
}

impl<P: Point> Ranges<P> {
    pub(crate) fn all() -> Self {
        Self {
            held: vec![(P::FIRST, P::LAST)],
        }
    }

    /// Of ranges in any order; one whose end lies before its beginning is nothing.
    pub(crate) fn of(mut ranges: Vec<(P, P)>) -> Self {
        ranges.retain(|(first, last)| first <= last);
        ranges.sort_unstable();
        let mut held: Vec<(P, P)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match held.last_mut() {
                Some((_, end)) if end.next().is_none_or(|next| first <= next) => *end = last.max(*end),
                _ => held.push((first, last)),
            }
        }
        Self { held }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (P, P)> + '_ {
        self.held.iter().copied()
    }

    pub(crate) fn has(&self, point: P) -> bool {
        let behind = self.held.partition_point(|(first, _)| *first <= point);
        behind
            .checked_sub(1)
            .and_then(|at| self.held.get(at))
            .is_some_and(|(_, last)| point <= *last)
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::of(self.held.iter().chain(&other.held).copied().collect())
    }

    /// Everything else.
    pub(crate) fn complement(&self) -> Self {
        let mut held = Vec::with_capacity(self.held.len() + 1);
        let mut begin = Some(P::FIRST);
        for (first, last) in &self.held {
            if let (Some(begin), Some(end)) = (begin, first.previous())
                && begin <= end
            {
                held.push((begin, end));
            }
            begin = last.next();
        }
        held.extend(begin.map(|begin| (begin, P::LAST)));
        Self { held }
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.complement().union(other).complement()
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        self.minus(&other.complement())
    }
}

/// Which of two families an address is of, as a number.
#[derive(Clone, Copy)]
pub(crate) enum Number {
    V4(u32),
    V6(u128),
}

impl Number {
    /// An IPv4 address that is written as an IPv6 one is an IPv4 address.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::V4(u32::from(v4)),
            IpAddr::V6(v6) => v6
                .to_ipv4_mapped()
                .map_or_else(|| Self::V6(u128::from(v6)), |v4| Self::V4(u32::from(v4))),
        }
    }
}

/// A set of addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Addresses {
    pub(crate) v4: Ranges<u32>,
    pub(crate) v6: Ranges<u128>,
}

impl Addresses {
    pub(crate) fn all() -> Self {
        Self {
            v4: Ranges::all(),
            v6: Ranges::all(),
        }
    }

    pub(crate) fn of_prefixes<'p>(prefixes: impl IntoIterator<Item = &'p IpNet>) -> Self {
        let ranges = prefixes
            .into_iter()
            .map(|prefix| (prefix.network(), prefix.broadcast()));
        Self::of_ranges(ranges)
    }

    /// Of ranges; one from one family to the other is nothing.
    pub(crate) fn of_ranges(ranges: impl IntoIterator<Item = (IpAddr, IpAddr)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (first, last) in ranges {
            match (Number::of(first), Number::of(last)) {
                (Number::V4(first), Number::V4(last)) => v4.push((first, last)),
                (Number::V6(first), Number::V6(last)) => v6.push((first, last)),
                // Of all addresses of IPv6 it is the part that is written as IPv4 that an end may lie in.
                _ => {
                    if let (IpAddr::V6(first), IpAddr::V6(last)) = (first, last) {
                        v6.push((u128::from(first), u128::from(last)));
                    }
                }
            }
        }
        Self {
            v4: Ranges::of(v4),
            v6: Ranges::of(v6),
        }
    }

    pub(crate) fn of_address(address: IpAddr) -> Self {
        Self::of_ranges([(address, address)])
    }

    /// Addresses that are only used inside: RFC 1918, carrier-grade NAT, unique local.
    pub(crate) fn private() -> Self {
        let v4 = |a, b, c, d| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
        let v6 = |first, rest| IpAddr::V6(Ipv6Addr::new(first, rest, rest, rest, rest, rest, rest, rest));
        Self::of_ranges([
            (v4(10, 0, 0, 0), v4(10, 255, 255, 255)),
            (v4(100, 64, 0, 0), v4(100, 127, 255, 255)),
            (v4(172, 16, 0, 0), v4(172, 31, 255, 255)),
            (v4(192, 168, 0, 0), v4(192, 168, 255, 255)),
            (v6(0xfc00, 0), v6(0xfdff, 0xffff)),
        ])
    }

    /// Addresses that no virtual network can have: loopback, link-local, multicast and what is reserved behind it.
    pub(crate) fn never_of_networks() -> Self {
        let v4 = |a, b, c, d| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
        Self::of_ranges([
            (v4(127, 0, 0, 0), v4(127, 255, 255, 255)),
            (v4(169, 254, 0, 0), v4(169, 254, 255, 255)),
            (v4(224, 0, 0, 0), v4(239, 255, 255, 255)),
        ])
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    pub(crate) fn has(&self, address: IpAddr) -> bool {
        match Number::of(address) {
            Number::V4(v4) => self.v4.has(v4),
            Number::V6(v6) => self.v6.has(v6),
        }
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.union(&other.v4),
            v6: self.v6.union(&other.v6),
        }
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.minus(&other.v4),
            v6: self.v6.minus(&other.v6),
        }
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.and(&other.v4),
            v6: self.v6.and(&other.v6),
        }
    }

    pub(crate) fn complement(&self) -> Self {
        Self {
            v4: self.v4.complement(),
            v6: self.v6.complement(),
        }
    }
}

/// What is in a set, and what may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Membership {
    pub(crate) within: Addresses,
    /// Nothing of `within`.
    pub(crate) perhaps: Addresses,
}

impl Membership {
    pub(crate) fn new(within: Addresses, perhaps: &Addresses) -> Self {
        let perhaps = perhaps.minus(&within);
        Self { within, perhaps }
    }

    pub(crate) fn known(within: Addresses) -> Self {
        Self {
            within,
            perhaps: Addresses::default(),
        }
    }

    /// Nothing is known of it.
    pub(crate) fn unknown() -> Self {
        Self {
            within: Addresses::default(),
            perhaps: Addresses::all(),
        }
    }

    pub(crate) fn state(&self, address: IpAddr) -> State {
        if self.within.has(address) {
            State::Yes
        } else if self.perhaps.has(address) {
            State::Unknown
        } else {
            State::No
        }
    }
}

/// Whether something matches. In this order: of the parts of a rule the least holds, of alternatives the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum State {
    /// It does not.
    No,
    /// It is not known.
    Unknown,
    /// It does.
    Yes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_touch_and_overlap() {
        let held = Ranges::of(vec![(5_u16, 9), (1, 2), (3, 4), (20, 30), (25, 26), (9, 8)]);
        assert_eq!(held.iter().collect::<Vec<_>>(), [(1, 9), (20, 30)]);
        assert!(held.has(1) && held.has(9) && !held.has(10) && !held.has(0) && held.has(30));
        assert_eq!(
            held.complement().iter().collect::<Vec<_>>(),
            [(0, 0), (10, 19), (31, u16::MAX)]
        );
        assert_eq!(held.complement().complement(), held);
        assert_eq!(Ranges::<u16>::default().complement(), Ranges::all());
        assert!(Ranges::<u128>::all().complement().is_empty());
        let edge = Ranges::of(vec![(0_u16, 0), (u16::MAX, u16::MAX)]);
        assert_eq!(edge.complement().iter().collect::<Vec<_>>(), [(1, u16::MAX - 1)]);
        assert_eq!(held.minus(&edge), held);
        assert_eq!(
            held.and(&Ranges::of(vec![(2, 21)])).iter().collect::<Vec<_>>(),
            [(2, 9), (20, 21)]
        );
    }

    #[test]
    fn private_space_has_twelve_bits_of_172_16() {
        let private = Addresses::private();
        for (text, is_private) in [
            ("172.16.0.0", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("172.15.255.255", false),
            ("100.127.255.255", true),
            ("::ffff:10.0.0.1", true),
            ("fd00::1", true),
            ("fe00::", false),
        ] {
            assert_eq!(private.has(text.parse().unwrap()), is_private, "{text}");
        }
    }
}
