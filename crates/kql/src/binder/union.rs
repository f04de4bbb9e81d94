//! `union`.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::scope::{Meaning, Scope, matches};
use super::{Binder, naming::Names};
use crate::bound::{Column, Rows, Source, UnionInput, UnionKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, Function, Name, Operator};
use crate::types::ScalarType;

impl Binder<'_> {
    pub(super) fn union_of(
        &mut self,
        input: Option<Rows>,
        items: &[Expr],
        operator: &Operator,
    ) -> Option<Rows> {
        let mut kind = UnionKind::Outer;
        let mut source_column = None;
        let mut is_fuzzy = false;
        for property in &operator.properties {
            let text = self.property_text(&property.value)?;
            match property.name.text.as_str() {
                "kind" if text == "inner" => kind = UnionKind::Inner,
                "kind" if text == "outer" => kind = UnionKind::Outer,
                "kind" => {
                    let message = format!("a union is of kind inner or outer, and not `{text}`");
                    return self.error(Code::SEM0219, property.name.span, message);
                }
                "withsource" | "with_source" => source_column = Some(text),
                "isfuzzy" => is_fuzzy = text == "true",
                _ => {}
            }
        }
        let mut inputs: Vec<(String, Rows)> = Vec::new();
        if let Some(input) = input {
            inputs.push((source_name(&input, 0), input));
        }
        for item in items {
            self.union_item(item, is_fuzzy, &mut inputs)?;
        }
        if inputs.is_empty() {
            return self.error(
                Code::SEM0100,
                operator.keyword,
                "none of the tables of this union is there",
            );
        }
        Some(united(kind, inputs, source_column.as_deref()))
    }

    fn union_item(&mut self, item: &Expr, is_fuzzy: bool, inputs: &mut Vec<(String, Rows)>) -> Option<()> {
        let pattern = match &item.kind {
            ExprKind::Wildcard(name) => Some(name.text.as_str()),
            ExprKind::Star => Some("*"),
            _ => None,
        };
        if let Some(pattern) = pattern {
            let before = inputs.len();
            self.tables_and_views(pattern, item.span, inputs)?;
            if self.broken.iter().any(|name| matches(pattern, name)) {
                return None;
            }
            if inputs.len() == before && !is_fuzzy {
                return self.error(Code::SEM0100, item.span, format!("no table fits `{pattern}`"));
            }
            return Some(());
        }
        let (before, broken) = (self.diagnostics.len(), self.broken.len());
        match self.in_row(None, |binder| binder.rows(item)) {
            Some(rows) => {
                let name = match &item.kind {
                    ExprKind::Name(name)
                        if self.view(&name.text).is_some() || rows.name.as_ref() == Some(&name.text) =>
                    {
                        name.text.clone()
                    }
                    _ => source_name(&rows, inputs.len()),
                };
                inputs.push((name, rows));
                Some(())
            }
            // With `isfuzzy` what is not there is passed over.
            None if is_fuzzy => {
                self.broken.truncate(broken);
                let why = self.diagnostics.split_off(before.min(self.diagnostics.len()));
                if let Some(why) = why.first() {
                    let message = format!("this part of the union is left out: {}", why.message);
                    let mut note = Diagnostic::warning(why.code, item.span, message);
                    note.hint.clone_from(&why.hint);
                    self.tell::<()>(note);
                }
                Some(())
            }
            None => None,
        }
    }

    /// The view of that name, and what it sees.
    fn view(&self, name: &str) -> Option<(Rc<Function>, Scope)> {
        match self.scope.find(name)? {
            Meaning::Function(function, scope) if function.is_view && function.parameters.is_empty() => {
                Some((function.clone(), scope.clone()))
            }
            _ => None,
        }
    }

    /// The tables and the views whose names a pattern fits.
    fn tables_and_views(
        &mut self,
        pattern: &str,
        span: Span,
        inputs: &mut Vec<(String, Rows)>,
    ) -> Option<()> {
        for name in self.table_names() {
            if matches(pattern, &name) {
                let columns = self.catalog.table(&name)?;
                let rows = self.table_rows(&name, columns);
                inputs.push((name, rows));
            }
        }
        let catalog = self.catalog;
        for (name, is_table) in catalog.stored_names() {
            // All tables are those that hold rows.
            if is_table && pattern != "*" && matches(pattern, name) {
                let name = Name {
                    text: name.to_owned(),
                    span,
                };
                let rows = self.named_rows(&name)?;
                inputs.push((name.text, rows));
            }
        }
        let mut views: Vec<String> = Vec::new();
        for (name, _) in self.scope.names() {
            if matches(pattern, name) && !views.iter().any(|held| held == name) && self.view(name).is_some() {
                views.push(name.to_owned());
            }
        }
        // The first declared comes first.
        for name in views.into_iter().rev() {
            let (function, scope) = self.view(&name)?;
            let rows = self.call_tabular_function(&function, &scope, Vec::new(), span)?;
            inputs.push((name, rows));
        }
        Some(())
    }

    /// The rows of the tables that a list names; of all tables, if it is empty.
    pub(super) fn listed_tables(&mut self, tables: &[Expr], span: Span) -> Option<Vec<(String, Rows)>> {
        let mut inputs = Vec::new();
        if tables.is_empty() {
            self.tables_and_views("*", span, &mut inputs)?;
            return Some(inputs);
        }
        for table in tables {
            self.union_item(table, false, &mut inputs)?;
        }
        if inputs.is_empty() {
            let diagnostic = Diagnostic::error(
                Code::SEM0100,
                tables.first()?.span,
                "there is no table to look in",
            );
            return self.tell(diagnostic);
        }
        Some(inputs)
    }
}

