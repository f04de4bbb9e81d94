//! `collect --check`: is everything there, and is everything permitted, before any data flows?

use std::io::Write as _;

use azure::storage::{Blobs, Queue, StorageError};

use crate::account;
use crate::exit::Exit;
use crate::session::Session;
use crate::working;

/// What was looked at, and what came of it.
struct Line {
    what: String,
    answer: Result<String, (String, String)>,
}

/// Looks at each container, each queue and the table.
pub(super) fn run(session: &Session, blobs: &[Blobs], queues: &[Queue]) -> anyhow::Result<Exit> {
    let lines = working::run(session, |_| async {
        let mut lines = Vec::new();
        for container in blobs {
            lines.extend(look_at(container).await);
        }
        for queue in queues {
            let answer = queue.count().await;
            lines.push(Line {
                what: queue.place().own_address(),
                answer: answer
                    .map(|count| format!("about {count} messages"))
                    .map_err(said),
            });
        }
        lines.push(table(session).await);
        Ok(lines)
    })?;
    let mut out = session.out();
    for Line { what, answer } in &lines {
        match answer {
            Ok(good) => writeln!(out, "good  {what}: {good}")?,
            Err((wrong, hint)) => {
                writeln!(out, "wrong {wrong}")?;
                writeln!(out, "      hint: {hint}")?;
            }
        }
    }
    out.flush()?;
    match lines.iter().all(|line| line.answer.is_ok()) {
        true => Ok(Exit::Done),
        false => Ok(Exit::Outside),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn said(error: StorageError) -> (String, String) {
    (error.to_string(), error.hint())
}

/// Lists a container, and asks for blocks and bytes of the first blob.
async fn look_at(container: &Blobs) -> Vec<Line> {
    let place = container.place();
    let what = place.address(place.prefix());
    let page = match container.list(place.prefix(), None, None, 1).await {
        Ok(page) => page,
        Err(error) => {
            let answer = Err(said(error));
            return vec![Line { what, answer }];
        }
    };
    let way = container.credential().name();
    let Some(first) = page.blobs.first() else {
        let answer = Ok(format!("can be listed, by {way}; nothing is there yet"));
        return vec![Line { what, answer }];
    };
    let mut lines = vec![Line {
        what,
        answer: Ok(format!("can be listed, by {way}")),
    }];
    let read = async {
        let blocks = container.block_list(&first.name).await?;
        if blocks.size > 0 {
            container.range(&first.name, 0..1, Some(&blocks.etag)).await?;
        }
        Ok::<String, StorageError>(format!("can be read, {} blocks", blocks.blocks.len()))
    };
    lines.push(Line {
        what: place.address(&first.name),
        answer: read.await.map_err(said),
    });
    lines
}

/// The table can be opened, or made where there is none yet.
async fn table(session: &Session) -> Line {
    let place = &session.settings.table.value;
    let what = format!("the table `{}`", place.display());
    let answer = match account::open_or_create_table(session, place).await {
        Ok(table) => Ok(format!("can be opened, at version {}", table.version().0)),
        Err(failure) => Err((failure.message, failure.hint.unwrap_or_default())),
    };
    Line { what, answer }
}
