//! Tuples in the envelopes of other programs: as text, or taken apart and put together again, so that
//! one reader judges all of them.

use model::codes::{Code, list as code};
use model::limits::{TIME_MICROS_MAX, TIME_MICROS_MIN};
use model::{Direction, FlowState, FlowStatus};

use super::layouts::Layout;
use super::meaning::{COUNTERS, Row};
use super::role::Role;
use super::{time, values};
use crate::tuple::{self, Envelope, Tuple, is_encryption};

/// A tuple's text and the log it is from.
pub(crate) struct Enveloped {
    pub(crate) text: Vec<u8>,
    pub(crate) envelope: Envelope,
}

impl Enveloped {
    /// Reads the tuple, or says why it cannot be read.
    pub(crate) fn read(&self) -> Result<Tuple<'_>, Code> {
        let tuple = tuple::parse(&self.text, self.envelope)
            .ok_or_else(|| tuple::diagnose(&self.text, self.envelope))?;
        if (TIME_MICROS_MIN..TIME_MICROS_MAX).contains(&tuple.time) {
            Ok(tuple)
        } else {
            Err(code::TUPLE_TIME_RANGE)
        }
    }
}

/// Finds the tuples of a row: one, or as many as a layout numbers, in their order.
pub(crate) fn all(row: &Row<'_>, layout: &Layout) -> Result<Vec<Enveloped>, Code> {
    let mut found = vec![find(row)?];
    let mut further: Vec<(u16, &[u8])> = row
        .shape
        .in_order()
        .filter_map(|(index, name)| Some((layout.number(name)?, row.cells.get(index)?)))
        .filter(|(number, _)| *number > 0)
        .collect();
    further.sort_unstable();
    found.extend(further.into_iter().map(|(_, text)| Enveloped {
        envelope: envelope_of(row, text),
        text: text.to_vec(),
    }));
    Ok(found)
}

/// Finds the tuple of a row.
pub(crate) fn find(row: &Row<'_>) -> Result<Enveloped, Code> {
    match row.get(Role::Tuple) {
        Some(text) => Ok(Enveloped {
            envelope: envelope_of(row, text),
            text: text.to_vec(),
        }),
        None => compose(row),
    }
}

/// What the envelope says of the log, and only if it says nothing, the tuple.
fn envelope_of(row: &Row<'_>, text: &[u8]) -> Envelope {
    if let Some(envelope) = said(row) {
        return envelope;
    }
    let field = |index: usize| text.split(|byte| *byte == b',').nth(index).unwrap_or(&[]);
    match (field(7), field(8)) {
        (b"A", _) | (b"D", b"B" | b"C" | b"E" | b"") => Envelope::Nsg,
        _ => Envelope::Vnet,
    }
}

fn said(row: &Row<'_>) -> Option<Envelope> {
    for role in [Role::Category, Role::SubType] {
        let text = row.get(role).unwrap_or(&[]).to_ascii_lowercase();
        if text.starts_with(b"flowlogflowevent") {
            return Some(Envelope::Vnet);
        }
        if text.starts_with(b"networksecuritygroupflowevent") {
            return Some(Envelope::Nsg);
        }
    }
    match row.get(Role::Version) {
        Some(b"4") => Some(Envelope::Vnet),
        Some(b"1" | b"2" | b"1.0" | b"2.0") => Some(Envelope::Nsg),
        _ => None,
    }
}

