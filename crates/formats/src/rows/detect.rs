//! Telling the form of a source by its first object or its header, never by its name.
//!
//! Looks at a stretch of bounded size, once for a source. What is not clearly rows is left to the
//! reader of Azure's own records, which says what it thinks of it.

use std::io::Read;

use model::limits::{DEPTH_MAX, DETECT_BYTES_MAX, ROW_CELL_BYTES_MAX, STRING_BYTES_MAX};

use super::cells::Cells;
use super::csv::{self, Fields, Line};
use super::layouts;
use super::object;
use super::options::{FormatIn, RowOptions};
use super::shape::Shape;
use crate::window::{Stop, Window};

/// How a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Azure's own records, or nothing known.
    Azure,
    /// Objects, each a row.
    Objects,
    /// Lines under a header.
    Lines { separator: u8 },
}

/// What is looked at first: nearly every first object has said by then what it is.
const FIRST_LOOK_BYTES: usize = 4096;

/// Tells the form of what a window begins with; reads no further than it must.
pub(crate) fn detect<R: Read>(window: &mut Window<R>, options: &RowOptions) -> Form {
    let mut look_at = 1;
    loop {
        let mut more = true;
        while more && window.at_hand().len() < look_at {
            more = window.fill_for_detection();
        }
        let at_hand = window.at_hand();
        let looked_at = at_hand.len().min(look_at.max(FIRST_LOOK_BYTES));
        let whole = (!more && looked_at == at_hand.len()) || looked_at >= DETECT_BYTES_MAX;
        if let Some(form) = of_beginning(at_hand.get(..looked_at).unwrap_or(at_hand), whole, options) {
            return form;
        }
        // Input that comes in drops is not looked at for each of them.
        look_at = (looked_at * 2).clamp(1, DETECT_BYTES_MAX);
    }
}

/// The form of a beginning; nothing if more of it must be seen.
pub(crate) fn of_beginning(bytes: &[u8], whole: bool, options: &RowOptions) -> Option<Form> {
    if options.form == FormatIn::Azure {
        return Some(Form::Azure);
    }
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    match text.first() {
        None => whole.then_some(Form::Azure),
        Some(b'{' | b'[' | b',' | b']' | b'}') => match of_object(text, options) {
            Ok(form) => Some(form),
            Err(Stop::End) if !whole => None,
            // A zero byte with nothing behind it is taken for a hole; more input may tell otherwise.
            Err(Stop::Syntax) if !whole && text.last() == Some(&0) => None,
            // Cut off, or damaged: the reader of records keeps what it can, and says what it could not.
            Err(_) => Some(forced(options).unwrap_or(Form::Azure)),
        },
        Some(_) => of_header(text, whole, options),
    }
}

/// A caller who names a form of rows has objects read as rows, whatever they hold.
fn forced(options: &RowOptions) -> Option<Form> {
    let named = options.form != FormatIn::Auto || !options.mapping.is_empty();
    named.then_some(Form::Objects)
}

fn of_object(text: &[u8], options: &RowOptions) -> Result<Form, Stop> {
    if let Some(form) = forced(options) {
        return Ok(form);
    }
    let mut window = Window::new(text, text.len() + 1, 0);
    loop {
        match window.peek_token().ok_or(Stop::End)? {
            b'{' => {
                let start = window.at_hand().to_vec();
                window.advance(1);
                match leads_to(&mut window)? {
                    Found::Azure => return Ok(Form::Azure),
                    Found::List => {}
                    Found::Other => return of_names(&start, options),
                }
            }
            b'[' | b',' | b']' | b'}' => window.advance(1),
            _ => return Err(Stop::Syntax),
        }
    }
}

/// What the keys of an object say.
enum Found {
    /// A key that only Azure's own records have.
    Azure,
    /// A list that may hold rows; the window stands inside it.
    List,
    /// None of both, to the end of the object.
    Other,
}

fn leads_to(window: &mut Window<&[u8]>) -> Result<Found, Stop> {
    let mut key = Vec::new();
    while window.next_key(&mut key, STRING_BYTES_MAX)? {
        let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        if is("flowRecords") {
            return Ok(Found::Azure);
        }
        let next = window.peek_token().ok_or(Stop::End)?;
        if is("properties") && next == b'{' {
            return Ok(Found::Azure);
        }
        if (is("records") || is("logs")) && next == b'[' {
            window.advance(1);
            return Ok(Found::List);
        }
        window.skip_value(ROW_CELL_BYTES_MAX, DEPTH_MAX)?;
    }
    Ok(Found::Other)
}

