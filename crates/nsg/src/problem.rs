//! What is wrong with the facts of an interface: named with resource and place, and never made up for.

use ahash::AHashSet;
use model::facts::ArmId;
use serde::Serialize;

/// Something in the facts that leaves verdicts open, or that Azure would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Problem {
    /// The resource that it is of.
    pub resource: Option<ArmId>,
    /// Where in it, such as `securityRules.allow-web`; empty for the whole of it.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// The problems of one interface, each once.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    held: Vec<Problem>,
    known: AHashSet<Problem>,
}

impl Problems {
    pub(crate) fn add(&mut self, resource: &ArmId, path: &str, message: String) {
        let problem = Problem {
            resource: Some(resource.clone()),
            path: path.to_owned(),
            message,
        };
        if self.known.insert(problem.clone()) {
            self.held.push(problem);
        }
    }

    pub(crate) fn told(self) -> Vec<Problem> {
        self.held
    }
}

/// Why there is no evaluator of an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Nothing is known of it.
    #[error(
        "the network interface `{0}` is not among the facts: load an export that has it, such as `az network nic list`"
    )]
    UnknownInterface(ArmId),
}
