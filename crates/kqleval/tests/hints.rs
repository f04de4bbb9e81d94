//! What is said behind a mistake: the next step, with the query's own words where that can be.

mod told;

use told::{check, first};

#[test]
fn texts_without_quotes() {
    for (text, code, place, hint) in [
        (
            "T | where Ip == 10.0.0.4 and Port > 1",
            "SYN0002",
            "10.0.0.4",
            "write `\"10.0.0.4\"`",
        ),
        (
            "T | where ipv4_is_in_range(Ip, 10.0.0.0/8)",
            "SYN0002",
            "10.0.0.0/8",
            "write `\"10.0.0.0/8\"`",
        ),
        (
            "T | where Rule == Denied",
            "SEM0100",
            "Denied",
            "a text stands in quotes: `Rule == \"Denied\"`",
        ),
        (
            "T | where Port > 1 and Denied != Rule",
            "SEM0100",
            "Denied",
            "a text stands in quotes: `\"Denied\" != Rule`",
        ),
        (
            "T | where Rule in (Denied, 'Allowed')",
            "SEM0100",
            "Denied",
            "a text stands in quotes: `Rule in (\"Denied\", 'Allowed')`",
        ),
        (
            "T | where Bag.rule has Denied",
            "SEM0100",
            "Denied",
            "a text stands in quotes: `Bag.rule has \"Denied\"`",
        ),
        (
            "T | where Ip == Rul",
            "SEM0100",
            "Rul",
            "did you mean `Rule`? a text stands in quotes: `Ip == \"Rul\"`",
        ),
        (
            "T | where rule == 'Denied'",
            "SEM0100",
            "rule",
            "did you mean `Rule`?",
        ),
        (
            "T | where Rule == null",
            "SEM0100",
            "null",
            "`isnull(a)` asks for what has no value; a null of a type is `long(null)`",
        ),
        (
            "T | where Rule == \u{201c}Denied\u{201d}",
            "SYN0002",
            "\u{201c}",
            "texts stand in straight quotes: `\"Denied\"`",
        ),
        (
            "T | where Rule == \u{2018}a b\u{2019} and Port == 1",
            "SYN0002",
            "\u{2018}",
            "texts stand in straight quotes: `\"a b\"`",
        ),
    ] {
        check(text, code, place, hint);
    }
}

#[test]
fn times_and_sizes() {
    let difference = "a date is written `datetime(2026-02-16)`; without it this is a difference of numbers";
    for (text, code, place, hint) in [
        ("T | where Time > 2026-02-16", "SEM0064", ">", difference),
        (
            "T | where Time between (2026-02-16 .. 2026-02-17)",
            "SEM0064",
            "Time between (2026-02-16 .. 2026-02-17)",
            difference,
        ),
        (
            "T | where Time > 2026-02-16T10:00:00Z",
            "SYN0002",
            ":",
            "a moment is written `datetime(2026-02-16T10:00:00Z)`",
        ),
        (
            "T | where Time > ago(1 h)",
            "SYN0002",
            "h",
            "a span of time is written without a blank: `1h`",
        ),
        (
            "T | where Time > ago('1h')",
            "SEM0219",
            "'1h'",
            "a timespan is written without quotes: `1h`",
        ),
        (
            "T | summarize count() by bin(Time, '1h')",
            "SEM0219",
            "'1h'",
            "a timespan is written without quotes: `1h`",
        ),
        (
            "T | summarize count() by bin(Time, '01:00:00')",
            "SEM0219",
            "'01:00:00'",
            "a timespan is written `time(01:00:00)`",
        ),
        (
            "T | summarize count() by bin(Time)",
            "SEM0219",
            "bin(Time)",
            "it is `bin(value, roundTo)`",
        ),
        (
            "T | where Port > 1GB",
            "SEM0100",
            "1GB",
            "sizes are whole numbers of bytes: `1073741824`",
        ),
    ] {
        check(text, code, place, hint);
    }
}

#[test]
fn ends_of_between() {
    for (text, place, hint) in [
        (
            "T | where Port between (1 and 5)",
            "and",
            "write `between (1 .. 5)`",
        ),
        (
            "T | where Port between 1 and 5",
            "and",
            "write `between (1 .. 5)`",
        ),
        (
            "T | where Port !between (1, Port + 2)",
            ",",
            "write `!between (1 .. Port + 2)`",
        ),
        (
            "T | where Time between (ago(1d) and now()) | count",
            "and",
            "write `between (ago(1d) .. now())`",
        ),
    ] {
        check(text, "SYN0002", place, hint);
    }
}

#[test]
fn names_of_functions() {
    for (text, code, place, hint) in [
        (
            "T | summarize count by Rule",
            "SEM0100",
            "count",
            "`count()` counts rows; its brackets are missing",
        ),
        (
            "T | summarize n = sum by Rule",
            "SEM0100",
            "sum",
            "`sum` is a function: `sum(...)`",
        ),
        (
            "T | where Time > now",
            "SEM0100",
            "now",
            "`now` is a function: `now(...)`",
        ),
        (
            "T | summarize count_if(Open)",
            "SEM0260",
            "count_if",
            "did you mean `countif`?",
        ),
        (
            "T | summarize cuontif(Open)",
            "SEM0260",
            "cuontif",
            "did you mean `countif`?",
        ),
        ("T | summarize mean(Port)", "SEM0260", "mean", "`avg(a)`"),
        (
            "let f = (n:long) { f(n - 1) }; print f(1)",
            "SEM0260",
            "f",
            "a function sees what is declared before it, and not itself",
        ),
        ("print x(1)", "SEM0260", "x", ""),
        (
            "T | summarize Port by Ip",
            "SEM0100",
            "Port",
            "an aggregate makes one of them, such as `max(Port)` or `take_any(Port)`; behind `by` it makes groups",
        ),
        (
            "T | evaluate pivott(Rule)",
            "SEM0260",
            "pivott",
            "did you mean `pivot`?",
        ),
        (
            "T | where Ip.contains('x')",
            "SYN0002",
            "contains",
            "`contains` stands between two values: `a contains \"b\"`",
        ),
    ] {
        check(text, code, place, hint);
    }
    let (_, _, hint) = first("T | evaluate nosuch()");
    assert!(
        hint.starts_with("there are active_users_count, ") && hint.ends_with(", sliding_window_counts"),
        "{hint}"
    );
}

