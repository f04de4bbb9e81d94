//! What the reader as a whole does with real samples, with every known deviation, and with damage.

#![allow(
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "tests cut text and numbers that they made themselves"
)]

mod batching;
mod damage;
mod deviations;
mod hybrids;
pub(crate) mod random;
mod samples;

use crate::fuzz::{self, Kept};
use crate::report::Report;

/// Reads text as one source.
fn read(text: &str) -> (Kept, Report) {
    fuzz::any_input(text.as_bytes());
    fuzz::same_as_twin(text.as_bytes());
    fuzz::read(text.as_bytes(), 0, 1 << 16)
}

/// One column of all rows.
fn column(kept: &Kept, name: &str) -> Vec<String> {
    kept.rows()
        .iter()
        .map(|row| row[name].clone().unwrap_or_else(|| "null".into()))
        .collect()
}

fn vnet_record(fields: &str, tuples: &str) -> String {
    format!(
        r#"{{"time":"2024-03-14T10:59:41.5119837Z","flowLogVersion":4,"flowLogGUID":"g","macAddress":"6045BDBA5272","category":"FlowLogFlowEvent","flowLogResourceID":"/F","targetResourceID":"/t","operationName":"FlowLogFlowEvent"{fields},"flowRecords":{{"flows":[{{"aclID":"/Sub/NSG","flowGroups":[{{"rule":"UserRule_Allow_Web","flowTuples":[{tuples}]}}]}}]}}}}"#
    )
}

const TUPLE: &str = r#""1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,406,3,614""#;
