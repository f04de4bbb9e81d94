//! `extend`: columns behind those that are there, or in their places.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Item, identity, project_step};
use crate::binder::Binder;
use crate::binder::naming::FreeNames;
use crate::bound::{Named, Rows, Scalar, ScalarKind, Step, StepKind};
use crate::span::Span;
use crate::syntax::Expr;

/// So many parts of an item are looked at before it gets a step of its own.
const PARTS_MAX: usize = 1_000;

impl Binder<'_> {
    pub(in crate::binder) fn extend(
        &mut self,
        rows: &mut Rows,
        expressions: &[Expr],
        span: Span,
    ) -> Option<()> {
        let items = self.items(expressions)?;
        let (mut outputs, span) = extendable(rows, &items, span);
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        for (at, output) in outputs.iter().enumerate() {
            places.entry(output.name.clone()).or_insert(at);
        }
        let mut free = FreeNames::default();
        let mut given_here: HashSet<String> = HashSet::new();
        let mut came_here: HashSet<String> = HashSet::new();
        for item in items {
            let is_given = item.given.is_some();
            let name = match item.given.or(item.suggested) {
                // What came out of a call before stays, and this one gets a number.
                Some(name) if !is_given && item.is_of_several && !came_here.insert(name.clone()) => {
                    free.behind(&name, &places)
                }
                Some(name) => name,
                None => free.behind("Column", &places),
            };
            if is_given && !given_here.insert(name.clone()) {
                return self.declared_twice(&name, item.span);
            }
            // A column of that name keeps its place and gets the new value.
            match places.get(name.as_str()).and_then(|at| outputs.get_mut(*at)) {
                Some(output) => output.value = item.value,
                None => {
                    let name: Arc<str> = name.into();
                    places.insert(name.clone(), outputs.len());
                    outputs.push(Named {
                        name,
                        value: item.value,
                    });
                }
            }
        }
        project_step(rows, outputs, span);
        Some(())
    }
}

/// The columns that an `extend` adds to. Where the step before it makes columns too, and what is added reads none of
/// these, they are made by one step: many `extend` in a row then do not hold all columns once for each.
fn extendable(rows: &mut Rows, items: &[Item], span: Span) -> (Vec<Named>, Span) {
    let joins = match rows.steps.last().map(|step| &step.kind) {
        Some(StepKind::Project(outputs)) if !rows.is_open => {
            let mut left = PARTS_MAX;
            items
                .iter()
                .all(|item| reads_as_they_were(&item.value, outputs, &mut left))
        }
        _ => false,
    };
    let last = if joins { rows.steps.pop() } else { None };
    match last {
        Some(Step {
            kind: StepKind::Project(outputs),
            span: before,
            ..
        }) => (outputs, before.to(span)),
        other => {
            rows.steps.extend(other);
            (identity(rows.columns(), span), span)
        }
    }
}

/// True if an expression reads only columns that a step hands on at their places.
fn reads_as_they_were(value: &Scalar, outputs: &[Named], left: &mut usize) -> bool {
    let Some(fewer) = left.checked_sub(1) else {
        return false;
    };
    *left = fewer;
    match &value.kind {
        ScalarKind::Column(at) => outputs
            .get(*at)
            .is_some_and(|output| output.value.kind == ScalarKind::Column(*at)),
        // What looks at other rows may be computed elsewhere, and stays a step of its own.
        ScalarKind::PackAll(_) | ScalarKind::StepColumn(..) | ScalarKind::Window(..) => false,
        _ => value
            .parts()
            .into_iter()
            .all(|part| reads_as_they_were(part, outputs, left)),
    }
}

#[cfg(test)]
mod tests {
    use crate::bound::{Column, Rows, StepKind};
    use crate::{Catalog, FunctionDeclaration, ScalarType};

    struct Tables;

    impl Catalog for Tables {
        fn table(&self, name: &str) -> Option<Vec<Column>> {
            (name == "T").then(|| vec![Column::new("a", ScalarType::Long)])
        }

        fn table_names(&self) -> Vec<String> {
            vec!["T".to_owned()]
        }

        fn function(&self, _: &str) -> Option<&FunctionDeclaration> {
            None
        }

        fn function_names(&self) -> Vec<&'static str> {
            Vec::new()
        }

        fn now(&self) -> i64 {
            0
        }
    }

    fn bound(text: &str) -> Option<Rows> {
        let (query, mut told) = crate::parse(text);
        let (bound, more) = crate::bind(&query, text, &Tables, &[]);
        told.extend(more);
        assert_eq!(told, [], "{text}");
        bound.answers.into_iter().next().map(|answer| answer.rows)
    }

    /// How many columns the steps hold together.
    fn held(rows: &Rows) -> usize {
        let columns = rows.steps.iter().map(|step| match &step.kind {
            StepKind::Project(outputs) => outputs.len(),
            _ => 0,
        });
        columns.sum()
    }

    #[test]
    fn what_reads_nothing_new_is_made_by_the_step_before() {
        for (text, steps) in [
            ("T | extend b = a | extend c = a + 1 | extend d = 2", 1),
            ("T | extend b = a | extend c = b", 2),
            ("T | extend a = a + 1 | extend b = 1", 1),
            ("T | extend a = a + 1 | extend b = a", 2),
            ("T | extend b = 1 | where b > 0 | extend c = a", 3),
            ("T | project a, b = a | extend c = a", 1),
            ("T | project b = a, a | extend c = a", 2),
            ("T | extend b = 1 | extend p = pack_all()", 2),
            ("T | serialize | extend b = 1 | extend p = prev(a)", 2),
            ("T | extend b = 1 | extend a = 2 | extend b = 3", 1),
        ] {
            assert_eq!(bound(text).map(|rows| rows.steps.len()), Some(steps), "{text}");
        }
    }

    #[test]
    fn many_hold_their_columns_once() {
        let many: String = (0..1_000)
            .map(|at| format!("| extend c{at} = a + {at} "))
            .collect();
        let rows = bound(&format!("T {many}"));
        assert_eq!(rows.as_ref().map(held), Some(1_001));
        assert_eq!(rows.map(|rows| rows.columns().len()), Some(1_001));
    }
}
