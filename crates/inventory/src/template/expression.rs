//! The expressions of templates, `[concat('vnet-', parameters('name'))]`: from text to tree. They have calls, texts, whole
//! numbers and ways into what a call gives, and no operators.

use std::rc::Rc;

use serde_json::Value;

/// Azure refuses longer ones.
const CHARACTERS_MAX: usize = 24_576;
/// So deep may calls stand inside of one another; the deepest seen in published templates has about twenty.
const DEPTH_MAX: usize = 100;

/// An expression.
#[derive(Debug)]
pub(super) enum Expression {
    /// A text or a number.
    Literal(Rc<Value>),
    /// A call; the name is in lower case.
    Call {
        name: String,
        arguments: Vec<Expression>,
    },
    /// `.x` and `[i]` behind another expression, one after the other.
    Inside {
        of: Box<Expression>,
        path: Vec<Expression>,
    },
}

/// What a text of a template is.
pub(super) enum Written<'t> {
    /// Itself.
    Text(&'t str),
    /// The expression in it.
    Expression(&'t str),
}

/// Texts in brackets are expressions; two brackets at the beginning stand for one.
pub(super) fn written(text: &str) -> Written<'_> {
    let Some(rest) = text.strip_prefix('[') else {
        return Written::Text(text);
    };
    match rest.strip_suffix(']') {
        Some(_) if rest.starts_with('[') => Written::Text(rest),
        Some(inside) => Written::Expression(inside),
        None => Written::Text(text),
    }
}

/// The tree of what stands in the brackets.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    if text.len() > CHARACTERS_MAX {
        return Err(format!(
            "an expression of {} bytes, where Azure takes {CHARACTERS_MAX} characters",
            text.len()
        ));
    }
    let mut parser = Parser { rest: text, depth: 0 };
    let expression = parser.expression()?;
    parser.skip_blanks();
    match parser.rest.is_empty() {
        true => Ok(expression),
        false => Err(parser.unexpected("the end")),
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn expression(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!(
                "an expression whose calls stand more than {DEPTH_MAX} deep in one another"
            ));
        }
        let of = self.first()?;
        let mut path = Vec::new();
        loop {
            if self.takes('.') {
                let name = self.name()?;
                path.push(literal(Value::from(name)));
            } else if self.takes('[') {
                path.push(self.expression()?);
                if !self.takes(']') {
                    return Err(self.unexpected("`]`"));
                }
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(match path.is_empty() {
            true => of,
            false => Expression::Inside {
                of: Box::new(of),
                path,
            },
        })
    }

    fn first(&mut self) -> Result<Expression, String> {
        self.skip_blanks();
        match self.rest.chars().next() {
            Some('\'') => self.text(),
            Some('-' | '0'..='9') => self.number(),
            Some(letter) if is_of_name(letter) => self.call(),
            _ => Err(self.unexpected("a call, a text or a number")),
        }
    }

    /// `'it''s'`.
    fn text(&mut self) -> Result<Expression, String> {
        let mut text = String::new();
        let mut rest = self.rest.strip_prefix('\'').unwrap_or(self.rest);
        loop {
            let Some((before, behind)) = rest.split_once('\'') else {
                return Err("an expression with a text that does not end".to_owned());
            };
            text.push_str(before);
            match behind.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => {
                    self.rest = behind;
                    return Ok(literal(Value::from(text)));
                }
            }
        }
    }

    fn number(&mut self) -> Result<Expression, String> {
        let digits = self.while_is(|letter| letter == '-' || letter.is_ascii_digit() || letter == '.');
        let number: Result<i64, _> = digits.parse();
        number
            .map(|number| literal(Value::from(number)))
            .map_err(|_| format!("`{digits}`, which is not a whole number"))
    }

    /// `name(…)`, or `space.name(…)` of functions that the template itself has.
    fn call(&mut self) -> Result<Expression, String> {
        let mut name = self.name()?;
        if self.takes('.') {
            name.push('.');
            name.push_str(&self.name()?);
        }
        if !self.takes('(') {
            return Err(self.unexpected(&format!("`(` behind `{name}`")));
        }
        let mut arguments = Vec::new();
        if !self.takes(')') {
            loop {
                arguments.push(self.expression()?);
                if self.takes(')') {
                    break;
                }
                if !self.takes(',') {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
        }
        Ok(Expression::Call {
            name: name.to_ascii_lowercase(),
            arguments,
        })
    }

    fn name(&mut self) -> Result<String, String> {
        self.skip_blanks();
        match self.while_is(is_of_name) {
            "" => Err(self.unexpected("a name")),
            name => Ok(name.to_owned()),
        }
    }

    fn while_is(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|letter| !is(letter)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn takes(&mut self, sign: char) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self, wanted: &str) -> String {
        let shown: String = self.rest.chars().take(20).collect();
        match shown.is_empty() {
            true => format!("an expression that ends where {wanted} was expected"),
            false => format!("an expression with `{shown}` where {wanted} was expected"),
        }
    }
}

fn literal(value: Value) -> Expression {
    Expression::Literal(Rc::new(value))
}

const fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expression: &Expression) -> String {
        let all = |many: &[Expression]| many.iter().map(shown).collect::<Vec<_>>().join(" ");
        match expression {
            Expression::Literal(value) => value.to_string(),
            Expression::Call { name, arguments } => format!("({name} {})", all(arguments)),
            Expression::Inside { of, path } => format!("<{} {}>", shown(of), all(path)),
        }
    }

    #[test]
    fn trees_of_expressions() {
        for (text, expected) in [
            ("'it''s'", r#""it's""#),
            ("-5", "-5"),
            ("Concat( 'a' , 1 )", r#"(concat "a" 1)"#),
            ("a().b[0].c", r#"<(a ) "b" 0 "c">"#),
            (
                "ours.name(p(), q()[copyIndex()])",
                "(ours.name (p ) <(q ) (copyindex )>)",
            ),
        ] {
            assert_eq!(shown(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression() {
        for (text, begins) in [
            ("", "an expression that ends where a call"),
            ("a(", "an expression that ends where a call"),
            ("a('b)", "an expression with a text that does not end"),
            ("a() b", "an expression with `b` where the end"),
            ("a", "an expression that ends where `(` behind `a`"),
            ("1.5", "`1.5`, which is not a whole number"),
            ("a()..b", "an expression with `.b` where a name"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.starts_with(begins), "{text}: {told}");
        }
    }

    #[test]
    fn deep_and_long_ones_are_refused_early() {
        let deep = |levels: usize| parse(&format!("{}1{}", "a(".repeat(levels), ")".repeat(levels)));
        assert!(deep(90).is_ok());
        assert!(deep(8_000).unwrap_err().contains("100 deep"));
        assert!(deep(10_000).unwrap_err().contains("30001 bytes"));
        assert!(parse(&"x".repeat(30_000)).unwrap_err().contains("30000 bytes"));
        // A long way in is no deep one.
        assert!(parse(&format!("a(){}", ".b".repeat(10_000))).is_ok());
    }

    #[test]
    fn brackets_make_expressions() {
        assert!(matches!(written("[a()]"), Written::Expression("a()")));
        assert!(matches!(written("[[a]"), Written::Text("[a]")));
        assert!(matches!(written("[a"), Written::Text("[a")));
        assert!(matches!(written("a]"), Written::Text("a]")));
    }
}
