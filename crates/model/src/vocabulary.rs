//! The closed vocabularies of the log, and how each is spelled in the table.
//!
//! Spellings in the table are those of real Traffic Analytics rows where it has the column
//! (`Inbound`, `Allowed`), and the letter Azure logs where it has none (`B`, `C`, `E`, `D`).

use std::fmt;

macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The spelling used in the table and on every page.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads the spelling used in the table; letter case does not matter.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

spelled! {
    /// Direction as the network interface that reported the flow sees it.
    Direction {
        /// Logged as `I`.
        Inbound = "Inbound",
        /// Logged as `O`.
        Outbound = "Outbound",
    }
}

spelled! {
    /// State of the flow, as logged.
    FlowState {
        /// The flow was created; counters are absent or zero.
        Begin = "B",
        /// The flow goes on; counters since the previous tuple of the flow.
        Continue = "C",
        /// The flow ended; counters since the previous tuple of the flow.
        End = "E",
        /// The flow was denied (VNet flow logs; NSG flow logs say `B` beside the decision `D`).
        Denied = "D",
    }
}

spelled! {
    /// The decision.
    FlowStatus {
        /// Let through.
        Allowed = "Allowed",
        /// Stopped.
        Denied = "Denied",
    }
}

spelled! {
    /// What kind of rule the log names.
    RuleKind {
        /// `UserRule_…`: a rule somebody wrote into an NSG.
        User = "UserRule",
        /// `DefaultRule_…`: one of the six rules every NSG ends with.
        Default = "DefaultRule",
        /// A bare name in a VNet flow log: an Azure Virtual Network Manager security admin rule.
        Admin = "SecurityAdminRule",
        /// `PlatformRule`: decided by the platform, not by a configured rule.
        Platform = "PlatformRule",
        /// `unspecified`: dropped for want of encryption.
        Unspecified = "Unspecified",
        /// A bare name in an NSG flow log (seen in 2017 blobs), or no name: kind not stated.
        Unknown = "Unknown",
    }
}

spelled! {
    /// Which log format and version the row was read from.
    LogFormat {
        /// VNet flow log, version 4.
        Vnet4 = "vnet-4",
        /// NSG flow log, version 2.
        Nsg2 = "nsg-2",
        /// NSG flow log, version 1.
        Nsg1 = "nsg-1",
        /// Traffic Analytics row of `NTANetAnalytics` (schema version 3).
        Ta3 = "ta-3",
        /// Traffic Analytics row of the older `AzureNetworkAnalytics_CL` (schema version 2).
        Ta2 = "ta-2",
        /// Flat record of no Azure format: one flow with its decision.
        Flat = "flat",
    }
}

impl LogFormat {
    /// True for the NSG flow log formats.
    #[must_use]
    pub const fn is_nsg(self) -> bool {
        matches!(self, Self::Nsg1 | Self::Nsg2)
    }

    /// True where one row stands for several flows that Traffic Analytics put together.
    #[must_use]
    pub const fn is_aggregated(self) -> bool {
        matches!(self, Self::Ta3 | Self::Ta2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back() {
        for value in RuleKind::ALL {
            assert_eq!(RuleKind::from_text(value.as_str()), Some(*value));
        }
        assert_eq!(Direction::from_text("inbound"), Some(Direction::Inbound));
        assert_eq!(FlowState::from_text("x"), None);
    }
}
