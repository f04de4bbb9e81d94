//! `docs/kql/behaviour/*.md`: each block of `kql` is asked, and the block of `text` behind it is what is printed.
//! `UPDATE_GOLDENS=1` writes the answers anew.

use std::path::{Path, PathBuf};

use crate::golden::flowglass;

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
fn answer(query: &str) -> String {
    let output = flowglass().args(["query", query]).output().unwrap();
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
            push(&mut anew, ANSWERS, &answer(&query));
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
