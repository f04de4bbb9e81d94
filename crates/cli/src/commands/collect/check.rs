//! `collect --check`: is everything there, and is everything permitted, before any data flows? And what will it cost?

use std::io::Write as _;
use std::sync::Arc;

use azure::storage::{Blobs, Queue, StorageError};
use chrono::DateTime;
use futures::{StreamExt as _, stream};
use ingest::{AzureContainer, BlobError, CollectOptions, Container, FlowLogs, Newest};
use table::{Table, TableError};

use super::flow_logs::{Following, Inventory, Logged};
use super::price::{self, Followed};
use crate::account::{self, Accounts};
use crate::commands::doctor::{self, Health};
use crate::exit::{Exit, Failure};
use crate::quantity::counted;
use crate::session::Session;
use crate::working::{self, table_failure};

/// Flow logs of a container whose newest hour is looked for, seven lists each.
const LOOKED_AT_MAX: usize = 500;
const LISTS_AT_ONCE: usize = 8;

/// What is looked at.
pub(super) struct Asked<'a> {
    pub(super) accounts: &'a Accounts,
    pub(super) named: Vec<Blobs>,
    pub(super) queues: &'a [Queue],
    /// Accounts of the flow logs of the facts are followed too.
    pub(super) discovers: bool,
    pub(super) options: &'a CollectOptions,
}

/// What came of it.
pub(super) enum Line {
    Good(String),
    Wrong(String, String),
    Note(String),
    /// Of the price.
    Cost(String),
}

impl Line {
    pub(super) fn of(what: &str, answer: Result<String, StorageError>) -> Self {
        match answer {
            Ok(good) => Self::Good(format!("{what}: {good}")),
            Err(error) => Self::Wrong(error.to_string(), error.hint()),
        }
    }

    fn failed(failure: Failure) -> Self {
        Self::Wrong(failure.message, failure.hint.unwrap_or_default())
    }

    fn lost(what: &str, error: &BlobError) -> Self {
        Self::Wrong(format!("{what}: {error}"), error.hint().to_owned())
    }
}

/// Looks at each container, each flow log that is known, each queue and the table.
pub(super) fn run(session: &Session, asked: &Asked<'_>) -> anyhow::Result<Exit> {
    let lines = working::run(session, |_| async { Ok(look(session, asked).await) })?;
    let mut out = session.out();
    for line in &lines {
        match line {
            Line::Good(text) => writeln!(out, "good  {text}")?,
            Line::Note(text) => writeln!(out, "note  {text}")?,
            Line::Cost(text) => writeln!(out, "cost  {text}")?,
            Line::Wrong(text, hint) => {
                writeln!(out, "wrong {text}")?;
                writeln!(out, "      hint: {hint}")?;
            }
        }
    }
    out.flush()?;
    match lines.iter().any(|line| matches!(line, Line::Wrong(..))) {
        false => Ok(Exit::Done),
        true => Ok(Exit::Outside),
    }
}

async fn look(session: &Session, asked: &Asked<'_>) -> Vec<Line> {
    let (table, of_table) = of_table(session).await;
    let mut lines = Vec::new();
    let (known, containers) = followed(asked, table, &mut lines).await;
    let mut sums = Followed {
        poll_secs: poll_of(asked).as_secs(),
        look_back_minutes: asked.options.look_back.as_secs() / 60,
        is_noticed: !asked.queues.is_empty(),
        ..Followed::default()
    };
    for container in &containers {
        let looked = look_at(container).await;
        let is_listed = matches!(looked.first(), Some(Line::Good(_)));
        lines.extend(looked);
        lines.extend(match is_listed {
            true => flow_logs_of(container, &known, &mut sums).await,
            // Why not was told.
            false => own_of(container, &known).map(unread).collect(),
        });
    }
    lines.extend(apart(&known, &containers, asked.discovers));
    for queue in asked.queues {
        lines.extend(super::queues::look_at(queue, &containers).await);
    }
    lines.extend(of_table);
    if sums.flow_logs > 0 {
        lines.extend(price::lines(&sums).into_iter().map(Line::Cost));
    }
    lines
}

