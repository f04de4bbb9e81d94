//! What is beyond a limit: what is kept, what is said, and that drawing ends when it is told to.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod asked;

use std::cell::Cell;

use asked::{chart, go_on, read_svg, stopped_by};
use chart::{Chart, NotDrawn};

fn text(drawn: &Chart) -> String {
    drawn.to_text(100, &go_on).unwrap()
}

/// What is said beside a drawing.
#[track_caller]
fn check_notes(query: &str, expected: &[(&str, Option<&str>)]) {
    let drawn = chart(query).unwrap();
    let notes: Vec<(&str, Option<&str>)> = drawn
        .notes()
        .iter()
        .map(|note| (note.text.as_str(), note.hint.as_deref()))
        .collect();
    assert_eq!(notes, expected, "{query}");
}

/// Series of hosts: `host99` has the largest measures, and rows come in an order of their own.
fn hosts(order: &str) -> String {
    format!(
        "range i from 0 to 399 step 1 | extend Host = strcat('host', i % 100), n = i % 100 + 1, At = datetime(2026-11-28) + i / 100 * 1h
        | sort by {order} | project At, Host, n"
    )
}

const ORDERS: [&str; 3] = ["i asc", "i desc", "hash(tostring(i)) asc"];

#[test]
fn a_pie_keeps_the_largest_and_the_whole() {
    let pies = ORDERS.map(|order| {
        let rows = format!("range i from 1 to 100 step 1 | sort by {order}");
        let query =
            format!("{rows} | project Name = strcat('n', i), n = iff(i <= 80, 1, 10) | render piechart");
        chart(&query).unwrap()
    });
    let drawn = text(&pies[0]);
    // 20 times 10 and 80 times 1: of the whole, 280.
    let lines: Vec<&str> = drawn.lines().collect();
    assert!(
        lines[1].starts_with("n100 ") && lines[1].ends_with(" 10  3.6%"),
        "{drawn}"
    );
    assert!(
        lines[21].starts_with("n1 ") && lines[21].ends_with(" 1  0.4%"),
        "{drawn}"
    );
    assert!(lines[22].starts_with("n10 "), "{drawn}");
    assert_eq!(lines.len(), 61);
    assert!(
        lines[60].starts_with("other (41 more)  ") && lines[60].ends_with(" 41  14.6%"),
        "{drawn}"
    );
    for other in &pies {
        assert_eq!(text(other), drawn);
    }
    let said = "the 59 largest of 100 slices are drawn, 41 are one slice `other (41 more)`";
    assert_eq!(pies[0].notes()[0].text, said);
    let texts = read_svg(&pies[0].to_svg(&go_on).unwrap());
    assert!(texts.iter().any(|text| text == said), "{texts:?}");
    assert!(
        texts.iter().any(|text| text == "60: other (41 more) 41 (14.6%)"),
        "{texts:?}"
    );
}

#[test]
fn a_pie_within_the_limit_keeps_the_order_of_rows() {
    let drawn =
        text(&chart("datatable(a: string, n: long)['x', 1, 'y', 998, 'z', 1] | render piechart").unwrap());
    let names: Vec<&str> = drawn.lines().skip(1).filter_map(|line| line.get(..1)).collect();
    assert_eq!(names, ["x", "y", "z"]);
    let drawn = text(&chart("datatable(a: string, n: long)['x', 9999, 'y', 1] | render piechart").unwrap());
    assert!(drawn.ends_with(" 1  <0.1%\n"), "{drawn}");
}

#[test]
fn the_largest_series_are_drawn_in_one_order() {
    for kind in [
        "timechart",
        "areachart",
        "stackedareachart",
        "areachart with (kind = stacked100)",
        "scatterchart",
    ] {
        let drawn = ORDERS.map(|order| chart(&format!("{} | render {kind}", hosts(order))).unwrap());
        for other in &drawn {
            assert_eq!(text(other), text(&drawn[0]), "{kind}");
            assert_eq!(
                other.to_svg(&go_on).unwrap(),
                drawn[0].to_svg(&go_on).unwrap(),
                "{kind}"
            );
        }
    }
    let drawn = text(&chart(&format!("{} | render timechart", hosts("i asc"))).unwrap());
    let names: Vec<&str> = drawn
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, _)| name)
        .collect();
    let expected: Vec<String> = (60..100).rev().map(|host| format!("host{host}")).collect();
    assert_eq!(names[..40], expected[..]);
}

