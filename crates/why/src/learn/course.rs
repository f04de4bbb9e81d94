//! Which questions are asked of which entries, in which order.

use super::chance::Chance;
use super::entry::Entry;
use super::lesson::Lesson;
use super::patterns::Extract;
use super::question::Question;
use super::{ask, counting, enabled, fields};

/// What there is to ask about.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Entries one by one.
    pub entries: Vec<Entry>,
    /// Entries of one flow at one interface, in the order of their times.
    pub sessions: Vec<Vec<Entry>>,
    /// Entries that are something together.
    pub extracts: Vec<Extract>,
}

/// Something to look at, and questions about it.
#[derive(Clone, Debug)]
pub struct Round {
    /// What is shown.
    pub shown: Vec<String>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// What is said when all was answered.
    pub words: String,
}

/// A question about an entry, if it can be asked of it.
type Ask = fn(&Entry, &mut Chance) -> Option<Question>;

/// What rounds ask, one after the other.
#[derive(Clone, Copy)]
enum Kind {
    /// These of one entry.
    Of(&'static [Ask]),
    /// One that is about the entry whose reporter is not shown.
    Hidden(Ask),
    /// The sum of a flow's counters.
    Sum,
    /// What logs of the entry's kind are enabled on.
    Kinds,
    /// A pattern.
    Pattern,
}

const MIXED: &[Kind] = &[
    Kind::Of(&[ask::direction, ask::place, ask::decision]),
    Kind::Of(&[ask::who, ask::service, ask::rule]),
    Kind::Pattern,
    Kind::Sum,
    Kind::Of(&[ask::state, ask::rule]),
    Kind::Kinds,
    Kind::Of(&[ask::service, ask::decision, ask::place]),
    Kind::Pattern,
    Kind::Of(&[enabled::target]),
    Kind::Of(&[counting::meaning]),
];

const fn kinds(lesson: Option<Lesson>) -> &'static [Kind] {
    match lesson {
        None => MIXED,
        Some(Lesson::Tuple) => &[Kind::Of(&[fields::question, fields::question])],
        Some(Lesson::State) => &[Kind::Of(&[ask::state, ask::decision])],
        Some(Lesson::Counters) => &[Kind::Of(&[counting::meaning]), Kind::Sum],
        Some(Lesson::Direction) => &[Kind::Of(&[ask::direction, ask::who]), Kind::Hidden(ask::reporter)],
        Some(Lesson::Enabled) => &[Kind::Kinds, Kind::Of(&[enabled::target])],
        Some(Lesson::Rules) => &[Kind::Of(&[ask::rule])],
        Some(Lesson::Patterns) => &[Kind::Pattern],
    }
}

/// So many entries are tried for a round; there may be none of which all can be asked.
const TRIED_MAX: usize = 64;

/// Rounds, without an end as long as there is something to ask about.
#[derive(Debug)]
pub struct Course<'m> {
    material: &'m Material,
    lesson: Option<Lesson>,
    chance: Chance,
    at: usize,
    /// Places of extracts that were not shown yet.
    extracts: Vec<usize>,
}

impl<'m> Course<'m> {
    /// Of a lesson, or of everything in turn.
    #[must_use]
    pub const fn new(material: &'m Material, lesson: Option<Lesson>, chance: Chance) -> Self {
        Self {
            material,
            lesson,
            chance,
            at: 0,
            extracts: Vec::new(),
        }
    }

    /// The next one; none if nothing can be asked.
    pub fn next_round(&mut self) -> Option<Round> {
        let kinds = kinds(self.lesson);
        for _ in 0..kinds.len() {
            let kind = kinds.get(self.at.checked_rem(kinds.len())?)?;
            self.at += 1;
            let round = self.round(*kind);
            if round.is_some() {
                return round;
            }
        }
        None
    }

    fn round(&mut self, kind: Kind) -> Option<Round> {
        match kind {
            Kind::Of(asked) => self.of_entry(asked),
            Kind::Hidden(asked) => {
                let mut round = self.of_entry(&[asked])?;
                round.shown.clear();
                Some(round)
            }
            Kind::Sum => self.sum(),
            Kind::Kinds => {
                let at = self.chance.below(self.material.entries.len());
                let entry = self.material.entries.get(at)?;
                let question = enabled::kinds(entry, &mut self.chance);
                Some(of(entry, vec![question]))
            }
            Kind::Pattern => self.pattern(),
        }
    }

