//! Answers in XML, element by element. It knows no answer.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use crate::storage::text::decoded;

/// Answers of Azure Storage are four deep.
const DEPTH_MAX: usize = 16;

/// An element that has ended.
pub(crate) struct Element<'a> {
    /// Names from the outermost to its own.
    pub(crate) path: &'a [String],
    /// What stands in it, if no element does.
    pub(crate) text: &'a str,
}

impl Element<'_> {
    /// True if it stands there; the outermost name is left out.
    pub(crate) fn is(&self, path: &[&str]) -> bool {
        self.path
            .split_first()
            .is_some_and(|(_, inner)| inner.iter().map(String::as_str).eq(path.iter().copied()))
    }

    /// Its own name if what is around it stands there.
    pub(crate) fn within(&self, path: &[&str]) -> Option<&str> {
        let (own, around) = self.path.split_last()?;
        let (_, around) = around.split_first()?;
        let is_there = around.iter().map(String::as_str).eq(path.iter().copied());
        is_there.then_some(own.as_str())
    }
}

/// Hands over each element when it ends.
pub(crate) fn walk(xml: &[u8], mut seen: impl FnMut(&Element<'_>)) -> Result<(), String> {
    let xml = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
    let mut reader = Reader::from_reader(xml);
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    // Letters that XML cannot have come percent-encoded, with an attribute that says so.
    let mut is_encoded = false;
    let mut is_any = false;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if path.len() >= DEPTH_MAX {
                    return Err(format!("it is deeper than {DEPTH_MAX} elements"));
                }
                path.push(String::from_utf8_lossy(start.name().as_ref()).into_owned());
                text.clear();
                is_any = true;
                let encoded = start.try_get_attribute("Encoded");
                let encoded = encoded.map_err(|error| error.to_string())?;
                is_encoded = encoded.is_some_and(|held| held.value.as_ref() == b"true");
            }
            Event::Empty(start) => {
                path.push(String::from_utf8_lossy(start.name().as_ref()).into_owned());
                seen(&Element {
                    path: &path,
                    text: "",
                });
                path.pop();
                text.clear();
                is_any = true;
            }
            Event::Text(held) => text.push_str(&held.decode().map_err(|error| error.to_string())?),
            Event::CData(held) => text.push_str(&held.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(held) => {
                let name = held.decode().map_err(|error| error.to_string())?;
                match held.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(letter) => text.push(letter),
                    None => text.push_str(
                        resolve_predefined_entity(&name)
                            .ok_or_else(|| format!("it has the unknown entity `{name}`"))?,
                    ),
                }
            }
            Event::End(_) => {
                let own = if is_encoded {
                    decoded(&text)
                } else {
                    std::mem::take(&mut text)
                };
                seen(&Element {
                    path: &path,
                    text: &own,
                });
                text.clear();
                is_encoded = false;
                path.pop();
            }
            Event::Eof if path.is_empty() && is_any => return Ok(()),
            Event::Eof => return Err("it ends too early".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// Escapes a text.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(xml: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        walk(xml.as_bytes(), |element| {
            if element.is(&["Blob", "Name"]) {
                found.push(element.text.to_owned());
            }
        })?;
        Ok(found)
    }

    #[test]
    fn texts_are_kept_as_they_are() {
        let xml = "\u{feff}<?xml version=\"1.0\"?><R><Blob><Name> a &amp;&lt;b&gt; &#x41;&#66;\n</Name><Name/><Name></Name>\
                   <Name Encoded=\"true\">x%EF%BF%BEy%20</Name><Name>100%25</Name></Blob><Name>no</Name></R>";
        assert_eq!(
            names(xml).unwrap(),
            [" a &<b> AB\n", "", "", "x\u{fffe}y ", "100%25"]
        );
    }

    #[test]
    fn what_is_no_answer() {
        for xml in [
            "",
            "no",
            "<R>",
            "<R><Blob></R>",
            "<R>&what;</R>",
            "{\"value\":[]}",
        ] {
            assert!(names(xml).is_err(), "{xml}");
        }
        assert!(names(&"<a>".repeat(100)).unwrap_err().contains("deeper"));
    }
}