/// Puts a tuple together from its fields. Values are verified, names are not believed.
fn compose(row: &Row<'_>) -> Result<Enveloped, Code> {
    let (action, state) = (row.get(Role::Status), row.get(Role::State));
    let encryption = row.get(Role::Encryption);
    let shifted = action.is_some_and(|text| matches!(text, b"B" | b"C" | b"E") || is_encryption(text))
        || state.is_some_and(is_encryption)
        || encryption.is_some_and(|text| matches!(text, b"A" | b"B" | b"C" | b"D" | b"E"));
    if shifted {
        return Err(code::ROW_SHIFTED);
    }
    let (envelope, decision) = match (encryption, action) {
        (Some(encryption), None) => {
            let state = state.and_then(values::state).ok_or(code::TUPLE_STATE)?;
            (Envelope::Vnet, vec![state.as_str().as_bytes(), encryption])
        }
        (None, Some(action)) => (Envelope::Nsg, nsg_decision(action, state)?),
        // What Azure never wrote is not guessed at.
        (Some(_), Some(_)) => return Err(code::ROW_SHIFTED),
        (None, None) => return Err(code::ROW_STATUS),
    };
    if said(row).is_some_and(|said| said != envelope) {
        return Err(match envelope {
            Envelope::Nsg => code::TUPLE_LAYOUT,
            Envelope::Vnet => code::TUPLE_VNET_LAYOUT,
        });
    }
    let mut text = epoch(row, envelope)?;
    for role in [
        Role::SourceIp,
        Role::DestinationIp,
        Role::SourcePort,
        Role::DestinationPort,
    ] {
        add(&mut text, row.get(role).unwrap_or(&[]));
    }
    add(&mut text, &protocol(row)?);
    let direction = row
        .get(Role::Direction)
        .and_then(values::direction)
        .ok_or(code::TUPLE_DIRECTION)?;
    add(
        &mut text,
        if direction == Direction::Inbound {
            b"I"
        } else {
            b"O"
        },
    );
    decision.iter().for_each(|part| add(&mut text, part));
    if envelope == Envelope::Vnet || decision.len() == 2 {
        for role in COUNTERS {
            let counter = row
                .get(role)
                .map(|text| values::whole(text).ok_or(code::TUPLE_COUNTER))
                .transpose()?;
            add(
                &mut text,
                counter
                    .map(|value| value.to_string())
                    .unwrap_or_default()
                    .as_bytes(),
            );
        }
    }
    Ok(Enveloped { text, envelope })
}

/// Decision and state; version 1 has no state.
fn nsg_decision<'a>(action: &'a [u8], state: Option<&'a [u8]>) -> Result<Vec<&'a [u8]>, Code> {
    let status = values::status(action).ok_or(code::ROW_STATUS)?;
    let mut parts: Vec<&[u8]> = vec![if status == FlowStatus::Allowed { b"A" } else { b"D" }];
    if let Some(state) = state {
        let state = values::state(state).filter(|state| *state != FlowState::Denied);
        parts.push(state.ok_or(code::TUPLE_STATE)?.as_str().as_bytes());
    }
    Ok(parts)
}

/// The tuple's time as it was given or, if that is no number, in the unit of its log.
fn epoch(row: &Row<'_>, envelope: Envelope) -> Result<Vec<u8>, Code> {
    let text = row.get(Role::Time).ok_or(code::TUPLE_TIME)?;
    if text.iter().all(u8::is_ascii_digit) {
        return Ok(text.to_vec());
    }
    let micros = time::parse(text, row.zone).map_err(|_| code::TUPLE_TIME)?.micros;
    let unit = match envelope {
        Envelope::Nsg if micros.rem_euclid(1_000_000) == 0 => 1_000_000,
        Envelope::Nsg | Envelope::Vnet => 1_000,
    };
    Ok(micros.div_euclid(unit).to_string().into_bytes())
}

/// The protocol as a number, or as the letter it was given in: whether that belongs there is for the tuple
/// reader to judge.
fn protocol(row: &Row<'_>) -> Result<Vec<u8>, Code> {
    let text = row.get(Role::Protocol).ok_or(code::TUPLE_PROTOCOL)?;
    if matches!(text, b"T" | b"U") {
        return Ok(text.to_vec());
    }
    let number = values::protocol(text).ok_or(code::TUPLE_PROTOCOL)?;
    Ok(number.to_string().into_bytes())
}

fn add(text: &mut Vec<u8>, part: &[u8]) {
    text.push(b',');
    text.extend_from_slice(part);
}
