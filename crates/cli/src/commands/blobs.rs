//! `flowglass blobs`: which blobs of flow logs there are, here or in storage accounts, and what one is made of.

mod at_hand;
mod blocks;
mod counted;
mod entry;
mod told;
mod totals;
mod walk;

use std::collections::BTreeSet;
use std::ffi::OsString;

use model::facts::Mac;

use super::Run;
use crate::account::{self, AccountFlags, Accounts, Named};
use crate::arguments::{FormatFlag, HELP, TableFlag, whole_number};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::recorded::Times;
use crate::session::Session;
use crate::timespan;
use crate::working;
use at_hand::AtHand;
use counted::Counted;
use entry::{Entry, Wanted};
use told::{Columns, Told};
use totals::Totals;
use walk::Walk;

const EXAMPLES: &str = "\
Examples:
  flowglass blobs az://account/insights-logs-flowlogflowevent --since 3h
  flowglass blobs logs/ --mac 00-0D-3A-F8-78-56
  flowglass blobs az://account/container --format csv > blobs.csv
  flowglass blobs az://account/container/…/PT1H.json --blocks
";

const AFTER: &str = "\
Growing: the hour is not over, or it was changed in the last ten minutes.
Names of interfaces, and how far each blob is read, come from the table.
Exit code 1 where there are none. `flowglass read` says what is in one.
docs/blobs.md has what each column means, and what a list costs.";

/// Blobs that are shown, if nobody says.
const MOST: u64 = 50;

/// Lists the blobs of flow logs, here or in a storage account.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// az:// addresses, folders (searched through), files
    #[arg(value_name = "PLACE", required = true)]
    places: Vec<OsString>,
    /// The blocks of one blob, and what each holds
    #[arg(long, conflicts_with_all = ["since", "timespan", "mac", "most"])]
    blocks: bool,
    /// Only hours from then on: 3h, or a time
    #[arg(long, value_name = "TIME", conflicts_with = "timespan")]
    since: Option<String>,
    /// Only hours of these times: P1D, FROM/TO
    #[arg(long, value_name = "TIMES", visible_alias = "hours")]
    timespan: Option<String>,
    /// Only of this interface
    #[arg(long, value_name = "MAC", value_delimiter = ',')]
    mac: Vec<String>,
    /// Blobs shown [default: 50 in a table, else all]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<u64>)]
    most: Option<u64>,
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    account: AccountFlags,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.format.flags(layer);
        self.table.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.places
            .iter()
            .try_for_each(|place| account::refuse_secret(place))?;
        let wanted = Wanted {
            times: self.times(session)?,
            macs: self.macs()?,
        };
        if self.places.iter().any(|place| place == "-") {
            return Err(Failure::usage("standard input is no blob")
                .hint("`flowglass read -` says what is in it")
                .into());
        }
        let (addresses, paths): (Vec<OsString>, Vec<OsString>) = self
            .places
            .iter()
            .cloned()
            .partition(|place| account::is_address(place));
        let addresses: Vec<String> = addresses
            .iter()
            .map(|address| address.to_string_lossy().into_owned())
            .collect();
        working::run(session, |cancel| async move {
            let work = async {
                if self.blocks {
                    let address = one_address(&addresses, &paths)?;
                    return blocks::run(session, &self.account, address).await;
                }
                let named = named(session, &self.account, &addresses).await?;
                self.list(session, named, paths, &wanted).await
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => {
                    Err(Failure::outside("stopped; what was listed before is right").into())
                }
                done = work => done,
            }
        })
    }
}

/// What was named of storage accounts; where nothing was, nobody is asked who asks.
async fn named(session: &Session, flags: &AccountFlags, addresses: &[String]) -> Result<Vec<Named>, Failure> {
    match addresses {
        [] => Ok(Vec::new()),
        addresses => Accounts::new(session, flags)?.named(addresses).await,
    }
}

/// As it was typed: the flag has two names.
fn timespan_flag() -> &'static str {
    let is_hours = |word: &OsString| {
        let word = word.to_string_lossy();
        word == "--hours" || word.starts_with("--hours=")
    };
    match std::env::args_os().any(|word| is_hours(&word)) {
        true => "--hours",
        false => "--timespan",
    }
}

fn one_address<'a>(addresses: &'a [String], paths: &[OsString]) -> Result<&'a str, Failure> {
    let failure = match (addresses, paths) {
        ([one], []) => return Ok(one),
        (_, []) => Failure::usage("`--blocks` is told of one blob at a time"),
        (_, [path, ..]) => Failure::usage(format!(
            "`{}` is no blob of a storage account, and a file has no blocks",
            path.to_string_lossy()
        )),
    };
    Err(failure.hint("write `flowglass blobs az://ACCOUNT/CONTAINER/NAME --blocks`"))
}

impl Args {
    fn times(&self, session: &Session) -> Result<Option<Times>, Failure> {
        if let Some(typed) = &self.timespan {
            return timespan::read(timespan_flag(), typed, session.now).map(Some);
        }
        let since = self.since.as_deref();
        let since = since.map(|typed| timespan::since(typed, session.now));
        since.transpose()
    }

    fn macs(&self) -> Result<BTreeSet<Mac>, Failure> {
        let macs = self.mac.iter().map(|typed| {
            Mac::parse(typed).ok_or_else(|| {
                Failure::usage(format!("`--mac {typed}` is no address of an interface"))
                    .hint("it has twelve hex digits, such as 000D3AF87856 or 00-0D-3A-F8-78-56")
            })
        });
        macs.collect()
    }

    /// Lists page by page. No page is kept.
    async fn list(
        &self,
        session: &Session,
        named: Vec<Named>,
        paths: Vec<OsString>,
        wanted: &Wanted,
    ) -> anyhow::Result<Exit> {
        let format = session.settings.format.value;
        let most = self.most.unwrap_or(match format {
            Format::Table => MOST,
            _ => u64::MAX,
        });
        let mut at_hand = AtHand::open(session).await?;
        let columns = Columns {
            blocks: !named.is_empty(),
            read: at_hand.has_table(),
            interface: at_hand.has_names(),
        };
        let mut walk = Walk::of(session, &named, paths, wanted.times).await;
        let mut told = Told::new(session, format, columns);
        let (mut totals, mut counted) = (Totals::new(columns.read), Counted::default());
        while let Some(page) = walk.next(session).await {
            let entries = page
                .into_iter()
                .filter_map(|source| Entry::of(source, session.now));
            let mut entries: Vec<Entry> = entries.filter(|entry| wanted.has(entry)).collect();
            at_hand.look(&mut entries).await?;
            entries.iter().for_each(|entry| totals.add(entry));
            let room = usize::try_from(most.saturating_sub(told.shown())).unwrap_or(usize::MAX);
            entries.truncate(room);
            counted.count(session, &mut entries).await;
            told.rows(&entries)?;
            // For programs the rest is of no account; people are told how much it is.
            if format != Format::Table && told.shown() >= most {
                break;
            }
        }
        walk.say_passed_over(session);
        let is_empty = totals.blobs == 0;
        told.end(session, &totals)?;
        Ok(if walk.has_failed || counted.has_failed {
            Exit::Outside
        } else if is_empty && most > 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}
