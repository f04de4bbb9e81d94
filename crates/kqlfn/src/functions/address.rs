//! Functions on IP addresses.

mod comparison;
mod format_ipv4;
mod format_ipv4_mask;
mod has_any_ipv4;
mod has_any_ipv4_prefix;
mod has_ipv4;
mod has_ipv4_prefix;
mod ipv4_compare;
mod ipv4_is_in_any_range;
mod ipv4_is_in_range;
mod ipv4_is_match;
mod ipv4_is_private;
mod ipv4_netmask_suffix;
mod ipv4_range_to_cidr_list;
mod ipv6_compare;
mod ipv6_is_in_any_range;
mod ipv6_is_in_range;
mod ipv6_is_match;
mod network;
mod networks;
mod occurrence;
mod parse_ipv4;
mod parse_ipv4_mask;
mod parse_ipv6;
mod parse_ipv6_mask;
mod ranges;
mod written;

pub use networks::Networks;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &format_ipv4::FUNCTION,
    &format_ipv4_mask::FUNCTION,
    &has_any_ipv4::FUNCTION,
    &has_any_ipv4_prefix::FUNCTION,
    &has_ipv4::FUNCTION,
    &has_ipv4_prefix::FUNCTION,
    &ipv4_compare::FUNCTION,
    &ipv4_is_in_any_range::FUNCTION,
    &ipv4_is_in_range::FUNCTION,
    &ipv4_is_match::FUNCTION,
    &ipv4_is_private::FUNCTION,
    &ipv4_netmask_suffix::FUNCTION,
    &ipv4_range_to_cidr_list::FUNCTION,
    &ipv6_compare::FUNCTION,
    &ipv6_is_in_any_range::FUNCTION,
    &ipv6_is_in_range::FUNCTION,
    &ipv6_is_match::FUNCTION,
    &parse_ipv4::FUNCTION,
    &parse_ipv4_mask::FUNCTION,
    &parse_ipv6::FUNCTION,
    &parse_ipv6_mask::FUNCTION,
];
