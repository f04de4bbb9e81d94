//! Whether days are dropped as they are set to be.

use table::{Table, TableError, day_text, first_day};

use super::Finding;
use crate::account::try_table;
use crate::quantity::counted;
use crate::session::Session;
use crate::working::runtime;

/// Days that may be left over: who drops them does so once an hour.
const DAYS_OVER_MAX: i32 = 1;

/// What was dropped, and what should have been.
pub(super) fn retention(session: &Session) -> Finding {
    let set = session.settings.retention_days.value;
    let found = runtime(session).and_then(|runtime| runtime.block_on(look(session)));
    let (first, dropped) = match found {
        Ok(Some(found)) => found,
        Ok(None) => (None, None),
        // Another line says what is wrong with the table; this one is about its days.
        Err(_) => return Finding::ok("not looked at: the table cannot be opened"),
    };
    let kept = match set {
        Some(days) => format!("{} are kept", counted(u64::from(days), "day")),
        None => "all days are kept".to_owned(),
    };
    let text = match dropped {
        Some(dropped) => format!("{kept}; {dropped}"),
        None => kept,
    };
    let due = set.map(|days| first_day(days, session.now).saturating_sub(DAYS_OVER_MAX));
    match (first, due) {
        (Some(first), Some(due)) if first < due => Finding::warn(
            format!("{text}; the table has rows of {}", day_text(first)),
            "`flowglass table retain` drops them, and so does a collector that runs with `--retention`",
        ),
        _ => Finding::ok(text),
    }
}

/// The first day of the table, and what was dropped before it.
type Days = (Option<i32>, Option<String>);

async fn look(session: &Session) -> Result<Option<Days>, crate::exit::Failure> {
    let table: Table = match try_table(session, &session.settings.table.value).await? {
        Ok(table) => table,
        Err(TableError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(crate::working::table_failure(error)),
    };
    let failed = crate::working::table_failure;
    let retained = table.retained().await.map_err(failed)?;
    let dropped = retained.map(|retained| {
        format!(
            "those before {} were dropped, {} so far",
            day_text(retained.from_day),
            counted(retained.rows, "row")
        )
    });
    Ok(Some((table.first_day_there().map_err(failed)?, dropped)))
}
