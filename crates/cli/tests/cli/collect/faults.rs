//! What goes wrong around a collector: with blobs, with the account, with the network, with another collector, with the disk.

use std::process::{Command, Stdio};
use std::time::Duration;

use azurite::{Azurite, Fault, Plan, Proxy, Rates};

use super::Scene;
use super::collector::Collecting;

/// Everything that may happen to a request, about every tenth of them.
const ROUGH: Rates = Rates {
    refused: 40,
    cut: 25,
    lost: 15,
    delayed: 100,
};
/// Most are turned away.
const STORM: Rates = Rates {
    refused: 800,
    cut: 0,
    lost: 0,
    delayed: 0,
};
/// They only take longer, so that blobs change while they are read.
const SLOW: Rates = Rates {
    refused: 0,
    cut: 0,
    lost: 0,
    delayed: 700,
};

/// Recreated, truncated, emptied, deleted, leased, while they grow and are read.
#[test]
fn mischief_with_blobs() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "mischief", 20);
    scene.account.notices = Some(100);
    let proxy = Proxy::start(azurite.blob_port(), Plan::seeded(scene.seed, SLOW));
    let mut collecting = scene.collecting(azurite).with_queue(&scene.account);
    collecting.at(&proxy.endpoint(), &azurite.queue_endpoint());
    let collecting = collecting.with(&["--poll", "1"]);
    let collector = collecting.start();
    while scene.grow(6) {
        for _ in 0..4 {
            scene.account.disturb(&mut scene.growing, &mut scene.moments);
        }
        std::thread::sleep(Duration::from_millis(scene.moments.next(1500)));
        if scene.moments.next(12) == 0 {
            break;
        }
    }
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// The account is away now and then.
fn outages(name: &str, seed: u64, in_account: bool) {
    let Some(mut azurite) = Azurite::start() else {
        return;
    };
    let mut scene = Scene::new(&azurite, name, seed);
    scene.account.notices = Some(0);
    let mut collecting = scene.collecting(&azurite).with_queue(&scene.account);
    collecting = collecting.with(&["--poll", "2"]);
    if in_account {
        collecting = collecting.in_account(&scene.account);
    }
    let collector = collecting.start();
    collecting.until_said("following");
    for _ in 0..3 {
        scene.grow(12);
        std::thread::sleep(Duration::from_millis(scene.moments.next(1500)));
        azurite.stop();
        std::thread::sleep(Duration::from_millis(scene.moments.next(4000)));
        azurite.restart();
    }
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

#[test]
fn the_account_is_away() {
    outages("away", 21, false);
}

#[test]
fn the_account_is_away_with_the_table() {
    outages("all-away", 22, true);
}

/// Everything goes through a network that fails: blobs, the table, the notices. Now and then hardly anything gets through.
#[test]
fn a_bad_network() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "bad-network", 23);
    scene.account.notices = Some(50);
    let blobs = Proxy::start(azurite.blob_port(), Plan::calm());
    let messages = Proxy::start(azurite.queue_port(), Plan::seeded(scene.seed + 1, ROUGH));
    let mut collecting = scene.collecting(azurite).with_queue(&scene.account);
    collecting.at(&blobs.endpoint(), &messages.endpoint());
    let collecting = collecting.with(&["--poll", "2"]).in_account(&scene.account);
    let collector = collecting.start();
    collecting.until_said("following");
    for round in 0..4 {
        let rates = if round % 2 == 0 { ROUGH } else { STORM };
        blobs.follow(Plan::seeded(scene.seed + round, rates));
        blobs.fail_next("PT1H.json", Fault::Slow(Duration::from_millis(100)));
        scene.grow(10);
        std::thread::sleep(Duration::from_millis(1000 + scene.moments.next(3000)));
    }
    scene.grow_all(30);
    blobs.follow(Plan::seeded(scene.seed + 9, ROUGH));
    std::thread::sleep(Duration::from_secs(5));
    blobs.follow(Plan::calm());
    collecting.finish(collector, &scene.account, &scene.growing);
    let failed = blobs
        .passed()
        .iter()
        .filter(|passed| passed.fault.is_some())
        .count();
    assert!(failed > 10, "{failed} requests met a fault");
}

