//! Refuses queries with more parts in a row than planning can stand.
//!
//! A chain (`a OR b OR c`, `SELECT … UNION SELECT …`, table upon table) is planned in a recursion as
//! deep as the chain is long, and some rules look at every pair in it. What the parser counts by
//! itself, brackets within brackets, is not looked at here beyond what it forgets.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use model::digits::grouped;

use crate::error::EngineError;

/// Parts of one kind, and how many of them one query may have. The limits were measured together, in
/// the slowest build, against the stack that `workers` gives a query thread.
struct Chain {
    words: &'static str,
    max: usize,
    hint: Option<&'static str>,
    is_part: fn(&Token) -> bool,
}

const MANY_VALUES: &str = "where one column is compared with many values, write `SrcIp IN ('10.0.0.4', '10.0.0.5')`: it takes tens of thousands";

const CHAINS: &[Chain] = &[
    Chain {
        words: "AND and OR",
        max: 1000,
        hint: Some(MANY_VALUES),
        is_part: |token| is_word(token, &[Keyword::AND, Keyword::OR, Keyword::XOR]),
    },
    Chain {
        words: "comparisons",
        max: 2000,
        hint: Some(MANY_VALUES),
        is_part: compares,
    },
    Chain {
        words: "operators such as `+`, `||` and `::`",
        max: 200,
        hint: None,
        is_part: computes,
    },
    Chain {
        words: "UNION, INTERSECT and EXCEPT",
        max: 500,
        hint: Some("rows of constants are written `VALUES (1), (2), (3)`"),
        is_part: |token| {
            let words = [
                Keyword::UNION,
                Keyword::INTERSECT,
                Keyword::EXCEPT,
                Keyword::MINUS,
            ];
            is_word(token, &words)
        },
    },
    Chain {
        words: "WHEN",
        max: 500,
        hint: Some(
            "join with a list: `JOIN (VALUES (22, 'ssh'), (443, 'https')) AS names(port, name) ON ...`",
        ),
        is_part: |token| is_word(token, &[Keyword::WHEN]),
    },
    Chain {
        words: "OVER",
        max: 100,
        hint: None,
        is_part: |token| is_word(token, &[Keyword::OVER]),
    },
];

/// Subqueries, the named ones of WITH among them: each may read the one before.
const QUERIES_MAX: usize = 100;

/// Tables, subqueries and functions in FROM.
const TABLES_MAX: usize = 100;

/// Brackets within brackets, and words of SQL with nothing between them. The parser counts what it
/// nests, but neither the parts of a type nor `INTERVAL INTERVAL`.
const NESTED_MAX: usize = 100;

fn is_word(token: &Token, words: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if words.contains(&word.keyword))
}

fn compares(token: &Token) -> bool {
    let signs = ["=", "==", "<>", "<", ">", "<=", ">=", "<=>"];
    let words = [
        Keyword::IS,
        Keyword::IN,
        Keyword::BETWEEN,
        Keyword::LIKE,
        Keyword::ILIKE,
        Keyword::SIMILAR,
        Keyword::RLIKE,
        Keyword::REGEXP,
    ];
    sign(token).is_some_and(|sign| signs.contains(&sign.as_str())) || is_word(token, &words)
}

/// Every other operator: the tokenizer knows dozens, and a list of them would not stay whole.
fn computes(token: &Token) -> bool {
    let words = [
        Keyword::AT,
        Keyword::COLLATE,
        Keyword::DIV,
        Keyword::NOTNULL,
        Keyword::OPERATOR,
        Keyword::OVERLAPS,
    ];
    sign(token).is_some() && !compares(token) || is_word(token, &words)
}

/// The text of an operator. Commas, dots and brackets build no chains, but `[` after a value does.
fn sign(token: &Token) -> Option<String> {
    match token {
        Token::Word(_)
        | Token::Number(..)
        | Token::Whitespace(_)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::Colon
        | Token::SemiColon
        | Token::LParen
        | Token::RParen
        | Token::RBracket
        | Token::LBrace
        | Token::RBrace
        | Token::RArrow
        | Token::EOF => None,
        other => {
            let text = other.to_string();
            let quoted = text.starts_with(['\'', '"', '$']);
            (!quoted && text.chars().all(|c| c.is_ascii_punctuation())).then_some(text)
        }
    }
}

/// Looks at the words of the query, before they are parsed.
pub(crate) fn check_words(text: &str) -> Result<(), EngineError> {
    // What cannot be split into words is the parser's to name.
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .tokenize()
        .unwrap_or_default();
    for chain in CHAINS {
        let count = tokens.iter().filter(|token| (chain.is_part)(token)).count();
        within(count, chain.max, chain.words, chain.hint)?;
    }
    if nested(&tokens) > NESTED_MAX {
        return Err(EngineError::syntax("the query is nested too deeply", None));
    }
    Ok(())
}

/// Looks at the parsed query. It is no deeper than its words let it be.
pub(crate) fn check_parts(statement: &Statement) -> Result<(), EngineError> {
    let mut parts = Parts::default();
    match statement {
        Statement::Explain(explain) => return check_parts(&explain.statement),
        Statement::Statement(sql) => {
            let _ = sql.visit(&mut parts);
        }
        _ => {}
    }
    within(parts.queries, QUERIES_MAX, "subqueries", None)?;
    within(parts.tables, TABLES_MAX, "tables and subqueries in FROM", None)
}

fn within(count: usize, max: usize, words: &str, hint: Option<&str>) -> Result<(), EngineError> {
    if count <= max {
        return Ok(());
    }
    Err(EngineError::Syntax {
        message: format!(
            "{} {words} in one query; {} is the limit",
            grouped(count as u64),
            grouped(max as u64)
        ),
        position: None,
        advice: Some(hint.unwrap_or("ask in several queries").to_owned()),
    })
}

/// How deep the brackets are, or how long the longest row of SQL words is, whichever is more.
fn nested(tokens: &[Token]) -> usize {
    let (mut depth, mut row, mut most): (usize, usize, usize) = (0, 0, 0);
    for token in tokens {
        match token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        let keyword = matches!(token, Token::Word(word) if word.keyword != Keyword::NoKeyword);
        row = if keyword { row + 1 } else { 0 };
        most = most.max(depth).max(row);
    }
    most
}

#[derive(Default)]
struct Parts {
    queries: usize,
    tables: usize,
}

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, _: &TableFactor) -> ControlFlow<()> {
        self.tables += 1;
        ControlFlow::Continue(())
    }
}
