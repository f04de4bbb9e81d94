//! Address prefixes as people write them.

use std::net::IpAddr;

use ipnet::IpNet;

/// An address or a prefix; bits behind the prefix's length do not count.
#[must_use]
pub fn prefix(text: &str) -> Option<IpNet> {
    let text = text.trim();
    if let Ok(prefix) = text.parse::<IpNet>() {
        return Some(prefix.trunc());
    }
    text.parse::<IpAddr>().ok().map(IpNet::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_prefixes_too() {
        for (text, read) in [
            ("10.1.2.3/16", "10.1.0.0/16"),
            (" 10.1.2.3 ", "10.1.2.3/32"),
            ("2603:1020::7", "2603:1020::7/128"),
        ] {
            assert_eq!(
                prefix(text).map(|prefix| prefix.to_string()).as_deref(),
                Some(read),
                "{text}"
            );
        }
        assert_eq!(prefix("10.1.2.3/33"), None);
        assert_eq!(prefix("Internet"), None);
    }
}
