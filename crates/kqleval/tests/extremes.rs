//! What extremes and percentiles give, under new names and old ones.

mod answers;

use answers::check;

const ROWS: &str =
    "datatable(n:int, m:decimal, t:string)[3, decimal(1.5), 'a', 7, decimal(2), 'b'] | summarize ";

#[track_caller]
fn summarized(aggregates: &str, expected: &str) {
    check(&format!("{ROWS}{aggregates}"), expected);
}

#[test]
fn extremes_name_their_columns() {
    summarized("arg_max(n + 1, t)", "max_:long t:string\n8 'b'");
    summarized("arg_min(-n, n + 1)", "min_:long min__arg1:long\n-7 8");
    // `*` leaves out the column itself, and not what is named after it.
    summarized("arg_max(n, *)", "n:int m:decimal t:string\n7 '2' 'b'");
    summarized(
        "arg_max(tolong(n), *)",
        "n:long n1:int m:decimal t:string\n7 7 '2' 'b'",
    );
    summarized("take_any(n + 1)", "any_arg0:long\n4");
    summarized("(p, q, r) = arg_max(n, t)", "SEM0219");
}

#[test]
fn old_forms_have_names_of_their_own() {
    summarized("argmax(n, t)", "max_n:int max_n_t:string\n7 'b'");
    summarized(
        "argmin(n, *)",
        "min_n:int min_n_m:decimal min_n_t:string\n3 '1.5' 'a'",
    );
    summarized("any(t, n)", "any_t:string any_n:int\n'a' 3");
    summarized("anyif(t, n > 3), cnt()", "anyif_t:string cnt_:long\n'b' 2");
}

#[test]
fn percentiles_are_longs_or_reals() {
    summarized(
        "percentile(n, 50), percentiles(m, 50, 90)",
        "percentile_n_50:long percentile_m_50:real percentile_m_90:real\n3 1.5 2.0",
    );
}

#[test]
fn what_has_no_order_has_no_extreme() {
    check("print g = guid(null) | summarize max(g)", "SEM0219");
    check("print d = dynamic(1) | summarize min(d)", "SEM0219");
    check("print n = 1 | summarize by", "SYN0002");
}

#[test]
fn sorted_arrays_are_named_after_them() {
    check(
        "print list = dynamic([2, 1]) | project array_sort_asc(list), array_sort_desc(list)",
        "list_sorted:dynamic list_sorted1:dynamic\n[1,2] [2,1]",
    );
}
