//! A light reading of a Rust file: comments and strings masked out, test code marked, functions found.
//! Not a parser; it is right for code that rustfmt has formatted, which CI makes sure of.

/// One Rust file, read. All masks keep the line structure.
#[derive(Debug)]
pub(crate) struct Source {
    /// As written.
    pub(crate) lines: Vec<String>,
    /// Without comments and without the insides of strings and characters.
    code: Vec<String>,
    /// Without comments; strings stay.
    code_with_strings: Vec<String>,
    /// True for each line that belongs to a test.
    test: Vec<bool>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Counted from 0.
    pub(crate) first_line: usize,
    pub(crate) line_count: usize,
}

impl Source {
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let (code, code_with_strings) = mask(text);
        let lines = |text: &str| text.lines().map(String::from).collect::<Vec<_>>();
        let mut test = vec![is_test_path(path); lines(text).len()];
        for (first, last) in test_spans(&code) {
            for line in test.iter_mut().take(last + 1).skip(first) {
                *line = true;
            }
        }
        Self {
            lines: lines(text),
            code: lines(&code),
            code_with_strings: lines(&code_with_strings),
            test,
        }
    }

    /// Number and code of each line that ships: no comments, no strings, no tests.
    pub(crate) fn shipped_code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.shipped(&self.code)
    }

    /// The same with strings kept.
    pub(crate) fn shipped_code_with_strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.shipped(&self.code_with_strings)
    }

    fn shipped<'a>(&'a self, lines: &'a [String]) -> impl Iterator<Item = (usize, &'a str)> {
        let pairs = lines.iter().zip(&self.test).enumerate();
        pairs
            .filter(|(_, (_, test))| !**test)
            .map(|(number, (line, _))| (number, line.as_str()))
    }

    /// Everything that names something, tests included.
    pub(crate) fn all_code(&self) -> impl Iterator<Item = &str> {
        self.code.iter().map(String::as_str)
    }

    pub(crate) fn shipped_line_count(&self) -> usize {
        self.test.iter().filter(|test| !**test).count()
    }

    /// The functions that ship.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let code = self.code.join("\n");
        let mut functions = functions(&code);
        functions.retain(|function| self.test.get(function.first_line) == Some(&false));
        functions
    }
}

/// Files that only tests include: `tests.rs`, `*_tests.rs`, and anything under `tests` or `benches`.
fn is_test_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
}

/// Blanks out comments, and strings too in the first of the two results.
fn mask(text: &str) -> (String, String) {
    let characters: Vec<char> = text.chars().collect();
    let mut masks = Masks {
        code: String::new(),
        code_with_strings: String::new(),
    };
    let mut at = 0;
    while at < characters.len() {
        let rest = characters.get(at..).unwrap_or_default();
        let (kind, length) = next_piece(rest, at.checked_sub(1).and_then(|before| characters.get(before)));
        let length = length.max(1);
        masks.push(kind, rest.get(..length).unwrap_or(rest));
        at += length;
    }
    (masks.code, masks.code_with_strings)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Code,
    Comment,
    Text,
}

struct Masks {
    code: String,
    code_with_strings: String,
}

impl Masks {
    fn push(&mut self, kind: Piece, piece: &[char]) {
        let last = piece.len().saturating_sub(1);
        for (index, &character) in piece.iter().enumerate() {
            let blank = if character == '\n' { '\n' } else { ' ' };
            // The quotes stay, so that `("` does not turn into `(`.
            let edge = index == 0 || index == last;
            self.code
                .push(if kind == Piece::Code || (kind == Piece::Text && edge) {
                    character
                } else {
                    blank
                });
            self.code_with_strings
                .push(if kind == Piece::Comment { blank } else { character });
        }
    }
}

