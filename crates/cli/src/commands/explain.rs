//! `flowglass explain`: why a flow was let through or not, and what would change that.

mod lines;

use std::io::Write as _;
use std::net::IpAddr;

use engine::{Engine, QueryContext};
use model::protocols::protocol_number;
use why::explain::{
    Branch, Case, Endpoint, EndpointError, Explanation, FlowKey, Meaning, Outcome, Past, Surrounding,
    logged_at,
};

use super::Run;
use super::facts::{time, timeline};
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow, whole_number};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::timespan;
use crate::working;
use lines::{Asked, Window};

const EXAMPLES: &str = "\
Examples:
  flowglass explain vm-dev-01 vm-sql-01:1433          by names, the last flow
  flowglass explain 203.0.113.9 52.1.2.3:22 --at 2h   two hours ago, at a public
                                                      address of ours
  flowglass explain 10.0.0.4:50123 10.0.1.4:443       one connection
  flowglass explain 6a1f…-0-12                        the row of this FlowId
  flowglass explain --query \"Flows | where FlowStatus == 'Denied'\" --top 3
";

const AFTER: &str = "\
Without --at the last flow between the two is explained. Rules are those of the
facts of its time (`flowglass facts load`). Exit code 1: no flow log has it.";

/// Why so many explanations at most: each is a page.
const TOP_MAX: usize = 100;
/// Explanations of a query's rows, if nobody says.
const TOP: usize = 5;

/// Explains a flow: which rule decided, and what would change it.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// Who opened it, or a FlowId: address[:port] or name
    #[arg(
        value_name = "FROM",
        required_unless_present = "query",
        conflicts_with = "query"
    )]
    from: Option<String>,
    /// To whom: address[:port] or name[:port]
    #[arg(value_name = "TO")]
    to: Option<String>,
    /// tcp, udp, icmp or a number [default: any]
    #[arg(long, value_name = "PROTOCOL", conflicts_with = "query")]
    protocol: Option<String>,
    /// When it was, to half an hour
    #[arg(long, value_name = "TIME", conflicts_with = "query")]
    at: Option<String>,
    /// Explains the first rows of a query that have SrcIp and DestIp
    #[arg(long, value_name = "KQL")]
    query: Option<String>,
    /// So many of them [default: 5]
    #[arg(long, value_name = "N", requires = "query", value_parser = whole_number::<usize>)]
    top: Option<usize>,
    /// Only these times: P1D, 1d, FROM/TO, FROM/PT1H
    #[arg(long, value_name = "TIMES", conflicts_with = "at")]
    timespan: Option<String>,
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
        let protocol = self.protocol()?;
        let at = time(session, self.at.as_deref())?;
        let times = match &self.timespan {
            Some(typed) => Some(timespan::read("--timespan", typed, session.now)?),
            None => None,
        };
        let of_query = self.query.is_some();
        let explained = working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            let timeline = timeline(session, &table).await?;
            let mut context = working::context(session, cancel);
            context.timespan = times;
            let explainer = Explainer {
                session,
                engine: working::engine(&table, None).await?,
                context,
                library: working::library(&table),
                past: Past::of(timeline),
            };
            match &self.query {
                Some(query) => explainer.of_query(query, self.top()?).await,
                None => Ok(vec![explainer.of_typed(&self, protocol, at).await?]),
            }
        })?;
        let mut out = session.out();
        if json && !of_query {
            for one in &explained {
                serde_json::to_writer_pretty(&mut out, one)?;
                writeln!(out)?;
            }
        } else if json {
            serde_json::to_writer_pretty(&mut out, &explained)?;
            writeln!(out)?;
        } else {
            for (at, one) in explained.iter().enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                writeln!(out, "{}\n{}", one.says, Branch::draw(&one.branches()))?;
            }
        }
        out.flush()?;
        let is_missing = explained.iter().any(|one| one.outcome == Outcome::NotInTheLog);
        Ok(if is_missing { Exit::Found } else { Exit::Done })
    }
}

impl Args {
    fn protocol(&self) -> Result<Option<u8>, Failure> {
        let Some(typed) = &self.protocol else {
            return Ok(None);
        };
        let number = typed
            .parse()
            .ok()
            .or_else(|| protocol_number(&typed.to_ascii_uppercase()));
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(Failure::usage(format!("`{typed}` is not a protocol"))
                .hint("write `tcp`, `udp`, `icmp`, or the number that IANA gives it")),
        }
    }

    fn top(&self) -> Result<usize, Failure> {
        match self.top.unwrap_or(TOP) {
            0 => Err(Failure::usage("`--top 0` explains nothing").hint("write a number from 1")),
            more if more > TOP_MAX => Err(Failure::usage(format!("`--top {more}` is too many")).hint(
                format!("at most {TOP_MAX} are explained at once; narrow the query"),
            )),
            top => Ok(top),
        }
    }
}

/// What explanations are made from.
struct Explainer<'s> {
    session: &'s Session,
    engine: Engine,
    context: QueryContext,
    library: enrich::Library,
    past: Past,
}

