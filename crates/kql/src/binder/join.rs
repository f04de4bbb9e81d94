//! `join` and `lookup`.

use super::Binder;
use super::naming::Names;
use super::scope::Row;
use super::tabular::push;
use crate::bound::{Column, JoinKind, Rows, Scalar, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{BinaryOperator, Expr, ExprKind, Join, Link, Name, Operator, PropertyValue, Step};
use std::rc::Rc;

impl Binder<'_> {
    pub(super) fn join(
        &mut self,
        rows: &mut Rows,
        join: &Join,
        operator: &Operator,
        is_lookup: bool,
    ) -> Option<()> {
        let kind = self.join_kind(operator, is_lookup)?;
        let right = self.in_row(None, |binder| binder.rows(&join.right))?;
        let condition = match &join.condition {
            // Of rows that have no partner it is not told what becomes of them.
            Some(condition) if !matches!(kind, JoinKind::Inner | JoinKind::InnerUnique) => {
                return self.unsupported(
                    condition.span,
                    "`where` in a join that keeps rows without a partner",
                );
            }
            condition => condition.as_ref(),
        };
        let mut keys = Vec::new();
        for condition in &join.on {
            self.join_keys(condition, rows, &right, &mut keys)?;
        }
        let left_count = rows.columns().len();
        let (left_places, right_places): (Vec<usize>, Vec<usize>) = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => ((0..left_count).collect(), Vec::new()),
            JoinKind::RightSemi | JoinKind::RightAnti => (Vec::new(), (0..right.columns().len()).collect()),
            _ => {
                let is_key = |at: usize| {
                    is_lookup
                        && keys.iter().any(|(_, key): &(Scalar, Scalar)| {
                            key.kind == crate::bound::ScalarKind::Column(at)
                        })
                };
                let kept = (0..right.columns().len()).filter(|at| !is_key(*at)).collect();
                ((0..left_count).collect(), kept)
            }
        };
        let columns = joined_columns(
            left_places.iter().filter_map(|at| rows.columns().get(*at)),
            right_places.iter().filter_map(|at| right.columns().get(*at)),
        );
        let is_open = rows.is_open || right.is_open;
        let step = StepKind::Join {
            kind,
            right: Box::new(right),
            keys,
            left_places,
            right_places,
        };
        push(rows, step, Some(columns), operator.span);
        rows.is_serialized = false;
        rows.is_open = is_open;
        match condition {
            Some(condition) => self.kept(rows, condition, operator.span),
            None => Some(()),
        }
    }

    /// Keeps the pairs for which a join's own condition holds.
    fn kept(&mut self, rows: &mut Rows, condition: &Expr, span: Span) -> Option<()> {
        let condition = self.over(rows, |binder| binder.condition(condition))?;
        push(rows, StepKind::Filter(condition), None, span);
        Some(())
    }

    fn join_kind(&mut self, operator: &Operator, is_lookup: bool) -> Option<JoinKind> {
        let mut kind = if is_lookup {
            JoinKind::LeftOuter
        } else {
            JoinKind::InnerUnique
        };
        for property in &operator.properties {
            if property.name.text != "kind" {
                continue;
            }
            let word = match &property.value {
                PropertyValue::Word(word) => word.text.as_str(),
                _ => "",
            };
            kind = match word {
                "innerunique" => JoinKind::InnerUnique,
                "inner" => JoinKind::Inner,
                "leftouter" => JoinKind::LeftOuter,
                "rightouter" => JoinKind::RightOuter,
                "fullouter" | "outer" => JoinKind::FullOuter,
                "leftsemi" => JoinKind::LeftSemi,
                "rightsemi" => JoinKind::RightSemi,
                "leftanti" | "anti" | "leftantisemi" => JoinKind::LeftAnti,
                "rightanti" | "rightantisemi" => JoinKind::RightAnti,
                _ => {
                    let message = format!("there is no join of kind `{word}`");
                    let diagnostic = Diagnostic::error(Code::SEM0219, property.name.span, message);
                    return self.tell(diagnostic.hint(kind_hint(word)));
                }
            };
            if is_lookup && !matches!(kind, JoinKind::Inner | JoinKind::LeftOuter) {
                let diagnostic = Diagnostic::error(
                    Code::SEM0219,
                    property.name.span,
                    "`lookup` is of kind leftouter or inner",
                );
                return self.tell(diagnostic);
            }
        }
        Some(kind)
    }

    /// `a`, `$left.a == $right.b`, and several of them with `and`.
    fn join_keys(
        &mut self,
        condition: &Expr,
        left: &Rows,
        right: &Rows,
        keys: &mut Vec<(Scalar, Scalar)>,
    ) -> Option<()> {
        match &condition.kind {
            ExprKind::Group(inside) => self.join_keys(inside, left, right, keys),
            ExprKind::Name(name) => {
                let left = self.side(left, name, "left")?;
                let right = self.side(right, name, "right")?;
                self.join_key(left, right, condition.span, keys)
            }
            ExprKind::Chain(first, links)
                if links.iter().all(|link| link.operator == BinaryOperator::And) =>
            {
                self.join_keys(first, left, right, keys)?;
                for link in links {
                    self.join_keys(&link.right, left, right, keys)?;
                }
                Some(())
            }
            ExprKind::Chain(first, links) => match links.as_slice() {
                [
                    Link {
                        operator: BinaryOperator::Equal,
                        right: second,
                        ..
                    },
                ] => {
                    let row = Row {
                        columns: left.columns().to_vec(),
                        right: Some(right.columns().to_vec()),
                        ..Row::default()
                    };
                    let (first_side, second_side) = (side_of(first), side_of(second));
                    let (first, second) = match (first_side, second_side) {
                        (Some("$left"), Some("$right")) => (first.as_ref(), second),
                        (Some("$right"), Some("$left")) => (second, first.as_ref()),
                        _ => return self.not_a_key(condition.span),
                    };
                    let bound = self.in_row(Some(Rc::new(row)), |binder| {
                        Some((binder.scalar(first)?, binder.scalar(second)?))
                    });
                    let (bound_left, bound_right) = bound?;
                    let bound_right = shift(bound_right, left.columns().len());
                    self.join_key(bound_left, bound_right, condition.span, keys)
                }
                _ => self.not_a_key(condition.span),
            },
            _ => self.not_a_key(condition.span),
        }
    }

    fn not_a_key<T>(&mut self, span: Span) -> Option<T> {
        let diagnostic = Diagnostic::error(Code::SEM0219, span, "rows are joined where columns are equal");
        self.tell(
            diagnostic.hint("`on a`, or `on $left.a == $right.b`; compute other keys with `extend` before"),
        )
    }

    fn side(&mut self, rows: &Rows, name: &Name, side: &str) -> Option<Scalar> {
        let at = rows
            .columns()
            .iter()
            .position(|column| *column.name == *name.text);
        match at.and_then(|at| Some((at, rows.columns().get(at)?.kind))) {
            Some((at, kind)) => Some(Scalar::column(at, kind, name.span)),
            None => {
                let message = format!("there is no column `{}` on the {side} side", name.text);
                let mut diagnostic = Diagnostic::error(Code::SEM0100, name.span, message);
                let known = rows.columns().iter().map(|column| &*column.name);
                diagnostic.hint = super::scope::nearest(&name.text, known);
                self.tell(diagnostic)
            }
        }
    }

    fn join_key(
        &mut self,
        left: Scalar,
        right: Scalar,
        span: Span,
        keys: &mut Vec<(Scalar, Scalar)>,
    ) -> Option<()> {
        use crate::types::ScalarType::Dynamic;
        // The engine takes int and long as one; other numbers of different types it would never find equal.
        let fits = (left.gives == right.gives || (left.gives.is_integer() && right.gives.is_integer()))
            && left.gives != Dynamic
            && right.gives != Dynamic;
        if !fits {
            let message = format!("keys of type {} and {} cannot be joined", left.gives, right.gives);
            let diagnostic = Diagnostic::error(Code::SEM0064, span, message);
            let function = match (left.gives, right.gives) {
                (left, right) if left.is_number() && right.is_number() => format!("to{}", left.max(right)),
                _ => "tostring".to_owned(),
            };
            let hint = format!("convert one of them with `extend` before, as in `{function}(...)`");
            return self.tell(diagnostic.hint(hint));
        }
        keys.push((left, right));
        Some(())
    }
}

