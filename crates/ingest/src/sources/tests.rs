//! What is found and what is not, in folders made for it.

use super::*;

fn touch(folder: &Path, name: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"{}").unwrap();
}

fn folder_of(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    names.iter().for_each(|name| touch(folder.path(), name));
    folder
}

fn inputs(folder: &Path, names: &[&str]) -> Vec<Input> {
    names.iter().map(|name| Input::parse(folder.join(name))).collect()
}

fn found(folder: &Path, names: &[&str]) -> Found {
    find(&inputs(folder, names), 0)
}

/// Addresses below the folder, in order.
fn addresses(found: &Found, folder: &Path) -> Vec<String> {
    let folder = format!("file://{}/", folder.canonicalize().unwrap().display());
    let sources = found.sources.iter();
    sources
        .map(|source| {
            let bytes = folder.replace("file:", "file-bytes:");
            source.address.replace(&folder, "").replace(&bytes, "bytes:")
        })
        .collect()
}

#[track_caller]
fn check(folder: &Path, names: &[&str], expected: &[&str]) -> Found {
    let found = found(folder, names);
    assert_eq!(addresses(&found, folder), expected);
    assert!(found.troubles.is_empty(), "{:?}", found.troubles);
    found
}

/// The troubles in short.
fn troubles(found: &Found, folder: &Path) -> Vec<String> {
    let folder = format!("{}/", folder.display());
    let texts = found.troubles.iter().map(|trouble| match trouble {
        Trouble::Unreadable { name, error } => format!("unreadable {name} {:?}", error.kind()),
        Trouble::Nothing { what } => what.clone(),
    });
    texts.map(|text| text.replace(&folder, "")).collect()
}

const BLOB: &str = "f/y=1970/m=01/d=02/h=03/m=00/macAddress=A/PT1H.json";

#[test]
fn folders_patterns_and_files_each_once() {
    let folder = folder_of(&[
        BLOB,
        "a.json",
        ".hidden",
        ".folder/b.json",
        "table/Flows/_delta_log/0.json",
        "table/other.json",
        "flows/_delta_log/0.json",
        "flows/part.json",
    ]);
    let found = check(folder.path(), &["", "*.json", "a.json"], &["a.json", BLOB]);
    assert!(found.sources[0].named && !found.sources[1].named);
    assert_eq!(found.sources[1].hour, Some(27));
    assert_eq!(found.passed_over.total(), 0);
    check(folder.path(), &["**/*.json"], &["a.json", BLOB]);
    check(folder.path(), &["f*"], &[BLOB]);
}

#[test]
fn in_folders_names_decide_and_what_is_named_is_taken() {
    let folder = folder_of(&["logs/a.json", "logs/README.md", "logs/b.md", "logs/c.txt"]);
    let found = check(folder.path(), &["logs"], &["logs/a.json"]);
    let kinds: Vec<(&str, u64)> = found.passed_over.kinds().collect();
    assert_eq!(kinds, [(".md", 2), (".txt", 1)]);
    check(
        folder.path(),
        &["logs", "logs/c.txt"],
        &["logs/a.json", "logs/c.txt"],
    );
    check(folder.path(), &["logs/*.md"], &["logs/README.md", "logs/b.md"]);
}

/// `--table .` in the folder of the logs is odd, and no reason to read less.
#[test]
fn logs_beside_the_parts_of_a_table() {
    let folder = folder_of(&[
        "a.json",
        "Flows/_delta_log/0.json",
        "Flows/part-0",
        "_positions/shard-00/0",
    ]);
    check(folder.path(), &[""], &["a.json"]);
}

