//! Azure's web APIs, over `net`: who asks ([`Identity`]), also with secrets that are kept in files and vaults, where ([`Cloud`]), what Azure Resource Manager lists ([`Arm`]),
//! everything that it lists of networks ([`pull`]), and blobs and queues ([`storage`]).
//!
//! It prints nothing, reads no variable by itself, and does not say what a list means: bodies go on as they came.

mod arm;
mod cloud;
mod error;
mod identity;
mod kept;
mod pull;
pub mod storage;
mod token;
mod vault;

pub use arm::{Arm, Listing};
pub use cloud::{Cloud, NAMES as CLOUDS};
pub use error::AzureError;
pub use identity::{Choice, Identity, Method, VARIABLES};
pub use kept::{SECRETS, refers_to_vault};
pub use pull::{Document, Pulled, Seen, Subscription, Wanted, plan, pull};
