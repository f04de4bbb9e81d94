//! Fields that the caller named, or that every row needs, and that a source does not have: said once and
//! by name, rather than row by row.

use std::collections::BTreeSet;

use model::codes::{Code, list as code};

use super::layouts::Kind;
use super::options::Mapping;
use super::role::Role;
use super::shape::Shape;

/// Names of a source that are remembered to suggest one of them.
const NAMES_MET_MAX: usize = 64;
/// Names that are suggested.
const SUGGESTED_MAX: usize = 3;
/// Letters by which a name may differ to be taken for a slip. `bytes_in` is none of `bytes_out`.
const SLIP_LETTERS_MAX: usize = 2;

/// Fields that the caller named for columns, as long as no row has had them.
pub(crate) struct Named {
    /// The field in lower case, and what it was named for.
    missing: Vec<(Vec<u8>, Role)>,
    /// Names without a meaning that rows had instead.
    met: BTreeSet<String>,
}

impl Named {
    pub(crate) fn new(mapping: &Mapping) -> Self {
        Self {
            missing: mapping
                .iter()
                .map(|(field, role)| (field.to_vec(), role))
                .collect(),
            met: BTreeSet::new(),
        }
    }

    /// Takes note of the names of a row, or of a header.
    pub(crate) fn look(&mut self, shape: &Shape) {
        if self.missing.is_empty() {
            return;
        }
        self.missing.retain(|(_, role)| shape.index(*role).is_none());
        for (index, name) in shape.as_logged() {
            if self.met.len() < NAMES_MET_MAX && shape.role(index) == Role::Further {
                self.met.insert(shown(name));
            }
        }
    }

    /// True if every field named has been seen.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// The fields that no row has had.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &[u8]> {
        self.missing.iter().map(|(field, _)| field.as_slice())
    }

    /// True if a field that is missing looks like a slip for one that is there. Objects may leave out what
    /// is empty, so that a field alone that no row has yet is no mistake.
    pub(crate) fn has_a_slip(&self) -> bool {
        self.missing.iter().any(|(field, _)| {
            let nearest = self.nearest(field);
            nearest.first().is_some_and(|(distance, name)| {
                *distance <= SLIP_LETTERS_MAX && distance * 3 <= name.chars().count().max(field.len())
            })
        })
    }

    /// Says what is missing. `who` has not got it: `its header has`.
    pub(crate) fn say(&self, who: &str) -> String {
        let parts: Vec<String> = self
            .missing
            .iter()
            .map(|(field, role)| {
                let column = role.column().unwrap_or_default();
                let near: Vec<String> = self
                    .nearest(field)
                    .into_iter()
                    .take(SUGGESTED_MAX)
                    .map(|(_, name)| format!("`{name}`"))
                    .collect();
                let near = match near.as_slice() {
                    [] => String::new(),
                    [one] => format!(" (nearest is {one})"),
                    several => format!(" (nearest are {})", several.join(", ")),
                };
                format!("no field `{}` for {column}{near}", shown(field))
            })
            .collect();
        format!("{who} {}", parts.join(", and "))
    }

    /// The names met, the nearest first.
    fn nearest(&self, field: &[u8]) -> Vec<(usize, &str)> {
        let field = String::from_utf8_lossy(field);
        let mut names: Vec<(usize, &str)> = self
            .met
            .iter()
            .map(|name| (strsim::osa_distance(&field, &name.to_lowercase()), name.as_str()))
            .collect();
        names.sort_unstable();
        names
    }
}

/// A name from a source for a message: no control characters, and not long.
fn shown(name: &[u8]) -> String {
    let name = name.get(..64).unwrap_or(name);
    String::from_utf8_lossy(name).escape_debug().to_string()
}

/// The columns that every row needs and that a header has not got, if a row was put aside for one of them.
pub(crate) fn without_column(shape: &Shape, why: Code) -> Option<Code> {
    let lacks = |role| shape.index(role).is_none();
    let side = |address, list| lacks(address) && lacks(list);
    let missing = match why {
        code::ROW_TIME => lacks(Role::Time),
        code::ROW_ADDRESS => {
            side(Role::SourceIp, Role::SourceList) || side(Role::DestinationIp, Role::DestinationList)
        }
        code::ROW_PORT => lacks(Role::DestinationPort),
        code::ROW_PROTOCOL => lacks(Role::Protocol),
        code::ROW_DIRECTION => lacks(Role::Direction),
        code::ROW_STATUS => lacks(Role::Status),
        _ => false,
    };
    (missing && needs_columns(shape)).then_some(code::ROW_COLUMN)
}

fn needs_columns(shape: &Shape) -> bool {
    shape
        .layout
        .is_some_and(|layout| matches!(layout.kind, Kind::Aggregated | Kind::Flat))
}

/// Columns that every row of these layouts needs.
const NEEDED: [Role; 7] = [
    Role::Time,
    Role::SourceIp,
    Role::DestinationIp,
    Role::DestinationPort,
    Role::Protocol,
    Role::Direction,
    Role::Status,
];

/// Says which columns a header has not got.
pub(crate) fn say_columns(shape: &Shape) -> String {
    let fields = shape.layout.map_or(&[][..], |layout| layout.fields);
    let instead = |role| match role {
        Role::SourceIp => shape.index(Role::SourceList),
        Role::DestinationIp => shape.index(Role::DestinationList),
        _ => None,
    };
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|role| shape.index(**role).is_none() && instead(**role).is_none())
        .map(|role| {
            let own = fields.iter().find(|(_, held)| held == role);
            let column = role.column().unwrap_or_default();
            own.map_or_else(
                || format!("`{column}`"),
                |(name, _)| {
                    if name.eq_ignore_ascii_case(column) {
                        format!("`{column}`")
                    } else {
                        format!("`{name}` ({column})")
                    }
                },
            )
        })
        .collect();
    format!("its header has no column {}", missing.join(" and no "))
}
