//! Collectors killed at random moments while blobs grow, started again each time.

use std::time::{Duration, Instant};

use azurite::Azurite;

use super::Scene;

/// What was done, for whoever reads the result of a long run.
#[derive(Debug, Default)]
struct Figures {
    kills: u64,
    worlds: u64,
    rows: u64,
}

/// The longest that a collector lives before it is killed: long enough for a few commits of most.
const LIFE_MILLIS: u64 = 4000;

/// Kills collectors until there were as many kills as asked for, or the world is whole; then lets one finish.
fn kill_in_a_world(azurite: &Azurite, seed: u64, asked: u64, until: Instant, figures: &mut Figures) {
    let mut scene = Scene::new(azurite, &format!("killed-{seed}"), seed);
    scene.account.notices = Some(200);
    let mut collecting = scene.collecting(azurite).with_queue(&scene.account);
    collecting = collecting.with(&["--poll", "1"]);
    // Every third of them keeps its table in the account.
    if scene.seed.is_multiple_of(3) {
        collecting = collecting.in_account(&scene.account);
    }
    let mut is_growing = true;
    while figures.kills < asked && is_growing && Instant::now() < until {
        let dies = Instant::now() + Duration::from_millis(scene.moments.next(LIFE_MILLIS));
        let collector = collecting.start();
        is_growing = scene.grow(4);
        std::thread::sleep(dies.saturating_duration_since(Instant::now()));
        assert!(
            collecting.kill(collector),
            "{}",
            collecting.failure("it had ended")
        );
        figures.kills += 1;
    }
    let collector = collecting.start();
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
    figures.worlds += 1;
    figures.rows += scene.growing.truth.tuples;
}

#[test]
fn twenty_kills_of_a_collector() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut figures = Figures::default();
    let until = Instant::now() + Duration::from_secs(600);
    kill_in_a_world(azurite, super::seed(10), 20, until, &mut figures);
    assert_eq!(figures.kills, 20, "{figures:?}");
}

/// The table is in the account, so that a kill leaves half of what was being written there.
#[test]
fn eight_kills_of_a_collector_with_its_table_in_the_account() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut figures = Figures::default();
    let until = Instant::now() + Duration::from_secs(600);
    kill_in_a_world(azurite, super::seed(12), 8, until, &mut figures);
    assert_eq!(figures.kills, 8, "{figures:?}");
}

#[test]
#[ignore = "long: 500 kills take about half an hour"]
fn five_hundred_kills_of_a_collector() {
    let Some(azurite) = Azurite::shared() else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mut seed = number("FLOWGLASS_LONG_SEED").unwrap_or(1);
    let budget = Duration::from_secs(number("FLOWGLASS_LONG_BUDGET_SECS").unwrap_or(3600));
    let mut figures = Figures::default();
    let until = Instant::now() + budget;
    while figures.kills < 500 && Instant::now() < until {
        kill_in_a_world(azurite, seed, 500, until, &mut figures);
        seed += 1;
    }
    let Figures { kills, worlds, rows } = figures;
    println!(
        "figures: five_hundred_kills_of_a_collector: {kills} kills, {worlds} worlds, {rows} rows, lost 0, doubled 0"
    );
    assert_eq!(kills, 500, "the budget was not enough: give more with `--budget`");
}
