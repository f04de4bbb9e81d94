//! How it went, topic by topic, over all sittings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::question::Topic;

/// Answers about one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Questions.
    pub asked: u64,
    /// Of them those that were answered rightly.
    pub right: u64,
}

/// All answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Sittings in which something was answered.
    pub sittings: u64,
    /// The most right answers without a wrong one between.
    pub best_row: u64,
    /// Right answers since the last wrong one.
    pub row: u64,
    /// By topic.
    pub topics: BTreeMap<Topic, Tally>,
}

impl Score {
    /// Counts an answer.
    pub fn count(&mut self, topic: Topic, is_right: bool) {
        let tally = self.topics.entry(topic).or_default();
        tally.asked = tally.asked.saturating_add(1);
        tally.right = tally.right.saturating_add(u64::from(is_right));
        self.row = if is_right { self.row.saturating_add(1) } else { 0 };
        self.best_row = self.best_row.max(self.row);
    }

    /// Together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.topics.values().fold(Tally::default(), |sum, tally| Tally {
            asked: sum.asked.saturating_add(tally.asked),
            right: sum.right.saturating_add(tally.right),
        })
    }

    /// What went worst of what was asked at least three times: to be learned next.
    #[must_use]
    pub fn weakest(&self) -> Option<Topic> {
        let asked = self
            .topics
            .iter()
            .filter(|(_, tally)| tally.asked >= 3 && tally.right < tally.asked);
        let share = |tally: &Tally| {
            tally
                .right
                .saturating_mul(1000)
                .checked_div(tally.asked)
                .unwrap_or(0)
        };
        asked
            .min_by_key(|(_, tally)| share(tally))
            .map(|(topic, _)| *topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_topic_and_in_a_row() {
        let mut score = Score::default();
        for is_right in [true, true, false, true] {
            score.count(Topic::State, is_right);
        }
        score.count(Topic::Rule, true);
        assert_eq!(score.total(), Tally { asked: 5, right: 4 });
        assert_eq!((score.best_row, score.row), (2, 2));
        assert_eq!(score.weakest(), Some(Topic::State));
        let text = serde_json::to_string(&score).unwrap();
        assert_eq!(serde_json::from_str::<Score>(&text).unwrap(), score);
        assert!(serde_json::from_str::<Score>(r#"{"sittings":-1}"#).is_err());
    }
}
