//! Queues: messages are taken by one at a time, and come back if they are not removed.

use azure::storage::{Place, Problem, Queue, events};
use azurite::{ACCOUNT, Fault, Plan, Proxy};

use super::{block, client, emulator, key, queue, settings};

#[test]
fn messages_come_and_go() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let queue = queue(azurite, "come-and-go");
        let failure = queue.take(1, 30).await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoQueue, "{failure}");
        assert_eq!(queue.create().await, Ok(true));
        assert_eq!(queue.create().await, Ok(false));
        assert_eq!(queue.take(32, 30).await, Ok(Vec::new()));
        let texts = [
            "plain",
            "{\"a\":\"<&>\"}",
            " spaces and\nlines ",
            "Zürich \u{1f300}",
        ];
        for text in texts {
            queue.put(text).await.unwrap();
        }
        assert_eq!(queue.count().await, Ok(4));
        // Who only looks changes nothing.
        for _ in 0..2 {
            let seen = queue.peek(32).await.unwrap();
            let mut found: Vec<_> = seen.iter().map(|message| message.text.as_str()).collect();
            found.sort_unstable();
            let mut expected = texts;
            expected.sort_unstable();
            assert_eq!(found, expected);
            assert!(
                seen.iter()
                    .all(|message| message.taken == 0 && message.receipt.is_empty())
            );
        }
        let mut taken = queue.take(32, 60).await.unwrap();
        assert_eq!(queue.peek(32).await, Ok(Vec::new()));
        let mut found: Vec<_> = taken.iter().map(|message| message.text.as_str()).collect();
        found.sort_unstable();
        let mut expected = texts;
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert!(
            taken
                .iter()
                .all(|message| message.taken == 1 && message.put_micros > 0)
        );
        // Nobody else gets them.
        assert_eq!(queue.take(32, 60).await, Ok(Vec::new()));

        // One that is given back comes back, and its old receipt holds no more.
        let mut first = taken.remove(0);
        let old = first.clone();
        queue.hold(&mut first, 0).await.unwrap();
        assert_ne!(first.receipt, old.receipt);
        let again = queue.take(32, 60).await.unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!((&again[0].id, again[0].taken), (&first.id, 2));
        let failure = queue.delete(&old).await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoMessage, "{failure}");
        queue.delete(&again[0]).await.unwrap();
        for message in &taken {
            queue.delete(message).await.unwrap();
        }
        assert_eq!(queue.count().await, Ok(0));
        let failure = queue.delete(&again[0]).await.unwrap_err();
        assert_eq!(failure.problem, Problem::NoMessage, "{failure}");
    });
}

#[test]
fn a_notice_of_a_blob() {
    let Some(azurite) = emulator() else { return };
    block(async {
        use base64::Engine as _;
        let queue = queue(azurite, "notices");
        queue.create().await.unwrap();
        let event = r#"{"type":"Microsoft.Storage.BlobCreated","source":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/logs","subject":"/blobServices/default/containers/c/blobs/a=/b","data":{"api":"PutBlockList"}}"#;
        let encoded = base64::engine::general_purpose::STANDARD.encode(event);
        queue.put(&encoded).await.unwrap();
        let taken = queue.take(1, 30).await.unwrap();
        let events = events::parse(&taken[0].text);
        assert_eq!(events.written[0].blob, "a=/b");
        assert_eq!(events.others, [""; 0]);
    });
}

/// What may be asked twice is; a message is put once at the most, and not told to have been put where nobody knows.
#[test]
fn lost_answers() {
    let Some(azurite) = emulator() else { return };
    block(async {
        let straight = queue(azurite, "lost-answers");
        straight.create().await.unwrap();
        let proxy = Proxy::start(azurite.queue_port(), Plan::calm());
        let settings = settings(&azurite.blob_endpoint(), &proxy.endpoint());
        let place = Place::queue(&format!("azq://{ACCOUNT}/lost-answers"), &settings).unwrap();
        let through = Queue::new(client(), place, key());

        proxy.fail_next("POST ", Fault::TooMany429);
        through.put("once").await.unwrap();
        for fault in [Fault::LostAnswer, Fault::LostRequest, Fault::Busy503] {
            proxy.fail_next("POST ", fault);
            let failure = through.put("maybe").await.unwrap_err();
            assert!(
                failure.said.is_unsure && failure.may_pass(),
                "{fault:?}: {failure}"
            );
        }
        let posts = proxy
            .passed()
            .iter()
            .filter(|passed| passed.line.starts_with("POST "))
            .count();
        assert_eq!(posts, 5);
        assert_eq!(straight.count().await, Ok(2));

        let taken = straight.take(32, 60).await.unwrap();
        for (message, fault) in taken.iter().zip([Fault::LostAnswer, Fault::Hidden500]) {
            proxy.fail_next("DELETE ", fault);
            through.delete(message).await.unwrap();
        }
        assert_eq!(straight.count().await, Ok(0));
    });
}
