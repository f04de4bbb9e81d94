//! Azurite as a process of its own: started on free ports with a folder of its own, stopped, killed, started again.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The account of every emulator, and its key, which is published.
/// <https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>
pub const ACCOUNT: &str = "devstoreaccount1";
/// Its key.
pub const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const PROGRAM: &str = "node_modules/azurite/dist/src/azurite.js";
/// A cold start on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);
/// It writes its lists of blobs while it stops.
const STOP_MAX: Duration = Duration::from_secs(30);
const STARTS_MAX: usize = 5;

/// Loaded into the program before it. It ends with whoever started it, even where that was killed; and when it is told to
/// stop it does not wait for connections that are kept open.
const WATCH: &str = "\
const http = require('http');
const servers = new Set();
const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function (...given) {
  servers.add(this);
  return listen.apply(this, given);
};
process.stdin.on('end', () => process.exit(1));
process.stdin.on('data', () => {
  process.kill(process.pid, 'SIGTERM');
  setInterval(() => servers.forEach((server) => server.closeAllConnections()), 20).unref();
});
process.stdin.unref();
";

/// An emulator. It ends when it is dropped, or when this process does.
#[derive(Debug)]
pub struct Azurite {
    program: PathBuf,
    folder: TempDir,
    blob_port: u16,
    queue_port: u16,
    table_port: u16,
    child: Option<Child>,
}

impl Azurite {
    /// Starts one. None, said aloud, where `node` or the emulator is not installed.
    ///
    /// # Panics
    /// If it is installed and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        match Self::started() {
            Ok(azurite) => Some(azurite),
            Err(reason) => {
                skipped(&reason);
                None
            }
        }
    }

    /// One for all tests of a process that do not stop it. None, said aloud by each, where it is not installed.
    ///
    /// # Panics
    /// If it is installed and does not start.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Azurite, String>> = OnceLock::new();
        match SHARED.get_or_init(Self::started) {
            Ok(azurite) => Some(azurite),
            Err(reason) => {
                skipped(reason);
                None
            }
        }
    }

    /// One that runs, or why none is installed.
    fn started() -> Result<Self, String> {
        let program = installed()?;
        let mut last = String::new();
        for _ in 0..STARTS_MAX {
            // Somebody else may take a port between now and then.
            match Self::new(program.clone()).and_then(|mut azurite| azurite.run().map(|()| azurite)) {
                Ok(azurite) => return Ok(azurite),
                Err(reason) => last = reason,
            }
        }
        failed(&format!("azurite does not start: {last}"))
    }

    fn new(program: PathBuf) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        std::fs::write(folder.path().join("watch.js"), WATCH).map_err(|error| error.to_string())?;
        let listeners: Vec<TcpListener> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0"))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let ports: Vec<u16> = listeners
            .iter()
            .filter_map(|listener| Some(listener.local_addr().ok()?.port()))
            .collect();
        let [blob_port, queue_port, table_port] =
            <[u16; 3]>::try_from(ports).map_err(|_| "there are no free ports".to_owned())?;
        Ok(Self {
            program,
            folder,
            blob_port,
            queue_port,
            table_port,
            child: None,
        })
    }

    fn run(&mut self) -> Result<(), String> {
        let port = |port: u16| port.to_string();
        let log = self.folder.path().join("azurite.log");
        let out = std::fs::File::create(&log).map_err(|error| error.to_string())?;
        let err = out.try_clone().map_err(|error| error.to_string())?;
        let child = Command::new("node")
            .arg("--require")
            .arg(self.folder.path().join("watch.js"))
            .arg(&self.program)
            .args(["--silent", "--disableTelemetry", "--location"])
            .arg(self.folder.path().join("data"))
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port(self.blob_port)])
            .args(["--queueHost", "127.0.0.1", "--queuePort", &port(self.queue_port)])
            .args(["--tableHost", "127.0.0.1", "--tablePort", &port(self.table_port)])
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|error| error.to_string())?;
        let child = self.child.insert(child);
        let until = Instant::now() + START_MAX;
        let ports = [self.blob_port, self.queue_port];
        while !ports
            .iter()
            .all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        {
            let is_over = !matches!(child.try_wait(), Ok(None));
            if is_over || Instant::now() > until {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                self.kill();
                return Err(said);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // Somebody else may be answering at a port that it did not get.
        std::thread::sleep(Duration::from_millis(100));
        match child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(std::fs::read_to_string(&log).unwrap_or_default()),
        }
    }

    /// Where its blobs are, such as `http://127.0.0.1:4000/devstoreaccount1`.
    #[must_use]
    pub fn blob_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/{ACCOUNT}", self.blob_port)
    }

    /// Where its queues are.
    #[must_use]
    pub fn queue_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/{ACCOUNT}", self.queue_port)
    }

    /// The port of its blobs.
    #[must_use]
    pub const fn blob_port(&self) -> u16 {
        self.blob_port
    }

    /// The port of its queues.
    #[must_use]
    pub const fn queue_port(&self) -> u16 {
        self.queue_port
    }

    /// Stops it so that it keeps everything.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let until = Instant::now() + STOP_MAX;
        if let Some(stdin) = &mut child.stdin {
            let _ = stdin.write_all(b"stop\n");
            let _ = stdin.flush();
        }
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > until {
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it at once. It writes its lists every few seconds only: unlike Azure, it may forget what it said that it had
    /// written.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again, on the same ports, with what it kept.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        self.stop();
        if let Err(reason) = self.run() {
            failed(&format!("azurite does not start again: {reason}"))
        }
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program, or why there is none.
fn installed() -> Result<PathBuf, String> {
    let is_there = Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !is_there.is_ok_and(|status| status.success()) {
        return Err("the program `node` is not in PATH (Debian: `apt-get install nodejs npm`)".to_owned());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let own = std::env::var_os("CARGO_TARGET_DIR").map(|target| root.join(target));
    let places = own.into_iter().chain([root.join("target")]);
    let mut programs = places.map(|target| target.join("azurite").join(PROGRAM));
    programs.find(|program| program.is_file()).ok_or_else(|| {
        "azurite is not installed; `cargo xtask azurite` installs it under `target/azurite`".to_owned()
    })
}

#[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
fn skipped(reason: &str) {
    let thread = std::thread::current();
    println!("skipped: {}: {reason}", thread.name().unwrap_or("azurite"));
}

#[expect(clippy::panic, reason = "it is run by tests only")]
pub(crate) fn failed(reason: &str) -> ! {
    panic!("{reason}")
}