/// `$left` or `$right`, if the expression begins so.
fn side_of(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        ExprKind::Group(inside) => side_of(inside),
        ExprKind::Path(base, steps) if matches!(steps.first(), Some(Step::Member(_))) => match &base.kind {
            ExprKind::Name(name) if name.text == "$left" || name.text == "$right" => Some(&name.text),
            _ => None,
        },
        _ => None,
    }
}

/// The right side's columns are counted from its own first.
fn shift(mut scalar: Scalar, by: usize) -> Scalar {
    if let crate::bound::ScalarKind::Column(at) = scalar.kind {
        scalar.kind = crate::bound::ScalarKind::Column(at.saturating_sub(by));
    }
    scalar
}

/// The columns of both sides. Those of the right that the left has too get numbers, past all names that are there.
fn joined_columns<'c>(
    left: impl Iterator<Item = &'c Column> + Clone,
    right: impl Iterator<Item = &'c Column> + Clone,
) -> Vec<Column> {
    let mut names = Names::default();
    for column in left.clone().chain(right.clone()) {
        if !names.has(&column.name) {
            names.take(&column.name);
        }
    }
    let mut columns: Vec<Column> = left.cloned().collect();
    let of_left = columns.len();
    for column in right {
        let clashes = columns.iter().take(of_left).any(|held| held.name == column.name);
        let name = match clashes {
            true => names.unique(&column.name).into(),
            false => column.name.clone(),
        };
        columns.push(Column::new(name, column.kind));
    }
    columns
}

/// The kind of a join that was probably meant.
fn kind_hint(word: &str) -> String {
    let lowered = word.to_lowercase();
    let meant = match lowered.as_str() {
        "left" | "left_outer" => "leftouter",
        "right" | "right_outer" => "rightouter",
        "full" | "full_outer" => "fullouter",
        "semi" | "exists" => "leftsemi",
        "not_exists" | "except" => "leftanti",
        "cross" => {
            return "`extend one = 1` on both sides and `join kind=inner (...) on one` gives all pairs"
                .to_owned();
        }
        lowered if lowered != word => lowered,
        _ => {
            return "there are innerunique, inner, leftouter, rightouter, fullouter, leftsemi, rightsemi, leftanti, rightanti"
                .to_owned();
        }
    };
    format!("did you mean `kind={meant}`?")
}
