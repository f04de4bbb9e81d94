//! Why a flow was let through or not: what was logged of it, what rules say, whether both agree, and what would change it.

mod addition;
mod agreement;
mod balanced;
mod case;
mod change;
mod changed;
mod decider;
mod endpoint;
mod ends;
mod legs;
mod line;
mod missing;
mod named;
mod next;
mod outcome;
mod party;
mod past;
mod route;
mod time;
mod tree;
mod turned;
mod unasked;
mod way;

use std::net::IpAddr;

use nsg::Proof;
use serde::Serialize;

use model::facts::ArmId;

pub use addition::{Addition, Moved};
pub use agreement::Agreement;
pub use balanced::{Balanced, Behind, balanced};
pub use case::{Case, Coverage, Surrounding};
pub use change::{Change, Place, to_allow, to_deny, to_deny_each};
pub use decider::{Decider, Meant};
pub use endpoint::{Endpoint, EndpointError};
pub use legs::logged_at;
pub use line::{Counters, FlowKey, Line, Meaning, Sums, one_flow};
pub use party::Party;
pub use past::Past;
pub use route::{Hop, hop};
pub use tree::Branch;

/// What came of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// A rule turned it away.
    DeniedByRule,
    /// It was dropped because it was not encrypted.
    DroppedForEncryption,
    /// It was let through, and a reply came.
    AllowedAndAnswered,
    /// It was let through, and no reply came.
    AllowedAndUnanswered,
    /// It was let through, and nothing says whether a reply came.
    AllowedReplyNotReported,
    /// No flow log has it.
    NotInTheLog,
}

/// What one interface logged of the flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Vantage {
    /// The interface, if it is known.
    pub interface: Option<ArmId>,
    /// Its MAC address.
    pub mac: Option<String>,
    /// `Inbound` or `Outbound`, as it saw it.
    pub direction: String,
    /// `Allowed` or `Denied`, of the last tuple that was decided.
    pub status: String,
    /// The group that decided: its name where facts know it, else as logged.
    pub group: String,
    /// The rule as logged, without what is put before its name; empty where none is said.
    pub rule: String,
    /// What kind of rule.
    pub rule_kind: String,
    /// Which of the rules that hold there is meant.
    pub meant: Option<Meant>,
    /// Its number, where it is known.
    pub priority: Option<i32>,
    /// Encryption as logged.
    pub encryption: String,
    /// It only passed through there: neither address is this interface's own.
    pub is_hop: bool,
    /// The layout of the log.
    pub format: String,
    /// What was logged.
    pub sums: Sums,
    /// The identity of the tuple that decided.
    pub flow_id: String,
}

/// What rules say at one end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The interface.
    pub interface: ArmId,
    /// `Inbound` or `Outbound`.
    pub direction: String,
    /// The address that it is for here: behind a balancer that of the machine.
    pub destination: IpAddr,
    /// The port that it is for here.
    pub destination_port: u16,
    /// The walk.
    pub proof: Proof,
    /// What is wrong with the facts that it was judged by.
    pub problems: Vec<String>,
    /// Why more may be of `VirtualNetwork` than is known, where that matters.
    pub network_unknowns: Vec<String>,
    /// Whether the log of that interface says the same.
    pub agreement: Agreement,
}

/// How often something was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// Flows that were begun or denied, repetitions of a denial included.
    pub attempts: i64,
    /// Those that were denied.
    pub denied: i64,
}

/// How often the same was tried: same addresses, port and protocol, whatever the source port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alike {
    /// As interfaces logged that it leaves by.
    pub leaving: Tried,
    /// As interfaces logged that it comes in at.
    pub coming_in: Tried,
    /// The first tuple, in microseconds since 1970.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub first: i64,
    /// The last.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub last: i64,
}

impl Alike {
    const fn is_worth_telling(&self) -> bool {
        self.leaving.attempts > 1 || self.coming_in.attempts > 1
    }
}

/// The facts that were used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FactsUsed {
    /// Their time, in microseconds since 1970.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub taken: i64,
    /// They are of a later time than the flow.
    pub is_later: bool,
}

/// All that is to be said of a flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The flow.
    pub flow: FlowKey,
    /// When it was: the time of its first tuple, or the time that was asked about.
    #[serde(serialize_with = "crate::explain::time::iso")]
    pub at: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// The same in a sentence or two.
    pub says: String,
    /// Who opened it.
    pub source: Party,
    /// To whom.
    pub destination: Party,
    /// The service that usually answers at the port.
    pub service: String,
    /// What kind of traffic it is, as Traffic Analytics calls it.
    pub flow_type: String,
    /// What a load balancer does with it, where one answers at the address that was asked about.
    pub balanced: Option<Balanced>,
    /// Who logged it.
    pub vantages: Vec<Vantage>,
    /// What rules say, where it leaves and where it comes in.
    pub judged: Vec<Judged>,
    /// How often the same was tried.
    pub alike: Option<Alike>,
    /// What to look at, the likeliest first.
    pub next: Vec<String>,
    /// What would turn the decision around.
    pub change: Option<Change>,
    /// By which facts.
    pub facts: Option<FactsUsed>,
    /// Ends of ours whose rules were not asked, and what is known of them all the same.
    pub unasked: Vec<String>,
    /// What this cannot know.
    pub blind: Vec<String>,
    /// How else it may have come to who logged it, beside the way that was asked about: no log tells.
    pub other_ways: Vec<String>,
    /// A log has what may be it.
    pub is_perhaps: bool,
}