/// The table, if there is one, and whether it can be read and written, or made. A check makes none.
async fn of_table(session: &Session) -> (Option<Table>, Vec<Line>) {
    let place = &session.settings.table.value;
    let what = format!("the table `{}`", account::shown_place(session, place));
    let (table, state) = match account::try_table(session, place).await {
        Ok(Ok(table)) => {
            let version = table.version().0;
            (
                Some(table),
                format!("can be opened, at version {version}, and written"),
            )
        }
        Ok(Err(TableError::Missing { .. })) => (None, "is not there yet; it can be made".to_owned()),
        Ok(Err(error)) => return (None, vec![Line::failed(table_failure(error))]),
        Err(failure) => return (None, vec![Line::failed(failure)]),
    };
    let finding = doctor::place_of_table(session).await;
    let hint = finding.hint.unwrap_or_default();
    let lines = match finding.health {
        Health::Fail => vec![Line::Wrong(finding.text, hint)],
        Health::Ok => vec![Line::Good(format!("{what}: {state}"))],
        Health::Warn => vec![
            Line::Good(format!("{what}: {state}")),
            Line::Note(format!("{}; {hint}", finding.text)),
        ],
    };
    (table, lines)
}

fn poll_of(asked: &Asked<'_>) -> std::time::Duration {
    match asked.queues.is_empty() {
        true => asked.options.poll,
        false => asked.options.poll_noticed,
    }
}

/// What the facts know, and the containers that are followed.
async fn followed(asked: &Asked<'_>, table: Option<Table>, lines: &mut Vec<Line>) -> (Inventory, Vec<Blobs>) {
    let named = asked.named.clone();
    if !asked.discovers {
        let known = match &table {
            Some(table) => Inventory::beside(table).await.unwrap_or_default(),
            None => Inventory::default(),
        };
        return (known, named);
    }
    // Without a table there are no facts.
    let Some(table) = table else {
        if named.is_empty() {
            lines.push(Line::failed(Inventory::default().failure()));
        }
        return (Inventory::default(), named);
    };
    match Following::new(asked.accounts, named.clone(), Some(table)).await {
        Ok(following) => {
            let (containers, failures) = following.containers();
            lines.extend(failures.into_iter().map(|(address, failure)| {
                Line::failed(Failure {
                    message: format!("{address}: {}", failure.message),
                    ..failure
                })
            }));
            (following.inventory().clone(), containers)
        }
        Err(failure) => {
            lines.push(Line::failed(failure));
            (Inventory::default(), named)
        }
    }
}

/// Lists a container, and asks for blocks and bytes of the first blob.
async fn look_at(container: &Blobs) -> Vec<Line> {
    let place = container.place();
    let what = place.address(place.prefix());
    let page = match container.list(place.prefix(), None, None, 1).await {
        Ok(page) => page,
        Err(error) => return vec![Line::of(&what, Err(error))],
    };
    let way = container.credential().name();
    let Some(first) = page.blobs.first() else {
        if is_beside_others(container).await {
            return vec![nothing_below(container)];
        }
        let text = format!("{what}: can be listed, by {way}; nothing is there yet");
        return vec![Line::Good(text)];
    };
    let read = async {
        let blocks = container.block_list(&first.name).await?;
        if blocks.size > 0 {
            container.range(&first.name, 0..1, Some(&blocks.etag)).await?;
        }
        Ok::<String, StorageError>(format!("can be read, {} blocks", blocks.blocks.len()))
    };
    vec![
        Line::Good(format!("{what}: can be listed, by {way}")),
        Line::of(&place.address(&first.name), read.await),
    ]
}

/// True if a container has blobs, and the beginning of names that is followed is that of none.
async fn is_beside_others(container: &Blobs) -> bool {
    let any = container.list("", None, None, 1).await;
    !container.place().prefix().is_empty() && any.is_ok_and(|page| !page.blobs.is_empty())
}

/// A beginning of names is misspelled more often than it is one of a flow log to come.
fn nothing_below(container: &Blobs) -> Line {
    let (address, prefix) = (container.place().own_address(), container.place().prefix());
    Line::Wrong(
        format!("{address}: no blob's name begins with `{prefix}`"),
        format!("`flowglass blobs {address}` lists those there are; names are told apart by capitals"),
    )
}

