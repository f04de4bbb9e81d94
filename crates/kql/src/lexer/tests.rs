//! Which tokens a query has.

use super::*;

/// The tokens of a query, each as its kind's letter and text.
fn spelled(query: &str) -> String {
    let (tokens, _) = tokens(query);
    let letter = |kind| match kind {
        TokenKind::Word => 'w',
        TokenKind::Long => 'l',
        TokenKind::Real => 'r',
        TokenKind::Timespan => 's',
        TokenKind::Text => 't',
        TokenKind::Typed => 'T',
        TokenKind::Sign => '.',
        TokenKind::Unknown => '?',
        TokenKind::End => '$',
    };
    let spelled: Vec<String> = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::End)
        .map(|token| format!("{}{}", letter(token.kind), token.span.text(query)))
        .collect();
    spelled.join(" ")
}

#[test]
fn tokens_are_kustos() {
    for (query, expected) in [
        ("T | where a >= 5", "wT .| wwhere wa .>= l5"),
        ("mv-expand a-b", "wmv-expand wa .- wb"),
        ("mv-expandx", "wmv .- wexpandx"),
        ("a in~ (1) b !in ~", "wa win~ .( l1 .) wb w!in ?~"),
        ("a !has_cs 'x'", "wa w!has_cs t'x'"),
        (
            "datetime(2020-01-01) datetime (1)",
            "Tdatetime(2020-01-01) wdatetime .( l1 .)",
        ),
        ("long(null) tolong(1)", "Tlong(null) wtolong .( l1 .)"),
        ("a:long)", "wa .: wlong .)"),
        (
            "1..5 1.5d 1d2 5a 0x1F 1e3 1.",
            "l1 ... l5 s1.5d w1d2 w5a l0x1F r1e3 r1.",
        ),
        (
            "h'a' H@\"b\" ```c\nd``` @'e''f'",
            "th'a' tH@\"b\" t```c\nd``` t@'e''f'",
        ),
        ("$left.a a$b", "w$left .. wa wa w$b"),
        ("a // b\n'c'", "wa t'c'"),
        ("#crp x\nT", "wT"),
        ("\u{feff}T\u{a0}| é", "wT .| ?é"),
        ("a<>b<=c=~d!~e", "wa .<> wb .<= wc .=~ wd .!~ we"),
        ("!a ! b", "w!a ?! wb"),
    ] {
        assert_eq!(spelled(query), expected, "{query}");
    }
}

#[test]
fn texts_without_an_end_are_told() {
    for query in ["'abc", "\"abc\nd", "```abc", "@'a", "h\"", "'a\\"] {
        let (_, diagnostics) = tokens(query);
        assert_eq!(diagnostics.len(), 1, "{query}");
    }
}

#[test]
fn every_byte_lies_in_a_token_or_between_two() {
    let query = "T // c\n| where é == 'x\u{1f600}' and \u{0} @ ` ~~ #";
    let (tokens, _) = tokens(query);
    let mut at = 0;
    for token in tokens {
        assert_eq!(token.previous_end, at);
        assert!(token.span.start >= at && token.span.end >= token.span.start);
        assert!(
            query
                .get(token.span.start as usize..token.span.end as usize)
                .is_some()
        );
        at = token.span.end;
    }
    assert_eq!(at as usize, query.len());
}
