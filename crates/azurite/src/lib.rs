//! For tests: Azurite, Microsoft's emulator of Azure Storage, on free ports of this machine ([`Azurite`]), and a proxy before
//! it that fails as networks and services do, by a plan with a seed ([`Proxy`]).
//!
//! No product code imports it. It needs `node`, and what `cargo xtask azurite` installs under `target/azurite`; without
//! them a test says so and passes.

mod emulator;
mod http;
mod plan;
mod proxy;

pub use emulator::{ACCOUNT, Azurite, KEY};
pub use plan::{Fault, Plan, Rates};
pub use proxy::{Passed, Proxy};
