//! `hll`, `tdigest` and their mergers: what is kept of values for later. Of no values it is null.

use kqlfn::Cell;
use kqlfn::dynamic::Writer;
use kqlfn::sketch::{Digest, Distinct, bits_of};

use super::Group;
use crate::value::Value;
use crate::{Failure, Result};

pub(super) fn hll(group: &Group<'_>, accuracy: usize) -> Result<Value> {
    let level = group
        .arguments
        .get(accuracy)
        .map_or(Some(1), |column| column.cell(0).long());
    let bits = level
        .and_then(bits_of)
        .ok_or_else(|| Failure::new("the accuracy of `hll` is 0 to 4"))?;
    let mut held = Distinct::new(bits);
    group.values(0).for_each(|cell| held.insert(cell));
    Ok(of_distinct(&held))
}

pub(super) fn hll_merge(group: &Group<'_>) -> Result<Value> {
    let mut held: Option<Distinct> = None;
    for one in group
        .values(0)
        .filter_map(Cell::dynamic)
        .filter_map(Distinct::read)
    {
        match &mut held {
            Some(held) => {
                if !held.merge(&one) {
                    return Err(Failure::new(
                        "results of `hll` of different accuracies cannot be merged",
                    ));
                }
            }
            None => held = Some(one),
        }
    }
    Ok(held.as_ref().map_or(Value::Null, of_distinct))
}

pub(super) fn tdigest(group: &Group<'_>) -> Result<Value> {
    let mut held = Digest::default();
    for row in group.each() {
        let weight = match group.arguments.get(1) {
            Some(weights) => weights.cell(row).long().unwrap_or(0),
            None => 1,
        };
        if !held.insert(group.cell(0, row), weight) {
            return Err(Failure::new("`tdigest` takes numbers and times"));
        }
    }
    Ok(of_digest(held))
}

pub(super) fn tdigest_merge(group: &Group<'_>) -> Result<Value> {
    let mut held = Digest::default();
    for one in group.values(0).filter_map(Cell::dynamic).filter_map(Digest::read) {
        if !held.merge(&one) {
            return Err(Failure::new(
                "results of `tdigest` of different types cannot be merged",
            ));
        }
    }
    Ok(of_digest(held))
}

fn of_distinct(held: &Distinct) -> Value {
    if held.is_empty() {
        return Value::Null;
    }
    Value::Dynamic(Writer::build(|writer| held.write(writer)))
}

fn of_digest(mut held: Digest) -> Value {
    if held.is_empty() {
        return Value::Null;
    }
    held.settle();
    Value::Dynamic(Writer::build(|writer| held.write(writer)))
}
