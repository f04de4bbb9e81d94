//! What names mean inside of functions and queries within queries, what is computed once, and what columns are called
//! that are named by names.

mod answers;

use answers::check;

const CORP: &str = "let corp = (address:string) { toscalar(
    datatable(prefix:string, name:string)['10.', 'corp', '192.', 'home']
    | where address startswith prefix | project name) };
    let above = (least:long) { toscalar(range n from 1 to 9 step 1 | where n > least | count) };
    let next = (n:long) { n + 1 }; ";

#[test]
fn what_varies_by_row_is_no_argument_of_a_query() {
    for query in [
        "datatable(a:string)['10.1', '8.8'] | extend corp(a)",
        "range a from 1 to 3 step 1 | where above(a) == 2",
        "range a from 1 to 3 step 1 | summarize above(max(a))",
        "range a from 1 to 3 step 1 | extend b = toscalar(a)",
        "range a from 1 to 3 step 1 | extend b = toscalar(range n from 1 to a step 1 | count)",
        "range a from 1 to 3 step 1 | where a in ((range n from 1 to 9 step 1 | where n > a))",
        "let f = (a:long) { a in ((range n from 1 to 9 step 1 | where n > a)) };
         range a from 1 to 3 step 1 | extend f(a)",
        "let f = (a:long) { let b = a * 2; toscalar(print b) }; range a from 1 to 3 step 1 | extend f(a)",
        "let f = (a:long) { let g = () { a }; g() + toscalar(print g()) };
         range a from 1 to 3 step 1 | extend f(a)",
        "let f = (a:long) { above(a) }; range a from 1 to 3 step 1 | extend f(a)",
        "let f = (a:long) { toscalar(a) }; range a from 1 to 3 step 1 | extend f(a)",
    ] {
        check(&format!("{CORP}{query}"), "SEM0100");
    }
}

#[test]
fn what_holds_for_all_rows_is_one() {
    for (query, expected) in [
        (
            "print a = corp('10.1'), b = corp(strcat('192.', '1')), c = corp('8.8')",
            "a:string b:string c:string\n'corp' 'home' ''",
        ),
        (
            "let least = toscalar(range n from 1 to 3 step 1 | summarize max(n));
             range a from 1 to 2 step 1 | extend b = above(least) + a",
            "a:long b:long\n1 7\n2 8",
        ),
        (
            "range a from 1 to 2 step 1 | extend b = next(next(a)) | summarize c = next(max(b)) by d = next(a)",
            "d:long c:long\n2 4\n3 5",
        ),
        (
            "let f = (a:long) { let b = a * 2; b + toscalar(print 7) }; range a from 1 to 2 step 1 | extend b = f(a)",
            "a:long b:long\n1 9\n2 11",
        ),
        (
            "range a from 1 to 1 step 1
             | mv-apply b = pack_array(1, 2) to typeof(long) on (where b < next(a) | extend c = next(b))",
            "a:long b:long c:long\n1 1 2",
        ),
    ] {
        check(&format!("{CORP}{query}"), expected);
    }
}

#[test]
fn chance_decides_once_where_it_is_asked_once() {
    for (query, expected) in [
        (
            "let id = toscalar(new_guid()); range n from 1 to 3 step 1 | extend a = id | summarize dcount(a)",
            "dcount_a:long\n1",
        ),
        (
            "let n = () { toscalar(rand(100000)) }; print a = n == n, b = n() == n",
            "a:bool b:bool\ntrue true",
        ),
        (
            "range n from 1 to 3 step 1 | extend r = rand() | as hint.materialized=true T | union T
             | summarize dcount(r), count()",
            "dcount_r:long count_:long\n3 6",
        ),
        (
            "range n from 1 to 3 step 1 | extend r = rand() | as T | union T | summarize dcount(r)",
            "dcount_r:long\n6",
        ),
        (
            "range n from 1 to 1 step 1 | union withsource = of (print n = 2 | as hint.materialized=true T)",
            "of:string n:long\n'union_arg0' 1\n'T' 2",
        ),
        (
            "range n from 1 to 1 step 1 | as hint.materialized=true S | union withsource = of (print n = 2 | as T)",
            "of:string n:long\n'S' 1\n'T' 2",
        ),
        (
            "print n = 1 | as S | where n > 0 | union withsource = of S",
            "of:string n:long\n'union_arg0' 1\n'S' 1",
        ),
    ] {
        check(query, expected);
    }
}

