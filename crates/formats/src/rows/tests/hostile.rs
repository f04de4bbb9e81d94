//! Input made to hurt: nothing panics, nothing good is lost, memory stays bounded.

use std::io::{self, Read};

use model::codes::list as code;
use model::limits::{ROW_BYTES_MAX, ROW_COLUMNS_MAX};

use super::read;
use crate::tests::random::Random;

const ROW: &str = r#"{"time":1756152681,"sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","sourcePort":1,"destinationPort":443,"protocol":"TCP","flowState":"Allow","flowDirection":"Outbound"}"#;
const HEADER: &str =
    "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,note";
const LINE: &str = "1756152681,10.0.0.4,20.1.2.3,1,443,TCP,Allow,Outbound,x";

#[test]
fn what_is_too_long_is_put_aside_and_reading_goes_on() {
    let long = "x".repeat(2 * ROW_BYTES_MAX);
    let many: String = (0..=ROW_COLUMNS_MAX).map(|n| format!("\"k{n}\":1,")).collect();
    for bad in [
        ROW.replace("Outbound", &long),
        ROW.replace('{', &format!("{{{many}")),
        ROW.replace('{', &format!("{{\"list\":[{}1],", "1,".repeat(ROW_BYTES_MAX))),
        ROW.replace('{', &format!("{{\"{long}\":1,\"{long}\":2,")),
    ] {
        let (kept, report) = read(format!("{ROW}\n{bad}\n{ROW}\n"));
        let codes: Vec<_> = report.quarantined.iter().collect();
        assert!(codes == [(code::ROW_LONG, 1)] || codes.is_empty(), "{codes:?}");
        assert_eq!(kept.rows().len() + codes.len(), 3);
    }
    for (bad, why) in [
        (format!("{LINE}{long}"), code::ROW_LONG),
        (
            LINE.replace(",x", &format!(",\"{}", "y".repeat(2000))),
            code::ROW_QUOTE,
        ),
        (
            format!("{LINE}{}", ",".repeat(ROW_COLUMNS_MAX * 2)),
            code::ROW_FIELDS,
        ),
    ] {
        let (kept, report) = read(format!("{HEADER}\n{LINE}\n{bad}\n{LINE}\n"));
        assert_eq!(report.quarantined.iter().collect::<Vec<_>>(), [(why, 1)]);
        assert_eq!(kept.rows().len(), 2);
    }
}

#[test]
fn headers_that_are_none() {
    let wide = (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let wide = format!("{HEADER},{wide}\n{LINE}\n");
    for input in [
        wide.as_str(),
        "time,sourceIP",
        "\"time,sourceIP\n",
        ",,,,\n,,,,\n",
        "\u{feff}",
    ] {
        let (kept, report) = read(input);
        assert!(kept.rows().is_empty());
        assert!(report.unrecognised || report.counts.records == 0);
    }
}

/// The same bytes again and again, without end but for a number.
struct Endless<'t> {
    head: &'t [u8],
    body: &'t [u8],
    left: u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        let count = buffer.len().min(usize::try_from(self.left).unwrap());
        for (at, byte) in buffer[..count].iter_mut().enumerate() {
            *byte = self.body[at % self.body.len()];
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_line_without_end_is_not_held() {
    let head = format!("{HEADER}\n{LINE}\n");
    let object = format!("{ROW}\n{{\"a\":\"");
    for (head, body) in [
        (&*head, "x"),
        (&*head, "\0"),
        (&*object, "x"),
        (&*object, "\\\""),
        (ROW, "["),
    ] {
        let mut kept = crate::fuzz::Kept::default();
        let input = Endless {
            head: head.as_bytes(),
            body: body.as_bytes(),
            left: 64 << 20,
        };
        let report = crate::read(input, crate::Options::new(model::SourceId(1)), &mut kept);
        assert_eq!(
            (kept.rows().len(), report.counts.tuples_stored),
            (1, 1),
            "{body:?}"
        );
        assert!(report.counts.add_up());
    }
}

#[test]
fn a_beginning_that_says_nothing_is_not_looked_at_for_ever() {
    for head in ["{\"a\":\"", "{\"a\":[", "[[[[", "time,sourceIP", "\"", "{"] {
        for body in ["x", " ", "\"", "[", "{"] {
            let input = Endless {
                head: head.as_bytes(),
                body: body.as_bytes(),
                left: 1 << 20,
            };
            let mut kept = crate::fuzz::Kept::default();
            let report = crate::read(input, crate::Options::new(model::SourceId(1)), &mut kept);
            assert_eq!(
                (kept.rows().len(), report.counts.tuples_stored),
                (0, 0),
                "{head}{body}"
            );
        }
    }
}

#[test]
fn sets_of_keys_without_number_are_not_all_remembered() {
    let wide: String = (0..600)
        .map(|n| format!("\"{}{n}\":1,", "k".repeat(60)))
        .collect();
    let rows: String = (0..2_000)
        .map(|n| ROW.replace('{', &format!("{{\"n{n}\":1,")) + "\n")
        .collect();
    let (kept, report) = read(format!(
        "{rows}{}\n{ROW}\n",
        ROW.replace('{', &format!("{{{wide}"))
    ));
    assert_eq!((kept.rows().len(), report.quarantined.is_empty()), (2_002, true));
}

#[test]
fn more_bad_rows_than_quarantine_takes_are_counted() {
    let bad = ROW.replace("443", "x");
    let input = format!("{ROW}\n{}", format!("{bad}\n").repeat(10_050));
    let (kept, report) = read(input);
    assert_eq!((kept.quarantined.len(), report.quarantine_overflow), (10_000, 50));
    assert_eq!(
        report.quarantined.count(code::ROW_LAYOUT) + report.quarantined.count(code::ROW_PORT),
        10_050
    );
}

/// Any damage is survived: it costs what it touches, and the rows before it are kept.
#[test]
fn any_damage_is_survived() {
    let mut random = Random(1);
    let objects = format!("{ROW}\n").repeat(6);
    let lines = format!("{HEADER}\n{}", format!("{LINE}\n").repeat(6));
    for round in 0..1_500 {
        let whole = if round % 2 == 0 { &objects } else { &lines };
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..=random.next(3) {
            let at = usize::try_from(random.next(bytes.len() as u64)).unwrap();
            match random.next(4) {
                0 => bytes[at] = u8::try_from(random.next(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"{}[],\"\\\n\0"[usize::try_from(random.next(9)).unwrap()]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        crate::fuzz::any_input(&bytes);
    }
}

#[test]
fn damage_in_the_middle_costs_its_own_row() {
    let rows = vec![ROW; 30];
    for (broken, from) in [
        (format!("[{}]", rows.join(",")), "},{"),
        (rows.join("\n"), "}\n{"),
    ] {
        // The third row loses a colon.
        let at = broken.match_indices(from).nth(1).unwrap().0 + from.len() + 6;
        let mut bytes = broken.into_bytes();
        assert_eq!(bytes[at], b':');
        bytes[at] = b';';
        let (kept, report) = read(&bytes);
        assert_eq!(kept.rows().len(), 29);
        assert_eq!(
            report.quarantined.iter().collect::<Vec<_>>(),
            [(code::BYTES_BETWEEN, 1)]
        );
        assert!(report.truncated_at.is_none());
    }
}
