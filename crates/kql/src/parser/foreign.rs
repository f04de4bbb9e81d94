//! Words and signs of other languages, recognised in order to say how KQL says it.

use super::Parser;
use crate::lexer::TokenKind;

/// What to write instead of what stands here, if that is known.
pub(super) fn hint(parser: &Parser<'_>, expected: &str) -> Option<String> {
    let text = parser.text();
    let first = parser.tokens.first().map_or("", |token| parser.text_of(*token));
    if let Some(hint) = between_queries(parser, expected).or_else(|| begun(parser, first)) {
        return Some(hint);
    }
    if is_select(first) {
        return Some(
            "this is SQL; in KQL the table stands first: `T | where a == 1 | project a, b`".to_owned(),
        );
    }
    let hint = quotes(parser).or_else(|| moment(parser)).or_else(|| unit(parser));
    if let Some(hint) = hint.or_else(|| converted(parser)) {
        return Some(hint);
    }
    if let Some(hint) = joined(parser, expected).or_else(|| called(parser, expected)) {
        return Some(hint);
    }
    if let Some(hint) = sign(text, parser.text_ahead(1)) {
        return Some(hint.to_owned());
    }
    if parser.kind() == TokenKind::Word
        && let Some(hint) = word(text)
    {
        return Some(hint.to_owned());
    }
    let before = parser.at.checked_sub(1).and_then(|at| parser.tokens.get(at))?;
    match parser.text_of(*before) {
        before if is_select(before) => Some("the values come of a query: `in (T | project a)`".to_owned()),
        "*" if expected.starts_with("`|`") => Some("`pow(a, b)` is a to the power of b".to_owned()),
        "distinct" => Some(format!(
            "different values are counted by `dcount({text})` or `count_distinct({text})`"
        )),
        "interval" | "INTERVAL" => {
            Some("a span of time is a literal such as `1d`; `ago(1d)` is as long before now".to_owned())
        }
        "all" | "ALL" if expected.starts_with("`|`") => {
            Some(format!("`union` keeps all rows as it is: `union {text}`"))
        }
        "|" if text == "|" => sign("|", "|").map(str::to_owned),
        "not" | "NOT" => Some("`not` is a function: `not(a == 1)`".to_owned()),
        // A word of the language that stands where a name is wanted.
        _ if matches!(expected, "a name" | "an expression") && parser.kind() == TokenKind::Word => Some(
            format!("`{text}` is a word of the language; as a name it is `['{text}']`"),
        ),
        "in" | "!in" | "in~" | "!in~" => Some("the values stand in brackets: `in (1, 2)`".to_owned()),
        _ if expected.starts_with("`|`") && super::lists::OPERATORS.contains(&text) => {
            Some(format!("an operator begins with `|`: `| {text} ...`"))
        }
        _ if expected.starts_with('`') && lowered_is_keyword(text) => {
            Some(format!("keywords are written small: `{}`", text.to_lowercase()))
        }
        _ => None,
    }
}

/// Two queries without a sign between them: a line is left free there.
fn between_queries(parser: &Parser<'_>, expected: &str) -> Option<String> {
    let token = parser.token();
    if !expected.starts_with("`|`, `;`") || token.kind != TokenKind::Word {
        return None;
    }
    let between = parser
        .query
        .get(token.previous_end as usize..token.span.start as usize)?;
    let lines = between.bytes().filter(|byte| *byte == b'\n').count();
    (between.trim().is_empty() && lines > 1).then(|| "put `;` between queries".to_owned())
}

/// What no query begins with.
fn begun(parser: &Parser<'_>, first: &str) -> Option<String> {
    let begins = parser.at <= 1;
    match first {
        "." if begins => Some(
            "this is a management command; only queries are answered, such as `T | getschema`".to_owned(),
        ),
        _ if begins
            && ["show", "describe", "desc"]
                .iter()
                .any(|word| first.eq_ignore_ascii_case(word)) =>
        {
            Some("`T | getschema` tells the columns of a table".to_owned())
        }
        _ if begins && first.eq_ignore_ascii_case("from") => {
            Some(format!("the table stands first: `{} | ...`", parser.text()))
        }
        _ if first.eq_ignore_ascii_case("with") && parser.at <= 2 => {
            let name = parser.tokens.get(1).map_or("x", |token| parser.text_of(*token));
            Some(format!(
                "`let` gives a query a name: `let {name} = ...; {name} | ...`"
            ))
        }
        _ => None,
    }
}

/// `select`, also with one letter wrong.
fn is_select(word: &str) -> bool {
    let word = word.to_lowercase();
    word.len() <= 7 && word != "search" && strsim::damerau_levenshtein(&word, "select") <= 1
}

/// Quotes that a word processor made: the text between them, in straight ones.
fn quotes(parser: &Parser<'_>) -> Option<String> {
    const OPENING: [char; 6] = [
        '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}',
    ];
    const CLOSING: [char; 6] = ['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{bb}', '"'];
    let from = parser.query.get(parser.token().span.start as usize..)?;
    let line = from.lines().next()?;
    let inside = line.strip_prefix(OPENING)?;
    match inside.find(CLOSING).and_then(|end| inside.get(..end)) {
        Some(text) => Some(format!("texts stand in straight quotes: `\"{text}\"`")),
        None => Some("texts stand in straight quotes: `\"`".to_owned()),
    }
}

