//! What `collect --check` says of queues: what is in front, looked at without taking it.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure::storage::{Blobs, Problem, Queue};
use ingest::{AzureContainer, AzureNotices, Container, Noticed, Watched, what_is};

use super::check::Line;
use crate::quantity::counted;

/// What keeps other containers' notices out of a queue.
pub(super) const FILTER: &str = "a filter of the event subscription keeps them out: `--subject-begins-with /blobServices/default/containers/NAME/`";
/// What to do where a queue is another program's too.
pub(super) const OWN_QUEUE: &str = "give Flowglass a queue of its own (`az storage queue create`), and its event subscription `--included-event-types Microsoft.Storage.BlobCreated`";

/// Looks at a queue that is to bring notices of these containers.
pub(super) async fn look_at(queue: &Queue, containers: &[Blobs]) -> Vec<Line> {
    let address = queue.place().own_address();
    let seen = match queue.peek(model::limits::QUEUE_MESSAGES_AT_ONCE).await {
        Ok(messages) => AzureNotices::read(&messages),
        Err(error) => return vec![Line::of(&address, Err(error))],
    };
    let mut lines = Vec::new();
    let count = match queue.count().await {
        Ok(count) => format!("about {}", counted(count, "message")),
        Err(error) if matches!(error.problem, Problem::Forbidden { .. }) => {
            lines.push(Line::Note(format!(
                "{address}: how many messages there are may not be asked, nor may any be given back at once; where several share a queue, the role `Storage Queue Data Contributor` saves two minutes each time"
            )));
            "can be looked at".to_owned()
        }
        Err(error) => return vec![Line::of(&address, Err(error))],
    };
    let watched: Vec<Watched> = containers
        .iter()
        .map(|blobs| Watched {
            prefix: blobs.place().prefix().to_owned(),
            container: AzureContainer::new(blobs.clone()) as Arc<dyn Container>,
            is_noticed: true,
        })
        .collect();
    let (mut own, mut foreign, mut strange) = (0_u64, Vec::new(), BTreeMap::<&str, u64>::new());
    for notice in &seen {
        match what_is(notice, &watched) {
            Noticed::Own | Noticed::Passed => own += 1,
            Noticed::Strange(container) => *strange.entry(container).or_default() += 1,
            Noticed::Foreign(what) => foreign.push(what),
        }
    }
    let all = seen.len() as u64;
    lines.insert(
        0,
        Line::Good(match all {
            0 => format!("{address}: {count}"),
            _ => format!("{address}: {count}; of {all} in front {own} are notices of what is followed"),
        }),
    );
    lines.extend(strange.into_iter().map(|(container, count)| {
        Line::Note(format!(
            "{address}: of {all} in front {count} are notices of {container} that are not of what is followed: they stay for others; {FILTER}"
        ))
    }));
    if let Some(what) = foreign.first() {
        lines.push(Line::Wrong(
            format!(
                "{address}: of {all} in front {} are no notices of blobs, but {what}: they stay there",
                foreign.len()
            ),
            OWN_QUEUE.to_owned(),
        ));
    }
    lines
}
