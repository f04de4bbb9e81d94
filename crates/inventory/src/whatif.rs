//! What a deployment would do, as `az deployment group what-if --no-pretty-print` says it: the state after the deployment.
//!
//! Of each change the resource `after` it is taken, and where nothing changes (`NoChange`, `Ignore`) the one `before` it, if only
//! that stands there. What is deleted is not there afterwards: only that it is gone is noted. Potential changes and those that Azure could
//! not foresee are told.

use crate::gone::Gone;
use crate::node::Node;
use crate::resource::Found;
use crate::template::without_expressions;
use crate::unknown::reason;

/// Which resource a change is of.
const IDS: [&str; 2] = ["resourceId", "fullyQualifiedResourceId"];

/// True for the result of what-if.
pub(crate) fn is_result(node: &Node<'_>) -> bool {
    let changes = node.get(&["changes"]).filter(|changes| changes.value.is_array());
    match changes {
        Some(changes) => changes
            .parts()
            .iter()
            .any(|change| change.get(&["changeType"]).is_some()),
        None => {
            let is_empty = |node: &Node<'_>| node.list("changes").is_some();
            let inside = node.member("properties");
            node.member("status").is_some() && (is_empty(node) || inside.as_ref().is_some_and(is_empty))
        }
    }
}

pub(crate) fn take(node: &Node<'_>, found: &mut Found) {
    if let Some(error) = node.get(&["error"]) {
        let message = error.text(&["message", "code"]).unwrap_or_default();
        error.say_lost(&format!("what-if failed, and may not tell all: {message}"));
    }
    for change in node.all(&["changes"]) {
        take_change(&change, found);
    }
    let potential = node.all(&["potentialChanges"]);
    if let Some(first) = potential.first() {
        first.say_lost(&format!(
            "{} changes that may or may not come are not taken",
            potential.len()
        ));
        for change in &potential {
            open(change.get(&IDS).as_ref(), found);
        }
    }
}

/// Where a group or a rule is to be another thing, and it is not known which.
fn open(id: Option<&Node<'_>>, found: &mut Found) {
    let id = id.filter(|id| reason(&without_expressions(id.value)).is_none());
    if let Some(id) = id.and_then(Node::as_id) {
        found.open(&id);
    }
}

fn take_change(change: &Node<'_>, found: &mut Found) {
    let id = change.get(&IDS);
    let named = id.as_ref().and_then(Node::as_text);
    change.report.resource(named);
    let kind = change
        .text(&["changeType"])
        .unwrap_or_default()
        .to_ascii_lowercase();
    let held = match kind.as_str() {
        "delete" => {
            found
                .gone
                .extend(id.as_ref().and_then(Node::as_id).map(Gone::Resource));
            None
        }
        "create" | "modify" | "deploy" | "nochange" | "noeffect" | "ignore" => {
            let held = change.get(&["after"]).or_else(|| match kind.as_str() {
                "nochange" | "ignore" => change.get(&["before"]),
                _ => None,
            });
            if held.is_none() {
                change.say_lost(
                    "only that it changes is said, not how: run what-if with `--result-format FullResourcePayloads`",
                );
            }
            held
        }
        "unsupported" => {
            let why = change.text(&["unsupportedReason"]).unwrap_or_default();
            change.say_lost(&format!(
                "Azure could not foresee what becomes of this resource: {why}"
            ));
            None
        }
        other => {
            change.say_lost(&format!("`{other}` is no kind of change that is known"));
            None
        }
    };
    // What is proposed of it is not known.
    if held.is_none() && ["create", "modify", "deploy", "unsupported"].contains(&kind.as_str()) {
        open(id.as_ref(), found);
    }
    if let Some(held) = held {
        let id = id.and_then(|id| id.instead(&without_expressions(id.value)).as_id());
        let id = id.or_else(|| held.get(&["id"])?.as_id());
        match id {
            Some(id) => {
                let kind = held.text(&["type"]).filter(|kind| kind.contains('/'));
                let kind = kind.or_else(|| id.kind()).unwrap_or_default();
                let value = without_expressions(held.value);
                found.take_as(&held.instead(&value), &id, &kind);
            }
            None => change.say_lost("a change without a `resourceId`"),
        }
    }
    change.report.resource(None);
}
