//! Words and signs of other languages, recognised in order to say how KQL says it.

use super::Parser;
use crate::lexer::TokenKind;

/// What to write instead of what stands here, if that is known.
pub(super) fn hint(parser: &Parser<'_>, expected: &str) -> Option<String> {
    let text = parser.text();
    let first = parser.tokens.first().map_or("", |token| parser.text_of(*token));
    if first.eq_ignore_ascii_case("select") {
        return Some(
            "this is SQL; in KQL the table stands first: `T | where a == 1 | project a, b`".to_owned(),
        );
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
        "|" if text == "|" => sign("|", "|").map(str::to_owned),
        "not" | "NOT" => Some("`not` is a function: `not(a == 1)`".to_owned()),
        // A word of the language that stands where a name is wanted.
        _ if matches!(expected, "a name" | "an expression") && parser.kind() == TokenKind::Word => Some(
            format!("`{text}` is a word of the language; as a name it is `['{text}']`"),
        ),
        _ if expected.starts_with('`') && lowered_is_keyword(text) => {
            Some(format!("keywords are written small: `{}`", text.to_lowercase()))
        }
        _ => None,
    }
}

fn lowered_is_keyword(text: &str) -> bool {
    const KEYWORDS: [&str; 12] = [
        "and", "or", "by", "on", "in", "has", "contains", "between", "asc", "desc", "with", "where",
    ];
    let lowered = text.to_lowercase();
    lowered != text && KEYWORDS.contains(&lowered.as_str())
}

fn sign(text: &str, next: &str) -> Option<&'static str> {
    match (text, next) {
        ("=", _) => Some("`=` gives a name; two values are compared by `==`, texts in any case by `=~`"),
        ("|", "|") => Some("`or` is written out; texts are joined by `strcat(a, b)`"),
        ("&", "&") => Some("`and` is written out"),
        ("!", _) => Some("`not(...)` negates; operators have a form with `!`, such as `!has`"),
        ("-", "-") => Some("a comment begins with `//`"),
        ("/", "*") => Some("a comment begins with `//` and ends with its line"),
        ("{", _) => Some("braces enclose the body of a function: `let f = (a: long) { ... };`"),
        _ => None,
    }
}

fn word(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "select" => Some("begin with the table: `T | project a, b`"),
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
        "ilike" => Some("`contains`, `startswith` and `matches regex` compare texts"),
        _ => None,
    }
}
