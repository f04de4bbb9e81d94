//! Conversions between types, and choices between values.

mod around;
mod assert;
mod case;
mod coalesce;
mod dynamic_to_json;
mod gettype;
mod iff;
mod isfinite;
mod isinf;
mod isnan;
mod isnotnull;
mod isnull;
mod max_of;
mod min_of;
mod not;
mod nulls;
mod outermost;
mod parse_json;
mod reading;
mod tobool;
mod todatetime;
mod todecimal;
mod toguid;
mod toint;
mod tolong;
mod toreal;
mod tostring;
mod totimespan;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &around::FUNCTION,
    &assert::FUNCTION,
    &case::FUNCTION,
    &coalesce::FUNCTION,
    &dynamic_to_json::FUNCTION,
    &gettype::FUNCTION,
    &iff::FUNCTION,
    &isfinite::FUNCTION,
    &isinf::FUNCTION,
    &isnan::FUNCTION,
    &isnotnull::FUNCTION,
    &isnull::FUNCTION,
    &max_of::FUNCTION,
    &min_of::FUNCTION,
    &not::FUNCTION,
    &parse_json::FUNCTION,
    &tobool::FUNCTION,
    &todatetime::FUNCTION,
    &todecimal::FUNCTION,
    &toguid::FUNCTION,
    &toint::FUNCTION,
    &tolong::FUNCTION,
    &toreal::FUNCTION,
    &tostring::FUNCTION,
    &totimespan::FUNCTION,
];
