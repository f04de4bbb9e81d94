//! The emulator behind a proxy that fails: what may be asked again is, and what was written once is not told to have failed.

use std::sync::Arc;
use std::time::Duration;

use azure::storage::{Condition, Problem};
use azurite::{Azurite, Fault, Plan, Proxy, Rates};
use bytes::Bytes;

use super::{at, behind, block, client, emulator, fresh};

const FAULTS: [Fault; 9] = [
    Fault::Busy503,
    Fault::TooMany429,
    Fault::TimedOut500,
    Fault::CutAnswer(40),
    Fault::CutAnswer(400),
    // In the body.
    Fault::CutAnswer(3000),
    Fault::LostAnswer,
    Fault::LostRequest,
    Fault::Slow(Duration::from_millis(5)),
];

#[test]
fn reading_goes_on() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let (straight, through, proxy) = behind(azurite, "fault-read").await;
        let bytes = Bytes::from(vec![b'x'; 5000]);
        straight.put("a", bytes.clone(), &Condition::Any).await.unwrap();
        for fault in FAULTS {
            for matching in ["GET ", "HEAD "] {
                proxy.fail_next(matching, fault);
            }
            assert_eq!(
                through.range("a", 0..5000, None).await.unwrap().bytes,
                bytes,
                "{fault:?}"
            );
            assert_eq!(through.properties("a").await.unwrap().size, 5000, "{fault:?}");
            proxy.fail_next("comp=list", fault);
            assert_eq!(
                through.list("", None, None, 10).await.unwrap().blobs.len(),
                1,
                "{fault:?}"
            );
            let met = proxy
                .passed()
                .iter()
                .filter(|passed| passed.fault.is_some())
                .count();
            assert_eq!(met, 3, "{fault:?}");
        }
    });
}

/// The nasty one: it was carried out, and nobody told so.
#[test]
fn our_own_writing_is_known_again() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let (straight, through, proxy) = behind(azurite, "fault-write").await;
        for (at, fault) in FAULTS
            .into_iter()
            .chain([Fault::Hidden500, Fault::CutAnswer(0)])
            .enumerate()
        {
            let name = format!("create-{at}");
            let bytes = Bytes::from(name.clone());
            proxy.fail_next("PUT ", fault);
            let written = through.put(&name, bytes.clone(), &Condition::CreateOnly).await;
            let written = written.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
            let known = straight.properties(&name).await.unwrap();
            assert_eq!(known.etag, written.etag, "{fault:?}");

            proxy.fail_next("PUT ", fault);
            let condition = Condition::IfMatch(written.etag.clone());
            let second = through.put(&name, bytes.clone(), &condition).await;
            let second = second.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
            assert_ne!(second.etag, written.etag, "{fault:?}");
            assert_eq!(
                straight.properties(&name).await.unwrap().etag,
                second.etag,
                "{fault:?}"
            );

            proxy.fail_next("PUT ", fault);
            let copy = format!("copy-{at}");
            let copied = through.copy(&name, &copy, &Condition::CreateOnly).await;
            let copied = copied.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
            assert_eq!(
                straight.properties(&copy).await.unwrap().etag,
                copied.etag,
                "{fault:?}"
            );

            proxy.fail_next("PUT ", fault);
            proxy.fail_next("comp=blocklist", fault);
            let id = "QUFBQQ==".to_owned();
            through.put_block("blocks", &id, bytes).await.unwrap();
            let condition = match straight.properties("blocks").await {
                Ok(known) => Condition::IfMatch(known.etag),
                Err(_) => Condition::CreateOnly,
            };
            let written = through.put_block_list("blocks", &[id], &condition).await;
            let written = written.unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
            assert_eq!(
                straight.properties("blocks").await.unwrap().etag,
                written.etag,
                "{fault:?}"
            );

            proxy.fail_next("DELETE ", fault);
            through.delete(&name, Some(&second.etag)).await.unwrap();
        }
    });
}

/// A writing of somebody else with the very same bytes is not taken for ours.
#[test]
fn another_writing_is_not_ours() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let (straight, through, proxy) = behind(azurite, "fault-other").await;
        let bytes = Bytes::from_static(b"the same");
        straight
            .put("a", bytes.clone(), &Condition::CreateOnly)
            .await
            .unwrap();
        for fault in [Fault::LostRequest, Fault::LostAnswer, Fault::Hidden500] {
            proxy.fail_next("PUT ", fault);
            let failure = through
                .put("a", bytes.clone(), &Condition::CreateOnly)
                .await
                .unwrap_err();
            assert_eq!(failure.problem, Problem::Exists, "{fault:?}: {failure}");
            assert!(failure.said.is_unsure, "{fault:?}");
        }
    });
}