#[test]
fn handed_on_in_the_order_of_the_arguments_and_breaking_off_ends_it() {
    let folder = folder_of(&["b/2.json", "b/1.json", "a.json"]);
    let inputs = [
        vec![Input::Standard],
        inputs(folder.path(), &["b", "a.json", "b/1.json"]),
        vec![Input::Standard],
    ]
    .concat();
    let mut seen = Vec::new();
    for most in [9, 2] {
        seen.clear();
        each(&inputs, 0, &mut |finding| {
            let Finding::Source(source) = finding else {
                panic!("{finding:?}")
            };
            seen.push(
                source
                    .display
                    .replace(&format!("{}/", folder.path().display()), ""),
            );
            if seen.len() < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        let all = ["standard input", "b/1.json", "b/2.json", "a.json"];
        assert_eq!(seen, all[..most.min(4)]);
    }
}

#[test]
fn what_names_nothing_is_said_and_the_rest_is_found() {
    let folder = folder_of(&["a.json", "md/README.md", "data/Flows/_delta_log/0.json"]);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let names = [
        "missing.json",
        "*.nothing",
        "empty",
        "md",
        "data",
        "[a",
        "a.json/x",
        "a.json",
    ];
    let found = found(folder.path(), &names);
    assert_eq!(addresses(&found, folder.path()), ["a.json"]);
    let troubles = troubles(&found, folder.path());
    assert_eq!(
        troubles[..5],
        [
            "no file matches `missing.json`",
            "no file matches `*.nothing`",
            "`empty` holds no file that could be a flow log",
            "`md` holds no file that could be a flow log",
            "`data` is a table, and holds no flow log beside it",
        ]
    );
    assert!(troubles[5].starts_with("`[a` is not a pattern: "), "{troubles:?}");
    assert_eq!(troubles[6..], ["unreadable a.json/x NotADirectory"]);
}

#[test]
fn patterns() {
    let folder = folder_of(&[
        "a.json",
        "b/c.json",
        "b/d/e.json",
        "b/.hidden/f.json",
        "b/{x}1.json",
        ".g.json",
    ]);
    let all = ["a.json", "b/c.json", "b/d/e.json", "b/{x}1.json"];
    check(folder.path(), &["**/*.json"], &all);
    check(folder.path(), &["**"], &all);
    check(folder.path(), &["*.json"], &["a.json"]);
    check(folder.path(), &["*"], &all);
    check(folder.path(), &["*/[cd].json"], &["b/c.json"]);
    check(folder.path(), &["*/*/*"], &["b/d/e.json"]);
    check(folder.path(), &[".//b//?.json"], &["b/c.json"]);
    check(folder.path(), &["b/{x}*"], &["b/{x}1.json"]);
    check(folder.path(), &["b/.h*/*"], &["b/.hidden/f.json"]);
    check(folder.path(), &[".*"], &[".g.json"]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_and_each_file_found_once() {
        let folder = folder_of(&["real/a.json", "real/b.json", "logs/c.json"]);
        let at = |name: &str| folder.path().join(name);
        symlink(at("real"), at("logs/linked")).unwrap();
        symlink(at("real/a.json"), at("logs/again.json")).unwrap();
        let expected = ["logs/c.json", "real/a.json", "real/b.json"];
        check(folder.path(), &["logs"], &expected);
        check(folder.path(), &["logs", "real", "real/a.json"], &expected);
    }

    #[test]
    fn links_in_a_circle_and_links_to_nowhere() {
        let folder = folder_of(&["logs/a.json"]);
        let at = |name: &str| folder.path().join(name);
        symlink(".", at("logs/again")).unwrap();
        symlink("..", at("logs/above")).unwrap();
        check(folder.path(), &["logs"], &["logs/a.json"]);
        std::fs::remove_file(at("logs/above")).unwrap();
        symlink("nowhere", at("logs/dangling.json")).unwrap();
        symlink("nowhere", at("logs/.#locked")).unwrap();
        symlink("itself", at("logs/itself")).unwrap();
        let found = found(folder.path(), &["logs", "logs/dangling.json"]);
        assert_eq!(addresses(&found, folder.path()), ["logs/a.json"]);
        let troubles = troubles(&found, folder.path());
        assert_eq!(troubles.len(), 3, "{troubles:?}");
        assert_eq!(troubles[0], "unreadable logs/dangling.json NotFound");
        assert!(troubles[1].starts_with("unreadable logs/itself "), "{troubles:?}");
        assert_eq!(troubles[2], "unreadable logs/dangling.json NotFound");
        // A pattern meets what it asks for.
        for (pattern, expected) in [("logs/d*.json", 1), ("logs/a*", 0), ("nowhere/*.json", 1)] {
            let found = super::found(folder.path(), &[pattern]);
            let troubles = super::troubles(&found, folder.path());
            assert_eq!(troubles.len(), expected, "{pattern}: {troubles:?}");
        }
    }

    /// Twenty folders, each with two links to the next: a million ways to the one file.
    #[test]
    fn a_web_of_links_is_walked_once() {
        let folder = folder_of(&["web/20/a.json"]);
        let at = |name: String| folder.path().join(name);
        for number in 0..20 {
            std::fs::create_dir_all(at(format!("web/{number:02}"))).unwrap();
            for side in ["left", "right"] {
                let next = at(format!("web/{:02}", number + 1));
                symlink(next, at(format!("web/{number:02}/{side}"))).unwrap();
            }
        }
        check(folder.path(), &["web"], &["web/20/a.json"]);
        check(folder.path(), &["web/**"], &["web/20/a.json"]);
    }

    #[test]
    fn pipes_and_sockets_in_folders_are_not_opened_and_a_named_pipe_is_a_stream() {
        let folder = folder_of(&["logs/a.json"]);
        let at = |name: &str| folder.path().join(name);
        let made = std::process::Command::new("mkfifo")
            .arg(at("logs/pipe.json"))
            .status();
        assert!(made.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("logs/socket")).unwrap();
        symlink("/dev/zero", at("logs/zero.json")).unwrap();
        for name in ["logs", "logs/*"] {
            let found = check(folder.path(), &[name], &["logs/a.json"]);
            assert_eq!(found.passed_over.total(), 3);
        }
        let found = found(folder.path(), &["logs/pipe.json"]);
        let [source] = &found.sources[..] else {
            panic!("{found:?}")
        };
        assert!(source.path.is_none() && source.named);
        let writer = std::thread::spawn({
            let pipe = at("logs/pipe.json");
            move || std::fs::write(pipe, "through the pipe")
        });
        let mut text = String::new();
        source.open().unwrap().read_to_string(&mut text).unwrap();
        writer.join().unwrap().unwrap();
        assert_eq!(text, "through the pipe");
    }

    #[test]
    fn names_that_are_not_utf8_are_kept_apart() {
        let folder = folder_of(&["logs/a.json"]);
        for byte in [0xfe, 0xff] {
            let name = [b"logs/", &[byte][..], b".json"].concat();
            std::fs::write(folder.path().join(OsStr::from_bytes(&name)), "{}").unwrap();
        }
        // Its letters are those that the byte's name is made of.
        touch(folder.path(), "logs/%ff.json");
        let expected = [
            "bytes:logs/%fe.json",
            "bytes:logs/%ff.json",
            "logs/%ff.json",
            "logs/a.json",
        ];
        check(folder.path(), &["logs"], &expected);
        check(folder.path(), &["logs/*.json"], &expected);
        let named = folder.path().join(OsStr::from_bytes(b"logs/\xff.json"));
        let found = find(&[Input::parse(named)], 0);
        assert_eq!(addresses(&found, folder.path()), ["bytes:logs/%ff.json"]);
    }

    #[test]
    fn a_folder_that_may_not_be_opened_is_said() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder_of(&["logs/a.json", "logs/closed/b.json"]);
        let closed = folder.path().join("logs/closed");
        let set = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).unwrap();
        set(0);
        if std::fs::read_dir(&closed).is_ok() {
            println!(
                "skipped: a_folder_that_may_not_be_opened_is_said: permissions do not hold for this user"
            );
            set(0o700);
            return;
        }
        let found = found(folder.path(), &["logs"]);
        set(0o700);
        assert_eq!(addresses(&found, folder.path()), ["logs/a.json"]);
        assert_eq!(
            troubles(&found, folder.path()),
            ["unreadable logs/closed PermissionDenied"]
        );
    }
}
