//! `docs/kql/behaviour/*.md`: each block of `kql` is asked, and the block of `text` behind it is what is printed.
//! `UPDATE_GOLDENS=1` writes the answers anew. A page that names the world of [`WORLD`] is asked of that one.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::golden::{Run, flowglass};

/// How a page says that its queries are asked of a world, and where that is.
const WORLD: &str = "flowglass demo --size tiny --hours 3";

static MADE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut program = flowglass();
    program.current_dir(folder.path()).args(WORLD.split(' ').skip(1));
    let run: Run = program.output().unwrap().into();
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let table = folder.path().join("flowglass-demo/seed-1-tiny-3h/table");
    (folder, table)
});

const OPENS: &str = "```kql";
const ANSWERS: &str = "```text";
const CLOSES: &str = "```";

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/kql/behaviour");
    let pages = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = pages
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    pages
}

/// What a user sees: the answer, or what is said instead.
fn answer(query: &str, table: Option<&Path>) -> String {
    let mut program = flowglass();
    program.args(["query", query]);
    if let Some(table) = table {
        program.arg("--table").arg(table);
    }
    let output = program.output().unwrap();
    let streams = [output.stdout, output.stderr];
    streams.map(|text| String::from_utf8(text).unwrap()).concat()
}

/// The lines up to the end of a block.
fn block<'l>(lines: &mut std::str::Lines<'l>) -> Vec<&'l str> {
    lines.take_while(|line| *line != CLOSES).collect()
}

/// The page as it would be with the answers of today, and how many queries it has.
fn written_anew(page: &str) -> (String, usize) {
    let mut lines = page.lines();
    let (mut anew, mut queries) = (String::new(), 0);
    let table = page.contains(WORLD).then(|| MADE.1.as_path());
    let push = |anew: &mut String, opens: &str, text: &str| {
        anew.push_str(&format!("{opens}\n{}\n{CLOSES}\n", text.trim_end()));
    };
    let mut answered = false;
    while let Some(line) = lines.next() {
        if line == OPENS {
            if answered {
                anew.push('\n');
            }
            let query = block(&mut lines).join("\n");
            push(&mut anew, OPENS, &query);
            anew.push('\n');
            push(&mut anew, ANSWERS, &answer(&query, table));
            queries += 1;
            answered = true;
        } else if line == ANSWERS {
            // The answer that was kept.
            block(&mut lines);
        } else if !(answered && line.is_empty()) {
            if answered {
                anew.push('\n');
            }
            answered = false;
            anew.push_str(line);
            anew.push('\n');
        }
    }
    (anew, queries)
}

#[test]
fn the_pages_on_behaviour_say_what_is_answered() {
    let mut queries = 0;
    for path in pages() {
        let kept = std::fs::read_to_string(&path).unwrap();
        let (anew, asked) = written_anew(&kept);
        queries += asked;
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&path, &anew).unwrap();
            continue;
        }
        for (number, (kept, anew)) in kept.lines().zip(anew.lines()).enumerate() {
            assert_eq!(kept, anew, "{}:{}", path.display(), number + 1);
        }
        assert_eq!(kept.lines().count(), anew.lines().count(), "{}", path.display());
    }
    assert!(queries > 50, "{queries}");
}
