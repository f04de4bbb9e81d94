//! Answers drawn both ways: which columns are chosen, what is refused, and that every SVG is well-formed and within its
//! bounds. How drawings look is shown, and held, in `docs/kql/behaviour/render.md`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod asked;

use asked::{chart, go_on, read_svg};
use chart::NotDrawn;

const TIMES: &str = "range At from datetime(2026-11-29) to datetime(2026-11-29 23:00) step 1h
    | extend Hour = hourofday(At), Denied = hourofday(At) * 3, Rule = iff(hourofday(At) % 2 == 0, 'web', 'db')";

#[test]
fn every_kind_is_drawn_both_ways() {
    for kind in [
        "timechart",
        "linechart",
        "areachart",
        "areachart with (kind = stacked)",
        "areachart with (kind = stacked100)",
        "stackedareachart",
        "scatterchart",
        "anomalychart with (anomalycolumns = Hour, ycolumns = Denied)",
        "timechart with (ysplit = panels, title = 'a <b> & c')",
        "timechart with (yaxis = log, accumulate = true)",
        "linechart with (xcolumn = Hour, ycolumns = Denied, xaxis = log, ymin = 0, ymax = 100, legend = hidden)",
        "barchart",
        "barchart with (kind = stacked)",
        "columnchart",
        "columnchart with (kind = stacked100)",
        "columnchart with (kind = unstacked, xcolumn = Rule, ycolumns = Denied, yaxis = log)",
        "piechart",
        "card",
    ] {
        let drawn =
            chart(&format!("{TIMES} | render {kind}")).unwrap_or_else(|refused| panic!("{kind}: {refused}"));
        for width in [0, 40, 80, 1000] {
            let text = drawn.to_text(width, &go_on).unwrap();
            assert!(text.ends_with('\n') && text.lines().count() > 1, "{kind}: {text}");
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(
                widest <= width.clamp(40, 160) + 40,
                "{kind} at {width}: {widest}\n{text}"
            );
        }
        let texts = read_svg(&drawn.to_svg(&go_on).unwrap());
        assert!(texts.len() > 2, "{kind}: {texts:?}");
    }
}

#[test]
fn the_columns_are_those_that_render_documents() {
    let shown = |query: &str| read_svg(&chart(query).unwrap().to_svg(&go_on).unwrap()).join("|");
    // Times are the axis wherever they stand, text names the series (the largest first), and numbers are measured.
    let text = shown(
        "datatable(Rule: string, n: long, At: datetime)['web', 1, datetime(2026-01-01), 'db', 2, datetime(2026-01-02)] | render timechart",
    );
    assert!(
        text.contains("At, 2026-01-01 to 2026-01-02 UTC") && text.contains("|db|web"),
        "{text}"
    );
    // Two measures and a text: a series for each of both.
    let text = shown(
        "datatable(Rule: string, n: long, m: long, At: datetime)['web', 1, 2, datetime(2026-01-01), 'web', 2, 3, datetime(2026-01-02)] | render timechart",
    );
    assert!(text.contains("web:n|web:m"), "{text}");
    // Lists of `make-series` are unfolded.
    let text = shown(
        "range At from datetime(2026-01-01) to datetime(2026-01-03) step 1h | extend Rule = tostring(hourofday(At) % 2) | make-series n = count() on At from datetime(2026-01-01) to datetime(2026-01-03) step 1h by Rule | render timechart",
    );
    assert!(text.contains("At, 2026-01-01 to 2026-01-02 UTC"), "{text}");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    for (query, expected) in [
        (
            "print a = 'x' | render barchart",
            "there is no column of numbers to draw over `a`",
        ),
        (
            "print a = 1 | where a > 1 | render barchart",
            "there are no rows to draw",
        ),
        (
            "print a = 'x', b = 1 | render timechart",
            "there is no column of times for the axis",
        ),
        (
            "print a = 'x', b = 1 | render pivotchart",
            "`render pivotchart` is not drawn here",
        ),
        (
            "print a = 1.0, b = 2.0, c = 3 | render scatterchart with (kind = map)",
            "`render scatterchart with (kind = map)` is not drawn here",
        ),
        (
            "print a = 'x', b = -1 | render piechart",
            "a slice of a pie cannot be negative",
        ),
        (
            "print a = 'x', b = 1 | render barchart with (xcolumn = c)",
            "`render` names `c`, and the answer has no such column",
        ),
        (
            "print a = 'x', b = 1 | render barchart with (ymin = 'low')",
            "`ymin = low` of `render` is no number",
        ),
        (
            "print a = 1, b = real(nan) | render linechart",
            "no row has both a place on the axis and a measure",
        ),
        (
            "print a = 1, b = -1 | render linechart with (yaxis = log)",
            "no row has both a place on the axis and a measure",
        ),
        (
            "datatable(a: string, s: string, n: real)['x', 'p', 1e308, 'x', 'q', 1e308] | render columnchart with (kind = stacked)",
            "the measures are too large to be summed",
        ),
        (
            "range a from 1 to 2 step 1 | extend n = 1e308 | render linechart with (accumulate = true)",
            "the measures are too large to be summed",
        ),
        (
            "range a from 1 to 100001 step 1 | extend b = a | render linechart",
            "the answer has more than 100000 points",
        ),
    ] {
        let NotDrawn::Refused { reason, hint } = chart(query).expect_err(query) else {
            panic!("{query}");
        };
        assert_eq!(reason, expected, "{query}");
        assert!(!hint.is_empty(), "{query}");
    }
}

