//! Addresses of network interfaces on their wire.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The address of an interface, `00-0D-3A-98-82-CE`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mac([u8; 6]);

impl Mac {
    /// Reads twelve hex digits, with dashes, colons, dots or nothing between them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .trim()
            .chars()
            .filter(|digit| !matches!(digit, '-' | ':' | '.'))
            .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let mut bytes = [0; 6];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            if let [high, low] = pair {
                *byte = high << 4 | low;
            }
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("-")?;
            }
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({self})")
    }
}

impl TryFrom<String> for Mac {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not the address of an interface"))
    }
}

impl From<Mac> for String {
    fn from(mac: Mac) -> Self {
        mac.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for text in [
            "000D3A9882CE",
            "00-0D-3A-98-82-CE",
            "00:0d:3a:98:82:ce",
            "000d.3a98.82ce",
        ] {
            assert_eq!(
                Mac::parse(text).unwrap().to_string(),
                "00-0D-3A-98-82-CE",
                "{text}"
            );
        }
        for text in ["", "000D3A9882C", "000D3A9882CEF", "000D3A9882CG", "é00D3A9882CE"] {
            assert_eq!(Mac::parse(text), None, "{text}");
        }
    }
}
