//! Notices of a queue: those of blobs that are followed are handed on, and all else is left to whom it is for.
//!
//! Nothing is removed but notices of what is followed. A queue may be shared, or be another program's: what is not for us is put
//! back, at once at first, and later and later then, so that it neither keeps anybody waiting nor stands in the way. From a queue
//! in which nothing has been seen that is for us nothing is taken. docs/adr/0021-queues.md has the reasons.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use model::limits::QUEUE_MESSAGES_AT_ONCE;
use tokio::time::sleep;

use super::changes::Change;
use super::look::{End, FAILURES_COUNTED, Look};
use super::{Notice, Notices, Watched};
use crate::container::{BlobError, Listed};
use crate::sources::Source;
use crate::sources::names::could_be_read;

/// A notice of what another collector of the table reads is given back so many times for each collector there is.
const PASSES_MAX: u32 = 4;
/// Messages that are given back side by side.
const BACK_AT_ONCE: usize = 16;
/// As many as are taken at once: there are more behind them.
const FULL: usize = QUEUE_MESSAGES_AT_ONCE as usize;
/// What is not for us is out of sight for this long at the most, each time. Azure keeps messages for seven days, if nothing else
/// is said.
const OUT_OF_SIGHT_MAX_SECS: u64 = 86_400;

/// What a message of a queue is to a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed<'a> {
    /// Of a blob that it reads.
    Own,
    /// Of a blob that another collector of the table reads: it was given back.
    Passed,
    /// Of a blob that is not followed here, of this container: it was put back.
    Strange(&'a str),
    /// No notice of a blob, but this: it was put back.
    Foreign(&'a str),
}

/// What a message is to who follows these.
#[must_use]
pub fn what_is<'n>(notice: &'n Notice, watched: &[Watched]) -> Noticed<'n> {
    let is_followed =
        |(address, listed): &(String, Listed)| watched.iter().any(|one| one.has(address, &listed.name));
    match notice.blobs.first() {
        None => Noticed::Foreign(&notice.other),
        Some(_) if notice.blobs.iter().any(is_followed) => Noticed::Own,
        Some((container, _)) => Noticed::Strange(container),
    }
}

/// What is to be done with a message.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// These are to be read.
    Own(Vec<Source>),
    /// It is of what is followed, and no log.
    Needless,
    Strange(String),
    Foreign(String),
}

impl Kind {
    fn of(notice: &Notice, watched: &[Watched]) -> Self {
        match what_is(notice, watched) {
            Noticed::Foreign(what) => return Self::Foreign(what.to_owned()),
            Noticed::Strange(container) => return Self::Strange(container.to_owned()),
            Noticed::Own | Noticed::Passed => {}
        }
        let own = notice.blobs.iter().filter_map(|(address, listed)| {
            let one = watched.iter().find(|one| one.has(address, &listed.name))?;
            let below = listed.name.get(one.prefix.len()..).unwrap_or_default();
            could_be_read(below).then(|| Source::blob(&one.container, listed.clone()))
        });
        let own: Vec<Source> = own.collect();
        match own.is_empty() {
            true => Self::Needless,
            false => Self::Own(own),
        }
    }

    const fn is_for_us(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Needless)
    }

    /// What it is, if it is not for us.
    fn apart(&self) -> Option<Noticed<'_>> {
        match self {
            Self::Strange(container) => Some(Noticed::Strange(container)),
            Self::Foreign(what) => Some(Noticed::Foreign(what)),
            Self::Own(_) | Self::Needless => None,
        }
    }
}

/// How long a message that is not for us is out of sight, if it was taken so many times. Of two who take from one queue each gets
/// half of what is the other's, so it is soon there again eight times; then it is nobody's, as it seems: 8, 32, 128 … s.
fn out_of_sight(taken: u32) -> Duration {
    let secs = match taken {
        0 | 1 => 0,
        2..=4 => 1,
        5..=8 => 2,
        more => 8_u64.saturating_mul(4_u64.saturating_pow(more - 9)),
    };
    Duration::from_secs(secs.min(OUT_OF_SIGHT_MAX_SECS))
}

