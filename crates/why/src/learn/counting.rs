//! Counters: what they count, and what they come to over a flow's entries.

use model::digits::grouped;
use model::{FlowState, LogFormat};

use super::chance::Chance;
use super::entry::Entry;
use super::question::{Choice, Question, Topic};

const DELTAS: &str = "Counters are deltas: each entry counts what was added since the one before it, and a flow's total is their sum.";

fn sent(entry: &Entry) -> u64 {
    let [_, bytes, ..] = entry.counters;
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0)
}

/// What a counter of one entry counts.
pub(super) fn meaning(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let goes_on = matches!(entry.state, Some(FlowState::Continue | FlowState::End));
    let bytes = sent(entry);
    if !goes_on || bytes == 0 || entry.format == LogFormat::Nsg1 {
        return None;
    }
    let choices = vec![
        Choice::new("what the source sent since the flow's previous entry")
            .also(&["delta", "since the previous entry"]),
        Choice::new("what the source has sent since the flow began")
            .also(&["total"])
            .but(DELTAS),
        Choice::new("what the destination sent")
            .but("Fields 10 and 11 are of the source, 12 and 13 of the destination."),
        Choice::new("the size of one packet")
            .but("Field 10 is the packets, and field 11 the bytes of them all."),
    ];
    let prompt = format!("Field 11 is {bytes}. What do these bytes count?");
    Some(
        Question::new(Topic::Counters, prompt, choices, chance)
            .hint("a flow that goes on gets an entry every few minutes")
            .because([DELTAS]),
    )
}

/// What the entries of one flow come to together, in their order.
pub(super) fn sum(entries: &[Entry], chance: &mut Chance) -> Option<Question> {
    let last = entries.last()?;
    let counted: Vec<u64> = entries.iter().map(sent).collect();
    let total: u64 = counted.iter().sum();
    if counted.iter().filter(|bytes| **bytes > 0).count() < 2 {
        return None;
    }
    let bytes = |count: u64| Choice::new(format!("{} bytes", grouped(count)));
    let others = [
        bytes(sent(last)).but(format!("That is the last entry alone. {DELTAS}")),
        bytes(counted.iter().copied().max().unwrap_or(0)).but(format!("That is the largest entry. {DELTAS}")),
        bytes(total.saturating_mul(2)).but("Each entry counts once here: all are of one interface."),
        bytes(total.saturating_sub(counted.iter().copied().max().unwrap_or(0)))
            .but(format!("The largest entry is missing there. {DELTAS}")),
    ];
    let mut choices = vec![bytes(total)];
    for other in others {
        if choices.len() < 4 && choices.iter().all(|held| held.text != other.text) {
            choices.push(other);
        }
    }
    let shown: Vec<String> = counted.iter().map(|count| grouped(*count)).collect();
    Some(
        Question::new(
            Topic::Counters,
            "How many bytes has the source sent by the last of these entries?",
            choices,
            chance,
        )
        .hint("field 11 of each; is it a reading of a meter, or what was added?")
        .because([format!("{} = {}. {DELTAS}", shown.join(" + "), grouped(total))]),
    )
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::knock;
    use super::super::question::Reply;
    use super::*;

    fn entries(counts: &[i64]) -> Vec<Entry> {
        let entry = |bytes: &i64| Entry {
            state: Some(FlowState::Continue),
            counters: [Some(1), Some(*bytes), Some(1), Some(7)],
            ..knock()
        };
        counts.iter().map(entry).collect()
    }

    #[test]
    fn a_total_is_the_sum_of_what_was_added() {
        for seed in 0..8 {
            let question = sum(&entries(&[1000, 2500, 400]), &mut Chance::new(seed)).unwrap();
            assert_eq!(question.reply("3900"), Reply::Choice(question.right));
            assert_eq!(question.reply("3,900 bytes"), Reply::Choice(question.right));
            let Reply::Choice(last) = question.reply("400") else {
                panic!("{question}")
            };
            assert!(question.choices[last].correction.contains("deltas"), "{question}");
        }
        assert_eq!(sum(&entries(&[1000, 0]), &mut Chance::new(1)), None);
        let one = &entries(&[10])[0];
        let question = meaning(one, &mut Chance::new(3)).unwrap();
        assert_eq!(question.reply("delta"), Reply::Choice(question.right));
        assert_eq!(meaning(&knock(), &mut Chance::new(3)), None);
    }
}
