//! Azure Storage: blobs and queues, over `net`. Where they are ([`Place`]), who asks ([`Credential`]), what is there
//! ([`Blobs`], [`Queue`]), what changed ([`events`]), and a container as a store of objects ([`Store`]).
//!
//! It holds no more than a page of a list and a piece of a blob at a time; how many of them is its caller's to say. It keeps
//! nothing that was read, and does not know what a blob means.

mod access;
mod account;
mod blobs;
mod connection;
mod credential;
mod error;
pub mod events;
mod place;
mod queue;
mod said;
mod sign;
mod store;
mod text;
mod typed;
mod xml;

pub use access::{AccountAccess, ServiceAccess};
pub use blobs::{
    Blob, BlobKind, Blobs, Block, BlockList, Condition, LeaseState, Page, Piece, Properties, Written, id_text,
};
pub use connection::{Settings, VARIABLES};
pub use credential::Credential;
pub use error::{Lack, Problem, Said, StorageError};
pub use place::{Place, Service};
pub use queue::{Message, Queue};
pub use store::Store;
pub use typed::{refuse_secret, shown};

/// The version of the service's interface that is spoken: what it adds later changes nothing here.
/// <https://learn.microsoft.com/rest/api/storageservices/previous-azure-storage-service-versions>
pub(crate) const VERSION: &str = "2023-11-03";
