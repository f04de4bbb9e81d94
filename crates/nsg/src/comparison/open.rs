//! What is not known, as questions that are answered in all ways.

use std::net::IpAddr;

use ahash::AHashMap;
use model::facts::ArmId;

use super::walk::Walk;
use crate::labels::Label;
use crate::verdict::LevelKind;

/// One of the two guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    Now,
    Then,
}

/// A rule by what it is called: then it may stand elsewhere.
pub(super) type Called = (Option<ArmId>, String);

/// Something that is not known; what is the same for two rules is one question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Open {
    /// Whether an end is of what a label stands for; none for what is not about an end.
    Label(Label, Option<IpAddr>),
    /// Whether a text on a side of a rule, its source first, is about the flow.
    Unread(Called, bool, String),
    /// Whether a collection of security admin rules holds here.
    Holds(Option<ArmId>),
    /// Whether a rule with properties that are not known matches all the same, and whether it does what it says.
    Matches(Called, Vec<String>),
    Does(Called, Vec<String>),
    /// Of two rules with one number, whether the first is asked first.
    IsFirst(Called, Called),
    /// Whether rules hold for a private endpoint.
    IsGoverned,
    /// The same of one of the guards only.
    Of(Whose, Box<Self>),
}

/// Where in its level a rule that is not known would be asked, and what it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strange {
    /// Before the rules with this number and those behind them; none for a rule that does not match.
    pub(super) before: Option<i32>,
    pub(super) access: model::facts::Access,
}

/// The open questions of one flow.
#[derive(Debug, Default)]
pub(super) struct Opens {
    known: AHashMap<Open, usize>,
    levels: Vec<(LevelKind, Option<Whose>, Vec<Strange>)>,
}

/// One way in which all of them are answered.
#[derive(Debug)]
pub(super) struct Case<'o> {
    opens: &'o Opens,
    number: usize,
}

impl Opens {
    pub(super) fn of(&mut self, open: Open) -> usize {
        let next = self.known.len();
        *self.known.entry(open).or_insert(next)
    }

    /// The levels with rules that are not known. Where the same rules are not known now and then, they are the same.
    pub(super) fn open_levels(&mut self, now: &Walk, then: &Walk) {
        for kind in [LevelKind::Admin, LevelKind::Subnet, LevelKind::Interface] {
            let (now, then) = (now.level(kind), then.level(kind));
            let unknown = |level: Option<&super::walk::LevelWalk>| {
                level.map(|level| level.unknown.clone()).unwrap_or_default()
            };
            let whose: &[Option<Whose>] = match (unknown(now), unknown(then)) {
                (now, then) if now.is_empty() && then.is_empty() => &[],
                (now, then) if now == then => &[None],
                (_, then) if then.is_empty() => &[Some(Whose::Now)],
                (now, _) if now.is_empty() => &[Some(Whose::Then)],
                _ => &[Some(Whose::Now), Some(Whose::Then)],
            };
            let ways = super::walk::ways(kind, [now, then].into_iter().flatten());
            self.levels
                .extend(whose.iter().map(|whose| (kind, *whose, ways.clone())));
        }
    }

    /// All ways; none if there are too many.
    pub(super) fn cases(&self, most: usize) -> Option<impl Iterator<Item = Case<'_>>> {
        let questions = u32::try_from(self.known.len()).ok()?;
        let mut count = 2_usize.checked_pow(questions)?;
        for (.., ways) in &self.levels {
            count = count.checked_mul(ways.len())?;
        }
        (count <= most).then(|| (0..count).map(|number| Case { opens: self, number }))
    }
}

impl Case<'_> {
    pub(super) const fn is(&self, open: usize) -> bool {
        self.number >> open & 1 == 1
    }

    /// What the rules of a level that are not known do.
    pub(super) fn strange(&self, kind: LevelKind, whose: Option<Whose>) -> Option<Strange> {
        let mut rest = self.number >> self.opens.known.len();
        for (held, of, ways) in &self.opens.levels {
            let way = ways.get(rest.checked_rem(ways.len())?)?;
            if *held == kind && (of.is_none() || *of == whose) {
                return Some(*way);
            }
            rest /= ways.len();
        }
        None
    }
}
