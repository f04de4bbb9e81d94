//! Running the program and comparing what it says.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where inputs lie and the program is started.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// The program with nothing of this machine's environment.
pub(crate) fn flowglass() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowglass"));
    command.env_clear().current_dir(data()).stdin(Stdio::null());
    command
}

/// A run of the program.
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Run {
    flowglass().args(arguments).output().unwrap().into()
}

/// Runs with something piped in.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = flowglass()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // The program may stop reading before the end.
    let _ = writer.join().unwrap();
    output.into()
}

/// The same without the times at which something was loaded: those are of this very run.
fn without_times(said: &str) -> String {
    let mut text = said.to_owned();
    for before in [", loaded 20", "\"loaded\": \"20"] {
        let mut parts = text.split(before);
        let mut masked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (_, rest) = part.split_once('Z').unwrap_or_default();
            masked.push_str(&format!("{}THEN{rest}", before.trim_end_matches("20")));
        }
        text = masked;
    }
    text
}

/// Compares a run with `golden/NAME.txt`, exit code and both streams.
#[track_caller]
pub(crate) fn compare(name: &str, arguments: &[&str], run: &Run) {
    let mut said = format!("$ flowglass {}\n[exit {}]\n", arguments.join(" "), run.exit);
    for (stream, text) in [("stdout", &run.out), ("stderr", &run.err)] {
        if !text.is_empty() {
            said.push_str(&format!("--- {stream}\n{text}"));
        }
    }
    let said = without_times(&said.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &said).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        said == kept,
        "{name} differs from {}; it says now:\n{said}",
        path.display()
    );
}

/// Runs with these arguments and compares.
#[track_caller]
pub(crate) fn check(name: &str, arguments: &[&str]) {
    compare(name, arguments, &run(arguments));
}

/// The same with variables set.
#[track_caller]
pub(crate) fn check_with(name: &str, variables: &[(&str, &str)], arguments: &[&str]) {
    let output = flowglass()
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    compare(name, arguments, &output.into());
}
