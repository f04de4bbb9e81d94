//! What is said about queries: where data lies elsewhere, mistakes with consequences, and what is left out.

mod answers;

use answers::check;

struct Nothing;

impl kqleval::Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<kqleval::Table> {
        Err(kqleval::Failure::new(format!("there is no table `{name}`")))
    }
}

#[test]
fn what_lies_elsewhere_is_refused() {
    let table = "let T = datatable(n:long)[1]; ";
    for (query, message) in [
        (
            "workspace('x').T",
            "data of another workspace cannot be reached from here",
        ),
        (
            "union T, workspace('x').T",
            "data of another workspace cannot be reached from here",
        ),
        (
            "T | join (app('x').T) on n",
            "data of another application cannot be reached from here",
        ),
        (
            "resource('x').T",
            "data of another resource cannot be reached from here",
        ),
        (
            "cluster('x').database('y').T",
            "data of another cluster cannot be reached from here",
        ),
        (
            "adx('x').T | count",
            "data of another cluster cannot be reached from here",
        ),
        (
            "let U = arg('').Resources; U",
            "data of another service cannot be reached from here",
        ),
    ] {
        check(&format!("{table}{query}"), &format!("SEM0501: {message}"));
    }
    check(&format!("{table}database('flows').T"), "n:long\n1");
    check(&format!("{table}database().T"), "n:long\n1");
    for other in [
        "database('hub').T",
        "union T, database('hub').T",
        "database(strcat('h', 'ub')).T",
    ] {
        check(
            &format!("{table}{other}"),
            "SEM0501: data of another database cannot be reached from here",
        );
    }
    check(
        "let app = (a:string) { parse_json(a) }; print a = app('{\"T\": 1}').T",
        "a:dynamic\n1",
    );
}

#[test]
fn a_mistake_in_a_let_is_told_once() {
    for (query, expected) in [
        (
            "let A = print n = 1 | where m > 1; A | join A on n",
            "there is no column or variable `m` here",
        ),
        (
            "let a = nosuch(1); let b = a + 1; print a, b",
            "there is no function `nosuch`",
        ),
        (
            "let A = Missing | take 1; union A, A",
            "there is no table `Missing`",
        ),
        (
            "let A = print n = 1 | where m > 1 | as B; union A*, B; A() | count",
            "there is no column or variable `m` here",
        ),
    ] {
        assert_eq!(errors(query), [expected], "{query}");
    }
}

#[test]
fn a_fuzzy_union_says_what_it_leaves_out() {
    let query = "union isfuzzy=true Missing, (print n = 1)";
    assert_eq!(
        told(query),
        [(
            false,
            "this part of the union is left out: there is no table `Missing`".to_owned()
        )]
    );
    check(query, "n:long\n1");
    // What is left out is no mistake, so that its names are still missed.
    check(
        "union isfuzzy=true (Missing | as B), (print n = 1); B | count",
        "SEM0100: there is no table `B`",
    );
    check(
        "union isfuzzy=true Missing, Missing2",
        "SEM0100: none of the tables of this union is there",
    );
}

/// Whether it is an error, and what is said.
fn told(text: &str) -> Vec<(bool, String)> {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = kqleval::Evaluator::new(&Nothing, 1);
    let names = kqleval::Names::new(Vec::new(), 0, &evaluator);
    let (_, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    let told = diagnostics.into_iter();
    told.map(|held| (held.severity == kql::Severity::Error, held.message))
        .collect()
}

fn errors(text: &str) -> Vec<String> {
    let errors = told(text).into_iter().filter(|(is_error, _)| *is_error);
    errors.map(|(_, message)| message).collect()
}
