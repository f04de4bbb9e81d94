//! Texts on their way through functions over rows. The library glues the rows that such a function looks at to those
//! that come, and drops the ones behind; of texts that are views it would keep every buffer there ever was. They go
//! through with their bytes in one place, and come back as views.

use std::sync::Arc;

use arrow_schema::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

const WHOLE: &str = "kql-text:whole";
const VIEWED: &str = "kql-text:viewed";

/// How the texts of a type stand while functions look over rows; none if they stand well.
fn whole_type(held: &DataType) -> Option<DataType> {
    match held {
        DataType::Utf8View => Some(DataType::LargeUtf8),
        DataType::BinaryView => Some(DataType::LargeBinary),
        _ => None,
    }
}

fn view_type(held: &DataType) -> Option<DataType> {
    match held {
        DataType::LargeUtf8 => Some(DataType::Utf8View),
        DataType::LargeBinary => Some(DataType::BinaryView),
        _ => None,
    }
}

/// A value whose bytes stand in one place.
pub(super) fn whole(value: Expr, kind: &DataType) -> Expr {
    match whole_type(kind) {
        Some(_) => function(WHOLE).call(vec![value]),
        None => value,
    }
}

/// A value as views, if its bytes stand in one place.
pub(super) fn viewed(value: Expr, kind: &DataType) -> Expr {
    match view_type(kind) {
        Some(_) => function(VIEWED).call(vec![value]),
        None => value,
    }
}

/// The function of a name that has travelled.
pub(super) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    [WHOLE, VIEWED]
        .into_iter()
        .find(|held| *held == name)
        .map(function)
}

fn function(name: &'static str) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(KeptTexts {
        name,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct KeptTexts {
    name: &'static str,
    signature: Signature,
}

impl ScalarUDFImpl for KeptTexts {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        let made = kinds.first().and_then(|kind| match self.name {
            WHOLE => whole_type(kind),
            _ => view_type(kind),
        });
        match made {
            Some(made) => Ok(made),
            None => exec_err!("`{}` takes texts", self.name),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.first() {
            Some(value) => value.cast_to(args.return_field.data_type(), None),
            None => exec_err!("a column is missing"),
        }
    }
}
