//! Replay: what it foretells of planted rule changes, and how what is proposed is laid over what is known.

mod overlay;
mod planted;
mod world;
