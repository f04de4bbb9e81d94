//! SPDX licence expressions, as far as crates use them: `AND`, `OR`, `WITH`, brackets, and the old
//! slash that means `OR`. Says whether an allow list satisfies one; knows no licence by itself.

use std::iter::Peekable;
use std::vec::IntoIter;

/// True when the listed licences are enough to use the package. Errors say what could not be read.
pub(crate) fn is_satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let mut words = words(expression).into_iter().peekable();
    let satisfied = any(&mut words, allowed, DEPTH_MAX)?;
    match words.next() {
        None => Ok(satisfied),
        Some(word) => Err(format!("`{word}` is not expected there")),
    }
}

/// The expression in today's spelling, for reports: the slash becomes `OR`.
pub(crate) fn normalised(expression: &str) -> String {
    words(expression).join(" ").replace("( ", "(").replace(" )", ")")
}

/// Brackets nest a level or two; more is not a licence.
const DEPTH_MAX: usize = 16;

fn words(expression: &str) -> Vec<String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    spaced.split_whitespace().map(String::from).collect()
}

type Words = Peekable<IntoIter<String>>;

fn any(words: &mut Words, allowed: &dyn Fn(&str) -> bool, depth: usize) -> Result<bool, String> {
    let mut satisfied = all(words, allowed, depth)?;
    while words.next_if(|word| word == "OR").is_some() {
        satisfied |= all(words, allowed, depth)?;
    }
    Ok(satisfied)
}

/// `AND` binds tighter than `OR`.
fn all(words: &mut Words, allowed: &dyn Fn(&str) -> bool, depth: usize) -> Result<bool, String> {
    let mut satisfied = one(words, allowed, depth)?;
    while words.next_if(|word| word == "AND").is_some() {
        satisfied &= one(words, allowed, depth)?;
    }
    Ok(satisfied)
}

fn one(words: &mut Words, allowed: &dyn Fn(&str) -> bool, depth: usize) -> Result<bool, String> {
    let depth = depth.checked_sub(1).ok_or("too many brackets")?;
    let word = words.next().ok_or("it ends too early")?;
    match word.as_str() {
        "(" => {
            let satisfied = any(words, allowed, depth)?;
            match words.next().as_deref() {
                Some(")") => Ok(satisfied),
                _ => Err("a bracket is not closed".into()),
            }
        }
        ")" | "AND" | "OR" | "WITH" => Err(format!("`{word}` is not expected there")),
        licence => {
            if words.next_if(|word| word == "WITH").is_none() {
                return Ok(allowed(licence));
            }
            let exception = words.next().ok_or("`WITH` names no exception")?;
            Ok(allowed(&format!("{licence} WITH {exception}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Result<bool, &str>) {
        let allow = [
            "MIT",
            "Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "BSD-3-Clause",
        ];
        let got = is_satisfied(expression, &|licence| allow.contains(&licence));
        assert_eq!(got, expected.map_err(String::from), "{expression}");
    }

    #[test]
    fn one_of_several_is_enough_and_all_of_several_are_needed() {
        check("MIT", Ok(true));
        check("GPL-3.0-only", Ok(false));
        check("MIT OR GPL-3.0-only", Ok(true));
        check("MIT AND GPL-3.0-only", Ok(false));
        check("MIT/GPL-2.0", Ok(true));
        check("GPL-2.0 / LGPL-2.1", Ok(false));
        check("MIT OR GPL-2.0 AND LGPL-2.1", Ok(true));
        check("(MIT OR GPL-2.0) AND LGPL-2.1", Ok(false));
        check("(Apache-2.0 OR MIT) AND BSD-3-Clause", Ok(true));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        check("Apache-2.0 WITH LLVM-exception", Ok(true));
        check("MIT WITH LLVM-exception", Ok(false));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        check("", Err("it ends too early"));
        check("MIT OR", Err("it ends too early"));
        check("(MIT", Err("a bracket is not closed"));
        check("MIT GPL-2.0", Err("`GPL-2.0` is not expected there"));
        check("MIT WITH", Err("`WITH` names no exception"));
        check(&"(".repeat(100), Err("too many brackets"));
    }

    #[test]
    fn slashes_are_respelled() {
        assert_eq!(normalised("MIT/Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(
            normalised("(MIT OR Apache-2.0) AND  Zlib"),
            "(MIT OR Apache-2.0) AND Zlib"
        );
    }
}
