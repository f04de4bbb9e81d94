//! What functions take and give, written as one line: `(text:string, ?start:Integer) -> long`.
//!
//! `?` before a parameter: it may be left out. `*` behind its class: it may be repeated, together with
//! the repeated ones beside it.

use crate::types::ScalarType;

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// One type, and the integers where a wider number is asked for.
    Type(ScalarType),
    /// Any scalar.
    Scalar,
    /// `int` or `long`.
    Integer,
    /// Any number.
    Number,
    /// A number or a bool.
    NumberOrBool,
    /// A number, a datetime or a timespan.
    Summable,
    /// Whatever can be put in order: all but `dynamic`.
    Orderable,
    /// All but `dynamic`.
    NotDynamic,
    /// All but `real` and `bool`.
    NotRealOrBool,
    /// A text or a dynamic.
    StringOrDynamic,
    /// An integer or a dynamic array.
    IntegerOrArray,
    /// Any scalar, of one type with the other common ones.
    Common,
    /// What can be put in order, of one type with the other common ones.
    CommonOrderable,
    /// The same as `Common`, and where the types differ the result is a dynamic.
    CommonOrDynamic,
    /// `typeof(...)`.
    TypeLiteral,
    /// Rows.
    Tabular,
}

/// What a call gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// Always the same.
    Type(ScalarType),
    /// The type of an argument.
    Parameter(usize),
    /// The type that a `typeof` argument names.
    Literal(usize),
    /// The widest number among the arguments.
    Widest,
    /// The common type of the `Common` arguments.
    Common,
}

/// A parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub class: Class,
    /// It may be left out.
    pub is_optional: bool,
    /// It may come several times.
    pub is_repeated: bool,
}

/// One way to call a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// What it gives.
    pub gives: Gives,
}

impl Signature {
    /// Reads a signature.
    #[must_use]
    pub fn parse(text: &'static str) -> Option<Self> {
        let (parameters, gives) = text.strip_prefix('(')?.split_once(") -> ")?;
        let parameters = parameters
            .split(',')
            .map(str::trim)
            .filter(|parameter| !parameter.is_empty())
            .map(parameter)
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            parameters,
            gives: gives_of(gives)?,
        })
    }

    /// The parameter that an argument is for: repeated ones take turns, what stands behind them comes last.
    #[must_use]
    pub fn parameter_of(&self, argument: usize, arguments: usize) -> Option<&Parameter> {
        let Some(first) = self.parameters.iter().position(|held| held.is_repeated) else {
            return self.parameters.get(argument);
        };
        if argument < first {
            return self.parameters.get(argument);
        }
        let repeated = self.parameters.iter().filter(|held| held.is_repeated).count();
        let behind = self.parameters.len() - first - repeated;
        // What stands behind the repeated ones takes the last arguments, as far as there are enough.
        let spare = arguments.saturating_sub(first);
        let behind_given = if spare >= repeated + behind && (spare - behind).is_multiple_of(repeated) {
            behind
        } else {
            0
        };
        if argument >= arguments - behind_given.min(arguments) {
            let at = self.parameters.len() - (arguments - argument);
            return self.parameters.get(at);
        }
        self.parameters.get(first + (argument - first) % repeated)
    }

    /// True if so many arguments can be given.
    #[must_use]
    pub fn takes(&self, arguments: usize) -> bool {
        let required = self.parameters.iter().filter(|held| !held.is_optional).count();
        let repeated = self.parameters.iter().filter(|held| held.is_repeated).count();
        if repeated == 0 {
            return (required..=self.parameters.len()).contains(&arguments);
        }
        let others = self.parameters.len() - repeated;
        let others_required = self
            .parameters
            .iter()
            .filter(|held| !held.is_repeated && !held.is_optional)
            .count();
        (others_required..=others).any(|given| {
            arguments >= given + repeated.min(required) && (arguments - given).is_multiple_of(repeated)
        })
    }
}

fn parameter(text: &'static str) -> Option<Parameter> {
    let (name, class) = text.split_once(':')?;
    let is_optional = name.starts_with('?');
    let is_repeated = class.ends_with('*');
    Some(Parameter {
        name: name.trim_start_matches('?'),
        class: class_of(class.trim_end_matches('*'))?,
        is_optional,
        is_repeated,
    })
}

fn class_of(text: &str) -> Option<Class> {
    Some(match text {
        "Scalar" | "Any" => Class::Scalar,
        "Integer" => Class::Integer,
        "Number" => Class::Number,
        "NumberOrBool" => Class::NumberOrBool,
        "Summable" => Class::Summable,
        "Orderable" => Class::Orderable,
        "NotDynamic" => Class::NotDynamic,
        "NotRealOrBool" => Class::NotRealOrBool,
        "StringOrDynamic" | "StringOrArray" => Class::StringOrDynamic,
        "IntegerOrArray" => Class::IntegerOrArray,
        "CommonScalar" => Class::Common,
        "CommonOrderable" => Class::CommonOrderable,
        "CommonScalarOrDynamic" => Class::CommonOrDynamic,
        "DynamicArray" | "DynamicBag" => Class::Type(ScalarType::Dynamic),
        "type" => Class::TypeLiteral,
        "Tabular" => Class::Tabular,
        name => Class::Type(ScalarType::from_name(name)?),
    })
}

fn gives_of(text: &str) -> Option<Gives> {
    Some(match text {
        "Parameter0" => Gives::Parameter(0),
        "Parameter1" => Gives::Parameter(1),
        "Parameter1Literal" => Gives::Literal(1),
        "Parameter2Literal" => Gives::Literal(2),
        "Parameter3Literal" => Gives::Literal(3),
        "Widest" => Gives::Widest,
        "Common" | "CommonNonDynamic" => Gives::Common,
        name => Gives::Type(ScalarType::from_name(name)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &'static str, arguments: usize) -> Option<Vec<&'static str>> {
        let signature = Signature::parse(text)?;
        if !signature.takes(arguments) {
            return None;
        }
        (0..arguments)
            .map(|argument| signature.parameter_of(argument, arguments).map(|held| held.name))
            .collect()
    }

    #[test]
    fn arguments_find_their_parameters() {
        for (text, arguments, expected) in [
            ("(a:string, ?b:long) -> long", 1, Some(vec!["a"])),
            ("(a:string, ?b:long) -> long", 3, None),
            ("() -> real", 0, Some(vec![])),
            ("(a:Scalar*) -> string", 3, Some(vec!["a", "a", "a"])),
            ("(a:Scalar*) -> string", 0, None),
            ("(p:bool*, t:Common*, e:Common) -> Common", 5, None),
            (
                "(p:bool*, t:CommonScalar*, e:CommonScalar) -> Common",
                5,
                Some(vec!["p", "t", "p", "t", "e"]),
            ),
            ("(p:bool*, t:CommonScalar*, e:CommonScalar) -> Common", 4, None),
            (
                "(k:string*, v:Scalar*) -> dynamic",
                4,
                Some(vec!["k", "v", "k", "v"]),
            ),
            ("(d:string, a:Scalar*) -> string", 3, Some(vec!["d", "a", "a"])),
        ] {
            assert_eq!(names(text, arguments), expected, "{text} with {arguments}");
        }
    }
}
