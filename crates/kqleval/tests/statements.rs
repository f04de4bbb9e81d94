//! `let`, views, functions, and what is refused about them.

mod answers;

use answers::check;

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
