//! What could not be used of a document: bad input loses nothing that is good.

use std::cell::{Cell, RefCell};

/// So many problems of a document are told one by one.
const PROBLEMS_MAX: usize = 1000;

/// Something that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, such as `[3].ipConfigurations[0].privateIPAddress`; empty for the document as a whole.
    pub path: String,
    /// The resource it belongs to, if that much is known.
    pub resource: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// The problems so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: RefCell<Vec<Problem>>,
    left_out: RefCell<usize>,
    resource: RefCell<Option<String>>,
    has_lost: Cell<bool>,
    to_come: RefCell<Vec<ToCome>>,
}

/// A property that Terraform knows only after it has applied a plan.
#[derive(Clone, Debug)]
pub(crate) struct ToCome {
    /// The resource in the plan.
    pub(crate) address: String,
    /// The rule of a group that it is of; none where the resource is the rule.
    pub(crate) rule: Option<String>,
    /// Its name.
    pub(crate) property: String,
}

impl std::fmt::Display for ToCome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` of `{}` is known only after apply",
            self.property, self.address
        )
    }
}

impl Report {
    /// A resource could not be used, or does not stand here: what there is, is not all.
    pub(crate) fn lose(&self) {
        self.has_lost.set(true);
    }

    /// True unless a resource was lost.
    pub(crate) fn is_whole(&self) -> bool {
        !self.has_lost.get()
    }

    /// Of the resource that comes now these properties are known only after apply.
    pub(crate) fn to_come(&self, properties: Vec<ToCome>) {
        *self.to_come.borrow_mut() = properties;
    }

    /// Those of them that a rule has.
    pub(crate) fn to_come_of(&self, rule: &str) -> Vec<ToCome> {
        let held = self.to_come.borrow();
        let is_its = |held: &&ToCome| {
            held.rule
                .as_deref()
                .is_none_or(|held| held.eq_ignore_ascii_case(rule))
        };
        held.iter().filter(is_its).cloned().collect()
    }

    /// The first of them with one of these names.
    pub(crate) fn first_to_come(&self, names: &[&str]) -> Option<ToCome> {
        let held = self.to_come.borrow();
        held.iter()
            .find(|held| names.contains(&held.property.as_str()))
            .cloned()
    }

    /// What comes now is of this resource.
    pub(crate) fn resource(&self, name: Option<String>) {
        *self.resource.borrow_mut() = name;
    }

    pub(crate) fn add(&self, path: &str, message: &str) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() >= PROBLEMS_MAX {
            *self.left_out.borrow_mut() += 1;
            return;
        }
        let problem = Problem {
            path: path.to_owned(),
            resource: self.resource.borrow().clone(),
            message: message.to_owned(),
        };
        if problems.last() != Some(&problem) {
            problems.push(problem);
        }
    }

    /// Adds what may have been said before.
    pub(crate) fn add_once(&self, path: &str, message: &str) {
        let is_known = self.problems.borrow().iter().any(|problem| {
            problem.path == path && problem.message == message && problem.resource == *self.resource.borrow()
        });
        if !is_known {
            self.add(path, message);
        }
    }

    pub(crate) fn told(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        let left_out = self.left_out.into_inner();
        if left_out > 0 {
            problems.push(Problem {
                path: String::new(),
                resource: None,
                message: format!("{left_out} more problems of this document are not told one by one"),
            });
        }
        problems
    }
}
