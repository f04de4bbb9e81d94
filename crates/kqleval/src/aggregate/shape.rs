//! `buildschema`: the least schema that all values fit.

use kqlfn::Cell;
use kqlfn::dynamic::{Dynamic, Writer};

use crate::value::Value;

/// The least schema that all values fit.
pub(super) fn schema<'v>(values: impl Iterator<Item = Cell<'v>>) -> Value {
    let mut held: Option<Shape> = None;
    for cell in values {
        if let Cell::Dynamic(value) = cell {
            let shape = Shape::of(value);
            held = Some(match held {
                Some(held) => held.merged(shape),
                None => shape,
            });
        }
    }
    match held {
        Some(shape) => Value::Dynamic(Writer::build(|writer| shape.write(writer))),
        None => Value::Null,
    }
}

/// The schema of a value.
#[derive(Clone, PartialEq)]
enum Shape {
    Scalar(&'static str),
    Bag(Vec<(String, Shape)>),
    Array(Option<Box<Shape>>),
    Any(Vec<Shape>),
}

impl Shape {
    fn of(value: Dynamic<'_>) -> Self {
        match value {
            Dynamic::Bag(bag) => Self::Bag(
                bag.iter()
                    .map(|(name, value)| (name.to_owned(), Self::of(value)))
                    .collect(),
            ),
            Dynamic::Array(array) => {
                let items = array.iter().map(Self::of).reduce(Self::merged);
                Self::Array(items.map(Box::new))
            }
            Dynamic::Real(_) => Self::Scalar("double"),
            other => Self::Scalar(other.type_name()),
        }
    }

    fn merged(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Bag(mut left), Self::Bag(right)) => {
                for (name, shape) in right {
                    match left.iter_mut().find(|(held, _)| *held == name) {
                        Some((_, held)) => *held = held.clone().merged(shape),
                        None => left.push((name, shape)),
                    }
                }
                Self::Bag(left)
            }
            (Self::Array(Some(left)), Self::Array(Some(right))) => {
                Self::Array(Some(Box::new(left.merged(*right))))
            }
            (Self::Array(None), Self::Array(held)) | (Self::Array(held), Self::Array(None)) => {
                Self::Array(held)
            }
            (Self::Any(mut left), Self::Any(right)) => {
                for shape in right {
                    if !left.contains(&shape) {
                        left.push(shape);
                    }
                }
                Self::Any(left)
            }
            (Self::Any(mut held), other) | (other, Self::Any(mut held)) => {
                if !held.contains(&other) {
                    held.push(other);
                }
                Self::Any(held)
            }
            (left, right) => Self::Any(vec![left, right]),
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Scalar(name) => writer.string(name),
            Self::Bag(members) => writer.bag(|bag| {
                for (name, shape) in members {
                    bag.push(name, |writer| shape.write(writer));
                }
            }),
            Self::Array(items) => writer.bag(|bag| {
                if let Some(items) = items {
                    bag.push("`indexer`", |writer| items.write(writer));
                }
            }),
            Self::Any(shapes) => writer.array(|elements| {
                // Bags and arrays stand before the names of types.
                let mut shapes: Vec<&Self> = shapes.iter().collect();
                shapes.sort_by_key(|shape| matches!(shape, Self::Scalar(_)));
                for shape in shapes {
                    elements.push(|writer| shape.write(writer));
                }
            }),
        }
    }
}
