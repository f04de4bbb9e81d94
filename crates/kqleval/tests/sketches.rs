//! What is kept of values by `hll` and `tdigest`, and what is told from it later.

mod answers;

use answers::check;

#[test]
fn different_values_are_counted_later() {
    check(
        "range n from 1 to 12 step 1
         | summarize seen = hll(n % 5), few = hll_if(n % 5, n < 3, 2) by half = n % 2
         | summarize dcount_hll(hll_merge(seen)), dcount_hll(hll_merge(few)), all = hll_merge(seen)
         | project-away all",
        "dcount_hll_hll_merge_seen:long dcount_hll_hll_merge_few:long
         5 2",
    );
    check(
        "range n from 1 to 3 step 1 | summarize a = hll(n), b = hll(n + 2) | project hll_merge(a, b)
         | project dcount_hll(hll_merged_result), hll_isvalid(hll_merged_result)",
        "dcount_hll_hll_merged_result:long Column1:bool
         5 true",
    );
    check(
        "datatable(t:string, d:decimal, m:dynamic)['a', 1.5, dynamic([1]), 'a', 1.5, dynamic([1]), '', 2, dynamic({})]
         | summarize dcount_hll(hll(t)), dcount_hll(hll(d)), dcount_hll(hll(m))",
        "dcount_hll_hll_t:long dcount_hll_hll_d:long dcount_hll_hll_m:long
         2 2 2",
    );
    check(
        "range n from 1 to 50000 step 1 | summarize few = dcount_hll(hll(n % 8000)), many = dcount_hll(hll(n, 4))
         | project few, abs(many - 50000) < 500",
        "few:long Column1:bool
         8000 true",
    );
}

#[test]
fn no_values_give_null() {
    check(
        "datatable(n:long)[] | summarize hll(n), hll_if(n, n > 1), hll_merge(pack_array(n)), tdigest(n),
         merge_tdigest(pack_array(n))",
        "hll_n:dynamic hll_if_n:dynamic hll_merge_:dynamic tdigest_n:dynamic merge_tdigests_:dynamic
         null null null null null",
    );
    check(
        "datatable(n:long, g:long)[] | summarize hll(n), tdigest(n) by g",
        "g:long hll_n:dynamic tdigest_n:dynamic",
    );
    check(
        "datatable(n:long)[long(null)] | summarize hll(n), tdigest(n)",
        "hll_n:dynamic tdigest_n:dynamic
         null null",
    );
}

#[test]
fn accuracies_are_not_mixed() {
    check(
        "range n from 1 to 3 step 1 | summarize hll(n, 7)",
        "failed: the accuracy of `hll` is 0 to 4",
    );
    check(
        "range n from 1 to 3 step 1 | summarize a = hll(n, 1), b = hll(n, 2) | project dcount_hll(hll_merge(a, b))",
        "failed: results of `hll` of different accuracies cannot be merged",
    );
    check(
        "range n from 1 to 3 step 1 | summarize a = hll(n, 1), b = hll(n, 2) | mv-expand h = pack_array(a, b)
         | summarize hll_merge(h)",
        "failed: results of `hll` of different accuracies cannot be merged",
    );
}

#[test]
fn percentiles_are_told_later() {
    check(
        "range n from 1 to 200 step 1 | summarize kept = tdigest(n) by third = n % 3
         | summarize all = tdigest_merge(kept)
         | project percentile_tdigest(all, 50), percentile_tdigest(all, 95, typeof(long)),
           percentiles_array_tdigest(all, 5, 99.5), rank_tdigest(all, 20), percentrank_tdigest(all, 20)",
        "percentile_tdigest_all:dynamic percentile_tdigest_all1:long percentile_tdigest_all2:dynamic Column1:real Column2:real
         100 190 [10,199] 20.0 10.0",
    );
    check(
        "datatable(n:int, w:long)[5, 1, 1, 2, 3, 0, 9, -4] | summarize tdigest(n), tdigest(n, w)",
        "tdigest_n:dynamic tdigest_n1:dynamic
         [[7],[1,3,5,9],[1,1,1,1]] [[7],[1,5],[2,1]]",
    );
    check(
        "datatable(t:timespan, d:datetime, m:decimal)[1h, datetime(2024-01-01), 1.5, 2h, datetime(2024-01-02), 2.5]
         | summarize t = tdigest(t), d = tdigest(d), m = tdigest(m)
         | project percentile_tdigest(t, 50, typeof(timespan)), percentile_tdigest(d, 99, typeof(datetime)),
           percentile_tdigest(m, 99, typeof(real))",
        "percentile_tdigest_t:timespan percentile_tdigest_d:datetime percentile_tdigest_m:real
         '01:00:00' '2024-01-02' 2.5",
    );
    check(
        "datatable(n:real)[1.5, -2.7, 3.9] | summarize t = tdigest(n)
         | project percentile_tdigest(t, 1, typeof(long)), percentile_tdigest(t, 99, typeof(int))",
        "percentile_tdigest_t:long percentile_tdigest_t1:int
         -2 3",
    );
    check(
        "range n from 1 to 3 step 1 | summarize a = tdigest(n), b = tdigest(n * 1h) | project tdigest_merge(a, b)",
        "failed: results of `tdigest` of different types cannot be merged",
    );
}
