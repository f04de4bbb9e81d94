//! `||` as a function, so that it can be held to a limit like any other. Null if one side is.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::evaluate;

/// The function that stands for the operator.
pub(crate) const JOIN_TEXT: &str = "join_text";

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JoinText {
    signature: Signature,
}

impl JoinText {
    pub(super) fn new() -> Self {
        Self {
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for JoinText {
    fn name(&self) -> &str {
        JOIN_TEXT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    /// One side must be text; what stands beside it is written as text.
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let text = |one: &DataType| one.is_string() || one.is_null();
        if types.len() == 2 && types.iter().any(text) && !types.iter().any(DataType::is_nested) {
            return Ok(vec![DataType::Utf8View; 2]);
        }
        plan_err!("`||` joins two texts")
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(&args, kernel)
    }
}

fn kernel(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let [left, right] = columns else {
        return exec_err!("`||` takes two texts");
    };
    let mut joined = StringViewBuilder::with_capacity(left.len());
    let mut text = String::new();
    for sides in left.as_string_view().iter().zip(right.as_string_view()) {
        let (Some(left), Some(right)) = sides else {
            joined.append_null();
            continue;
        };
        text.clear();
        text.push_str(left);
        text.push_str(right);
        joined.append_value(&text);
    }
    Ok(Arc::new(joined.finish()))
}