/// Whether messages may be taken from a queue of which these are the first. Where there are as many as can be seen, notices of an
/// account that is followed may be what stands before ours.
fn may_take(kinds: &[Kind], watched: &[Watched]) -> bool {
    let is_near = |kind: &Kind| {
        let Kind::Strange(container) = kind else {
            return false;
        };
        let account = account_of(container);
        watched
            .iter()
            .any(|one| account_of(one.container.address()) == account)
    };
    kinds.iter().any(Kind::is_for_us) || (kinds.len() >= FULL && kinds.iter().any(is_near))
}

/// `az://account`
fn account_of(address: &str) -> &str {
    address.rsplit_once('/').map_or(address, |(account, _)| account)
}

/// What was taken from a queue at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taken {
    /// Messages that are done with, or will be.
    own: usize,
    /// Given back to another collector of the table.
    passed: usize,
    /// Put back.
    apart: usize,
}

impl Taken {
    /// How many looks at the queue are left to others before the next take. None where more is waiting than could be taken; two
    /// where something was put back, so that whoever it is for is there first.
    const fn pause(self) -> u32 {
        let is_full = self.own + self.passed + self.apart >= FULL;
        match (self.own > 0, self.apart > 0) {
            (true, false) => 0,
            (true, true) if is_full => 0,
            (false, true) if self.apart >= FULL => 0,
            (_, true) => 2,
            (false, false) => 1,
        }
    }
}

impl Look {
    /// Takes notices and hands on what they say, until nobody takes it.
    pub(super) async fn notices(mut self, notices: Arc<dyn Notices>, watched: Vec<Watched>) {
        let what = format!("the notices of {}", notices.address());
        let mut failures = 0;
        let mut is_ours = false;
        loop {
            let looked = match is_ours {
                true => self.some_notices(&notices, &watched).await,
                false => match self.is_ours(&*notices, &watched).await {
                    Ok(true) => {
                        is_ours = true;
                        continue;
                    }
                    Ok(false) => Ok(Taken::default()),
                    Err(error) => Err(error.into()),
                },
            };
            match looked {
                Ok(taken) => {
                    if std::mem::take(&mut failures) > 0 {
                        self.events.works(&what);
                    }
                    sleep(self.options.notice_poll * taken.pause()).await;
                }
                Err(End::Closed) => return,
                Err(End::Failed(error)) => {
                    failures = (failures + 1).min(FAILURES_COUNTED);
                    self.wait(&what, &error, failures).await;
                }
            }
        }
    }

    /// Looks at a queue without taking anything: is something for us?
    async fn is_ours(&self, notices: &dyn Notices, watched: &[Watched]) -> Result<bool, BlobError> {
        let seen = notices.peek().await?;
        let kinds: Vec<Kind> = seen.iter().map(|notice| Kind::of(notice, watched)).collect();
        let is_ours = may_take(&kinds, watched);
        if !is_ours {
            self.tell_apart(notices, kinds.iter(), false);
        }
        Ok(is_ours)
    }

