//! What `--check` says of requests by the minute, beside what a collector counts.

use std::time::{Duration, Instant};

use azurite::Azurite;
use chrono::{Timelike as _, Utc};

use super::Scene;
use super::account::world;
use super::collector::Collecting;

const NICS: u32 = 50;

/// Requests of a kind, as the metrics have them.
fn counted(metrics: &str, kind: &str) -> f64 {
    let name = format!("flowglass_requests_total{{kind=\"{kind}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

/// A number before a word of the line of the price.
fn told(line: &str, word: &str) -> f64 {
    let line = line.replace(", ", " ").replace(';', " ").replace(',', "");
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|held| *held == word).unwrap();
    words[at - 1].parse().unwrap()
}

/// The hours that are listed now: an hour more in the last five minutes of each.
fn hours() -> f64 {
    if Utc::now().minute() >= 55 { 4.0 } else { 3.0 }
}

fn price_line(collecting: &Collecting) -> String {
    let check = collecting.command().arg("--check").output().unwrap();
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(check.status.success(), "{said}");
    assert!(said.contains("or notices, and lists every 600 s: "), "{said}");
    assert!(
        said.contains("cost  hot tier, for 10,000: lists $0.055"),
        "{said}"
    );
    let line = said.lines().find(|line| line.contains("lists every 2 s: "));
    line.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn as_many_requests_as_were_told() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "counted", 50);
    scene.growing = world(scene.seed, NICS);
    let collecting = scene
        .collecting(azurite)
        .with(&["--poll", "2", "--listen", "127.0.0.1:0"]);
    scene.grow(4);
    let line = price_line(&collecting);
    let (_, rest) = line.split_once(':').unwrap();
    let interfaces = told(&line, "interfaces");
    assert!(
        (f64::from(NICS - 5)..=f64::from(NICS)).contains(&interfaces),
        "{line}"
    );

    let collector = collecting.start();
    let listen = || collecting.asked("/metrics");
    // The first list of everything is over when nothing more is asked for.
    collecting.until_said("stored");
    std::thread::sleep(Duration::from_secs(6));
    let (before, began, hours_before) = (listen(), Instant::now(), hours());
    let commits_before = scene.growing.commits();
    while began.elapsed() < Duration::from_secs(60) {
        scene.grow(1);
        std::thread::sleep(Duration::from_secs(8));
    }
    std::thread::sleep(Duration::from_secs(6));
    let (after, took) = (listen(), began.elapsed().as_secs_f64() / 60.0);
    let commits = (scene.growing.commits() - commits_before) as f64;
    let of = |kind: &str| counted(&after, kind) - counted(&before, kind);

    // Two requests for each commit, of the kinds that are told; in the world each interface's last two hours grow.
    let told_of_each = [told(rest, "reads"), told(rest, "other")].map(|rate| rate / interfaces);
    for (kind, each) in [("read", told_of_each[0]), ("other", told_of_each[1])] {
        let (found, expected) = (of(kind), each * commits);
        assert!(
            (found - expected).abs() <= 0.05 * expected + 2.0,
            "{kind}: {found} and not {expected} in {took} min; {line}"
        );
    }
    let hours = f64::midpoint(hours_before, hours());
    let (found, expected) = (
        of("list"),
        told(rest, "lists") * took * hours / (3.0 + 5.0 / 60.0),
    );
    assert!(
        (found - expected).abs() <= 0.15 * expected,
        "list: {found} and not {expected} in {took} min; {line}"
    );
    println!(
        "figures: as_many_requests_as_were_told: {NICS} interfaces, {commits} commits in {took:.2} min: {} lists ({expected:.0} told), {} reads, {} other",
        found,
        of("read"),
        of("other")
    );
    assert!(of("write").abs() < 0.5, "nothing is written to the account");
    collecting.ends_well(collector);
}

/// With notices: no list for ten minutes, and for each of them one request more, that removes it.
#[test]
fn as_many_requests_by_notices() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "counted-notices", 51);
    scene.growing = world(scene.seed, NICS);
    scene.account.notices = Some(0);
    let collecting = scene
        .collecting(azurite)
        .with_queue(&scene.account)
        .with(&["--listen", "127.0.0.1:0"]);
    let collector = collecting.start();
    collecting.until_said("following");
    scene.grow(4);
    collecting.until_said("stored");
    std::thread::sleep(Duration::from_secs(6));
    let (before, began) = (collecting.asked("/metrics"), Instant::now());
    let commits_before = scene.growing.commits();
    while began.elapsed() < Duration::from_secs(25) {
        scene.grow(1);
        std::thread::sleep(Duration::from_secs(6));
    }
    std::thread::sleep(Duration::from_secs(4));
    let (after, took) = (collecting.asked("/metrics"), began.elapsed().as_secs_f64());
    let commits = (scene.growing.commits() - commits_before) as f64;
    let of = |kind: &str| counted(&after, kind) - counted(&before, kind);
    println!(
        "figures: as_many_requests_by_notices: {commits} commits in {took:.0} s: {} lists, {} reads, {} other",
        of("list"),
        of("read"),
        of("other")
    );
    assert!(of("list") < 0.5, "{}", of("list"));
    assert!(
        (of("read") - commits).abs() <= 0.05 * commits + 2.0,
        "{} reads, {commits} commits",
        of("read")
    );
    // Blocks of each, its removal from the queue, and looks at the queue: one a second, and more while messages come.
    let looks = of("other") - 2.0 * commits;
    assert!(
        (0.3 * took..1.3 * took + commits / 4.0).contains(&looks),
        "{looks} looks at the queue in {took} s, {commits} commits"
    );
    collecting.ends_well(collector);
}
