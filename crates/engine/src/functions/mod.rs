//! Scalar functions of our own, registered by name; one file each.
//!
//! A function is pure: it takes its arguments and nothing else, reads no clock and no file. Plans
//! carry its name only, so a name never changes its meaning.

mod flow_id;
mod ip_class;
mod service_name;

use std::sync::Arc;

use arrow_array::ArrayRef;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};

/// What the reference page says of a function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionPage {
    /// Name.
    pub name: &'static str,
    /// Call with its parameters' names and types.
    pub signature: &'static str,
    /// What it returns, and when null.
    pub description: &'static str,
    /// A call with constants.
    pub example: &'static str,
    /// What the example gives.
    pub gives: &'static str,
}

/// The page of every function, by name.
#[must_use]
pub fn function_pages() -> &'static [FunctionPage] {
    &[flow_id::PAGE, ip_class::PAGE, service_name::PAGE]
}

/// Every function.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    [
        ScalarUDF::new_from_impl(flow_id::FlowId::new()),
        ScalarUDF::new_from_impl(ip_class::IpClass::new()),
        ScalarUDF::new_from_impl(service_name::ServiceName::new()),
    ]
    .map(Arc::new)
    .into()
}

/// Looks a function up, as decoding a plan does where it is not registered.
pub(crate) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    all().into_iter().find(|function| function.name() == name)
}

/// Runs a kernel over columns: constants are widened to the number of rows, unless all of them are
/// constant, when one row is computed and the answer is a constant too.
fn evaluate(
    arguments: &ScalarFunctionArgs,
    kernel: impl FnOnce(&[ArrayRef]) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let constant = arguments
        .args
        .iter()
        .all(|value| matches!(value, ColumnarValue::Scalar(_)));
    let columns = ColumnarValue::values_to_arrays(&arguments.args)?;
    let answer = kernel(&columns)?;
    if constant {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&answer, 0)?));
    }
    Ok(ColumnarValue::Array(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_functions_are_the_same_set() {
        let names: Vec<String> = all().iter().map(|function| function.name().to_owned()).collect();
        let pages: Vec<&str> = function_pages().iter().map(|page| page.name).collect();
        assert_eq!(names, pages);
        for name in pages {
            assert_eq!(by_name(name).unwrap().name(), name);
        }
        assert!(by_name("no_such").is_none());
    }
}
