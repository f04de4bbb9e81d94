//! The rules of one direction, compiled: each rule a row, each part of a flow an index from its value to the rows that match it.

use std::net::IpAddr;
use std::sync::Arc;

use ahash::AHashMap;
use model::Direction;
use model::facts::{Access, RuleProtocol, Side};

use crate::index::{Part, Pieces, Sets, cut};
use crate::level::{HeldRule, Level, Levels};
use crate::matching::{LICENSING_PORT, port_set, portless_state, protocol_state};
use crate::ranges::{Membership, Number, Ranges, State};
use crate::surroundings::{Surroundings, speaks_of_platform};
use crate::verdict::{Flow, LevelKind, RulePlace};

/// One side of a row.
#[derive(Clone, Debug)]
pub(crate) struct RowSide {
    pub(crate) parts: Vec<Arc<Membership>>,
    pub(crate) ports: Ranges<u16>,
    /// All others, where some could not be read.
    pub(crate) perhaps_ports: Ranges<u16>,
    /// Whether a flow without ports meets it.
    pub(crate) portless: State,
}

impl RowSide {
    /// The alternatives of a side: what it says, and apart from it the licensing service, which has a port of its own.
    fn alternatives(side: &Side, surroundings: &Surroundings) -> Vec<Self> {
        let parts = surroundings.parts(side);
        let ports = port_set(&side.ports);
        let perhaps_ports = match side.unread_ports.is_empty() {
            true => Ranges::default(),
            false => ports.complement(),
        };
        let licensing = parts.licensing.map(|part| {
            let own = Ranges::of(vec![(LICENSING_PORT, LICENSING_PORT)]);
            Self {
                parts: vec![part],
                ports: ports.and(&own),
                perhaps_ports: perhaps_ports.and(&own),
                portless: State::No,
            }
        });
        let own = Self {
            parts: parts.held,
            ports,
            perhaps_ports,
            portless: portless_state(side),
        };
        std::iter::once(own).chain(licensing).collect()
    }
}

/// A rule, or of a rule with the tag of the licensing service the part that is about it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) place: RulePlace,
    pub(crate) priority: i32,
    pub(crate) access: Access,
    pub(crate) protocol: RuleProtocol,
    /// See [`HeldRule::is_sure`].
    pub(crate) is_sure: bool,
    pub(crate) may_do_otherwise: bool,
    pub(crate) source: RowSide,
    pub(crate) destination: RowSide,
    /// Another rule of the level has its number.
    pub(crate) is_tied: bool,
}

/// Where the rows of a level stand.
#[derive(Clone, Debug)]
pub(crate) struct LaneLevel {
    pub(crate) kind: LevelKind,
    /// There may be rules that are not known.
    pub(crate) is_unknown: bool,
    pub(crate) first_word: usize,
    pub(crate) last_word: usize,
    pub(crate) first_row: usize,
    /// Places of the rules that speak of traffic with the host.
    pub(crate) of_platform: Vec<u32>,
}

/// Up to so many pieces are searched: a table of all ports or of all first halves would take a quarter of a megabyte for each of them, and
/// would be slower, as it does not stay in the processor's caches.
const PIECES_FEW: usize = 64;

/// From addresses to classes.
#[derive(Clone, Debug)]
struct AddressIndex {
    v4: Pieces<u32>,
    /// For each first half of an address the piece that it begins in; empty where there are few.
    halves: Vec<u32>,
    v6: Pieces<u128>,
}

/// From ports to classes.
#[derive(Clone, Debug)]
struct PortIndex {
    pieces: Pieces<u16>,
    /// Port by port; empty where there are few pieces.
    classes: Vec<u32>,
    portless: u32,
}

/// The rules of one direction.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) levels: Vec<LaneLevel>,
    pub(crate) rows: Vec<Row>,
    sets: Sets,
    source: AddressIndex,
    destination: AddressIndex,
    source_port: PortIndex,
    destination_port: PortIndex,
    protocols: Vec<u32>,
}

/// For each part of a flow the rows that can match and those that do.
pub(crate) type Hits<'l> = [(&'l [u64], &'l [u64]); 5];

