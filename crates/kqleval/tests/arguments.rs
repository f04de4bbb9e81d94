//! What is given to functions of the query: values are converted to their parameters' types, rows must have them.

mod answers;

use answers::check;

#[test]
fn values_are_converted() {
    for (kind, argument, expected) in [
        ("string", "1", "'1'"),
        ("string", "1h", "'01:00:00'"),
        ("string", "true", "'True'"),
        ("string", "dynamic([1])", "'[1]'"),
        ("long", "'12'", "12"),
        ("long", "'x'", "null"),
        ("long", "1.9", "1"),
        ("long", "true", "1"),
        ("long", "strcat('1', '2')", "12"),
        ("real", "'1.5'", "1.5"),
        ("bool", "1", "true"),
        ("bool", "'false'", "false"),
        ("datetime", "'2026-01-02'", "'2026-01-02'"),
        ("datetime", "637134336000000000", "'2020-01-01'"),
        ("timespan", "'1h'", "'01:00:00'"),
        ("timespan", "36000000000", "'01:00:00'"),
        ("guid", "'x'", "null"),
        ("guid", "1", "null"),
        ("dynamic", "'a'", "'a'"),
    ] {
        check(
            &format!("let f = (x:{kind}) {{ x }}; print a = f({argument})"),
            &format!("a:{kind}\n{expected}"),
        );
    }
    check(
        "let f = (x:string) { strcat(x, '!') }; range a from 1 to 2 step 1 | project b = f(a)",
        "b:string\n'1!'\n'2!'",
    );
    check(
        "let f = (since:datetime) { datatable(t:datetime)['2026-01-01', '2026-02-01'] | where t > since }; f('2026-01-15')",
        "t:datetime\n'2026-02-01'",
    );
    for query in [
        "let f = (x:string = 1) { x }; print f()",
        "let f = (x:long = 'a') { x }; print f()",
    ] {
        check(query, "SEM0219");
    }
    check("let f = (x:real = 1) { x }; print a = f()", "a:real\n1.0");
    for query in [
        "declare query_parameters(x:string = 1); print x",
        "declare query_parameters(x:datetime = '2026-01-01'); print x",
        "declare query_parameters(x:dynamic = 'a'); print x",
    ] {
        check(query, "SEM0219");
    }
    check(
        "declare query_parameters(x:real = 1, n:int = 5, t:timespan = 1h); print x, n, t",
        "print_0:real print_1:int print_2:timespan\n1.0 5 '01:00:00'",
    );
}

#[test]
fn a_number_stays_a_literal() {
    check(
        "let f = (n:int) { range a from 1 to 3 step 1 | extend b = prev(a, n) | take 3 }; f(2)",
        "a:long b:long\n1 null\n2 null\n3 1",
    );
    check(
        "declare query_parameters(n:int = 1); range a from 1 to 2 step 1 | extend b = prev(a, n)",
        "a:long b:long\n1 null\n2 1",
    );
}

#[test]
fn what_a_scan_assigns_is_converted() {
    check(
        "range a from 1 to 2 step 1 | scan declare (s:string) with (step x: true => s = a;)",
        "a:long s:string\n1 '1'\n2 '2'",
    );
}

#[test]
fn rows_have_the_columns_that_are_asked_for() {
    let with = |parameter: &str, argument: &str| {
        format!(
            "let T = datatable(a:long, b:string)[1, 'x']; let f = (R:({parameter})) {{ R | count }}; f({argument})"
        )
    };
    for (parameter, argument) in [
        ("a:long", "T"),
        ("*", "T"),
        ("b:string, a:long", "(T | where a > 0)"),
        ("a:long", "(print a = 1)"),
        ("a:long", "datatable(a:long)[7]"),
    ] {
        check(&with(parameter, argument), "Count:long\n1");
    }
    for (parameter, told) in [
        (
            "a:string",
            "`R` needs a column `a` of type string, and here it is of type long",
        ),
        (
            "a:int",
            "`R` needs a column `a` of type int, and here it is of type long",
        ),
        ("c:long", "these rows have no column `c`, which `R` needs"),
    ] {
        check(&with(parameter, "T"), &format!("SEM0219: {told}"));
    }
    for argument in [
        "T | take 1",
        "print a = 1",
        "union T",
        "range a from 1 to 2 step 1",
        "R = T | take 1",
    ] {
        check(&with("a:long", argument), "SYN0002");
    }
    check(
        "let f = (R:(a:string)) { R }; print a = 1 | invoke f()",
        "SEM0219: `R` needs a column `a` of type string, and here it is of type long",
    );
    check("print toscalar(print 1 | extend b = 2)", "print_0:long\n1");
    check("let M = materialize(print a = 1 | take 1); M", "a:long\n1");
}

#[test]
fn types_and_stars_are_no_values() {
    for query in ["print typeof(long)", "print a = 1 | extend typeof(string)"] {
        check(query, "SEM0009: a type is no value");
    }
    check(
        "print extract('[0-9]+', 0, 'a12', typeof(long))",
        "print_0:long\n12",
    );
    for query in [
        "print *",
        "print a = 1 | project *",
        "print a = 1 | extend b = 2, *",
        "print a = 1 | serialize *",
    ] {
        check(query, "SYN0002: `*` does not stand for all columns here");
    }
    check("print a = 1 | where * == 1", "a:long\n1");
    check("print a = 1 | distinct *", "a:long\n1");
}

