//! Several collectors of one table: they share the work, one comes later, one is killed, one is halted for longer than the
//! others wait for it. Whatever they believe, what is stored is the truth.

use std::time::{Duration, Instant};

use azurite::{ACCOUNT, Azurite, Fault, Plan, Proxy};

use super::Scene;
use super::collector::Collecting;
use crate::batch::signal;

const HERE: &str = "another collector is here";
const GONE: &str = "another collector is gone";

/// Several of one scene, each with a log of its own.
fn several(scene: &Scene, azurite: &Azurite, arguments: &[&str], in_account: bool) -> Vec<Collecting> {
    let each = ["first.log", "second.log", "third.log"].map(|log| {
        let collecting = scene
            .collecting(azurite)
            .saying_in(log)
            .with(&["--beat", "1", "--poll", "2"]);
        let collecting = collecting.with(arguments);
        match in_account {
            true => collecting.in_account(&scene.account),
            false => collecting,
        }
    });
    each.into()
}

fn until(collecting: &Collecting, what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < until, "{}", collecting.failure(what));
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Two follow, a third one comes, one is killed; each of them has stored something.
fn three_share(name: &str, seed: u64, in_account: bool) {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, name, seed);
    let queue = format!("azq://{ACCOUNT}/{}", scene.account.name);
    let arguments: &[&str] = if in_account { &["--queue", &queue] } else { &[] };
    scene.account.notices = in_account.then_some(50);
    let each = several(&scene, azurite, arguments, in_account);
    let [first, second, third] = each.as_slice() else {
        return;
    };
    let stays = first.start();
    first.until_said("following");
    let dies = second.start();
    first.until_said(HERE);
    second.until_said(HERE);
    scene.grow(6);
    until(second, "the second stores nothing", || {
        scene.grow(4);
        second.stored() > 0
    });
    let comes = third.start();
    first.until_said(HERE);
    third.until_said(HERE);
    until(third, "the third stores nothing", || {
        scene.grow(2);
        third.stored() > 0
    });
    assert!(second.kill(dies), "{}", second.failure("it had ended"));
    scene.grow_all(20);
    first.until_said(GONE);
    first.until_stored(&scene.account, &scene.growing);
    std::thread::sleep(Duration::from_millis(1500));
    third.ends_well(comes);
    first.finish(stays, &scene.account, &scene.growing);
    for one in &each {
        assert!(one.stored() > 0, "{}", one.failure("it has stored nothing"));
    }
}

#[test]
fn three_share_the_work() {
    three_share("shared", 30, false);
}

#[test]
fn three_share_the_work_and_the_table_is_in_the_account() {
    three_share("all-shared", 31, true);
}

/// Halted at any moment, for longer than the other one waits for it: then both have the same blobs in hand.
#[test]
fn one_is_halted_now_and_then() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "halted", 32);
    let each = several(&scene, azurite, &[], false);
    let [first, second, _] = each.as_slice() else {
        return;
    };
    let stays = first.start();
    first.until_said("following");
    let halts = second.start();
    first.until_said(HERE);
    for round in 1..=3 {
        scene.grow(8);
        std::thread::sleep(Duration::from_millis(scene.moments.next(2500)));
        signal("-STOP", &halts.child);
        scene.grow(6);
        until(first, "the other one is not missed", || {
            first.said().matches(GONE).count() == round
        });
        scene.grow(6);
        std::thread::sleep(Duration::from_millis(scene.moments.next(2500)));
        signal("-CONT", &halts.child);
        until(first, "the other one is not seen again", || {
            first.said().matches(HERE).count() == round + 1
        });
    }
    scene.grow_all(20);
    first.until_stored(&scene.account, &scene.growing);
    second.ends_well(halts);
    first.finish(stays, &scene.account, &scene.growing);
    assert!(first.stored() > 0 && second.stored() > 0);
}

/// Its commit is on the way when it is halted. The other one takes over and commits the same blobs; then the first commit
/// arrives, and is refused.
#[test]
fn a_share_is_lost_in_the_middle_of_a_commit() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "mid-commit", 33);
    let each = several(&scene, azurite, &[], true);
    let [first, second, _] = each.as_slice() else {
        return;
    };
    let proxy = Proxy::start(azurite.blob_port(), Plan::calm());
    let mut slow = scene.collecting(azurite);
    slow.at(&proxy.endpoint(), &azurite.queue_endpoint());
    let slow = slow.saying_in("first.log").with(&["--beat", "1", "--poll", "2"]);
    let slow = slow.in_account(&scene.account);
    let halts = slow.start();
    first.until_said("following");
    let other = second.start();
    first.until_said(HERE);
    second.until_said(HERE);
    until(first, "the first stores nothing", || {
        scene.grow(3);
        first.stored() > 0
    });
    let put = format!("PUT /{ACCOUNT}/{}-table/t/Flows/_delta_log/", scene.account.name);
    let claim = format!("PUT /{ACCOUNT}/{}-table/t/_positions/", scene.account.name);
    proxy.fail_next(&put, Fault::Delay(Duration::from_secs(20)));
    let _ = proxy.passed();
    until(first, "the first claims nothing", || {
        scene.grow(2);
        std::thread::sleep(Duration::from_millis(300));
        proxy
            .passed()
            .iter()
            .any(|passed| passed.line.starts_with(&claim))
    });
    std::thread::sleep(Duration::from_secs(3));
    signal("-STOP", &halts.child);
    second.until_said(GONE);
    scene.grow_all(30);
    second.until_stored(&scene.account, &scene.growing);
    let mut passed = proxy.passed();
    until(second, "the commit does not arrive", || {
        passed.extend(proxy.passed());
        let mut late = passed
            .iter()
            .filter(|passed| matches!(passed.fault, Some(Fault::Delay(_))));
        late.any(|passed| passed.line.starts_with(&put) && passed.status == 409)
    });
    signal("-CONT", &halts.child);
    std::thread::sleep(Duration::from_secs(3));
    second.ends_well(other);
    first.finish(halts, &scene.account, &scene.growing);
}
