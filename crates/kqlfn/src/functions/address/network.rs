//! Addresses and networks of both versions of IP in one form: those of version 4 as version 6 maps them, under
//! `::ffff:0:0/96`, so that all compare with one another.

use std::net::Ipv6Addr;

/// The bits in front of an address of version 4.
const MAPPED: u128 = 0xffff << 32;
const BITS: u32 = 128;
const BITS_OF_VERSION_4: u32 = 32;

/// An address and how many of its first bits count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Network {
    address: u128,
    prefix: u32,
}

/// Which addresses a function takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    /// Those of version 4.
    Four,
    /// Those of version 6, and of version 4 too.
    Six,
}

impl Version {
    /// Reads an address, with a prefix or without.
    pub(super) fn read(self, text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(digits(prefix, 3)?)),
            None => (text, None),
        };
        if let Some(octets) = octets(address) {
            let prefix = prefix.unwrap_or(BITS_OF_VERSION_4);
            return (prefix <= BITS_OF_VERSION_4).then(|| Network::version_4(octets, prefix));
        }
        if self == Self::Four {
            return None;
        }
        let parsed: Ipv6Addr = address.parse().ok()?;
        let prefix = match prefix {
            // What is written with points has its prefix counted as version 4 counts.
            Some(prefix) if address.contains('.') && prefix <= BITS_OF_VERSION_4 => {
                prefix + BITS - BITS_OF_VERSION_4
            }
            Some(prefix) => prefix,
            None => BITS,
        };
        (prefix <= BITS).then(|| Network {
            address: u128::from(parsed),
            prefix,
        })
    }

    /// Reads an address that is to be compared: `::1.2.3.4`, an older way to write version 4, is taken as such.
    pub(super) fn read_to_compare(self, text: &str) -> Option<Network> {
        let mut network = self.read(text)?;
        if network.address >> BITS_OF_VERSION_4 == 0 && text.contains('.') {
            network.address |= MAPPED;
        }
        Some(network)
    }

    /// A prefix that was given as a number; none if there is no such prefix.
    pub(super) fn prefix(self, bits: i64) -> Option<u32> {
        let bits = u32::try_from(bits).ok()?;
        match self {
            Self::Four => (bits <= BITS_OF_VERSION_4).then_some(bits + BITS - BITS_OF_VERSION_4),
            Self::Six => (bits <= BITS).then_some(bits),
        }
    }
}

impl Network {
    fn version_4(octets: [u8; 4], prefix: u32) -> Self {
        Self {
            address: MAPPED | u128::from(u32::from_be_bytes(octets)),
            prefix: prefix + BITS - BITS_OF_VERSION_4,
        }
    }

    /// The address of version 4 with a number.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        Some(Self::version_4(number.to_be_bytes(), BITS_OF_VERSION_4))
    }

    /// The same address, of which no more bits count than so many.
    pub(super) fn within(self, prefix: u32) -> Self {
        Self {
            prefix: self.prefix.min(prefix),
            ..self
        }
    }

    /// How many bits count.
    pub(super) const fn prefix(self) -> u32 {
        self.prefix
    }

    /// How many bits count, of an address of version 4.
    pub(super) const fn prefix_of_version_4(self) -> u32 {
        self.prefix.saturating_sub(BITS - BITS_OF_VERSION_4)
    }

    /// The bits that do not count.
    fn rest(self) -> u128 {
        u128::MAX.checked_shr(self.prefix).unwrap_or(0)
    }

    /// The first address that has the bits that count.
    pub(super) fn first(self) -> u128 {
        self.address & !self.rest()
    }

    /// The last one.
    pub(super) fn last(self) -> u128 {
        self.address | self.rest()
    }

    /// The first address as a number of version 4.
    pub(super) fn number(self) -> i64 {
        i64::try_from(self.first() & u128::from(u32::MAX)).unwrap_or_default()
    }

    /// The first address as version 4 writes it.
    pub(super) fn text_of_version_4(self) -> String {
        let number = u32::try_from(self.first() & u128::from(u32::MAX)).unwrap_or_default();
        std::net::Ipv4Addr::from(number).to_string()
    }

    /// The first address as version 6 writes it, with all its zeros.
    pub(super) fn text(self) -> String {
        let groups: Vec<String> = Ipv6Addr::from(self.first())
            .segments()
            .iter()
            .map(|segment| format!("{segment:04x}"))
            .collect();
        groups.join(":")
    }
}

/// A number of so many digits at most.
pub(super) fn digits(text: &str, most: usize) -> Option<u32> {
    let all_digits = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().ok()).flatten()
}

/// The four bytes of an address of version 4.
pub(super) fn octets(text: &str) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = u8::try_from(digits(parts.next()?, 3)?).ok()?;
    }
    parts.next().is_none().then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            "1.2.3.-4",
            "1.2.3.4/",
            "1.2.3.4/33",
            "1.2.3.4/+8",
            " 1.2.3.4",
            "1.2.3.4/8/8",
            "::1/129",
            ":::",
            "1:2:3:4:5:6:7:8:9",
            "g::",
            "a.b.c.d",
            "1.2.3.٤",
        ] {
            assert_eq!(Version::Six.read(text), None, "{text}");
        }
        assert_eq!(Version::Four.read("::1"), None);
        assert_eq!(Version::Four.prefix(33), None);
        assert_eq!(Version::Six.prefix(-1), None);
    }

    #[test]
    fn a_network_begins_and_ends_with_its_prefix() {
        for (text, first, last) in [
            ("10.1.2.3/8", "10.0.0.0", "10.255.255.255"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.3"),
            ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
            ("fe80::1/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("::ffff:10.1.2.3/24", "10.1.2.0", "10.1.2.255"),
        ] {
            let network = Version::Six.read(text);
            let bits = |text| Version::Six.read(text).map(Network::first);
            assert_eq!(network.map(Network::first), bits(first), "{text}");
            assert_eq!(network.map(Network::last), bits(last), "{text}");
        }
    }
}
