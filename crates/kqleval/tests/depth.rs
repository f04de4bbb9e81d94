//! Long and deep expressions: answered, or refused by name, and never more than the stack holds.

mod answers;

use std::time::{Duration, Instant};

use answers::{answers, check};

/// What is said of a query, on a stack as large as the one that queries are answered on.
fn first_line(query: String) -> String {
    let asked = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || answers(&query));
    let said = asked
        .ok()
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    said.split_once(": ")
        .map_or(said.as_str(), |(code, _)| code)
        .to_owned()
}

#[test]
fn chains_are_answered_or_refused() {
    let sum = |terms: usize| vec!["1"; terms].join("+");
    let mut functions = format!("let f0 = (x:long) {{ x + {} }}; ", sum(400));
    for at in 1..40 {
        functions += &format!("let f{at} = (x:long) {{ f{}(x) + {} }}; ", at - 1, sum(400));
    }
    for (query, expected) in [
        (format!("print {}", sum(500)), "print_0:long\n500"),
        (format!("print {}", sum(20_000)), "SYN0200"),
        (format!("print {}", vec!["1"; 20_000].join("-")), "SYN0200"),
        (format!("print {}", vec!["1"; 20_000].join(" * ")), "SYN0200"),
        (
            format!("print a = isnull(dynamic({{}}){})", "[0]".repeat(450)),
            "a:bool\ntrue",
        ),
        (format!("print dynamic({{}}){}", "[0]".repeat(20_000)), "SYN0200"),
        (format!("print dynamic({{}}){}", ".a".repeat(20_000)), "SYN0200"),
        // Brackets that each hold a chain, and chains that hold brackets.
        (
            format!(
                "print {}1{}",
                "(".repeat(90),
                format!(" + {})", sum(300)).repeat(90)
            ),
            "SYN0200",
        ),
        (
            format!("print a = {}", vec!["(1 + (2 * 3))"; 450].join(" + ")),
            "a:long\n3150",
        ),
        // Chains beside each other are none inside of the other.
        (
            format!("print a = max_of({}, {}), b = {}", sum(450), sum(400), sum(350)),
            "a:long b:long\n450 350",
        ),
        (format!("print {}", "-".repeat(50_000)), "SYN0002"),
        (format!("print {}1", "- ".repeat(50_000)), "SYN0002"),
        (
            format!("print a = {}", vec!["true"; 20_000].join(" and ")),
            "a:bool\ntrue",
        ),
        (functions + "print f39(1)", "SYN0200"),
        // Steps that each make a column of the one before are one expression in the end.
        (
            format!(
                "print x = 1{}",
                format!(" | extend x = x + {}", sum(400)).repeat(2)
            ),
            "x:long\n801",
        ),
        (
            format!(
                "print x = 1{}",
                format!(" | extend x = x + {}", sum(400)).repeat(4)
            ),
            "SYN0200",
        ),
        (
            format!(
                "print x = 1{} | count",
                " | extend y = 1 | where y > 0".repeat(900)
            ),
            "Count:long\n1",
        ),
    ] {
        let begun = Instant::now();
        let start: String = query.chars().take(60).collect();
        assert_eq!(first_line(query), expected, "{start}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{start}");
    }
}

#[test]
fn long_lists_are_looked_up() {
    let begun = Instant::now();
    let numbers: Vec<String> = (0..100_000).map(|at| (at * 2).to_string()).collect();
    check(
        &format!(
            "range x from 1 to 100000 step 1 | where x in ({}) | count",
            numbers.join(", ")
        ),
        "Count:long\n50000",
    );
    check(
        "range x from 1 to 50000 step 1 | where strcat('x', x) in (range t from datetime(2026-01-01) to datetime(2026-01-31) \
         step 1m) | count",
        "Count:long\n0",
    );
    check(
        "range x from 1 to 50000 step 1 | where x * 0.5 in (range y from 1.0 to 20000.0 step 1.0) | count",
        "Count:long\n20000",
    );
    // Many rows with few values.
    check(
        "range x from 1 to 50000 step 1 | where tostring(x % 7) in (range y from 1 to 50000 step 1 | project z = tostring(y % 5)) \
         | count",
        "Count:long\n35714",
    );
    assert!(begun.elapsed() < Duration::from_secs(60));
}