/// What a source column says of rows: the table, or which part of the union they are.
fn source_name(rows: &Rows, at: usize) -> String {
    if let Some(name) = &rows.name {
        return name.clone();
    }
    match &rows.source {
        Source::Table(name) | Source::View(name, _) => name.clone(),
        Source::Shared(inner) | Source::Materialized(inner) => source_name(inner, at),
        _ => format!("union_arg{at}"),
    }
}

/// Rows of several inputs. Columns of the same name and type are one; where the types differ, their names say so.
pub(super) fn united(kind: UnionKind, inputs: Vec<(String, Rows)>, source_column: Option<&str>) -> Rows {
    let wanted = distinct_columns(kind, &inputs);
    let mut names = Names::default();
    let mut columns = Vec::new();
    if let Some(name) = source_column {
        columns.push(Column::new(names.unique(name), ScalarType::String));
    }
    // A name made of a column's type gives way to a column that has it of its own.
    let of_its_own = |(name, column): &&(String, Column)| **name == *column.name;
    let plain: Vec<String> = wanted
        .iter()
        .filter(of_its_own)
        .map(|(name, _)| names.unique(name))
        .collect();
    let mut plain = plain.into_iter();
    for named in &wanted {
        let name = match of_its_own(&named) {
            true => plain.next().unwrap_or_default(),
            false => names.unique(&named.0),
        };
        columns.push(Column::new(name, named.1.kind));
    }
    let is_open = inputs.iter().any(|(_, rows)| rows.is_open);
    let inputs = inputs
        .into_iter()
        .map(|(name, rows)| {
            let places = wanted
                .iter()
                .map(|(_, column)| rows.columns().iter().position(|held| held == column))
                .collect();
            UnionInput {
                rows,
                places,
                name: source_column.is_some().then_some(name),
            }
        })
        .collect();
    let mut rows = Rows::new(Source::Union(kind, inputs), columns);
    rows.is_open = is_open;
    rows
}

/// The columns by name and type, in the order in which they appear, and the name that each gets.
fn distinct_columns(kind: UnionKind, inputs: &[(String, Rows)]) -> Vec<(String, Column)> {
    let mut seen: HashSet<(&str, ScalarType)> = HashSet::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    // Of each name those of different types.
    let mut found: Vec<Vec<&Column>> = Vec::new();
    for column in inputs.iter().flat_map(|(_, rows)| rows.columns()) {
        if !seen.insert((&column.name, column.kind)) {
            continue;
        }
        let is_everywhere = || inputs.iter().all(|(_, rows)| rows.columns().contains(column));
        if kind == UnionKind::Inner && !is_everywhere() {
            continue;
        }
        let place = *places.entry(&column.name).or_insert(found.len());
        match found.get_mut(place) {
            Some(same) => same.push(column),
            None => found.push(vec![column]),
        }
    }
    let mut named = Vec::new();
    for same in &found {
        for column in same {
            let given = if same.len() > 1 {
                format!("{}_{}", column.name, column.kind)
            } else {
                column.name.to_string()
            };
            named.push((given, (*column).clone()));
        }
    }
    named
}