#[test]
fn equal_series_go_by_name() {
    let rows = "range i from 1 to 3 step 1 | extend S = strcat('s', 4 - i) | mv-expand x = dynamic([1, 2]) to typeof(long) | project x, S, n = 5";
    let drawn = text(&chart(&format!("{rows} | render linechart")).unwrap());
    let places: Vec<Option<usize>> = ["s1", "s2", "s3"].iter().map(|name| drawn.find(name)).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{drawn}");
}

#[test]
fn the_hint_for_fewer_series_works() {
    for (rows, expected) in [
        (hosts("i asc"), 10),
        // Several columns name a series.
        (hosts("i asc") + ", Zone = strcat('z', i % 2)", 10),
        // Lists, a row each.
        (
            hosts("i asc") + " | make-series n = sum(n) on At step 1h by Host",
            10,
        ),
        // A name that needs brackets.
        (hosts("i asc").replace("Host, n", "['The host'] = Host, n"), 10),
    ] {
        let drawn = chart(&format!("{rows} | render timechart")).unwrap();
        let note = &drawn.notes()[0];
        assert_eq!(
            note.text,
            "the 40 largest of 100 series are drawn, 60 are left out"
        );
        let hint = note.hint.as_deref().unwrap();
        let step = hint.split('`').nth(1).unwrap();
        let fewer = chart(&format!("{rows} {step} | render timechart")).unwrap();
        assert_eq!(fewer.notes(), [], "{hint}");
        let shown = text(&fewer);
        assert_eq!(
            shown.lines().filter(|line| line.contains("max ")).count(),
            expected,
            "{shown}"
        );
        assert!(shown.contains("host99") && !shown.contains("host89"), "{shown}");
    }
}

#[test]
fn the_hint_for_fewer_bars_works() {
    let rows = "range i from 0 to 159 step 1 | project Rule = strcat('r', i % 80), Status = iff(i < 80, 'Allowed', 'Denied'), n = i % 80";
    for (rows, said) in [
        (
            rows.to_owned(),
            "the first 60 of `Rule` are drawn, 40 further bars are not",
        ),
        (
            format!("{rows} | where Status == 'Denied' | project-away Status"),
            "the first 60 of `Rule` are drawn, 20 further bars are not",
        ),
    ] {
        let drawn = chart(&format!("{rows} | render barchart")).unwrap();
        let [note] = drawn.notes() else {
            panic!("{:?}", drawn.notes());
        };
        assert_eq!(note.text, said);
        let step = note.hint.as_deref().unwrap().split('`').nth(1).unwrap();
        let fewer = chart(&format!("{rows} {step} | render barchart")).unwrap();
        assert_eq!(fewer.notes(), [], "{step}");
        let shown = text(&fewer);
        assert!(shown.contains("r79 ") && !shown.contains("r10 "), "{shown}");
    }
}

#[test]
fn what_is_stacked_keeps_its_whole() {
    let rows = "range i from 0 to 99 step 1 | extend At = datetime(2026-11-28), Host = strcat('host', i), Rule = 'web'";
    // 39 of 10 and 61 of 1.
    let rows = format!("{rows} | extend n = iff(i < 39, 10, 1)");
    let drawn = chart(&format!(
        "{rows} | project Rule, Host, n | render barchart with (kind = stacked)"
    ))
    .unwrap();
    assert!(text(&drawn).ends_with(" 451\n"), "{}", text(&drawn));
    assert!(text(&drawn).contains(" other (61 more)\n"), "{}", text(&drawn));
    let drawn = chart(&format!(
        "{rows} | project At, Host, n | render areachart with (kind = stacked100)"
    ))
    .unwrap();
    let shown = text(&drawn);
    assert!(
        shown.contains("max 2.217%") && shown.contains("max 13.525%"),
        "{shown}"
    );
    check_notes(
        &format!("{rows} | project Rule, Host, n | render columnchart with (kind = stacked100)"),
        &[(
            "the 39 largest of 100 series are drawn, 61 are stacked as one",
            Some(
                "`| as Rows | where Host in ((Rows | summarize Sum = sum(n) by Host | top 10 by Sum | project Host))` keeps the largest",
            ),
        )],
    );
}

