//! Plugins, on small tables.

mod answers;

use answers::check;

/// Who came when, with the way in.
const VISITS: &str = "let visits = datatable(who:string, day:datetime, way:string)[
    'ann', datetime(2024-03-04), 'web',
    'bob', datetime(2024-03-04), 'app',
    'ann', datetime(2024-03-05), 'web',
    'cid', datetime(2024-03-05 10:00), 'app',
    'cid', datetime(2024-03-05 11:00), 'app',
    'bob', datetime(2024-03-07), 'web',
    'dan', datetime(2024-03-08), 'app'];
let opens = datetime(2024-03-04);
let ends = datetime(2024-03-07 12:00);
visits | evaluate ";

#[track_caller]
fn visits(plugin: &str, expected: &str) {
    check(&format!("{VISITS}{plugin}"), expected);
}

#[test]
fn activity_is_counted_by_window() {
    visits(
        "activity_counts_metrics(who, day, opens, ends, 1d)",
        "day:datetime count:long dcount:long new_dcount:long aggregated_dcount:long
         '2024-03-04' 2 2 2 2
         '2024-03-05' 3 2 1 3
         '2024-03-07' 1 1 0 3",
    );
    visits(
        "activity_counts_metrics(who, day, opens, ends, 2d, way)",
        "day:datetime way:string count:long dcount:long new_dcount:long aggregated_dcount:long
         '2024-03-04' 'web' 2 1 1 1
         '2024-03-06' 'web' 1 1 1 2
         '2024-03-04' 'app' 3 2 2 2",
    );
    visits(
        "activity_metrics(who, day, opens, ends, 1d)",
        "day:datetime dcount_values:long dcount_newvalues:long retention_rate:real churn_rate:real
         '2024-03-04' 2 2 1.0 0.0
         '2024-03-05' 2 1 0.5 0.5
         '2024-03-07' 1 1 1.0 0.0",
    );
    visits(
        "activity_metrics(who, day, 'week')",
        "day:datetime dcount_values:long dcount_newvalues:long retention_rate:real churn_rate:real
         '2024-03-03' 4 4 1.0 0.0",
    );
    visits(
        "activity_metrics(who, day, opens, ends, 'month', 5)",
        "SEM0219: `activity_metrics` takes an id, a timeline, start, end, 1 constant for windows, and columns",
    );
    visits(
        "activity_metrics(who, way, 1d)",
        "SEM0219: a timeline is of datetimes, timespans or whole numbers, and this one is of type string",
    );
    visits(
        "activity_counts_metrics(who, day, opens, ends, 0d)",
        "failed: a window is longer than 0, or one of `week`, `month` and `year`",
    );
}

#[test]
fn activity_is_counted_over_longer_windows() {
    visits(
        "activity_engagement(who, day, opens, ends, 1d, 2d)",
        "day:datetime dcount_activities_inner:long dcount_activities_outer:long activity_ratio:real
         '2024-03-04' 2 2 1.0
         '2024-03-05' 2 3 0.6666666666666666
         '2024-03-07' 1 1 1.0",
    );
    visits(
        "sliding_window_counts(who, day, opens, ends, 3d, 1d)",
        "day:datetime Count:long Dcount:long
         '2024-03-04' 2 2
         '2024-03-05' 5 3
         '2024-03-06' 5 3
         '2024-03-07' 4 3",
    );
    visits(
        "active_users_count(who, day, opens, ends, 4d, 1d, 2, 2d)",
        "day:datetime dcount:long
         '2024-03-04' 1
         '2024-03-06' 1",
    );
    check(
        "datatable(id:long, at:long)[1, 1, 1, 5, 1, 30, 2, 3, 2, 12] | evaluate session_count(id, at, 1, 40, 20, 9)",
        "at:long count_sessions:long
         1 2
         21 1",
    );
}

#[test]
fn those_who_are_new_are_followed() {
    visits(
        "new_activity_metrics(who, day, opens, opens + 1d + 12h, 1d)",
        "from_day:datetime to_day:datetime dcount_new_values:long dcount_retained_values:long dcount_churn_values:long retention_rate:real churn_rate:real
         '2024-03-04' '2024-03-04' 2 2 0 1.0 0.0
         '2024-03-04' '2024-03-05' 1 1 1 0.5 0.5
         '2024-03-05' '2024-03-05' 1 1 0 1.0 0.0",
    );
    visits(
        "new_activity_metrics(who, day, opens, opens + 1d, 1d, opens, (visits | where who == 'ann'))
         | project to_day, retention_rate",
        "to_day:datetime retention_rate:real
         '2024-03-04' 1.0
         '2024-03-05' 0.0",
    );
}

#[test]
fn percentiles_roll() {
    check(
        "datatable(at:long, v:long, g:string)[0, 5, 'a', 1, 7, 'a', 11, 9, 'a', 30, 1, 'b']
         | evaluate rolling_percentile(v, 50, at, 10, 2, g)",
        "at:long g:string rolling_2_percentile_v_50:long
         0 'a' 5
         10 'a' 7
         20 'a' 9
         30 'b' 1",
    );
}

#[test]
fn rows_near_a_condition() {
    check(
        "range n from 1 to 9 step 1 | evaluate rows_near(n == 1 or n == 4, 2, 1)",
        "n:long
         1
         2
         3
         4
         5",
    );
    check(
        "datatable(n:long)[1] | evaluate rows_near(n == 1, 2)",
        "SEM0019: `rows_near` needs rows in an order, and these have none",
    );
}

