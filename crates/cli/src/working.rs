//! Running asynchronous work from a command: threads, Ctrl-C and SIGTERM, and failures in the user's words.
//!
//! Both mean the same. The first asks the work to stop where it is whole; the second ends the program.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::time::Duration;

use engine::{Engine, EngineError, Facts, FactsSnapshot, QueryContext};
use enrich::{Databases, Library, Spoken};
use ingest::IngestError;
use model::facts::FactSet;
use table::{FactsFile, Rollups, Table, TableError};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failure};
use crate::message::{Grade, Message};
use crate::session::Session;

/// What was asked to end has so long; then it is left where it is. Services are given thirty seconds by most who run them.
const END_MAX: Duration = Duration::from_secs(15);
/// The same for what has a grace of its own within it.
pub(crate) const LONG_END_MAX: Duration = Duration::from_secs(25);
/// What takes longer to end than this says that it does.
const END_QUIET: Duration = Duration::from_secs(1);

/// Runs work to its end, cancelled by Ctrl-C or SIGTERM.
pub(crate) fn run<T, F>(session: &Session, work: impl FnOnce(CancellationToken) -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    run_within(session, END_MAX, work)
}

/// The same; once it is cancelled it has so long to end.
pub(crate) fn run_within<T, F>(
    session: &Session,
    end_max: Duration,
    work: impl FnOnce(CancellationToken) -> F,
) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let runtime = runtime(session)?;
    let cancel = CancellationToken::new();
    // Listens before the work begins: what is begun first is cleared away as well.
    let listening = runtime.block_on(async { Endings::listen() });
    let listening = listening.ok().map(|mut endings| {
        let stop = cancel.clone();
        let ending = Ending {
            waiting: session.waiting.clone(),
            color: session.terminal.color_stderr,
        };
        runtime.spawn(async move {
            endings.next().await;
            stop.cancel();
            tokio::select! {
                () = endings.next() => ending.say(&Ending::at_once()),
                () = ending.overdue(end_max) => (),
            }
            // Nothing is half stored, whenever that is: see docs/adr/0003-exactly-once.md.
            std::process::exit(i32::from(Exit::Outside.number()));
        })
    });
    let done = runtime.block_on(work(cancel));
    if let Some(listening) = listening {
        listening.abort();
    }
    // Threads that were told to stop need not be waited for. Nor are their tasks taken from them: the Delta library's threads
    // take that for a crash, and what is left of them ends with the program, a moment later.
    let _ = ManuallyDrop::new(runtime);
    done
}

/// What is said while work that was cancelled does not end.
struct Ending {
    waiting: net::Waiting,
    color: bool,
}

impl Ending {
    async fn overdue(&self, end_max: Duration) {
        tokio::time::sleep(END_QUIET).await;
        let secs = end_max.as_secs();
        let text = format!(
            "told to end; what is under way has up to {secs} s, and a second signal ends it at once{}",
            self.silent()
        );
        self.say(&Message::new(Grade::Note, text));
        tokio::time::sleep(end_max.saturating_sub(END_QUIET)).await;
        let text = format!(
            "it did not end within {secs} s, and was left where it was{}",
            self.silent()
        );
        self.say(&Message::new(Grade::Error, text).hint(LEFT));
    }

    fn at_once() -> Message {
        Message::new(Grade::Error, "ended at once by a second signal").hint(LEFT)
    }

    /// Who keeps it waiting.
    fn silent(&self) -> String {
        let silent = self.waiting.silent_for(END_QUIET).into_iter();
        let silent: Vec<String> = silent
            .map(|(place, time)| format!("`{place}` has not answered for {} s", time.as_secs()))
            .collect();
        match silent.is_empty() {
            true => String::new(),
            false => format!(": {}", silent.join(", ")),
        }
    }

    /// As the command says all else.
    fn say(&self, message: &Message) {
        if tracing::dispatcher::has_been_set() {
            tracing::warn!("{}", message.text);
        } else {
            let _ = message.write(&mut std::io::stderr().lock(), self.color);
        }
    }
}

const LEFT: &str = "what was committed is safe, and nothing is half stored; run it again to go on";

/// Threads for work that waits, for who waits for them from outside.
pub(crate) fn runtime(session: &Session) -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads(session))
        .enable_all()
        .build()
        .map_err(|error| Failure::outside(format!("cannot start threads: {error}")))
}

/// Ctrl-C, and SIGTERM, which services and containers are ended with: what is half written is cleared away.
#[cfg(unix)]
struct Endings {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Endings {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}

/// Ctrl-C.
#[cfg(windows)]
struct Endings(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Endings {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

/// Work that knows nothing of Ctrl-C, and that may be left where it is when that comes: it only looks, or
/// what it leaves is whole. It has a thread of its own, so that what it decodes in one go holds nobody up.
pub(crate) async fn or_cancelled<T, F>(cancel: &CancellationToken, what: &str, work: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work));
    tokio::select! {
        done = done => Ok(done.map_err(|error| Failure::bug(error.to_string()))?),
        () = cancel.cancelled() => Err(Failure::outside(format!("{what} was cancelled"))
            .hint("run it again when it may finish")
            .into()),
    }
}

/// Threads that the settings allow.
pub(crate) fn threads(session: &Session) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    session.settings.threads.value.unwrap_or_else(cores)
}

/// The snapshots of facts beside a table, the oldest first, each with its file.
pub(crate) type Known = Vec<(FactsFile, FactsSnapshot)>;

/// The query engine over a table as it stands, or as it was at an earlier version.
pub(crate) async fn engine(table: &Table, version: Option<i64>) -> Result<Engine, Failure> {
    engine_of(table, version, facts_files(table).await?).await
}