#[test]
fn names_from_a_log_cannot_act_on_a_terminal_or_a_page() {
    let query = r#"print a = "<script>alert(1)</script>\u001b[2J", b = 1 | render columnchart with (title = "<i>\u001b[2J")"#;
    let drawn = chart(query).unwrap();
    let text = drawn.to_text(80, &go_on).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    let svg = drawn.to_svg(&go_on).unwrap();
    assert!(
        !svg.contains("<script") && !svg.contains("<i>") && !svg.contains('\u{1b}'),
        "{svg}"
    );
    read_svg(&svg);
}

#[test]
fn extremes_are_drawn() {
    for rows in [
        "print a = 1, b = 0",
        "datatable(a: long, b: real)[1, 1e308, 2, -1e308]",
        "datatable(a: real, b: real)[1.7e308, 1.7e308, -1.7e308, -1.7e308]",
        "datatable(a: long, b: real)[1, 5e-324, 2, 0.0]",
        "datatable(a: datetime, b: long)[datetime(0001-01-01), 1, datetime(9999-12-31), 2]",
        "datatable(a: datetime, b: long)[datetime(2026-01-01), 1, datetime(2026-01-01 00:00:00.0000001), 2]",
        "datatable(a: timespan, b: long)[-1d, 1, 100000d, 2]",
        "datatable(a: long, b: long)[9223372036854775807, 9223372036854775807, -9223372036854775807, 1]",
    ] {
        for kind in [
            "linechart",
            "areachart with (kind = stacked100)",
            "scatterchart",
            "barchart",
            "columnchart with (kind = stacked)",
        ] {
            let drawn = chart(&format!("{rows} | render {kind}")).unwrap();
            assert!(!drawn.to_text(100, &go_on).unwrap().is_empty());
            read_svg(&drawn.to_svg(&go_on).unwrap());
        }
    }
}

#[test]
fn axes_have_marks_whatever_they_are_of() {
    for (query, expected) in [
        // One place stands in the middle of something.
        (
            "print a = datetime(2026-11-28), n = 5 | render timechart",
            "a, 2026-11-28 UTC|0|1|2|3|4|5|23:30|23:40|23:50|00:00|00:10|00:20|00:30",
        ),
        (
            "print a = 7, n = 5 | render linechart with (xaxis = log)",
            "|1|10",
        ),
        // What a scale of powers has no place for is no end of it.
        (
            "range a from 1 to 9 step 1 | extend n = a | render linechart with (yaxis = log, ymin = 0)",
            "|a|1|2|5|1|2|3|4|",
        ),
        // Bars of powers stand on the power below the least.
        (
            "datatable(a: string, n: real)['x', 0.01, 'y', 100] | render columnchart with (yaxis = log)",
            "|0.001|0.01|0.1|1|10|100|x|y",
        ),
        // Heights upon each other are above the largest, and below the least.
        (
            "datatable(a: long, S: string, n: long)[1, 'x', 9, 1, 'y', 9, 2, 'x', -9, 2, 'y', -9] | render stackedareachart",
            "|-15|-10|-5|0|5|10|15",
        ),
    ] {
        let texts = read_svg(&chart(query).unwrap().to_svg(&go_on).unwrap()).join("|");
        assert!(texts.contains(expected), "{query}: {texts}");
    }
}

/// Lines and dots that an SVG has, besides those of its axes: as the picture that differs only in what is asked.
fn lines_and_dots(query: &str) -> (usize, usize) {
    let svg = chart(query).unwrap().to_svg(&go_on).unwrap();
    let lines = svg.matches("stroke-width=\"2\"").count();
    (lines, svg.matches("<circle").count())
}

