//! Where a table begins because retention has dropped what was before: told to who asks for those days.

use table::{Table, day_text};

use crate::exit::Failure;
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;
use crate::working::table_failure;

/// Says where the table begins, if times from this instant on were asked for and days of them were dropped.
pub(crate) async fn say_if_dropped(session: &Session, table: &Table, from: Micros) -> Result<(), Failure> {
    let retained = table.retained_since(from).await.map_err(table_failure)?;
    if let Some(retained) = retained {
        let text = format!(
            "the table begins at {}: retention has dropped the days before, {}",
            day_text(retained.from_day),
            counted(retained.rows, "row")
        );
        session.say(&Message::new(Grade::Note, text));
    }
    Ok(())
}
