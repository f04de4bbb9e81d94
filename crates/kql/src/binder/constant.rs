//! Scalars with names: whether they hold for all rows, and what is one wherever it stands.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Binder;
use super::scope::Meaning;
use crate::bound::{Scalar, ScalarKind};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Function, Literal};

/// What is known of scalars that stand in several places, by their addresses.
#[derive(Default)]
pub(super) struct Constants {
    /// Whether those with names vary by row.
    named: HashMap<*const Scalar, (Arc<Scalar>, bool)>,
    /// What functions without parameters give.
    given: HashMap<*const Function, (Rc<Function>, Arc<Scalar>)>,
}

impl Binder<'_> {
    /// A scalar as what a name stands for.
    pub(super) fn scalar_meaning(&mut self, scalar: Scalar) -> Meaning {
        let (shared, varies) = self.remembered(scalar);
        Meaning::Scalar(shared, varies.then_some(self.depth))
    }

    fn remembered(&mut self, scalar: Scalar) -> (Arc<Scalar>, bool) {
        let varies = self.varies(&scalar);
        let shared = Arc::new(scalar);
        let known = (shared.clone(), varies);
        self.constants.named.insert(Arc::as_ptr(&shared), known);
        (shared, varies)
    }

    /// True if it does not hold for all rows. What is known of a name is not asked again.
    fn varies(&self, scalar: &Scalar) -> bool {
        if let ScalarKind::Shared(shared) = &scalar.kind
            && let Some((_, varies)) = self.constants.named.get(&Arc::as_ptr(shared))
        {
            return *varies;
        }
        match &scalar.kind {
            ScalarKind::Column(_)
            | ScalarKind::StepColumn(..)
            | ScalarKind::Window(..)
            | ScalarKind::PackAll(_) => true,
            _ => scalar.parts().into_iter().any(|part| self.varies(part)),
        }
    }

    /// What a function without parameters gives is one, wherever it is called.
    pub(super) fn once_given(
        &mut self,
        function: &Rc<Function>,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Option<Scalar>,
    ) -> Option<Scalar> {
        if !function.parameters.is_empty() {
            return bind(self);
        }
        let address = Rc::as_ptr(function);
        if let Some((_, known)) = self.constants.given.get(&address) {
            return Some(reference(known.clone(), span));
        }
        let bound = bind(self)?;
        let (shared, varies) = self.remembered(bound);
        if !varies {
            let given = (function.clone(), shared.clone());
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