    /// Tells of messages that are not for us.
    fn tell_apart<'k>(&self, notices: &dyn Notices, kinds: impl Iterator<Item = &'k Kind>, is_taken: bool) {
        let mut count = 0;
        for apart in kinds.filter_map(Kind::apart) {
            count += 1;
            self.events.noticed(notices.address(), apart, is_taken);
        }
        self.events.not_ours(notices.address(), count);
    }

    /// Takes what is there. What another collector of the table reads is given back, for who stores what is another's in the same
    /// moment has to do it twice; but what nobody keeps is better stored by anybody.
    async fn some_notices(&mut self, notices: &Arc<dyn Notices>, watched: &[Watched]) -> Result<Taken, End> {
        let taken = notices.take().await?;
        // Where there is more the next are taken at once: not the same again.
        let least = Duration::from_secs(u64::from(taken.len() >= FULL));
        let split = self.split();
        let passes_max = PASSES_MAX.saturating_mul(u32::try_from(split.collectors).unwrap_or(u32::MAX));
        let mut sum = Taken::default();
        let (mut back, mut kept, mut apart) = (Vec::new(), Vec::new(), Vec::new());
        for notice in taken {
            let kind = Kind::of(&notice, watched);
            let Notice { receipt, taken, .. } = notice;
            match kind {
                Kind::Own(own)
                    if taken <= passes_max && !own.iter().any(|source| split.has(&source.address)) =>
                {
                    sum.passed += 1;
                    self.events.noticed(notices.address(), Noticed::Passed, true);
                    back.push((receipt, Duration::ZERO));
                }
                Kind::Own(own) => {
                    sum.own += 1;
                    self.events.noticed(notices.address(), Noticed::Own, true);
                    kept.push((receipt, own));
                }
                Kind::Needless => {
                    sum.own += 1;
                    kept.push((receipt, Vec::new()));
                }
                kind => {
                    sum.apart += 1;
                    apart.push(kind);
                    back.push((receipt, out_of_sight(taken).max(least)));
                }
            }
        }
        self.tell_apart(&**notices, apart.iter(), true);
        let given = give_back(&**notices, back).await;
        for (receipt, own) in kept {
            self.hand_on(notices, receipt, own).await?;
        }
        given?;
        Ok(sum)
    }

    /// With the last of its blobs a notice is done with.
    async fn hand_on(
        &self,
        notices: &Arc<dyn Notices>,
        receipt: String,
        mut own: Vec<Source>,
    ) -> Result<(), End> {
        let Some(last) = own.pop() else {
            notices.done(&receipt).await?;
            return Ok(());
        };
        let kept = |source| Change {
            is_kept: true,
            ..Change::of(source)
        };
        for source in own {
            self.sender.send(kept(source)).await?;
        }
        let noticed = Change {
            notice: Some((Arc::clone(notices), receipt)),
            ..kept(last)
        };
        self.sender.send(noticed).await?;
        Ok(())
    }
}

/// Gives messages back side by side. One that is not given back comes back by itself, later.
async fn give_back(notices: &dyn Notices, back: Vec<(String, Duration)>) -> Result<(), BlobError> {
    let mut given = stream::iter(back)
        .map(|(receipt, time)| async move { notices.give_back(&receipt, time).await })
        .buffer_unordered(BACK_AT_ONCE);
    let mut first = Ok(());
    while let Some(done) = given.next().await {
        first = first.and(done);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_us_comes_back_later_and_later() {
        let secs: Vec<u64> = (0..18).map(|taken| out_of_sight(taken).as_secs()).collect();
        assert_eq!(
            secs,
            [
                0, 0, 1, 1, 1, 2, 2, 2, 2, 8, 32, 128, 512, 2048, 8192, 32_768, 86_400, 86_400
            ]
        );
        assert_eq!(out_of_sight(u32::MAX).as_secs(), OUT_OF_SIGHT_MAX_SECS);
    }

    #[test]
    fn others_have_their_turn() {
        let pause = |own, passed, apart| Taken { own, passed, apart }.pause();
        assert_eq!(pause(3, 0, 0), 0);
        assert_eq!(pause(0, 0, 0), 1);
        assert_eq!(pause(0, FULL, 0), 1);
        assert_eq!(pause(0, 0, 3), 2);
        assert_eq!(pause(3, 0, 3), 2);
        // As many as can be taken: ours may be behind them.
        assert_eq!(pause(0, 0, FULL), 0);
        assert_eq!(pause(1, 0, FULL - 1), 0);
    }
}
