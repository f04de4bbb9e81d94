//! What is told, before it is words.

use enrich::Change;
use model::facts::ArmId;
use why::replay::{Impact, Replayed};

use super::changes::Changed;
use crate::recorded::{Times, Unused};

/// Something that is wrong with what is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The file; none for what only the loaded facts say.
    pub(super) file: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) path: String,
    pub(super) message: String,
}

/// A group that a list leaves out, though others of its kind and place stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Absent {
    pub(super) group: ArmId,
    /// The list.
    pub(super) file: String,
}

/// All of it.
pub(super) struct Report {
    pub(super) times: Option<Times>,
    /// Lines in these times.
    pub(super) lines: u64,
    /// Rows of Traffic Analytics, which are not replayed.
    pub(super) left_out: u64,
    /// Lines of flow logs of groups that are not counted, for flow logs of networks have the same hours.
    pub(super) twofold: u64,
    pub(super) unused: Unused,
    pub(super) replayed: Replayed,
    pub(super) problems: Vec<Wrong>,
    pub(super) changes: Vec<(ArmId, Change)>,
    /// The same in words.
    pub(super) changed: Vec<Changed>,
    pub(super) unmatched: Vec<ArmId>,
    pub(super) absent: Vec<Absent>,
    /// More changes than rules.
    pub(super) is_wide: bool,
}

impl Report {
    pub(super) fn lines_of(&self, impact: Impact) -> u64 {
        self.replayed
            .totals
            .get(&impact)
            .map_or(0, |tally| tally.sums.lines)
    }

    /// Lines that were let through, and of which it is not known whether they would be.
    pub(super) fn doubtful(&self) -> u64 {
        self.replayed.doubtful.sums.lines
    }

    pub(super) fn has(&self, impact: Impact) -> bool {
        self.lines_of(impact) > 0
    }
}
