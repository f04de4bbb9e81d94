//! What was named to be followed: each place once, and none that lies inside of the table.

use azure::storage::{Blobs, Place, Queue};

use crate::account::{self, Accounts};
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::session::Session;

/// The most minutes that an hour may be taken to grow after its end. What comes later is found by the list of everything, once a day.
const LOOK_BACK_MAX: u32 = 7 * 24 * 60;

/// Reads how long hours may grow.
pub(super) fn look_back(typed: &str) -> Result<u32, &'static str> {
    let minutes = typed.parse().ok().filter(|minutes| *minutes <= LOOK_BACK_MAX);
    minutes.ok_or("a whole number from 0 to 10080, which is a week: what comes later is found by the list of everything, once a day")
}

/// The containers and queues that were named.
pub(super) fn places(
    session: &Session,
    accounts: &Accounts,
    (addresses, queues): (&[String], &[String]),
) -> Result<(Vec<Blobs>, Vec<Queue>), Failure> {
    let table = account::table_address(session);
    let mut blobs: Vec<Blobs> = Vec::new();
    for address in addresses {
        let one = accounts.blobs(address)?;
        if let Some(table) = &table {
            account::refuse_inside(table, one.place())?;
        }
        blobs.push(one);
    }
    let mut named = Vec::new();
    for address in queues {
        named.push(accounts.queue(address)?);
    }
    Ok((
        once(session, blobs, Blobs::place),
        once(session, named, Queue::place),
    ))
}

/// Without those that others have in them, which is said.
fn once<T>(session: &Session, all: Vec<T>, place: impl Fn(&T) -> &Place) -> Vec<T> {
    let address = |one: &T| place(one).address(place(one).prefix());
    let has = |outer: &T, inner: &T| address(inner).starts_with(&address(outer));
    account::each_once(all, has, |inner, outer| {
        let (inner, outer) = (address(inner), address(outer));
        let text = match inner == outer {
            true => format!("`{inner}` is named more than once: it is followed once"),
            false => format!("`{inner}` is within `{outer}`: it is followed once"),
        };
        session.say(&Message::new(Grade::Note, text));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_back() {
        assert_eq!(look_back("0"), Ok(0));
        assert_eq!(look_back("10080"), Ok(LOOK_BACK_MAX));
        for wrong in ["10081", "4294967295", "-1", "2h", ""] {
            assert!(look_back(wrong).is_err(), "{wrong}");
        }
    }
}