/// The same, with facts that were read before.
pub(crate) async fn engine_of(table: &Table, version: Option<i64>, known: Known) -> Result<Engine, Failure> {
    let snapshots = match version {
        None => table.snapshots().await,
        Some(version) => table.snapshots_at(model::TableVersion(version)).await,
    };
    let snapshots = snapshots.map_err(table_failure)?;
    let rollups = rollups(table, &files_of(&known)).await?;
    let catalog = engine::Catalog {
        snapshots,
        facts: Facts::new(known.into_iter().map(|(_, snapshot)| snapshot).collect())
            .with_library(library(table)),
        rollups: Some(rollups),
    };
    Engine::new(catalog).map_err(|error| engine_failure(&error))
}

/// What is kept by the hour, as it holds for the table as it stands.
pub(crate) async fn rollups(table: &Table, facts: &[FactsFile]) -> Result<Rollups, Failure> {
    let rollups = table.rollups(&engine::rollup_definition(), facts).await;
    rollups.map_err(table_failure)
}

/// The databases of addresses that are kept beside a table.
pub(crate) fn library(table: &Table) -> Library {
    let table = table.clone();
    Library::new(move |about| {
        let bytes = table.read_database_now(&about.hash);
        bytes.map(Vec::from).map_err(|error| error.to_string())
    })
}

/// The databases of addresses that facts name. Where one cannot be read that is said, and the rest is told all the same.
pub(crate) fn databases(session: &Session, library: &Library, facts: &FactSet) -> Databases {
    library.of(facts).unwrap_or_else(|error| {
        session.say(&Message {
            hint: Some(error.hint().to_owned()),
            ..Message::new(Grade::Warning, error.to_string())
        });
        Databases::default()
    })
}

/// The snapshots of facts beside a table, the oldest first, each with its file, which says whether it holds before its time.
pub(crate) async fn facts_files(table: &Table) -> Result<Known, Failure> {
    let mut snapshots = Vec::new();
    for file in table.facts().await.map_err(table_failure)? {
        let text = table.read_facts(&file).await.map_err(table_failure)?;
        let snapshot = FactsSnapshot {
            taken: file.taken_micros,
            hash: file.hash.clone(),
            text,
        };
        snapshots.push((file, snapshot));
    }
    mark_early(&mut snapshots);
    Ok(snapshots)
}

/// The files of these facts.
pub(crate) fn files_of(known: &[(FactsFile, FactsSnapshot)]) -> Vec<FactsFile> {
    known.iter().map(|(file, _)| file.clone()).collect()
}

/// Marks what holds before its own time. A single snapshot always does, and nobody needs to know that.
fn mark_early(snapshots: &mut [(FactsFile, FactsSnapshot)]) {
    if snapshots.len() < 2 {
        return;
    }
    // What cannot be read is told to who asks for a name.
    let spoken = snapshots.iter();
    let spoken = spoken.map(|(_, snapshot)| Spoken::read(&snapshot.text).unwrap_or_default());
    let early = Spoken::early(&spoken.collect::<Vec<_>>());
    for ((file, _), is_early) in snapshots.iter_mut().zip(early) {
        file.is_early = is_early;
    }
}

/// Who asks, and how much they may use.
pub(crate) fn context(session: &Session, cancel: CancellationToken) -> QueryContext {
    let mut context = QueryContext::new(engine::Principal("local".to_owned()), session.now);
    context.limits.memory_bytes = usize::try_from(session.settings.memory_bytes.value).unwrap_or(usize::MAX);
    context.limits.partitions = threads(session);
    context.cancel = cancel;
    context
}

/// A table's failure as the user meets it.
#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub(crate) fn table_failure(error: TableError) -> Failure {
    let exit = match error {
        TableError::Missing { .. } | TableError::Newer { .. } | TableError::Foreign { .. } => Exit::Usage,
        _ => Exit::Outside,
    };
    Failure {
        exit,
        code: Some(error.code()),
        message: error.to_string(),
        hint: Some(error.hint().to_owned()),
    }
}

/// An ingest's failure as the user meets it.
pub(crate) fn ingest_failure(error: IngestError) -> Failure {
    let (code, message, hint) = (error.code(), error.to_string(), error.hint().to_owned());
    match error {
        IngestError::Table(error) => table_failure(error),
        IngestError::Thread(_) => Failure {
            exit: Exit::Bug,
            code,
            message,
            hint: Some(hint),
        },
        IngestError::Cancelled | IngestError::List { .. } => Failure {
            exit: Exit::Outside,
            code,
            message,
            hint: Some(hint),
        },
    }
}

/// A query's failure as the user meets it.
pub(crate) fn engine_failure(error: &EngineError) -> Failure {
    let exit = match error {
        EngineError::Syntax { .. } | EngineError::Name { .. } | EngineError::Write { .. } => Exit::Usage,
        _ => Exit::Outside,
    };
    Failure {
        exit,
        code: Some(error.code()),
        message: error.to_string(),
        hint: error.hint(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn work_that_holds_its_thread_is_left_when_cancelled() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let (begun, cancel) = (Instant::now(), CancellationToken::new());
        let (asked, hold) = (cancel.clone(), Duration::from_secs(60));
        let work = async move {
            asked.cancel();
            std::thread::sleep(hold);
        };
        let error = runtime
            .block_on(or_cancelled(&cancel, "the check", work))
            .unwrap_err();
        runtime.shutdown_background();
        let failure = crate::exit::failure_of(error);
        assert_eq!(
            (failure.exit, failure.message.as_str()),
            (Exit::Outside, "the check was cancelled")
        );
        assert!(begun.elapsed() < hold);
    }

    #[test]
    fn work_that_ends_is_given_back() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let done = runtime.block_on(or_cancelled(&CancellationToken::new(), "it", async { 7 }));
        assert_eq!(done.unwrap(), 7);
    }
}
