//! Why: what rules did to flows that were logged, what other rules would do to them, and what should be changed about them.
//!
//! Pure: facts and rows of flows in, explanations out. Nothing here reads a table, a file or a clock. What is not known stays
//! unknown: no verdict is made up.

mod change;
mod endpoint;
mod explain;
mod guards;
mod line;
mod logged;
mod past;
mod route;
mod time;

pub use change::{Addition, Change, Moved, Place, to_allow, to_deny};
pub use endpoint::{Endpoint, EndpointError};
pub use explain::{
    Agreement, Alike, Branch, Case, Coverage, Explanation, FactsUsed, Judged, Outcome, Party, Surrounding,
    Tried, Vantage,
};
pub use guards::{Guards, Reporter};
pub use line::{Counters, FlowKey, Line, Sums, one_flow};
pub use logged::{Decider, Meant};
pub use past::Past;
pub use route::{Hop, hop};
