//! `parse`, `parse-where` and `parse-kv`.

mod pairs;

use kql::ScalarType;
use kql::bound::{Parse, ParseKv, ParsePart, StepKind};
use kqlfn::{Cell, Column, registry};
use regex::Regex;

use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::{Table, column_of, indices, taken};
use crate::value::Value;
use crate::{Failure, Result};

impl Evaluator<'_> {
    pub(crate) fn parse(
        &self,
        schema: Vec<kql::bound::Column>,
        parse: &Parse,
        table: &Table,
    ) -> Result<Table> {
        let value = self.column(&parse.value, table)?;
        let pattern = compiled(parse)?;
        let captured: Vec<(usize, ScalarType)> = parse
            .pattern
            .iter()
            .filter_map(|part| match part {
                ParsePart::Column(place, kind) => Some((*place, *kind)),
                _ => None,
            })
            .collect();
        let (matched, texts) = self.captured(&pattern, captured.len(), &value, table.rows)?;
        let kinds: Vec<ScalarType> = captured.iter().map(|(_, kind)| *kind).collect();
        let found = self.converted(&kinds, texts)?;

        // Where a value does not fit its type, the text does not fit the pattern, unless one of them is taken as it comes.
        let is_strict = parse.drops || (!parse.is_relaxed && parse.regex.is_none());
        let typed = || {
            found
                .columns
                .iter()
                .filter(|column| column.kind != ScalarType::String)
        };
        let fits = |place: &usize| !is_strict || typed().all(|column| !column.cell(*place).is_null());
        let fitting = matched
            .iter()
            .copied()
            .zip(0..found.rows)
            .filter(|(_, place)| fits(place));
        let (kept, found) = if parse.drops {
            let (rows, places): (Vec<usize>, Vec<usize>) = fitting.unzip();
            (
                table.take(&rows, &self.budget)?,
                found.take(&places, &self.budget)?,
            )
        } else {
            let mut places = vec![None; table.rows];
            for (row, place) in fitting {
                if let Some(held) = places.get_mut(row) {
                    *held = Some(place);
                }
            }
            (table.clone(), found.take_some(&places, &self.budget)?)
        };
        let rows = kept.rows;
        let captured = captured.into_iter().map(|(place, _)| place);
        Ok(beside(schema, kept, captured, found, rows))
    }

    /// The rows whose texts fit a pattern, and the texts that go to its columns.
    fn captured(
        &self,
        pattern: &Regex,
        columns: usize,
        value: &Column,
        rows: usize,
    ) -> Result<(Vec<usize>, Table)> {
        let groups = groups_of(pattern, columns);
        let mut texts = Gathering::new(&self.budget, texts(columns));
        let mut matched = Vec::new();
        let mut locations = pattern.capture_locations();
        for row in 0..rows {
            self.budget.tick()?;
            let text = value.cell(row).text();
            if pattern.captures_read(&mut locations, &text).is_none() {
                continue;
            }
            matched.push(row);
            let held = groups.iter().map(|group| {
                let (from, to) = locations.get(*group)?;
                text.get(from..to)
            });
            texts.row(
                held.map(|held| Value::String(held.unwrap_or("").to_owned()))
                    .collect(),
            )?;
        }
        Ok((matched, texts.whole()?))
    }

    /// Texts as values of other types, as the functions that convert read them.
    fn converted(&self, kinds: &[ScalarType], texts: Table) -> Result<Table> {
        let rows = texts.rows;
        let mut columns = Vec::with_capacity(kinds.len());
        for (kind, column) in kinds.iter().zip(texts.columns) {
            if *kind == ScalarType::String {
                columns.push(column);
                continue;
            }
            reads(*kind)?;
            let trimmed = column_of(ScalarType::String, rows, |row| match column.cell(row) {
                Cell::String(text) => Cell::String(text.trim()),
                other => other,
            })?;
            columns.push(self.apply(&converter(*kind), &[trimmed], *kind, rows)?);
        }
        let schema = kinds
            .iter()
            .map(|kind| kql::bound::Column::new("", *kind))
            .collect();
        Ok(Table::new(schema, columns, rows))
    }

    pub(crate) fn parse_kv(
        &self,
        schema: Vec<kql::bound::Column>,
        parse: &ParseKv,
        table: &Table,
    ) -> Result<Table> {
        let value = self.column(&parse.value, table)?;
        let pattern = compiled_pairs(parse)?;
        let mut texts = Gathering::new(&self.budget, texts(parse.keys.len()));
        let mut missing = vec![Vec::new(); parse.keys.len()];
        for row in 0..table.rows {
            let text = value.cell(row).text();
            let pairs = match &pattern {
                Some(pattern) => pattern
                    .captures_iter(&text)
                    .filter_map(|groups| {
                        Some((
                            groups.get(1)?.as_str().to_owned(),
                            groups.get(2)?.as_str().to_owned(),
                        ))
                    })
                    .collect(),
                None => pairs::pairs(parse, &text),
            };
            let mut values = Vec::new();
            for ((key, _, _), missing) in parse.keys.iter().zip(&mut missing) {
                let named = |key: &str| pairs.iter().find(|(name, _)| name == key);
                let held = named(key).or_else(|| named(pairs::without_quotes(parse, key)?));
                if held.is_none() {
                    missing.push(row);
                }
                values.push(Value::String(
                    held.map(|(_, text)| text.clone()).unwrap_or_default(),
                ));
            }
            texts.row(values)?;
        }
        let kinds: Vec<ScalarType> = parse.keys.iter().map(|(_, kind, _)| *kind).collect();
        let mut found = self.converted(&kinds, texts.whole()?)?;
        for (column, missing) in found.columns.iter_mut().zip(missing) {
            if missing.is_empty() || column.kind == ScalarType::String {
                continue;
            }
            let mut places: Vec<Option<usize>> = (0..found.rows).map(Some).collect();
            for row in missing {
                if let Some(place) = places.get_mut(row) {
                    *place = None;
                }
            }
            *column = taken(column, &indices(&places, &self.budget)?, &self.budget)?;
        }
        let places = parse.keys.iter().map(|(_, _, place)| *place);
        Ok(beside(schema, table.clone(), places, found, table.rows))
    }
}

