//! `learn`: questions over a pipe, answers as people give them, and the score.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::golden::{Run, flowglass};

/// Runs with answers piped in, and a state folder of its own.
fn learn(state: &Path, arguments: &[&str], answers: &str) -> Run {
    let mut child = flowglass()
        .arg("learn")
        .args(arguments)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may stop before all of it is read.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    child.wait_with_output().unwrap().into()
}

/// The letters of the right answers, as they were told to somebody who had asked for each.
fn right_letters(out: &str) -> Vec<String> {
    let told = out.split("It is ").skip(1);
    told.filter_map(|rest| rest.split_once(')'))
        .map(|(letter, _)| letter.to_owned())
        .filter(|letter| letter.len() == 1)
        .collect()
}

#[test]
fn the_same_questions_again_answered_rightly() {
    let state = tempfile::tempdir().unwrap();
    let arguments = ["--seed", "11", "--count", "12"];
    let shown = learn(state.path(), &arguments, &"\n".repeat(12));
    assert_eq!((shown.exit, shown.err.as_str()), (0, ""));
    assert!(
        shown.out.contains("0 of 12 questions right. So far: 0 of 12"),
        "{}",
        shown.out
    );
    let letters = right_letters(&shown.out);
    assert_eq!(letters.len(), 12, "{}", shown.out);
    let answered = learn(state.path(), &arguments, &format!("{}\n", letters.join("\n")));
    assert_eq!(answered.out.matches("Right.").count(), 12, "{}", answered.out);
    assert!(
        answered
            .out
            .contains("12 of 12 questions right. So far: 12 of 24; 12 in a row at best."),
        "{}",
        answered.out
    );
    assert!(
        answered
            .out
            .contains("The same questions again: flowglass learn --seed 11")
    );
    let score = learn(state.path(), &["--score"], "");
    assert!(
        score.out.starts_with("12 of 24 questions right, in 2 sittings"),
        "{}",
        score.out
    );
    assert!(score.out.contains("kept in "), "{}", score.out);
}

#[test]
fn hints_unclear_answers_and_a_stop() {
    let state = tempfile::tempdir().unwrap();
    let run = learn(
        state.path(),
        &["--lesson", "STATE", "--seed", "3"],
        "?\nwhat\n\u{1b}[A\nq\n",
    );
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.starts_with("Lesson: state\n"), "{}", run.out);
    assert!(run.out.contains("Hint: "), "{}", run.out);
    assert_eq!(run.out.matches("Say a letter from ").count(), 2, "{}", run.out);
    assert!(
        run.out
            .ends_with("Nothing was answered, and nothing is counted.\n"),
        "{}",
        run.out
    );
    assert!(!state.path().join("flowglass").exists());
    let nothing = learn(state.path(), &["--score"], "");
    assert_eq!(
        nothing.out,
        "Nothing was asked yet: begin with `flowglass learn`.\n"
    );
}

#[test]
fn what_is_not_understood_is_skipped_and_counts_nothing() {
    let state = tempfile::tempdir().unwrap();
    let arguments = ["--lesson", "state", "--seed", "3", "--count", "2"];
    // Hints are no tries.
    let unclear = "yes\nno\n?\nperhaps\n?\n???\nwhy\n";
    let run = learn(state.path(), &arguments, &format!("{unclear}\n"));
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    assert_eq!(run.out.matches("Say a letter from ").count(), 5, "{}", run.out);
    assert_eq!(run.out.matches("Hint: ").count(), 2, "{}", run.out);
    let skipped = "Not understood, so it is skipped and does not count.\nIt is ";
    assert_eq!(run.out.matches(skipped).count(), 1, "{}", run.out);
    assert!(
        run.out
            .contains("0 of 1 question right, 1 skipped. So far: 0 of 1;"),
        "{}",
        run.out
    );
    // All of them: nothing is counted, and nothing is kept.
    let other = tempfile::tempdir().unwrap();
    let run = learn(other.path(), &arguments, &"yes\n".repeat(10));
    assert!(
        run.out
            .ends_with("Nothing was answered, and nothing is counted.\n"),
        "{}",
        run.out
    );
    assert!(!other.path().join("flowglass").exists());
}

