//! Runs a decoder that may meet damage with a panic, and makes that the file's fault and not ours.
//!
//! The Parquet reader panics on some damaged bytes: of 1,678 single bits flipped over a file of 8,389
//! bytes, two. A program's panic hook reports a mistake of the program, or ends it; so it is passed over
//! for panics that are caught here, on the thread that catches them, and for no others.

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    static CAUGHT_HERE: Cell<bool> = const { Cell::new(false) };
}

fn pass_over_what_is_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let reports = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !CAUGHT_HERE.get() {
                reports(panic);
            }
        }));
    });
}

/// The work's outcome, or that it panicked, as the end of a sentence that names the file.
pub(crate) async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, String> {
    pass_over_what_is_caught();
    let mut work = pin!(work);
    poll_fn(|context| {
        CAUGHT_HERE.set(true);
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        CAUGHT_HERE.set(false);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Err(_) => Poll::Ready(Err("cannot be decoded: it breaks the Parquet reader".to_owned())),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_panic_becomes_a_sentence_and_others_are_still_reported() {
        static REPORTED: AtomicUsize = AtomicUsize::new(0);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            REPORTED.fetch_add(1, Ordering::Relaxed);
            before(panic);
        }));
        let work = async {
            tokio::task::yield_now().await;
            panic!("damaged")
        };
        let outcome: Result<(), String> = guarded(work).await;
        assert!(outcome.unwrap_err().contains("breaks the Parquet reader"));
        assert_eq!(guarded(async { 5 }).await, Ok(5));
        assert_eq!(REPORTED.load(Ordering::Relaxed), 0);
        assert!(tokio::spawn(async { panic!("another") }).await.is_err());
        assert_eq!(REPORTED.load(Ordering::Relaxed), 1);
    }
}
