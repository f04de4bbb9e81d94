//! The collectors of one table: each shows that it lives, and sees who else does (docs/adr/0018-sharing.md).
//!
//! Somebody is out when its beat has stood still for three beats, as its observer has seen it: no clock of another machine is
//! asked. What comes of it is for speed only. Two who both take a shard for theirs read it both, and the table takes it once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use table::{Collector, Collectors, FoundCollector};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::process::Process;
use super::split::{Follower, Split};
use super::{CollectOptions, Events};

/// Beats that somebody may miss.
const MISSED_MAX: u32 = 3;
/// A file whose beat stands still for so long is removed.
const MISSED_BEFORE_REMOVAL: u32 = 2 * MISSED_MAX;
/// At the end, the own file may take so long to remove.
const PARTING: Duration = Duration::from_secs(3);
/// A beat that a file claims is taken for no longer than this.
const BEAT_MAX: Duration = Duration::from_secs(300);

/// What fails where the others cannot be seen.
const OTHERS: &str = "the other collectors";

/// What is one's own, for those who look and store.
pub(super) type Shares = watch::Receiver<Arc<Split>>;

/// The others, and oneself.
pub(super) struct Members {
    collectors: Collectors,
    own: Collector,
    process: Process,
    beat: Duration,
    seen: BTreeMap<String, Seen>,
    /// Who was there at the last look.
    there: BTreeSet<String>,
    split: watch::Sender<Arc<Split>>,
    /// It failed to look the last time.
    is_blind: bool,
    events: Arc<dyn Events>,
}

/// What was seen of another one.
struct Seen {
    /// Its beat, and when its file was written.
    beat: (u64, i64),
    /// Since when it stands still.
    since: Instant,
}

impl Members {
    /// Of a table whose sources are followed by this one. As long as nobody was seen, all is its own.
    pub(super) fn new(
        collectors: Collectors,
        sources: Vec<String>,
        options: &CollectOptions,
        events: Arc<dyn Events>,
    ) -> (Self, Shares) {
        let process = Process::own();
        let (split, shares) = watch::channel(Arc::new(Split::alone(&sources)));
        let own = Collector {
            name: options.name.clone(),
            machine: process.machine.clone(),
            process: process.number,
            began: process.began,
            beat: 0,
            beat_millis: u64::try_from(options.beat.as_millis()).unwrap_or(u64::MAX),
            sources,
        };
        let members = Self {
            collectors,
            own,
            process,
            beat: options.beat,
            seen: BTreeMap::new(),
            there: BTreeSet::new(),
            split,
            is_blind: false,
            events,
        };
        (members, shares)
    }

    /// Goes on beating after the first time, for as long as it is asked to.
    pub(super) async fn run(mut self) {
        let mut next = Instant::now();
        loop {
            next = Instant::now().max(next + self.beat);
            sleep_until(next).await;
            self.once().await;
        }
    }

    /// Shows that it lives, and looks who else does. What fails is tried again with the next beat, and all stays as it was.
    pub(super) async fn once(&mut self) {
        self.own.beat += 1;
        let seen = async {
            self.collectors.beat(&self.own).await?;
            self.collectors.found().await
        };
        match seen.await {
            Ok(found) => {
                if std::mem::take(&mut self.is_blind) {
                    self.events.works(OTHERS);
                }
                let others = self.living(found, Instant::now()).await;
                self.share(&others);
            }
            Err(error) => {
                self.is_blind = true;
                self.events.waits(OTHERS, &error.to_string(), self.beat);
            }
        }
    }

    /// Ends: the others need not wait for its beat.
    pub(super) fn leaving(&self) -> impl Future<Output = ()> + use<> {
        let (collectors, name) = (self.collectors.clone(), self.own.name.clone());
        async move {
            // A file that stays is removed by whoever finds it.
            let _ = timeout(PARTING, collectors.remove(&name)).await;
        }
    }

    /// The others who live. Files of those who do not are cleared away.
    async fn living(&mut self, found: Vec<FoundCollector>, now: Instant) -> Vec<Follower> {
        let own_millis = found.iter().find(|file| file.name == self.own.name);
        let own_millis = own_millis.map(|file| file.written_millis);
        self.seen
            .retain(|name, _| found.iter().any(|file| file.name == *name));
        let mut living = Vec::new();
        for file in found {
            if file.name == self.own.name {
                continue;
            }
            let pause = self.stands_still(&file, own_millis, now);
            let beat = file.collector.as_ref().map_or(self.beat, beat_of);
            let has_ended = file.collector.as_ref().is_some_and(|other| self.has_ended(other));
            if has_ended || pause > beat * MISSED_BEFORE_REMOVAL {
                // Who comes to itself writes it again.
                let _ = self.collectors.remove(&file.name).await;
            }
            let Some(other) = file
                .collector
                .filter(|_| !has_ended && pause <= beat * MISSED_MAX)
            else {
                continue;
            };
            living.push(Follower {
                name: other.name,
                sources: other.sources,
            });
        }
        living
    }

