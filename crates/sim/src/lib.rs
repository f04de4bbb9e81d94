//! Seeded worlds: one integer makes a company's Azure network, a day of its traffic, attacks on it, the flow logs of all of
//! that, and the ground truth of what the logs hold.
//!
//! For the demo, for tests, for benchmarks and for fault replay. Pure: it opens no files and reads no clock, environment
//! or source of randomness; bytes go out through a callback. It must not import any other crate of the workspace: what it
//! says about rules and formats is a second, independent statement that the others are compared with.
//!
//! ```
//! let spec = sim::WorldSpec { seed: 1, start_day: 20_514, hours: 1, scale: sim::Scale::Tiny };
//! let world = sim::World::generate(&spec);
//! let mut paths = Vec::new();
//! let truth = world.write(&mut |blob| paths.push(blob.path));
//! assert_eq!(truth.blobs, paths.len() as u64);
//! ```

mod big;
mod blob;
mod calendar;
mod change;
pub mod cidr;
mod exports;
mod flow;
mod hours;
mod inbox;
mod incident;
pub mod internet;
mod json;
mod layout;
pub mod mmdb;
mod policy;
pub mod prng;
pub mod rules;
mod traffic;
mod truth;
pub mod verdict;
pub mod walk;
pub mod world;

pub use big::{big_blob, big_blob_path};
pub use blob::{Blob, BlobKey};
pub use change::{ChangeKind, RuleChange};
pub use exports::Export;
pub use hours::Hours;
pub use incident::{IncidentKind, IncidentPlan};
pub use truth::{DecidedBy, Incident, NicFact, Sums, Truth, TruthKey};
pub use world::{LogFormat, Scale, World, WorldSpec};
