//! The lessons: what each begins with, and what it asks.

/// A lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Reading a tuple by hand.
    Tuple,
    /// The state, and the decision that follows from it.
    State,
    /// Counters are deltas.
    Counters,
    /// Direction is seen from the interface.
    Direction,
    /// What a flow log is enabled on.
    Enabled,
    /// Rules and the chain in which they are asked.
    Rules,
    /// What several entries are together.
    Patterns,
}

impl Lesson {
    /// All of them, in the order in which they are best taken.
    pub const ALL: [Self; 7] = [
        Self::Tuple,
        Self::Direction,
        Self::State,
        Self::Counters,
        Self::Enabled,
        Self::Rules,
        Self::Patterns,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tuple => "tuple",
            Self::State => "state",
            Self::Counters => "counters",
            Self::Direction => "direction",
            Self::Enabled => "enabled",
            Self::Rules => "rules",
            Self::Patterns => "patterns",
        }
    }

    /// The lesson of a name, in any letter case.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|lesson| lesson.name().eq_ignore_ascii_case(name.trim()))
    }

    /// What is said before the first question.
    #[must_use]
    pub const fn introduction(self) -> &'static str {
        match self {
            Self::Tuple => {
                "\
A tuple is one line of a flow log, fields with commas between them:
  when, who, whom, source port, destination port, protocol, direction,
  then what became of it, and last four counters.
VNet flow log:  time in ms,…,6 or 17,I or O,state,encryption,packets,bytes,packets,bytes
NSG version 2:  time in s,…,T or U,I or O,decision,state,packets,bytes,packets,bytes"
            }
            Self::State => {
                "\
The state is a letter: B begins, C goes on, E has ended, D was denied.
A VNet flow log has no field for the decision. It follows from the state:
D is denied, and what begins, goes on or ends was allowed.
An NSG flow log has both: the decision (A or D) in field 8, the state in field 9."
            }
            Self::Counters => {
                "\
The last four fields count packets and bytes of the source, then of the
destination. They are deltas: what was added since the flow's previous entry.
A flow's total is the sum of its entries. A beginning counts nothing yet."
            }
            Self::Direction => {
                "\
Each interface writes its own entries. I came in there, O left it.
Who began is in field 2, whichever way it went. A flow between two logged
machines stands in the logs twice: as O of the one, and as I of the other."
            }
            Self::Enabled => {
                "\
A VNet flow log is enabled on a virtual network, a subnet or a network
interface, and each of its records names that as its target.
An NSG flow log is enabled on a network security group; Azure retires it."
            }
            Self::Rules => {
                "\
What comes in is asked of the subnet's group first, then of the interface's;
what leaves the other way round. Security admin rules come before both.
In a group rules are asked by their number, the lowest first, and the first
that matches decides. Each group that is asked must let the flow pass.
Replies are not asked about."
            }
            Self::Patterns => {
                "\
One entry rarely tells a story. Look at what stays the same from entry to
entry and what changes: the source, the machine, the port, the pause between
them, the bytes each way."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_are_called_by_their_names_and_fit_a_screen() {
        for lesson in Lesson::ALL {
            assert_eq!(Lesson::of_name(&lesson.name().to_uppercase()), Some(lesson));
            let lines = lesson.introduction().lines();
            assert!(lines.clone().count() <= 6);
            assert!(
                lines.into_iter().all(|line| line.chars().count() <= 90),
                "{lesson:?}"
            );
        }
        assert_eq!(Lesson::of_name("tuples"), None);
    }
}
