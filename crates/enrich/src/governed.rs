//! What governed a flow, and how sure it is who began it: both told by the row alone.

use model::services::EPHEMERAL_FROM;
use model::vocabulary::RuleKind;

/// Ports below are those of services that everybody knows.
const WELL_KNOWN: i32 = 1_024;

/// What governed a flow: `NetworkSecurityGroup`, `SecurityAdminRule`, `Platform` or `Encryption`; none where the row does
/// not say. Rules of network security groups may have no kind in their own logs.
#[must_use]
pub const fn traffic_category(kind: RuleKind, is_nsg_log: bool) -> Option<&'static str> {
    match kind {
        RuleKind::User | RuleKind::Default => Some("NetworkSecurityGroup"),
        RuleKind::Admin => Some("SecurityAdminRule"),
        RuleKind::Platform => Some("Platform"),
        RuleKind::Unspecified => Some("Encryption"),
        RuleKind::Unknown if is_nsg_log => Some("NetworkSecurityGroup"),
        RuleKind::Unknown => None,
    }
}

/// How sure it is that the source of a row began its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// As logged.
    Logged,
    /// A reply that came when its flow was forgotten: the destination began.
    LikelyReversed,
    /// The platform's own, or what it let through without a rule: replies among them.
    Platform,
}

impl Initiator {
    /// What a row's rule and ports say.
    #[must_use]
    pub fn of(kind: RuleKind, source_port: Option<i32>, destination_port: Option<i32>) -> Self {
        if kind == RuleKind::Platform {
            return Self::Platform;
        }
        match (source_port, destination_port) {
            (Some(1..WELL_KNOWN), Some(port)) if port >= i32::from(EPHEMERAL_FROM) => Self::LikelyReversed,
            _ => Self::Logged,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logged => "Logged",
            Self::LikelyReversed => "LikelyReversed",
            Self::Platform => "Platform",
        }
    }

    /// Why.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Logged => "the record says so, and its ports do not speak against it",
            Self::LikelyReversed => {
                "from a well-known port to one that is lent to callers, as a late reply is"
            }
            Self::Platform => "the platform decided, which also lets replies through without a rule",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_rules_tell_who_began() {
        for (kind, source, destination, expected) in [
            (RuleKind::User, Some(50_000), Some(443), Initiator::Logged),
            (RuleKind::User, Some(443), Some(50_000), Initiator::LikelyReversed),
            (
                RuleKind::Default,
                Some(53),
                Some(32_768),
                Initiator::LikelyReversed,
            ),
            (RuleKind::Default, Some(123), Some(123), Initiator::Logged),
            (RuleKind::Default, Some(1_024), Some(50_000), Initiator::Logged),
            (RuleKind::Default, Some(0), Some(50_000), Initiator::Logged),
            (RuleKind::Default, None, Some(50_000), Initiator::Logged),
            (RuleKind::Platform, Some(443), Some(50_000), Initiator::Platform),
        ] {
            assert_eq!(
                Initiator::of(kind, source, destination),
                expected,
                "{source:?} {destination:?}"
            );
        }
    }

    #[test]
    fn what_governs_is_told_by_the_rule() {
        assert_eq!(traffic_category(RuleKind::Unspecified, false), Some("Encryption"));
        assert_eq!(
            traffic_category(RuleKind::Unknown, true),
            Some("NetworkSecurityGroup")
        );
        assert_eq!(traffic_category(RuleKind::Unknown, false), None);
    }
}
