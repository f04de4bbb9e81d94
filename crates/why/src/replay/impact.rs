//! What becomes of a flow, and who decides it.

use std::fmt;

use model::facts::ArmId;
use nsg::{Decision, Guard, Verdict};

/// What becomes of a recorded flow under rules that are proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Impact {
    /// It is let through now, and would be turned away.
    NewlyDenied,
    /// It is turned away now, and would be let through as far as rules go. Whether it is delivered is not known.
    NewlyPermitted,
    /// It is turned away now, and would be let through here; the rules at the other end would turn it away.
    StillDenied,
    /// What becomes of it is not known.
    Indeterminate,
    /// It is let through or turned away as now.
    NotImpacted,
}

impl Impact {
    /// All, the gravest first.
    pub const ALL: [Self; 5] = [
        Self::NewlyDenied,
        Self::NewlyPermitted,
        Self::StillDenied,
        Self::Indeterminate,
        Self::NotImpacted,
    ];

    /// As it is typed and written for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewlyDenied => "newly-denied",
            Self::NewlyPermitted => "newly-permitted",
            Self::StillDenied => "still-denied",
            Self::Indeterminate => "indeterminate",
            Self::NotImpacted => "not-impacted",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.as_str() == text)
    }
}

/// Who decides about a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decider {
    /// A rule.
    Rule {
        /// Its group, or the collection that it is of.
        owner: Option<ArmId>,
        /// Its name.
        name: String,
    },
    /// No rule: nothing guards the interface in that direction, or the host's own traffic is not governed.
    Nobody,
    /// One of several rules, and it is not known which; or whether a rule decides is not known.
    Open,
    /// The rule that the log names, where what is known of the rules does not decide.
    Logged {
        /// As the column `AclGroup` has it.
        group: String,
        /// As the column `AclRule` has it.
        name: String,
    },
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule {
                owner: Some(owner),
                name,
            } => write!(f, "{}/{name}", owner.name()),
            Self::Rule { owner: None, name } => f.write_str(name),
            Self::Nobody => f.write_str("no rule"),
            Self::Open => f.write_str("not known"),
            Self::Logged { group, name } => {
                let group = group.rsplit('/').next().unwrap_or_default();
                write!(f, "{group}/{name} (as logged)")
            }
        }
    }
}

impl Decider {
    /// Of a verdict of a guard.
    #[must_use]
    pub fn of(guard: &Guard, verdict: Verdict) -> Self {
        match verdict.by.and_then(|place| guard.rule(place)) {
            Some(held) => Self::Rule {
                owner: held.owner.clone(),
                name: held.rule.name.clone(),
            },
            None if verdict.decision == Decision::NotGoverned => Self::Nobody,
            None if guard.levels().subnet.is_none() && guard.levels().interface.is_none() => Self::Nobody,
            None => Self::Open,
        }
    }
}

/// Whether a decision lets a flow through; none where it is not known.
pub(crate) const fn lets_through(decision: Decision) -> Option<bool> {
    match decision {
        Decision::Allowed | Decision::NotGoverned => Some(true),
        Decision::Denied => Some(false),
        Decision::Unknown => None,
    }
}
