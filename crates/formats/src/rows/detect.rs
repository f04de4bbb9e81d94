//! Telling the form of a source by its first object of a known form or by its header, never by its name.
//!
//! Looks at a stretch of bounded size, once for a source: one bad row at the front must not cost all that
//! stand behind it. What is not clearly rows is left to the reader of Azure's own records, which says what
//! it thinks of it.

use std::io::Read;

use model::limits::{
    DEPTH_MAX, DETECT_BYTES_MAX, DETECT_HEADER_BYTES_MAX, DETECT_OBJECTS_MAX, ROW_CELL_BYTES_MAX,
    STRING_BYTES_MAX,
};

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

/// Tells the form of a source that was begun earlier; the window stands where reading goes on.
pub(crate) fn going_on<R: Read>(beginning: &[u8], window: &mut Window<R>, options: &RowOptions) -> Form {
    if let Some(form) = of_beginning(beginning, false, options) {
        return form;
    }
    // A header that is not ended where reading goes on was none: lines are read on behind it. Of objects
    // none had a known form so far, and those that have come since may have. Behind damage, records were
    // looked for as Azure's own have them, and are read on so.
    let text = text_of(beginning);
    let objects = text.first().is_some_and(|byte| is_of_objects(*byte));
    let whole = objects && of_objects(text, options, AtDamage::Stop).is_none();
    match whole.then(|| detect(window, options)) {
        Some(Form::Objects) => Form::Objects,
        _ => Form::Azure,
    }
}

/// What a source begins with behind its byte order mark and white space.
fn text_of(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start()
}

/// The form of a beginning; nothing if more of it must be seen.
fn of_beginning(bytes: &[u8], whole: bool, options: &RowOptions) -> Option<Form> {
    if options.form == FormatIn::Azure {
        return Some(Form::Azure);
    }
    let text = text_of(bytes);
    match text.first() {
        None => whole.then_some(Form::Azure),
        // Of no known form to its end: the reader of records keeps what it can, and says what it could not.
        Some(byte) if is_of_objects(*byte) => {
            of_objects(text, options, AtDamage::GoOn).or_else(|| whole.then_some(Form::Azure))
        }
        Some(_) => of_header(text, whole, options),
    }
}

/// True of what objects and lists of them begin with, and pieces of those.
fn is_of_objects(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b',' | b']' | b'}')
}

/// What is done where a byte stands that the grammar has no place for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtDamage {
    /// The next object is looked for.
    GoOn,
    /// The form is none of rows.
    Stop,
}

/// A caller who names a form of rows has objects read as rows, whatever they hold.
fn forced(options: &RowOptions) -> Option<Form> {
    let named = options.form != FormatIn::Auto || !options.mapping.is_empty();
    named.then_some(Form::Objects)
}

/// The form of the first object that has a known one; nothing if more must be seen.
fn of_objects(text: &[u8], options: &RowOptions, damage: AtDamage) -> Option<Form> {
    if let Some(form) = forced(options) {
        return Some(form);
    }
    let mut window = Window::new(text, text.len() + 1, 0);
    let mut objects = 0;
    let mut behind_list = false;
    while objects < DETECT_OBJECTS_MAX {
        let from = window.offset();
        let found = match window.peek_token()? {
            b'{' => {
                objects += 1;
                behind_list = false;
                of_object(&mut window, text, options)
            }
            byte @ (b'[' | b',' | b']' | b'}') => {
                behind_list = byte == b']' || (behind_list && byte != b'[');
                window.advance(1);
                Ok(None)
            }
            b'"' if behind_list => object::pass_member(&mut window).map(|()| None),
            _ => Err(Stop::Syntax),
        };
        match found {
            Ok(Some(form)) => return Some(form),
            Ok(None) => {}
            Err(Stop::Syntax) if damage == AtDamage::Stop => break,
            Err(Stop::Syntax) => {
                object::find_after_damage(&mut window, from);
            }
            Err(_) => return None,
        }
    }
    Some(Form::Azure)
}

/// The form of the object that comes next; none if it is a wrapper, or of no known form.
fn of_object(window: &mut Window<&[u8]>, text: &[u8], options: &RowOptions) -> Result<Option<Form>, Stop> {
    let place = |window: &Window<&[u8]>| usize::try_from(window.offset()).unwrap_or(usize::MAX);
    let start = place(window);
    window.advance(1);
    match leads_to(window)? {
        Found::Azure => Ok(Some(Form::Azure)),
        Found::List => Ok(None),
        Found::Other => of_names(text.get(start..place(window)).unwrap_or(&[]), options),
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
        // Many a log of Azure has `properties`; only that of flows has flows in them.
        if is("properties") && next == b'{' {
            if has_list(window, "flows")? {
                return Ok(Found::Azure);
            }
            continue;
        }
        if is("hits") && next == b'{' {
            if has_list(window, "hits")? {
                return Ok(Found::List);
            }
            continue;
        }
        if (is("records") || is("logs")) && next == b'[' {
            window.advance(1);
            return Ok(Found::List);
        }
        window.skip_value(ROW_CELL_BYTES_MAX, DEPTH_MAX)?;
    }
    Ok(Found::Other)
}

/// True, and inside the list, if the object that comes next has a list of this name; otherwise the object is
/// passed over.
fn has_list(window: &mut Window<&[u8]>, name: &str) -> Result<bool, Stop> {
    let mut key = Vec::new();
    window.advance(1);
    while window.next_key(&mut key, STRING_BYTES_MAX)? {
        let next = window.peek_token().ok_or(Stop::End)?;
        if next == b'[' && key.eq_ignore_ascii_case(name.as_bytes()) {
            window.advance(1);
            return Ok(true);
        }
        window.skip_value(ROW_CELL_BYTES_MAX, DEPTH_MAX)?;
    }
    Ok(false)
}

fn of_names(text: &[u8], options: &RowOptions) -> Result<Option<Form>, Stop> {
    let mut window = Window::new(text, text.len() + 1, 0);
    window.peek();
    window.advance(1);
    let mut cells = Cells::default();
    object::read(&mut window, &mut cells)?;
    let shape = Shape::of(&cells, options);
    let names: Vec<Vec<u8>> = cells.names().map(<[u8]>::to_ascii_lowercase).collect();
    let known = shape.layout.is_some() || layouts::is_elastic(&names);
    Ok(known.then_some(Form::Objects))
}

fn of_header(text: &[u8], whole: bool, options: &RowOptions) -> Option<Form> {
    let looked_at = text.get(..DETECT_HEADER_BYTES_MAX);
    let (text, whole) = (looked_at.unwrap_or(text), whole || looked_at.is_some());
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
        check(
            r#"{"records":[{"time":"x","properties":{"Version":2,"flows":["#,
            Some(Form::Azure),
        );
        check(r#"{"records":[{"time":"x","properties":{"#, None);
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
        check(r#"{"time":1,"sourceIP":"a"}"#, None);
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
