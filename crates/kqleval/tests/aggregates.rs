//! Aggregates: what their columns are called and of what type they are, and what they give of nothing.

mod answers;

use answers::{answers, check};

const ROWS: &str = "datatable(i:int, n:long, m:decimal, s:string, k:long)[
    1, 10, 1.5, 'a', 1,
    2, 30, 2.5, 'b', 1,
    int(null), long(null), decimal(null), '', 2] | summarize ";

#[track_caller]
fn columns(aggregates: &str, expected: &str) {
    let got = answers(&format!("{ROWS}{aggregates}"));
    assert_eq!(got.lines().next(), Some(expected), "{aggregates}");
}

#[test]
fn extremes_name_their_columns() {
    for (aggregates, expected) in [
        ("arg_max(n, s)", "n:long s:string"),
        ("x = arg_max(n, s)", "x:long s:string"),
        ("(x, y) = arg_max(n, s)", "x:long y:string"),
        ("arg_max(n + 1, s)", "max_:long s:string"),
        ("arg_min(n, strcat(s, s))", "n:long min_n_arg1:string"),
        ("arg_max(top = n, *)", "top:long i:int m:decimal s:string k:long"),
        ("arg_max(n, t = s, *)", "n:long t:string i:int m:decimal k:long"),
        ("arg_max(n, *, s)", "n:long i:int m:decimal s:string k:long"),
        ("arg_max(n, *) by k", "k:long n:long i:int m:decimal s:string"),
        (
            "arg_max(bin(n, 2), *) by k",
            "k:long n:long i:int n1:long m:decimal s:string",
        ),
        ("argmax(n, s)", "max_n:long max_n_s:string"),
        (
            "argmin(n, s, strcat(s, s))",
            "min_n:long min_n_s:string min_n_arg2:string",
        ),
        ("take_any(strcat(s, s), n)", "any_arg0:string n:long"),
        ("any(n, strcat(s, s))", "any_n:long any_arg1:string"),
        (
            "any(*)",
            "any_i:int any_n:long any_m:decimal any_s:string any_k:long",
        ),
        ("anyif(n, true), take_anyif(n, true)", "anyif_n:long n:long"),
        (
            "(x, y) = take_any(n)",
            "SEM0219: there is no column for the name `y`",
        ),
        ("any(n, *)", "SEM0219: `any` takes `*` alone"),
        ("arg_max(*)", "SEM0219: `arg_max` needs a value before `*`"),
        ("take_any()", "SEM0219: `take_any` needs an argument"),
    ] {
        columns(aggregates, expected);
    }
}

#[test]
fn others_name_theirs() {
    for (aggregates, expected) in [
        ("cnt(), count()", "cnt_:long count_:long"),
        ("percentile(i, 50)", "percentile_i_50:long"),
        (
            "percentiles(m, 50, 99.9)",
            "percentile_m_50:real percentile_m_99_9:real",
        ),
        ("percentilew(i, n, 50)", "percentile_i_50:long"),
        ("covariance(i, n)", "covariance_i_n:real"),
        ("covariancepif(i, n * 2, n > 1)", "covariancepif_i_:real"),
        ("make_dictionary(bag_pack('a', n))", "dictionary_:dynamic"),
        ("(a, b) = percentiles(n, 5, 95)", "a:long b:long"),
        ("(a, b) = sum(n)", "SEM0219: there is no column for the name `b`"),
    ] {
        columns(aggregates, expected);
    }
}

#[test]
fn nothing_and_nulls_give_what_they_give() {
    let of = "avg(n), avg(m), sum(n), min(s), max(n), stdev(n), covariance(i, n), count(n), dcount(n), make_set(n),
        make_bag(bag_pack('n', n)), percentile(n, 50), percentiles_array(n, 5, 50), binary_all_or(n), take_any(n, s)";
    for rows in ["take 0", "where isnull(n) | take 0", "where k > 2"] {
        let got = answers(&ROWS.replace("summarize ", &format!("{rows} | summarize {of}")));
        assert_eq!(
            got.lines().nth(1),
            Some("'NaN' null 0 '' null 0.0 0.0 0 0 [] {} null [null,null] null null ''"),
            "{rows}"
        );
    }
    let got = answers(&ROWS.replace("summarize", "where k > 2 | summarize count(), max(n) by k"));
    assert_eq!(got.lines().count(), 1);
    check(
        &format!(
            "{ROWS} count(n), count(), avg(n), dcount(n), percentile(n, 99), make_list_with_nulls(i) by k"
        ),
        "k:long count_n:long count_:long avg_n:real dcount_n:long percentile_n_99:long list_i:dynamic
         1 2 2 20.0 2 30 [1,2]
         2 1 1 'NaN' 0 null [null]",
    );
}

#[test]
fn old_names_hold_fewer_values() {
    check(
        "range n from 1 to 300 step 1
         | summarize makelist(n), makeset(n), bag = make_dictionary(bag_pack(tostring(n), 1)), more = makelist(n, 200),
             now = make_list(n), few = makeset(n, 2)
         | project lists = array_length(list_n), sets = array_length(set_n), bags = array_length(bag_keys(bag)),
             more = array_length(more), now = array_length(now), few",
        "lists:long sets:long bags:long more:long now:long few:dynamic
         128 128 128 200 300 [1,2]",
    );
}
