//! What is read, what is refused and in which words, and that nothing is too deep or too long.

use super::*;
use crate::syntax::StatementKind;

fn refused(query: &str) -> Vec<String> {
    let (_, diagnostics) = parse(query);
    diagnostics
        .iter()
        .map(|diagnostic| {
            let (line, column) = diagnostic.span.line_and_column(query);
            let hint = diagnostic
                .hint
                .as_deref()
                .map(|hint| format!(" ({hint})"))
                .unwrap_or_default();
            format!(
                "{} {line}:{column} {}{hint}",
                diagnostic.code.name(),
                diagnostic.message
            )
        })
        .collect()
}

#[test]
fn what_kusto_reads_is_read() {
    for query in [
        "T",
        "T;",
        "T; T",
        "",
        "// nothing",
        "T | where a == 1 and b has 'x' or not(c)",
        "T | where a between (1 .. 5) and b !in~ ('x', 'y') and t !between (ago(1d) .. now())",
        "T | where -a < 1 == true and * has 'x'",
        "T | where a in ((T | project a)) or b has_any (dynamic(['x']))",
        "T | project a, b = 1, ['x y'], d.e[0].['f'], (x, y) = f(a)",
        "T | project-away a*, *b, c | project-reorder b, * granny-asc | project-rename z = a",
        "T | summarize count(), x = sum(a) by b, bin(t, 1h) | summarize by b | summarize",
        "T | join kind=leftouter hint.strategy=shuffle (T | take 1) on $left.a == $right.b, c",
        "T | join T on (a), (b) | lookup kind=inner (T) on a and b",
        "union withsource=s kind=outer isfuzzy=true T*, (T | count), database('x').T",
        "T | mv-expand kind=array x = d to typeof(long), y limit 5",
        "T | mv-apply with_itemindex=i x = d to typeof(long) limit 5 on (where x > 1 | summarize sum(x))",
        "T | make-series n = count() default=0, sum(a) on t from ago(1d) to now() step 1h by b",
        "T | make-series count() on t in range(ago(1d), now(), 1h)",
        "T | parse kind=regex flags=U b with 'x' c:long * 'y' d | parse-where b with * 'z' e",
        "T | parse-kv b as (x: long, y: string) with (pair_delimiter=',', kv_delimiter='=')",
        "T | evaluate hint.distribution=single bag_unpack(d) : (*, x: long)",
        "T | invoke f(1) | render timechart with (title='x', ycolumns=a, b, kind=stacked)",
        "T | top 5 by a desc nulls last | sort by a asc nulls first, b | top-hitters 5 of b by a",
        "T | top-nested 3 of b by count(), top-nested of a with others='x' by sum(r) desc",
        "T | scan with_match_id=m declare (x: long = 0) with (step s: a > 1 => x = s.x + 1; step t output=none: true;)",
        "T | partition by a (take 1) | partition hint.strategy=native by a { T | take 1 }",
        "T | facet by a, b with (take 1) | fork (take 1) x = (count)",
        "search kind=case_sensitive in (T, U*) 'x' and a:'y'",
        "find withsource=s in (T, U) where a == 1 project a, b: long, pack(*)",
        "print x = 1, 2, dynamic({'a': [1, 2.5, null, true, datetime(2020-01-01), -1,], \"b\": {}})",
        "range x from 1 to 5 step 1 | count as n",
        "let f = (a: long, b: string = 'x', T: (c: long), U: (*)) { let y = a; T | where c == y }; f(1)",
        "let v = view () { T }; let x = toscalar(T | count); v | where a > x",
        "declare query_parameters(p: long = 5, q: string); set notruncation; set a = 'b'; print p",
        "datatable(a: long, ['b c']: string)[1, 'x', 2, 'y',] | as hint.materialized=true X | getschema",
        "externaldata(a: string)[h@'https://x'] with (format='csv', ignoreFirstRecord=true)",
        "T | where count > 1 | extend kind = 1, order = 2 | project count, kind | sort by order",
        "restrict access to (T, U*); alias database d = cluster('x').database('y'); T",
        "T | serialize | serialize x = row_number() | consume | sample 5 | sample-distinct 5 of b",
        "T | assert-schema (a: long) | reduce by b with threshold=0.5, characters='x'",
    ] {
        assert_eq!(refused(query), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn what_kusto_refuses_is_refused_in_plain_words() {
    for (query, expected) in [
        (
            "T | wher a == 1",
            "SYN0002 1:5 `wher` is not an operator (did you mean `where`?)",
        ),
        (
            "T | Where a == 1",
            "SYN0002 1:5 `Where` is not an operator (did you mean `where`?)",
        ),
        (
            "T | where a = 1",
            "SYN0002 1:13 expected `|`, `;` or the end of the query, but `=` stands there (`=` gives a name; two values are compared by `==`, texts in any case by `=~`)",
        ),
        (
            "T | where a == 'x",
            "SYN0002 1:16 the text that begins here has no closing ' (close it on the same line, or write ``` before and after a text of several lines)",
        ),
        (
            r"T | where a matches regex '\d'",
            r"SYN0002 1:28 `\d` stands for no character (`@'...'` takes backslashes as they are; elsewhere `\\` is one)",
        ),
        (
            "T | where (a == 1",
            "SYN0002 1:18 expected `)`, but the query ends",
        ),
        (
            "T | take",
            "SYN0002 1:9 expected an expression, but the query ends",
        ),
        (
            "T |",
            "SYN0002 1:4 expected an operator such as `where` or `summarize`, but the query ends",
        ),
        (
            "T | join (T)",
            "SYN0002 1:5 a join has no condition (`join (...) on key`, or `on $left.a == $right.b`)",
        ),
        (
            "T | where a < b < c",
            "SYN0002 1:17 expected `|`, `;` or the end of the query, but `<` stands there",
        ),
        (
            "SELECT a FROM T",
            "SYN0002 1:8 expected `|`, `;` or the end of the query, but `a` stands there (this is SQL; in KQL the table stands first: `T | where a == 1 | project a, b`)",
        ),
        (
            "SHOW TABLES",
            "SYN0002 1:6 expected `|`, `;` or the end of the query, but `TABLES` stands there (`T | getschema` tells the columns of a table)",
        ),
        (
            "T | where a in (select b from U)",
            "SYN0002 1:24 expected `,` or `)`, but `b` stands there (the values come of a query: `in (T | project a)`)",
        ),
        (
            "T | extend b = cast(a as string)",
            "SYN0002 1:23 expected `,` or `)`, but `as` stands there (`tostring(a)`, `tolong(a)`, `todatetime(a)` and their kin convert)",
        ),
        (
            "T | extend b = a ** 2",
            "SYN0002 1:21 expected `|`, `;` or the end of the query, but `2` stands there (`pow(a, b)` is a to the power of b)",
        ),
        (
            "T | where not a",
            "SYN0002 1:15 expected `|`, `;` or the end of the query, but `a` stands there (`not` is a function: `not(a == 1)`)",
        ),
        (
            "T | where a == 1 AND b == 2",
            "SYN0002 1:18 expected `|`, `;` or the end of the query, but `AND` stands there (keywords are written small: `and`)",
        ),
        (
            "T | where a || b",
            "SYN0002 1:14 expected an operator such as `where` or `summarize`, but `|` stands there (`or` is written out; texts are joined by `strcat(a, b)`)",
        ),
        (
            "print string(1)",
            "SYN0002 1:7 `string` is a type and not a function (`tostring(...)` converts; `['string']` is a column of that name)",
        ),
        (
            "print datetime(yesterday)",
            "SYN0002 1:7 `datetime(yesterday)` is not a valid datetime (such as `datetime(2026-01-31 23:59:59)`; `todatetime(...)` reads other values)",
        ),
        (
            "T | sort by a b",
            "SYN0002 1:15 expected `|`, `;` or the end of the query, but `b` stands there",
        ),
        (
            "T | order by a,",
            "SYN0002 1:16 expected an expression, but the query ends",
        ),
        (
            "T | where a in 1",
            "SYN0002 1:16 expected `(`, but `1` stands there (the values stand in brackets: `in (1, 2)`)",
        ),
        (
            "print 12345678901234567890",
            "SYN0002 1:7 `12345678901234567890` is too large for a long (`real(...)` and `decimal(...)` hold larger numbers)",
        ),
    ] {
        assert_eq!(
            refused(query).first().map(String::as_str),
            Some(expected),
            "{query}"
        );
    }
}

#[test]
fn reading_goes_on_behind_a_mistake() {
    let (query, diagnostics) = parse("T | wher a | where b == | take 5; U | tak 1; V");
    assert_eq!(query.statements.len(), 3);
    assert_eq!(diagnostics.len(), 3, "{diagnostics:?}");
    assert!(matches!(
        query.statements.first().map(|statement| &statement.kind),
        Some(StatementKind::Expression(_))
    ));
}

#[test]
fn depth_is_limited_and_chains_are_not() {
    for (open, close) in [
        ("(", ")"),
        ("f(", ")"),
        ("d[", "]"),
        ("iff(a, b, ", ")"),
        ("-(", ")"),
    ] {
        let deep = |levels: usize| format!("print {}1{}", open.repeat(levels), close.repeat(levels));
        assert_eq!(refused(&deep(60)), Vec::<String>::new(), "{open}");
        let codes: Vec<_> = parse(&deep(100_000))
            .1
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert_eq!(codes, [Code::SYN0200], "{open}");
    }
    let terms = vec!["a == 1"; 50_000];
    assert_eq!(
        refused(&format!("T | where {}", terms.join(" or "))),
        Vec::<String>::new()
    );
    assert_eq!(
        refused(&format!("T{}", " | take 1".repeat(50_000))),
        Vec::<String>::new()
    );
    let nested = format!("{}T{}", "union (".repeat(100_000), ")".repeat(100_000));
    assert!(!parse(&nested).1.is_empty());
    let subqueries = format!("T {}", "| mv-apply d on (take 1 ".repeat(10_000));
    assert!(!parse(&subqueries).1.is_empty());
}

#[test]
fn a_megabyte_of_garbage_gives_diagnostics() {
    let mut seed = 1_u64;
    let pieces = [
        "T",
        " ",
        "|",
        "where",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "1",
        "1d",
        ",",
        ";",
        "==",
        "summarize",
        "by",
        "\n",
        "é",
        "dynamic(",
        "datetime(",
        "let",
        "=",
        "!",
        "`",
        "-",
        "mv-expand",
        "..",
        "\\",
    ];
    let mut garbage = String::new();
    while garbage.len() < 1_000_000 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).unwrap_or_default() % pieces.len();
        garbage.push_str(pieces.get(at).copied().unwrap_or_default());
    }
    let (_, diagnostics) = parse(&garbage);
    assert!(!diagnostics.is_empty() && diagnostics.len() <= 50);
}
