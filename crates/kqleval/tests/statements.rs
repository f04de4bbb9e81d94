//! `let`, views, functions, and what is refused about them.

mod answers;

use answers::{Nothing, check};
use kql::bound::Column;
use kql::{Code, ScalarType};
use kqleval::{Evaluator, Names};

#[test]
fn views_are_part_of_what_wildcards_name() {
    let views = "let Red1 = view () { print n = 1 }; let Red2 = view () { print n = 2 }; \
                 let Red3 = () { print n = 3 }; let Blue = view () { print n = int(4) }; ";
    for (query, expected) in [
        ("union withsource=of Red*", "of:string n:long\n'Red1' 1\n'Red2' 2"),
        (
            "union withsource=of Red2, Red3, Blue",
            "of:string n_long:long n_int:int\n'Red2' 2 null\n'union_arg1' 3 null\n'Blue' null 4",
        ),
        ("union isfuzzy=true Green*, Blue, Red* | count", "Count:long\n3"),
        ("union Green*, Blue", "SEM0100"),
        ("search in (Red*) n == 2", "$table:string n:long\n'Red2' 2"),
        (
            "find in (Red*) where n == 1 project n",
            "source_:string n:long\n'Red1' 1",
        ),
    ] {
        check(&format!("{views}{query}"), expected);
    }
}

#[test]
fn a_name_is_declared_once() {
    check("let a = 1; let a = 2; print a", "SEM0003");
    check(
        "let f = (n:long) { let m = n; let m = 2; m }; print f(1)",
        "SEM0003",
    );
    // Inside of a function a name may hide one of outside.
    check(
        "let a = 1; let f = () { let a = 2; a }; print a, f()",
        "print_0:long print_1:long\n1 2",
    );
}

#[test]
fn access_is_restricted_to_what_is_named() {
    let names = "let secret = () { range n from 1 to 3 step 1 }; let Some = view () { secret | take 2 };
                 let All = view () { secret }; let least = 2; let twice = (n:long) { n * 2 }; ";
    for (query, expected) in [
        ("restrict access to (Some); Some | count", "Count:long\n2"),
        // A view sees what it saw when it was declared.
        ("restrict access to (All); All | count", "Count:long\n3"),
        ("restrict access to (Some); secret", "SEM0100"),
        ("restrict access to (Some); secret() | count", "SEM0260"),
        ("restrict access to (Some); print toscalar(All)", "SEM0100"),
        ("restrict access to (Some); union * | count", "Count:long\n2"),
        ("restrict access to (S*); union Some, All", "SEM0100"),
        (
            "restrict access to (*); secret | union All | count",
            "Count:long\n6",
        ),
        (
            "restrict access to (*); restrict access to (All); Some",
            "SEM0100",
        ),
        // One value is no rows.
        (
            "restrict access to (Some); Some | where n == least | extend m = twice(n)",
            "n:long m:long\n2 4",
        ),
        // What is declared afterwards is seen.
        (
            "restrict access to (Some); let Few = Some | take 1; Few | union Few | count",
            "Count:long\n2",
        ),
        ("restrict access to (database().*); print a = least", "a:long\n2"),
        ("restrict access to (database().*); All", "SEM0100"),
        (
            "restrict access to (database('x').T*, *); All | count",
            "Count:long\n3",
        ),
        ("restrict access to (None); print 1", "SEM0100"),
        ("restrict access to (database().None); print 1", "SEM0100"),
        ("restrict access to (1 + 2); print 1", "SEM0009"),
    ] {
        check(&format!("{names}{query}"), expected);
    }
}

#[test]
fn a_function_gives_what_it_gave_where_it_was_declared() {
    for (query, expected) in [
        (
            "let f = () { let g = () { range n from 1 to 2 step 1 }; g }; f | count",
            "Count:long\n2",
        ),
        ("let f = () { let g = () { 7 }; g() }; print a = f()", "a:long\n7"),
        (
            "let g = () { print 1 }; let f = () { g }; let h = () { let g = 7; toscalar(f) + g }; print a = h()",
            "a:long\n8",
        ),
        (
            "let n = () { range n from 5 to 6 step 1 }; let f = () { n }; print n = 1 | extend m = toscalar(f)",
            "n:long m:long\n1 5",
        ),
    ] {
        check(query, expected);
    }
}

