//! A set of names: which layout it is of, and what each name means in it.
//!
//! Worked out once for a header, and once for each set of keys that objects have; few are remembered.

use std::collections::HashMap;
use std::rc::Rc;

use model::limits::ROW_SHAPES_MAX;

use super::cells::Cells;
use super::layouts::{self, Kind, Layout};
use super::options::{Mapping, RowOptions};
use super::role::Role;
use super::zone::Zone;

/// What a set of names means.
pub(crate) struct Shape {
    /// None if the names are of no layout known.
    pub(crate) layout: Option<&'static Layout>,
    names: Vec<Box<[u8]>>,
    roles: Vec<Role>,
    by_role: [Option<u16>; Role::COUNT],
    /// Positions in the order of the names in lower case, without what the portal puts behind times; of a
    /// name given twice, the last.
    order: Vec<(u16, Box<[u8]>)>,
    /// Positions of names that give a field again which a later name gives.
    doubled: Vec<u16>,
    /// The header says that times are those of the reader's zone.
    local: bool,
    /// Names have suffixes for their type, as in the older table of Traffic Analytics.
    pub(crate) suffixed: bool,
}

impl Shape {
    pub(crate) fn of(cells: &Cells, options: &RowOptions) -> Self {
        let lower: Vec<Vec<u8>> = cells.names().map(<[u8]>::to_ascii_lowercase).collect();
        Self::with(cells, layouts::find(&lower, options), &options.mapping)
    }

    /// The shape of names whose layout is known.
    pub(crate) fn in_layout(cells: &Cells, layout: &'static Layout) -> Self {
        Self::with(cells, Some(layout), &Mapping::default())
    }

    fn with(cells: &Cells, layout: Option<&'static Layout>, mapping: &Mapping) -> Self {
        let names: Vec<Box<[u8]>> = cells.names().map(Box::from).collect();
        let lower: Vec<Vec<u8>> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let found: Vec<(Role, usize)> = lower
            .iter()
            .map(|name| layout.map_or((Role::Further, 0), |layout| layout.role(name, mapping)))
            .collect();
        let mut by_role: [Option<u16>; Role::COUNT] = [None; Role::COUNT];
        for (index, (role, rank)) in (0_u16..).zip(&found) {
            let Some(place) = by_role.get_mut(*role as usize) else {
                continue;
            };
            let taken = place.and_then(|first| found.get(usize::from(first)));
            // Of two names with one meaning the layout prefers one; of one key given twice the last
            // value wins, as in most readers.
            if *role != Role::Further && taken.is_none_or(|(_, first)| rank <= first) {
                *place = Some(index);
            }
        }
        let roles = (0_u16..)
            .zip(&found)
            .map(|(index, (role, _))| {
                let first = by_role.get(*role as usize).copied().flatten();
                if first == Some(index) {
                    *role
                } else {
                    Role::Further
                }
            })
            .collect();
        let order = in_order(&lower);
        let doubled = (0_u16..)
            .zip(&found)
            .filter(|(index, (role, rank))| {
                let winner = by_role.get(*role as usize).copied().flatten();
                let again = winner.is_some_and(|winner| {
                    let with = found.get(usize::from(winner));
                    winner != *index && with.is_some_and(|(_, other)| other == rank)
                });
                again || !order.iter().any(|(kept, _)| kept == index)
            })
            .map(|(index, _)| index)
            .collect();
        Self {
            layout,
            doubled,
            local: lower.iter().any(|name| name.ends_with(b"[local time]")),
            suffixed: lower.iter().any(|name| name.ends_with(b"_s")),
            names,
            roles,
            by_role,
            order,
        }
    }

    /// The zone of times that name none. Log Analytics keeps universal time, and exports it unless the
    /// header says otherwise.
    pub(crate) fn zone(&self, options: &RowOptions) -> Option<Zone> {
        let universal = self.layout.is_some_and(|layout| layout.kind == Kind::Aggregated) && !self.local;
        options.zone.or(universal.then_some(Zone::UTC))
    }

