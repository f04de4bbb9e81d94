//! Blobs that grow, followed by lists and by notices, into a table in a folder and in the account.

use azurite::Azurite;

use super::Scene;

#[test]
fn by_lists() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "by-lists", 1);
    let collecting = scene.collecting(azurite).with(&["--poll", "1"]);
    let collector = collecting.start();
    scene.grow_all(8);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// The container is listed once, when it is empty, and then not for ten minutes: it is the notices that tell of everything.
#[test]
fn by_notices() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "by-notices", 2);
    scene.account.notices = Some(0);
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let collector = collecting.start();
    collecting.until_said("following");
    scene.grow_all(8);
    collecting.finish(collector, &scene.account, &scene.growing);
}

#[test]
fn by_notices_of_which_some_are_lost_and_some_come_twice() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "some-notices", 3);
    scene.account.notices = Some(300);
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let collecting = collecting.with(&["--poll", "3"]);
    let collector = collecting.start();
    scene.grow_all(8);
    collecting.finish(collector, &scene.account, &scene.growing);
}

#[test]
fn into_a_table_in_the_account() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "into-account", 4);
    scene.account.notices = Some(0);
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let collecting = collecting.with(&["--poll", "2"]).in_account(&scene.account);
    let collector = collecting.start();
    scene.grow_all(8);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// A container of which nothing was known when the collector began has flow logs a moment later.
#[test]
fn flow_logs_that_come_new() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "come-new", 5);
    let collecting = scene.collecting(azurite).with(&["--poll", "1"]);
    let collector = collecting.start();
    collecting.until_said("following");
    // Several lists found nothing.
    std::thread::sleep(std::time::Duration::from_secs(4));
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}
