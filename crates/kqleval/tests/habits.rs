//! What other languages write, and what is said of it here.

mod told;

use told::check;

#[test]
fn habits_of_other_languages() {
    let watched = "a list in a file is read by `externaldata(a: string)['list.csv'] with (format='csv')`";
    for (text, code, place, hint) in [
        (
            "T /* c */ | count",
            "SYN0002",
            "/",
            "a comment begins with `//` and ends with its line",
        ),
        (
            "T | summarize count(distinct Ip)",
            "SYN0002",
            "Ip",
            "different values are counted by `dcount(Ip)` or `count_distinct(Ip)`",
        ),
        (
            "from T | count",
            "SYN0002",
            "T",
            "the table stands first: `T | ...`",
        ),
        (
            "T | where exists (T | where Port > 1)",
            "SEM0260",
            "exists",
            "`a in (T | project a)`, or `join kind=leftsemi (T) on a`",
        ),
        (
            "T | where Time > now() - interval '1 day'",
            "SYN0002",
            "'1 day'",
            "a span of time is a literal such as `1d`; `ago(1d)` is as long before now",
        ),
        (
            "union all T",
            "SYN0002",
            "T",
            "`union` keeps all rows as it is: `union T`",
        ),
        (
            "WITH x AS (T) x",
            "SYN0002",
            "x",
            "`let` gives a query a name: `let x = ...; x | ...`",
        ),
        (
            "T | project `Ip`",
            "SYN0002",
            "`",
            "a name with other signs than letters and digits stands in brackets: `['a b']`",
        ),
        (
            "T | where Ip LIKE '10.%'",
            "SYN0002",
            "LIKE",
            "keywords are written small: `like`",
        ),
        (
            "T | selct Ip",
            "SYN0002",
            "selct",
            "begin with the table: `T | project a, b`",
        ),
        (
            "T | where Port between 20..30",
            "SYN0002",
            "..",
            "write `between (20 .. 30)`",
        ),
        (
            "T | where Ip = null",
            "SYN0002",
            "=",
            "`isnull(a)` asks for what has no value, and `isempty(a)` for texts that have none",
        ),
        (
            "T | count\n\nT | take 5",
            "SYN0002",
            "T",
            "put `;` between queries",
        ),
        ("T\n\nT | take 5", "SYN0002", "T", "put `;` between queries"),
        ("T | join T on IP", "SEM0100", "IP", "did you mean `Ip`?"),
        (
            "_GetWatchlist('ips') | count",
            "SEM0260",
            "_GetWatchlist",
            watched,
        ),
        (
            ".show tables",
            "SYN0002",
            ".",
            "this is a management command; only queries are answered, such as `T | getschema`",
        ),
        (
            "T | where Time > '2026-01-01'",
            "SEM0064",
            ">",
            "a date is written `datetime(2026-01-01)`",
        ),
    ] {
        check(text, code, place, hint);
    }
}
