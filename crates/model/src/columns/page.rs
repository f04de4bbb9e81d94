//! The column reference page, made from the column table.

use super::{ColumnDef, FACT_TABLES, ROLLUPS, RowSource, TABLES, ValueType, row_source};
use std::fmt::Write as _;

/// `docs/columns.md`.
#[must_use]
pub fn columns_page() -> String {
    let mut page = String::from(
        "# Columns\n\n\
         Generated from `crates/model/src/columns/` by `cargo xtask generate`; do not edit.\n\n\
         **Kind**: *logged* columns hold what the log says, *asof* columns what was true at the time and is lost later, \
         and *computed* columns are made when a query asks: they exist in `flowglass query`, not in the files.\n\n\
         **Type** is KQL's word. Where the table itself holds another, that of Delta stands in brackets: days are dates, \
         and bytes are `binary`, which JSON and CSV show in hexadecimal. `TRY_CAST(Raw AS VARCHAR)` is their text, null \
         where they are not UTF-8.\n",
    );
    for table in TABLES {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\nOne row is {}. Partitioned by `{}`.\n\n",
            table.name, table.row, table.partition
        );
        page.push_str("| column | type | kind | null | unit | meaning | VNet flow log | NSG flow log | Traffic Analytics | flat record | also known as |\n");
        page.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
        for column in table.columns {
            row(&mut page, column);
        }
    }
    for table in FACT_TABLES.iter().chain(ROLLUPS) {
        let _ = write!(page, "\n## {}\n\nOne row is {}.\n\n", table.name, table.row);
        page.push_str("| column | type | null | meaning |\n|---|---|---|---|\n");
        // A rollup's day is how its files lie.
        let shown = table
            .columns
            .iter()
            .filter(|column| column.name != table.partition);
        for column in shown {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                column.name,
                type_words(column.value_type),
                if column.nullable { "yes" } else { "no" },
                column.meaning,
            );
        }
    }
    page
}

fn row(page: &mut String, column: &ColumnDef) {
    let aliases: Vec<String> = column
        .kql_aliases
        .iter()
        .map(|alias| format!("`{alias}`"))
        .collect();
    let _ = writeln!(
        page,
        "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        column.name,
        type_words(column.value_type),
        column.kind.as_str(),
        if column.nullable { "yes" } else { "no" },
        column.unit,
        column.meaning,
        column.vnet,
        column.nsg,
        of_rows(column, |source| source.ta),
        of_rows(column, |source| source.flat),
        aliases.join(", "),
    );
}

/// Where a column comes from in rows. Columns of the side tables, and computed ones, come from where
/// they come from for tuples.
fn of_rows(column: &ColumnDef, which: fn(&RowSource) -> &'static str) -> &'static str {
    row_source(column)
        .filter(|_| column.vnet != "ingest")
        .map_or(column.vnet, which)
}

/// The type's word in KQL, and that of Delta where a reader of the files meets something else.
fn type_words(value_type: ValueType) -> String {
    match value_type {
        ValueType::Bytes | ValueType::Day => format!("{} (`{}`)", value_type.kql(), value_type.delta()),
        other => other.kql().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_not_called_text_alone() {
        let page = super::columns_page();
        assert!(page.contains("| `Raw` | string (`binary`) |"));
        assert!(page.contains("| `RecordHash` | string (`binary`) |"));
    }

    #[test]
    fn every_column_is_on_the_page() {
        let page = super::columns_page();
        for table in super::TABLES {
            for column in table.columns {
                assert!(
                    page.contains(&format!("| `{}` |", column.name)),
                    "{}",
                    column.name
                );
            }
        }
    }
}
