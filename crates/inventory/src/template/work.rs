//! How much a template may make of itself: steps, depth and size are counted, for a few lines can ask for billions.

use std::cell::Cell;

use serde_json::Value;

/// Steps of a whole document: a step is a call, or a value or 16 bytes of text that are made. The largest published
/// modules take some 100,000.
pub(super) const STEPS_MAX: u64 = 5_000_000;
/// So deep may evaluation go: expressions in parameters in variables in expressions. JSON itself is read 128 deep.
pub(super) const DEPTH_MAX: usize = 200;
/// So deep may a value be.
const VALUE_DEPTH_MAX: usize = 128;
/// Azure makes no more of one loop.
pub(super) const LOOP_MAX: i64 = 800;
/// Resources of a document, with those of templates inside; Azure takes 800 for each template.
pub(super) const RESOURCES_MAX: usize = 50_000;

/// What was done so far.
#[derive(Debug, Default)]
pub(super) struct Work {
    steps: Cell<u64>,
    depth: Cell<usize>,
    resources: Cell<usize>,
}

/// One level deeper, until it is dropped.
pub(super) struct Deeper<'w>(&'w Work);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}

impl Work {
    /// Takes steps, or says that there are none left.
    pub(super) fn take(&self, steps: usize) -> Result<(), String> {
        let taken = self.steps.get().saturating_add(steps as u64);
        self.steps.set(taken);
        match taken <= STEPS_MAX {
            true => Ok(()),
            false => Err(format!("the template takes more than {STEPS_MAX} steps")),
        }
    }

    /// True once nothing more is done.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() > STEPS_MAX || self.resources.get() > RESOURCES_MAX
    }

    /// Takes place for one resource.
    pub(super) fn take_resource(&self) {
        self.resources.set(self.resources.get() + 1);
    }

    /// Takes a text of so many bytes, before it is made.
    pub(super) fn take_text(&self, bytes: usize) -> Result<(), String> {
        self.take(1 + bytes / 16)
    }

    pub(super) fn deeper(&self) -> Result<Deeper<'_>, String> {
        self.take(1)?;
        let depth = self.depth.get() + 1;
        if depth > DEPTH_MAX {
            return Err(format!("it stands more than {DEPTH_MAX} levels deep in itself"));
        }
        self.depth.set(depth);
        Ok(Deeper(self))
    }

    /// Takes a value that was made.
    pub(super) fn admit(&self, value: Value) -> Result<Value, String> {
        self.take_value(&value, 0)?;
        Ok(value)
    }

    /// Takes the steps of a value before it is copied.
    pub(super) fn take_value(&self, value: &Value, depth: usize) -> Result<(), String> {
        if depth > VALUE_DEPTH_MAX {
            return Err(format!("a value that is more than {VALUE_DEPTH_MAX} levels deep"));
        }
        match value {
            Value::String(text) => self.take_text(text.len()),
            Value::Array(elements) => {
                self.take(1)?;
                elements
                    .iter()
                    .try_for_each(|element| self.take_value(element, depth + 1))
            }
            Value::Object(members) => {
                self.take(1)?;
                members.iter().try_for_each(|(name, value)| {
                    self.take_text(name.len())?;
                    self.take_value(value, depth + 1)
                })
            }
            _ => self.take(1),
        }
    }
}
