//! What goes wrong, and when: what a test asks for, or what chance does with a seed, which plays the same again.

use std::time::Duration;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not passed on; the answer is `ServerBusy`.
    Busy503,
    /// It is not passed on; the answer is that there are too many.
    TooMany429,
    /// It is not passed on; the answer is `OperationTimedOut`.
    TimedOut500,
    /// It is carried out, and of the answer so many bytes come before the connection breaks.
    CutAnswer(usize),
    /// It is carried out, and nothing of the answer comes.
    LostAnswer,
    /// It is not passed on, and the connection breaks.
    LostRequest,
    /// It is carried out, and the answer `InternalError` comes in place of its own.
    Hidden500,
    /// It is passed on after a while.
    Delay(Duration),
    /// The answer comes in small pieces with a pause between them.
    Slow(Duration),
    /// It is not passed on, and nothing is answered, until the plan is another; then the connection breaks.
    Silence,
}

impl Fault {
    /// Status and code of the answer in place of the service's own.
    pub(crate) const fn answer(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Busy503 => Some((503, "ServerBusy")),
            Self::TooMany429 => Some((429, "TooManyRequests")),
            Self::TimedOut500 => Some((500, "OperationTimedOut")),
            Self::Hidden500 => Some((500, "InternalError")),
            _ => None,
        }
    }

    /// True if the service never hears of it.
    pub(crate) const fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Busy503 | Self::TooMany429 | Self::TimedOut500 | Self::LostRequest | Self::Silence
        )
    }
}

/// How often what goes wrong, of a thousand requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Busy, too many, timed out: not carried out.
    pub refused: u64,
    /// The connection breaks in the answer.
    pub cut: u64,
    /// Carried out, with no answer, or with another.
    pub lost: u64,
    /// Up to 200 ms later.
    pub delayed: u64,
}

/// What goes wrong, and when.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    state: u64,
    rates: Rates,
    next: Vec<(String, Fault)>,
    /// What has this in its first line is not answered.
    silence: Option<String>,
}

impl Plan {
    /// Nothing goes wrong but what is asked for.
    #[must_use]
    pub fn calm() -> Self {
        Self::default()
    }

    /// By chance: the same requests in the same order meet the same faults.
    #[must_use]
    pub const fn seeded(seed: u64, rates: Rates) -> Self {
        Self {
            state: seed,
            rates,
            next: Vec::new(),
            silence: None,
        }
    }

    /// Requests whose first line has this in it are taken, and never answered.
    #[must_use]
    pub fn silent(matching: &str) -> Self {
        Self {
            silence: Some(matching.to_owned()),
            ..Self::calm()
        }
    }

    /// True if such a request is not answered.
    pub(crate) fn is_silent(&self, line: &str) -> bool {
        self.silence
            .as_deref()
            .is_some_and(|matching| line.contains(matching))
    }

    /// The next request whose first line has this in it meets a fault.
    pub(crate) fn fail_next(&mut self, matching: &str, fault: Fault) {
        self.next.push((matching.to_owned(), fault));
    }

    /// What happens to a request with such a first line.
    pub(crate) fn fate(&mut self, line: &str) -> Option<Fault> {
        let asked = self
            .next
            .iter()
            .position(|(matching, _)| line.contains(matching.as_str()));
        if let Some(at) = asked {
            return Some(self.next.remove(at).1);
        }
        if self.is_silent(line) {
            return Some(Fault::Silence);
        }
        let Rates {
            refused,
            cut,
            lost,
            delayed,
        } = self.rates;
        if refused + cut + lost + delayed == 0 {
            return None;
        }
        let drawn = self.draw() % 1000;
        let detail = self.draw();
        let small = usize::try_from(detail % 700).unwrap_or(0);
        if drawn < refused {
            Some(match detail % 3 {
                0 => Fault::Busy503,
                1 => Fault::TooMany429,
                _ => Fault::TimedOut500,
            })
        } else if drawn < refused + cut {
            Some(match detail % 4 {
                0 => Fault::LostRequest,
                _ => Fault::CutAnswer(small),
            })
        } else if drawn < refused + cut + lost {
            Some(match detail % 2 {
                0 => Fault::LostAnswer,
                _ => Fault::Hidden500,
            })
        } else if drawn < refused + cut + lost + delayed {
            Some(Fault::Delay(Duration::from_millis(detail % 200)))
        } else {
            None
        }
    }

    /// Numbers that look like chance.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_plays_the_same_again() {
        let rates = Rates {
            refused: 100,
            cut: 100,
            lost: 100,
            delayed: 100,
        };
        let fates = |seed: u64| {
            let mut plan = Plan::seeded(seed, rates);
            (0..2000).map(|_| plan.fate("GET /x")).collect::<Vec<_>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let faults = fates(7).iter().flatten().count();
        assert!((700..900).contains(&faults), "{faults}");
    }

    #[test]
    fn what_was_asked_for_comes_first() {
        let mut plan = Plan::calm();
        plan.fail_next("PUT /c", Fault::LostAnswer);
        assert_eq!(plan.fate("GET /c HTTP/1.1"), None);
        assert_eq!(plan.fate("PUT /c HTTP/1.1"), Some(Fault::LostAnswer));
        assert_eq!(plan.fate("PUT /c HTTP/1.1"), None);
    }
}
