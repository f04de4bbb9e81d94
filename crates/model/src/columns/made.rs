//! Kinds of columns of `Flows`, by where they come from.

use super::{ColumnDef, Kind, Repr, ValueType};

pub(super) const fn column(name: &'static str, value_type: ValueType, repr: Repr) -> ColumnDef {
    ColumnDef {
        name,
        value_type,
        repr,
        kind: Kind::Logged,
        nullable: true,
        unit: "",
        meaning: "",
        vnet: "",
        nsg: "",
        kql_aliases: &[],
    }
}

/// A counter: null means the log did not report it, which is not the same as zero.
pub(super) const fn counter(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    vnet: &'static str,
    nsg: &'static str,
    kql_aliases: &'static [&'static str],
) -> ColumnDef {
    ColumnDef {
        unit,
        meaning,
        vnet,
        nsg,
        kql_aliases,
        ..column(name, ValueType::Long, Repr::Plain)
    }
}

/// A column that both formats take from the same position.
pub(super) const fn tuple_field(
    name: &'static str,
    value_type: ValueType,
    repr: Repr,
    meaning: &'static str,
    vnet: &'static str,
    nsg: &'static str,
) -> ColumnDef {
    ColumnDef {
        nullable: false,
        meaning,
        vnet,
        nsg,
        ..column(name, value_type, repr)
    }
}

/// Text taken from the record around the tuple.
pub(super) const fn envelope(
    name: &'static str,
    meaning: &'static str,
    vnet: &'static str,
    nsg: &'static str,
    kql_aliases: &'static [&'static str],
) -> ColumnDef {
    ColumnDef {
        meaning,
        vnet,
        nsg,
        kql_aliases,
        ..column(name, ValueType::Text, Repr::Dictionary)
    }
}

pub(super) const fn computed(
    name: &'static str,
    meaning: &'static str,
    kql_aliases: &'static [&'static str],
) -> ColumnDef {
    ColumnDef {
        kind: Kind::Computed,
        meaning,
        vnet: "computed",
        nsg: "computed",
        kql_aliases,
        ..column(name, ValueType::Text, Repr::Plain)
    }
}
