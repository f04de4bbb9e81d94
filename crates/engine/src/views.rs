//! Texts as views: many batches look at parts of one buffer. Whoever counts each batch with its buffers counts them
//! many times over, and whoever keeps a few views keeps the buffers whole.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::StreamExt as _;

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
pub(crate) struct Compacted {
    input: Arc<dyn ExecutionPlan>,
}

impl Compacted {
    /// The input, through this operator where it has texts.
    pub(crate) fn over(input: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let has_views = input
            .schema()
            .fields()
            .iter()
            .any(|field| matches!(field.data_type(), DataType::Utf8View | DataType::BinaryView));
        let input = Arc::clone(input);
        if has_views {
            Arc::new(Self { input })
        } else {
            input
        }
    }
}

impl DisplayAs for Compacted {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Compacted")
    }
}

impl ExecutionPlan for Compacted {
    fn name(&self) -> &'static str {
        "Compacted"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match children.into_iter().next() {
            Some(input) => Arc::new(Self { input }),
            None => self,
        })
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let schema = batches.schema();
        let compacted = batches.map(|batch| {
            let batch = batch?;
            let columns = batch.columns().iter().map(compact).collect();
            Ok(RecordBatch::try_new(batch.schema(), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, compacted)))
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
