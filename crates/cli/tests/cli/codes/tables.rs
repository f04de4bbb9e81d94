//! What can be wrong with a table, with sources that change, and with queries.

use std::path::{Path, PathBuf};

use model::codes::list as code;

use super::{kept, shown};
use crate::golden::{Run, data, flowglass};

/// A folder with a log in the table `./flowglass-data`.
fn ingested() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data().join("vnet.json"), folder.path().join("a.json")).unwrap();
    let run = run_in(folder.path(), &["ingest", "a.json"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    folder
}

fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = flowglass().current_dir(folder).args(arguments).output();
    output.unwrap().into()
}

fn flows(folder: &Path) -> PathBuf {
    folder.join("flowglass-data/Flows")
}

/// Changes the log's first entry, which says whose table it is.
fn edit_log(folder: &Path, from: &str, to: &str) {
    let path = flows(folder).join("_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

const COUNT: [&str; 3] = ["query", "--sql", "SELECT count(*) FROM Flows"];

#[test]
fn tables_that_cannot_be_opened() {
    let newer = ingested();
    edit_log(
        newer.path(),
        r#""flowglass.minReader":"1""#,
        r#""flowglass.minReader":"9""#,
    );
    assert_eq!(shown(code::TABLE_NEWER, newer.path(), &COUNT).exit, 2);

    let foreign = ingested();
    edit_log(foreign.path(), r#""flowglass."#, r#""other."#);
    assert_eq!(shown(code::TABLE_FOREIGN, foreign.path(), &COUNT).exit, 2);

    let file = ingested();
    let arguments = ["ingest", "a.json", "--table", "a.json"];
    assert_eq!(shown(code::TABLE_IO, file.path(), &arguments).exit, 3);
}

/// The shard depends on where the folder lies, and its number is left out.
#[test]
fn a_table_that_lacks_a_file() {
    let folder = ingested();
    let shards = std::fs::read_dir(folder.path().join("flowglass-data/_positions")).unwrap();
    let mut shards = shards.map(|shard| shard.unwrap().path());
    let shard = shards
        .find(|shard| shard.to_string_lossy().contains("shard-"))
        .unwrap();
    std::fs::remove_dir_all(&shard).unwrap();
    let arguments = ["ingest", "a.json", "--verify"];
    let mut run = run_in(folder.path(), &arguments);
    run.err = run
        .err
        .replace(shard.file_name().unwrap().to_str().unwrap(), "shard-..");
    assert_eq!(run.exit, 3);
    kept(code::TABLE_DAMAGED, &arguments, &run);
}

#[test]
fn sources_that_are_not_what_they_were() {
    let folder = ingested();
    let path = folder.path().join("a.json");
    let text = std::fs::read_to_string(&path).unwrap();

    std::fs::copy(data().join("vnet.json.gz"), folder.path().join("c.json.gz")).unwrap();
    assert_eq!(run_in(folder.path(), &["ingest", "c.json.gz"]).exit, 0);
    let mut packed = std::fs::read(data().join("vnet.json.gz")).unwrap();
    packed.extend_from_within(..);
    std::fs::write(folder.path().join("c.json.gz"), packed).unwrap();
    shown(code::SOURCE_COMPRESSED, folder.path(), &["ingest", "c.json.gz"]);

    std::fs::copy(&path, folder.path().join("b.json")).unwrap();
    shown(code::RECORD_KNOWN, folder.path(), &["ingest", "b.json"]);

    std::fs::write(&path, text.replace("nsg-web", "nsg-bew")).unwrap();
    shown(
        code::SOURCE_CHANGED,
        folder.path(),
        &["ingest", "a.json", "--verify"],
    );

    std::fs::write(&path, r#"{"records":[]}"#).unwrap();
    shown(code::SOURCE_SHRUNK, folder.path(), &["ingest", "a.json"]);
}

#[test]
fn queries_that_end_early() {
    let folder = ingested();
    let query = |sql: &'static str, more: &[&'static str]| [&["query", "--sql", sql], more].concat();
    let long = "SELECT count(*) FROM Flows a, Flows b, Flows c, Flows d, Flows e, Flows f, Flows g, Flows h \
                WHERE a.SrcPort + b.SrcPort + c.SrcPort + d.SrcPort + e.SrcPort + f.SrcPort + g.SrcPort + h.SrcPort = 1";
    let run = shown(
        code::QUERY_CANCELLED,
        folder.path(),
        &query(long, &["--timeout", "1"]),
    );
    assert_eq!(run.exit, 3);
    let wide = "WITH many AS (SELECT concat(a.FlowId, b.FlowId, c.FlowId, d.FlowId, e.FlowId) AS t \
                FROM Flows a, Flows b, Flows c, Flows d, Flows e) \
                SELECT count(*) FROM many x JOIN many y ON x.t = y.t";
    let run = shown(
        code::QUERY_MEMORY,
        folder.path(),
        &query(wide, &["--memory", "64MiB"]),
    );
    assert_eq!(run.exit, 3);
    let zero = "SELECT DestPort / (DestPort - DestPort) AS x FROM Flows";
    assert_eq!(
        shown(code::QUERY_FAILED, folder.path(), &query(zero, &[])).exit,
        3
    );
}
