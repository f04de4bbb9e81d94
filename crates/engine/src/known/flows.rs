//! The columns of a batch as flows: what each row asks rules, read without looking at columns' types row by row.

use std::net::IpAddr;

use arrow_array::{Array as _, StringViewArray};
use kqlfn::Call;
use model::Direction;
use model::protocols::protocol_number;
use nsg::Flow;

/// The arguments, by their places.
const MAC: usize = 0;
const DIRECTION: usize = 2;
const SOURCE: usize = 3;
const SOURCE_PORT: usize = 4;
const DESTINATION: usize = 5;
const DESTINATION_PORT: usize = 6;
const PROTOCOL: usize = 7;

/// A column of texts.
pub(super) enum Texts<'c> {
    /// As most come.
    Views(&'c StringViewArray),
    /// One for all rows.
    Same(String),
    /// Of a column of another type.
    Written(Vec<String>),
}

impl<'c> Texts<'c> {
    fn of(call: &'c Call<'_>, at: usize) -> Self {
        let written = |row| call.text(at, row).into_owned();
        match call.column(at) {
            None => Self::Same(String::new()),
            Some(column) if column.is_constant => Self::Same(written(0)),
            Some(column) => match column.strings() {
                Some(views) => Self::Views(views),
                None => Self::Written((0..call.rows).map(written).collect()),
            },
        }
    }

    /// The text of a row; nothing where there is none.
    pub(super) fn get(&self, row: usize) -> &str {
        match self {
            Self::Views(views) if row < views.len() && views.is_valid(row) => views.value(row),
            Self::Views(_) => "",
            Self::Same(text) => text,
            Self::Written(texts) => texts.get(row).map(String::as_str).unwrap_or_default(),
        }
    }
}

/// The columns of a batch.
pub(super) struct Flows<'c> {
    call: &'c Call<'c>,
    pub(super) macs: Texts<'c>,
    directions: Texts<'c>,
    sources: Texts<'c>,
    destinations: Texts<'c>,
    protocols: Texts<'c>,
}

impl<'c> Flows<'c> {
    pub(super) fn of(call: &'c Call<'c>) -> Self {
        Self {
            call,
            macs: Texts::of(call, MAC),
            directions: Texts::of(call, DIRECTION),
            sources: Texts::of(call, SOURCE),
            destinations: Texts::of(call, DESTINATION),
            protocols: Texts::of(call, PROTOCOL),
        }
    }

    /// The flow of a row, and apart from it its source port, if it is said; none where something of it cannot be read.
    pub(super) fn at(&self, row: usize) -> Option<(Flow, Option<i64>)> {
        let protocol = protocol(self.protocols.get(row))?;
        let destination_port = match self.call.long(DESTINATION_PORT, row) {
            Some(port) => u16::try_from(port).ok()?,
            // Others have none.
            None if !matches!(protocol, 6 | 17) => 0,
            None => return None,
        };
        let flow = Flow {
            direction: direction(self.directions.get(row))?,
            protocol,
            source: self.sources.get(row).parse::<IpAddr>().ok()?,
            source_port: 0,
            destination: self.destinations.get(row).parse::<IpAddr>().ok()?,
            destination_port,
        };
        Some((flow, self.call.long(SOURCE_PORT, row)))
    }
}

/// As in `Flows`, or a letter as logs and old tables have it.
fn direction(text: &str) -> Option<Direction> {
    match text {
        "I" | "i" => Some(Direction::Inbound),
        "O" | "o" => Some(Direction::Outbound),
        text => Direction::from_text(text),
    }
}

fn protocol(text: &str) -> Option<u8> {
    match text {
        "TCP" | "T" => Some(6),
        "UDP" | "U" => Some(17),
        text => text.parse().ok().or_else(|| protocol_number(text)),
    }
}