#[test]
fn ranges_end() {
    check("range n from 1 to 3 step 0", "SEM0219");
    check("range n from 1.0 to 3 step 0.0", "SEM0219");
    check("range n from 3 to 1 step 2", "n:long");
}

#[test]
fn charts_are_known() {
    check("print a = 1 | render linechart with (title = 'b')", "a:long\n1");
    check("print a = 1 | render linkchart", "SEM0219");
}

#[test]
fn access_to_tables_is_restricted_too() {
    let columns = vec![Column::new("a", ScalarType::Long)];
    let tables: Vec<(String, Vec<Column>)> = ["Flows", "Routes"]
        .iter()
        .map(|name| ((*name).to_owned(), columns.clone()))
        .collect();
    let evaluator = Evaluator::new(&Nothing, 1);
    let names = Names::new(tables, 0, &evaluator);
    for (query, expected) in [
        ("restrict access to (Flows); Flows", None),
        ("restrict access to (database().Flows); Flows", None),
        ("restrict access to (database('a').*); Flows | union Routes", None),
        ("restrict access to (database().F*); database().Flows", None),
        ("let V = view () { Routes }; restrict access to (V); V", None),
        ("restrict access to (Flows); Routes", Some(Code::SEM0100)),
        ("restrict access to (Flows); table('Routes')", Some(Code::SEM0100)),
        (
            "restrict access to (Flows); database().Routes",
            Some(Code::SEM0100),
        ),
        ("restrict access to (Flows); union Rout*", Some(Code::SEM0100)),
        ("restrict access to (database().F*); Routes", Some(Code::SEM0100)),
        // A pattern without a database is of names that the query has declared.
        ("restrict access to (*); Flows", Some(Code::SEM0100)),
        (
            "let V = view () { Routes }; restrict access to (V); V | union Routes",
            Some(Code::SEM0100),
        ),
        (
            "let Flows = Routes; restrict access to (database().Routes); Flows",
            Some(Code::SEM0100),
        ),
    ] {
        let (parsed, mut diagnostics) = kql::parse(query);
        let (_, more) = kql::bind(&parsed, query, &names, &[]);
        diagnostics.extend(more);
        assert_eq!(diagnostics.first().map(|held| held.code), expected, "{query}");
    }
}

#[test]
fn names_behind_names_end() {
    let chain = |first: &str, next: &dyn Fn(usize) -> String, count: usize, last: &str| {
        let names: String = (1..count).map(next).collect();
        format!("{first}{names}{last}")
    };
    let numbers = |at: usize| format!("let n{at} = n{} + 1; ", at - 1);
    let doubles = |at: usize| format!("let n{at} = n{0} + n{0}; ", at - 1);
    let tables = |at: usize| format!("let T{at} = T{} | extend n = n + 1; ", at - 1);
    let functions = |at: usize| format!("let f{at} = () {{ let a = f{0}(); let b = f{0}(); a }}; ", at - 1);
    let called = |at: usize| format!("let f{at} = () {{ f{0}() + 1 }}; let a{at} = f{at}(); ", at - 1);
    for (query, expected) in [
        (
            chain("let n0 = 1; ", &numbers, 100, "print a = n99"),
            "a:long\n100",
        ),
        (chain("let n0 = 1; ", &numbers, 9_000, "print a = n1"), "SYN0200"),
        (
            chain("let n0 = rand(); ", &doubles, 60, "print a = n59"),
            "SYN0200",
        ),
        (
            chain("let T0 = print n = 1; ", &tables, 100, "T99"),
            "n:long\n100",
        ),
        (chain("let T0 = print n = 1; ", &tables, 9_000, "T1"), "SYN0200"),
        (
            chain("let f0 = () { 1 }; ", &functions, 60, "print a = f59()"),
            "a:long\n1",
        ),
        (
            chain("let f0 = () { 1 }; ", &functions, 9_000, "print a = f8999()"),
            "SYN0200",
        ),
        (
            chain("let f0 = () { 1 }; ", &called, 9_000, "print a9"),
            "SYN0200",
        ),
        // What is declared and not used by the next one counts for nothing.
        (
            chain("", &|at| format!("let n{at} = {at}; "), 3_000, "print a = n7"),
            "a:long\n7",
        ),
        (
            chain(
                "let f = (n:long) { let a = n + 1; let b = a + 1; b * 2 }; print a = f(0)",
                &|at| format!(" + f({at})"),
                500,
                "",
            ),
            "a:long\n251500",
        ),
    ] {
        check(&query, expected);
    }
}
