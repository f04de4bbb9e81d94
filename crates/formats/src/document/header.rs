//! The header of a record: which key says what, and what is as it was in the record before.
//!
//! The records of a blob say the same of themselves, all but the time, in the same order. Where the bytes of a
//! member are those of the record before, what they mean is known and not read again: of small records that is
//! most of the work. Only bytes decide; a member that differs in anything is read as ever.

use std::io::Read;

use model::limits::STRING_BYTES_MAX;

use crate::record::{Field, Header};
use crate::window::Window;

/// A header field's place.
pub(super) type Place = fn(&mut Header) -> &mut Field;

const FIELDS: [(&str, Place); 10] = [
    ("time", |header| &mut header.time),
    ("macAddress", |header| &mut header.mac_address),
    ("category", |header| &mut header.category),
    ("flowLogVersion", |header| &mut header.version),
    ("flowLogGUID", |header| &mut header.flow_log_guid),
    ("flowLogResourceID", |header| &mut header.flow_log_resource),
    ("targetResourceID", |header| &mut header.target_resource),
    ("resourceId", |header| &mut header.resource),
    ("systemId", |header| &mut header.system_id),
    ("operationName", |header| &mut header.operation),
];

/// Where what a key says belongs.
pub(super) fn of_key(key: &[u8]) -> Option<Place> {
    let known = |(name, _): &&(&str, Place)| key.eq_ignore_ascii_case(name.as_bytes());
    FIELDS.iter().find(known).map(|(_, place)| *place)
}

/// A member as it stood in the record before, from the comma before it to the quote that ends it.
struct Member {
    raw: Vec<u8>,
    place: Place,
    text: Vec<u8>,
}

/// The members of the record before, in order, all but those that are no plain texts or differ each time.
#[derive(Default)]
pub(super) struct Repeats {
    members: Vec<Member>,
    /// The member that is expected next.
    next: usize,
    /// Where the member that is being read begins.
    begins: u64,
}

impl Repeats {
    /// A record begins.
    pub(super) fn begin(&mut self) {
        self.next = 0;
    }

    /// Enters the members that are as they were; reading goes on behind them.
    pub(super) fn take<R: Read>(&mut self, window: &mut Window<R>, header: &mut Header) {
        while let Some(member) = self.members.get(self.next) {
            let field = (member.place)(header);
            if field.get().is_some() || !window.at_hand().starts_with(&member.raw) {
                break;
            }
            field.set(&member.text);
            window.advance(member.raw.len());
            self.next += 1;
        }
        self.begins = window.offset();
    }

    /// Remembers the member that was just read, in the place of what was expected.
    pub(super) fn learn<R: Read>(&mut self, window: &Window<R>, place: Place, header: &mut Header) {
        self.members.truncate(self.next);
        let raw = window
            .since(self.begins)
            .filter(|raw| raw.len() <= 2 * STRING_BYTES_MAX);
        // Not more of them than a record has: some may be known to be there twice.
        if let Some(raw) = raw
            && self.members.len() < FIELDS.len()
        {
            self.members.push(Member {
                raw: raw.to_vec(),
                place,
                text: place(header).text.clone(),
            });
            self.next += 1;
        }
    }
}