/// A date and time without `datetime(...)` around them.
fn moment(parser: &Parser<'_>) -> Option<String> {
    let at = parser.token().span.start as usize;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | 'T' | 'Z' | ' ');
    let before = parser.query.get(..at)?;
    let begins = before.trim_end_matches(is_part).len();
    let behind = parser.query.get(at..)?;
    let ends = at + behind.find(|c| !is_part(c)).unwrap_or(behind.len());
    let text = parser.query.get(begins..ends)?.trim();
    let has_time = text.contains(':') && text.get(4..5) == Some("-");
    let is_moment = has_time && crate::values::parse_datetime(text).is_some();
    is_moment.then(|| format!("a moment is written `datetime({text})`"))
}

/// A number and its unit with a blank between them.
fn unit(parser: &Parser<'_>) -> Option<String> {
    let before = parser.at.checked_sub(1).and_then(|at| parser.tokens.get(at))?;
    let is_number = matches!(before.kind, TokenKind::Long | TokenKind::Real);
    if !is_number || parser.kind() != TokenKind::Word {
        return None;
    }
    let joined = format!("{}{}", parser.text_of(*before), parser.text());
    crate::values::parse_timespan(&joined)
        .map(|_| format!("a span of time is written without a blank: `{joined}`"))
}

/// `cast(a as string)`, as in SQL.
fn converted(parser: &Parser<'_>) -> Option<String> {
    let opening = parser.at.checked_sub(2)?;
    let mut before = parser.tokens.get(..opening)?.iter().rev();
    let is_cast = before.any(|token| parser.text_of(*token).eq_ignore_ascii_case("cast"));
    (is_cast && parser.text().eq_ignore_ascii_case("as"))
        .then(|| "`tostring(a)`, `tolong(a)`, `todatetime(a)` and their kin convert".to_owned())
}

/// `left join`, as in SQL.
fn joined(parser: &Parser<'_>, expected: &str) -> Option<String> {
    if expected != "an operator" || parser.text_ahead(1) != "join" {
        return None;
    }
    let kind = match parser.text().to_lowercase().as_str() {
        "left" => "leftouter",
        "right" => "rightouter",
        "full" | "outer" => "fullouter",
        "inner" => "inner",
        _ => return None,
    };
    Some(format!("`join kind={kind} (...) on key`"))
}

/// An operator between two values that is called like a function.
fn called(parser: &Parser<'_>, expected: &str) -> Option<String> {
    let text = parser.text();
    let is_called = parser.sign_ahead(1, "(") && matches!(expected, "an expression" | "the name of a member");
    let compares = matches!(
        text,
        "contains" | "has" | "startswith" | "endswith" | "has_any" | "has_all" | "hasprefix" | "hassuffix"
    );
    (is_called && compares).then(|| format!("`{text}` stands between two values: `a {text} \"b\"`"))
}

fn lowered_is_keyword(text: &str) -> bool {
    const KEYWORDS: [&str; 18] = [
        "like",
        "startswith",
        "endswith",
        "matches",
        "has_any",
        "has_all",
        "and",
        "or",
        "by",
        "on",
        "in",
        "has",
        "contains",
        "between",
        "asc",
        "desc",
        "with",
        "where",
    ];
    let lowered = text.to_lowercase();
    lowered != text && KEYWORDS.contains(&lowered.as_str())
}

fn sign(text: &str, next: &str) -> Option<&'static str> {
    match (text, next) {
        ("=", "null") => {
            Some("`isnull(a)` asks for what has no value, and `isempty(a)` for texts that have none")
        }
        ("`", _) => Some("a name with other signs than letters and digits stands in brackets: `['a b']`"),
        ("=", _) => Some("`=` gives a name; two values are compared by `==`, texts in any case by `=~`"),
        ("|", "|") => Some("`or` is written out; texts are joined by `strcat(a, b)`"),
        ("&", "&") => Some("`and` is written out"),
        ("!", _) => Some("`not(...)` negates; operators have a form with `!`, such as `!has`"),
        ("-", "-") => Some("a comment begins with `//`"),
        ("/", "*") => Some("a comment begins with `//` and ends with its line"),
        ("?", _) => Some("`iff(condition, then, else)` decides"),
        ("#", _) => Some("a comment begins with `//`"),
        ("{", _) => Some("braces enclose the body of a function: `let f = (a: long) { ... };`"),
        _ => None,
    }
}

fn word(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        _ if is_select(text) => Some("begin with the table: `T | project a, b`"),
        "from" => Some("the table stands first: `T | where ...`"),
        "group" => Some("`summarize count() by a` groups"),
        "having" => Some("filter behind `summarize` with `| where`"),
        "is" => Some("`isnull(a)` and `isnotnull(a)` ask for values, `isempty(a)` for texts"),
        "not" => Some("`not` is a function: `not(a == 1)`; operators have a form with `!`, such as `!in`"),
        "then" | "when" | "else" | "case" => Some("`iff(condition, then, else)` and `case(...)` decide"),
        "stats" => Some("`summarize` makes statistics"),
        "eval" => Some("`extend` computes columns"),
        "fields" => Some("`project` chooses columns"),
        "head" => Some("`take` gives some rows, `top n by a` the first"),
        "insert" | "update" | "delete" | "drop" | "create" => Some("queries only read"),
        "ascending" => Some("the order is `asc` or `desc`: write `asc`"),
        "descending" => Some("the order is `asc` or `desc`: write `desc`"),
        "as" => Some("a name stands before its value: `project b = a`, `extend b = a`"),
        "regex" | "matches" => Some("`a matches regex \"b\"` looks for a regular expression"),
        "rename" => Some("`project-rename new = old`"),
        "offset" | "skip" => {
            Some("`sort by a | serialize n = row_number() | where n > 10` leaves out the first ten")
        }
        "distinct" => {
            Some("`| distinct a` gives different values, `dcount(a)` and `count_distinct(a)` count them")
        }
        "ilike" => Some("`contains`, `startswith` and `matches regex` compare texts"),
        _ => None,
    }
}
