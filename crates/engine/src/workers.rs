//! The threads that queries compute on, apart from the caller's.
//!
//! Operators compute for long between two points where they give way. On the caller's threads they
//! would keep timers, signals and other connections waiting, and with them the very cancellation
//! that is to stop them. Nothing but plans runs here.

use datafusion::common::{DataFusionError, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for plans.
#[derive(Debug)]
pub(crate) struct Workers {
    // Always there until dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Workers {
    pub(crate) fn new(threads: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name("query")
            .enable_all()
            .build()
            .map_err(DataFusionError::IoError)?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // An engine may be dropped where waiting is not allowed; its tasks end at their next step.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