impl Lane {
    pub(crate) fn of(levels: &Levels, direction: Direction, surroundings: &Surroundings) -> Self {
        let (mut held, mut rows, mut bits) = (Vec::new(), Vec::new(), Vec::new());
        let mut word = 0;
        for level in levels.in_order(direction) {
            let first_row = rows.len();
            let of_platform = take_level(level, direction, surroundings, &mut rows);
            let count = rows.len() - first_row;
            bits.extend((0..count).filter_map(|row| u32::try_from(word * 64 + row).ok()));
            let last_word = word + count.div_ceil(64);
            held.push(LaneLevel {
                kind: level.kind,
                is_unknown: !level.unknown.is_empty(),
                first_word: word,
                last_word,
                first_row,
                of_platform,
            });
            word = last_word;
        }
        let mut sets = Sets::new(word);
        Self {
            protocols: protocol_classes(&rows, &bits, &mut sets),
            source_port: PortIndex::of(&rows, &bits, |row| &row.source, word, &mut sets),
            destination_port: PortIndex::of(&rows, &bits, |row| &row.destination, word, &mut sets),
            source: AddressIndex::of(&rows, &bits, |row| &row.source.parts, word, &mut sets),
            destination: AddressIndex::of(&rows, &bits, |row| &row.destination.parts, word, &mut sets),
            levels: held,
            rows,
            sets,
        }
    }

    /// What its index takes, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        let classes = self.source_port.classes.len()
            + self.destination_port.classes.len()
            + self.source.halves.len()
            + self.destination.halves.len();
        self.sets.bytes()
            + self.source.v4.bytes()
            + self.source.v6.bytes()
            + self.destination.v4.bytes()
            + self.destination.v6.bytes()
            + self.source_port.pieces.bytes()
            + self.destination_port.pieces.bytes()
            + classes * size_of::<u32>()
    }

    pub(crate) fn hits(&self, flow: &Flow) -> Hits<'_> {
        let has_ports = flow.has_ports();
        let protocol = self.protocols.get(usize::from(flow.protocol)).copied();
        [
            self.source.class(flow.source),
            self.destination.class(flow.destination),
            self.destination_port.class(has_ports, flow.destination_port),
            self.source_port.class(has_ports, flow.source_port),
            protocol.unwrap_or_default(),
        ]
        .map(|class| self.sets.get(class))
    }
}

/// Puts the rows of a level; gives the places of those that speak of traffic with the host.
fn take_level(
    level: &Level,
    direction: Direction,
    surroundings: &Surroundings,
    rows: &mut Vec<Row>,
) -> Vec<u32> {
    let mut of_platform = Vec::new();
    let mut numbers: AHashMap<i32, usize> = AHashMap::new();
    for held in level.rules.iter().filter(|held| held.rule.direction == direction) {
        *numbers.entry(held.rule.priority).or_default() += 1;
    }
    for (at, held) in (0_u32..).zip(&level.rules) {
        if held.rule.direction != direction {
            continue;
        }
        let is_tied = numbers.get(&held.rule.priority).is_some_and(|count| *count > 1);
        let place = RulePlace {
            level: level.kind,
            rule: at,
        };
        if speaks_of_platform(&held.rule) {
            of_platform.push(at);
        }
        take_rule(held, place, is_tied, surroundings, rows);
    }
    of_platform
}

fn take_rule(
    held: &HeldRule,
    place: RulePlace,
    is_tied: bool,
    surroundings: &Surroundings,
    rows: &mut Vec<Row>,
) {
    let rule = &held.rule;
    let sources = RowSide::alternatives(&rule.source, surroundings);
    let destinations = RowSide::alternatives(&rule.destination, surroundings);
    for source in &sources {
        rows.extend(destinations.iter().map(|destination| Row {
            place,
            priority: rule.priority,
            access: rule.access,
            protocol: rule.protocol,
            is_sure: held.is_sure(),
            may_do_otherwise: rule.may_do_otherwise(),
            source: source.clone(),
            destination: destination.clone(),
            is_tied,
        }));
    }
}

fn protocol_classes(rows: &[Row], bits: &[u32], sets: &mut Sets) -> Vec<u32> {
    let mut known: AHashMap<Vec<State>, u32> = AHashMap::new();
    let classes = (0..=u8::MAX).map(|protocol| {
        let states: Vec<State> = rows
            .iter()
            .map(|row| match protocol_state(row.protocol, protocol) {
                State::Yes if !row.is_sure => State::Unknown,
                state => state,
            })
            .collect();
        *known
            .entry(states)
            .or_insert_with_key(|states| class_of(states, bits, sets))
    });
    classes.collect()
}

