//! The tuples inside an Elastic document: flows, groups of rules, and tuples taken apart, each an object.
//!
//! Read from the text of the list, level by level, so that keys may come in any order. The document's
//! own arrays hold each value once and are of no use.

use model::codes::{Code, list as code};

use super::cells::Cells;
use super::layouts::{self, Layout};
use super::meaning::Row;
use super::object;
use super::shape::Shape;
use super::tuples::{self, Enveloped};
use crate::window::Window;

/// A tuple with the group and the rule around it.
pub(crate) struct Inner {
    pub(crate) acl: Option<Vec<u8>>,
    pub(crate) rule: Option<Vec<u8>>,
    pub(crate) tuple: Enveloped,
}

/// Every tuple of a list of flows, or why one cannot be read.
pub(crate) fn tuples(flows: &[u8]) -> Result<Vec<Inner>, Code> {
    let mut found = Vec::new();
    let (mut flow, mut group, mut tuple) = (Cells::default(), Cells::default(), Cells::default());
    each(flows, &mut flow, &mut |flow| {
        let acl = value(flow, b"acl_id");
        each(
            &value(flow, b"groups").unwrap_or_default(),
            &mut group,
            &mut |group| {
                let rule = value(group, b"rule");
                each(
                    &value(group, b"tuples").unwrap_or_default(),
                    &mut tuple,
                    &mut |tuple| {
                        found.push(Inner {
                            acl: acl.clone(),
                            rule: rule.clone(),
                            tuple: one(tuple)?,
                        });
                        Ok(())
                    },
                )
            },
        )
    })?;
    if found.is_empty() {
        return Err(code::ROW_ELASTIC);
    }
    Ok(found)
}

fn one(cells: &Cells) -> Result<Enveloped, Code> {
    let layout: &'static Layout = layouts::elastic_tuple();
    let shape = Shape::in_layout(cells, layout);
    let row = Row {
        cells,
        shape: &shape,
        zone: None,
    };
    tuples::find(&row)
}

fn value(cells: &Cells, name: &[u8]) -> Option<Vec<u8>> {
    let index = cells.names().position(|held| held.eq_ignore_ascii_case(name))?;
    cells.get(index).map(<[u8]>::to_vec)
}

/// Calls for each object of a list.
fn each(
    list: &[u8],
    cells: &mut Cells,
    call: &mut dyn FnMut(&Cells) -> Result<(), Code>,
) -> Result<(), Code> {
    let mut window = Window::new(list, list.len() + 1, 0);
    while let Some(byte) = window.peek_token() {
        window.advance(1);
        match byte {
            b'{' => {
                cells.clear();
                object::read(&mut window, cells).map_err(|_| code::ROW_ELASTIC)?;
                if cells.too_long {
                    return Err(code::ROW_LONG);
                }
                call(cells)?;
            }
            b'[' | b',' | b']' => {}
            _ => return Err(code::ROW_ELASTIC),
        }
    }
    Ok(())
}
