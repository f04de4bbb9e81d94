//! The scalar types of KQL.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A scalar type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ScalarType {
    /// `bool`.
    Bool,
    /// `int`: 32 bits.
    Int,
    /// `long`: 64 bits.
    Long,
    /// `real`: 64 bits, binary.
    Real,
    /// `decimal`: 34 digits.
    Decimal,
    /// `string`; there is no null of this type.
    String,
    /// `datetime`: ticks of 100 ns since the year 1, UTC.
    Datetime,
    /// `timespan`: ticks of 100 ns.
    Timespan,
    /// `guid`.
    Guid,
    /// `dynamic`: any value of the others, arrays and bags.
    Dynamic,
}

impl ScalarType {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Bool,
        Self::Int,
        Self::Long,
        Self::Real,
        Self::Decimal,
        Self::String,
        Self::Datetime,
        Self::Timespan,
        Self::Guid,
        Self::Dynamic,
    ];

    /// Its name in queries and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Datetime => "datetime",
            Self::Timespan => "timespan",
            Self::Guid => "guid",
            Self::Dynamic => "dynamic",
        }
    }

    /// The type of a name, among them the other names that Kusto has for some.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "boolean" => Some(Self::Bool),
            "int32" => Some(Self::Int),
            "int64" => Some(Self::Long),
            "double" => Some(Self::Real),
            "date" => Some(Self::Datetime),
            "time" => Some(Self::Timespan),
            "uuid" | "uniqueid" => Some(Self::Guid),
            _ => Self::ALL.into_iter().find(|held| held.name() == name),
        }
    }

    /// The name of its .NET type, as `getschema` and the version 1 protocol give it.
    #[must_use]
    pub const fn dotnet_name(self) -> &'static str {
        match self {
            Self::Bool => "System.SByte",
            Self::Int => "System.Int32",
            Self::Long => "System.Int64",
            Self::Real => "System.Double",
            Self::Decimal => "System.Data.SqlTypes.SqlDecimal",
            Self::String => "System.String",
            Self::Datetime => "System.DateTime",
            Self::Timespan => "System.TimeSpan",
            Self::Guid => "System.Guid",
            Self::Dynamic => "System.Object",
        }
    }

    /// `int` and `long`.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Int | Self::Long)
    }

    /// `int`, `long`, `real` and `decimal`.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Real | Self::Decimal)
    }

    /// Numbers, datetimes and timespans.
    #[must_use]
    pub const fn is_summable(self) -> bool {
        self.is_number() || matches!(self, Self::Datetime | Self::Timespan)
    }

    /// The number that both fit into: `int` < `long` < `real` < `decimal`.
    #[must_use]
    pub fn widest(self, other: Self) -> Option<Self> {
        (self.is_number() && other.is_number()).then(|| self.max(other))
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