#[test]
fn words_of_operators() {
    for (text, code, place, hint) in [
        (
            "T | sort by Port ascending",
            "SYN0002",
            "ascending",
            "the order is `asc` or `desc`: write `asc`",
        ),
        (
            "T | join kind=left T on Ip",
            "SEM0219",
            "kind",
            "did you mean `kind=leftouter`?",
        ),
        (
            "T | join kind=Inner T on Ip",
            "SEM0219",
            "kind",
            "did you mean `kind=inner`?",
        ),
        (
            "T | left join T on Ip",
            "SYN0002",
            "left",
            "`join kind=leftouter (...) on key`",
        ),
        (
            "T where Port == 1",
            "SYN0002",
            "where",
            "an operator begins with `|`: `| where ...`",
        ),
        (
            "T | project Port as p",
            "SYN0002",
            "as",
            "a name stands before its value: `project b = a`, `extend b = a`",
        ),
        (
            "T | where Port in [1, 2]",
            "SYN0002",
            "[",
            "the values stand in brackets: `in (1, 2)`",
        ),
        (
            "T | extend x = Port > 1 ? 1 : 2",
            "SYN0002",
            "?",
            "`iff(condition, then, else)` decides",
        ),
        (
            "T | project *",
            "SYN0002",
            "*",
            "all columns stay without being named; `extend` adds some, `project-away` leaves some out",
        ),
        (
            "let f = (R:(Port:long)) { R | count }; f(T | take 1)",
            "SYN0002",
            "T | take 1",
            "write `(T | take 1)`",
        ),
    ] {
        check(text, code, place, hint);
    }
}

#[test]
fn columns_are_listed_to_the_end_or_counted() {
    check(
        "T | where Nosuch1 == 1",
        "SEM0100",
        "Nosuch1",
        "there are Time, Ip, Rule, Port, Bag, Open",
    );
    let listed = "there are C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, and 28 more: ";
    for (text, more) in [
        ("Wide | where Nosuch1 == 1", "`Wide | getschema`"),
        ("Wide | take 5 | project Nosuch1", "`Wide | getschema`"),
        (
            "Wide | project-away C40 | extend C = 1 | project Nosuch1",
            "`| getschema`",
        ),
    ] {
        check(text, "SEM0100", "Nosuch1", &format!("{listed}{more}"));
    }
}

#[test]
fn regular_expressions_are_read_before_the_query_runs() {
    let hint = "a sign that stands for itself has a backslash before it, as in @\"\\(\"; or `contains` looks for plain text";
    for (text, place) in [
        ("T | where Ip matches regex '['", "'['"),
        ("T | extend a = extract('(a', 1, Ip)", "'(a'"),
        ("T | extend a = extract_all(@'*', Ip)", "@'*'"),
        ("T | extend a = replace_regex(Ip, '(?=x)', 'y')", "'(?=x)'"),
        ("T | extend a = replace('(', 'y', Ip)", "'('"),
        ("T | extend a = trim('[', Ip)", "'['"),
        ("T | extend a = indexof_regex(Ip, '(')", "'('"),
        ("T | extend a = countof(Ip, '(', 'regex')", "'('"),
        ("let p = '('; T | where Ip matches regex p", "p"),
    ] {
        check(text, "SEM0420", place, hint);
    }
    let parts =
        "there are year, quarter, month, day, hour, minute, second, millisecond, microsecond, nanosecond";
    for (text, place, hint) in [
        (
            "T | extend a = datetime_add('fortnight', 1, Time)",
            "'fortnight'",
            format!("{parts}, week"),
        ),
        (
            "T | extend a = datetime_part('week', Time)",
            "'week'",
            format!("{parts}, week_of_year, weekofyear, dayofyear"),
        ),
        (
            "T | extend a = format_timespan(1h, 'G')",
            "'G'",
            "the letters are d, H, h, m, s, f and F, with / - : , . _ [ ] and blanks between them".to_owned(),
        ),
        (
            "T | extend a = countof(Ip, 'a', 'exact')",
            "'exact'",
            "there are normal and regex".to_owned(),
        ),
        (
            "T | extend a = extract('a', 0, Ip, 'long')",
            "'long'",
            "a type is written `typeof(long)`".to_owned(),
        ),
        (
            "T | sort by Time asc | extend a = row_window_session(Time, '1h', 5m)",
            "'1h'",
            "a timespan is written without quotes: `1h`".to_owned(),
        ),
    ] {
        check(text, "SEM0219", place, &hint);
    }
    for text in [
        "T | extend a = datetime_add('Week', 1, Time), b = datetime_diff('day', Time, Time)",
        "T | extend a = extract('a', 0, Ip, typeof(long)), b = extract('a', 0, Ip, typeof(string))",
        "let kind = typeof(long); T | extend a = extract('a', 0, Ip, kind)",
        "T | extend a = countof(Ip, '(')",
        "T | where Ip matches regex strcat('(', Rule)",
        "T | where Ip matches regex Rule",
    ] {
        check(text, "", "", "");
    }
}
