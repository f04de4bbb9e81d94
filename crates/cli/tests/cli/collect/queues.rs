//! Queues that are shared, wrong, or full of what is for nobody here: nothing is removed but notices of what is followed, and a
//! check says what is in front.

use azurite::Azurite;

use super::Scene;
use super::account::notice;
use super::collector::Collecting;

const ORDER: &str = r#"{"order":17,"note":"hunter2"}"#;

/// What is no notice, and notices of a container that nobody follows, lie among those that are for the collector.
#[test]
fn what_is_for_others_stays() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "for-others", 90);
    scene.account.notices = Some(0);
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let collecting = collecting.with(&["--listen", "127.0.0.1:0"]);
    let put = |scene: &Scene| {
        scene.account.put_message(ORDER);
        scene.account.put_message("work to do");
        scene.account.put_message(&notice("nobodys", "a/PT1H.json", 1));
    };
    put(&scene);
    let collector = collecting.start();
    collecting.until_said("is no notice of a blob, but ");
    // The first ones are there before anything is for it; the others come between.
    scene.grow(8);
    put(&scene);
    scene.grow_all(8);
    put(&scene);
    collecting.until_stored(&scene.account, &scene.growing);
    collecting.until("its own notices are done with", || scene.account.messages() == 9);
    let metrics = collecting.asked("/metrics");
    for line in [
        "flowglass_notices_total{what=\"own\"}",
        "flowglass_notices_total{what=\"foreign\"}",
        "flowglass_notices_total{what=\"strange\"}",
        "flowglass_queue_not_ours{queue=\"azq://devstoreaccount1/for-others\"}",
    ] {
        assert!(metrics.contains(line), "`{line}` is not in:\n{metrics}");
    }
    collecting.finish(collector, &scene.account, &scene.growing);
    assert_eq!(scene.account.messages(), 9);
    let said = collecting.said();
    assert!(!said.contains("hunter2"), "{said}");
    for once in [
        "is no notice of a blob, but ",
        "brings notices of `az://devstoreaccount1/nobodys`",
    ] {
        assert_eq!(said.matches(once).count(), 1, "`{once}` in:\n{said}");
    }
}

/// The queue of another program: its messages are not even taken.
#[test]
fn the_queue_of_another_program_is_left_alone() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "anothers", 91);
    (0..20).for_each(|_| scene.account.put_message(ORDER));
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let collecting = collecting.with(&["--poll", "1"]);
    let collector = collecting.start();
    collecting.until_said("nothing is taken from there");
    scene.grow_all(20);
    collecting.finish(collector, &scene.account, &scene.growing);
    let messages = scene.account.take_messages();
    assert_eq!(messages.len(), 20);
    assert!(
        messages.iter().all(|(text, taken)| text == ORDER && *taken == 0),
        "{messages:?}"
    );
}

/// Two collectors of different containers into different tables, with one queue: each gets what is its own, and none of it is
/// removed by the other.
#[test]
fn two_collectors_of_different_containers_share_a_queue() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut one = Scene::new(azurite, "shares-one", 92);
    let mut two = Scene::new(azurite, "shares-two", 93);
    two.account.share_queue_of(&one.account);
    (one.account.notices, two.account.notices) = (Some(0), Some(0));
    // Few of so many come to the wrong one again and again; lists find what those tell.
    let start = |scene: &Scene| {
        let collecting = scene.collecting(azurite).with_queue_called("shares-one");
        let collecting = collecting.with(&["--poll", "60", "--listen", "127.0.0.1:0"]);
        let collector = collecting.start();
        collecting.until_said("following");
        (collecting, collector)
    };
    let ((first, collector), (second, other)) = (start(&one), start(&two));
    while one.grow(20) | two.grow(20) {}
    let own = |collecting: &Collecting| {
        let metrics = collecting.asked("/metrics");
        let lines = metrics.lines();
        let mut own = lines.filter_map(|line| line.strip_prefix("flowglass_notices_total{what=\"own\"} "));
        own.next().map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let all = one.growing.commits() + two.growing.commits();
    first.until("nine of ten notices came to whom they are for", || {
        (own(&first) + own(&second)) * 10 >= all * 9
    });
    first.finish(collector, &one.account, &one.growing);
    second.finish(other, &two.account, &two.growing);
}

#[test]
fn what_a_check_says_of_queues() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "check-queue", 94);
    let collecting = scene.collecting(azurite).with_queue(&scene.account);
    let check = |exit: i32, says: &[&str]| {
        let output = collecting.command().arg("--check").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{said}");
        for text in says {
            assert!(said.contains(text), "`{text}` is not in:\n{said}");
        }
        said
    };
    let queue = "azq://devstoreaccount1/check-queue";
    check(0, &[&format!("good  {queue}: about 0 messages\n")]);
    scene
        .account
        .put_message(&notice("check-queue", "a/PT1H.json", 1));
    scene.account.put_message(&notice("nobodys", "a/PT1H.json", 2));
    check(
        0,
        &[
            &format!("good  {queue}: about 2 messages; of 2 in front 1 are notices of what is followed\n"),
            &format!(
                "note  {queue}: of 2 in front 1 are notices of az://devstoreaccount1/nobodys that are not"
            ),
            "--subject-begins-with /blobServices/default/containers/NAME/",
        ],
    );
    scene.account.put_message(ORDER);
    let said = check(
        3,
        &[
            &format!("wrong {queue}: of 3 in front 1 are no notices of blobs, but JSON that is no event"),
            "hint: give Flowglass a queue of its own",
        ],
    );
    assert!(!said.contains("hunter2"), "{said}");
    // Nobody has taken anything.
    let messages = scene.account.take_messages();
    assert_eq!(messages.len(), 3);
    assert!(messages.iter().all(|(_, taken)| *taken == 0), "{messages:?}");
    // A queue that is not there.
    let wrong = scene.collecting(azurite).with_queue_called("no-such-queue");
    let output = wrong.command().arg("--check").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("there is no such queue"), "{said}");
}
