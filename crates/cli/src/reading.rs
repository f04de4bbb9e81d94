//! Raw logs, read without a table: which files, what stands in them, row by row.

pub(crate) mod row;
pub(crate) mod rows_in;
pub(crate) mod scan;
pub(crate) mod sources;
pub(crate) mod troubles;
