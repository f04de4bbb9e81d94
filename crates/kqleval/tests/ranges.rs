//! `range`: its ends, its types, and more rows than are made.

mod answers;

use answers::check;

#[test]
fn ranges_end_where_they_are_told() {
    for (range, expected) in [
        ("from 2 to 9 step 3", "x:long\n2\n5\n8"),
        ("from 2 to 8 step 3", "x:long\n2\n5\n8"),
        ("from 2 to -2 step -2", "x:long\n2\n0\n-2"),
        ("from 4 to 4 step -1", "x:long\n4"),
        ("from 4 to 3 step 1", "x:long"),
        ("from 4 to 5 step -1", "x:long"),
        ("from 4 to 5 step 1 - 1", "x:long"),
        ("from 4 to long(null) step 1", "x:long"),
        ("from 1.5 to 0.4 step -0.5", "x:real\n1.5\n1.0\n0.5"),
        ("from 1.0 to real(nan) step 0.5", "x:real"),
        ("from 1.0 to 2.0 step real(nan)", "x:real"),
        (
            "from decimal(0.1) to 0.4 step decimal(0.1)",
            "x:decimal\n'0.1'\n'0.2'\n'0.3'\n'0.4'",
        ),
        ("from 2 to decimal(0.5) step -1", "x:decimal\n'2'\n'1'"),
        ("from decimal(1) to decimal(null) step 1", "x:decimal"),
        (
            "from datetime(2024-02-28) to datetime(2024-03-01) step 1d",
            "x:datetime\n'2024-02-28'\n'2024-02-29'\n'2024-03-01'",
        ),
        ("from 1h to 0h step -1h", "x:timespan\n'01:00:00'\n'00:00:00'"),
        (
            "from 9223372036854775806 to 9223372036854775807 step 1",
            "x:long\n9223372036854775806\n9223372036854775807",
        ),
    ] {
        check(&format!("range x {range}"), expected);
    }
}

#[test]
fn longer_ranges_are_refused() {
    check("range x from 1 to 5000001 step 1 | take 1", "x:long\n1");
    for range in [
        "from 1 to 1000000000 step 1",
        "from -9223372036854775807 to 9223372036854775807 step 1",
        "from 0.0 to 9e9 step 0.5",
        "from 1.0 to real(+inf) step 1.0",
        "from decimal(1) to 1e30 step 1",
        "from datetime(1900-01-01) to datetime(2024-01-01) step 1s",
    ] {
        check(
            &format!("range x {range} | project y = x"),
            "failed: the rows after `range` need more than 1 GiB of memory",
        );
    }
}

#[test]
fn rows_that_are_not_needed_are_not_made() {
    for (query, expected) in [
        (
            "from 1 to 100000000000 step 1 | count",
            "Count:long\n100000000000",
        ),
        ("from 1 to 100000000000 step 1 | take 2", "x:long\n1\n2"),
        ("from 1 to 2 step 1 | take 5 | count", "Count:long\n2"),
        ("from 5 to 1 step -2 | summarize c = count()", "c:long\n3"),
        ("from 5 to 1 step 2 | count", "Count:long\n0"),
        ("from 1 to long(null) step 1 | count", "Count:long\n0"),
        ("from 1.0 to 3.0 step 0.5 | count", "Count:long\n5"),
        ("from 0.0 to 9e9 step 0.5 | take 2", "x:real\n0.0\n0.5"),
        ("from decimal(1) to 1e30 step 1 | take 2", "x:decimal\n'1'\n'2'"),
        (
            "from datetime(1900-01-01) to datetime(2024-01-01) step 1s | count",
            "Count:long\n3913056001",
        ),
        (
            "from -9223372036854775807 to 9223372036854775807 step 1 | count",
            "failed: the rows after `range` need more than 1 GiB of memory",
        ),
    ] {
        check(&format!("range x {query}"), expected);
    }
}
