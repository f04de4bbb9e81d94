//! A table in a storage account: can it be reached, read and written, and do both clocks agree? What is written is removed again.

use azure::storage::{Blobs, Condition, StorageError};
use table::TableError;

use super::Finding;
use crate::account::{self, table_place_failure};
use crate::exit::{Failure, failure_of};
use crate::quantity::counted;
use crate::session::Session;
use crate::working::{self, table_failure};

/// Azure refuses what is signed by a clock that differs by 15 minutes; blobs are looked for by the hour.
const SKEW_WARN_SECS: i64 = 60;
const SKEW_FAIL_SECS: i64 = 900;

pub(super) fn table(session: &Session) -> Finding {
    let looked = working::run(session, |_| async { Ok(found(session).await) });
    looked.unwrap_or_else(|error| failed(failure_of(error)))
}

/// The same, within work that is under way.
pub(super) async fn found(session: &Session) -> Finding {
    look(session).await.unwrap_or_else(failed)
}

fn failed(failure: Failure) -> Finding {
    let hint = failure
        .hint
        .unwrap_or_else(|| "choose another place with `--table`".to_owned());
    Finding::fail(failure.message, hint)
}

async fn look(session: &Session) -> Result<Finding, Failure> {
    let place = &session.settings.table.value;
    let Some((blobs, address)) = account::store_of(session, place)? else {
        return Ok(Finding::ok("it is in no storage account"));
    };
    // Whether the container is there and may be listed; then whether the table is.
    let listed = blobs.list(blobs.place().prefix(), None, None, 1).await;
    listed.map_err(|error| table_place_failure(&blobs, error))?;
    let state = match account::try_table(session, place).await? {
        Ok(table) => format!("`{address}` is there, at version {}", table.version().0),
        Err(TableError::Missing { .. }) => format!("`{address}` is not there yet; it can be made"),
        Err(error) => return Err(table_failure(error)),
    };
    let way = blobs.credential().name();
    match written(&blobs, session).await {
        Ok(skew) => Ok(of_clock(
            &format!("{state}; it can be read and written, by {way}"),
            skew,
        )),
        Err(error) => Ok(Finding::fail(
            format!("{state}; it can be read, and not written: {error}"),
            error.hint(),
        )),
    }
}

/// Writes a blob and removes it. Tells by how many seconds this machine's clock is ahead of the account's.
async fn written(blobs: &Blobs, session: &Session) -> Result<i64, StorageError> {
    let folder = blobs.place().prefix().trim_matches('/');
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = format!(
        "{folder}{slash}.flowglass-doctor-{}-{}",
        session.now,
        std::process::id()
    );
    let before = chrono::Utc::now().timestamp_micros();
    let bytes = b"written and removed by `flowglass doctor`".to_vec().into();
    let written = blobs.put(&name, bytes, &Condition::CreateOnly).await?;
    let after = chrono::Utc::now().timestamp_micros();
    blobs.delete(&name, None).await?;
    Ok(ahead_secs(before, after, written.modified_micros))
}

/// Azure tells whole seconds, and it was done at some moment between the two.
const fn ahead_secs(before: i64, after: i64, theirs: i64) -> i64 {
    const SECOND: i64 = 1_000_000;
    if before > theirs + SECOND {
        return (before - theirs) / SECOND;
    }
    if after < theirs {
        return (after - theirs) / SECOND - 1;
    }
    0
}

fn of_clock(text: &str, skew_secs: i64) -> Finding {
    let apart = skew_secs.unsigned_abs();
    let side = if skew_secs > 0 { "ahead of" } else { "behind" };
    let hint = "set this machine's clock; Azure allows 15 minutes, and hours are listed by it";
    let told = format!(
        "{text}; this machine's clock is {} {side} the account's",
        counted(apart, "second")
    );
    match i64::try_from(apart).unwrap_or(i64::MAX) {
        SKEW_FAIL_SECS.. => Finding::fail(told, hint),
        SKEW_WARN_SECS.. => Finding::warn(told, hint),
        _ => Finding::ok(format!("{text}; both clocks agree")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Health;

    #[test]
    fn clocks() {
        const SECOND: i64 = 1_000_000;
        // What was done at 10.6 is told to have been done at 10.
        assert_eq!(
            ahead_secs(10 * SECOND + 500_000, 10 * SECOND + 700_000, 10 * SECOND),
            0
        );
        assert_eq!(ahead_secs(100 * SECOND, 101 * SECOND, 40 * SECOND), 60);
        assert_eq!(ahead_secs(40 * SECOND, 41 * SECOND, 100 * SECOND), -60);
        let check = |secs: i64, health: Health, says: &str| {
            let finding = of_clock("it", secs);
            assert_eq!(
                (finding.health, finding.text.contains(says)),
                (health, true),
                "{finding:?}"
            );
        };
        check(0, Health::Ok, "both clocks agree");
        check(-59, Health::Ok, "both clocks agree");
        check(60, Health::Warn, "60 seconds ahead of");
        check(-900, Health::Fail, "900 seconds behind");
    }
}
