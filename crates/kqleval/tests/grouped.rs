//! Operators over groups of rows: `top-nested`, `partition`, `scan`.

mod answers;

use answers::check;

const SALES: &str = "datatable(shop:string, kind:string, sold:long)
    ['East', 'tea', 4, 'East', 'oil', 9, 'West', 'tea', 7, 'West', 'tea', 2, 'Port', 'oil', 1] | ";

#[track_caller]
fn of_sales(operators: &str, expected: &str) {
    check(&format!("{SALES}{operators}"), expected);
}

#[test]
fn levels_are_ordered_by_several_aggregates() {
    of_sales(
        "top-nested 2 of shop by mean = sum(sold) / count()",
        "shop:string mean:long
         'East' 6
         'West' 4",
    );
    of_sales(
        "top-nested 1 of shop with others = '-' by max(sold) - min(sold)",
        "shop:string aggregated_shop:long
         'East' 5
         '-' 6",
    );
    of_sales("top-nested 1 of shop by strlen(shop)", "SEM0100");
}

#[test]
fn others_of_a_level_without_a_name_stand_further_down() {
    let levels = |first: &str, second: &str, third: &str| {
        format!(
            "extend part = strcat(kind, sold) | top-nested 1 of shop {first} by sum(sold), \
             top-nested 1 of kind {second} by sum(sold), top-nested 1 of part {third} by sum(sold)"
        )
    };
    let columns =
        "shop:string aggregated_shop:long kind:string aggregated_kind:long part:string aggregated_part:long";
    let others = "with others = '-'";
    for (query, expected) in [
        (levels("", "", ""), "'East' 13 'oil' 9 'oil9' 9"),
        (
            levels("", "", others),
            "'East' 13 'oil' 9 'oil9' 9
             'East' 13 'oil' 9 '-' 0
             'East' 13 '' null '-' 4
             '' null '' null '-' 10",
        ),
        (levels("", others, ""), "'East' 13 'oil' 9 'oil9' 9"),
        (
            levels(others, "", others),
            "'East' 13 'oil' 9 'oil9' 9
             'East' 13 'oil' 9 '-' 0
             'East' 13 '' null '-' 4
             '-' 10 '' null '-' 10",
        ),
    ] {
        of_sales(&query, &format!("{columns}\n{expected}"));
    }
}

#[test]
fn partitions_without_a_strategy_are_few() {
    let rows = |values: usize, partition: &str| {
        format!("range n from 1 to {values} step 1 | partition {partition} | count")
    };
    for (query, expected) in [
        (rows(64, "by n (top 1 by n)"), "Count:long\n64"),
        (
            rows(64, "hint.strategy=legacy by n { print n }"),
            "Count:long\n64",
        ),
        (
            rows(65, "hint.strategy=native by n (top 1 by n)"),
            "Count:long\n65",
        ),
        (
            rows(65, "hint.strategy=shuffle by n (top 1 by n)"),
            "Count:long\n65",
        ),
    ] {
        check(&query, expected);
    }
    for partition in [
        "by n (top 1 by n)",
        "hint.strategy=legacy by n (top 1 by n)",
        "by n { print n }",
    ] {
        check(
            &rows(65, partition),
            "failed: `partition` takes at most 64 values of its column without `hint.strategy=native` or `shuffle`",
        );
    }
}

#[test]
fn queries_of_partitions_see_the_value_of_the_column() {
    of_sales(
        "where sold > 6 | partition by sold { range n from 5 to 9 step 1 | where n == sold or n > toscalar(sold) + 1 }",
        "n:long
         9
         7
         9",
    );
}

#[test]
fn steps_of_scans_have_names_of_their_own() {
    of_sales(
        "serialize | scan with (step a: sold > 1; step a: sold > 2;)",
        "SEM0003",
    );
}

#[test]
fn matches_of_scans_give_what_they_held_back() {
    let rows = "datatable(n: long, s: string)[1, 'a', 2, 'b', 3, 'a', 4, 'c', 5, 'b'] | serialize";
    // A match whose step another takes has ended, and each step has a last row of its own.
    check(
        &format!(
            "{rows} | scan with_match_id=m with (step x output=last: s == 'a' and isnull(x.n); step y output=last: s == 'b';)"
        ),
        "n:long s:string m:long
         1 'a' 0
         2 'b' 0
         3 'a' 1
         5 'b' 1",
    );
    // One that passes over an optional step has left the step that it comes from.
    check(
        &format!(
            "{rows} | scan declare (c: long) with (step x output=none: s == 'a' and n < 3 => c = 1; step y optional output=none: s == 'z'; step z: s in ('c', 'b') => c = x.c + 1;)"
        ),
        "n:long s:string c:long
         2 'b' 2
         4 'c' 2
         5 'b' 2",
    );
    check(
        &format!("{rows} | scan with_match_id=s with (step x: true;)"),
        "SEM0003",
    );
}

#[test]
fn columns_that_data_tell_are_not_parts_of_parts() {
    for query in [
        "partition by shop (evaluate pivot(kind, sum(sold)))",
        "mv-apply p = dynamic([1]) on (extend b = bag_pack('a', p) | evaluate bag_unpack(b))",
    ] {
        of_sales(query, "SEM0501");
    }
    of_sales(
        "where sold > 6 | partition by shop (evaluate pivot(kind, count(), shop) : (shop: string, x: long)) | count",
        "failed: `pivot` gives a column `oil` of type long that is not declared",
    );
}
