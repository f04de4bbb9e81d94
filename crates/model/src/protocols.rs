//! IP protocol numbers and their IANA keywords.
//!
//! The registry is data (`data/iana-protocols.tsv`, rewritten by `scripts/refresh-iana.py`); this
//! module only looks it up. It knows nothing of ports: see [`crate::services`].

use std::sync::LazyLock;

/// IP protocol number of TCP.
pub const TCP: u8 = 6;
/// IP protocol number of UDP.
pub const UDP: u8 = 17;

static REGISTRY: &str = include_str!("../data/iana-protocols.tsv");

static KEYWORDS: LazyLock<[Option<&'static str>; 256]> = LazyLock::new(|| {
    let mut keywords = [None; 256];
    for (number, keyword, _) in rows(REGISTRY) {
        if let Some(slot) = keywords.get_mut(usize::from(number)) {
            *slot = Some(keyword);
        }
    }
    keywords
});

/// The IANA keyword of an IP protocol number, spelled as registered: `TCP`, `UDP`, `IPv6-ICMP`.
/// `None` for numbers that are unassigned or have no keyword.
#[must_use]
pub fn protocol_keyword(number: u8) -> Option<&'static str> {
    KEYWORDS.get(usize::from(number)).copied().flatten()
}

/// The IP protocol number of an IANA keyword, upper or lower case.
#[must_use]
pub fn protocol_number(keyword: &str) -> Option<u8> {
    (0..=u8::MAX)
        .find(|&number| protocol_keyword(number).is_some_and(|held| held.eq_ignore_ascii_case(keyword)))
}

/// Number, keyword and name of each row. A malformed row is passed over; a test holds that there is none.
fn rows(text: &'static str) -> impl Iterator<Item = (u8, &'static str, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((cells.next()?.parse().ok()?, cells.next()?, cells.next()?))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_spelled_as_registered() {
        for (number, keyword) in [
            (0, "HOPOPT"),
            (1, "ICMP"),
            (6, "TCP"),
            (17, "UDP"),
            (50, "ESP"),
            (58, "IPv6-ICMP"),
            (132, "SCTP"),
        ] {
            assert_eq!(protocol_keyword(number), Some(keyword));
            assert_eq!(protocol_number(keyword), Some(number));
        }
        assert_eq!(
            (protocol_keyword(TCP), protocol_keyword(UDP)),
            (Some("TCP"), Some("UDP"))
        );
    }

    #[test]
    fn numbers_without_a_keyword_have_none() {
        // 61 is "any host internal protocol", 200 unassigned, 253 experimental, 255 reserved.
        for number in [61, 200, 253, 255] {
            assert_eq!(protocol_keyword(number), None);
        }
    }

    #[test]
    fn case_does_not_matter_when_a_keyword_is_given() {
        assert_eq!(protocol_number("tcp"), Some(6));
        assert_eq!(protocol_number("ipv6-icmp"), Some(58));
        assert_eq!(protocol_number("icmpv9"), None);
        assert_eq!(protocol_number(""), None);
    }

    #[test]
    fn the_registry_is_whole_and_each_keyword_leads_back() {
        let data_lines = REGISTRY.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows(REGISTRY).count(), data_lines, "a row did not parse");
        assert!(data_lines >= 140);
        for (number, keyword, name) in rows(REGISTRY) {
            assert_eq!(
                protocol_number(keyword),
                Some(number),
                "`{keyword}` is listed twice"
            );
            assert!(!name.is_empty());
        }
    }
}