/// The flow logs that write to a container, each with its last hour; those of the facts that do not yet, and others that do.
async fn flow_logs_of(container: &Blobs, known: &Inventory, sums: &mut Followed) -> Vec<Line> {
    let (address, prefix) = (container.place().own_address(), container.place().prefix());
    let own: Vec<&Logged> = own_of(container, known).collect();
    let store: Arc<dyn Container> = AzureContainer::new(container.clone());
    let found = match FlowLogs::find(store, prefix).await {
        Ok(found) => found,
        Err(error) => return vec![Line::lost(&address, &error)],
    };
    let roots: Vec<&str> = found.roots().take(LOOKED_AT_MAX).collect();
    let newest: Vec<(&str, Result<Option<Newest>, BlobError>)> = stream::iter(roots)
        .map(|root| {
            let found = &found;
            async move { (root, found.newest(root).await) }
        })
        .buffered(LISTS_AT_ONCE)
        .collect()
        .await;
    let mut lines = Vec::new();
    let (mut interfaces, mut unknown) = (0, 0);
    for (root, newest) in &newest {
        if let Ok(Some(newest)) = newest {
            interfaces += newest.interfaces;
        }
        match own.iter().find(|logged| logged.writes_to(root)) {
            Some(logged) => lines.push(told(logged, newest)),
            None => unknown += 1,
        }
    }
    let is_new = |logged: &&&Logged| !found.roots().any(|root| logged.writes_to(root));
    let silent = own.iter().filter(is_new);
    lines.extend(silent.map(|logged| {
        Line::Note(format!(
            "flow log `{}` has written nothing to {address}/{prefix} yet",
            logged.name
        ))
    }));
    if unknown > 0 && !own.is_empty() {
        let others = counted(unknown, "flow log");
        lines.push(Line::Note(format!(
            "{address}/{prefix}: {others} more than the facts know of"
        )));
    }
    lines.extend(found.tables().map(|table| {
        Line::Note(format!(
            "the table `{table}` lies inside of what is followed: it is not read; a container of its own is better"
        ))
    }));
    let count = found.count() as u64;
    let looked_at = newest.len() as u64;
    if count > looked_at {
        let text = format!("{address}: {looked_at} of {count} flow logs were looked at");
        lines.push(Line::Note(text));
    }
    sums.flow_logs += count;
    sums.interfaces += interfaces * count / looked_at.max(1);
    sums.folders += found.folders(prefix) as u64;
    lines
}

/// The flow logs of the facts that write to a container.
fn own_of<'k>(container: &Blobs, known: &'k Inventory) -> impl Iterator<Item = &'k Logged> + use<'k> {
    let address = container.place().own_address();
    known
        .logged
        .iter()
        .filter(move |logged| logged.address() == address)
}

fn unread(logged: &Logged) -> Line {
    Line::Note(format!(
        "flow log `{}`: {} cannot be listed",
        logged.name,
        logged.address()
    ))
}

fn told(logged: &Logged, newest: &Result<Option<Newest>, BlobError>) -> Line {
    let what = format!("flow log `{}`, to {}", logged.name, logged.address());
    match newest {
        Ok(Some(Newest { hour, interfaces })) => {
            let begin = DateTime::from_timestamp(i64::from(*hour) * 3600, 0).unwrap_or_default();
            let hour = begin.format("%Y-%m-%d %H:%MZ");
            let interfaces = counted(*interfaces, "interface");
            Line::Good(format!("{what}: last blob of {hour}, {interfaces}"))
        }
        Ok(None) => Line::Note(format!("{what}: its blobs are of no hour")),
        Err(error) => Line::lost(&what, error),
    }
}

/// Flow logs of the facts that are not followed, and why.
fn apart(known: &Inventory, containers: &[Blobs], discovers: bool) -> Vec<Line> {
    let is_followed = |logged: &&Logged| {
        let address = logged.address();
        containers
            .iter()
            .any(|held| held.place().own_address() == address)
    };
    let lost = known.logged.iter().filter(|logged| !is_followed(logged));
    let next = if discovers {
        ""
    } else {
        "; name it, or add `--discover`"
    };
    let lost = lost.map(|logged| {
        let (name, address) = (&logged.name, logged.address());
        Line::Note(format!(
            "flow log `{name}` writes to {address}, which is not followed{next}"
        ))
    });
    let off = known.off.iter();
    let off = off.map(|name| Line::Note(format!("flow log `{name}` is switched off")));
    let nowhere = known.nowhere.iter().map(|name| {
        Line::Note(format!(
            "flow log `{name}`: the facts do not say to which account it writes"
        ))
    });
    lost.chain(off).chain(nowhere).collect()
}
