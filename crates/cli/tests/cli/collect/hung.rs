//! Accounts that take connections and answer nothing: that is told, and nobody waits for them for ever.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use azurite::{Azurite, Plan, Proxy};

use super::Scene;
use super::collector::Collecting;
use crate::batch::signal;
use crate::golden::{Run, flowglass};

/// On a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Who does not answer is told: where it is asked for, in the log once, and in a number; and so is that it does again.
#[test]
fn who_does_not_answer_is_told() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "silent", 80);
    let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
    let mut collecting = scene.collecting(azurite);
    collecting.at(&proxy.endpoint(), &azurite.queue_endpoint());
    let collecting = collecting.with(&["--poll", "1", "--listen", "127.0.0.1:0"]);
    let collector = collecting.start();
    scene.grow(20);
    collecting.until_said(" stored version=");
    until("it is ready", || {
        collecting.asked("/readyz").contains("it does its work")
    });
    proxy.follow(Plan::silent(""));
    scene.grow(20);
    let place = collecting.container();
    let lacks = format!("{place} has not answered since 20");
    until("it is not ready", || collecting.asked("/readyz").contains(&lacks));
    let metrics = collecting.asked("/metrics");
    let number = format!("flowglass_unanswered_seconds{{place=\"{place}\"}} ");
    let secs = metrics
        .split(&number)
        .nth(1)
        .and_then(|rest| rest.split('\n').next());
    assert!(secs.is_some_and(|secs| secs != "0"), "{metrics}");
    collecting.until_said("does not answer");
    // Several looks later it is not said again.
    std::thread::sleep(Duration::from_secs(5));
    let said = collecting.said();
    assert_eq!(said.matches("does not answer").count(), 1, "{said}");
    proxy.follow(Plan::calm());
    collecting.until_said("answers again");
    until("it is ready again", || {
        collecting.asked("/readyz").contains("it does its work")
    });
    assert!(collecting.asked("/metrics").contains(&format!("{number}0\n")));
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// Told to end while the table's account does not answer: it ends in time, says what was not stored, and the next one finds it.
#[test]
fn told_to_end_while_the_table_is_silent() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "silent-end", 81);
    let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
    let mut collecting = scene.collecting(azurite);
    collecting.at(&proxy.endpoint(), &azurite.queue_endpoint());
    let collecting = collecting.with(&["--poll", "1"]).in_account(&scene.account);
    // A commit hangs in its writing, or in the reading before it, which is done by threads of the Delta library.
    for matching in [
        "PUT /devstoreaccount1/silent-end-table/t/Flows",
        "_delta_log",
        "silent-end-table",
    ] {
        proxy.follow(Plan::calm());
        let before = collecting.said().matches(" stored version=").count();
        let collector = collecting.start();
        scene.grow(6);
        until("something is stored", || {
            collecting.said().matches(" stored version=").count() > before
        });
        proxy.follow(Plan::silent(matching));
        scene.grow(6);
        until("something is not answered", || proxy.held() > 0);
        std::thread::sleep(Duration::from_secs(1));
        let code = collecting.ends(collector);
        let said = collecting.said();
        assert!(
            !said.contains("made a mistake"),
            "{}",
            collecting.failure(matching)
        );
        let is_told = said
            .rsplit("following")
            .next()
            .unwrap()
            .contains("were not stored before the end");
        let expected = if is_told { Some(3) } else { Some(0) };
        assert_eq!(code, expected, "{}", collecting.failure(matching));
    }
    assert!(
        collecting.said().contains("were not stored before the end"),
        "{}",
        collecting.said()
    );
    proxy.follow(Plan::calm());
    let collector = collecting.start();
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

fn spawned(collecting: &Collecting, arguments: &[&str]) -> Child {
    let mut command = flowglass();
    command.current_dir(&collecting.folder).args(arguments);
    command.envs(collecting.variables());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// What was said by one that was told to end, once.
fn ended(mut child: Child, told: &str) -> Run {
    signal(told, &child);
    let end = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            let _ = child.kill();
            panic!("it does not hear {told}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait_with_output().unwrap().into()
}

/// Whatever a command waits for, it hears the first signal and says what became of it.
#[test]
fn commands_hear_the_first_signal() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "silent-once", 82);
    scene.grow(4);
    let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
    let mut collecting = scene.collecting(azurite).in_account(&scene.account);
    collecting.at(&proxy.endpoint(), &azurite.queue_endpoint());
    let (container, table) = (collecting.container().to_owned(), collecting.table().to_owned());
    let ingest = ["ingest", &container, "--table", &table];
    let check = |matching: &str, told: &str, arguments: &[&str], says: &str| {
        proxy.follow(Plan::silent(matching));
        let child = spawned(&collecting, arguments);
        until("something is not answered", || proxy.held() > 0);
        let run = ended(child, told);
        assert_eq!(run.exit, 3, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(says), "{arguments:?}: {}", run.err);
        assert!(!run.err.contains("made a mistake"), "{arguments:?}: {}", run.err);
        // Whoever was asked hears no more of it.
        proxy.follow(Plan::calm());
        until("nothing is held", || proxy.held() == 0);
    };
    let nothing = format!("stopped before the table `{table}` could be opened; nothing was stored");
    check("", "-TERM", &ingest, &nothing);
    let whole = spawned(&collecting, &ingest).wait_with_output().unwrap();
    assert!(whole.status.success());
    scene.grow(4);
    check("", "-INT", &ingest, &nothing);
    let stopped = "stopped; what was committed before is safe";
    check("PUT ", "-INT", &ingest, stopped);
    check("/silent-once?", "-TERM", &ingest, stopped);
    let replay = ["ingest", &container, "--table", &table, "--replay", "PT3H"];
    check("PUT ", "-TERM", &replay, stopped);
    // What knows nothing of signals is left where it is after a while, which is said with who keeps it.
    let count = ["query", "--sql", "SELECT count(*) FROM Flows", "--table", &table];
    check("", "-TERM", &count, "has not answered for ");
}
