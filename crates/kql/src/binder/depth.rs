//! How deep expressions become when each column is taken for what it is made of: an engine that puts steps together makes
//! one expression of `extend y = x + 1 | extend z = y + 1`, and goes down it.

use std::collections::HashMap;

use super::NESTING_MAX;
use crate::bound::{Rows, Scalar, ScalarKind, Source, StepKind};
use crate::span::Span;

/// As deep as one chain in a name for another; a longer one has more than the stack of a query holds.
const TOGETHER_MAX: usize = 2 * NESTING_MAX;

/// How deep the columns of rows with a name are, by the address of the rows.
pub(super) type Seen = HashMap<*const Rows, Vec<usize>>;

/// How deep the columns of some rows are, or the first step whose expressions are too deep.
pub(super) fn of_columns(rows: &Rows, seen: &mut Seen) -> Result<Vec<usize>, Span> {
    let mut depths = Vec::new();
    match &rows.source {
        Source::Shared(shared) | Source::Materialized(shared) | Source::View(_, shared) => {
            let address = std::sync::Arc::as_ptr(shared);
            depths = match seen.get(&address) {
                Some(depths) => depths.clone(),
                None => of_columns(shared, seen)?,
            };
            seen.insert(address, depths.clone());
        }
        Source::Union(_, inputs) => {
            for input in inputs {
                of_columns(&input.rows, seen)?;
            }
        }
        _ => {}
    }
    let mut known = Known::default();
    for step in &rows.steps {
        known.varying.clear();
        let mut deepest = 0;
        match &step.kind {
            StepKind::Project(outputs) => {
                let heights = outputs.iter().map(|output| known.height(&output.value, &depths));
                depths = heights.map(|(height, _)| height).collect();
                deepest = depths.iter().copied().max().unwrap_or(0);
            }
            StepKind::Filter(condition) => deepest = known.height(condition, &depths).0,
            StepKind::Sort(_) | StepKind::Top(..) | StepKind::Take(_) | StepKind::Sample(_) => {}
            StepKind::Join { right, .. } => {
                of_columns(right, seen)?;
                depths.clear();
            }
            // What other steps give is made, and no expression any more.
            _ => depths.clear(),
        }
        if deepest > TOGETHER_MAX {
            return Err(step.span);
        }
    }
    Ok(depths)
}

/// What is known of expressions that stand in several places: how deep they are, and whether that hangs on columns.
#[derive(Default)]
struct Known {
    constant: HashMap<*const Scalar, usize>,
    varying: HashMap<*const Scalar, usize>,
}

impl Known {
    fn height(&mut self, scalar: &Scalar, depths: &[usize]) -> (usize, bool) {
        let address = match &scalar.kind {
            ScalarKind::Column(at) => return (depths.get(*at).copied().unwrap_or(0), true),
            ScalarKind::Shared(shared) => Some(std::sync::Arc::as_ptr(shared)),
            _ => None,
        };
        if let Some(address) = address {
            if let Some(height) = self.constant.get(&address) {
                return (*height, false);
            }
            if let Some(height) = self.varying.get(&address) {
                return (*height, true);
            }
        }
        let (mut height, mut varies) = (0, false);
        for part in scalar.parts() {
            let part = self.height(part, depths);
            height = height.max(part.0);
            varies |= part.1;
        }
        // What has no parts is as deep as a column as it is read.
        let own = usize::from(!scalar.parts().is_empty());
        if let Some(address) = address {
            let known = if varies {
                &mut self.varying
            } else {
                &mut self.constant
            };
            known.insert(address, height + own);
        }
        (height + own, varies)
    }
}
