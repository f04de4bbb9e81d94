//! Facts over time, of which those of the last time that was asked for are kept ready.

use std::cell::RefCell;
use std::rc::Rc;

use enrich::{Part, Timeline};

/// Of how many loads of facts, and what was known then.
type Kept = (usize, Rc<Part>);

/// Facts over time.
#[derive(Debug)]
pub struct Past {
    timeline: Timeline,
    times: Vec<i64>,
    kept: RefCell<Option<Kept>>,
}

impl Past {
    /// Of a timeline.
    #[must_use]
    pub fn of(timeline: Timeline) -> Self {
        let times = timeline.times().collect();
        Self {
            timeline,
            times,
            kept: RefCell::new(None),
        }
    }

    /// What was known at a time, and whether that was known only later.
    #[must_use]
    pub fn at(&self, time: i64) -> Option<(Rc<Part>, bool)> {
        let first = self.times.first()?;
        let is_later = time < *first;
        let loads = self.times.partition_point(|taken| *taken <= time).max(1);
        let kept = self.kept.borrow().clone();
        if let Some((_, part)) = kept.filter(|(of, _)| *of == loads) {
            return Some((part, is_later));
        }
        let (part, _) = self.timeline.at(time)?;
        let part = Rc::new(part);
        *self.kept.borrow_mut() = Some((loads, Rc::clone(&part)));
        Some((part, is_later))
    }

    pub(crate) const fn timeline(&self) -> &Timeline {
        &self.timeline
    }
}
