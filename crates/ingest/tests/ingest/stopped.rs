//! Ingesting stopped at every moment it can be: whatever it was doing, the table stays whole and the
//! next run ends where one that was never stopped ends.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::io::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use ingest::{IngestError, IngestOptions, Silent};
use tokio_util::sync::CancellationToken;

use crate::copies::{blob_of, put_aside};
use crate::{Fixture, blob, flate2_gz, record};

/// Polls a future so many times and then drops it: each poll ends at one of its awaits.
pub(crate) async fn poll_times<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| {
        if polled == times {
            return Poll::Ready(None);
        }
        polled += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// How a run is stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// The future is dropped, as when the runtime goes away.
    Drop,
    /// It is asked to stop, as by Ctrl-C.
    Ask,
}

/// Runs until so many polls have been made. True if there was nothing left to stop.
async fn run_stopped(fixture: &mut Fixture, stop: Stop, polls: usize) -> bool {
    // One source a commit, so that there are many moments within commits.
    let options = IngestOptions {
        commit_bytes: 1,
        ..fixture.options()
    };
    let sources = fixture.sources();
    let cancel = CancellationToken::new();
    let run = ingest::ingest(&mut fixture.table, sources, &options, &cancel, Arc::new(Silent));
    let mut run = pin!(run);
    let mut ended = poll_times(run.as_mut(), polls).await;
    if let (None, Stop::Ask) = (&ended, stop) {
        cancel.cancel();
        ended = Some(run.await);
    }
    match ended {
        None | Some(Err(IngestError::Cancelled)) => false,
        Some(Ok(_)) => true,
        Some(Err(other)) => panic!("{stop:?} after {polls} polls: {other}"),
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2_gz();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Stops a run later each time, until it gets to its end; the two ways of stopping take turns. One file has grown since it was
/// read, the other is new, compressed, and has a tuple that cannot be read.
async fn stop_at_every_moment(stop: Stop) {
    let torn = gzipped(&blob_of(&[record(2, 10).replacen("10.9.9.9", "x", 1)]));
    let mut partly = BTreeSet::new();
    let first = if matches!(stop, Stop::Drop) { 0 } else { 1 };
    for polls in (first..).step_by(2) {
        let mut fixture = Fixture::new().await;
        fixture.file("0.json", &blob(0..1));
        fixture.run().await;
        fixture.file("0.json", &blob(0..2));
        fixture.file("1.json.gz", &torn);
        let ended = run_stopped(&mut fixture, stop, polls).await;
        partly.insert(fixture.rows().await);
        fixture.run().await;
        let stored = (fixture.rows().await, put_aside(&fixture).await);
        assert_eq!(stored, (29, 1), "{stop:?} after {polls} polls");
        if ended {
            break;
        }
    }
    // It was stopped before the first commit, between the two, and after them.
    assert_eq!(partly, [10, 20, 29].into(), "{stop:?}");
}

#[tokio::test]
async fn dropped_at_every_moment_it_leaves_a_whole_table() {
    stop_at_every_moment(Stop::Drop).await;
}

#[tokio::test]
async fn asked_to_stop_at_every_moment_it_leaves_a_whole_table() {
    stop_at_every_moment(Stop::Ask).await;
}