/// Every answer is lost, to the last try: what was written is still found.
#[test]
fn even_the_last_answer_may_be_lost() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let (straight, through, proxy) = behind(azurite, "fault-all").await;
        for _ in 0..12 {
            proxy.fail_next("PUT ", Fault::LostAnswer);
        }
        let bytes = Bytes::from_static(b"x");
        let written = through.put("a", bytes, &Condition::CreateOnly).await.unwrap();
        assert_eq!(straight.properties("a").await.unwrap().etag, written.etag);
    });
}

#[test]
fn leases_and_faults() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let (straight, through, proxy) = behind(azurite, "fault-lease").await;
        straight
            .put("a", Bytes::from_static(b"x"), &Condition::Any)
            .await
            .unwrap();
        let id = "6f0a7d2e-2c3d-4a5b-8c6d-7e8f90a1b2c3";
        for fault in FAULTS {
            proxy.fail_next("comp=lease", fault);
            through.lease("a", id, 60).await.unwrap();
            proxy.fail_next("comp=lease", fault);
            through.renew("a", id).await.unwrap();
            proxy.fail_next("comp=lease", fault);
            through
                .release("a", id)
                .await
                .unwrap_or_else(|failure| panic!("{fault:?}: {failure}"));
        }
    });
}

/// Many writers count up one number in a storm: each time once.
#[test]
fn a_storm() {
    let Some(azurite) = emulator() else { return };
    let seed = 20_261_130;
    println!("seed {seed}");
    let rates = Rates {
        refused: 80,
        cut: 60,
        lost: 80,
        delayed: 50,
    };
    block(async {
        let straight = fresh(azurite, "fault-storm").await;
        straight
            .put("n", Bytes::from_static(b"0"), &Condition::CreateOnly)
            .await
            .unwrap();
        let proxy = Arc::new(Proxy::start(azurite.blob_port(), Plan::seeded(seed, rates)));
        let mut writers = Vec::new();
        for _ in 0..4 {
            let blobs = at(&proxy.endpoint(), "fault-storm", &client());
            writers.push(tokio::spawn(async move {
                let mut done = 0;
                while done < 25 {
                    let held = blobs.range("n", 0..20, None).await.unwrap();
                    let number: u32 = std::str::from_utf8(&held.bytes).unwrap().parse().unwrap();
                    let next = Bytes::from((number + 1).to_string());
                    match blobs.put("n", next, &Condition::IfMatch(held.etag)).await {
                        Ok(_) => done += 1,
                        Err(failure) => assert_eq!(failure.problem, Problem::Changed, "{failure}"),
                    }
                }
                done
            }));
        }
        let mut sum = 0;
        for writer in writers {
            sum += writer.await.unwrap();
        }
        let held = straight.range("n", 0..20, None).await.unwrap();
        let number: u32 = std::str::from_utf8(&held.bytes).unwrap().parse().unwrap();
        assert_eq!(sum, 100);
        // A success that somebody overwrote before its writer could look is told to have failed, and is counted up again.
        assert!(number >= sum, "{number}");
        let met = proxy
            .passed()
            .iter()
            .filter(|passed| passed.fault.is_some())
            .count();
        assert!(met > 30, "{met}");
    });
}

#[test]
fn an_emulator_that_is_stopped_and_started() {
    let Some(mut azurite) = Azurite::start() else {
        return;
    };
    let client = client();
    block(async {
        let blobs = at(&azurite.blob_endpoint(), "stopped", &client);
        blobs.create().await.unwrap();
        blobs
            .put("a", Bytes::from_static(b"kept"), &Condition::CreateOnly)
            .await
            .unwrap();
        azurite.stop();
        let failure = blobs.properties("a").await.unwrap_err();
        assert!(failure.may_pass(), "{failure}");
        azurite.restart();
        assert_eq!(&blobs.range("a", 0..9, None).await.unwrap().bytes[..], b"kept");
        azurite.kill();
        azurite.restart();
        assert_eq!(blobs.exists().await, Ok(true));
    });
}

#[test]
fn tries_are_counted() {
    let Some(azurite) = emulator() else { return };
    block(async {
        fresh(azurite, "fault-counted").await;
        let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
        let client = client();
        let blobs = at(&proxy.endpoint(), "fault-counted", &client);
        for fault in [Fault::Busy503, Fault::TooMany429, Fault::LostAnswer] {
            proxy.fail_next("PUT ", fault);
        }
        let bytes = Bytes::from_static(b"0123456789");
        blobs.put("a", bytes, &Condition::Any).await.unwrap();
        let counted = client.meter().read();
        assert_eq!(counted.of(net::Kind::Write), 4);
        assert_eq!(
            (counted.again, counted.turned_away, counted.bytes_out),
            (3, 2, 40)
        );
    });
}
