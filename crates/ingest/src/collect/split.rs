//! Who reads what: the shards of each source that is followed, dealt among those who follow it.
//!
//! A shard goes to whom the hash of his name and its number is highest. So everyone comes to the same by himself, and when
//! somebody comes or goes, only shards move that are his.

use std::collections::BTreeMap;

use model::Shard;
use sha2::{Digest as _, Sha256};
use table::Position;

/// Some of the shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shards([bool; Shard::COUNT as usize]);

impl Default for Shards {
    fn default() -> Self {
        Self([false; Shard::COUNT as usize])
    }
}

impl Shards {
    pub(super) const ALL: Self = Self([true; Shard::COUNT as usize]);

    pub(super) fn has(&self, shard: Shard) -> bool {
        self.0.get(usize::from(shard.0)).copied().unwrap_or(false)
    }

    pub(super) fn count(&self) -> usize {
        self.0.iter().filter(|is_in| **is_in).count()
    }

    fn of(is_in: impl Fn(u16) -> bool) -> Self {
        let mut shards = Self::default();
        for (place, number) in shards.0.iter_mut().zip(0..) {
            *place = is_in(number);
        }
        shards
    }

    /// Those that are in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self::of(|number| self.has(Shard(number)) && other.has(Shard(number)))
    }

    /// Those that are not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self::of(|number| self.has(Shard(number)) && !other.has(Shard(number)))
    }

    pub(super) fn with(&self, other: &Self) -> Self {
        Self::of(|number| self.has(Shard(number)) || other.has(Shard(number)))
    }
}

/// Who follows the same table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Follower {
    pub(super) name: String,
    /// What the addresses of its blobs begin with.
    pub(super) sources: Vec<String>,
}

/// What is one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// How many there are.
    pub(super) collectors: usize,
    /// By what is followed.
    own: BTreeMap<String, Shards>,
}

impl Split {
    /// All is one's own.
    pub(super) fn alone(sources: &[String]) -> Self {
        let own = sources.iter().map(|source| (source.clone(), Shards::ALL));
        Self {
            collectors: 1,
            own: own.collect(),
        }
    }

    /// What is left to one of them. Whoever follows all of a source may be given of it, and nobody else: so each blob that
    /// somebody follows is somebody's who follows it.
    pub(super) fn of(own: &Follower, others: &[Follower]) -> Self {
        let dealt = own.sources.iter().map(|source| {
            let takes_all = |other: &&Follower| other.sources.iter().any(|held| source.starts_with(held));
            let rivals: Vec<&Follower> = others.iter().filter(takes_all).collect();
            let is_own = |number: u16| {
                let height = |name: &str| (height(name, number), name.to_owned());
                let mine = height(&own.name);
                rivals.iter().all(|rival| height(&rival.name) < mine)
            };
            (source.clone(), Shards::of(is_own))
        });
        Self {
            own: dealt.collect(),
            collectors: others.len() + 1,
        }
    }

    /// The shards of a source that are one's own.
    pub(super) fn shards(&self, source: &str) -> Shards {
        self.own.get(source).copied().unwrap_or_default()
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = (&str, &Shards)> {
        self.own.iter().map(|(source, shards)| (source.as_str(), shards))
    }

    /// True if a blob is one's own.
    pub(super) fn has(&self, address: &str) -> bool {
        let shard = Position::shard_of(address);
        let mut followed = self.own.iter();
        followed.any(|(source, shards)| address.starts_with(source) && shards.has(shard))
    }
}

fn height(name: &str, shard: u16) -> [u8; 8] {
    let hash = Sha256::new()
        .chain_update(shard.to_le_bytes())
        .chain_update(name)
        .finalize();
    let mut height = [0; 8];
    for (place, byte) in height.iter_mut().zip(hash) {
        *place = byte;
    }
    height
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follower(name: &str, sources: &[&str]) -> Follower {
        Follower {
            name: name.to_owned(),
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
        }
    }

    /// What each of them takes for its own.
    fn splits(followers: &[Follower]) -> Vec<Split> {
        let others = |own: &Follower| -> Vec<Follower> {
            let others = followers.iter().filter(|other| other.name != own.name);
            others.cloned().collect()
        };
        followers.iter().map(|own| Split::of(own, &others(own))).collect()
    }

    #[test]
    fn every_shard_is_somebodys_and_only_his() {
        for count in 1..9 {
            let names: Vec<String> = (0..count).map(|number| format!("c-{number}")).collect();
            let followers: Vec<Follower> = names.iter().map(|name| follower(name, &["az://a/c/"])).collect();
            let splits = splits(&followers);
            for number in 0..500 {
                let address = format!("az://a/c/blob-{number}");
                let owners = splits.iter().filter(|split| split.has(&address)).count();
                assert_eq!(owners, 1, "{address} of {count}");
            }
            let fewest = splits.iter().map(|split| split.shards("az://a/c/").count()).min();
            assert!(fewest >= Some(64 / count / 3), "{fewest:?} of {count}");
        }
    }

    #[test]
    fn only_the_shards_of_who_goes_move() {
        let followers: Vec<Follower> = ["a", "b", "c"].map(|name| follower(name, &["s"])).to_vec();
        let before = splits(&followers);
        let after = splits(&followers[..2]);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.shards("s").without(&after.shards("s")).count(), 0);
        }
        let sum: usize = after.iter().map(|split| split.shards("s").count()).sum();
        assert_eq!(sum, 64);
    }

    #[test]
    fn whoever_follows_a_part_leaves_nothing_to_who_does_not_follow_it() {
        let followers = [
            follower("all", &["az://a/c/"]),
            follower("part", &["az://a/c/x"]),
            follower("other", &["az://a/d/", "az://a/c2/"]),
        ];
        let splits = splits(&followers);
        for number in 0..500 {
            let (inside, outside) = (format!("az://a/c/x{number}"), format!("az://a/c/y{number}"));
            assert!(splits[0].has(&inside) && splits[0].has(&outside));
            assert!(!splits[1].has(&outside));
            assert!(splits[2].has(&format!("az://a/d/{number}")));
        }
        assert!(splits[1].shards("az://a/c/x").count() < 64);
    }
}
