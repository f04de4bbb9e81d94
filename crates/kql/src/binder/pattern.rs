//! Patterns: queries that are chosen by texts.

use super::Binder;
use super::scope::{Meaning, Scope};
use crate::bound::Rows;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Call, Expr, Function, Literal, Name, Pattern, Step};

impl Binder<'_> {
    /// `name("x")`, `name("x").path`: the rows of the query that the pattern has for these texts.
    pub(super) fn pattern_rows(
        &mut self,
        pattern: &Pattern,
        scope: &Scope,
        call: &Call,
        path: Option<&Name>,
    ) -> Option<Rows> {
        let given = self.literal_texts(&call.arguments)?;
        let wanted = path.map(|path| path.text.as_str());
        for case in &pattern.cases {
            let texts = self.literal_texts(&case.arguments)?;
            let case_path = match &case.path {
                Some(path) => self.literal_texts(std::slice::from_ref(path))?.pop(),
                None => None,
            };
            if texts == given && case_path.as_deref() == wanted {
                let function = Function {
                    is_view: false,
                    parameters: Vec::new(),
                    body: case.body.clone(),
                };
                return self.call_tabular_function(&function, scope, Vec::new(), call.span);
            }
        }
        let shown: Vec<String> = given.iter().map(|text| format!("'{text}'")).collect();
        let behind = wanted.map(|path| format!(".['{path}']")).unwrap_or_default();
        let diagnostic = Diagnostic::error(
            Code::SEM0260,
            call.span,
            format!(
                "the pattern has nothing for `{}({}){behind}`",
                call.name.text,
                shown.join(", ")
            ),
        );
        self.tell(diagnostic)
    }

    /// The same with what stands behind the call.
    pub(super) fn pattern_path_rows(
        &mut self,
        pattern: &Pattern,
        scope: &Scope,
        call: &Call,
        steps: &[Step],
        span: Span,
    ) -> Option<Rows> {
        match steps {
            [Step::Member(path)] => self.pattern_rows(pattern, scope, call, Some(path)),
            [Step::Element(path)] => {
                let text = self.literal_texts(std::slice::from_ref(path))?.pop()?;
                let path = Name {
                    text,
                    span: path.span,
                };
                self.pattern_rows(pattern, scope, call, Some(&path))
            }
            _ => self.place_error(span, "behind a pattern stands one name"),
        }
    }

    fn literal_texts(&mut self, written: &[Expr]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for expression in written {
            let bound = self.in_row(None, |binder| binder.scalar(expression))?;
            match bound.as_literal() {
                Some(Literal::String(text)) => texts.push(text.clone()),
                _ => {
                    return self.error(
                        Code::SEM0019,
                        expression.span,
                        "a pattern is asked with literal texts",
                    );
                }
            }
        }
        Some(texts)
    }

    /// The pattern of that name.
    pub(super) fn pattern_named(&self, name: &str) -> Option<(std::rc::Rc<Pattern>, Scope)> {
        match self.scope.find(name) {
            Some(Meaning::Pattern(pattern, scope)) => Some((pattern.clone(), scope.clone())),
            _ => None,
        }
    }
}
