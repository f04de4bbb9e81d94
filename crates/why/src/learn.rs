//! Learning to read flow logs: entries with what is known of them in, questions with right answers and explanations out.
//!
//! Pure: where entries come from, how questions are put and where a score is kept is the caller's. A right answer is what
//! the log says; explanations add what the rules say, where they are known and agree.

mod ask;
mod chain;
mod chance;
mod choosing;
mod counting;
mod course;
mod enabled;
mod entry;
mod fields;
mod lesson;
mod patterns;
mod question;
mod score;

pub use chance::Chance;
pub use course::{Course, Material, Round};
pub use entry::Entry;
pub use lesson::Lesson;
pub use patterns::{Extract, Pattern};
pub use question::{Choice, Question, Reply, Topic};
pub use score::{Score, Tally};
