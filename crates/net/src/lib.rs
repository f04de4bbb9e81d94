//! Everything outgoing goes through here: HTTP with retries by class of error, proxies, time-outs, and limits on what is
//! read. What is secret is kept in [`Secret`] and is never shown.
//!
//! It knows no service: what a status or a body means is its caller's to say. It follows no redirect, for a redirect with a
//! token hands the token on, and it speaks plain HTTP only with this machine and its own link.

mod client;
mod error;
mod meter;
mod place;
mod proxy;
mod request;
mod retry;
mod secret;
mod waiting;

pub use client::{Client, Settings};
pub use error::{NO_ADDRESS, NetError};
pub use meter::{Kind, Meter, Reading};
pub use place::{check, host, is_same_place};
pub use proxy::{Proxies, VARIABLES};
pub use request::{Method, Request, Response};
pub use retry::Retry;
pub use secret::Secret;
pub use waiting::Waiting;
