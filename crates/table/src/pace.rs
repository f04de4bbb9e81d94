//! Letting others go first: whoever takes care of a table in the background asks between two batches of rows.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Nobody waits longer than this for one batch: care that never comes to an end is none.
const WAIT_MAX: Duration = Duration::from_millis(500);

/// Whether somebody is at work who goes first. Clones are of the same work.
#[derive(Clone, Debug)]
pub struct Pace(Arc<watch::Sender<bool>>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Pace {
    /// Says whether somebody is at work who goes first.
    pub fn set_busy(&self, is_busy: bool) {
        self.0.send_replace(is_busy);
    }

    /// Waits until nobody is, for a moment at most.
    pub(crate) async fn give_way(&self) {
        let mut seen = self.0.subscribe();
        // Going on after a while is as good as having waited.
        let _ = timeout(WAIT_MAX, seen.wait_for(|is_busy| !is_busy)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test]
    async fn who_is_busy_goes_first_but_not_for_ever() {
        let pace = Pace::default();
        let begun = Instant::now();
        pace.give_way().await;
        assert!(begun.elapsed() < WAIT_MAX / 2);
        pace.set_busy(true);
        pace.give_way().await;
        assert!(begun.elapsed() >= WAIT_MAX);
        let (other, begun) = (pace.clone(), Instant::now());
        let waiting = tokio::spawn(async move { other.give_way().await });
        pace.set_busy(false);
        waiting.await.unwrap();
        assert!(begun.elapsed() < WAIT_MAX / 2);
    }
}
