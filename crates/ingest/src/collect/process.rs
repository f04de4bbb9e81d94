//! Whether another process of the same machine still lives. Where that cannot be told, its beat tells.

use std::fs;

/// A process, told from all that had and will have its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Process {
    /// The machine since its last start, and the name space of its processes; nothing where that is not known.
    pub(super) machine: String,
    pub(super) number: u32,
    /// When it began, in ticks of the machine.
    pub(super) began: u64,
}

impl Process {
    /// This one.
    pub(super) fn own() -> Self {
        let number = std::process::id();
        let own = || {
            let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
            let space = fs::read_link("/proc/self/ns/pid").ok()?;
            // Where those of other users are hidden, what is not there says nothing.
            state(1)?;
            let machine = format!("{} {}", start.trim(), space.display());
            let (_, began) = state(number)?;
            Some(Self {
                machine,
                number,
                began,
            })
        };
        own().unwrap_or(Self {
            number,
            ..Self::default()
        })
    }

    /// True if it is known that another one has ended.
    pub(super) fn knows_the_end_of(&self, other: &Self) -> bool {
        if self.machine.is_empty() || self.machine != other.machine {
            return false;
        }
        // A name space of processes has this one in it, so its files tell of all of them.
        state(other.number).is_none_or(|(letter, began)| began != other.began || "ZX".contains(letter))
    }
}

/// The letter of a process's state, and when it began.
fn state(number: u32) -> Option<(char, u64)> {
    let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name of the program stands in brackets, and may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let letter = fields.next()?.chars().next()?;
    Some((letter, fields.nth(18)?.parse().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn who_has_ended_is_known() {
        let own = Process::own();
        assert!(!own.machine.is_empty() && own.began > 0);
        assert!(!own.knows_the_end_of(&own));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let (_, began) = state(child.id()).unwrap();
        let other = Process {
            number: child.id(),
            began,
            ..own.clone()
        };
        assert!(!own.knows_the_end_of(&other));
        let later = Process {
            began: began + 1,
            ..other.clone()
        };
        assert!(own.knows_the_end_of(&later));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(own.knows_the_end_of(&other));
        let elsewhere = Process {
            machine: "another".to_owned(),
            ..other
        };
        assert!(!own.knows_the_end_of(&elsewhere));
    }
}
