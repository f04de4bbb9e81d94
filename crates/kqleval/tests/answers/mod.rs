//! What a query answers, as text, compared with what it should.

use kql::Severity;
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use kqlfn::wire::write_cell;

/// No tables, and some texts for `externaldata`.
pub(crate) struct Nothing;

impl Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }

    fn external(&self, place: &str) -> kqleval::Result<String> {
        let text = match place {
            "hosts.csv" => "name,port,up,tags\r\n\"web, old\",80,true,\"[\"\"a\"\"]\"\r\ndb,,false\r\n",
            "hosts.tsv" => "web\t80\ndb\t5432\n",
            "hosts.json" => "{\"name\":\"web\",\"port\":80,\"tags\":[1]}\n{\"port\":null,\"name\":\"db\"}\n",
            "all.multijson" => "[{\"name\":\"web\"},\n {\"name\":\"d}b\", \"port\":\"1\"}]",
            "lines.txt" => "one, two\nthree\n",
            _ => return Err(Failure::new(format!("`{place}` is not there"))),
        };
        Ok(text.to_owned())
    }
}

/// The tables that a query answers, each as a line of columns and lines of cells; or the first error.
pub(crate) fn answers(text: &str) -> String {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = Evaluator::new(&Nothing, 1);
    let names = Names::new(Vec::new(), 639_000_000_000_000_000, &evaluator);
    let (bound, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    if let Some(error) = diagnostics.iter().find(|held| held.severity == Severity::Error) {
        return format!("{}: {}", error.code.name(), error.message);
    }
    match evaluator.answers(&bound) {
        Ok(tables) => tables.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Err(failure) => format!("failed: {failure}"),
    }
}

fn shown(table: &Table) -> String {
    let columns: Vec<String> = table
        .schema
        .iter()
        .map(|column| format!("{}:{}", column.name, column.kind.name()))
        .collect();
    let mut lines = vec![columns.join(" ")];
    for row in 0..table.rows {
        let cells: Vec<String> = table
            .row(row)
            .into_iter()
            .map(|cell| {
                let mut text = String::new();
                write_cell(cell, &mut text);
                text.replace("T00:00:00Z", "").replace('"', "'")
            })
            .collect();
        lines.push(cells.join(" "));
    }
    lines.join("\n")
}

/// Compares; the expected lines may be indented, and of a refusal the code is enough.
#[track_caller]
pub(crate) fn check(query: &str, expected: &str) {
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut got = answers(query);
    if let Some((code, _)) = got.split_once(": ")
        && expected == [code]
    {
        got = code.to_owned();
    }
    let got: Vec<&str> = got.lines().map(str::trim).collect();
    assert_eq!(got, expected, "{query}");
}
