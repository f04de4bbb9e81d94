//! Scalars with names: whether they hold for all rows, and what is one wherever it stands.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::scope::Meaning;
use super::{Binder, NESTING_MAX, SIZE_MAX};
use crate::bound::{Scalar, ScalarKind};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Function, Literal};

/// What is known of what stands in several places, by its address. It is held, so that nothing else gets that address.
#[derive(Default)]
pub(super) struct Constants {
    /// Scalars with names.
    named: HashMap<*const Scalar, (Arc<Scalar>, Facts)>,
    /// What functions without parameters give, and how many names stand behind it.
    given: HashMap<*const Function, (Rc<Function>, Arc<Scalar>, usize)>,
    /// Whether functions give rows.
    pub(super) tabular: RefCell<HashMap<*const Function, (Rc<Function>, bool)>>,
}

/// What a scalar is when all names are put in.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// It does not hold for all rows.
    varies: bool,
    /// Of so many parts it is made.
    parts: usize,
    /// So many of them stand each inside of the other.
    nesting: usize,
}

impl Binder<'_> {
    /// A scalar as what a name stands for.
    pub(super) fn scalar_meaning(&mut self, scalar: Scalar) -> Option<Meaning> {
        let (shared, varies) = self.remembered(scalar)?;
        Some(Meaning::Scalar(shared, varies.then_some(self.depth)))
    }

    /// A scalar that may stand in several places, and whether it varies by row.
    fn remembered(&mut self, scalar: Scalar) -> Option<(Arc<Scalar>, bool)> {
        let facts = self.held_facts(&scalar)?;
        let shared = Arc::new(scalar);
        let known = (shared.clone(), facts);
        self.constants.named.insert(Arc::as_ptr(&shared), known);
        Some((shared, facts.varies))
    }

    /// What is known of a scalar, unless it is too large to be held.
    fn held_facts(&mut self, scalar: &Scalar) -> Option<Facts> {
        let facts = self.facts(scalar);
        if facts.parts > SIZE_MAX || facts.nesting > NESTING_MAX {
            let message = format!(
                "with its names put in, this has more than {SIZE_MAX} parts or is more than {NESTING_MAX} deep"
            );
            return self.too_large(scalar.span, message);
        }
        Some(facts)
    }

    /// What is known of a name is not asked again.
    fn facts(&self, scalar: &Scalar) -> Facts {
        if let ScalarKind::Shared(shared) = &scalar.kind
            && let Some((_, facts)) = self.constants.named.get(&Arc::as_ptr(shared))
        {
            return Facts {
                nesting: facts.nesting + 1,
                ..*facts
            };
        }
        let mut facts = Facts {
            varies: matches!(
                scalar.kind,
                ScalarKind::Column(_)
                    | ScalarKind::StepColumn(..)
                    | ScalarKind::Window(..)
                    | ScalarKind::PackAll(_)
            ),
            parts: 1,
            nesting: 0,
        };
        for part in scalar.parts() {
            let part = self.facts(part);
            facts.varies |= part.varies;
            facts.parts = facts.parts.saturating_add(part.parts);
            facts.nesting = facts.nesting.max(part.nesting);
        }
        facts.nesting += 1;
        facts
    }

    /// What a function without parameters gives is one, wherever it is called.
    pub(super) fn once_given(
        &mut self,
        function: &Rc<Function>,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Option<Scalar>,
    ) -> Option<Scalar> {
        if !function.parameters.is_empty() {
            let given = bind(self)?;
            // Functions that call each other put one expression into the other.
            self.held_facts(&given)?;
            return Some(given);
        }
        let address = Rc::as_ptr(function);
        if let Some((_, known, names)) = self.constants.given.get(&address) {
            self.reached = self.reached.max(*names);
            return Some(reference(known.clone(), span));
        }
        let (bound, reached) = self.reaching(bind);
        let names = self.one_name_more(reached, span)?;
        self.reached = self.reached.max(names);
        let (shared, varies) = self.remembered(bound?)?;
        if !varies {
            let given = (function.clone(), shared.clone(), names);
            self.constants.given.insert(address, given);
        }
        Some(reference(shared, span))
    }

    /// The literal that stands here, or that the name here stands for.
    pub(super) fn literal_of<'s>(&'s self, expression: &'s Expr) -> Option<&'s Literal> {
        match &expression.kind {
            ExprKind::Literal(literal) => Some(literal),
            ExprKind::Name(name) if self.find_column(&name.text).is_none() => {
                match self.scope.find(&name.text)? {
                    Meaning::Scalar(scalar, _) => match &scalar.kind {
                        ScalarKind::Widened(inside) => inside.as_literal(),
                        _ => scalar.as_literal(),
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// A scalar that stands in several places, at one of them. A literal stays one, so that what needs one finds it.
pub(super) fn reference(shared: Arc<Scalar>, span: Span) -> Scalar {
    let gives = shared.gives;
    let kind = match &shared.kind {
        ScalarKind::Literal(literal) => ScalarKind::Literal(literal.clone()),
        ScalarKind::Dynamic(value) => ScalarKind::Dynamic(value.clone()),
        _ => ScalarKind::Shared(shared),
    };
    Scalar { kind, gives, span }
}
