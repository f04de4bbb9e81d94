//! Every code, shown by the program itself. `golden/codes` has one file for each that no other test
//! shows; the list of all codes is walked, so that a new one cannot be forgotten.

mod logs;
mod rows;
mod tables;

use std::path::{Path, PathBuf};

use model::Code;
use model::codes::CODES;
use model::codes::list as code;

use crate::golden::{Run, compare, flowglass};

/// Codes that nobody can bring about from outside within a test, with the reason.
const NOT_FROM_OUTSIDE: [(Code, &str); 3] = [
    (
        code::TABLE_FACTS,
        "exports of more than half a gigabyte would have to be read; that the table refuses them is tested in `table`",
    ),
    (
        code::TABLE_CONFLICT,
        "another process would have to win the same shard 25 times in a row, each time within milliseconds; \
         the conflict itself is tested in `table` and `ingest`",
    ),
    (
        code::PARTITION_LIMIT,
        "`ingest` ends a commit before it spreads so far; that the table refuses it is tested in `table`",
    ),
];

/// Runs in a folder, and keeps what it said as the golden of this code.
#[track_caller]
fn shown(code: Code, folder: &Path, arguments: &[&str]) -> Run {
    let output = flowglass().current_dir(folder).args(arguments).output();
    let run = Run::from(output.unwrap());
    kept(code, arguments, &run);
    run
}

/// Keeps what was said as the golden of this code.
#[track_caller]
fn kept(code: Code, arguments: &[&str], run: &Run) {
    let said = format!("{}{}", run.out, run.err);
    assert!(
        said.contains(&code.to_string()),
        "{code} is not in what it says:\n{said}"
    );
    compare(&format!("codes/{code}"), arguments, run);
}

fn goldens(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            goldens(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// What the program said, without the command that was typed.
fn said(golden: &Path) -> String {
    let text = std::fs::read_to_string(golden).unwrap();
    text.split_once('\n')
        .map(|(_, said)| said.to_owned())
        .unwrap_or_default()
}

#[test]
fn every_code_has_been_seen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths = Vec::new();
    goldens(&folder, &mut paths);
    // Help pages name codes as examples; that shows none of them at work.
    paths.retain(|path| !path.starts_with(folder.join("help")) && !path.starts_with(folder.join("usage")));
    let said: Vec<String> = paths.iter().map(|path| said(path)).collect();
    for def in CODES {
        let name = def.code.to_string();
        let seen = said.iter().any(|text| text.contains(&name));
        let excused = NOT_FROM_OUTSIDE.iter().any(|(code, _)| *code == def.code);
        assert!(seen || excused, "no golden shows {name} ({})", def.title);
        assert!(
            !(seen && excused),
            "{name} is shown: take it off the list of those that cannot be"
        );
    }
}