/// Fails where `parse` or `parse-kv` would whatever the texts: where the pattern is none, or a type is not read.
pub fn probe_pattern(step: &StepKind) -> Result<()> {
    match step {
        StepKind::Parse(parse) => {
            compiled(parse)?;
            parse.pattern.iter().try_for_each(|part| match part {
                ParsePart::Column(_, kind) => reads(*kind),
                ParsePart::Any | ParsePart::Text(_) => Ok(()),
            })
        }
        StepKind::ParseKv(parse) => {
            compiled_pairs(parse)?;
            parse.keys.iter().try_for_each(|(_, kind, _)| reads(*kind))
        }
        _ => Ok(()),
    }
}

/// Fails where texts are not read as values of a type.
fn reads(kind: ScalarType) -> Result<()> {
    if kind == ScalarType::String || registry::find(&converter(kind)).is_some() {
        return Ok(());
    }
    Err(Failure::unsupported(&format!("a captured {kind}")))
}

fn converter(kind: ScalarType) -> String {
    format!("to{}", kind.name())
}

/// The regular expression of `parse-kv`, if it is given one.
fn compiled_pairs(parse: &ParseKv) -> Result<Option<Regex>> {
    let Some(pattern) = &parse.regex else {
        return Ok(None);
    };
    let compiled = kqlfn::regular::expression(pattern);
    let compiled =
        compiled.ok_or_else(|| Failure::new(format!("`{pattern}` is not a regular expression")))?;
    Ok(Some(compiled))
}

/// So many columns of texts.
fn texts(count: usize) -> Vec<kql::bound::Column> {
    vec![kql::bound::Column::new("", ScalarType::String); count]
}

/// The numbers of the groups that hold what goes to so many columns.
fn groups_of(pattern: &Regex, columns: usize) -> Vec<usize> {
    let number = |at: usize| {
        pattern
            .capture_names()
            .position(|name| name == Some(&group_name(at)))
    };
    (0..columns).filter_map(number).collect()
}

fn group_name(number: usize) -> String {
    format!("g{number}")
}

/// What was found, in its places in or behind the columns of the input.
fn beside(
    schema: Vec<kql::bound::Column>,
    input: Table,
    places: impl Iterator<Item = usize>,
    found: Table,
    rows: usize,
) -> Table {
    let mut columns = input.columns;
    for (place, column) in places.zip(found.columns) {
        match columns.get_mut(place) {
            Some(held) => *held = column,
            None => columns.push(column),
        }
    }
    Table::new(schema, columns, rows)
}

/// The pattern as a regular expression. A typed column takes only what such a value may be written with.
fn compiled(parse: &Parse) -> Result<Regex> {
    let is_regex = parse.regex.is_some();
    let mut text = String::from(if is_regex { "" } else { "^" });
    let mut number = 0;
    let last = parse.pattern.len().saturating_sub(1);
    for (at, part) in parse.pattern.iter().enumerate() {
        let ends = at == last;
        match part {
            ParsePart::Any => text.push_str(if ends { ".*" } else { ".*?" }),
            ParsePart::Text(written) if is_regex => text.push_str(&format!("(?:{written})")),
            ParsePart::Text(written) => text.push_str(&regex::escape(written)),
            ParsePart::Column(_, kind) => {
                let is_beside_column = matches!(
                    parse.pattern.get(at + 1),
                    Some(ParsePart::Column(..) | ParsePart::Any)
                );
                let fits = match kind {
                    ScalarType::Long | ScalarType::Int if is_regex || is_beside_column => {
                        "[ ]*[-+]?[0-9]+[ ]*"
                    }
                    ScalarType::Real if is_regex => r"[ ]*[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?[ ]*",
                    ScalarType::Bool if is_regex => "(?i:true|false)",
                    ScalarType::Real if is_beside_column => "[-+0-9.eE ]+?",
                    // A regular expression takes as much as it can, a pattern of texts as little.
                    _ if ends || is_regex => ".*",
                    _ => ".*?",
                };
                text.push_str(&format!("(?P<{}>{fits})", group_name(number)));
                number += 1;
            }
        }
    }
    // A pattern of texts goes to the end. A regular expression ends where it ends; a column of texts behind it takes
    // what is left, whichever way it is greedy.
    let goes_on = match parse.pattern.last() {
        Some(ParsePart::Any) => true,
        Some(ParsePart::Column(_, kind)) => is_regex && *kind != ScalarType::String,
        Some(ParsePart::Text(_)) | None => is_regex,
    };
    if !goes_on {
        text.push('$');
    }
    let flags = parse.regex.clone().unwrap_or_default();
    let swapped = flags.contains('U');
    let flags: String = flags.chars().filter(|flag| "imsx".contains(*flag)).collect();
    let mut builder = kqlfn::regular::builder(&text);
    builder.dot_matches_new_line(true).swap_greed(swapped);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            'x' => builder.ignore_whitespace(true),
            _ => &mut builder,
        };
    }
    builder
        .build()
        .map_err(|_| Failure::new("the pattern is not a regular expression"))
}
