//! Nothing but the bench.