#[test]
fn schemas_are_merged() {
    let schemas = "let old = datatable(a:string, b:int)[] | getschema;
        let new = datatable(a:string, c:real, b:long)[] | getschema;
        union old, new | evaluate schema_merge";
    check(
        &format!("{schemas}(PreserveOrder=false)"),
        "ColumnName:string ColumnOrdinal:long DataType:string ColumnType:string
         'a' 0 'System.String' 'string'
         'c' 1 'System.Double' 'real'
         'b' 2 'System.Int64' 'long'",
    );
    check(
        &format!("{schemas}() | project ColumnName, ColumnOrdinal, ColumnType"),
        "ColumnName:string ColumnOrdinal:long ColumnType:string
         'a' 0 'string'
         'c' 1 'real'
         'b' -1 'ERROR(columns are out of order)'",
    );
}

#[test]
fn sets_have_values_in_common() {
    check(
        "range n from 1 to 60 step 1
         | summarize a = hll(n), b = hll_if(n, n % 2 == 0), c = hll_if(n, n % 3 == 0), d = hll_if(n, n > 60)
         | evaluate dcount_intersect(a, b, c, d) | project s0, s1, s2, s3",
        "s0:long s1:long s2:long s3:long
         60 30 10 0",
    );
    check(
        "print a = 1 | evaluate dcount_intersect(a, a)",
        "SEM0219: `dcount_intersect` takes what `hll` gives, and this is of type long",
    );
}

#[test]
fn sequences_are_found() {
    let steps = "datatable(id:long, t:datetime, s:string)[
        1, datetime(2024-03-04), 'in', 1, datetime(2024-03-05), 'out', 1, datetime(2024-03-07), 'out',
        2, datetime(2024-03-04), 'in', 2, datetime(2024-03-20), 'out'] | evaluate ";
    check(
        &format!("{steps} sequence_detect(t, 3d, 5d, came=(s == 'in'), left=(s == 'out'), id)"),
        "id:long came_t:datetime left_t:datetime Duration:timespan
         1 '2024-03-04' '2024-03-05' '1.00:00:00'
         1 '2024-03-04' '2024-03-07' '3.00:00:00'",
    );
    check(
        &format!(
            "{steps} funnel_sequence_completion(id, t, datetime(2024-03-01), datetime(2024-04-01), 31d, s,
                dynamic(['in', 'out']), dynamic([1d, 30d]))"
        ),
        "t:datetime s:string Period:timespan dcount:long
         '2024-03-01' 'in' '1.00:00:00' 2
         '2024-03-01' 'out' '1.00:00:00' 1
         '2024-03-01' 'in' '30.00:00:00' 2
         '2024-03-01' 'out' '30.00:00:00' 2",
    );
    check(
        "datatable(id:long, t:long, s:string)[1, 0, 'a', 1, 4, 'a', 1, 6, 'b', 1, 7, 'a', 2, 8, 'a', 2, 11, 'b']
         | evaluate funnel_sequence_completion(id, t, 0, 20, 10, s, dynamic(['a', 'b', 'a']), dynamic([2, 3]))
         | where t == 0",
        "t:long s:string Period:long dcount:long
         0 'a' 2 2
         0 'b' 2 1
         0 'a' 2 0
         0 'a' 3 2
         0 'b' 3 1
         0 'a' 3 1",
    );
}

#[test]
fn bags_are_unpacked_as_declared() {
    let bags =
        "datatable(name:string, d:dynamic)['x', dynamic({'name':'ann','age':20}), 'y', dynamic({'age':3})]
        | evaluate ";
    check(
        &format!("{bags} bag_unpack(d, columnsConflict='keep_source')"),
        "age:long name:string
         20 'x'
         3 'y'",
    );
    check(
        &format!("{bags} bag_unpack(d, columnsConflict='replace_source')"),
        "age:long name:string
         20 'ann'
         3 ''",
    );
    check(
        &format!("{bags} bag_unpack(d, 'p_') : (*, p_age:string, p_more:real)"),
        "name:string p_age:string p_more:real
         'x' '20' null
         'y' '3' null",
    );
    check(
        &format!("{bags} bag_unpack(d, 'p_') : (*, name:string)"),
        "SEM0003: there is a column `name` already",
    );
}

#[test]
fn a_column_becomes_columns() {
    let cells = "datatable(k:string, c:string, v:long)['x', 'a', 1, 'x', 'b', 2, 'y', 'a', 3] | evaluate ";
    check(
        &format!("{cells} pivot(c, sum(v)) : (k:string, b:long, a:long)"),
        "k:string b:long a:long
         'x' 2 1
         'y' 0 3",
    );
    check(
        &format!("{cells} pivot(c, sum(v)) : (k:string, z:long)"),
        "failed: `pivot` gives a column `a` of type long that is not declared",
    );
    check(
        &format!("{cells} pivot(c, sum(v)) : (k:string, a:long, b:long, z:long)"),
        "failed: `pivot` gives no column `z` of type long",
    );
    check(
        "datatable(a:long, b:string)[1, 'x'] | evaluate narrow()",
        "Row:long Column:string Value:string
         0 'a' '1'
         0 'b' 'x'",
    );
}

#[test]
fn what_is_not_exact_is_refused() {
    for plugin in [
        "autocluster()",
        "diffpatterns(s, 'a', 'b')",
        "funnel_sequence(s, s)",
        "python()",
    ] {
        let name = plugin.split('(').next().unwrap_or_default();
        check(
            &format!("datatable(s:string)[] | evaluate {plugin}"),
            &format!("SEM0501: the plugin `{name}` is not supported"),
        );
    }
}
