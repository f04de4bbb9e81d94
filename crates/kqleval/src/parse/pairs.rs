//! `parse-kv`: the pairs of a key and a value that a text holds.

use kql::bound::ParseKv;

/// The pairs of a text, in their order.
pub(super) fn pairs(parse: &ParseKv, text: &str) -> Vec<(String, String)> {
    if parse.kv_delimiter.is_empty() || parse.pair_delimiter.is_empty() {
        return neighbours(parse, text);
    }
    let mut pairs = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(parse.kv_delimiter.as_str()) {
        let (_, key) = last_key(parse, before);
        let (value, left) = value_of(parse, behind);
        pairs.push((key.to_owned(), value));
        rest = left;
    }
    pairs
}

/// What a key that is declared with its quotes is called in the pairs, which have none.
pub(super) fn without_quotes<'k>(parse: &ParseKv, key: &'k str) -> Option<&'k str> {
    parse
        .quotes
        .iter()
        .find_map(|(opening, closing)| key.strip_prefix(*opening)?.strip_suffix(*closing))
}

/// The key at the end of a text, and where it begins: in quotes, or behind the last delimiter of pairs.
fn last_key<'t>(parse: &ParseKv, text: &'t str) -> (usize, &'t str) {
    let trimmed = text.trim_end();
    for (opening, closing) in &parse.quotes {
        if let Some(inside) = trimmed.strip_suffix(*closing)
            && let Some((before, key)) = inside.rsplit_once(*opening)
        {
            return (before.len(), key);
        }
    }
    let mut end = text.len();
    for piece in text.rsplit(parse.pair_delimiter.as_str()) {
        let start = end.saturating_sub(piece.len());
        if !piece.trim().is_empty() {
            return (start, piece.trim());
        }
        end = start.saturating_sub(parse.pair_delimiter.len());
    }
    (0, trimmed)
}

/// A value, quoted or up to the next delimiter, and what stands behind it. Blanks around it are no part of it.
fn value_of<'t>(parse: &ParseKv, text: &'t str) -> (String, &'t str) {
    if let Some(quoted) = quoted(parse, text.trim_start()) {
        return quoted;
    }
    let end = if parse.is_greedy {
        // The value goes on to the last delimiter before the next key.
        text.split_once(parse.kv_delimiter.as_str())
            .map(|(before, _)| last_key(parse, before).0)
    } else {
        text.find(parse.pair_delimiter.as_str())
    };
    let (value, rest) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""));
    let delimiter = parse.pair_delimiter.as_str();
    let value = value.strip_suffix(delimiter).unwrap_or(value);
    (value.trim().to_owned(), rest)
}

/// What stands in quotes at the beginning of a text, and what stands behind it.
fn quoted<'t>(parse: &ParseKv, text: &'t str) -> Option<(String, &'t str)> {
    let (inside, closing) = parse
        .quotes
        .iter()
        .find_map(|(opening, closing)| Some((text.strip_prefix(*opening)?, *closing)))?;
    let mut value = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        if Some(c) == parse.escape {
            value.extend(chars.next().map(|(_, next)| next));
        } else if c == closing {
            return Some((value, inside.get(at + c.len_utf8()..).unwrap_or_default()));
        } else {
            value.push(c);
        }
    }
    Some((value, ""))
}

/// Without delimiters all but letters and digits delimits, and any word may be the key of the next one.
fn neighbours(parse: &ParseKv, text: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((word, left)) = quoted(parse, rest) {
            words.push(word);
            rest = left;
            continue;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, left) = rest
            .split_at_checked(end.max(first.len_utf8()))
            .unwrap_or((rest, ""));
        if end > 0 {
            words.push(word.to_owned());
        }
        rest = left;
    }
    let values = words.iter().skip(1).cloned();
    words.iter().cloned().zip(values).collect()
}