#[test]
fn a_bin_that_is_missing_is_a_gap_both_ways() {
    let hours = "range At from datetime(2026-11-28) to datetime(2026-11-28 09:00) step 1h | extend n = 5";
    for (without, expected) in [
        ("", (1, 0)),
        ("| where hourofday(At) !between (3 .. 5)", (2, 0)),
        // One alone is a dot.
        ("| where hourofday(At) !in (3, 5)", (2, 1)),
        // Few of the bins are there.
        ("| where hourofday(At) in (0, 1, 4, 9)", (1, 2)),
        // No bins: events at any time.
        (
            "| extend At = datetime(2026-11-28) + pow(hourofday(At), 3) * 13s",
            (1, 0),
        ),
    ] {
        let query = format!("{hours} {without} | render timechart");
        assert_eq!(lines_and_dots(&query), expected, "{query}");
    }
    for (numbers, expected) in [
        ("50, 1, 90, 1, 95, 1, 99, 1", (1, 0)),
        ("1, 1, 2, 1, 3, 1, 9, 1", (1, 1)),
    ] {
        let query = format!("datatable(x: long, n: long)[{numbers}] | render linechart");
        assert_eq!(lines_and_dots(&query), expected, "{query}");
    }
    // Months are not all of one length.
    let months = "range m from 1 to 12 step 1 | extend At = make_datetime(2026, m, 1), n = 5 | project At, n";
    let whole = format!("{months} | render timechart");
    assert_eq!(lines_and_dots(&whole), (1, 0));
    let text = chart(&whole).unwrap().to_text(100, &go_on).unwrap();
    assert!(
        text.lines().nth(1).unwrap().trim_end().ends_with(&"█".repeat(90)),
        "{text}"
    );
    let without = format!("{months} | where monthofyear(At) != 5 | render timechart");
    assert_eq!(lines_and_dots(&without), (2, 0));
    let text = chart(&without).unwrap().to_text(100, &go_on).unwrap();
    assert!(text.contains("█  "), "{text}");
    // Areas upon each other have the gaps of all series.
    let areas = format!(
        "{hours} | where hourofday(At) !between (3 .. 5) | extend s = dynamic(['a', 'b']) | mv-expand s to typeof(string) | render stackedareachart"
    );
    assert_eq!(lines_and_dots(&areas), (4, 0));
}

#[test]
fn what_is_below_zero_hangs_from_it() {
    let text = |query: &str| chart(query).unwrap().to_text(40, &go_on).unwrap();
    let mixed = text("datatable(a: long, n: long)[1, 6, 2, -6, 3, 0, 4, -3] | render linechart");
    let column = |at: usize| -> String {
        let lines = mixed.lines().skip(1).take(13);
        lines.map(|line| line.chars().nth(at).unwrap_or(' ')).collect()
    };
    // `-6 ┤` and nine columns each.
    for (at, expected) in [
        (6, "██████─"),
        (15, "      ─██████"),
        (24, "      ·"),
        (33, "      ─███"),
    ] {
        assert_eq!(column(at).trim_end(), expected, "{at}\n{mixed}");
    }
    let below = text("datatable(a: long, n: long)[1, -5, 2, -20] | render linechart");
    let lines: Vec<&str> = below.lines().collect();
    assert!(
        lines[0].ends_with("min -20") && lines[1].starts_with("  0 ┤──"),
        "{below}"
    );
    assert_eq!(
        lines.iter().filter(|line| line.contains('█')).count(),
        12,
        "{below}"
    );
    let huge = text("datatable(a: long, n: real)[1, 1e308, 2, -1e308] | render linechart");
    assert!(
        huge.contains(" 1e308 ┤██") && huge.contains("-1e308 ┤  "),
        "{huge}"
    );
}

#[test]
fn the_least_and_the_most_are_kept_to_both_ways() {
    let rows = "range a from 1 to 9 step 1 | extend n = a";
    let drawn = chart(&format!("{rows} | render linechart with (ymin = 3, ymax = 6)")).unwrap();
    let text = drawn.to_text(60, &go_on).unwrap();
    assert!(
        text.contains("6 ┤") && text.contains("3 ┤") && text.contains('↑') && text.contains('↓'),
        "{text}"
    );
    let drawn = chart(&format!(
        "{rows} | render scatterchart with (ymin = 3, ymax = 6, legend = hidden)"
    ))
    .unwrap();
    let text = drawn.to_text(60, &go_on).unwrap();
    assert_eq!(text.matches('o').count(), 4, "{text}");
    let notes = |query: &str| -> Vec<String> {
        let drawn = chart(query).unwrap();
        drawn.notes().iter().map(|note| note.text.clone()).collect()
    };
    assert_eq!(
        notes(&format!("{rows} | render linechart with (ymin = 3, ymax = 6)")),
        ["5 measures lie beyond `ymin` or `ymax`, and are cut off"]
    );
    assert_eq!(
        notes("print a = 'x', b = 1 | render card with (foo = 1, isquerysorted = true, xmin = 1)"),
        [
            "`foo` is no property of `render`, and changes nothing",
            "`xmin` is not followed here: all places are drawn"
        ]
    );
}
