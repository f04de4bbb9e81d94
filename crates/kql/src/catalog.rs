//! What a query can name: tables, stored functions and scalar functions. Whoever holds them implements this.

use crate::bound::{Column, Rows};
use crate::diagnostic::Code;
use crate::signature::Signature;
use crate::types::ScalarType;

/// A scalar function as the binder needs to know it.
#[derive(Clone, Debug)]
pub struct FunctionDeclaration {
    /// Its usual name; others lead to it.
    pub name: &'static str,
    /// What it takes and gives, first match first.
    pub signatures: Vec<Signature>,
    /// The columns that it gives where it gives several.
    pub tuple: &'static [(&'static str, ScalarType)],
    /// The arguments that are looked at before the query runs, where they are literal texts.
    pub checked: Vec<CheckedArgument>,
    /// The arguments that must hold for all rows.
    pub constant: &'static [usize],
}

/// An argument of which not every text will do: a regular expression, the name of a part of a datetime.
#[derive(Clone, Copy, Debug)]
pub struct CheckedArgument {
    /// Which one.
    pub argument: usize,
    /// It is asked only where this other argument is this text.
    pub only_if: Option<(usize, &'static str)>,
    /// What is wrong with a text, if something is.
    pub fault: fn(&str) -> Option<Fault>,
}

/// What is wrong with a literal argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Kusto's code.
    pub code: Code,
    /// What, in one sentence without a final stop.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// What a query can name.
pub trait Catalog {
    /// The columns of a table.
    fn table(&self, name: &str) -> Option<Vec<Column>>;

    /// The names of all tables, for patterns and searches.
    fn table_names(&self) -> Vec<String>;

    /// A scalar function.
    fn function(&self, name: &str) -> Option<&FunctionDeclaration>;

    /// The names of all scalar functions, for suggestions.
    fn function_names(&self) -> Vec<&'static str>;

    /// The text of a stored function: `(parameters) { body }`.
    fn stored_function(&self, _name: &str) -> Option<String> {
        None
    }

    /// The times that are asked for, of every table and view that a query names: from, and before, in ticks.
    fn timespan(&self) -> Option<(i64, i64)> {
        None
    }

    /// The column that the times of a table or a view are in.
    fn time_column(&self, _name: &str) -> &str {
        "TimeGenerated"
    }

    /// The names of stored functions: for suggestions, and whether patterns of names find them as tables.
    fn stored_names(&self) -> Vec<(&str, bool)> {
        Vec::new()
    }

    /// Where other systems have a column of this name: the column here, and a hint that says so.
    fn column_elsewhere(&self, _name: &str) -> Option<(&'static str, String)> {
        None
    }

    /// Where other systems have a table of this name: a hint that says what holds its rows here.
    fn table_elsewhere(&self, _name: &str) -> Option<&'static str> {
        None
    }

    /// The columns of rows that only the data tell, such as those that a bag is unpacked into. None: they stay unknown.
    fn open_columns(&self, _rows: &Rows) -> Option<Vec<Column>> {
        None
    }

    /// The database that is asked where none is named.
    fn database(&self) -> &str {
        "flows"
    }

    /// The moment of the query, in ticks.
    fn now(&self) -> i64;
}
