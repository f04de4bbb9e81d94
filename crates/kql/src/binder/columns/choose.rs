//! Operators that choose columns: `project-away`, `project-keep`, `project-rename`, `project-reorder`, `project-by-names`.

use super::{identity, project_step, take_places};
use crate::binder::Binder;
use crate::bound::{Column, Rows, ScalarKind};
use crate::diagnostic::Code;
use crate::span::Span;
use crate::syntax::{Direction, DynamicValue, Expr, ExprKind, Literal, Order};

impl Binder<'_> {
    /// The places of the columns that patterns and names stand for, in the order of the patterns.
    fn chosen(&mut self, patterns: &[Expr]) -> Option<Vec<usize>> {
        let mut chosen = Vec::new();
        for pattern in patterns {
            match &pattern.kind {
                ExprKind::Star => chosen.extend(self.matching_columns("*")),
                ExprKind::Wildcard(name) => {
                    let matching = self.matching_columns(&name.text);
                    if matching.is_empty() && !self.row.as_ref().is_some_and(|row| row.is_open) {
                        let message = format!("no column has a name like `{}`", name.text);
                        return self.error(Code::SEM0100, name.span, message);
                    }
                    chosen.extend(matching);
                }
                ExprKind::Name(name) => chosen.push(self.plain_column(name)?),
                ExprKind::Ordered(inside, _) => chosen.extend(self.chosen(std::slice::from_ref(inside))?),
                _ => return self.place_error(pattern.span, "the name of a column is asked for here"),
            }
        }
        Some(chosen)
    }

    pub(in crate::binder) fn project_away(
        &mut self,
        rows: &mut Rows,
        patterns: &[Expr],
        span: Span,
    ) -> Option<()> {
        let away = self.chosen(patterns)?;
        keep(rows, |at| !away.contains(&at), span);
        Some(())
    }

    pub(in crate::binder) fn project_keep(
        &mut self,
        rows: &mut Rows,
        patterns: &[Expr],
        span: Span,
    ) -> Option<()> {
        let kept = self.chosen(patterns)?;
        keep(rows, |at| kept.contains(&at), span);
        Some(())
    }

    pub(in crate::binder) fn project_rename(
        &mut self,
        rows: &mut Rows,
        items: &[Expr],
        span: Span,
    ) -> Option<()> {
        let mut outputs = identity(rows.columns(), span);
        for item in items {
            let ExprKind::Named(names, value) = &item.kind else {
                return self.place_error(item.span, "`project-rename` gives new names: `new = old`");
            };
            let ExprKind::Name(old) = &value.kind else {
                return self.place_error(value.span, "only a column can get a new name");
            };
            let at = self.plain_column(old)?;
            let name = names.first()?;
            let taken = outputs
                .iter()
                .enumerate()
                .any(|(place, output)| place != at && *output.name == *name.text);
            if taken {
                return self.declared_twice(&name.text, name.span);
            }
            if let Some(output) = outputs.get_mut(at) {
                output.name = name.text.as_str().into();
            }
        }
        project_step(rows, outputs, span);
        Some(())
    }

    pub(in crate::binder) fn project_reorder(
        &mut self,
        rows: &mut Rows,
        items: &[Expr],
        span: Span,
    ) -> Option<()> {
        let columns = self.row_columns();
        let mut places: Vec<usize> = Vec::new();
        for item in items {
            let (pattern, order) = match &item.kind {
                ExprKind::Ordered(inside, order) => (inside.as_ref(), *order),
                _ => (item, Order::default()),
            };
            let mut found = self.chosen(std::slice::from_ref(pattern))?;
            found.retain(|at| !places.contains(at));
            let name = |at: usize| columns.get(at).map_or("", |column: &Column| &column.name);
            match order.direction {
                None => {}
                Some(Direction::Ascending) => found.sort_by(|left, right| name(*left).cmp(name(*right))),
                Some(Direction::Descending) => found.sort_by(|left, right| name(*right).cmp(name(*left))),
                Some(Direction::GrannyAscending) => found.sort_by_key(|at| granny(name(*at))),
                Some(Direction::GrannyDescending) => {
                    found.sort_by_key(|at| granny(name(*at)));
                    found.reverse();
                }
            }
            places.extend(found);
        }
        let rest: Vec<usize> = (0..columns.len()).filter(|at| !places.contains(at)).collect();
        places.extend(rest);
        take_places(rows, &places, span);
        Some(())
    }

    /// `project-by-names`: columns by texts; those that are not there are left out.
    pub(in crate::binder) fn project_by_names(
        &mut self,
        rows: &mut Rows,
        items: &[Expr],
        span: Span,
    ) -> Option<()> {
        let mut patterns: Vec<String> = Vec::new();
        for item in items {
            if let ExprKind::Name(name) = &item.kind
                && self.find_column(&name.text).is_some()
            {
                patterns.push(name.text.clone());
                continue;
            }
            let bound = self.scalar(item)?;
            match &bound.kind {
                ScalarKind::Literal(Literal::String(text)) => patterns.push(text.clone()),
                ScalarKind::Dynamic(DynamicValue::Array(values)) => {
                    for value in values {
                        if let DynamicValue::Literal(Literal::String(text)) = value {
                            patterns.push(text.clone());
                        }
                    }
                }
                _ => {
                    return self.error(
                        Code::SEM0019,
                        item.span,
                        "names of columns are literal texts, or an array of them",
                    );
                }
            }
        }
        let mut places: Vec<usize> = Vec::new();
        for pattern in &patterns {
            let found = self.matching_columns(pattern);
            places.extend(
                found
                    .into_iter()
                    .filter(|at| !places.contains(at))
                    .collect::<Vec<_>>(),
            );
        }
        take_places(rows, &places, span);
        Some(())
    }
}

fn keep(rows: &mut Rows, keeps: impl Fn(usize) -> bool, span: Span) {
    let places: Vec<usize> = (0..rows.columns().len()).filter(|at| keeps(*at)).collect();
    take_places(rows, &places, span);
}

/// A name for an order in which numbers inside of names count as numbers.
fn granny(name: &str) -> Vec<(u8, u64, String)> {
    let mut pieces: Vec<(u8, u64, String)> = Vec::new();
    for c in name.chars() {
        let digit = c.to_digit(10).map(u64::from);
        match (digit, pieces.last_mut()) {
            (Some(digit), Some((0, number, _))) => *number = number.saturating_mul(10).saturating_add(digit),
            (Some(digit), _) => pieces.push((0, digit, String::new())),
            (None, Some((1, _, text))) => text.push(c),
            (None, _) => pieces.push((1, 0, c.to_string())),
        }
    }
    pieces
}
