//! What came of a flow, by what was logged of it.

use model::facts::ArmId;
use model::{FlowStatus, RuleKind};

use super::{Outcome, Vantage};

/// The first digits of a GUID, the name of an id.
pub(super) fn short_group(logged: &str) -> String {
    match ArmId::parse(logged) {
        Some(id) => id.name().to_owned(),
        None => logged.to_owned(),
    }
}

/// The outcome.
pub(super) fn outcome(vantages: &[Vantage]) -> Outcome {
    let is_denied = |vantage: &&Vantage| vantage.status == FlowStatus::Denied.as_str();
    let is_dropped = |vantage: &Vantage| {
        vantage.rule_kind == RuleKind::Unspecified.as_str() || is_drop(&vantage.encryption)
    };
    if let Some(denied) = vantages.iter().find(is_denied) {
        let is_by_rule =
            ["UserRule", "DefaultRule", "SecurityAdminRule"].contains(&denied.rule_kind.as_str());
        return match is_dropped(denied) && !is_by_rule {
            true => Outcome::DroppedForEncryption,
            false => Outcome::DeniedByRule,
        };
    }
    if vantages.is_empty() {
        return Outcome::NotInTheLog;
    }
    if vantages.iter().any(|vantage| is_drop(&vantage.encryption)) {
        return Outcome::DroppedForEncryption;
    }
    let answers: Vec<Option<bool>> = vantages
        .iter()
        .map(|vantage| vantage.sums.is_answered())
        .collect();
    if answers.contains(&Some(true)) {
        Outcome::AllowedAndAnswered
    } else if answers.contains(&Some(false)) {
        Outcome::AllowedAndUnanswered
    } else {
        Outcome::AllowedReplyNotReported
    }
}

/// True for what is logged of traffic that is dropped because it is not encrypted.
/// <https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview#encryption>
fn is_drop(encryption: &str) -> bool {
    matches!(
        encryption,
        "NX_SW_NOT_READY" | "NX_NOT_ACCEPTED" | "NX_NOT_SUPPORTED"
    )
}
