//! `flowglass who`: everything that is known about an address.

mod logged;
mod told;

use std::io::Write as _;
use std::net::IpAddr;

use enrich::{Databases, Part};
use table::Table;
use tokio_util::sync::CancellationToken;

use super::Run;
use super::facts::{time, timeline};
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::instant::Micros;
use crate::session::Session;
use crate::working;
use logged::Logged;
use told::Told;

const EXAMPLES: &str = "\
Examples:
  flowglass who 10.0.1.4                      machine, subnet, rules, peers, last seen
  flowglass who 10.0.1.4 --at 2024-03-01      as it was then
  flowglass who 20.38.101.7 --format json     tags and country of a public one
";

/// Tells everything that is known about an address.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, help_template = HELP)]
pub(crate) struct Args {
    /// The address
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// When [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.where_and_how.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        let json = session.settings.format_among(&forms, "this is told")? == Format::Json;
        let Ok(address) = self.address.trim().parse::<IpAddr>() else {
            return Err(Failure::usage(format!("`{}` is not an address", self.address))
                .hint("an address is such as `10.0.1.4` or `2603:1020::7`")
                .into());
        };
        let at = time(session, self.at.as_deref())?.unwrap_or(session.now);
        let (timeline, logged, library) = working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            let timeline = timeline(session, &table).await?;
            let until = self.at.is_some().then_some(at);
            let logged = logged(session, &table, address, until, cancel).await?;
            Ok((timeline, logged, working::library(&table)))
        })?;
        let part = timeline.at(at);
        let databases = part
            .as_ref()
            .map(|(part, _)| working::databases(session, &library, &part.facts));
        let told = told(
            address,
            at,
            part.as_ref(),
            &databases.unwrap_or_default(),
            &logged,
        );
        let mut out = session.out();
        if json {
            told.json().write(&mut out, Some(0))?;
            out.write_all(b"\n")?;
        } else {
            told.text(&mut out)?;
        }
        out.flush()?;
        Ok(if told.is_known() { Exit::Done } else { Exit::Found })
    }
}

async fn logged(
    session: &Session,
    table: &Table,
    address: IpAddr,
    until: Option<Micros>,
    cancel: CancellationToken,
) -> Result<Logged, Failure> {
    let engine = working::engine(table, None).await?;
    let mut context = working::context(session, cancel);
    // What came later may be of another machine.
    context.timespan = until.map(|until| (0, until.saturating_add(1)));
    Logged::of(&engine, &context, address).await
}

fn told<'l>(
    address: IpAddr,
    at: Micros,
    part: Option<&(Part, bool)>,
    databases: &Databases,
    logged: &'l Logged,
) -> Told<'l> {
    let mut told = Told::new(address, at, logged);
    if let Some((part, is_later)) = part {
        // Asked without a network: a private address of one network only is that one's.
        let seen = part.index.seen(None, address, &part.threats);
        told.take(part, *is_later, &seen);
        told.take_origin(part, databases);
    }
    told
}
