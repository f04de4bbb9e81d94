//! `traffic_category`, `initiator_confidence` and `initiator_reason`: what governed a flow, and who began it.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::{Result, exec_err};
use enrich::{Initiator, traffic_category};
use model::vocabulary::RuleKind;

use super::{FunctionPage, Own};

pub(super) const TRAFFIC_CATEGORY: Own = Own {
    page: FunctionPage {
        name: "traffic_category",
        signature: "traffic_category(rule_kind text, log_format text) -> text",
        description: "What governed a flow, from the kind of its rule and the format of its log: `NetworkSecurityGroup`, `SecurityAdminRule`, `Platform` or `Encryption`. Null where that is not said.",
        example: "traffic_category('UserRule', 'vnet-4')",
        gives: "NetworkSecurityGroup",
    },
    accepts: &[&[DataType::Utf8View, DataType::Utf8View]],
    kernel: category,
};

pub(super) const INITIATOR_CONFIDENCE: Own = Own {
    page: FunctionPage {
        name: "initiator_confidence",
        signature: "initiator_confidence(rule_kind text, source_port int, destination_port int) -> text",
        description: "How sure it is that the source of a row began its flow: `Logged`, `LikelyReversed` (as a late reply is) or `Platform`.",
        example: "initiator_confidence('UserRule', 443, 50000)",
        gives: "LikelyReversed",
    },
    accepts: INITIATOR,
    kernel: |columns| initiator(columns, Initiator::as_str),
};

pub(super) const INITIATOR_REASON: Own = Own {
    page: FunctionPage {
        name: "initiator_reason",
        signature: "initiator_reason(rule_kind text, source_port int, destination_port int) -> text",
        description: "Why `initiator_confidence` says what it says.",
        example: "initiator_reason('UserRule', 443, 50000)",
        gives: "from a well-known port to one that is lent to callers, as a late reply is",
    },
    accepts: INITIATOR,
    kernel: |columns| initiator(columns, Initiator::reason),
};

const INITIATOR: &[&[DataType]] = &[
    &[DataType::Utf8View, DataType::Int32, DataType::Int32],
    &[DataType::Utf8View, DataType::Int64, DataType::Int64],
];

fn kind(text: Option<&str>) -> RuleKind {
    text.and_then(RuleKind::from_text).unwrap_or(RuleKind::Unknown)
}

fn category(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let [kinds, formats] = columns else {
        return exec_err!("`traffic_category` takes two arguments");
    };
    let mut categories = StringViewBuilder::with_capacity(kinds.len());
    for (rule, format) in kinds.as_string_view().iter().zip(formats.as_string_view()) {
        let is_nsg = format.is_some_and(|format| format.starts_with("nsg-"));
        categories.append_option(traffic_category(kind(rule), is_nsg));
    }
    Ok(Arc::new(categories.finish()))
}

fn initiator(columns: &[ArrayRef], word: fn(Initiator) -> &'static str) -> Result<ArrayRef> {
    let [kinds, sources, destinations] = columns else {
        return exec_err!("who began is told by three arguments");
    };
    let sources = cast(sources, &DataType::Int32)?;
    let destinations = cast(destinations, &DataType::Int32)?;
    let ports = sources
        .as_primitive::<Int32Type>()
        .iter()
        .zip(destinations.as_primitive::<Int32Type>());
    let mut words = StringViewBuilder::with_capacity(kinds.len());
    for (rule, (source, destination)) in kinds.as_string_view().iter().zip(ports) {
        words.append_value(word(Initiator::of(kind(rule), source, destination)));
    }
    Ok(Arc::new(words.finish()))
}
