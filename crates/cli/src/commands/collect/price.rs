//! What following costs once everything is read: requests by the minute, and their price by the month.
//!
//! A look lists each hour that may grow of each flow log; each blob that changed costs two requests, its blocks and its new
//! bytes. `crates/cli/tests/cli/collect/counted.rs` compares the numbers with those that a collector counts.

use crate::quantity::grouped;

/// Dollars for 10,000 requests to an account in the hot tier: the sample prices of
/// <https://learn.microsoft.com/azure/storage/blobs/blob-storage-estimate-costs#sample-prices>, page of 2024-07-26. Which request is
/// priced as what: <https://learn.microsoft.com/azure/storage/blobs/map-rest-apis-transaction-categories>.
const LIST: f64 = 0.055;
const READ: f64 = 0.0044;
const OTHER: f64 = 0.0044;
/// Dollars for 10,000 requests to a queue of a general purpose v2 account:
/// <https://azure.microsoft.com/pricing/details/storage/queues>.
const MESSAGE: f64 = 0.004;
/// Dollars for 10,000 operations of Event Grid, $0.60 a million:
/// <https://azure.microsoft.com/pricing/details/event-grid>.
const EVENT: f64 = 0.006;

/// A month has so many minutes, by which Azure's calculator goes: 730 hours.
const MINUTES: f64 = 43_800.0;

/// Azure commits a blob so many times a minute.
const COMMITS: f64 = 1.0;
/// Blobs on one page of a list.
const PAGE: f64 = 5000.0;
/// Clocks ahead of ours begin an hour so many minutes sooner.
const AHEAD_MINUTES: f64 = 5.0;
/// New flow logs are looked for at the first look after so many seconds.
const FIND_SECS: f64 = 60.0;
/// Messages that are taken from a queue at once.
const MESSAGES_AT_ONCE: f64 = 32.0;

/// What is followed, and how.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Followed {
    pub(super) flow_logs: u64,
    pub(super) interfaces: u64,
    /// Lists that it takes to find the flow logs.
    pub(super) folders: u64,
    /// Seconds between two looks.
    pub(super) poll_secs: u64,
    /// Minutes that an hour may grow after it has ended.
    pub(super) look_back_minutes: u64,
    /// Notices tell of changes.
    pub(super) is_noticed: bool,
}

/// Requests by the minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub(super) lists: f64,
    pub(super) reads: f64,
    pub(super) others: f64,
    /// To the queue, those of Event Grid too.
    pub(super) messages: f64,
    /// Operations of Event Grid: each event comes in, and goes out.
    pub(super) events: f64,
}

/// As near as a price needs.
const fn number(count: u64) -> f64 {
    count as f64
}

impl Followed {
    pub(super) fn rates(&self) -> Rates {
        let poll = number(self.poll_secs.max(1));
        let looks = 60.0 / poll;
        // An hour is listed until it has ended for so long, and another one has begun by some clock.
        let hours = 1.0 + (number(self.look_back_minutes) + AHEAD_MINUTES) / 60.0;
        let of_each = number(self.interfaces) / number(self.flow_logs.max(1));
        let pages = (of_each / PAGE).ceil().max(1.0);
        let looks_between = (FIND_SECS / poll).floor() + 1.0;
        let finding = number(self.folders) * looks / looks_between;
        let commits = number(self.interfaces) * COMMITS;
        let changes = match self.is_noticed {
            true => commits,
            // Commits between two looks are read together.
            false => commits.min(number(self.interfaces) * looks),
        };
        let (messages, events) = match self.is_noticed {
            // Put, removed, and taken up to 32 at once; an empty queue is looked at once a second.
            true => (2.0 * commits + commits / MESSAGES_AT_ONCE + 60.0, 2.0 * commits),
            false => (0.0, 0.0),
        };
        Rates {
            lists: number(self.flow_logs) * hours * pages * looks + finding,
            reads: changes,
            others: changes,
            messages,
            events,
        }
    }
}

impl Rates {
    /// Dollars a month, by kind: lists, reads, others, messages, events.
    fn prices(&self) -> [f64; 5] {
        let of = |rate: f64, price: f64| rate * MINUTES / 10_000.0 * price;
        [
            of(self.lists, LIST),
            of(self.reads, READ),
            of(self.others, OTHER),
            of(self.messages, MESSAGE),
            of(self.events, EVENT),
        ]
    }

    /// Dollars a month.
    fn price(&self) -> f64 {
        self.prices().iter().sum()
    }

    /// In a line: a minute's requests, a month's, and their price.
    fn line(&self) -> String {
        let all = self.lists + self.reads + self.others + self.messages;
        let mut parts = vec![
            format!("{} lists", whole(self.lists)),
            format!("{} reads", whole(self.reads)),
            format!("{} other", whole(self.others)),
        ];
        if self.messages > 0.0 {
            parts.push(format!("{} of the queue", whole(self.messages)));
            parts.push(format!("{} events", whole(self.events)));
        }
        format!(
            "{} a minute; {} M requests a month: ${}",
            parts.join(", "),
            tenths(all * MINUTES / 1e6),
            dollars(self.price())
        )
    }
}

