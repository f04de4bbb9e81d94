//! `externaldata`: rows of a text that somebody else has read. Which places may be read is theirs to say.

use kql::ScalarType;
use kql::bound::Column as Named;
use kqlfn::dynamic::Dynamic;
use kqlfn::{Cell, Column};

use crate::run::{Evaluator, ROWS_MAX};
use crate::table::{Table, column_of};
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
            "json" => Self::Lines,
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
        let mut tables = Vec::new();
        for place in places {
            let text = self.tables.external(place)?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let format = format.unwrap_or_else(|| Format::of_place(place));
            tables.push(match format {
                Format::Fields(sign) => self.of_fields(schema, fields(text, sign)?, skips_first)?,
                Format::Text => {
                    let lines = text.lines().map(|line| vec![line.to_owned()]).collect();
                    self.of_fields(schema, lines, skips_first)?
                }
                Format::Raw => self.of_fields(schema, vec![vec![text.to_owned()]], false)?,
                Format::Lines => {
                    let lines = text.lines().filter(|line| !line.trim().is_empty());
                    self.of_objects(schema, &lines.collect::<Vec<_>>())?
                }
                Format::Objects => self.of_objects(schema, &objects(text))?,
            });
        }
        Table::concatenate(schema.to_vec(), &tables)
    }

    /// Records of fields; what is missing at the end of one is empty.
    fn of_fields(&self, schema: &[Named], records: Vec<Vec<String>>, skips_first: bool) -> Result<Table> {
        let records: Vec<Vec<String>> = records.into_iter().skip(usize::from(skips_first)).collect();
        bounded(records.len())?;
        let field = |row: usize, at: usize| {
            let record = records.get(row);
            record
                .and_then(|record| record.get(at))
                .map_or("", String::as_str)
        };
        let mut columns = Vec::new();
        for (at, named) in schema.iter().enumerate() {
            let texts = column_of(ScalarType::String, records.len(), |row| {
                Cell::String(field(row, at))
            })?;
            columns.push(match named.kind {
                ScalarType::String => texts,
                ScalarType::Dynamic => {
                    let values = self.parsed(&texts, records.len())?;
                    column_of(named.kind, records.len(), |row| match field(row, at) {
                        "" => Cell::Null,
                        _ => values.cell(row),
                    })?
                }
                kind => self.cast(&texts, kind, records.len())?,
            });
        }
        Ok(Table::new(schema.to_vec(), columns, records.len()))
    }

    /// JSON objects, whose members are columns by their names.
    fn of_objects(&self, schema: &[Named], texts: &[&str]) -> Result<Table> {
        let column = column_of(ScalarType::String, texts.len(), |row| {
            Cell::String(texts.get(row).copied().unwrap_or(""))
        })?;
        let parsed = self.parsed(&column, texts.len())?;
        let mut records: Vec<Value> = Vec::new();
        for row in 0..texts.len() {
            match parsed.cell(row) {
                Cell::Dynamic(Dynamic::Array(array)) => {
                    records.extend(array.iter().map(|item| Value::from(Cell::Dynamic(item))));
                }
                cell => records.push(Value::from(cell)),
            }
        }
        bounded(records.len())?;
        let mut columns = Vec::new();
        for named in schema {
            let members = column_of(ScalarType::Dynamic, records.len(), |row| {
                match records.get(row).map_or(Cell::Null, Value::cell) {
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
        self.apply(
            "parse_json",
            std::slice::from_ref(texts),
            ScalarType::Dynamic,
            rows,
        )
    }
}

fn bounded(rows: usize) -> Result<()> {
    if rows > ROWS_MAX {
        return Err(Failure::new(format!(
            "external data have more than {ROWS_MAX} rows"
        )));
    }
    Ok(())
}

/// Records on lines, with a sign between their fields. Signs and line ends may stand inside of quotes, and quotes twice.
fn fields(text: &str, sign: char) -> Result<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => is_quoted = true,
            _ if is_quoted => field.push(character),
            '\r' if matches!(characters.peek(), Some('\n') | None) => {}
            '\n' => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
                bounded(records.len())?;
            }
            _ if character == sign => record.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    // An empty line is no record.
    records.retain(|record| record.iter().any(|field| !field.is_empty()) || record.len() > 1);
    Ok(records)
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
