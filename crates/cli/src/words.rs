//! Entries of a log in words. Pure: rows in, text out; nothing here reads, prints or knows a terminal
//! beyond the two marks it is handed for emphasis.

pub(crate) mod decision;
pub(crate) mod endpoint;
pub(crate) mod sentence;