    /// True if the names are those of a table of Traffic Analytics that holds no flows.
    pub(crate) fn is_of_other_table(&self) -> bool {
        let told = [Role::KnownAddress, Role::KnownResource];
        self.index(Role::Time).is_none() && told.iter().any(|role| self.index(*role).is_some())
    }

    /// Position of the field with a meaning.
    pub(crate) fn index(&self, role: Role) -> Option<usize> {
        self.by_role
            .get(role as usize)
            .copied()
            .flatten()
            .map(usize::from)
    }

    pub(crate) fn role(&self, index: usize) -> Role {
        self.roles.get(index).copied().unwrap_or(Role::Further)
    }

    /// Number of names.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Names that give a field which a later name gives too: the later counts.
    pub(crate) fn doubled(&self) -> impl Iterator<Item = &[u8]> {
        self.doubled
            .iter()
            .filter_map(|index| self.names.get(usize::from(*index)).map(|name| &**name))
    }

    /// Positions and names as logged; of a key given twice only the last.
    pub(crate) fn as_logged(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let doubled = self.order.len() < self.names.len();
        self.names.iter().enumerate().filter_map(move |(index, name)| {
            let counts = !doubled || self.order.iter().any(|(kept, _)| usize::from(*kept) == index);
            counts.then_some((index, &**name))
        })
    }

    /// Positions and names by which rows are the same, in the order of the names.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.order
            .iter()
            .map(|(index, name)| (usize::from(*index), &**name))
    }

    /// True if a row under this header is the header once more.
    pub(crate) fn is_header(&self, cells: &Cells) -> bool {
        self.names.len() > 1
            && self.names.len() == cells.len()
            && self
                .names
                .iter()
                .enumerate()
                .all(|(index, name)| cells.get(index).unwrap_or(&[]) == name.trim_ascii())
    }
}

/// Positions and names by which rows are the same, whatever export they are from: `TimeProcessed [UTC]` in
/// the portal's is `TimeProcessed` in others.
fn in_order(lower: &[Vec<u8>]) -> Vec<(u16, Box<[u8]>)> {
    let mut order: Vec<(Vec<u8>, &Vec<u8>, u16)> = (0..)
        .zip(lower)
        .map(|(index, name)| (layouts::as_it_is(name), name, index))
        .collect();
    order.sort_by(|left, right| (&left.0, left.1, right.2).cmp(&(&right.0, right.1, left.2)));
    order.dedup_by(|later, first| later.1 == first.1);
    order
        .into_iter()
        .map(|(name, _, index)| (index, name.into()))
        .collect()
}

/// Names of a shape that is remembered: ten times those of the widest table, and 20 MB for all of them.
const SHAPE_BYTES_MAX: usize = 16 * 1024;

/// Shapes met so far in a source.
#[derive(Default)]
pub(crate) struct Shapes {
    last: Option<(Box<[u8]>, Rc<Shape>)>,
    met: HashMap<Box<[u8]>, Rc<Shape>>,
}

impl Shapes {
    /// The shape of a row that brings its own names.
    pub(crate) fn of(&mut self, cells: &Cells, options: &RowOptions) -> Rc<Shape> {
        let key = cells.key();
        if let Some((last, shape)) = &self.last
            && **last == *key
        {
            return Rc::clone(shape);
        }
        let shape = match self.met.get(key) {
            Some(shape) => Rc::clone(shape),
            None => {
                if self.met.len() >= ROW_SHAPES_MAX {
                    self.met.clear();
                }
                let shape = Rc::new(Shape::of(cells, options));
                if key.len() > SHAPE_BYTES_MAX {
                    return shape;
                }
                self.met.insert(key.into(), Rc::clone(&shape));
                shape
            }
        };
        self.last = Some((key.into(), Rc::clone(&shape)));
        shape
    }
}