#[test]
fn areas_in_a_terminal_say_that_they_are_not_stacked() {
    let rows = "range i from 0 to 5 step 1 | project x = i / 2, S = strcat('s', i % 2), n = 3 - i % 2 * 2";
    let shown = text(&chart(&format!("{rows} | render areachart with (kind = stacked100)")).unwrap());
    assert!(
        shown.contains("s0  max 75%\n") && shown.contains("\n75% ┤"),
        "{shown}"
    );
    assert!(
        shown.ends_with("each series stands on its own, not upon those before it\n"),
        "{shown}"
    );
    let shown = text(&chart(&format!("{rows} | render areachart with (kind = stacked)")).unwrap());
    assert!(
        shown.ends_with("each series stands on its own, not upon those before it\n"),
        "{shown}"
    );
    let shown = text(&chart(&format!("{rows} | render areachart")).unwrap());
    assert!(!shown.contains("stands on its own"), "{shown}");
}

#[test]
fn notes_say_what_is_so() {
    check_notes(
        "range a from 1 to 100 step 1 | extend b = a | render barchart",
        &[(
            "the first 60 of `a` are drawn, 40 further bars are not",
            Some("`| top 60 by b` before `render` keeps the largest"),
        )],
    );
    check_notes(
        "datatable(a: long, b: real)[1, 1.0, 2, real(null), long(null), 3.0, 4, real(nan), 5, real(+inf)] | render linechart",
        &[("4 rows without a place or a measure not drawn", None)],
    );
    check_notes(
        "datatable(a: long, b: long, c: long)[1, 1, 1, 2, 2, long(null), 3, long(null), 3, 4, long(null), long(null)] | render linechart",
        &[
            ("1 row without a place or a measure not drawn", None),
            ("2 rows lack one of the measures, the others are drawn", None),
        ],
    );
    check_notes(
        "datatable(a: long, b: long)[1, 1, 2, 0] | render linechart with (yaxis = log)",
        &[("1 row without a place or a measure above 0 not drawn", None)],
    );
    check_notes(
        "datatable(a: datetime, DestPort: long, n: long)[datetime(2026-11-28), 443, 5] | render timechart",
        &[(
            "`DestPort` is drawn as a measure",
            Some("`| extend DestPort = tostring(DestPort)` makes it a label"),
        )],
    );
    // Asked for by name, or the one measure that there is.
    check_notes(
        "datatable(a: datetime, DestPort: long)[datetime(2026-11-28), 443] | render timechart",
        &[],
    );
    check_notes(
        "range a from 1 to 3 step 1 | render card",
        &[(
            "a card shows the first row, 2 further are not drawn",
            Some("`| render table` shows all rows"),
        )],
    );
    check_notes("print a = 'x', n = 1 | render piechart", &[]);
}

#[test]
fn bars_begin_below_each_other_whatever_their_names() {
    let shown = text(
        &chart("datatable(a: string, n: long)['東京のネットワーク', 5, 'fire 🚒', 5, 'e\u{301}te\u{301}', 5, 'plain', 5] | render barchart")
            .unwrap(),
    );
    for line in shown.lines().skip(1) {
        let (name, _) = line.split_once('█').unwrap();
        let wide = name.chars().filter(|letter| u32::from(*letter) > 0x3000).count();
        let none = name.chars().filter(|letter| *letter == '\u{301}').count();
        assert_eq!(name.chars().count() + wide - none, 20, "{shown}");
    }
}

#[test]
fn drawing_ends_when_it_is_told_to() {
    let never = Cell::new(0);
    let count = || {
        never.set(never.get() + 1);
        false
    };
    for kind in [
        "piechart",
        "barchart",
        "timechart with (series = S)",
        "scatterchart with (series = S)",
    ] {
        let query = format!(
            "range i from 0 to 19999 step 1 | project At = datetime(2026-11-28) + i * 1s, n = i, S = strcat('s', i % 100) | render {kind}"
        );
        never.set(0);
        let drawn = stopped_by(&query, &count).unwrap();
        assert!(never.get() > 15, "{kind}: asked {} times", never.get());
        // At each of the first questions in turn.
        for at in [1, 2, never.get()] {
            let asked = Cell::new(0);
            let stop = || {
                asked.set(asked.get() + 1);
                asked.get() >= at
            };
            assert_eq!(
                stopped_by(&query, &stop).unwrap_err(),
                NotDrawn::Stopped,
                "{kind}"
            );
            assert_eq!(asked.get(), at, "{kind}: nothing is asked after that");
        }
        let stop = || true;
        assert_eq!(drawn.to_text(100, &stop), Err(NotDrawn::Stopped));
        assert_eq!(drawn.to_svg(&stop), Err(NotDrawn::Stopped));
        never.set(0);
        drawn.to_text(100, &count).unwrap();
        drawn.to_svg(&count).unwrap();
        assert!(never.get() > 2, "{kind}: asked {} times", never.get());
    }
}
