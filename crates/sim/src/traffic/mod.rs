//! The ordinary traffic of one hour.
//!
//! Each sort of traffic draws from its own stream per NIC and hour, so that none disturbs another and an hour can be made
//! without the hours before it. A flow belongs to the hour it begins in, however long it lasts. Nothing here decides
//! whether a flow is allowed.

mod cloud;
mod inside;
mod outside;

use crate::calendar::{DAY_MS, HOUR_MS, is_weekend};
use crate::inbox::Inbox;
use crate::prng::{Prng, Purpose};
use crate::world::{Nic, Role, Scale, World};

/// How busy people are in each hour of the day (UTC), in thousandths of a busy hour.
const DAY_CURVE: [u64; 24] = [
    250, 200, 180, 170, 180, 220, 350, 600, 900, 1_100, 1_200, 1_200, 1_100, 1_150, 1_200, 1_150, 1_050, 950,
    800, 700, 600, 500, 400, 300,
];

/// How a sort of traffic varies over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Follows people.
    People,
    /// Machines: always the same.
    Machines,
}

/// NICs by role, looked up once.
#[derive(Debug)]
pub(crate) struct Roster<'w> {
    pub(crate) jump: Vec<&'w Nic>,
    pub(crate) monitor: Vec<&'w Nic>,
    pub(crate) dns: Vec<&'w Nic>,
    pub(crate) web: Vec<&'w Nic>,
    pub(crate) app: Vec<&'w Nic>,
    pub(crate) database: Vec<&'w Nic>,
    pub(crate) developer: Vec<&'w Nic>,
    pub(crate) payment: Vec<&'w Nic>,
    pub(crate) legacy: Vec<&'w Nic>,
    pub(crate) old: Vec<&'w Nic>,
}

impl<'w> Roster<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            jump: world.with_role(Role::Jump),
            monitor: world.with_role(Role::Monitor),
            dns: world.with_role(Role::Dns),
            web: world.with_role(Role::Web),
            app: world.with_role(Role::App),
            database: world.with_role(Role::Database),
            developer: world.with_role(Role::Developer),
            payment: world.with_role(Role::Payment),
            legacy: world.with_role(Role::Legacy),
            old: world.with_role(Role::Old),
        }
    }
}

/// One hour of a world that is being filled with traffic.
pub(crate) struct Hour<'w, 'h> {
    pub(crate) world: &'w World,
    pub(crate) roster: &'h Roster<'w>,
    /// The first millisecond.
    pub(crate) start_ms: i64,
}

impl<'w> Hour<'w, '_> {
    /// The stream of one purpose of one NIC in this hour.
    pub(crate) fn prng(&self, purpose: Purpose, nic: &Nic) -> Prng {
        let hour = u64::from_ne_bytes((self.start_ms / HOUR_MS).to_ne_bytes());
        Prng::keyed(
            self.world.spec.seed,
            purpose,
            &[u64::try_from(nic.index).unwrap_or(0), hour],
        )
    }

    /// The hour of the day.
    pub(crate) fn of_day(&self) -> usize {
        usize::try_from(self.start_ms.rem_euclid(DAY_MS) / HOUR_MS).unwrap_or(0)
    }

    /// A moment in this hour.
    pub(crate) fn moment(&self, prng: &mut Prng) -> i64 {
        self.start_ms + prng.millis(0, HOUR_MS - 1)
    }

    /// How many events of a sort that has `per_hour` of them in a busy hour.
    pub(crate) fn count(&self, prng: &mut Prng, per_hour: u64, rhythm: Rhythm) -> u64 {
        let busy = match rhythm {
            Rhythm::Machines => 1_000,
            Rhythm::People => {
                let weekend = is_weekend(self.start_ms.div_euclid(DAY_MS));
                let curve = DAY_CURVE.get(self.of_day()).copied().unwrap_or(1_000);
                if weekend { curve * 6 / 10 } else { curve }
            }
        };
        // Tiny worlds have the same machines doing the same things, forty times less often.
        let intensity = if self.world.spec.scale == Scale::Tiny {
            25
        } else {
            1_000
        };
        prng.count(per_hour * busy * intensity / 1_000)
    }
}

/// Fills the hour with everything ordinary.
pub(crate) fn fill<'w>(hour: &Hour<'w, '_>, inbox: &mut Inbox<'w>) {
    outside::fill(hour, inbox);
    inside::fill(hour, inbox);
    cloud::fill(hour, inbox);
}
