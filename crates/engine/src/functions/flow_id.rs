//! `flow_id`: the stable identity of a row, made from what is stored.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::{Result, exec_err};

use super::{FunctionPage, Own};

pub(super) const OWN: Own = Own {
    page: FunctionPage {
        name: "flow_id",
        signature: "flow_id(record_hash bytes, record_occurrence int, tuple_index int) -> text",
        description: "The identity of a flow tuple: hash of its record in hexadecimal, occurrence of that record in its source, position in the record. Null if one of them is.",
        example: "flow_id(X'00112233445566778899aabbccddeeff', 0, 12)",
        gives: "00112233445566778899aabbccddeeff-0-12",
    },
    accepts: &[
        &[DataType::BinaryView, DataType::Int32, DataType::Int32],
        &[DataType::BinaryView, DataType::Int64, DataType::Int64],
    ],
    kernel,
};

fn kernel(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let [hash, occurrence, index] = columns else {
        return exec_err!("`flow_id` takes three arguments");
    };
    let hash = hash.as_binary_view();
    let occurrence = cast(occurrence, &DataType::Int64)?;
    let occurrence = occurrence.as_primitive::<Int64Type>();
    let index = cast(index, &DataType::Int64)?;
    let index = index.as_primitive::<Int64Type>();
    let mut ids = StringViewBuilder::with_capacity(hash.len());
    let mut id = String::new();
    for ((hash, occurrence), index) in hash.iter().zip(occurrence).zip(index) {
        let (Some(hash), Some(occurrence), Some(index)) = (hash, occurrence, index) else {
            ids.append_null();
            continue;
        };
        id.clear();
        for byte in hash {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        let _ = write!(id, "-{occurrence}-{index}");
        ids.append_value(&id);
    }
    Ok(Arc::new(ids.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BinaryViewArray, Int32Array};

    #[test]
    fn parts_are_joined_and_null_stays_null() {
        let hash: ArrayRef = Arc::new(BinaryViewArray::from(vec![
            Some(&[0u8, 0xab][..]),
            None,
            Some(&[1][..]),
        ]));
        let occurrence: ArrayRef = Arc::new(Int32Array::from(vec![Some(0), Some(1), None]));
        let index: ArrayRef = Arc::new(Int32Array::from(vec![7, 8, 9]));
        let ids = kernel(&[hash, occurrence, index]).unwrap();
        let ids: Vec<_> = ids.as_string_view().iter().collect();
        assert_eq!(ids, [Some("00ab-0-7"), None, None]);
    }
}
