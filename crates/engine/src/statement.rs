//! One reading statement, or a refusal that names what was asked for.
//!
//! The list of statements that are let through is short and closed: what is not on it is refused,
//! whatever it is. It looks at the syntax only; the bound plan is looked at once more in `engine`,
//! because `SELECT … INTO` and the like hide in queries.

use std::collections::VecDeque;

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as Sql;
use datafusion::sql::sqlparser::dialect::GenericDialect;

use crate::chains;
use crate::context::Limits;
use crate::diagnose::{Names, binding};
use crate::error::EngineError;
use crate::reserved;

/// How deeply a query may be nested: deeper ones come from programs gone wrong, and every level costs stack.
pub(crate) const DEPTH_MAX: usize = 50;

/// Parses the text as one reading statement.
pub(crate) fn parse(text: &str) -> Result<Statement, EngineError> {
    chains::check_words(text)?;
    let mut statements = read(text).map_err(|error| {
        let reads = |text: &str| read(text).is_ok();
        reserved::column(text, reads)
            .unwrap_or_else(|| binding(&error, &Names::default(), &Limits::default()))
    })?;
    if let Some(writing) = statements.iter().find(|statement| !reads(statement)) {
        return Err(EngineError::Write {
            statement: verb(writing),
        });
    }
    if statements.len() > 1 {
        let message = format!("one statement at a time, not {}", statements.len());
        return Err(EngineError::syntax(message, None));
    }
    let statement = statements
        .pop_front()
        .ok_or_else(|| EngineError::syntax("the query is empty", None))?;
    chains::check_parts(&statement)?;
    Ok(statement)
}

fn read(text: &str) -> Result<VecDeque<Statement>, DataFusionError> {
    DFParserBuilder::new(text)
        .with_dialect(&GenericDialect {})
        .with_recursion_limit(DEPTH_MAX)
        .build()?
        .parse_statements()
}

fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Explain(explain) => reads(&explain.statement),
        Statement::Statement(sql) => match sql.as_ref() {
            Sql::Query(_)
            | Sql::ExplainTable { .. }
            | Sql::ShowTables { .. }
            | Sql::ShowColumns { .. }
            | Sql::ShowFunctions { .. } => true,
            Sql::Explain { statement, .. } => reads(&Statement::Statement(statement.clone())),
            _ => false,
        },
        _ => false,
    }
}

fn verb(statement: &Statement) -> String {
    match statement {
        Statement::Explain(explain) => verb(&explain.statement),
        Statement::CopyTo(_) => "COPY".to_owned(),
        other => other
            .to_string()
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, word: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!(
            error,
            EngineError::Write {
                statement: word.to_owned()
            },
            "{text}"
        );
    }

    #[test]
    fn whatever_writes_is_refused_by_name() {
        refused("INSERT INTO Flows VALUES (1)", "INSERT");
        refused("UPDATE Flows SET SrcPort = 1", "UPDATE");
        refused("DELETE FROM Flows", "DELETE");
        refused("DROP TABLE Flows", "DROP");
        refused("CREATE TABLE T AS SELECT 1", "CREATE");
        refused("CREATE VIEW V AS SELECT 1", "CREATE");
        refused(
            "CREATE EXTERNAL TABLE T STORED AS PARQUET LOCATION '/etc'",
            "CREATE",
        );
        refused("COPY Flows TO 'out.parquet'", "COPY");
        refused("SET datafusion.execution.batch_size = 1", "SET");
        refused("TRUNCATE TABLE Flows", "TRUNCATE");
        refused("PREPARE p AS SELECT 1", "PREPARE");
        refused("EXPLAIN INSERT INTO Flows VALUES (1)", "INSERT");
        refused("EXPLAIN ANALYZE DELETE FROM Flows", "DELETE");
        refused("SELECT 1; DROP TABLE Flows", "DROP");
    }

    #[test]
    fn one_statement_at_a_time() {
        assert_eq!(
            parse("SELECT 1; SELECT 2").unwrap_err().to_string(),
            "one statement at a time, not 2"
        );
        assert!(parse("SELECT 1;").is_ok());
        assert_eq!(
            parse(" -- nothing").unwrap_err().to_string(),
            "the query is empty"
        );
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let error = parse("SELECT *\nFROM").unwrap_err();
        assert_eq!(error.code(), model::codes::list::QUERY_SYNTAX);
        assert_eq!(
            error.to_string(),
            "expected identifier, found the end of the query"
        );
        let error = parse("SELECT SrcIp\nFRM Flows f x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected end of statement, found `Flows` at line 2, column 5"
        );
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_overflow() {
        let text = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(
            parse(&text).unwrap_err().to_string(),
            "the query is nested too deeply"
        );
    }
}
