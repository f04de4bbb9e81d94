//! An operator that lets batches through, one by one: what it does to them, and that it stands where it stands, is all there is.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::RecordBatch;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt as _;

/// What is done to a batch.
pub(crate) trait Treatment: Debug + Send + Sync + 'static {
    /// The operator's name.
    const NAME: &'static str;

    /// The same rows.
    fn treat(batch: RecordBatch) -> Result<RecordBatch> {
        Ok(batch)
    }
}

/// Lets batches through; conditions are not pushed through it.
#[derive(Debug)]
pub(crate) struct Through<T> {
    input: Arc<dyn ExecutionPlan>,
    treatment: PhantomData<T>,
}

impl<T> Through<T> {
    pub(crate) const fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self {
            input,
            treatment: PhantomData,
        }
    }

    pub(crate) const fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }
}

impl<T: Treatment> DisplayAs for Through<T> {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::NAME)
    }
}

impl<T: Treatment> ExecutionPlan for Through<T> {
    fn name(&self) -> &'static str {
        T::NAME
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
            Some(input) => Arc::new(Self::new(input)),
            None => self,
        })
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let schema = batches.schema();
        let treated = batches.map(|batch| T::treat(batch?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, treated)))
    }
}
