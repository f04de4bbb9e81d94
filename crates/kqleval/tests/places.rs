//! What fails while a query runs tells its place, the innermost that is known.

mod generated;

use generated::{Generated, outcome};
use kqleval::FailureKind;

#[test]
fn failures_have_a_place() {
    let tables = Generated::new(200, 1 << 20);
    let query = FailureKind::Query;
    let mut wrong = Vec::new();
    for (text, kind, place, message) in [
        (
            "T | where s matches regex strcat('(', '')",
            query,
            "s matches regex strcat('(', '')",
            "regular expression",
        ),
        (
            "T | take 1\n| extend e = extract(strcat('[', ''), 0, s), f = 1",
            query,
            "extract(strcat('[', ''), 0, s)",
            "regular expression",
        ),
        (
            "T | partition by x (take 1)",
            query,
            "partition by x (take 1)",
            "at most 64 values",
        ),
        (
            "T | extend b = bag_pack('x', 1) | evaluate bag_unpack(b)",
            query,
            "evaluate bag_unpack(b)",
            "there already",
        ),
        (
            "T | make-series count() on x from 0 to 10 step 1 - 1",
            query,
            "1 - 1",
            "a step of `make-series` is above 0",
        ),
        (
            "externaldata(a: string)\n['gone.csv'] | count",
            FailureKind::File,
            "'gone.csv'",
            "`gone.csv` is not there",
        ),
        (
            "T | where x == toscalar(T | parse-kv s as (a: long) with (regex='(') | count)",
            query,
            "parse-kv s as (a: long) with (regex='(')",
            "regular expression",
        ),
        (
            "T | mv-apply d on (where s matches regex strcat('(', ''))",
            query,
            "s matches regex strcat('(', '')",
            "regular expression",
        ),
        (
            "T | join kind=inner (T | partition by x (take 1)) on x",
            query,
            "partition by x (take 1)",
            "at most 64 values",
        ),
        (
            "T | mv-expand e = range(1, 1000) | count",
            FailureKind::Memory,
            "mv-expand e = range(1, 1000)",
            "the rows after `mv-expand` need more than 1 MiB of memory",
        ),
        (
            "print a = strcat_array(repeat('0123456789', 100000), ',')",
            FailureKind::Memory,
            "repeat('0123456789', 100000)",
            "need more than 1 MiB of memory",
        ),
    ] {
        let Err(failure) = outcome(&tables, text) else {
            wrong.push(format!("{text} is answered"));
            continue;
        };
        let at = failure.span.map(|span| span.text(text)).unwrap_or_default();
        if failure.kind != kind || !at.starts_with(place) || !failure.message.contains(message) {
            wrong.push(format!("{text}: {:?} at `{at}`: {failure}", failure.kind));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_fails_for_any_rows_is_found_without_them() {
    let place = |text: &str| {
        let tables = Generated::new(0, 1 << 20);
        generated::probed(&tables, text)
            .err()
            .and_then(|failure| failure.span)
            .map(|span| span.text(text).to_owned())
    };
    for (condition, expected) in [
        (
            "s matches regex strcat('(', '')",
            Some("s matches regex strcat('(', '')"),
        ),
        ("x > 1 and s matches regex strcat('[', s)", None),
        (
            "x in ((T | project x)) and isempty(extract(strcat('[', ''), 0, s))",
            Some("extract(strcat('[', ''), 0, s)"),
        ),
        ("x > toscalar(T | summarize max(x)) and s has 'a'", None),
        ("countof(s, strcat('(', s), 'regex') > 1", None),
    ] {
        assert_eq!(
            place(&format!("T | where {condition}")).as_deref(),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn a_sample_is_of_all_rows() {
    let tables = Generated::new(200, 1 << 20);
    // Of the first rows alone none would be left.
    let left = outcome(&tables, "T | sample 50 | where x >= 50");
    assert!(left.is_ok_and(|rows| (20..=50).contains(&rows)));
    assert_eq!(outcome(&tables, "T | sample 500"), Ok(200));
    assert_eq!(outcome(&tables, "T | sample 70"), Ok(70));
    assert_eq!(outcome(&tables, "T | sample 0"), Ok(0));
}
