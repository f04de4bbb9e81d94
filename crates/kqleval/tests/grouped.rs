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
