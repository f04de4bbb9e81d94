//! Look-ups over facts: which machine reported, who the other end is as seen from its network, what kind of traffic it is.
//!
//! An address is not an identity. The reporting side is known by its MAC address; the other side by its address within the
//! reporting network, its peers and what its gateways lead to. Two candidates give both, and are never guessed between.
//! Pure: facts in, answers out; the time is an argument.

mod assets;
mod database;
mod difference;
mod ends;
mod error;
mod flow_type;
mod governed;
mod index;
mod origin;
mod parts;
mod repeated;
mod seen;
mod spoken;
mod tags;
mod threats;
mod timeline;

pub use assets::{AssetRow, RuleRow};
pub use database::Database;
pub use difference::{Change, Part as ChangedPart, difference};
pub use ends::{End, Ends, Talk};
pub use error::DatabaseError;
pub use flow_type::FlowType;
pub use governed::{Initiator, traffic_category};
pub use index::Index;
pub use origin::{Databases, Library, Origin, Origins};
pub use repeated::Repeated;
pub use seen::{Holder, HolderKind, Known, Place, Seen};
pub use spoken::Spoken;
pub use tags::Tags;
pub use threats::{Threat, Threats};
pub use timeline::{Held, Part, Snapshot, Timeline};