    /// The entry of which most of this can be asked, of some that chance names.
    fn of_entry(&mut self, asked: &[Ask]) -> Option<Round> {
        let mut best: Option<Round> = None;
        for _ in 0..TRIED_MAX.min(self.material.entries.len() * 4) {
            let at = self.chance.below(self.material.entries.len());
            let entry = self.material.entries.get(at)?;
            let questions = asked.iter().filter_map(|ask| ask(entry, &mut self.chance));
            let mut questions: Vec<Question> = questions.collect();
            questions.dedup_by(|left, right| left.prompt == right.prompt);
            let is_all = questions.len() == asked.len();
            let held = best.as_ref().map_or(0, |round| round.questions.len());
            if questions.len() > held {
                best = Some(of(entry, questions));
            }
            if is_all {
                break;
            }
        }
        best
    }

    fn sum(&mut self) -> Option<Round> {
        let sessions = &self.material.sessions;
        for _ in 0..TRIED_MAX.min(sessions.len() * 4) {
            let entries = sessions.get(self.chance.below(sessions.len()))?;
            let Some(question) = counting::sum(entries, &mut self.chance) else {
                continue;
            };
            let mut shown = vec!["One flow, as one interface logged it:".to_owned()];
            shown.extend(entries.iter().map(|entry| format!("  {}", entry.tuple())));
            return Some(Round {
                shown,
                questions: vec![question],
                words: String::new(),
            });
        }
        None
    }

    /// Each is shown before one is shown again.
    fn pattern(&mut self) -> Option<Round> {
        if self.extracts.is_empty() {
            self.extracts = (0..self.material.extracts.len()).collect();
            self.chance.shuffle(&mut self.extracts);
        }
        let extract = self.material.extracts.get(self.extracts.pop()?)?;
        Some(Round {
            shown: extract.shown(),
            questions: vec![extract.question(&mut self.chance)],
            words: String::new(),
        })
    }
}

fn of(entry: &Entry, questions: Vec<Question>) -> Round {
    Round {
        shown: entry.shown(),
        questions,
        words: entry.words.clone(),
    }
}

#[cfg(test)]
mod tests {
    use model::FlowState;

    use super::super::entry::tests::knock;
    use super::super::patterns::Pattern;
    use super::super::question::Topic;
    use super::*;

    fn material() -> Material {
        let goes_on = |bytes| Entry {
            state: Some(FlowState::Continue),
            status: model::FlowStatus::Allowed,
            rule: "AllowHttps".to_owned(),
            counters: [Some(1), Some(bytes), Some(1), Some(bytes)],
            ..knock()
        };
        let extract = |pattern| Extract {
            pattern,
            summary: String::new(),
            entries: vec![knock(); 3],
            count: 3,
        };
        Material {
            entries: vec![knock(), goes_on(700)],
            sessions: vec![vec![goes_on(700), goes_on(40)]],
            extracts: vec![extract(Pattern::BruteForce), extract(Pattern::Beacon)],
        }
    }

    #[test]
    fn everything_is_asked_in_turn() {
        let material = material();
        let mut course = Course::new(&material, None, Chance::new(5));
        let mut topics: Vec<Topic> = Vec::new();
        for _ in 0..10 {
            topics.extend(
                course
                    .next_round()
                    .unwrap()
                    .questions
                    .iter()
                    .map(|question| question.topic),
            );
        }
        topics.sort();
        topics.dedup();
        let all = [
            Topic::Direction,
            Topic::Who,
            Topic::Place,
            Topic::Decision,
            Topic::State,
            Topic::Rule,
            Topic::Service,
            Topic::Counters,
            Topic::Enabled,
            Topic::Pattern,
        ];
        assert_eq!(topics, all);
    }

    #[test]
    fn the_same_seed_asks_the_same() {
        let material = material();
        let asked = |seed| {
            let mut course = Course::new(&material, None, Chance::new(seed));
            (0..10)
                .map(|_| format!("{:?}", course.next_round()))
                .collect::<String>()
        };
        assert_eq!(asked(7), asked(7));
        assert_ne!(asked(7), asked(8));
    }

    #[test]
    fn each_lesson_asks_and_nothing_is_asked_of_nothing() {
        let material = material();
        for lesson in Lesson::ALL {
            let mut course = Course::new(&material, Some(lesson), Chance::new(3));
            for _ in 0..4 {
                assert!(!course.next_round().unwrap().questions.is_empty(), "{lesson:?}");
            }
            let nothing = Material::default();
            assert!(
                Course::new(&nothing, Some(lesson), Chance::new(3))
                    .next_round()
                    .is_none()
            );
        }
    }
}
