//! Tokens, keys and passwords: kept, sent, and never shown.

use std::fmt;

/// A text that nobody but its receiver may see. It has no `Display`, and its `Debug` says only that it is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Keeps a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text itself, for its receiver only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Another's text without this one in it: servers tell what was sent to them.
    #[must_use]
    pub fn hidden_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&*self.0, "[secret]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_shown() {
        let secret = Secret::new("eyJ0.token");
        assert_eq!(format!("{secret:?} {secret:#?}"), "[secret] [secret]");
        assert_eq!(secret.expose(), "eyJ0.token");
        assert_eq!(
            secret.hidden_in("`Bearer eyJ0.token` has expired"),
            "`Bearer [secret]` has expired"
        );
        assert_eq!(Secret::new("").hidden_in("as it is"), "as it is");
    }
}
