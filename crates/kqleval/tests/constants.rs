//! What must hold for all rows is refused where it does not, as are calls with too few or too many arguments.

mod answers;

use answers::check;

/// Each call over a row of texts, numbers and times.
#[track_caller]
fn refused(calls: &[&str], code: &str) {
    for call in calls {
        let row = "print s = 'a', n = 1, r = 1.5, t = datetime(2026-01-01), d = dynamic({'a': 1}), b = true, p = 1h";
        check(&format!("{row} | project x = {call}"), code);
    }
}

#[test]
fn some_arguments_are_constant() {
    refused(
        &[
            "datetime_add(s, 1, t)",
            "datetime_part(s, t)",
            "datepart(s, t)",
            "datetime_diff(s, t, t)",
            "round(r, n)",
            "format_datetime(t, s)",
            "format_timespan(p, s)",
            "format_bytes(n, n)",
            "format_bytes(n, 1, s)",
            "extract(s, 1, s)",
            "extract_all(s, s)",
            "trim(s, s)",
            "trim_start(strcat(s, 'b'), s)",
            "trim_end(s, s)",
            "replace_regex(s, s, 'b')",
            "replace_regex(s, 'a', s)",
            "indexof_regex(s, s)",
            "extract_json(s, s)",
            "bag_set_key(d, s, 1)",
            "array_sort_asc(d, b)",
            "array_sort_desc(d, d, b)",
            "countof(s, 'a', s)",
        ],
        "SEM0019",
    );
    // Names for what holds for all rows are as good as literals.
    check(
        "let part = 'year'; print t = datetime(2026-01-01) | project x = datetime_part(part, t)",
        "x:long\n2026",
    );
    check(
        "let f = (n: long) { round(1.25, n) }; print x = f(1)",
        "x:real\n1.3",
    );
    check(
        "print r = 1.25 | project x = round(r, toscalar(print 1))",
        "x:real\n1.3",
    );
    check("print s = 'a.b' | project x = countof(s, s)", "x:long\n1");
}

#[test]
fn arguments_are_counted() {
    refused(
        &[
            "rand(1, 2)",
            "new_guid(1)",
            "merge_tdigest(d)",
            "hll_merge(d)",
            "bag_pack_columns()",
            "format_ipv4_mask(1)",
        ],
        "SEM0219",
    );
}

#[test]
fn times_are_compared_with_times() {
    for condition in ["t > '2026-01-01'", "'2026-01-01' <= t", "p < '1d'"] {
        check(
            &format!("print t = datetime(2026-01-01), p = 1h | where {condition}"),
            "SEM0064",
        );
    }
    check(
        "print t = datetime(2026-01-01) | where t == '2026-01-01' | count",
        "Count:long\n1",
    );
}

#[test]
fn patterns_name_a_column() {
    for operator in ["project-away q*", "project-keep q*", "project-reorder q*"] {
        check(&format!("print a = 1 | {operator}"), "SEM0100");
    }
    check("print a = 1, b = 2 | project-away a*", "b:long\n2");
}

#[test]
fn ints_become_longs_as_kusto_has_it() {
    check("print a = int(7) | project x = bin(a, int(5))", "x:long\n5");
    check(
        "print a = int(7) | project x = bin_at(a, int(5), int(0))",
        "x:long\n5",
    );
    check(
        "print a = int(7) | serialize x = row_cumsum(a) | project x",
        "x:int\n7",
    );
    check(
        "datatable(g: string, a: int)['x', 1, 'x', 2] | top-hitters 1 of g by a",
        "g:string approximate_sum_a:int\n'x' 3",
    );
}
