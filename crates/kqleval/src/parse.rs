//! `parse`, `parse-where` and `parse-kv`.

mod pairs;

use kql::ScalarType;
use kql::bound::{Parse, ParseKv, ParsePart};
use kql::syntax::Literal;
use kqlfn::evaluate::literal_column;
use kqlfn::registry;
use regex::Regex;

use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::Table;
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
        let names = captured
            .iter()
            .map(|(_, kind)| kql::bound::Column::new("", *kind))
            .collect();
        let mut found = Gathering::new(&self.budget, names);
        let mut places: Vec<usize> = Vec::new();
        for row in 0..table.rows {
            let text = value.cell(row).text();
            match self.match_of(parse, &pattern, &captured, &text)? {
                None if parse.drops => self.budget.tick()?,
                None => found.row(vec![Value::Null; captured.len()])?,
                Some(values) => {
                    places.push(row);
                    found.row(values)?;
                }
            }
        }
        let rows = if parse.drops { places.len() } else { table.rows };
        let kept = if parse.drops {
            table.take(&places, &self.budget)?
        } else {
            table.clone()
        };
        let captured = captured.into_iter().map(|(place, _)| place);
        Ok(beside(schema, kept, captured, found.whole()?, rows))
    }

    /// What the columns of a pattern hold; none if the text does not fit.
    fn match_of(
        &self,
        parse: &Parse,
        pattern: &Regex,
        captured: &[(usize, ScalarType)],
        text: &str,
    ) -> Result<Option<Vec<Value>>> {
        let Some(groups) = pattern.captures(text) else {
            return Ok(None);
        };
        let mut values = Vec::new();
        for (number, (_, kind)) in captured.iter().enumerate() {
            let held = groups
                .name(&format!("g{number}"))
                .map_or("", |held| held.as_str());
            let value = self.read(held, *kind)?;
            let is_broken = *kind != ScalarType::String && value == Value::Null;
            if is_broken && (parse.drops || (!parse.is_relaxed && parse.regex.is_none())) {
                return Ok(None);
            }
            values.push(value);
        }
        Ok(Some(values))
    }

    /// A text as a value of a type, as the function that converts reads it.
    fn read(&self, text: &str, kind: ScalarType) -> Result<Value> {
        if kind == ScalarType::String {
            return Ok(Value::String(text.to_owned()));
        }
        let name = format!("to{}", kind.name());
        if registry::find(&name).is_none() {
            return Err(Failure::unsupported(&format!("a captured {kind}")));
        }
        let argument = literal_column(&Literal::String(text.trim().to_owned()));
        Ok(Value::from(self.apply(&name, &[argument], kind, 1)?.cell(0)))
    }

    pub(crate) fn parse_kv(
        &self,
        schema: Vec<kql::bound::Column>,
        parse: &ParseKv,
        table: &Table,
    ) -> Result<Table> {
        let value = self.column(&parse.value, table)?;
        let pattern = match &parse.regex {
            Some(pattern) => Some(
                kqlfn::regular::expression(pattern)
                    .ok_or_else(|| Failure::new(format!("`{pattern}` is not a regular expression")))?,
            ),
            None => None,
        };
        let names = parse
            .keys
            .iter()
            .map(|(_, kind, _)| kql::bound::Column::new("", *kind))
            .collect();
        let mut found = Gathering::new(&self.budget, names);
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
            for (key, kind, _) in &parse.keys {
                let named = |key: &str| pairs.iter().find(|(name, _)| name == key);
                let held = named(key).or_else(|| named(pairs::without_quotes(parse, key)?));
                values.push(match held {
                    Some((_, text)) => self.read(text, *kind)?,
                    None if *kind == ScalarType::String => Value::String(String::new()),
                    None => Value::Null,
                });
            }
            found.row(values)?;
        }
        let places = parse.keys.iter().map(|(_, _, place)| *place);
        Ok(beside(schema, table.clone(), places, found.whole()?, table.rows))
    }
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
                text.push_str(&format!("(?P<g{number}>{fits})"));
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
