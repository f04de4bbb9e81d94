//! Converting between units of one kind, for all functions that do.

use crate::column::Cell;
use crate::function::{Call, Computed};

/// How a unit counts against the base unit of its kind.
#[derive(Clone, Copy)]
enum Scale {
    /// It is so many base units.
    Times(f64),
    /// So many are one base unit.
    Per(f64),
    /// It is so many base units, and its zero is so many above theirs.
    Shifted(f64, f64),
    /// It is the sine of an angle in degrees.
    Sine,
}

/// A unit.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    name: &'static str,
    scale: Scale,
    prefixes: &'static [Prefix],
}

/// A prefix and what it stands for.
pub(super) type Prefix = (&'static str, f64);

pub(super) const NANO: Prefix = ("Nano", 1e-9);
pub(super) const MICRO: Prefix = ("Micro", 1e-6);
pub(super) const MILLI: Prefix = ("Milli", 1e-3);
pub(super) const CENTI: Prefix = ("Centi", 1e-2);
pub(super) const DECI: Prefix = ("Deci", 1e-1);
pub(super) const DECA: Prefix = ("Deca", 1e1);
pub(super) const HECTO: Prefix = ("Hecto", 1e2);
pub(super) const KILO: Prefix = ("Kilo", 1e3);
pub(super) const MEGA: Prefix = ("Mega", 1e6);
pub(super) const GIGA: Prefix = ("Giga", 1e9);
pub(super) const TERA: Prefix = ("Tera", 1e12);

const fn unit(name: &'static str, scale: Scale) -> Unit {
    Unit {
        name,
        scale,
        prefixes: &[],
    }
}

/// A unit that is so many base units.
pub(super) const fn times(name: &'static str, base_units: f64) -> Unit {
    unit(name, Scale::Times(base_units))
}

/// A unit of which so many are one base unit.
pub(super) const fn per(name: &'static str, in_base_unit: f64) -> Unit {
    unit(name, Scale::Per(in_base_unit))
}

/// A unit that is so many base units, with its own zero.
pub(super) const fn shifted(name: &'static str, base_units: f64, zero: f64) -> Unit {
    unit(name, Scale::Shifted(base_units, zero))
}

/// The sine of an angle.
pub(super) const fn sine(name: &'static str) -> Unit {
    unit(name, Scale::Sine)
}

impl Unit {
    /// The same unit, which also takes prefixes.
    pub(super) const fn with(mut self, prefixes: &'static [Prefix]) -> Self {
        self.prefixes = prefixes;
        self
    }

    /// What the prefix of a name stands for, if the name is of this unit.
    fn prefix_of(&self, name: &str) -> Option<f64> {
        if name == self.name {
            return Some(1.0);
        }
        self.prefixes.iter().find_map(|(prefix, factor)| {
            // Behind a prefix the name begins in lower case.
            let rest = name.strip_prefix(prefix)?;
            let is_named = rest.starts_with(|c: char| c.is_ascii_lowercase())
                && rest.len() == self.name.len()
                && rest.get(..1)?.eq_ignore_ascii_case(self.name.get(..1)?)
                && rest.get(1..) == self.name.get(1..);
            is_named.then_some(*factor)
        })
    }

    fn in_base_units(self, value: f64) -> f64 {
        match self.scale {
            Scale::Times(factor) => value * factor,
            Scale::Per(divisor) => value / divisor,
            Scale::Shifted(factor, zero) => value * factor + zero,
            Scale::Sine => value.asin().to_degrees(),
        }
    }

    fn of_base_units(self, value: f64) -> f64 {
        match self.scale {
            Scale::Times(factor) => value / factor,
            Scale::Per(divisor) => value * divisor,
            Scale::Shifted(factor, zero) => (value - zero) / factor,
            Scale::Sine => value.to_radians().sin(),
        }
    }
}

/// A unit and what its prefix stands for.
fn find(units: &[Unit], name: &str) -> Option<(Unit, f64)> {
    units
        .iter()
        .find_map(|unit| unit.prefix_of(name).map(|factor| (*unit, factor)))
}

/// Converts the first argument from the unit that the second names to that of the third.
pub(super) fn convert(call: &Call<'_>, units: &[Unit]) -> Computed {
    let constant = |argument| match call.constant(argument) {
        Some(Cell::String(name)) => Some(find(units, name)),
        _ => None,
    };
    let (from, to) = (constant(1), constant(2));
    call.reals(|row| {
        let value = call.real(0, row)?;
        let (from, from_factor) = from.unwrap_or_else(|| find(units, &call.text(1, row)))?;
        let (to, to_factor) = to.unwrap_or_else(|| find(units, &call.text(2, row)))?;
        Some(to.of_base_units(from.in_base_units(value) * from_factor) / to_factor)
    })
}
