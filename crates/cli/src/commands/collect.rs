//! `flowglass collect`: follows storage accounts for ever, and stores what comes.

mod check;
pub(super) mod flow_logs;
mod lacks;
mod named;
mod opened;
mod price;
mod queues;
mod repeats;
mod told;
mod upkeep;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use azure::storage::{Blobs, Queue};
use clap::ValueEnum;
use ingest::{AzureContainer, AzureNotices, CollectOptions, Container, Events, Notices, Watched, collect};
use tokio_util::sync::CancellationToken;

use super::Run;
use super::ingest::{again, options};
use crate::account::{AccountFlags, Accounts};
use crate::arguments::{EffortFlags, HELP, TableFlag, whole_number};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::working::{self, ingest_failure};
use flow_logs::Following;
use told::Told;
use upkeep::UpkeepFlags;

const EXAMPLES: &str = "\
Examples:
  flowglass collect az://account/insights-logs-flowlogflowevent
  flowglass collect az://one/logs az://two/logs --table az://three/flows
  flowglass collect az://account/logs --queue azq://account/notices
  flowglass collect --discover --check     can everything be reached? the price?
";

const AFTER: &str = "\
Interrupt it whenever you like: what is whole is committed. Several share the
work. docs/collect.md has the permissions, metrics and prices.";

/// Follows storage accounts, and stores what comes.
#[derive(Debug, clap::Args)]
#[command(mut_arg("memory", |flag| flag.hide(true)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// Containers, such as az://account/insights-logs-flowlogflowevent
    #[arg(value_name = "ADDRESS", required_unless_present = "discover")]
    addresses: Vec<String>,
    /// Also where flow logs of the facts write to
    #[arg(long)]
    discover: bool,
    /// Event Grid's notices, such as azq://account/queue
    #[arg(long, value_name = "ADDRESS")]
    queue: Vec<String>,
    /// Seconds between two looks [30, with a queue 600]
    #[arg(long, value_name = "SECONDS", value_parser = whole_number::<u32>)]
    poll: Option<u32>,
    /// Minutes an hour grows after its end [default: 120]
    #[arg(long, value_name = "MINUTES", value_parser = named::look_back)]
    look_back: Option<u32>,
    /// Look whether all is reached, and what it costs
    #[arg(long)]
    check: bool,
    /// Only read these hours again and replace them
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["check", "discover"])]
    replay: Option<String>,
    /// Seconds between two signs to the others that it lives
    #[arg(long, value_name = "SECONDS", value_parser = whole_number::<u32>, hide = true)]
    beat: Option<u32>,
    /// Answer /healthz, /readyz, /metrics: 127.0.0.1:9464
    #[arg(long, value_name = "ADDR:PORT", value_parser = listened)]
    listen: Option<SocketAddr>,
    /// What it says is text or json
    #[arg(
        long,
        value_name = "FORM",
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true
    )]
    log: Log,
    #[command(flatten)]
    upkeep: UpkeepFlags,
    #[command(flatten)]
    account: AccountFlags,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

/// An address of this machine and a port; the error is their form, for the hint.
fn listened(typed: &str) -> Result<SocketAddr, &'static str> {
    typed.parse().map_err(|_| {
        "an address of this machine and a port: 127.0.0.1:9464, or 0.0.0.0:9464 to be asked from elsewhere"
    })
}

