//! `mv-expand` and `mv-apply`.

use super::Binder;
use super::naming::{self, Names};
use super::tabular::push;
use crate::bound::{Column, ExpandedColumn, MvApply, MvExpand, Rows, Scalar, Source, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{
    ExpandItem, Expr, ExprKind, Literal, MvApply as WrittenApply, MvExpand as WrittenExpand, Operator,
};
use crate::types::ScalarType;

/// The old spellings, of aggregates too, give so many values for each at most.
const OLD_LIMIT: i64 = 128;

pub(super) fn old_limit(span: Span) -> Scalar {
    Scalar::literal(Literal::Long(Some(OLD_LIMIT)), ScalarType::Long, span)
}

impl Binder<'_> {
    pub(super) fn mv_expand(
        &mut self,
        rows: &mut Rows,
        expand: &WrittenExpand,
        operator: &Operator,
    ) -> Option<()> {
        let limit = match (&expand.limit, expand.is_old) {
            (Some(limit), _) => Some(self.count_of(limit)?),
            (None, true) => Some(old_limit(operator.span)),
            (None, false) => None,
        };
        let (bound, columns) = self.expansion(&expand.items, limit, operator, false)?;
        push(rows, StepKind::MvExpand(bound), Some(columns), operator.span);
        Some(())
    }

    /// What is expanded and the columns that come of it. In `mv-apply` the expanded columns come last.
    fn expansion(
        &mut self,
        items: &[ExpandItem],
        limit: Option<Scalar>,
        operator: &Operator,
        expanded_last: bool,
    ) -> Option<(MvExpand, Vec<Column>)> {
        let (bags_as_arrays, index_name) = self.expansion_properties(operator)?;
        let input = self.row_columns();
        let mut names = Names::default();
        for column in &input {
            names.take(&column.name);
        }
        // An item of an existing name takes that column's place.
        let mut expanded: Vec<(Scalar, Option<ScalarType>, String, Option<usize>)> = Vec::new();
        for item in items {
            let (value, to, name, replaces) = self.expand_item(item, &mut names)?;
            if expanded.iter().any(|(_, _, held, _)| *held == name) {
                return self.declared_twice(&name, item.value.span);
            }
            expanded.push((value, to, name, replaces));
        }
        let mut columns: Vec<Column> = Vec::new();
        let mut kept = Vec::new();
        let mut placed = Vec::new();
        for (at, column) in input.iter().enumerate() {
            let replacing = expanded.iter().position(|(.., replaces)| *replaces == Some(at));
            match replacing {
                Some(_) if expanded_last => {}
                Some(number) => {
                    placed.push((number, columns.len()));
                    columns.push(expanded_column(&expanded, number)?);
                }
                None => {
                    kept.push((at, columns.len()));
                    columns.push(column.clone());
                }
            }
        }
        for number in 0..expanded.len() {
            let is_placed = placed.iter().any(|(held, _)| *held == number);
            if !is_placed {
                placed.push((number, columns.len()));
                columns.push(expanded_column(&expanded, number)?);
            }
        }
        let index = index_name.map(|name| {
            let name = names.unique(&name);
            columns.push(Column::new(name, ScalarType::Long));
            columns.len() - 1
        });
        let place_of = |number: usize| placed.iter().find(|(held, _)| *held == number);
        let items = expanded.into_iter().enumerate();
        let items = items
            .map(|(number, (value, to, ..))| ExpandedColumn {
                value,
                to,
                place: place_of(number).map_or(0, |(_, place)| *place),
            })
            .collect();
        let bound = MvExpand {
            items,
            kept,
            index,
            bags_as_arrays,
            limit,
        };
        Some((bound, columns))
    }

    /// Whether bags become arrays, and the name of the column of places.
    fn expansion_properties(&mut self, operator: &Operator) -> Option<(bool, Option<String>)> {
        let mut bags_as_arrays = false;
        let mut index_name = None;
        for property in &operator.properties {
            let text = self.property_text(&property.value)?;
            match property.name.text.as_str() {
                "kind" | "bagexpansion" => bags_as_arrays = text == "array",
                "with_itemindex" => index_name = Some(text),
                _ => {}
            }
        }
        Some((bags_as_arrays, index_name))
    }

    fn expand_item(
        &mut self,
        item: &ExpandItem,
        names: &mut Names,
    ) -> Option<(Scalar, Option<ScalarType>, String, Option<usize>)> {
        let to = match &item.to {
            Some(name) => Some(self.type_of(name)?),
            None => None,
        };
        let (given, value): (Option<String>, &Expr) = match &item.value.kind {
            ExprKind::Named(given, value) => (given.first().map(|name| name.text.clone()), value),
            _ => (None, &item.value),
        };
        let bound = self.scalar(value)?;
        if bound.gives != ScalarType::Dynamic {
            let message = format!(
                "only arrays and bags can be expanded, and this is of type {}",
                bound.gives
            );
            let diagnostic = Diagnostic::error(Code::SEM0219, value.span, message);
            return self.tell(diagnostic.hint(
                "`parse_json(...)` reads a text, `split(...)` parts one, `pack_array(...)` makes an array",
            ));
        }
        let name = match given.or_else(|| naming::suggested(value)) {
            Some(name) => name,
            None => names.anonymous(),
        };
        let replaces = self.find_column(&name).map(|(at, _)| at);
        if replaces.is_none() {
            names.take(&name);
        }
        Some((bound, to, name, replaces))
    }

    pub(super) fn mv_apply(
        &mut self,
        rows: &mut Rows,
        apply: &WrittenApply,
        operator: &Operator,
    ) -> Option<()> {
        let limit = match &apply.limit {
            Some(limit) => Some(self.count_of(limit)?),
            None => None,
        };
        let input = self.row_columns();
        let (expand, expanded) = self.expansion(&apply.items, limit, operator, true)?;
        let mut outer = Rows::new(Source::Outer, expanded.clone());
        outer.is_serialized = true;
        let query = self.subquery(&apply.query, outer)?;
        // The input's columns stand before those that the query gives, but for those that were expanded.
        let replaced: Vec<usize> = apply
            .items
            .iter()
            .filter_map(|item| {
                let name = match &item.value.kind {
                    ExprKind::Named(given, _) => given.first().map(|name| name.text.clone()),
                    _ => naming::suggested(&item.value),
                };
                name.and_then(|name| self.find_column(&name)).map(|(at, _)| at)
            })
            .collect();
        let kept: Vec<usize> = (0..input.len()).filter(|at| !replaced.contains(at)).collect();
        let mut names = Names::default();
        let mut columns = Vec::new();
        for column in kept.iter().filter_map(|at| input.get(*at)) {
            names.take(&column.name);
            columns.push(column.clone());
        }
        let mut given = Vec::new();
        for (at, column) in query.columns().iter().enumerate() {
            // What the query hands on of the input is there already.
            if !names.has(&column.name) {
                names.take(&column.name);
                columns.push(column.clone());
                given.push(at);
            }
        }
        self.closed(&query, "mv-apply", operator.span)?;
        let step = MvApply {
            expand,
            expanded,
            query: Box::new(query),
            kept,
            given,
        };
        push(rows, StepKind::MvApply(step), Some(columns), operator.span);
        Some(())
    }
}

fn expanded_column(
    expanded: &[(Scalar, Option<ScalarType>, String, Option<usize>)],
    at: usize,
) -> Option<Column> {
    let (_, to, name, _) = expanded.get(at)?;
    Some(Column::new(name.as_str(), to.unwrap_or(ScalarType::Dynamic)))
}
