//! Columns of ours whose name is a word of SQL, for a query that cannot be read because of one.
//!
//! Which names these are is not listed: a word is to blame if the query can be read once it is quoted.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};
use model::columns::TABLES;

use crate::error::{EngineError, Position};

/// The error that names the column to quote; none if quoting no column helps.
pub(crate) fn column(text: &str, reads: impl Fn(&str) -> bool) -> Option<EngineError> {
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .tokenize_with_location()
        .ok()?;
    let found = tokens
        .iter()
        .enumerate()
        .filter_map(|(index, token)| Some((index, our_column(&token.token)?)))
        .filter(|(_, name)| reads(&quoted(&tokens, name)))
        .map(|(index, name)| (tokens.get(index), name))
        .next()?;
    let (token, name) = found;
    let position = token.map(|token| Position {
        line: token.span.start.line,
        column: token.span.start.column,
    });
    Some(EngineError::Syntax {
        message: format!("`{name}` is a word of SQL"),
        position,
        advice: Some(format!("write \"{name}\" in double quotes")),
    })
}

/// The column whose name the token would be, were it not a word of SQL.
fn our_column(token: &Token) -> Option<&'static str> {
    let Token::Word(word) = token else { return None };
    if word.quote_style.is_some() || word.keyword == Keyword::NoKeyword {
        return None;
    }
    let mut columns = TABLES.iter().flat_map(|table| table.columns);
    columns
        .find(|column| column.name.eq_ignore_ascii_case(&word.value))
        .map(|column| column.name)
}

/// The query with this column in quotes wherever it stands.
fn quoted(tokens: &[TokenWithSpan], name: &str) -> String {
    let quote = |token: &TokenWithSpan| match &token.token {
        Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name) => {
            Token::Word(Word {
                value: name.to_owned(),
                quote_style: Some('"'),
                keyword: Keyword::NoKeyword,
            })
            .to_string()
        }
        other => other.to_string(),
    };
    tokens.iter().map(quote).collect()
}
