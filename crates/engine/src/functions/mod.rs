//! Scalar functions of our own, registered by name, one file each; and what holds the library's own
//! to a limit ([`bounded`]).
//!
//! A function is pure: it takes its arguments and nothing else, reads no clock and no file. Plans
//! carry its name only, so a name never changes its meaning.

mod bounded;
mod flow_id;
mod governed;
mod growth;
mod ip_class;
mod join_text;
mod service_name;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

pub(crate) use bounded::{TooMuch, bound, is_removed};
pub(crate) use join_text::JOIN_TEXT;

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

/// What there is to say of one function of ours: what its page says, which arguments it takes, and how
/// its text is made.
#[derive(Debug)]
struct Own {
    page: FunctionPage,
    /// The types of the arguments, in each way that it can be called.
    accepts: &'static [&'static [DataType]],
    kernel: fn(&[ArrayRef]) -> Result<ArrayRef>,
}

/// Every function of ours, by name.
const OWN: [&Own; 6] = [
    &flow_id::OWN,
    &governed::INITIATOR_CONFIDENCE,
    &governed::INITIATOR_REASON,
    &ip_class::OWN,
    &service_name::OWN,
    &governed::TRAFFIC_CATEGORY,
];

/// The page of every function, by name.
#[must_use]
pub fn function_pages() -> &'static [FunctionPage] {
    const PAGES: [FunctionPage; 6] = [
        flow_id::OWN.page,
        governed::INITIATOR_CONFIDENCE.page,
        governed::INITIATOR_REASON.page,
        ip_class::OWN.page,
        service_name::OWN.page,
        governed::TRAFFIC_CATEGORY.page,
    ];
    &PAGES
}

/// Every function.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let function = |own: &&'static Own| Arc::new(ScalarUDF::new_from_impl(OwnFunction::new(own)));
    OWN.iter().map(function).collect()
}

/// A function of ours as the query library wants it. Two of one name are the same.
#[derive(Debug)]
struct OwnFunction {
    own: &'static Own,
    signature: Signature,
}

impl OwnFunction {
    fn new(own: &'static Own) -> Self {
        let ways = own
            .accepts
            .iter()
            .map(|types| TypeSignature::Exact(types.to_vec()));
        Self {
            own,
            signature: Signature::one_of(ways.collect(), Volatility::Immutable),
        }
    }
}

impl PartialEq for OwnFunction {
    fn eq(&self, other: &Self) -> bool {
        self.own.page.name == other.own.page.name
    }
}

impl Eq for OwnFunction {}

impl Hash for OwnFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.own.page.name.hash(state);
    }
}

impl ScalarUDFImpl for OwnFunction {
    fn name(&self) -> &str {
        self.own.page.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(&args, self.own.kernel)
    }
}

/// Looks a function up, as decoding a plan does where it is not registered.
pub(crate) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    all()
        .into_iter()
        .find(|function| function.name() == name)
        .or_else(|| crate::kql::by_name(name))
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
