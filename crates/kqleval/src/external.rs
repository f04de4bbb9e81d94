//! `externaldata`: rows of a text that somebody else has read. Which places may be read is theirs to say.

use std::sync::Arc;

use kql::ScalarType;
use kql::bound::Column as Named;
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, Result};

/// How a text is read.
#[derive(Clone, Copy)]
enum Format {
    /// Fields with this sign between them.
    Fields(char),
    /// A JSON object on each line.
    Lines,
    /// JSON objects one after the other, or in an array.
    Objects,
    /// Each line is the first column.
    Text,
    /// All of it is the first column.
    Raw,
}

impl Format {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "csv" => Self::Fields(','),
            "tsv" | "tsve" => Self::Fields('\t'),
            "psv" => Self::Fields('|'),
            "scsv" => Self::Fields(';'),
            "sohsv" => Self::Fields('\u{1}'),
            "json" | "ndjson" | "jsonl" => Self::Lines,
            "multijson" => Self::Objects,
            "txt" => Self::Text,
            "raw" => Self::Raw,
            _ => return None,
        })
    }

    /// As the place's ending tells; without one it is `csv`.
    fn of_place(place: &str) -> Self {
        let path = place.split(['?', ';']).next().unwrap_or(place);
        let path = path.trim_end_matches(".gz").trim_end_matches(".zip");
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        ending
            .and_then(|ending| Self::of(&ending))
            .unwrap_or(Self::Fields(','))
    }
}