/// Two at the same table, told the same things; one of them dies now and then.
#[test]
fn two_collectors() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "two", 24);
    scene.account.notices = Some(0);
    let collecting = scene.collecting(azurite).with(&["--poll", "1"]);
    let stays = collecting.start();
    collecting.until_said("following");
    for _ in 0..6 {
        let dies = collecting.start();
        scene.grow(12);
        std::thread::sleep(Duration::from_millis(scene.moments.next(3000)));
        assert!(collecting.kill(dies), "{}", collecting.failure("it had ended"));
    }
    let other = collecting.start();
    scene.grow_all(60);
    collecting.until_stored(&scene.account, &scene.growing);
    std::thread::sleep(Duration::from_secs(2));
    collecting.ends_well(other);
    collecting.finish(stays, &scene.account, &scene.growing);
}

/// Makes a small disk of memory, runs the collector with its table there, fills the disk when `fill` appears and makes room when
/// `room` does; at `end` it ends the collector and saves the table.
const ON_A_SMALL_DISK: &str = r#"
mkdir disk && mount -t tmpfs -o size=256m tmpfs disk || exit 77
touch mounted
"$@" &
child=$!
until [ -e fill ]; do sleep 0.1; done
cat /dev/zero > disk/filler 2>/dev/null
touch filled
until [ -e room ]; do sleep 0.1; done
rm disk/filler
until [ -e end ]; do sleep 0.1; done
kill -TERM $child
wait $child
code=$?
cp -a disk/table table
exit $code
"#;

/// Such a disk needs a name space of one's own, which not every machine gives.
fn can_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg("mount -t tmpfs tmpfs /mnt")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Nobody outside sees into that disk.
fn on_a_small_disk(collecting: &Collecting) -> std::process::Child {
    let inner = collecting.command();
    let log = std::fs::File::create(collecting.folder.join("collect.log")).unwrap();
    Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            ON_A_SMALL_DISK,
            "sh",
        ])
        .arg(inner.get_program())
        .args(inner.get_args())
        .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(&collecting.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone().unwrap()))
        .stderr(log)
        .spawn()
        .unwrap()
}

fn mark(collecting: &Collecting, name: &str) {
    std::fs::write(collecting.folder.join(name), "").unwrap();
}

fn until_marked(collecting: &Collecting, name: &str) {
    for _ in 0..600 {
        if collecting.folder.join(name).exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{}", collecting.failure(&format!("`{name}` does not appear")));
}

#[test]
fn the_disk_is_full_and_then_has_room() {
    let Some(azurite) = Azurite::shared() else { return };
    if !can_mount() {
        println!("skipped: the_disk_is_full_and_then_has_room: no name space with a disk of its own");
        return;
    }
    let mut scene = Scene::new(azurite, "full-disk", 25);
    let collecting = scene
        .collecting(azurite)
        .with(&["--poll", "1", "--listen", "127.0.0.1:0"]);
    let collecting = collecting.into_table("disk/table");
    let mut outer = on_a_small_disk(&collecting);
    until_marked(&collecting, "mounted");
    collecting.until_said("following");
    scene.grow(20);
    collecting.until_said("stored");
    mark(&collecting, "fill");
    until_marked(&collecting, "filled");
    scene.grow(20);
    collecting.until_said("the disk is full");
    scene.grow(20);
    std::thread::sleep(Duration::from_secs(2));
    mark(&collecting, "room");
    scene.grow_all(60);
    collecting.until_it_says_stored(&scene.growing);
    mark(&collecting, "end");
    let status = outer.wait().unwrap();
    assert!(status.success(), "{}", collecting.failure(&status.to_string()));
    collecting.is_true(&scene.account, &scene.growing);
}
