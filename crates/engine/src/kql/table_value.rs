//! A table's columns as KQL has them: times in ticks, texts that are never null, bytes as text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Int64Array, StringViewArray};
use arrow_schema::{DataType, Field, TimeUnit};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql::values::{TICKS_PER_DAY, TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};

/// What a column is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Making {
    /// Microseconds to ticks.
    Ticks,
    /// Days to ticks.
    Days,
    /// Null to the empty text.
    Text,
    /// Bytes to text.
    Hex,
}

const MAKINGS: [(Making, &str); 4] = [
    (Making::Ticks, "kql-from:time"),
    (Making::Days, "kql-from:day"),
    (Making::Text, "kql-from:text"),
    (Making::Hex, "kql-from:bytes"),
];

#[derive(Debug, PartialEq, Eq, Hash)]
struct FromTable {
    making: Making,
    signature: Signature,
}

/// The function of a name that has travelled.
pub(super) fn by_name(name: &str) -> Option<Arc<ScalarUDF>> {
    MAKINGS
        .iter()
        .find(|(_, held)| *held == name)
        .map(|(making, _)| function(*making))
}

fn function(making: Making) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(FromTable {
        making,
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

/// A column of a table as KQL has it.
pub(super) fn made(column: Expr, field: &Field) -> Expr {
    let making = match field.data_type() {
        DataType::Timestamp(..) => Making::Ticks,
        DataType::Date32 => Making::Days,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Making::Hex
        }
        DataType::Utf8View if !field.is_nullable() => return column,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Making::Text,
        _ => return column,
    };
    function(making).call(vec![column])
}

/// True if a column is stored as the text that it is.
pub(super) fn is_text(field: &Field) -> bool {
    matches!(
        field.data_type(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

impl ScalarUDFImpl for FromTable {
    fn name(&self) -> &str {
        MAKINGS
            .iter()
            .find(|(making, _)| *making == self.making)
            .map_or("", |(_, name)| name)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.making {
            Making::Ticks | Making::Days => DataType::Int64,
            Making::Text | Making::Hex => DataType::Utf8View,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(column) = columns.first() else {
            return exec_err!("a column is missing");
        };
        Ok(ColumnarValue::Array(made_of(self.making, column)?))
    }

    /// The moments that have these ticks, so that bounds of files and pages tell where they may be.
    fn preimage(&self, args: &[Expr], literal: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let (Making::Ticks, [column], Expr::Literal(ScalarValue::Int64(Some(ticks)), _)) =
            (self.making, args, literal)
        else {
            return Ok(PreimageResult::None);
        };
        let zone = match info.get_data_type(column)? {
            DataType::Timestamp(TimeUnit::Microsecond, zone) => zone,
            _ => return Ok(PreimageResult::None),
        };
        let Some(since) = ticks.checked_sub(UNIX_EPOCH_TICKS) else {
            return Ok(PreimageResult::None);
        };
        // Between two microseconds there is no moment: what is more begins at the next.
        let micros = since.div_euclid(TICKS_PER_MICROSECOND);
        let is_whole = since.rem_euclid(TICKS_PER_MICROSECOND) == 0;
        let from = if is_whole { micros } else { micros + 1 };
        let bound = |micros| ScalarValue::TimestampMicrosecond(Some(micros), zone.clone());
        Ok(PreimageResult::Range {
            expr: column.clone(),
            interval: Box::new(Interval::try_new(bound(from), bound(micros + 1))?),
        })
    }
}

fn made_of(making: Making, column: &ArrayRef) -> Result<ArrayRef> {
    Ok(match making {
        Making::Ticks => {
            let micros = arrow_cast::cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let ticks: Int64Array = micros.as_primitive::<TimestampMicrosecondType>().unary(|micros| {
                micros
                    .wrapping_mul(TICKS_PER_MICROSECOND)
                    .wrapping_add(UNIX_EPOCH_TICKS)
            });
            Arc::new(ticks)
        }
        Making::Days => {
            let ticks: Int64Array = column
                .as_primitive::<Date32Type>()
                .unary(|days| i64::from(days) * TICKS_PER_DAY + UNIX_EPOCH_TICKS);
            Arc::new(ticks)
        }
        Making::Text => {
            let texts = arrow_cast::cast(column, &DataType::Utf8View)?;
            if texts.null_count() == 0 {
                return Ok(texts);
            }
            let filled: StringViewArray = texts
                .as_string_view()
                .iter()
                .map(|text| Some(text.unwrap_or("")))
                .collect();
            Arc::new(filled)
        }
        Making::Hex => {
            let bytes = arrow_cast::cast(column, &DataType::Binary)?;
            let texts: StringViewArray = bytes
                .as_binary::<i32>()
                .iter()
                .map(|bytes| Some(bytes.map(hex::encode).unwrap_or_default()))
                .collect();
            Arc::new(texts)
        }
    })
}
