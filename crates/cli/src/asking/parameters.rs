//! Values for what a query declares: names that it does not declare are mistakes, and so are names given twice.

use kql::syntax::{Literal, ParameterType, StatementKind};
use kql::{ScalarType, Severity};

use crate::exit::Failure;

/// Names and values, as they were given.
pub(crate) type Given = Vec<(String, String)>;

/// What a query declares, with the type as written; none if it cannot be read, which is then the larger mistake.
pub(crate) fn declared(text: &str) -> Option<Vec<(String, String)>> {
    let (query, diagnostics) = kql::parse(text);
    if diagnostics.iter().any(|held| held.severity == Severity::Error) {
        return None;
    }
    let mut names = Vec::new();
    for statement in query.statements {
        let StatementKind::DeclareParameters(parameters) = statement.kind else {
            continue;
        };
        names.extend(parameters.into_iter().filter_map(|parameter| {
            let ParameterType::Scalar(kind) = parameter.kind else {
                return None;
            };
            Some((parameter.name.text, kind.text))
        }));
    }
    Some(names)
}

/// Refuses a name that is given twice.
pub(crate) fn each_once(given: &Given) -> Result<(), Failure> {
    let mut rest = given.as_slice();
    while let Some(((name, _), behind)) = rest.split_first() {
        if behind.iter().any(|(other, _)| other == name) {
            let text = format!("`--param {name}` is given more than once");
            return Err(Failure::usage(text).hint("give each parameter once"));
        }
        rest = behind;
    }
    Ok(())
}

/// Refuses names that the query does not declare.
pub(crate) fn all_declared(text: &str, given: &Given) -> Result<(), Failure> {
    if given.is_empty() {
        return Ok(());
    }
    let Some(declared) = declared(text) else {
        return Ok(());
    };
    match given
        .iter()
        .find(|(name, _)| !declared.iter().any(|(held, _)| held == name))
    {
        None => Ok(()),
        Some((name, value)) => Err(undeclared(name, value, &declared)),
    }
}

fn undeclared(name: &str, value: &str, declared: &[(String, String)]) -> Failure {
    let failure = Failure::usage(format!("the query declares no parameter `{name}`"));
    if declared.is_empty() {
        let kind = likely_type(value);
        return failure.hint(format!(
            "declare it before the query: `declare query_parameters({name}: {kind});`"
        ));
    }
    let near = declared
        .iter()
        .map(|(held, _)| {
            (
                strsim::damerau_levenshtein(&held.to_lowercase(), &name.to_lowercase()),
                held,
            )
        })
        .filter(|(distance, _)| *distance <= (name.chars().count() / 3).max(1))
        .min();
    let all: Vec<String> = declared
        .iter()
        .map(|(held, kind)| format!("`{held}: {kind}`"))
        .collect();
    let all = format!("the query declares {}", all.join(", "));
    failure.hint(match near {
        Some((_, near)) => format!("did you mean `{near}`? {all}"),
        None => all,
    })
}

/// The type that a value looks like.
fn likely_type(value: &str) -> ScalarType {
    if value.trim_start().starts_with(['[', '{']) || value.starts_with("dynamic(") {
        return ScalarType::Dynamic;
    }
    [
        ScalarType::Long,
        ScalarType::Real,
        ScalarType::Bool,
        ScalarType::Datetime,
        ScalarType::Timespan,
    ]
    .into_iter()
    .find(|kind| Literal::read(*kind, value).is_some())
    .unwrap_or(ScalarType::String)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Given {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[track_caller]
    fn hint(query: &str, pairs: &[(&str, &str)], expected: &str) {
        let failure = all_declared(query, &given(pairs)).unwrap_err();
        assert_eq!(failure.hint.as_deref(), Some(expected), "{failure}");
    }

    #[test]
    fn names_that_are_not_declared() {
        let query = "declare query_parameters(port: int = 443, from: datetime); print port";
        hint(
            query,
            &[("prot", "1")],
            "did you mean `port`? the query declares `port: int`, `from: datetime`",
        );
        hint(
            query,
            &[("port", "1"), ("rule", "1")],
            "the query declares `port: int`, `from: datetime`",
        );
        for (value, kind) in [
            ("1", "long"),
            ("1.5", "real"),
            ("true", "bool"),
            ("2026-02-16", "datetime"),
            ("1h", "timespan"),
            ("[1]", "dynamic"),
            ("10.0.0.4", "string"),
        ] {
            let expected = format!("declare it before the query: `declare query_parameters(p: {kind});`");
            hint("print p", &[("p", value)], &expected);
        }
        assert!(all_declared(query, &given(&[("from", "x"), ("port", "y")])).is_ok());
        // What cannot be read says so itself.
        assert!(all_declared("print (", &given(&[("p", "1")])).is_ok());
    }

    #[test]
    fn names_that_come_twice() {
        assert!(each_once(&given(&[("a", "1"), ("b", "1")])).is_ok());
        let failure = each_once(&given(&[("a", "1"), ("b", "1"), ("a", "2")])).unwrap_err();
        assert_eq!(failure.message, "`--param a` is given more than once");
    }
}
