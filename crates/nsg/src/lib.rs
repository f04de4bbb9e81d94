//! Rules of network security groups, and what they say of a flow: a verdict, its proof, and what is not known.
//!
//! Pure: facts in, answers out. [`Guard::of`] puts together what holds at an interface; [`Guard::judge`] answers millions of flows a
//! second by bits, [`Guard::prove`] walks the rules one by one and says why. Both must agree. What is not known never becomes allowed or
//! denied: a verdict is `Unknown` unless all that is unknown could not change it.
//! <https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works>

mod comparison;
mod estate;
mod guard;
mod index;
mod judge;
mod kinds;
mod labels;
mod lane;
mod level;
mod levels;
mod matching;
mod members;
mod outcome;
mod path;
mod problem;
mod proof;
mod prove;
mod ranges;
mod reach;
mod region;
mod space;
mod surroundings;
mod verdict;

pub use comparison::{Comparison, Ends};
pub use estate::Estate;
pub use guard::Guard;
pub use level::{HeldRule, Level, Levels, default_rules};
pub use path::{LevelMet, Met, Path};
pub use problem::{GuardError, Problem};
pub use proof::{Because, LevelEnd, LevelProof, PartProof, Proof, Step};
pub use ranges::State;
pub use region::{Region, TooMany};
pub use space::{Fit, RuleSpace, Space};
pub use surroundings::Surroundings;
pub use verdict::{Decision, Flow, LevelKind, RulePlace, Verdict};
