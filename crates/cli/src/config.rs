//! Settings: as written in a flag, a variable or a file ([`raw`]), and as meant ([`settings`]).
//! Flags win over the environment, the environment over the file, the file over the default.

pub(crate) mod keys;
pub(crate) mod raw;
pub(crate) mod secrets;
pub(crate) mod settings;
