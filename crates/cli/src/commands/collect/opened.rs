//! The table of a collector that starts: an account that is away is waited for, as those are that are followed; whatever somebody
//! has to mend ends the collector.

use ingest::{Events as _, pause};
use table::Table;
use tokio_util::sync::CancellationToken;

use super::told::Told;
use crate::account;
use crate::session::Session;

/// Opens it, and makes it if there is none. None if the end was asked for meanwhile.
pub(super) async fn table(
    session: &Session,
    told: &Told,
    cancel: &CancellationToken,
) -> anyhow::Result<Option<Table>> {
    let place = &session.settings.table.value;
    let what = format!("the table `{}`", account::shown_place(session, place));
    let mut tries = 0_u32;
    loop {
        let opened = account::open_or_create(session, place);
        let Some(opened) = cancel.run_until_cancelled(opened).await else {
            return Ok(None);
        };
        let failure = match opened {
            Ok(table) => {
                told.works(&what);
                return Ok(Some(table));
            }
            Err(unopened) if unopened.passes => unopened.failure,
            Err(unopened) => return Err(unopened.failure.into()),
        };
        tries = tries.saturating_add(1);
        let wait = pause(tries, u64::from(std::process::id()));
        told.waits(&what, &failure.message, wait);
        if cancel
            .run_until_cancelled(tokio::time::sleep(wait))
            .await
            .is_none()
        {
            return Ok(None);
        }
    }
}
