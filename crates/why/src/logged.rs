//! What was logged, put together: lines of one interface that differ in nothing that rules look at.

use std::ops::AddAssign;

use model::RuleKind;
use model::facts::Mac;
use nsg::Flow;

/// What lines come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Lines.
    pub lines: u64,
    /// Lines in which a flow begins or is denied.
    pub attempts: u64,
    /// Packets from who began it.
    pub packets_sent: u64,
    /// Packets back.
    pub packets_received: u64,
    /// Bytes from who began it, headers included.
    pub bytes_sent: u64,
    /// Bytes back.
    pub bytes_received: u64,
    /// When the first and the last line were, in microseconds since 1970; none without lines.
    pub times: Option<(i64, i64)>,
}

impl Sums {
    /// Bytes both ways.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes_sent.saturating_add(self.bytes_received)
    }
}

impl AddAssign<&Self> for Sums {
    fn add_assign(&mut self, other: &Self) {
        for (held, more) in [
            (&mut self.lines, other.lines),
            (&mut self.attempts, other.attempts),
            (&mut self.packets_sent, other.packets_sent),
            (&mut self.packets_received, other.packets_received),
            (&mut self.bytes_sent, other.bytes_sent),
            (&mut self.bytes_received, other.bytes_received),
        ] {
            *held = held.saturating_add(more);
        }
        self.times = match (self.times, other.times) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (held, more) => held.or(more),
        };
    }
}

/// A key of recorded flows, and what its lines come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedFlow<'l> {
    /// The interface that reported it, where the record says it.
    pub mac: Option<Mac>,
    /// The flow. Its source port is 0 where that was not asked for: see [`LoggedFlow::has_source_port`].
    pub flow: Flow,
    /// The source port was asked for and logged.
    pub has_source_port: bool,
    /// It was let through.
    pub is_allowed: bool,
    /// What kind of rule the log names.
    pub rule_kind: RuleKind,
    /// The rule as the column `AclRule` has it: lower case, no prefix; empty where the log names none.
    pub rule: &'l str,
    /// The group as the column `AclGroup` has it; empty where the log names none.
    pub group: &'l str,
    /// What the lines come to.
    pub sums: Sums,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_and_times_widen() {
        let of = |lines, bytes_sent, times| Sums {
            lines,
            bytes_sent,
            times,
            ..Sums::default()
        };
        let mut sums = Sums::default();
        sums += &of(1, 10, Some((5, 7)));
        sums += &of(2, u64::MAX, Some((3, 6)));
        sums += &Sums::default();
        assert_eq!(sums, of(3, u64::MAX, Some((3, 7))));
        assert_eq!(sums.bytes(), u64::MAX);
    }
}
