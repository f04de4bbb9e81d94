//! `treepath`.

use std::collections::HashSet;

use super::arguments::BYTES_MAX;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "treepath",
    aliases: &[],
    signatures: &["(object:DynamicBag) -> dynamic"],
    tuple: &[],
    summary: "The paths to all that is inside of a bag.",
    notes: "All elements of an array have the same path, that of the first. Each path is there once. What has nothing \
            inside gives null.",
    examples: &[
        (
            "treepath(dynamic({\"a\": \"b\", \"c\": 123}))",
            r#"dynamic(["['a']", "['c']"])"#,
        ),
        (
            "treepath(dynamic({\"a\": [1, 2, 3], \"b\": {\"c\": null}}))",
            r#"dynamic(["['a']", "['a'][0]", "['b']", "['b']['c']"])"#,
        ),
        (
            "treepath(dynamic({\"a\": [100, \"b\", {\"x\": \"y\"}]}))",
            r#"dynamic(["['a']", "['a'][0]", "['a'][0]['x']"])"#,
        ),
        ("treepath(dynamic({}))", "dynamic([])"),
        ("treepath(dynamic(1))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(value @ (Dynamic::Bag(_) | Dynamic::Array(_))) = call.cell(0, row).dynamic() else {
                return;
            };
            let mut paths = Paths::default();
            if paths.walk(value, &mut String::new()).is_none() {
                return;
            }
            writer.array(|elements| {
                for path in &paths.ordered {
                    elements.push(|writer| writer.string(path));
                }
            });
        })
    },
};

#[derive(Default)]
struct Paths {
    ordered: Vec<String>,
    known: HashSet<String>,
    size: usize,
}

impl Paths {
    /// Adds all paths inside of a value; none if they become too many.
    fn walk(&mut self, value: Dynamic<'_>, path: &mut String) -> Option<()> {
        let length = path.len();
        match value {
            Dynamic::Bag(bag) => {
                for (key, member) in bag.iter() {
                    path.push_str("['");
                    path.push_str(key);
                    path.push_str("']");
                    self.add(path)?;
                    self.walk(member, path)?;
                    path.truncate(length);
                }
            }
            Dynamic::Array(array) => {
                path.push_str("[0]");
                for element in array.iter() {
                    self.add(path)?;
                    self.walk(element, path)?;
                }
                path.truncate(length);
            }
            _ => {}
        }
        Some(())
    }

    /// A long key is a part of all paths behind it: the paths can be far more than the value.
    fn add(&mut self, path: &str) -> Option<()> {
        if !self.known.contains(path) {
            self.size += path.len();
            if self.size > BYTES_MAX {
                return None;
            }
            self.known.insert(path.to_owned());
            self.ordered.push(path.to_owned());
        }
        Some(())
    }
}
