//! `bag_remove_keys`.

use std::collections::HashMap;

use super::arguments::{array, bag};
use super::path::steps;
use crate::dynamic::{Array, Bag, Dynamic, Writer};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_remove_keys",
    aliases: &[],
    signatures: &["(bag:DynamicBag, keys:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "A bag without the members that have the given keys.",
    notes: "A key inside of a bag inside of the bag is written as a path, `$.outer.inner`. There is no path into \
            arrays. Keys that are not there do not matter.",
    examples: &[
        (
            "bag_remove_keys(dynamic({'a': 1, 'b': 2}), dynamic(['b', 'c']))",
            "dynamic({'a': 1})",
        ),
        (
            "bag_remove_keys(dynamic({'a': 1, 'b': {'c': 2, 'd': 3}, 'e': [4]}), dynamic(['$.b.c', 'e']))",
            "dynamic({'a': 1, 'b': {'d': 3}})",
        ),
        (
            "bag_remove_keys(dynamic({'a': [{'b': 1}]}), dynamic(['b', 1, '$.a[0].b']))",
            "dynamic({'a': [{'b': 1}]})",
        ),
        ("bag_remove_keys(dynamic([1]), dynamic(['a']))", "dynamic(null)"),
    ],
    kernel: |call| {
        let prepared = call
            .constant(1)
            .and_then(|keys| keys.dynamic()?.array())
            .map(Removal::of);
        call.dynamics(|row, writer| {
            let Some(bag) = bag(call, 0, row) else {
                return;
            };
            if let Some(removal) = &prepared {
                removal.apply(bag, writer);
            } else if let Some(keys) = array(call, 1, row) {
                Removal::of(keys).apply(bag, writer);
            }
        })
    },
};

/// What is removed from a bag.
#[derive(Default)]
struct Removal(HashMap<String, Member>);

/// What is removed of a member.
enum Member {
    Whole,
    Inside(Removal),
}

impl Removal {
    fn of(keys: Array<'_>) -> Self {
        let mut removal = Self::default();
        for key in keys.iter() {
            if let Dynamic::String(key) = key
                && let Some(steps) = steps(key)
            {
                removal.add(steps);
            }
        }
        removal
    }

    fn add(&mut self, mut steps: Vec<String>) {
        let Some(last) = steps.pop() else {
            return;
        };
        let mut innermost = self;
        for step in steps {
            let member = innermost
                .0
                .entry(step)
                .or_insert_with(|| Member::Inside(Self::default()));
            match member {
                Member::Whole => return,
                Member::Inside(removal) => innermost = removal,
            }
        }
        innermost.0.insert(last, Member::Whole);
    }

    fn apply(&self, bag: Bag<'_>, writer: &mut Writer) {
        writer.bag(|members| {
            for (key, value) in bag.raw() {
                match (self.0.get(key), Dynamic::read(value)) {
                    (Some(Member::Whole), _) => {}
                    (Some(Member::Inside(removal)), Dynamic::Bag(inner)) => {
                        members.push(key, |writer| removal.apply(inner, writer));
                    }
                    _ => members.raw(key, value),
                }
            }
        });
    }
}