impl Evaluator<'_> {
    pub(crate) fn external(
        &self,
        schema: &[Named],
        places: &[String],
        properties: &[(String, String)],
    ) -> Result<Table> {
        let mut format = None;
        let mut skips_first = false;
        for (name, value) in properties {
            match name.as_str() {
                "format" => {
                    let wanted = Format::of(&value.to_lowercase());
                    format = Some(wanted.ok_or_else(|| {
                        Failure::unsupported(&format!("the format `{value}` of `externaldata`"))
                    })?);
                }
                "ignorefirstrecord" => skips_first = value == "true",
                other => {
                    return Err(Failure::unsupported(&format!(
                        "the property `{other}` of `externaldata`"
                    )));
                }
            }
        }
        let mut all = Gathering::new(&self.budget, schema.to_vec());
        for place in places {
            let text = self.tables.external(place)?;
            let mut held = self.budget.hold();
            held.grow(text.len())?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let format = format.unwrap_or_else(|| Format::of_place(place));
            all.table(match format {
                Format::Fields(sign) => self.of_fields(schema, skips_first, |records| {
                    fields(text, sign, |record| records.push(record))
                })?,
                Format::Text => self.of_fields(schema, skips_first, |records| {
                    text.lines()
                        .try_for_each(|line| records.push(vec![line.to_owned()]))
                })?,
                Format::Raw => {
                    self.of_fields(schema, false, |records| records.push(vec![text.to_owned()]))?
                }
                Format::Lines => {
                    let lines = text.lines().filter(|line| !line.trim().is_empty());
                    self.of_objects(schema, &lines.collect::<Vec<_>>())?
                }
                Format::Objects => self.of_objects(schema, &objects(text))?,
            })?;
        }
        all.whole()
    }

    /// Records of fields; what is missing at the end of one is empty.
    fn of_fields(
        &self,
        schema: &[Named],
        skips_first: bool,
        write: impl FnOnce(&mut Records<'_, '_>) -> Result<()>,
    ) -> Result<Table> {
        let texts = schema
            .iter()
            .map(|named| Named::new(Arc::clone(&named.name), ScalarType::String));
        let mut records = Records {
            rows: Gathering::new(&self.budget, texts.collect()),
            width: schema.len(),
            skips: skips_first,
        };
        write(&mut records)?;
        let texts = records.rows.whole()?;
        let mut columns = Vec::new();
        for (named, column) in schema.iter().zip(&texts.columns) {
            columns.push(match named.kind {
                ScalarType::String => column.clone(),
                ScalarType::Dynamic => {
                    let values = self.parsed(column, texts.rows)?;
                    self.column_in_parts(named.kind, texts.rows, |row| match column.cell(row) {
                        Cell::String("") => Cell::Null,
                        _ => values.cell(row),
                    })?
                }
                kind => self.cast(column, kind, texts.rows)?,
            });
        }
        Ok(Table::new(schema.to_vec(), columns, texts.rows))
    }

    /// JSON objects, whose members are columns by their names.
    fn of_objects(&self, schema: &[Named], texts: &[&str]) -> Result<Table> {
        let column = self.column_in_parts(ScalarType::String, texts.len(), |row| {
            Cell::String(texts.get(row).copied().unwrap_or(""))
        })?;
        let parsed = self.parsed(&column, texts.len())?;
        let mut held = self.budget.hold();
        held.keep_array(&column.array)?;
        held.keep_array(&parsed.array)?;
        let mut records: Vec<Cell<'_>> = Vec::new();
        for row in 0..texts.len() {
            match parsed.cell(row) {
                Cell::Dynamic(Dynamic::Array(array)) => {
                    held.grow(array.len().saturating_mul(size_of::<Cell<'_>>()))?;
                    records.extend(array.iter().map(Cell::Dynamic));
                }
                cell => {
                    held.grow(size_of::<Cell<'_>>())?;
                    records.push(cell);
                }
            }
            self.budget.tick()?;
        }
        let mut columns = Vec::new();
        for named in schema {
            let members = self.column_in_parts(ScalarType::Dynamic, records.len(), |row| {
                match records.get(row).copied().unwrap_or(Cell::Null) {
                    Cell::Dynamic(Dynamic::Bag(bag)) => match bag.get(&named.name) {
                        Some(Dynamic::Null) | None => Cell::Null,
                        Some(value) => Cell::Dynamic(value),
                    },
                    _ => Cell::Null,
                }
            })?;
            columns.push(match named.kind {
                ScalarType::Dynamic => members,
                kind => self.cast(&members, kind, records.len())?,
            });
        }
        Ok(Table::new(schema.to_vec(), columns, records.len()))
    }

    fn parsed(&self, texts: &Column, rows: usize) -> Result<Column> {
        self.apply_in_parts(
            "parse_json",
            std::slice::from_ref(texts),
            ScalarType::Dynamic,
            rows,
        )
    }
}

/// Records as they come.
struct Records<'b, 't> {
    rows: Gathering<'b, 't>,
    width: usize,
    /// The first is passed over.
    skips: bool,
}

impl Records<'_, '_> {
    fn push(&mut self, record: Vec<String>) -> Result<()> {
        if std::mem::take(&mut self.skips) {
            return Ok(());
        }
        let mut values: Vec<Value> = record.into_iter().take(self.width).map(Value::String).collect();
        values.resize(self.width, Value::Null);
        self.rows.row(values)
    }
}

/// Records on lines, with a sign between their fields. Signs and line ends may stand inside of quotes, and quotes twice.
fn fields(text: &str, sign: char, mut push: impl FnMut(Vec<String>) -> Result<()>) -> Result<()> {
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    // An empty line is no record.
    let is_one = |record: &[String]| record.iter().any(|field| !field.is_empty()) || record.len() > 1;
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => is_quoted = true,
            _ if is_quoted => field.push(character),
            '\r' if matches!(characters.peek(), Some('\n') | None) => {}
            '\n' => {
                record.push(std::mem::take(&mut field));
                let record = std::mem::take(&mut record);
                if is_one(&record) {
                    push(record)?;
                }
            }
            _ if character == sign => record.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    record.push(field);
    if is_one(&record) {
        push(record)?;
    }
    Ok(())
}

/// The JSON values that follow one another in a text.
fn objects(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for (at, character) in text.char_indices() {
        if is_text {
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => is_text = false,
                _ => {}
            }
            continue;
        }
        match character {
            '"' => is_text = true,
            '{' | '[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.extend(text.get(start..=at));
                }
            }
            _ => {}
        }
    }
    found
}
