//! What several entries are together: brute force, scans, beacons, exfiltration, or nothing of the kind.

use super::chance::Chance;
use super::choosing::with_others;
use super::entry::Entry;
use super::question::{Choice, Question, Topic};

/// So many entries of a pattern are shown.
const SHOWN_MAX: usize = 8;

/// What entries are together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// One address tries to log in again and again.
    BruteForce,
    /// One address tries many ports of one machine.
    PortScan,
    /// One address tries one port of many machines.
    HostScan,
    /// A machine calls out as regularly as a clock.
    Beacon,
    /// A machine sends very much to one place.
    Exfiltration,
    /// A machine inside is turned away where it should perhaps not be.
    DeniedAccess,
    /// Nothing of the kind.
    Ordinary,
}

impl Pattern {
    const ALL: [Self; 7] = [
        Self::BruteForce,
        Self::PortScan,
        Self::HostScan,
        Self::Beacon,
        Self::Exfiltration,
        Self::DeniedAccess,
        Self::Ordinary,
    ];

    /// What it is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::BruteForce => "brute force",
            Self::PortScan => "a port scan of one machine",
            Self::HostScan => "a scan of many machines for one service",
            Self::Beacon => "a beacon",
            Self::Exfiltration => "exfiltration",
            Self::DeniedAccess => "a machine that cannot reach what it needs",
            Self::Ordinary => "ordinary traffic",
        }
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::BruteForce => &["bruteforce", "password guessing", "guessing"],
            Self::PortScan => &["port scan", "vertical scan"],
            Self::HostScan => &["horizontal scan", "host scan", "sweep", "scan for a service"],
            Self::Beacon => &["beacon", "beaconing", "command and control", "c2"],
            Self::Exfiltration => &["exfil", "data theft", "upload"],
            Self::DeniedAccess => &["misconfiguration", "blocked access", "denied access"],
            Self::Ordinary => &["nothing", "normal", "ordinary", "nothing special"],
        }
    }

    /// The rule by which it is told.
    const fn mark(self) -> &'static str {
        match self {
            Self::BruteForce => "the same source, the same machine, the same login port, again and again",
            Self::PortScan => "one source, one machine, and another destination port each time",
            Self::HostScan => "one source, one port, and another machine each time, within minutes",
            Self::Beacon => "one machine calls one place with nearly the same pause each time",
            Self::Exfiltration => {
                "one machine sends far more than it gets, to one place that nobody else sends to"
            }
            Self::DeniedAccess => {
                "source and destination are both inside, the port is a database's, and each attempt is denied"
            }
            Self::Ordinary => "no address, port or rhythm stands out",
        }
    }
}

/// Some entries that belong together.
#[derive(Clone, Debug)]
pub struct Extract {
    /// What they are.
    pub pattern: Pattern,
    /// Who found or planted it, and by what: one sentence.
    pub summary: String,
    /// The entries, in the order of their times.
    pub entries: Vec<Entry>,
    /// How many there are in all.
    pub count: u64,
}

impl Extract {
    /// The tuples that are shown: spread over all, for a beginning alone has no rhythm.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let step = match self.pattern {
            // A rhythm is seen in neighbours only.
            Pattern::Beacon => 1,
            _ => self.entries.len().div_ceil(SHOWN_MAX).max(1),
        };
        let entries = self.entries.iter().step_by(step).take(SHOWN_MAX);
        let mut lines: Vec<String> = entries.map(|entry| format!("  {}", entry.tuple())).collect();
        let shown = lines.len() as u64;
        lines.insert(
            0,
            match self.count > shown {
                true => format!("{shown} of {} entries:", self.count),
                false => format!("{shown} entries:"),
            },
        );
        lines
    }

    pub(super) fn question(&self, chance: &mut Chance) -> Question {
        let choice = |pattern: Pattern| Choice::new(pattern.words()).also(pattern.names());
        let others = Pattern::ALL.into_iter().filter(|other| *other != self.pattern);
        let others =
            others.map(|other| choice(other).but(format!("That would be told by this: {}.", other.mark())));
        let choices = with_others(choice(self.pattern), others.collect(), chance);
        Question::new(
            Topic::Pattern,
            "What are these entries together?",
            choices,
            chance,
        )
        .hint("what stays the same from entry to entry, and what changes?")
        .because([
            format!("It is {}: {}.", self.pattern.words(), self.pattern.mark()),
            self.summary.clone(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::knock;
    use super::super::question::Reply;
    use super::*;

    #[test]
    fn each_pattern_is_told_by_its_names_and_shown_in_few_lines() {
        for (seed, pattern) in (0..).zip(Pattern::ALL) {
            let extract = Extract {
                pattern,
                summary: "planted".to_owned(),
                entries: vec![knock(); 100],
                count: 632,
            };
            let shown = extract.shown();
            assert_eq!((shown.len(), shown[0].as_str()), (9, "8 of 632 entries:"));
            let question = extract.question(&mut Chance::new(seed));
            assert_eq!(question.choices.len(), 4);
            for name in pattern.names().iter().chain(&[pattern.words()]) {
                assert_eq!(
                    question.reply(name),
                    Reply::Choice(question.right),
                    "{name} {question}"
                );
            }
        }
    }
}
