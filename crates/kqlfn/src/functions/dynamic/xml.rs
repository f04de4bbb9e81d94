//! XML as a dynamic.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::dynamic::Writer;

/// The deepest element that is read: as deep as JSON is read.
const DEPTH_MAX: usize = 128;

/// The bag of the outermost element; none if the text is no XML.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut document = Document::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => document.open(&tag)?,
            Event::End(_) => document.close()?,
            Event::Empty(tag) => {
                document.open(&tag)?;
                document.close()?;
            }
            Event::Text(text) => document.text.push_str(&text.xml_content().ok()?),
            Event::GeneralRef(name) => {
                let escaped = format!("&{};", name.decode().ok()?);
                document.text.push_str(&unescape(&escaped).ok()?);
            }
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                document.end_text()?;
            }
            Event::Eof => return document.finish(),
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Document {
    /// The elements that are open, the outermost first.
    open: Vec<Element>,
    /// The text that was read last.
    text: String,
    /// The outermost element, when it is closed.
    root: Option<(String, Vec<u8>)>,
}

/// An element that is open.
#[derive(Default)]
struct Element {
    name: String,
    /// Names, each with its values as they are stored, in the order in which the names come first.
    members: Vec<(String, Vec<Vec<u8>>)>,
    places: HashMap<String, usize>,
}

impl Document {
    fn open(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        self.end_text()?;
        if self.open.len() == DEPTH_MAX || (self.open.is_empty() && self.root.is_some()) {
            return None;
        }
        let mut element = Element {
            name: std::str::from_utf8(tag.name().as_ref()).ok()?.to_owned(),
            ..Element::default()
        };
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let name = format!("@{}", std::str::from_utf8(attribute.key.as_ref()).ok()?);
            let value = attribute.unescape_value().ok()?;
            element.add(name, Writer::build(|writer| writer.string(&value)));
        }
        self.open.push(element);
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.end_text()?;
        let element = self.open.pop()?;
        let value = element.value();
        match self.open.last_mut() {
            Some(outer) => outer.add(element.name, value),
            None => self.root = Some((element.name, value)),
        }
        Some(())
    }

    fn end_text(&mut self) -> Option<()> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if !text.is_empty() {
            // Texts outside of all elements are no XML.
            let value = Writer::build(|writer| writer.string(text));
            self.open.last_mut()?.add("#text".to_owned(), value);
        }
        Some(())
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        self.end_text()?;
        let (name, value) = self.root.filter(|_| self.open.is_empty())?;
        Some(Writer::build(|writer| {
            writer.bag(|members| members.raw(&name, &value));
        }))
    }
}

impl Element {
    fn add(&mut self, name: String, value: Vec<u8>) {
        let held = self.places.get(&name).and_then(|&at| self.members.get_mut(at));
        match held {
            Some((_, values)) => values.push(value),
            None => {
                self.places.insert(name.clone(), self.members.len());
                self.members.push((name, vec![value]));
            }
        }
    }

    fn value(&self) -> Vec<u8> {
        Writer::build(|writer| match self.members.as_slice() {
            [] => writer.null(),
            [(name, values)] if name == "#text" => write(values, writer),
            members => writer.bag(|bag| {
                for (name, values) in members {
                    bag.push(name, |writer| write(values, writer));
                }
            }),
        })
    }
}

/// A single value stands for itself, several make an array.
fn write(values: &[Vec<u8>], writer: &mut Writer) {
    match values {
        [value] => writer.raw(value),
        values => writer.array(|elements| {
            for value in values {
                elements.raw(value);
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::dynamic::Dynamic;

    fn json(text: &str) -> Option<String> {
        read(text).map(|bytes| Dynamic::read(&bytes).to_json())
    }

    #[test]
    fn what_is_no_xml_is_none() {
        for text in [
            "",
            "text",
            "<a>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<a b=1/>",
            "<a b='1' b='2'/>",
            "<a>&unknown;</a>",
            "<a",
        ] {
            assert_eq!(json(text), None, "{text}");
        }
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read(&deep(128)).is_some());
        assert!(read(&deep(129)).is_none());
    }

    #[test]
    fn names_keep_their_prefixes_and_the_rest_is_passed_over() {
        for (text, expected) in [
            (
                "<!DOCTYPE a><a:b xmlns:a='urn:x'><!-- c --><d e='&amp;&#65;'/><![CDATA[f]]></a:b>\n",
                r#"{"a:b":{"@xmlns:a":"urn:x","d":{"@e":"&A"}}}"#,
            ),
            (
                "<a> x <b/> y &amp; z </a>",
                r##"{"a":{"#text":["x","y & z"],"b":null}}"##,
            ),
            ("<a><b/><b/></a>", r#"{"a":{"b":[null,null]}}"#),
        ] {
            assert_eq!(json(text).as_deref(), Some(expected), "{text}");
        }
    }
}