fn of_names(text: &[u8], options: &RowOptions) -> Result<Form, Stop> {
    let mut window = Window::new(text, text.len() + 1, 0);
    window.peek();
    window.advance(1);
    let mut cells = Cells::default();
    object::read(&mut window, &mut cells)?;
    let shape = Shape::of(&cells, options);
    let names: Vec<Vec<u8>> = cells.names().map(<[u8]>::to_ascii_lowercase).collect();
    Ok(if shape.layout.is_some() || layouts::is_elastic(&names) {
        Form::Objects
    } else {
        Form::Azure
    })
}

fn of_header(text: &[u8], whole: bool, options: &RowOptions) -> Option<Form> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
    if line.len() == text.len() && !whole {
        return None;
    }
    let separator = csv::separator(line);
    let mut fields = Fields::default();
    let mut header = line.to_vec();
    header.push(b'\n');
    let mut window = Window::new(header.as_slice(), header.len() + 1, 0);
    let mut cells = Cells::default();
    let Line::Row { length, .. } = csv::next(&mut window, separator, &mut fields) else {
        return Some(Form::Azure);
    };
    fields.copy_names(header.get(..length).unwrap_or(&[]), &mut cells);
    let known = !cells.too_long && cells.is_utf8() && Shape::of(&cells, options).layout.is_some();
    // A line without a separator is no header, whatever the caller says of the rest.
    Some(if known && fields.len() > 1 {
        Form::Lines { separator }
    } else {
        Form::Azure
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Form>) {
        assert_eq!(
            of_beginning(text.as_bytes(), false, &RowOptions::default()),
            expected,
            "{text}"
        );
    }

    const FLAT: &str =
        r#"{"time":1,"sourceIP":"a","destinationIP":"b","destinationPort":1,"flowState":"Allow"}"#;

    #[test]
    fn azures_own_records_are_known_by_one_key() {
        check(
            r#"{"records":[{"time":"x","category":"y","flowRecords":"#,
            Some(Form::Azure),
        );
        check(r#"{"records":[{"time":"x","properties":{"#, Some(Form::Azure));
        check(r#",{"a":{"b":[1]},"flowRecords":"#, Some(Form::Azure));
        check(r#"{"records":[{"time":"x","#, None);
        check("{\"time\":\"x\0", None);
        check("", None);
    }

    #[test]
    fn rows_are_known_by_their_keys() {
        for text in [
            FLAT.to_owned(),
            format!("[{FLAT}"),
            format!("{{\"n\":1,\"records\":[{FLAT}"),
            format!("\u{feff}\n{FLAT}\n{FLAT}"),
        ] {
            check(&text, Some(Form::Objects));
        }
        check(r#"{"time":1,"sourceIP":"a"}"#, Some(Form::Azure));
        check(
            r#"{"azure_network_watcher_vnet":{"log":{"category":"x"}}}"#,
            Some(Form::Objects),
        );
    }

    #[test]
    fn headers_are_known_by_their_names_and_separators() {
        for (text, separator) in [
            ("time,sourceIP,destinationIP,destinationPort,flowState\n", b','),
            (
                "\u{feff}\"Time\";\"Source IP\";destination_ip;DestinationPort;flow-state\r\n",
                b';',
            ),
            (
                "TimeGenerated [UTC],FlowStartTime [UTC],L4Protocol,FlowDirection\n",
                b',',
            ),
            ("FASchemaVersion_s\tFlowStartTime_t\tSrcIP_s\n", b'\t'),
        ] {
            check(text, Some(Form::Lines { separator }));
        }
        check("time,sourceIP,destinationIP", None);
        check("a,b,c\n", Some(Form::Azure));
        check("hello\n", Some(Form::Azure));
    }

    #[test]
    fn a_caller_may_know_better() {
        let azure = RowOptions {
            form: FormatIn::Azure,
            ..RowOptions::default()
        };
        assert_eq!(of_beginning(FLAT.as_bytes(), true, &azure), Some(Form::Azure));
        let mut mapped = RowOptions::default();
        mapped.mapping.add("SrcIp=client").unwrap();
        assert_eq!(
            of_beginning(b"{\"client\":1}", true, &mapped),
            Some(Form::Objects)
        );
        assert_eq!(
            of_beginning(b"client,x\n", true, &mapped),
            Some(Form::Lines { separator: b',' })
        );
        assert_eq!(of_beginning(b"hello\n", true, &mapped), Some(Form::Azure));
    }
}
