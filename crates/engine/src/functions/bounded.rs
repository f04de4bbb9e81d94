//! Functions of the query library that can make much out of little, held to a limit.
//!
//! Operators account for their memory; functions do not, so `repeat('x', 1000000000)` would be made
//! before anybody asked. Each of these says first how much it would make at most, and is refused if
//! that is more than one step may make. Names, types and answers are the library's own.

use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature,
};

use super::growth::{Growth, bytes_at_most};
use super::join_text::JoinText;

/// Functions that are let through within the limit, by name, with how they grow.
const BOUNDED: &[(&str, Growth)] = &[
    ("array_append", Growth::Sum),
    ("array_concat", Growth::Sum),
    ("array_prepend", Growth::Sum),
    ("array_to_string", Growth::Listed),
    ("array_union", Growth::Sum),
    ("concat", Growth::Sum),
    ("concat_ws", Growth::Separated),
    ("encode", Growth::Times(2)),
    ("lpad", Growth::Padded),
    ("make_array", Growth::Sum),
    ("overlay", Growth::Sum),
    ("regexp_replace", Growth::Matched),
    ("repeat", Growth::Repeated),
    ("replace", Growth::Replaced),
    ("rpad", Growth::Padded),
    // A byte may become an item of its own.
    ("string_to_array", Growth::Times(17)),
    // `%c` becomes a whole date.
    ("to_char", Growth::Times(16)),
];

/// Functions that grow without need: nobody asks flow logs for them.
const REMOVED: &[&str] = &[
    "array_repeat",
    "array_replace",
    "array_replace_all",
    "array_replace_n",
    "array_resize",
    "arrays_zip",
    "generate_series",
    "map",
    "named_struct",
    "range",
    "struct",
];

/// True if the function is not there, though the library has it.
pub(crate) fn is_removed(name: &str) -> bool {
    REMOVED.contains(&name)
}

/// Puts the limit around the functions of a session.
pub(crate) fn bound(state: &mut SessionState, bytes_max: u64) -> Result<()> {
    for name in REMOVED {
        state.deregister_udf(name)?;
    }
    for (name, growth) in BOUNDED {
        let inner = state.udf(name)?;
        state.register_udf(bounded(inner, *growth, bytes_max))?;
    }
    let join = Arc::new(ScalarUDF::new_from_impl(JoinText::new()));
    state.register_udf(bounded(join, Growth::Sum, bytes_max))?;
    Ok(())
}

fn bounded(inner: Arc<ScalarUDF>, growth: Growth, bytes_max: u64) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Bounded {
        inner,
        growth,
        bytes_max,
    }))
}

/// A function would make too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch {
    pub(crate) function: String,
    pub(crate) bytes_max: u64,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` may make {} bytes at once", self.function, self.bytes_max)
    }
}

impl std::error::Error for TooMuch {}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    growth: Growth,
    bytes_max: u64,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.inner.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if bytes_at_most(self.growth, &args)? > self.bytes_max {
            let function = self.name().to_owned();
            let bytes_max = self.bytes_max;
            return Err(DataFusionError::External(Box::new(TooMuch {
                function,
                bytes_max,
            })));
        }
        self.inner.invoke_with_args(args)
    }

    // `simplify` stays the default: the library's own would put the unbounded function back.

    fn evaluate_bounds(&self, input: &[&Interval]) -> Result<Interval> {
        self.inner.evaluate_bounds(input)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(inputs)
    }

    fn preserves_lex_ordering(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.inner.preserves_lex_ordering(inputs)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::execution::session_state::SessionStateBuilder;

    /// Every function of the library is looked at once: whoever brings a new version of it in decides
    /// for each new one whether it is to be bounded, removed, or makes no more than it is given.
    #[test]
    fn every_function_of_the_library_has_been_looked_at() {
        let state = SessionStateBuilder::new().with_default_features().build();
        let mut names: Vec<&str> = state
            .scalar_functions()
            .iter()
            .filter(|(name, function)| *name == function.name())
            .map(|(name, _)| name.as_str())
            .filter(|name| !is_removed(name) && !BOUNDED.iter().any(|(bounded, _)| bounded == name))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names.join(" "),
            HARMLESS.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }

    const HARMLESS: &str = "
        abs acos acosh array_add array_any_value array_avg array_compact array_dims array_distance
        array_distinct array_element array_except array_has array_has_all array_has_any array_intersect
        array_length array_max array_min array_ndims array_normalize array_pop_back array_pop_front
        array_position array_positions array_product array_remove array_remove_all array_remove_n
        array_reverse array_scale array_slice array_sort array_subtract array_sum arrow_cast arrow_field
        arrow_metadata arrow_try_cast arrow_typeof ascii asin asinh atan atan2 atanh bit_length btrim cardinality
        cast_to_type cbrt ceil character_length chr coalesce contains cos cosh cosine_distance cot
        current_date current_time date_bin date_part date_trunc decode degrees empty ends_with exp
        factorial file_row_index find_in_set flatten floor from_unixtime gcd get_field greatest initcap
        inner_product input_file_name isnan iszero lcm least left levenshtein ln log log10 log2 lower
        ltrim make_date make_time map_entries map_extract map_keys map_values nanvl now nullif nvl nvl2
        octet_length pi power radians random regexp_count regexp_instr regexp_like regexp_match reverse
        right round rtrim signum sin sinh split_part sqrt starts_with strpos substr substr_index tan
        tanh to_date to_hex to_local_time to_time to_timestamp to_timestamp_micros to_timestamp_millis
        to_timestamp_nanos to_timestamp_seconds to_unixtime translate trunc try_cast_to_type
        union_extract union_tag upper uuid version with_metadata
    ";
}
