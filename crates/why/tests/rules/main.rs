//! What is found about rules, how they were met, and how they are narrowed.

#![cfg(test)]

mod hygiene;
mod small;
mod tighten;
mod usage;
