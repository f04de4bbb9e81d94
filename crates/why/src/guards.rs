//! The evaluators of the interfaces that report: found by MAC address, made when they are first asked for.

use std::sync::Arc;

use ahash::AHashMap;
use model::facts::{ArmId, Asset, FactSet, Mac};
use nsg::{Estate, Guard, GuardError};

/// So many evaluators are kept at once; each takes a few megabytes.
const KEPT_MAX: usize = 128;

/// Which interface reported a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter<'f> {
    /// None of those that are known.
    Nobody,
    /// This one.
    One(&'f ArmId),
    /// One of several: it is not guessed which.
    Several,
}

impl<'f> Reporter<'f> {
    /// The one, if it is one.
    #[must_use]
    pub const fn one(self) -> Option<&'f ArmId> {
        match self {
            Self::One(id) => Some(id),
            Self::Nobody | Self::Several => None,
        }
    }

    fn or(self, other: &'f ArmId) -> Self {
        match self {
            Self::Nobody => Self::One(other),
            Self::One(known) if known == other => self,
            Self::One(_) | Self::Several => Self::Several,
        }
    }
}

/// The evaluators of one set of facts.
#[derive(Debug)]
pub struct Guards<'f> {
    estate: Estate<'f>,
    by_mac: AHashMap<Mac, Reporter<'f>>,
    kept: AHashMap<ArmId, Arc<Guard>>,
}

impl<'f> Guards<'f> {
    /// Of facts.
    #[must_use]
    pub fn of(facts: &'f FactSet) -> Self {
        let mut by_mac = AHashMap::new();
        for resource in &facts.resources {
            let Asset::Interface(interface) = &resource.asset else {
                continue;
            };
            if let Some(mac) = interface.mac {
                let held = by_mac.entry(mac).or_insert(Reporter::Nobody);
                *held = held.or(&resource.id);
            }
        }
        Self {
            estate: Estate::of(facts),
            by_mac,
            kept: AHashMap::new(),
        }
    }

    /// The interface with a MAC address.
    #[must_use]
    pub fn of_mac(&self, mac: Mac) -> Reporter<'f> {
        self.by_mac.get(&mac).copied().unwrap_or(Reporter::Nobody)
    }

    /// What guards an interface. Flows are best asked about interface by interface: only some evaluators are kept.
    pub fn guard(&mut self, interface: &ArmId) -> Result<Arc<Guard>, GuardError> {
        if let Some(held) = self.kept.get(interface) {
            return Ok(Arc::clone(held));
        }
        let guard = Arc::new(self.estate.guard(interface)?);
        if self.kept.len() >= KEPT_MAX {
            self.kept.clear();
        }
        self.kept.insert(interface.clone(), Arc::clone(&guard));
        Ok(guard)
    }
}
