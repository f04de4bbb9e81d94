//! Texts as views: many batches look at parts of one buffer. Whoever counts each batch with its buffers counts them
//! many times over, and whoever keeps a few views keeps the buffers whole.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use datafusion::common::Result;
use datafusion::physical_plan::ExecutionPlan;

use crate::through::{Through, Treatment};

/// Bytes of one view.
const VIEW_BYTES: usize = 16;

/// The bytes that an array looks at, of buffers that others may look at too.
pub(crate) fn bytes(array: &dyn Array) -> usize {
    match text_bytes(array) {
        Some((used, _)) => used + array.len() * VIEW_BYTES + array.len() / 8,
        None => array
            .to_data()
            .get_slice_memory_size()
            .unwrap_or_else(|_| array.get_array_memory_size()),
    }
}

/// The bytes that a batch looks at.
pub(crate) fn batch_bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|column| bytes(column)).sum()
}

/// The same values; texts have buffers of their own if most of what is in those they look at is not theirs.
pub(crate) fn compact(array: &ArrayRef) -> ArrayRef {
    match text_bytes(array) {
        Some((used, held)) if held > used.saturating_mul(2) => match array.data_type() {
            DataType::Utf8View => Arc::new(array.as_string_view().gc()),
            DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
            _ => Arc::clone(array),
        },
        _ => Arc::clone(array),
    }
}

/// Bytes of text outside of the views: those that are looked at, and those that are held.
fn text_bytes(array: &dyn Array) -> Option<(usize, usize)> {
    let (used, buffers) = match array.data_type() {
        DataType::Utf8View => {
            let views = array.as_string_view();
            (views.total_buffer_bytes_used(), views.data_buffers())
        }
        DataType::BinaryView => {
            let views = array.as_binary_view();
            (views.total_buffer_bytes_used(), views.data_buffers())
        }
        _ => return None,
    };
    Some((used, buffers.iter().map(|buffer| buffer.capacity()).sum()))
}

/// Gives an operator that keeps all of its input batches with texts of their own, so that it counts what it keeps.
#[derive(Debug)]
pub(crate) struct Compacting;

impl Treatment for Compacting {
    const NAME: &'static str = "Compacted";

    fn treat(batch: RecordBatch) -> Result<RecordBatch> {
        let columns = batch.columns().iter().map(compact).collect();
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }
}

/// The input, compacted where it has texts.
pub(crate) fn compacted(input: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let has_views = input
        .schema()
        .fields()
        .iter()
        .any(|field| matches!(field.data_type(), DataType::Utf8View | DataType::BinaryView));
    let input = Arc::clone(input);
    if has_views {
        Arc::new(Through::<Compacting>::new(input))
    } else {
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringViewArray;

    #[test]
    fn parts_of_a_buffer_are_counted_by_what_they_look_at() {
        let texts = (0..1000).map(|number| format!("a text of more than twelve bytes {number:07}"));
        let whole: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        let part = whole.slice(10, 10);
        assert_eq!(bytes(&part), 10 * (40 + VIEW_BYTES) + 1);
        assert!(part.get_array_memory_size() > 40_000);
        let own = compact(&part);
        assert_eq!(&own, &part);
        assert!(
            own.get_array_memory_size() < 1000,
            "{}",
            own.get_array_memory_size()
        );
        // Where most is looked at, nothing is copied.
        let most = compact(&whole.slice(0, 900));
        assert_eq!(
            most.get_array_memory_size(),
            whole.slice(0, 900).get_array_memory_size()
        );
    }
}
