//! `let`, views, functions, and what is refused about them.

mod ask;

use ask::check;

#[test]
fn views_are_part_of_what_wildcards_name() {
    let views = "let Red1 = view () { print n = 1 }; let Red2 = view () { print n = 2 }; \
                 let Red3 = () { print n = 3 }; let Blue = view () { print n = int(4) }; ";
    for (query, expected) in [
        (
            "union withsource=of Red*",
            r#"of:string, n:long | "Red1", 1 | "Red2", 2"#,
        ),
        (
            "union withsource=of Red2, Red3, Blue",
            r#"of:string, n_long:long, n_int:int | "Red2", 2, null | "union_arg1", 3, null | "Blue", null, 4"#,
        ),
        ("union isfuzzy=true Green*, Blue, Red* | count", "Count:long | 3"),
        ("union Green*, Blue", "SEM0100"),
        ("search in (Red*) n == 2", r#"$table:string, n:long | "Red2", 2"#),
        (
            "find where n_long == 1",
            r#"source_:string, n_long:long, n_int:int | "Red1", 1, null"#,
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
        "print_0:long, print_1:long | 1, 2",
    );
}

#[test]
fn ranges_end() {
    check("range n from 1 to 3 step 0", "SEM0219");
    check("range n from 1.0 to 3 step 0.0", "SEM0219");
    check("range n from 3 to 1 step 2", "n:long");
}

#[test]
fn charts_are_known() {
    check("print a = 1 | render linechart with (title = 'b')", "a:long | 1");
    check("print a = 1 | render linkchart", "SEM0219");
}
