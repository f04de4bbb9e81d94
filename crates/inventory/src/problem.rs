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
