//! Whole worlds through the whole program: written, ingested, queried, and held against the truth.

use crate::golden::{Run, flowglass};

fn demo(seed: u64, folder: &std::path::Path) -> Run {
    let seed = seed.to_string();
    demo_with(&["--size", "tiny", "--seed", &seed], folder)
}

fn demo_with(arguments: &[&str], folder: &std::path::Path) -> Run {
    flowglass()
        .current_dir(folder)
        .args(["demo", "--check"])
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

/// Every sum of every world by format, interface, group, rule, direction, state and decision, and every
/// planted incident: `--check` compares them, and its exit code says whether all agree.
#[test]
fn twenty_worlds_equal_their_truth() {
    for seed in 100..120 {
        let folder = tempfile::tempdir().unwrap();
        let run = demo(seed, folder.path());
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "seed {seed}: {}", run.out);
        assert!(
            run.out.contains("differ\n") && run.out.contains(": 0 differ"),
            "seed {seed}: {}",
            run.out
        );
        assert!(
            run.out.contains("everything agrees") && !run.out.contains("WRONG"),
            "seed {seed}"
        );
        assert_eq!(
            run.out
                .lines()
                .filter(|line| line.starts_with("  ok    "))
                .count(),
            10,
            "seed {seed}: {}",
            run.out
        );
    }
}

/// What a newcomer sees first: a port is used twice within a moment there, as in none of the tiny worlds.
#[test]
fn the_usual_demo_equals_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let run = demo_with(&[], folder.path());
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(
        run.out.contains("everything agrees") && !run.out.contains("WRONG"),
        "{}",
        run.out
    );
}

#[test]
fn a_second_demo_stores_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let first = demo(7, folder.path());
    let second = demo(7, folder.path());
    assert_eq!(second.exit, 0);
    assert!(
        second.out.contains("nothing new since the last run"),
        "{}",
        second.out
    );
    let rest = |run: &Run| run.out.lines().skip(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rest(&first), rest(&second));
}
