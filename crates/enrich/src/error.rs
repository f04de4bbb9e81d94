//! What can be wrong with a database of addresses.

/// Why a database cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// It is cut off or is something else.
    #[error("it is no whole MaxMind DB file: {reason}")]
    Unreadable {
        /// What is wrong, as the reader of the format says it.
        reason: String,
    },
    /// Something in it is not as it should be.
    #[error("it is a damaged `{kind}`: {reason}")]
    Damaged {
        /// What it calls itself.
        kind: String,
        /// What is wrong, as the reader of the format says it.
        reason: String,
    },
    /// It says something else of addresses.
    #[error("it is a `{kind}`, which says neither countries nor autonomous systems")]
    OtherKind {
        /// What it calls itself.
        kind: String,
    },
    /// Facts name it, and it is not to be had.
    #[error("the database `{kind}` (`{file}`), which the facts name, cannot be read: {reason}")]
    Missing {
        /// What it calls itself.
        kind: String,
        /// The file it came from.
        file: String,
        /// Why not.
        reason: String,
    },
}

impl DatabaseError {
    /// What to do next.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Damaged { .. } => {
                "download it again, and compare its size or checksum with the maker's"
            }
            Self::OtherKind { .. } => {
                "take a country, city or ASN edition, such as GeoLite2-Country.mmdb or dbip-asn-lite.mmdb"
            }
            Self::Missing { .. } => "load the file again with `flowglass facts load`",
        }
    }
}