/// How it says what happens.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Log {
    Text,
    Json,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.table.flags(layer);
        self.effort.flags(layer);
        self.upkeep.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let accounts = Accounts::new(session, &self.account)?;
        let (blobs, queues) = named::places(session, &accounts, (&self.addresses, &self.queue))?;
        let collect_options = self.options(session);
        if self.check {
            let asked = self.asked(&accounts, (blobs, queues.as_slice()), &collect_options);
            return check::run(session, &asked);
        }
        let hours = self
            .replay
            .as_deref()
            .map(|typed| again::hours(session, typed))
            .transpose()?;
        told::say_as(session, matches!(self.log, Log::Json));
        let told = Arc::new(Told::new(accounts.client(), session.waiting.clone())?);
        let notices: Vec<Arc<dyn Notices>> = queues
            .into_iter()
            .map(|queue| AzureNotices::new(queue) as Arc<dyn Notices>)
            .collect();
        if let Some(hours) = hours {
            let from = blobs.into_iter().map(|blobs| {
                let prefix = blobs.place().prefix().to_owned();
                (AzureContainer::new(blobs) as Arc<dyn Container>, prefix)
            });
            let what = (Vec::new(), from.collect());
            let shown: Arc<dyn Events> = Arc::clone(&told) as _;
            let replayed = again::run(session, hours, what, &options(session), shown)?;
            return Ok(told.say_replayed(&replayed));
        }
        working::run_within(session, working::LONG_END_MAX, |cancel| async move {
            tokio::spawn(Arc::clone(&told).watch());
            // Whoever watches hears what it waits for.
            let ends = CancellationToken::new();
            if let Some(address) = self.listen {
                listen(address, &told, &ends).await?;
            }
            let Some(mut table) = opened::table(session, &told, &cancel).await? else {
                return Ok(Exit::Done);
            };
            let facts = self.discover.then(|| table.clone());
            let mut following = Following::new(&accounts, blobs, facts).await?;
            let events: Arc<dyn Events> = Arc::clone(&told) as _;
            let (events, upkeep) = self.upkeep.start(session, &table, &cancel, events);
            let stop = CancellationToken::new();
            let done = loop {
                following.say();
                let watched = watched(session, &following, !notices.is_empty());
                told.follows(&watched);
                // Ends when the facts know of other accounts, and is begun anew with those.
                let (round, over) = (cancel.child_token(), CancellationToken::new());
                let collecting = Box::pin(async {
                    let from = (watched, notices.clone());
                    let events = Arc::clone(&events);
                    let done = collect(&mut table, from, &collect_options, &round, &stop, events).await;
                    over.cancel();
                    done
                });
                let changed = following.until_changed(collect_options.poll, &round, &over);
                let (done, has_changed) = tokio::join!(collecting, changed);
                if done.is_err() || !has_changed || cancel.is_cancelled() {
                    break done;
                }
            };
            upkeep.end().await;
            ends.cancel();
            done.map_err(ingest_failure)?;
            Ok(told.say_sum())
        })
    }
}

impl Args {
    /// What a check looks at.
    fn asked<'a>(
        &self,
        accounts: &'a Accounts,
        (named, queues): (Vec<Blobs>, &'a [Queue]),
        options: &'a CollectOptions,
    ) -> check::Asked<'a> {
        check::Asked {
            accounts,
            named,
            queues,
            discovers: self.discover,
            options,
        }
    }

    fn options(&self, session: &Session) -> CollectOptions {
        let mut options = CollectOptions::new(options(session));
        if let Some(secs) = self.poll {
            let poll = Duration::from_secs(u64::from(secs.max(1)));
            (options.poll, options.poll_noticed) = (poll, poll);
        }
        if let Some(secs) = self.beat {
            options.beat = Duration::from_secs(u64::from(secs.max(1)));
        }
        if let Some(minutes) = self.look_back {
            options.look_back = Duration::from_secs(u64::from(minutes) * 60);
        }
        options
    }
}

/// The containers that are followed.
fn watched(session: &Session, following: &Following<'_>, is_noticed: bool) -> Vec<Watched> {
    let (containers, _) = following.containers();
    let watched = containers.into_iter().map(|blobs| Watched {
        is_noticed,
        prefix: blobs.place().prefix().to_owned(),
        container: UpkeepFlags::recent(session, AzureContainer::new(blobs)),
    });
    watched
        .inspect(|one| {
            tracing::info!(
                container = one.container.address(),
                prefix = one.prefix,
                "following"
            );
        })
        .collect()
}

/// Answers who watches the program.
async fn listen(address: SocketAddr, told: &Arc<Told>, ends: &CancellationToken) -> anyhow::Result<()> {
    let listener = server::Port::open(address).await;
    let listener = listener.map_err(|error| {
        Failure::outside(format!(
            "cannot listen on {address}: {}",
            table::io_reason(&error)
        ))
        .hint("choose another port with `--listen`")
    })?;
    let bound = listener.address().context("the address that is listened on")?;
    tracing::info!(address = %bound, "listening: /healthz, /readyz, /metrics");
    let vitals: Arc<dyn server::Vitals> = Arc::clone(told) as _;
    tokio::spawn(server::serve_vitals(listener, vitals, ends.clone()));
    Ok(())
}