/// What is told of the price: as it is followed, the other way, and more rarely.
pub(super) fn lines(followed: &Followed) -> Vec<String> {
    let what = format!(
        "{} and {}",
        crate::quantity::counted(followed.flow_logs, "flow log"),
        crate::quantity::counted(followed.interfaces, "interface")
    );
    let polled = |poll_secs| Followed {
        poll_secs,
        is_noticed: false,
        ..*followed
    };
    let way = |followed: &Followed| match followed.is_noticed {
        true => format!("notices, and lists every {} s", followed.poll_secs),
        false => format!("lists every {} s", followed.poll_secs),
    };
    let mut others = vec![polled(30), polled(300)];
    others.push(Followed {
        poll_secs: 600,
        is_noticed: true,
        ..*followed
    });
    others.retain(|other| (other.is_noticed, other.poll_secs) != (followed.is_noticed, followed.poll_secs));
    let mut lines = vec![format!("{what}, {}: {}", way(followed), followed.rates().line())];
    lines.extend(
        others
            .iter()
            .map(|other| format!("or {}: {}", way(other), other.rates().line())),
    );
    lines.push(format!(
        "hot tier, for 10,000: lists ${LIST}, reads ${READ}, other ${OTHER}, queue ${MESSAGE}, events ${EVENT} (Microsoft's samples of 2024-07-26)"
    ));
    lines.push("region and redundancy differ; what a table in an account costs is not in it".to_owned());
    lines
}

fn whole(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never below zero, and a count of requests"
    )]
    let rounded = number.round().max(0.0) as u64;
    grouped(rounded)
}

fn tenths(number: f64) -> String {
    format!("{number:.1}")
}

/// To the dollar; to the cent where it is little.
fn dollars(number: f64) -> String {
    match number < 10.0 {
        true => format!("{number:.2}"),
        false => whole(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3,000 interfaces in 30 virtual networks, whose flow logs write to one account.
    const LARGE: Followed = Followed {
        flow_logs: 30,
        interfaces: 3000,
        folders: 33,
        poll_secs: 30,
        look_back_minutes: 120,
        is_noticed: false,
    };

    const NOTICED: Followed = Followed {
        poll_secs: 600,
        is_noticed: true,
        ..LARGE
    };

    #[test]
    fn requests_of_three_thousand_interfaces() {
        let polled = LARGE.rates();
        // 30 flow logs, 3 hours and 5 minutes of a fourth, twice a minute; folders at each third look.
        assert!((polled.lists - (185.0 + 22.0)).abs() < 1e-9, "{}", polled.lists);
        assert!((polled.reads - 3000.0).abs() < 1e-9 && (polled.others - 3000.0).abs() < 1e-9);
        let noticed = NOTICED.rates();
        assert!((noticed.lists - (9.25 + 3.3)).abs() < 1e-9, "{}", noticed.lists);
        // The same as `docs/collect.md` tells.
        let page = include_str!("../../../../../docs/collect.md");
        let rarely = Followed {
            poll_secs: 300,
            ..LARGE
        };
        for (way, followed) in [
            ("lists every 30 s", LARGE),
            ("lists every 300 s", rarely),
            ("notices, and lists every 600 s", NOTICED),
        ] {
            let rates = followed.rates();
            let row = format!(
                "| {way} | {} | {} | {} | {} | {} | ${} |",
                whole(rates.lists),
                whole(rates.reads),
                whole(rates.others),
                whole(rates.messages),
                whole(rates.events),
                dollars(rates.price())
            );
            println!("{row}");
            assert!(page.contains(&row), "docs/collect.md has not this row:\n{row}");
        }
    }

    #[test]
    fn how_it_grows() {
        let with = |flow_logs, interfaces, poll_secs| {
            Followed {
                flow_logs,
                interfaces,
                poll_secs,
                ..LARGE
            }
            .rates()
        };
        // Pages: 5,000 blobs of an hour are one, 5,001 are two.
        let (one, two) = (with(1, 5000, 30).lists, with(1, 5001, 30).lists);
        assert!((two - one - 185.0 / 30.0).abs() < 1e-9, "{one} {two}");
        // Nothing is read more often than it changes, nor than it is looked at.
        assert!((with(1, 100, 5).reads - 100.0).abs() < 1e-9);
        assert!((with(1, 100, 120).reads - 50.0).abs() < 1e-9);
        assert_eq!(
            with(0, 0, 30).line(),
            "22 lists, 0 reads, 0 other a minute; 1.0 M requests a month: $5.30"
        );
        assert_eq!(lines(&LARGE).len(), 5);
        assert_eq!(lines(&NOTICED).len(), 5);
    }
}
