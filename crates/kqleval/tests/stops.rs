//! A query that is no longer wanted stops inside of its steps, wherever there are many rows.

mod generated;

use generated::{Generated, outcome};
use kqleval::FailureKind;

const FEW: usize = 100;
const MANY: usize = 8_192;

#[test]
fn every_loop_over_rows_asks_whether_to_go_on() {
    let few = Generated::new(FEW, 1 << 30);
    let many = Generated::new(MANY, 1 << 30);
    let lookup = "let L = datatable(net: string)['10.0.0.0/8']; T | extend ip = '10.0.0.1'";
    let mut wrong = Vec::new();
    for query in [
        "T | where x > 1",
        "T | sort by s desc",
        "T | top 5 by s",
        "T | sample 5",
        "T | mv-expand d",
        "T | mv-apply e = d on (take 1)",
        "T | join kind=inner T on x",
        "T | join kind=leftanti T on x",
        "T | join kind=rightsemi T on x",
        "T | summarize count() by s",
        "T | summarize count()",
        "T | summarize sum(x)",
        "T | summarize max(s), arg_min(x, s)",
        "T | summarize dcount(s)",
        "T | summarize make_list(s), make_set(x)",
        "T | summarize percentile(x, 50)",
        "T | summarize hll(x), tdigest(x)",
        "T | summarize covariance(x, g)",
        "T | summarize sumif(x, g > 1)",
        "T | make-series sum(x) on x from 0 to 10 step 1",
        "T | make-series count() on t step 1s",
        "T | top-nested of g by count(), top-nested 1 of s by max(x)",
        "T | serialize | scan with (step one: true;)",
        "T | partition hint.strategy=native by s (take 1)",
        "T | parse s with * '-' n: long",
        "T | parse-where s with * 'none' n: long",
        "T | parse-kv s as (a: string) with (pair_delimiter=' ', kv_delimiter='-')",
        "T | evaluate narrow()",
        "T | evaluate pivot(g)",
        "T | extend b = bag_pack('k', x) | project b | evaluate bag_unpack(b)",
        "T | evaluate activity_counts_metrics(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h)",
        "T | evaluate activity_metrics(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h)",
        "T | evaluate activity_engagement(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h, 2h)",
        "T | evaluate sliding_window_counts(x, t, datetime(2026-01-01), datetime(2026-01-02), 2h, 1h)",
        "T | evaluate session_count(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h, 2h)",
        "T | evaluate active_users_count(x, t, datetime(2026-01-01), datetime(2026-01-02), 2h, 1h, 1, 1h)",
        "T | evaluate new_activity_metrics(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h)",
        "T | evaluate rolling_percentile(x, 50, t, 1h, 2)",
        "T | serialize | evaluate rows_near(x % 7 == 0, 1)",
        "T | evaluate sequence_detect(t, 1s, 2s, a = g == 1, b = g == 2)",
        "T | evaluate funnel_sequence_completion(x, t, datetime(2026-01-01), datetime(2026-01-02), 1h, g, \
         dynamic([1, 2]), dynamic([1h]))",
        "T | summarize h = hll(x) by s | extend i = h | evaluate dcount_intersect(h, i)",
        "T | project ColumnName = s, ColumnOrdinal = x, DataType = '', ColumnType = 'long' | evaluate schema_merge()",
        &format!("{lookup} | evaluate ipv4_lookup(L, ip, net)"),
    ] {
        let (small, large) = (asked(&few, query), asked(&many, query));
        if large < small + 4 {
            wrong.push(format!(
                "{query}: asked {small} times of {FEW} rows, {large} of {MANY}"
            ));
        }
        many.asked_max.set(small + (large - small) / 2);
        match outcome(&many, query) {
            Err(failure) if failure.kind == FailureKind::Stopped => {}
            given => wrong.push(format!("{query}: {given:?}")),
        }
        many.asked_max.set(u64::MAX);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn asked(tables: &Generated, query: &str) -> u64 {
    let given = outcome(tables, query);
    assert!(given.is_ok(), "{query}: {given:?}");
    tables.asked.get()
}

#[test]
fn expressions_ask_between_their_parts() {
    let few = Generated::new(FEW, 1 << 30);
    let many = Generated::new(100_000, 1 << 30);
    for query in [
        "T | extend y = x + 1",
        "T | extend y = strcat(s, x), z = x > 1 and x < 5",
        "T | extend y = x in ((T | project x | take 5))",
        "T | serialize | extend y = row_number() + prev(x + 1) + x * 2",
    ] {
        let (small, large) = (asked(&few, query), asked(&many, query));
        assert!(large >= small + 4, "{query}: {small}, {large}");
    }
}

#[test]
fn sources_ask_too() {
    let tables = Generated::new(1, 1 << 30);
    for query in [
        "range y from 1 to 200000 step 1",
        "range y from 0.0 to 2e4 step 1.0",
        "range y from decimal(1) to 20000 step 1",
        "externaldata(n: long)['numbers.csv']",
    ] {
        assert!(asked(&tables, query) > 4, "{query}: {}", tables.asked.get());
    }
}