/// A class by the state of each row.
fn class_of(states: &[State], bits: &[u32], sets: &mut Sets) -> u32 {
    let of = |wanted: State| -> Vec<u32> {
        let held = states.iter().zip(bits);
        held.filter(|(state, _)| **state == wanted)
            .map(|(_, bit)| *bit)
            .collect()
    };
    sets.add(&of(State::Unknown), &of(State::Yes))
}

impl PortIndex {
    fn of(
        rows: &[Row],
        bits: &[u32],
        side: impl Fn(&Row) -> &RowSide,
        words: usize,
        sets: &mut Sets,
    ) -> Self {
        let mut alike: AHashMap<(&Ranges<u16>, &Ranges<u16>), Vec<u32>> = AHashMap::new();
        for (row, bit) in rows.iter().zip(bits) {
            let side = side(row);
            let ports = (&side.ports, &side.perhaps_ports);
            alike.entry(ports).or_default().push(*bit);
        }
        let parts: Vec<Part<'_, u16>> = alike
            .iter()
            .map(|((within, perhaps), rows)| Part {
                within,
                perhaps,
                rows,
            })
            .collect();
        let pieces = cut(&parts, words * 64, sets);
        let states: Vec<State> = rows.iter().map(|row| side(row).portless).collect();
        let classes = match pieces.starts.len() > PIECES_FEW {
            true => (0..=u16::MAX).map(|port| pieces.class(port)).collect(),
            false => Vec::new(),
        };
        Self {
            pieces,
            classes,
            portless: class_of(&states, bits, sets),
        }
    }

    fn class(&self, has_ports: bool, port: u16) -> u32 {
        if !has_ports {
            self.portless
        } else if self.classes.is_empty() {
            self.pieces.class(port)
        } else {
            self.classes.get(usize::from(port)).copied().unwrap_or_default()
        }
    }
}

impl AddressIndex {
    fn of(
        rows: &[Row],
        bits: &[u32],
        parts: impl Fn(&Row) -> &Vec<Arc<Membership>>,
        words: usize,
        sets: &mut Sets,
    ) -> Self {
        // A tag that many rules name is one part.
        let mut places: AHashMap<*const Membership, usize> = AHashMap::new();
        let mut alike: Vec<(&Membership, Vec<u32>)> = Vec::new();
        for (row, bit) in rows.iter().zip(bits) {
            for part in parts(row) {
                let place = *places.entry(Arc::as_ptr(part)).or_insert(alike.len());
                match alike.get_mut(place) {
                    Some((_, rows)) => rows.push(*bit),
                    None => alike.push((part, vec![*bit])),
                }
            }
        }
        let v4: Vec<Part<'_, u32>> = alike
            .iter()
            .map(|(held, rows)| Part {
                within: &held.within.v4,
                perhaps: &held.perhaps.v4,
                rows,
            })
            .collect();
        let v6: Vec<Part<'_, u128>> = alike
            .iter()
            .map(|(held, rows)| Part {
                within: &held.within.v6,
                perhaps: &held.perhaps.v6,
                rows,
            })
            .collect();
        let v4 = cut(&v4, words * 64, sets);
        let begins_in = |half: u64| {
            let first = half << 16;
            let at = v4.starts.partition_point(|start| u64::from(*start) <= first);
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        let halves = match v4.starts.len() > PIECES_FEW {
            true => (0..=1_u64 << 16).map(begins_in).collect(),
            false => Vec::new(),
        };
        Self {
            halves,
            v6: cut(&v6, words * 64, sets),
            v4,
        }
    }

    fn class(&self, address: IpAddr) -> u32 {
        match Number::of(address) {
            Number::V6(v6) => self.v6.class(v6),
            Number::V4(v4) if self.halves.is_empty() => self.v4.class(v4),
            Number::V4(v4) => {
                let half = (v4 >> 16) as usize;
                let bound = |at: usize| self.halves.get(at).map_or(0, |held| *held as usize);
                self.v4.class_among(bound(half), bound(half + 1), v4)
            }
        }
    }
}
