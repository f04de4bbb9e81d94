//! Virtual machines, and whether they run.

use model::facts::{Machine, PowerState};

use crate::node::Node;

pub(crate) fn machine(node: &Node<'_>) -> Machine {
    Machine {
        interfaces: interfaces(node),
        power: power(node),
        scale_set: node.id("virtualMachineScaleSet"),
        size: node
            .get(&["hardwareProfile"])
            .and_then(|profile| profile.text(&["vmSize"]))
            .or_else(|| node.text(&["size", "vmSize"])),
        computer_name: node
            .all(&["osProfile"])
            .iter()
            .find_map(|profile| profile.text(&["computerName"]))
            .or_else(|| node.text(&["computerName"])),
    }
}

/// The first one first.
fn interfaces(node: &Node<'_>) -> Vec<model::facts::ArmId> {
    let Some(profile) = node.get(&["networkProfile"]) else {
        return node.ids("networkInterfaces");
    };
    let mut held = profile.all(&["networkInterfaces"]);
    held.sort_by_key(|interface| interface.flag(&["primary"]) != Some(true));
    held.iter().filter_map(Node::as_id).collect()
}

/// Of the plain list nothing is said; `list -d`, instance views and Resource Graph say it each in its own way.
fn power(node: &Node<'_>) -> Option<PowerState> {
    if let Some(said) = node.text(&["powerState"]) {
        return Some(state(&said));
    }
    let view = node.get(&["instanceView"]).or_else(|| {
        let extended = node.get(&["extended"])?;
        extended.get(&["instanceView"])
    })?;
    if let Some(held) = view.get(&["powerState"]) {
        let code = held.text(&["code"]).or_else(|| held.as_text())?;
        return Some(state(&code));
    }
    let statuses = view.all(&["statuses"]);
    let codes = statuses.iter().filter_map(|status| status.text(&["code"]));
    codes
        .map(|code| code.to_ascii_lowercase())
        .find(|code| code.starts_with("powerstate/"))
        .map(|code| state(&code))
}

/// `PowerState/running`, `VM running` or `running`.
fn state(text: &str) -> PowerState {
    let text = text.to_ascii_lowercase();
    let word = text.rsplit(['/', ' ']).next().unwrap_or_default();
    match word {
        "running" => PowerState::Running,
        "starting" | "creating" => PowerState::Starting,
        "stopping" => PowerState::Stopping,
        "stopped" => PowerState::Stopped,
        "deallocating" => PowerState::Deallocating,
        "deallocated" => PowerState::Deallocated,
        _ => PowerState::Unknown,
    }
}
