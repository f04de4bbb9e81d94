//! Queries asked of no table, and their answers taken to be drawn.

#![allow(dead_code, reason = "each file of tests asks in its own way")]

use chart::{Chart, NotDrawn};
use kql::Severity;
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use quick_xml::events::Event;

struct Nothing;

impl Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }
}

/// Nobody stops it.
pub(crate) const fn go_on() -> bool {
    false
}

/// What a query asks for.
pub(crate) fn chart(text: &str) -> Result<Chart, NotDrawn> {
    stopped_by(text, &go_on)
}

/// What a query asks for, unless it is told to stop.
pub(crate) fn stopped_by(text: &str, stop: &dyn Fn() -> bool) -> Result<Chart, NotDrawn> {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = Evaluator::new(&Nothing, 1);
    let names = Names::new(Vec::new(), 639_000_000_000_000_000, &evaluator);
    let (bound, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    assert!(
        diagnostics.iter().all(|held| held.severity != Severity::Error),
        "{text}: {diagnostics:?}"
    );
    let rendering = bound.answers.last().and_then(|answer| answer.rendering.clone());
    let rows = evaluator.answers(&bound).unwrap().pop().unwrap();
    Chart::of(&rows, &rendering.unwrap(), stop)
}

/// Reads the document to its end; gives what its texts say.
pub(crate) fn read_svg(svg: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut texts = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Text(text) => {
                let text = text.decode().unwrap().trim().to_owned();
                if !text.is_empty() {
                    texts.push(text);
                }
            }
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let value = String::from_utf8(attribute.unwrap().value.into_owned()).unwrap();
                    assert!(!value.contains("NaN") && !value.contains("inf"), "{svg}");
                }
            }
            _ => {}
        }
    }
    texts
}
