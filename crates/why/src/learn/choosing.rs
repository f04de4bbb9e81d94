//! Wrong answers to put beside the right one.

use super::chance::Chance;
use super::question::Choice;

/// So many answers stand beside the right one at most.
const OTHERS_MAX: usize = 3;

/// The right answer first, and some of the others that say something else.
pub(super) fn with_others(right: Choice, mut others: Vec<Choice>, chance: &mut Chance) -> Vec<Choice> {
    chance.shuffle(&mut others);
    let mut choices = vec![right];
    for other in others {
        let is_new = choices
            .iter()
            .all(|held| !held.text.eq_ignore_ascii_case(&other.text));
        if is_new && choices.len() <= OTHERS_MAX {
            choices.push(other);
        }
    }
    choices
}
