//! The threads that queries compute on, apart from the caller's.
//!
//! Operators compute for long between two points where they give way. On the caller's threads they
//! would keep timers, signals and other connections waiting, and with them the very cancellation
//! that is to stop them. Nothing but plans is made and run here. A plan that panics ends with an error: the
//! program's panic hook, which may end the program, does not hear of it.

use std::any::Any;
use std::sync::{Arc, Once};
use std::{panic, thread};

use datafusion::common::{DataFusionError, Result};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::spill::Spill;

const THREAD: &str = "query";

/// Room for the deepest recursion that the limits in `statement` let through, in the slowest build,
/// several times over. Only what is used of it is ever in memory.
const STACK_BYTES: usize = 64 << 20;

/// A panic of a plan, on its way to the reader of the query.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BrokeOff(pub(crate) String);

/// The panic as an error.
pub(crate) fn broke_off(panic: &(dyn Any + Send)) -> DataFusionError {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    DataFusionError::External(Box::new(BrokeOff(text.unwrap_or("no reason given").to_owned())))
}

/// Puts a hook before the present one that passes over the query threads.
fn keep_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            if thread::current().name() != Some(THREAD) {
                before(what);
            }
        }));
    });
}

/// Threads for plans.
#[derive(Debug)]
pub(crate) struct Workers {
    // Always there until dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    /// What queries put aside goes with the threads that wrote it.
    spill: Arc<Spill>,
}

impl Workers {
    pub(crate) fn new(threads: usize, spill: Arc<Spill>) -> Result<Self> {
        keep_panics_quiet();
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name(THREAD)
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(DataFusionError::IoError)?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            spill,
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
        self.spill.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_programs_hook_does_not_hear_of_query_threads() {
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        panic::set_hook(Box::new(|_| {
            HEARD.fetch_add(1, Ordering::SeqCst);
        }));
        let workers = Workers::new(1, Arc::default()).unwrap();
        let broken = workers.handle().spawn(async { panic!("a decoder") });
        let waiting = Builder::new_current_thread().build().unwrap();
        assert!(waiting.block_on(broken).unwrap_err().is_panic());
        assert_eq!(HEARD.load(Ordering::SeqCst), 0);
    }
}