/// The kind and length in characters of what starts here.
fn next_piece(rest: &[char], before: Option<&char>) -> (Piece, usize) {
    match rest {
        ['/', '/', ..] => (Piece::Comment, rest.iter().take_while(|c| **c != '\n').count()),
        ['/', '*', ..] => (Piece::Comment, block_comment(rest)),
        ['"', ..] => (Piece::Text, quoted(rest, '"')),
        // A character, or a lifetime: `'a'` closes after one character or an escape, `'a` does not.
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => (Piece::Text, quoted(rest, '\'')),
        ['r', '"' | '#', ..] if !before.is_some_and(|c| is_word(*c) && *c != 'b') => match raw_string(rest) {
            Some(length) => (Piece::Text, length),
            None => (Piece::Code, 1),
        },
        _ => (Piece::Code, 1),
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.get(at..).unwrap_or_default() {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut escaped = false;
    for (index, &character) in rest.iter().enumerate().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return index + 1;
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`; not `r#type`.
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().skip(1).take_while(|c| **c == '#').count();
    if rest.get(hashes + 1) != Some(&'"') {
        return None;
    }
    let mut at = hashes + 2;
    while at < rest.len() {
        let closing = rest
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .take(hashes)
            .filter(|c| **c == '#')
            .count();
        if rest.get(at) == Some(&'"') && closing == hashes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(rest.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// First and last line of each item behind `#[cfg(test)]` or `#[test]`.
fn test_spans(code: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    for mark in [
        "#[cfg(test)]",
        "#[cfg(all(test",
        "#[cfg(any(test",
        "#[test]",
        "#[tokio::test",
    ] {
        for (at, _) in code.match_indices(mark) {
            let rest = code.get(at + mark.len()..).unwrap_or_default();
            let end = at + mark.len() + item_length(rest);
            spans.push((line_of(code, at), line_of(code, end.saturating_sub(1))));
        }
    }
    spans
}

fn line_of(code: &str, at: usize) -> usize {
    code.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Length in bytes up to the end of the item: its closing brace, or a semicolon before any brace.
/// Brackets are counted, so `[u8; 4]` in a signature does not end it; attributes may come first.
fn item_length(code: &str) -> usize {
    let (mut round, mut curly) = (0_i32, 0_i32);
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round -= 1,
            b'{' => curly += 1,
            b'}' => {
                curly -= 1;
                if curly <= 0 {
                    return at + 1;
                }
            }
            b';' if round <= 0 && curly == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn functions(code: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).unwrap_or_default().chars().next_back();
        let rest = code.get(at + 3..).unwrap_or_default();
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        if before.is_some_and(is_word) || name.is_empty() {
            continue;
        }
        let length = item_length(rest);
        let body = rest.get(..length).unwrap_or(rest);
        if !body.ends_with('}') {
            continue;
        }
        let line_count = body.lines().count();
        functions.push(Function {
            name,
            first_line: line_of(code, at),
            line_count,
        });
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        mask(text).0
    }

    #[test]
    fn comments_and_strings_are_blanked() {
        assert_eq!(code("a // b\nc"), "a     \nc");
        assert_eq!(code("a /* b /* c */ d */ e"), "a                   e");
        assert_eq!(code("f(\"x{\")"), "f(\"  \")");
        assert_eq!(code(r#"f("\"{", b)"#), "f(\"   \", b)");
        assert_eq!(code("r#\"{\"# x"), "r    # x");
        assert_eq!(code("br\"{\" x"), "br  \" x");
        assert_eq!(code("r#type x"), "r#type x");
        assert_eq!(code("var\"{\""), "var\" \"");
        assert_eq!(mask("f(\"x\") // y").1, "f(\"x\")     ");
    }

    #[test]
    fn characters_are_not_lifetimes() {
        assert_eq!(code("'{' '\\'' '\\u{7b}' x"), "' ' '  ' '      ' x");
        assert_eq!(code("fn a<'b>(c: &'b str) {"), "fn a<'b>(c: &'b str) {");
    }

    #[test]
    fn tests_do_not_ship() {
        let text = "use a;\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}";
        let shipped: Vec<usize> = Source::read("a.rs", text)
            .shipped_code()
            .map(|(line, _)| line)
            .collect();
        assert_eq!(shipped, [0, 5, 8]);
        assert_eq!(
            Source::read("crates/a/src/tests.rs", text).shipped_line_count(),
            0
        );
        assert_eq!(
            Source::read("crates/a/tests/all/main.rs", text).shipped_line_count(),
            0
        );
        assert_eq!(
            Source::read("a.rs", "#[cfg(not(test))]\nfn a() {}").shipped_line_count(),
            2
        );
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_closing_brace() {
        let text = "impl A {\n    pub fn one(a: [u8; 4]) -> u8\n    where\n        B: C,\n    {\n        1\n    }\n}\n\
                    trait T {\n    fn none(&self);\n}\ntype F = fn(u8);\n#[test]\nfn tested() {\n}\n";
        let functions = Source::read("a.rs", text).functions();
        assert_eq!(
            functions,
            [Function {
                name: "one".into(),
                first_line: 1,
                line_count: 6
            }]
        );
    }
}