#[test]
fn an_aggregate_of_several_columns_makes_several_series() {
    let rows = "let T = datatable(n:long, v:long, s:string)[1, 10, 'a', 1, 30, 'b', 2, 5, 'c']; T";
    for (query, expected) in [
        (
            "make-series percentiles(v, 50, 90) on n from 1 to 3 step 1",
            "percentile_v_50:dynamic percentile_v_90:dynamic n:dynamic\n[10,5] [30,5] [1,2]",
        ),
        (
            "make-series (low, high) = percentiles(v, 50, 90), count() on n from 1 to 3 step 1",
            "low:dynamic high:dynamic count_:dynamic n:dynamic\n[10,5] [30,5] [2,1] [1,2]",
        ),
        (
            "make-series (top, of) = arg_max(v, s) default = -1 on n from 1 to 4 step 1",
            "top:dynamic of:dynamic n:dynamic\n[30,5,-1] ['b','c',-1] [1,2,3]",
        ),
    ] {
        check(&format!("{rows} | {query}"), expected);
    }
    check(
        &format!("{rows} | make-series (a, b, c) = percentiles(v, 50, 90) on n from 1 to 3 step 1"),
        "SEM0219: there is no series for the name `c`",
    );
    check(
        &format!("{rows} | make-series (a, b) = count() on n from 1 to 3 step 1"),
        "SEM0219: this expression gives one series",
    );
}

#[test]
fn an_axis_and_its_steps_are_of_one_type() {
    let rows = "let T = datatable(l:long, i:int, r:real, t:datetime)[1, 1, 1.0, '2026-01-01']; T | make-series count() on";
    for axis in [
        "i from 1 to 5 step 1",
        "i from int(1) to int(5) step int(1)",
        "l step 1.5",
        "l from 1.0 to 5 step 1",
        "l from 1 to 5.0 step 1",
        "t step 1",
        "t from 1 to now() step 1h",
    ] {
        check(&format!("{rows} {axis}"), "SEM0219");
    }
    for axis in [
        "l from 1 to 2 step int(1)",
        "tolong(i) from 1 to 2 step 1",
        "r from 1 to 2 step 1",
        "t from datetime(2026-01-01) to datetime(2026-01-02) step 1d",
    ] {
        check(&format!("{rows} {axis} | project count_"), "count_:dynamic\n[1]");
    }
    check(
        &format!("{} step 1", rows.replace("count()", "kind=full count()")).replace(" on step", " on l step"),
        "SEM0219: `make-series` is of kind nonempty or of none, and not `full`",
    );
}

#[test]
fn what_is_accepted_beside_the_usual_forms() {
    for (query, expected) in [
        (
            "datatable(a:long, ['b c']:string)[] | getschema kind=csl",
            "Schema:string\n'a:long,['b c']:string'",
        ),
        (
            "union withsource=['my source'] (print a = 1), (print a = 2) | project-away ['my source'] | sort by a asc",
            "a:long\n1\n2",
        ),
        (
            "print d = dynamic([5]) | mv-expand with_itemindex=['i x'] d to typeof(long)",
            "d:long i x:long\n5 0",
        ),
        (
            "range a from 1 to 1 step 1 | scan with_match_id=['m i'] with (step s: true;)",
            "a:long m i:long\n1 0",
        ),
        (
            "print d = dynamic([2, 1]) | extend array_sort_asc(d, d), array_sort_asc(d, d) | project-away d",
            "d_sorted:dynamic d_sorted1:dynamic d_sorted2:dynamic d_sorted3:dynamic\n[1,2] [1,2] [1,2] [1,2]",
        ),
        (
            "datatable(a:string)['one', 'two'] | search *:'two' | project a",
            "a:string\n'two'",
        ),
    ] {
        check(query, expected);
    }
    for (query, told) in [
        (
            "print a = 1 | serialize | scan partition by a with (step s: true;)",
            "SEM0501: `partition by` of `scan` is not supported",
        ),
        (
            "print a = 1 | scan order by a asc with_match_id=m with (step s: true;)",
            "SYN0002",
        ),
        (
            "print a = 1 | getschema kind=json",
            "SEM0501: the kind `json` of `getschema` is not supported",
        ),
        ("print a = 1 | partition by a in (1) (count)", "SYN0002"),
    ] {
        check(query, told);
    }
}

#[test]
fn what_kusto_refuses_is_refused() {
    for (query, told) in [
        (
            "print s = 'a' | parse s with x y",
            "SEM0219: between two columns of a pattern nothing tells where the first ends",
        ),
        (
            "print s = 'a' | parse kind=relaxed s with 'k=' x:long y:string ';'",
            "SEM0219: between two columns of a pattern nothing tells where the first ends",
        ),
        (
            "print s = 'a' | parse s with * x",
            "SEM0219: behind `*` stands a text, which tells where it ends",
        ),
        (
            "print s = 'a' | parse-where s with 'k=' x *",
            "SEM0219: between a column of texts and `*` nothing tells where it ends",
        ),
        (
            "let f = (n:long, R:(a:long)) { R | take n }; print a = 1 | invoke f(1)",
            "SEM0219: the rows `R` come before the parameters that are values",
        ),
        (
            "print d = dynamic([1]) | partition by d (count)",
            "SEM0009: rows cannot be parted by a dynamic",
        ),
        (
            "print g = new_guid() | summarize arg_max(g, *)",
            "SEM0219: `arg_max` cannot put values of type guid in order",
        ),
    ] {
        check(query, told);
    }
    check(
        "print s = 'k=1;z' | parse s with 'k=' x:long * | project x",
        "x:long\n1",
    );
    check(
        "print s = 'abc' | parse s with x",
        "s:string x:string\n'abc' 'abc'",
    );
}