#[test]
fn the_end_of_the_input_gives_the_score_so_far() {
    let state = tempfile::tempdir().unwrap();
    let arguments = ["--lesson", "state", "--seed", "3", "--count", "9"];
    // The last line has no end.
    for (answers, score) in [
        ("\n\n", "0 of 2 questions right. So far: 0 of 2;"),
        ("\n\nw", "of 3 questions right. So far: "),
        ("\nwhat\n", "0 of 1 question right. So far: "),
    ] {
        let run = learn(state.path(), &arguments, answers);
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{answers:?}");
        assert!(run.out.contains(score), "{answers:?}: {}", run.out);
        assert!(run.out.ends_with("--seed 3\n"), "{}", run.out);
    }
}

#[test]
fn no_questions_are_no_lesson() {
    let state = tempfile::tempdir().unwrap();
    let run = learn(state.path(), &["--count", "0"], "");
    assert_eq!((run.exit, run.out.as_str()), (2, ""));
    assert!(run.err.contains("it takes a whole number from 1"), "{}", run.err);
}

#[test]
fn each_lesson_begins_and_corrects() {
    let state = tempfile::tempdir().unwrap();
    for (lesson, said) in [
        ("tuple", "fields; field "),
        ("direction", "interface"),
        ("state", "`D` is denied"),
        ("counters", "Counters are deltas"),
        ("enabled", "a virtual network, a subnet or a network interface"),
        ("rules", "matches"),
        ("patterns", "It is "),
    ] {
        let run = learn(
            state.path(),
            &["--lesson", lesson, "--count", "4", "--seed", "5"],
            &"\n".repeat(4),
        );
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{lesson}");
        assert!(run.out.contains(&format!("Lesson: {lesson}\n")), "{}", run.out);
        assert!(run.out.contains(said), "{lesson}: {}", run.out);
        assert!(
            run.out.contains("0 of 4 questions right"),
            "{lesson}: {}",
            run.out
        );
    }
    let wrong = learn(state.path(), &["--lesson", "tuples"], "");
    assert_eq!(wrong.exit, 2);
    assert!(wrong.err.contains("direction"), "{}", wrong.err);
}

#[test]
fn a_score_that_cannot_be_read_is_left_alone() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("flowglass");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("learn.json");
    std::fs::write(&path, "{\"sittings\": 3").unwrap();
    let run = learn(
        state.path(),
        &["--lesson", "state", "--count", "1", "--seed", "1"],
        "\n",
    );
    assert_eq!(run.exit, 0);
    assert!(run.err.contains("cannot be read"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"sittings\": 3");
}

#[test]
fn a_table_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let made = flowglass()
        .current_dir(folder.path())
        .args(["demo", "--size", "tiny", "--seed", "4", "--dir", "made"])
        .output()
        .unwrap();
    assert!(made.status.success());
    let table = folder.path().join("made/seed-4-tiny-24h/table");
    let table = table.to_str().unwrap();
    let arguments = ["--table", table, "--seed", "2", "--count", "14"];
    let first = learn(folder.path(), &arguments, &"\n".repeat(14));
    assert_eq!((first.exit, first.err.as_str()), (0, ""));
    assert!(first.out.contains("0 of 14 questions right"), "{}", first.out);
    assert!(
        first.out.contains("What are these entries together?"),
        "{}",
        first.out
    );
    let again = learn(folder.path(), &arguments, &"\n".repeat(14));
    let questions = |out: &str| out.split("questions right").next().unwrap_or_default().to_owned();
    assert_eq!(questions(&again.out), questions(&first.out));
    let patterns = learn(
        folder.path(),
        &[
            "--table", table, "--lesson", "patterns", "--seed", "2", "--count", "8",
        ],
        &"\n".repeat(8),
    );
    for found in ["brute force", "a port scan", "a beacon", "exfiltration"] {
        let told = format!(") {found}");
        assert!(patterns.out.contains(&told), "{found}: {}", patterns.out);
    }
    let missing = learn(folder.path(), &["--table", "nowhere"], "");
    assert_eq!(missing.exit, 2, "{}", missing.err);
}
