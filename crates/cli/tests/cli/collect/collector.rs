//! `flowglass collect` as a process, and what is in its table in the end.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use azurite::{ACCOUNT, Azurite};
use sim::Sums;

use super::account::{Account, Growing};
use crate::batch::signal;
use crate::golden::flowglass;
use crate::kills::held;

/// On a busy machine, with a storm in between.
const PATIENCE: Duration = Duration::from_secs(240);
/// A collector that was told to end has ended.
const END_MAX: Duration = Duration::from_secs(25);

/// How collectors are started.
pub(super) struct Collecting {
    /// Where they run; what they say is in `collect.log`.
    pub(super) folder: PathBuf,
    container: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    table: String,
    in_account: bool,
    seed: u64,
    log: String,
}

/// One that runs. It is killed when it is dropped.
pub(super) struct Collector {
    pub(super) child: Child,
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Collecting {
    /// Of an account's container into `table` in a folder, lists every second.
    pub(super) fn new(azurite: &Azurite, account: &Account, folder: &Path, seed: u64) -> Self {
        let mut collecting = Self {
            folder: folder.to_owned(),
            container: format!("az://{ACCOUNT}/{}", account.name),
            arguments: Vec::new(),
            variables: Vec::new(),
            table: "table".to_owned(),
            in_account: false,
            seed,
            log: "collect.log".to_owned(),
        };
        collecting.at(&azurite.blob_endpoint(), &azurite.queue_endpoint());
        collecting
    }

    /// Where blobs and messages are asked for.
    pub(super) fn at(&mut self, blobs: &str, messages: &str) {
        self.variables.clear();
        self.set("AZURE_STORAGE_BLOB_ENDPOINT", blobs);
        self.set("AZURE_STORAGE_QUEUE_ENDPOINT", messages);
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments
            .extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// By notices, too.
    pub(super) fn with_queue(self, account: &Account) -> Self {
        self.with_queue_called(&account.name)
    }

    /// By notices of any queue.
    pub(super) fn with_queue_called(self, name: &str) -> Self {
        let queue = format!("azq://{ACCOUNT}/{name}");
        self.with(&["--queue", &queue])
    }

    /// The container's address with a signature.
    pub(super) fn signed(mut self, endpoint: &str, account: &Account) -> Self {
        self.container = format!("{endpoint}/{}?{}", account.name, account.signature());
        self
    }

    /// Follows something else than the container: what is typed in its place.
    pub(super) fn following(mut self, what: &str) -> Self {
        what.clone_into(&mut self.container);
        self
    }

    /// The table is in the account.
    pub(super) fn in_account(mut self, account: &Account) -> Self {
        self.in_account = true;
        self.table = format!("az://{ACCOUNT}/{}-table/t", account.name);
        self
    }

    /// What it says goes into a file of its own.
    pub(super) fn saying_in(mut self, log: &str) -> Self {
        self.log = log.to_owned();
        self
    }

    /// The tuples that it says it has stored.
    pub(super) fn stored(&self) -> u64 {
        let said = self.said();
        let lines = said.lines().filter(|line| line.contains(" stored version="));
        let tuples = lines.filter_map(|line| line.rsplit_once(" tuples=")?.1.trim().parse::<u64>().ok());
        tuples.sum()
    }

    /// The table is elsewhere until the end.
    pub(super) fn into_table(mut self, table: &str) -> Self {
        self.table = table.to_owned();
        self
    }

    pub(super) fn container(&self) -> &str {
        &self.container
    }

    pub(super) fn table(&self) -> &str {
        &self.table
    }

    /// How the account is found.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What starts one.
    pub(super) fn command(&self) -> std::process::Command {
        let mut command = flowglass();
        command
            .current_dir(&self.folder)
            .args(["collect", &self.container, "--table", &self.table])
            .args(&self.arguments);
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command.envs(variables);
        command
    }

    pub(super) fn start(&self) -> Collector {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .unwrap();
        let mut command = self.command();
        command.stdout(Stdio::from(log.try_clone().unwrap())).stderr(log);
        let child = command.spawn().unwrap();
        Collector { child }
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join(&self.log)
    }

    /// What was said so far.
    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Waits until something is so. Panics if it is not.
    pub(super) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < until, "{}", self.failure(what));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until something is said. Panics if it is not.
    pub(super) fn until_said(&self, what: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.said().contains(what) {
            assert!(
                Instant::now() < until,
                "{}",
                self.failure(&format!("`{what}` is not said"))
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it answers under `--listen 127.0.0.1:0`, such as its metrics.
    pub(super) fn asked(&self, path: &str) -> String {
        const BEFORE: &str = "address=127.0.0.1:";
        self.until_said(BEFORE);
        let said = self.said();
        let (_, rest) = said.rsplit_once(BEFORE).unwrap();
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Waits until the one that runs says that it has stored everything, where nobody else can see its table.
    pub(super) fn until_it_says_stored(&self, growing: &Growing) {
        let until = Instant::now() + PATIENCE;
        let wanted = format!(
            "flowglass_tuples_total{{what=\"stored\"}} {}\n",
            growing.truth.tuples
        );
        while !self.asked("/metrics").contains(&wanted) {
            assert!(
                Instant::now() < until,
                "{}",
                self.failure(&format!("not `{wanted}`"))
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// What went wrong, with what replays it.
    pub(super) fn failure(&self, what: &str) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines[lines.len().saturating_sub(40)..].join("\n");
        format!(
            "FLOWGLASS_SEED={}: {what}; the collector said last:\n{last}",
            self.seed
        )
    }

    /// What the table holds; none if there is no table yet. In no row the same entry twice.
    pub(super) fn held(&self, account: &Account) -> Option<Sums> {
        if self.in_account {
            account.fetch_table(&self.folder.join("table"));
        }
        held(&self.folder)
    }

    /// Waits until the table holds as many tuples as the truth has.
    pub(super) fn until_stored(&self, account: &Account, growing: &Growing) {
        let until = Instant::now() + PATIENCE;
        loop {
            let held = self.held(account).map_or(0, |sums| sums.tuples);
            if held >= growing.truth.tuples {
                return;
            }
            let wanted = growing.truth.tuples;
            let what = format!("{held} of {wanted} tuples are stored");
            assert!(Instant::now() < until, "{}", self.failure(&what));
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// What is stored is the truth: its sums as the world has them, each row as an ingest of the whole blobs stores it.
    pub(super) fn is_true(&self, account: &Account, growing: &Growing) {
        let held = self.held(account);
        assert_eq!(
            held,
            Some(growing.truth),
            "{}",
            self.failure("stored is not the truth")
        );
        growing.write(&self.folder.join("whole"));
        let ingested = flowglass()
            .current_dir(&self.folder)
            .args(["ingest", "whole", "--table", "plain"])
            .output()
            .unwrap();
        assert!(
            ingested.status.success(),
            "{}",
            String::from_utf8_lossy(&ingested.stderr)
        );
        let (stored, plain) = (rows(&self.folder, "table"), rows(&self.folder, "plain"));
        let different = stored.iter().zip(&plain).find(|(stored, plain)| stored != plain);
        assert_eq!(
            different,
            None,
            "{}",
            self.failure("a row is not as it should be")
        );
        assert_eq!(stored.len(), plain.len());
        let check = flowglass()
            .current_dir(&self.folder)
            .args(["table", "check", "--deep", "--table", "table"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&check.stdout);
        assert!(check.status.success(), "{}", self.failure(&said));
    }

    /// Waits for the truth, ends the collector as services are ended, and looks at every row.
    pub(super) fn finish(&self, collector: Collector, account: &Account, growing: &Growing) {
        self.until_stored(account, growing);
        // Whoever stores something twice does it now.
        std::thread::sleep(Duration::from_millis(1500));
        self.ends_well(collector);
        self.is_true(account, growing);
    }

    /// Ends a collector with SIGTERM: it does so, within seconds, and well.
    pub(super) fn ends_well(&self, collector: Collector) {
        let code = self.ends(collector);
        assert_eq!(code, Some(0), "{}", self.failure("it did not end well"));
    }

    /// Ends a collector with SIGTERM, within seconds: how it ended.
    pub(super) fn ends(&self, mut collector: Collector) -> Option<i32> {
        signal("-TERM", &collector.child);
        let until = Instant::now() + END_MAX;
        loop {
            match collector.child.try_wait().unwrap() {
                Some(status) => return status.code(),
                None if Instant::now() > until => panic!("{}", self.failure("it does not end")),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Kills a collector. False if it had ended before, which only outages let it do.
    pub(super) fn kill(&self, mut collector: Collector) -> bool {
        collector.child.kill().unwrap();
        let status = collector.child.wait().unwrap();
        assert!(
            was_killed(status) || status.code() == Some(3),
            "{}",
            self.failure(&status.to_string())
        );
        was_killed(status)
    }
}

fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}

/// Every stored column of every row but the number of its source, in a fixed order.
pub(super) fn rows(folder: &Path, table: &str) -> Vec<String> {
    let columns = model::columns::FLOWS.stored_columns().map(|column| column.name);
    let columns: Vec<&str> = columns.filter(|name| *name != "SourceId").collect();
    let output = flowglass()
        .current_dir(folder)
        .args(["query", "--table", table, "--format", "csv", "--sql"])
        .arg(format!("SELECT FlowId, {} FROM Flows", columns.join(", ")))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    rows.sort_unstable();
    rows
}
