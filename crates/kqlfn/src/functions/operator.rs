//! Operators between expressions, by the sign that they are written with. `and` and `or` are the engine's own.

mod access;
mod arithmetic;
mod between;
mod comparison;
mod equality;
mod looked;
mod membership;
mod term;
mod text;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &access::ELEMENT,
    &arithmetic::ADD,
    &arithmetic::DIVIDE,
    &arithmetic::MODULO,
    &arithmetic::MULTIPLY,
    &arithmetic::NEGATE,
    &arithmetic::SUBTRACT,
    &between::BETWEEN,
    &between::NOT_BETWEEN,
    &comparison::GREATER,
    &comparison::GREATER_EQUAL,
    &comparison::LESS,
    &comparison::LESS_EQUAL,
    &equality::EQUAL,
    &equality::NOT_EQUAL,
    &membership::HAS_ALL,
    &membership::HAS_ANY,
    &membership::IN,
    &membership::IN_TILDE,
    &membership::NOT_IN,
    &membership::NOT_IN_TILDE,
    &text::CONTAINS,
    &text::CONTAINS_CS,
    &text::ENDS_WITH,
    &text::ENDS_WITH_CS,
    &text::EQUAL_TILDE,
    &text::HAS,
    &text::HAS_CS,
    &text::HAS_PREFIX,
    &text::HAS_PREFIX_CS,
    &text::HAS_SUFFIX,
    &text::HAS_SUFFIX_CS,
    &text::LIKE,
    &text::LIKE_CS,
    &text::MATCHES_REGEX,
    &text::NOT_CONTAINS,
    &text::NOT_CONTAINS_CS,
    &text::NOT_ENDS_WITH,
    &text::NOT_ENDS_WITH_CS,
    &text::NOT_EQUAL_TILDE,
    &text::NOT_HAS,
    &text::NOT_HAS_CS,
    &text::NOT_HAS_PREFIX,
    &text::NOT_HAS_PREFIX_CS,
    &text::NOT_HAS_SUFFIX,
    &text::NOT_HAS_SUFFIX_CS,
    &text::NOT_LIKE,
    &text::NOT_LIKE_CS,
    &text::NOT_STARTS_WITH,
    &text::NOT_STARTS_WITH_CS,
    &text::STARTS_WITH,
    &text::STARTS_WITH_CS,
];