#[test]
fn columns_are_asked_for_by_the_texts_of_names() {
    let table = "datatable(a:string, n:long)['x', 7]";
    for (query, expected) in [
        (
            "let c = 'a'; T | project column_ifexists(c, 'none'), iscolumnexists(c)",
            "a:string Column1:bool\n'x' true",
        ),
        (
            "let f = (c:string) { T | project columnifexists(c, 'none') }; union f('a'), f('b')",
            "a:string Column1:string\n'x' ''\n'' 'none'",
        ),
        ("T | project column_ifexists('a', '')", "a:string\n'x'"),
        // The name of a column stands for its values.
        ("let n = 'a'; T | project column_ifexists(n, '')", "SEM0019"),
        ("T | project column_ifexists(a, '')", "SEM0019"),
        ("T | project column_ifexists(b, '')", "SEM0100"),
        ("T | project iscolumnexists(b)", "SEM0100"),
    ] {
        check(&format!("let T = {table}; {query}"), expected);
    }
}

#[test]
fn percentiles_are_named_by_what_their_ranks_stand_for() {
    for (query, expected) in [
        (
            "let p = 50; T | summarize percentile(n, p), percentiles(n, p, 90)",
            "percentile_n_50:long percentile_n_501:long percentile_n_90:long\n2 2 3",
        ),
        (
            "let p = 25.5; T | summarize percentilew(n, n, p), percentilesw(n, n, p, int(75))",
            "percentile_n_25_5:long percentile_n_25_51:long percentile_n_75:long\n2 2 3",
        ),
        (
            "let f = (p:real) { T | summarize percentile(n, p) }; f(12)",
            "percentile_n_12:long\n1",
        ),
        (
            "let p = decimal(2.5); T | summarize percentile(n, p)",
            "percentile_n_2_5:long\n1",
        ),
        (
            "let p = 50; T | make-series percentile(n, p) on n step 2",
            "percentile_n_50:dynamic n:dynamic\n[1,2] [0,2]",
        ),
        ("T | summarize percentile(n, 25 + 25)", "percentile_n_:long\n2"),
    ] {
        check(&format!("let T = range n from 1 to 3 step 1; {query}"), expected);
    }
}

#[test]
fn a_search_takes_the_text_of_a_name() {
    let table = "let T = datatable(a:string, q:string)['an err', 'x', 'fine', 'y']; let term = 'err'; ";
    for (query, expected) in [
        ("T | search term | project a", "a:string\n'an err'"),
        ("T | search term or 'fine' | count", "Count:long\n2"),
        ("T | search (term) and a: 'an' | project q", "q:string\n'x'"),
        (
            "let f = (term:string) { T | search term | project a }; f('fi*')",
            "a:string\n'fine'",
        ),
        // A column is no term.
        ("let q = 'err'; T | search q", "SEM0009"),
        ("let made = strcat('e', 'rr'); T | search made", "SEM0501"),
    ] {
        check(&format!("{table}{query}"), expected);
    }
}

#[test]
fn functions_with_defaults_are_called_by_their_names() {
    for (query, expected) in [
        (
            "let T = (n:long = 3) { range a from 1 to n step 1 }; T | count",
            "Count:long\n3",
        ),
        (
            "let T = (n:long = 3) { range a from 1 to n step 1 }; union T, (T | take 1) | count",
            "Count:long\n4",
        ),
        (
            "let f = (n:long = 3, m:long = 4) { n * m }; print a = f + 1",
            "a:long\n13",
        ),
        (
            "let T = (n:long, m:long = 3) { range a from n to m step 1 }; T | count",
            "SEM0219",
        ),
        ("let f = (n:long) { n }; print f", "SEM0219"),
    ] {
        check(query, expected);
    }
}

#[test]
fn the_database_has_a_name() {
    check("print a = current_database()", "a:string\n'flows'");
    check("print a = current_database('a')", "SEM0219");
}