impl Explainer<'_> {
    async fn of_typed(
        &self,
        typed: &Args,
        protocol: Option<u8>,
        at: Option<Micros>,
    ) -> anyhow::Result<Explanation> {
        let from = typed.from.as_deref().unwrap_or_default();
        let Some(to) = typed.to.as_deref() else {
            if !lines::is_flow_id(from) {
                return Err(Failure::usage(format!("to whom did `{from}` open the flow?"))
                    .hint("write both ends, such as `flowglass explain 10.0.0.4 10.0.1.4:443`, or a FlowId")
                    .into());
            }
            let asked = lines::of_flow_id(&self.engine, &self.context, from).await?;
            return self.of_asked(asked).await;
        };
        let known = self.past.at(at.unwrap_or(self.session.now));
        let part = known.map(|(part, _)| part).unwrap_or_default();
        let typed_ends = [from, to];
        let (from, to) = (endpoint(from, &part)?, endpoint(to, &part)?);
        // Who is inside logs the public address that it sends to, what is behind it the private one.
        let both = |end: &Endpoint| {
            let mut all = end.addresses.clone();
            all.extend(end.public);
            all
        };
        let asked = Asked {
            sources: both(&from),
            source_port: from.port,
            destinations: both(&to),
            destination_port: to.port,
            logged_at: Vec::new(),
            protocol,
            at,
            flow_id: None,
            public: [from.public, to.public],
            window: Window::of(at),
        };
        asked.of_one_family()?;
        let explained = self.of_asked(asked).await?;
        if explained.outcome == Outcome::NotInTheLog {
            for typed in typed_ends {
                self.say_port(typed);
            }
        }
        Ok(explained)
    }

    /// Says how an address of IPv6 is written with a port, where one may be meant.
    fn say_port(&self, typed: &str) {
        if let Some(meant) = Endpoint::with_port(typed) {
            let text = format!("`{typed}` was taken for one address");
            let hint = format!("an IPv6 address with a port is written {meant}");
            self.session.say(&Message::new(Grade::Note, text).hint(hint));
        }
    }

    async fn of_query(&self, query: &str, top: usize) -> anyhow::Result<Vec<Explanation>> {
        let rows = lines::of_query(&self.engine, &self.context, query, top).await?;
        if rows.is_empty() {
            self.session.say(&Message::new(
                Grade::Note,
                "the query gives no rows: there is nothing to explain",
            ));
        }
        let mut all = Vec::with_capacity(rows.len());
        for asked in rows {
            all.push(self.of_asked(asked).await?);
        }
        Ok(all)
    }

    async fn of_asked(&self, mut asked: Asked) -> anyhow::Result<Explanation> {
        let key = asked.key()?;
        let known = self.past.at(asked.at.unwrap_or(self.session.now));
        let part = known.map(|(part, _)| part).unwrap_or_default();
        let [_, public] = asked.public;
        asked.logged_at = logged_at(&part, &key, &asked.destinations, public);
        let lines = lines::of_flow(&self.engine, &self.context, &asked).await?;
        if lines.is_empty() && key.destination_port.is_none() && matches!(key.protocol, None | Some(6 | 17)) {
            self.session.say(
                &Message::new(
                    Grade::Note,
                    "no port was given, so what rules would do is not told",
                )
                .hint("write it behind the second end, such as `vm-sql-01:1433` or `[fd00::4]:443`"),
            );
        }
        let meant = Meaning {
            at: asked.at,
            flow_id: asked.flow_id.as_deref(),
        };
        let now = self.session.now;
        let mut case = Case::new(&self.past, key, meant, &lines, now, asked.public);
        let mut coverage = lines::coverage(&self.engine, &self.context, &case).await?;
        if case.is_refuted(&coverage) {
            case = Case::new_where_the_sender_logs(&self.past, key, meant, &lines, now, asked.public);
            coverage = lines::coverage(&self.engine, &self.context, &case).await?;
        }
        let around = Surrounding {
            coverage,
            alike: lines::alike(&self.engine, &self.context, &asked, &case).await?,
            is_narrowed: self.context.timespan.is_some(),
            reversed: match case.is_logged() {
                false => lines::reversed(&self.engine, &self.context, &asked).await?,
                true => 0,
            },
        };
        let databases = working::databases(self.session, &self.library, &case.part().facts);
        Ok(case.explain(&around, &databases))
    }
}

fn endpoint(typed: &str, part: &enrich::Part) -> Result<Endpoint, Failure> {
    Endpoint::read(typed, part).map_err(|error| {
        let hint = match &error {
            EndpointError::BadPort(_) => {
                "write an end as `10.0.0.4`, `10.0.0.4:443`, `[fd00::4]:443`, `vm-web-01:443`"
            }
            EndpointError::Nobody(_) if part.facts.resources.is_empty() => {
                "no facts are loaded, so only addresses are known: `flowglass facts load` reads exports"
            }
            EndpointError::Nobody(_) => {
                "`flowglass facts show` lists what is known; an address works as well"
            }
            EndpointError::Several { .. } => "write it with its group, or as an address",
            EndpointError::NoAddress(_) => "write the address instead",
        };
        Failure::usage(error.to_string()).hint(hint)
    })
}

impl Asked {
    /// Both ends have an address of one family.
    fn of_one_family(&self) -> Result<(), Failure> {
        let is_any = |all: &[IpAddr], is_six: bool| all.iter().any(|address| address.is_ipv6() == is_six);
        let both = |is_six| is_any(&self.sources, is_six) && is_any(&self.destinations, is_six);
        if both(true) || both(false) {
            return Ok(());
        }
        Err(Failure::usage(
            "one end has an address of IPv6 and the other one of IPv4: no flow goes between them",
        )
        .hint("write two addresses of one family, or names"))
    }

    /// The flow that is asked about, as far as it is known. Of several addresses behind one the first stands for all.
    fn key(&self) -> Result<FlowKey, Failure> {
        let first = |all: &[IpAddr]| {
            let none = || Failure::bug("an end without an address");
            all.first().copied().ok_or_else(none)
        };
        // What has a port and no protocol is TCP, unless the log says otherwise.
        let has_port = self.destination_port.is_some();
        Ok(FlowKey {
            source: first(&self.sources)?,
            source_port: self.source_port,
            destination: first(&self.destinations)?,
            destination_port: self.destination_port,
            protocol: self
                .protocol
                .or_else(|| has_port.then_some(model::protocols::TCP)),
        })
    }
}