    /// How long the beat of another one has not changed.
    fn stands_still(&mut self, file: &FoundCollector, own_millis: Option<i64>, now: Instant) -> Duration {
        let beat = file.collector.as_ref().map_or(0, |other| other.beat);
        let beat = (beat, file.written_millis);
        let since = match self.seen.get(&file.name) {
            Some(seen) if seen.beat == beat => seen.since,
            Some(_) => now,
            // Of one that is seen for the first time the store tells when it beat last: it wrote both files.
            None => {
                let age = own_millis.map_or(0, |own| own.saturating_sub(file.written_millis));
                let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
                now.checked_sub(age).unwrap_or(now)
            }
        };
        self.seen.insert(file.name.clone(), Seen { beat, since });
        now.saturating_duration_since(since)
    }

    fn has_ended(&self, other: &Collector) -> bool {
        self.process.knows_the_end_of(&Process {
            machine: other.machine.clone(),
            number: other.process,
            began: other.began,
        })
    }

    /// Deals anew, and tells who came and went.
    fn share(&mut self, others: &[Follower]) {
        let there: BTreeSet<String> = others.iter().map(|other| other.name.clone()).collect();
        for name in there.difference(&self.there) {
            self.events.collector(name, true);
        }
        for name in self.there.difference(&there) {
            self.events.collector(name, false);
        }
        self.there = there;
        let own = Follower {
            name: self.own.name.clone(),
            sources: self.own.sources.clone(),
        };
        let split = Split::of(&own, others);
        for (source, shards) in split.sources() {
            self.events.shares(split.collectors, source, shards.count());
        }
        self.split.send_if_modified(|held| {
            let is_other = **held != split;
            *held = Arc::new(split);
            is_other
        });
    }
}

fn beat_of(other: &Collector) -> Duration {
    Duration::from_millis(other.beat_millis).min(BEAT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Noticed;

    struct Nobody;

    impl crate::Progress for Nobody {
        fn begin(&self, _: usize, _: u64) {}
        fn bytes(&self, _: u64) {}
        fn source(&self, _: &crate::SourceOutcome) {}
        fn committed(&self, _: i64) {}
    }

    impl Events for Nobody {
        fn noticed(&self, _: &str, _: Noticed<'_>, _: bool) {}
        fn not_ours(&self, _: &str, _: usize) {}
        fn table_inside(&self, _: &str) {}
        fn collector(&self, _: &str, _: bool) {}
        fn shares(&self, _: usize, _: &str, _: usize) {}
    }

    fn other(name: &str, beat_millis: u64) -> Collector {
        Collector {
            name: name.to_owned(),
            machine: "elsewhere".to_owned(),
            process: 1,
            began: 1,
            beat: 7,
            beat_millis,
            sources: vec!["az://a/c/".to_owned()],
        }
    }

    fn options() -> CollectOptions {
        CollectOptions::new(crate::IngestOptions {
            threads: 1,
            allow_duplicates: false,
            verify: false,
            commit_bytes: 1,
            records_max: 1,
            partitions_max: 1,
            rows: Arc::default(),
            clock: Arc::new(|| 0),
            seed: 1,
        })
    }

    #[tokio::test]
    async fn who_lives_is_told_by_beats_and_at_first_by_the_times_of_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let table = table::Table::open_or_create(folder.path()).await.unwrap();
        let collectors = table.collectors();
        collectors.beat(&other("dead", 5)).await.unwrap();
        collectors.beat(&other("alive", 60_000)).await.unwrap();
        std::fs::write(folder.path().join("_collectors/strange.json"), "{").unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let sources = vec!["az://a/c/".to_owned()];
        let (mut members, shares) = Members::new(collectors.clone(), sources, &options(), Arc::new(Nobody));
        assert_eq!(shares.borrow().collectors, 1);
        members.once().await;
        assert_eq!(shares.borrow().collectors, 2);
        assert!(members.there.contains("alive"));
        // What stood still for long is cleared away; what is not understood is left alone for a while.
        let found = collectors.found().await.unwrap();
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
        assert!(
            !names.contains(&"dead") && names.contains(&"strange"),
            "{names:?}"
        );
        // It beats again, and then no more.
        let mut late = other("late", 40);
        for _ in 0..3 {
            late.beat += 1;
            collectors.beat(&late).await.unwrap();
            members.once().await;
            assert!(members.there.contains("late"));
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        members.once().await;
        assert!(!members.there.contains("late"));
        members.leaving().await;
        let found = collectors.found().await.unwrap();
        assert!(found.iter().all(|file| file.name != members.own.name));
    }
}
