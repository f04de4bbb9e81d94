//! Why: what rules did to flows that were logged, what other rules would do to them, and what should be changed about them.
//!
//! Pure: facts and rows of flows in, explanations out. Nothing here reads a table, a file or a clock. What is not known stays
//! unknown: no verdict is made up.

mod coverage;
pub mod explain;
mod guards;
mod hygiene;
pub mod learn;
mod logged;
pub mod replay;
mod tighten;
mod usage;
mod written;

pub use coverage::{Coverage, Hours};
pub use guards::{Guards, Reporter};
pub use hygiene::{Finding, FindingKind, Loss, MANAGEMENT_PORTS, RuleList, hygiene};
pub use logged::{LoggedFlow, Sums};
pub use tighten::{
    Fate, Learner, Margin, Newly, NewlyKey, Proposal, Proposed, TightenError, Trial, Widening, learner,
    widens,
};
pub use usage::{Observed, RuleId, RuleUse, Usage, count_ports, observed, unused};
pub use written::{Form, written};
