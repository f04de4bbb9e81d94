//! The planted incidents: what a security analyst, a network engineer or a detection should find.
//!
//! Each has an outside address of its own that no other traffic uses, or a pair of machines and a port that no other
//! traffic combines, so that what was written of it can be counted by a query over addresses and ports alone. The plan
//! says what happens; whether a flow is denied, and by which rule, is decided like that of any other flow.

use crate::calendar::{HOUR_MS, MINUTE_MS};
use crate::flow::{Endpoint, Flow, Volume};
use crate::prng::{Prng, Purpose};
use crate::world::{Nic, Role, World};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What sort of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IncidentKind {
    /// Hundreds of attempts on port 22 of one VM, all denied.
    SshBruteForceDenied,
    /// Many short sessions on port 22 of one VM that a user rule leaves open.
    SshBruteForceAllowed,
    /// One source tries hundreds of ports of one VM.
    VerticalPortScan,
    /// One source tries port 3389 of every public VM of a subnet.
    HorizontalScan,
    /// One VM sends some 40 GB to one unusual address at night.
    Exfiltration,
    /// One VM calls one address every five minutes, all day.
    Beacon,
    /// A developer's VM cannot reach the database on 1433.
    DeniedDatabaseAccess,
}

/// One planned incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentPlan {
    /// Counted from 1.
    pub id: u32,
    /// What it is.
    pub kind: IncidentKind,
    /// The side that opens the flows.
    pub source: IpAddr,
    /// Indices into [`World::nics`] of the VMs concerned: the source's and the destinations', where they are ours.
    pub nics: Vec<usize>,
    /// The sides that are called.
    pub targets: Vec<IpAddr>,
    /// When it begins.
    pub start_ms: i64,
    /// A sentence about it.
    pub summary: String,
}

const SSH: u16 = 22;
const RDP: u16 = 3389;
const SQL: u16 = 1433;
const HTTPS: u16 = 443;

/// Plans the incidents of a world.
pub(crate) fn plan(world: &World) -> Vec<IncidentPlan> {
    let planner = Planner { world };
    [
        planner.outside_in(
            1,
            IncidentKind::SshBruteForceDenied,
            9,
            &second(&world.with_role(Role::Web)),
        ),
        planner.outside_in(
            2,
            IncidentKind::SshBruteForceAllowed,
            22,
            &first(&world.with_role(Role::Developer)),
        ),
        planner.outside_in(
            3,
            IncidentKind::VerticalPortScan,
            14,
            &first(&world.with_role(Role::Web)),
        ),
        planner.outside_in(4, IncidentKind::HorizontalScan, 5, &world.with_role(Role::Web)),
        planner.inside_out(
            5,
            IncidentKind::Exfiltration,
            2,
            world.with_role(Role::App).last().copied(),
        ),
        planner.inside_out(
            6,
            IncidentKind::Beacon,
            0,
            world.with_role(Role::Developer).last().copied(),
        ),
        planner.denied_database(7),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn first<'w>(nics: &[&'w Nic]) -> Vec<&'w Nic> {
    nics.first().copied().into_iter().collect()
}

fn second<'w>(nics: &[&'w Nic]) -> Vec<&'w Nic> {
    nics.get(1).or(nics.first()).copied().into_iter().collect()
}

struct Planner<'w> {
    world: &'w World,
}

impl Planner<'_> {
    /// When an incident that people expect at some hour of the day begins: on a drawn day of a long world, at the hour
    /// that is left in one shorter than a day. Everything that is over within 50 minutes then lies inside the world.
    fn start(&self, preferred_hour: i64, prng: &mut Prng) -> i64 {
        let hours = i64::from(self.world.spec.hours.max(1));
        let days = u64::try_from(hours / 24).unwrap_or(0);
        let hour = if days > 0 {
            preferred_hour + 24 * i64::try_from(prng.below(days)).unwrap_or(0)
        } else {
            preferred_hour % hours
        };
        self.world.start_ms() + hour * HOUR_MS + prng.millis(2 * MINUTE_MS, 6 * MINUTE_MS)
    }

    fn prng(&self, id: u32) -> Prng {
        Prng::keyed(self.world.spec.seed, Purpose::Incidents, &[u64::from(id)])
    }

    fn outside_in(&self, id: u32, kind: IncidentKind, hour: i64, victims: &[&Nic]) -> Option<IncidentPlan> {
        let mut prng = self.prng(id);
        let source = self.world.internet.attacker(u64::from(id), &mut prng)?;
        let names: Vec<&str> = victims.iter().map(|nic| nic.vm.as_str()).collect();
        let names = names.join(", ");
        let summary = match kind {
            IncidentKind::SshBruteForceDenied => {
                format!("{source} tries SSH on {names} for twenty minutes and is denied")
            }
            IncidentKind::SshBruteForceAllowed => {
                format!("{source} tries SSH passwords on {names}; port 22 is open to all")
            }
            IncidentKind::VerticalPortScan => format!("{source} scans the ports of {names}"),
            _ => format!("{source} looks for remote desktop on {names}"),
        };
        Some(IncidentPlan {
            id,
            kind,
            source,
            nics: victims.iter().map(|nic| nic.index).collect(),
            targets: victims.iter().map(|nic| nic.ipv4).collect(),
            start_ms: self.start(hour, &mut prng),
            summary,
        })
    }

    fn inside_out(&self, id: u32, kind: IncidentKind, hour: i64, from: Option<&Nic>) -> Option<IncidentPlan> {
        let (mut prng, from) = (self.prng(id), from?);
        let target = self.world.internet.attacker(u64::from(id), &mut prng)?;
        let summary = match kind {
            IncidentKind::Exfiltration => format!("{} sends about 40 GB to {target} at night", from.vm),
            _ => format!("{} calls {target} every five minutes", from.vm),
        };
        Some(IncidentPlan {
            id,
            kind,
            source: from.ipv4,
            nics: vec![from.index],
            targets: vec![target],
            start_ms: self.start(hour, &mut prng),
            summary,
        })
    }

    fn denied_database(&self, id: u32) -> Option<IncidentPlan> {
        let mut prng = self.prng(id);
        let developer = *self.world.with_role(Role::Developer).first()?;
        let database = *self.world.with_role(Role::Database).first()?;
        Some(IncidentPlan {
            id,
            kind: IncidentKind::DeniedDatabaseAccess,
            source: developer.ipv4,
            nics: vec![developer.index, database.index],
            targets: vec![database.ipv4],
            start_ms: self.start(9, &mut prng),
            summary: format!("{} cannot reach {} on port {SQL}", developer.vm, database.vm),
        })
    }
}

/// Every flow of an incident, in no particular order.
pub(crate) fn flows<'w>(world: &'w World, plan: &IncidentPlan) -> Vec<Flow<'w>> {
    let mut prng = Prng::keyed(world.spec.seed, Purpose::Incidents, &[u64::from(plan.id), 1]);
    let nics: Vec<&Nic> = plan.nics.iter().filter_map(|at| world.nics.get(*at)).collect();
    let flows = match (plan.kind, nics.as_slice()) {
        (IncidentKind::SshBruteForceDenied, [victim, ..]) => brute_force_denied(plan, victim, &mut prng),
        (IncidentKind::SshBruteForceAllowed, [victim, ..]) => brute_force_allowed(plan, victim, &mut prng),
        (IncidentKind::VerticalPortScan, [victim, ..]) => vertical_scan(plan, victim, &mut prng),
        (IncidentKind::HorizontalScan, victims) => horizontal_scan(plan, victims, &mut prng),
        (IncidentKind::Exfiltration, [from, ..]) => exfiltration(plan, from, &mut prng),
        (IncidentKind::Beacon, [from, ..]) => beacon(world, plan, from, &mut prng),
        (IncidentKind::DeniedDatabaseAccess, [from, to]) => denied_database(world, plan, from, to, &mut prng),
        _ => Vec::new(),
    };
    flows
        .into_iter()
        .map(|flow| Flow {
            incident: plan.id,
            ..flow
        })
        .collect()
}

fn brute_force_denied<'w>(plan: &IncidentPlan, victim: &'w Nic, prng: &mut Prng) -> Vec<Flow<'w>> {
    let attempts = prng.between(420, 680);
    (0..attempts)
        .map(|_| {
            let source = Endpoint::outside(plan.source, prng.ephemeral_port());
            let start = plan.start_ms + prng.millis(0, 20 * MINUTE_MS);
            let repeats = if prng.per_mille(150) {
                prng.between(1, 2)
            } else {
                0
            };
            Flow {
                repeats,
                ..Flow::tcp(start, source, Endpoint::of(victim, SSH))
            }
        })
        .collect()
}

fn brute_force_allowed<'w>(plan: &IncidentPlan, victim: &'w Nic, prng: &mut Prng) -> Vec<Flow<'w>> {
    let mut start = plan.start_ms;
    (0..prng.between(180, 260))
        .map(|_| {
            start += prng.millis(3_000, 9_000);
            let source = Endpoint::outside(plan.source, prng.ephemeral_port());
            let volume = Volume::of_payload(prng.between(1_900, 2_300), prng.between(2_400, 2_900));
            let flow = Flow::tcp(start, source, Endpoint::of(victim, SSH));
            flow.lasting(prng.millis(1_500, 4_500)).moving(volume)
        })
        .collect()
}

fn vertical_scan<'w>(plan: &IncidentPlan, victim: &'w Nic, prng: &mut Prng) -> Vec<Flow<'w>> {
    let (step, source_port) = (prng.millis(60, 110), prng.ephemeral_port());
    let mut at = plan.start_ms;
    // The web ports are left out: they are open, and the incident is about what was denied. The rest within two minutes
    // is more than a record holds, which makes the only ordinary reason for several records of one minute.
    let ports = (1..=1_024_u16).filter(|port| !matches!(port, 80 | 443));
    ports
        .map(|port| {
            at += step + prng.millis(0, 20);
            Flow::tcp(
                at,
                Endpoint::outside(plan.source, source_port),
                Endpoint::of(victim, port),
            )
        })
        .collect()
}

fn horizontal_scan<'w>(plan: &IncidentPlan, victims: &[&'w Nic], prng: &mut Prng) -> Vec<Flow<'w>> {
    let mut flows = Vec::new();
    for (round, victim) in (0..2_i64).flat_map(|round| victims.iter().map(move |victim| (round, *victim))) {
        let source = Endpoint::outside(plan.source, prng.ephemeral_port());
        let start = plan.start_ms + round * 90_000 + prng.millis(0, 60_000);
        flows.push(Flow::tcp(start, source, Endpoint::of(victim, RDP)));
    }
    flows
}

fn exfiltration<'w>(plan: &IncidentPlan, from: &'w Nic, prng: &mut Prng) -> Vec<Flow<'w>> {
    let Some(target) = plan.targets.first() else {
        return Vec::new();
    };
    (0..2)
        .map(|_| {
            let payload = 20_000_000_000 + prng.below(400_000_000);
            let source = Endpoint::of(from, prng.ephemeral_port());
            let start = plan.start_ms + prng.millis(0, MINUTE_MS);
            let flow = Flow::tcp(start, source, Endpoint::outside(*target, HTTPS));
            flow.lasting(prng.millis(33 * MINUTE_MS, 44 * MINUTE_MS))
                .moving(Volume::of_payload(payload, 9_000_000))
        })
        .collect()
}

fn beacon<'w>(world: &World, plan: &IncidentPlan, from: &'w Nic, prng: &mut Prng) -> Vec<Flow<'w>> {
    let Some(target) = plan.targets.first() else {
        return Vec::new();
    };
    let volume = Volume::of_payload(214, 180);
    let end = world.start_ms() + i64::from(world.spec.hours) * HOUR_MS;
    let beats = (end - plan.start_ms) / 300_000;
    (0..=beats)
        .map(|beat| {
            let start = plan.start_ms + beat * 300_000 + prng.millis(-2_500, 2_500);
            let source = Endpoint::of(from, prng.ephemeral_port());
            let flow = Flow::tcp(start, source, Endpoint::outside(*target, HTTPS));
            flow.lasting(prng.millis(180, 420)).moving(volume)
        })
        .collect()
}

fn denied_database<'w>(
    world: &World,
    plan: &IncidentPlan,
    from: &'w Nic,
    to: &'w Nic,
    prng: &mut Prng,
) -> Vec<Flow<'w>> {
    // A working day, or half an hour of a world that is shorter.
    let span = if world.spec.hours >= 24 {
        8 * HOUR_MS
    } else {
        30 * MINUTE_MS
    };
    let mut flows = Vec::new();
    for _ in 0..prng.between(9, 14) {
        let mut at = plan.start_ms + prng.millis(0, span);
        for _ in 0..prng.between(2, 6) {
            at += prng.millis(4_000, 30_000);
            let source = Endpoint::of(from, prng.ephemeral_port());
            let repeats = prng.between(0, 2);
            flows.push(Flow {
                repeats,
                ..Flow::tcp(at, source, Endpoint::of(to, SQL))
            });
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Scale, WorldSpec};
    use std::collections::BTreeSet;

    #[test]
    fn seven_incidents_fit_into_worlds_of_any_length() {
        for hours in [1, 2, 5, 24, 30, 72] {
            for scale in [Scale::Tiny, Scale::Small] {
                let world = World::generate(&WorldSpec {
                    seed: 9,
                    start_day: 20_000,
                    hours,
                    scale,
                });
                assert_eq!(world.incidents.len(), 7);
                let end = world.start_ms() + i64::from(hours) * HOUR_MS;
                for plan in &world.incidents {
                    let flows = flows(&world, plan);
                    assert!(!flows.is_empty());
                    if plan.kind != IncidentKind::Beacon {
                        let last = flows
                            .iter()
                            .map(|flow| flow.start_ms + flow.duration_ms)
                            .max()
                            .unwrap();
                        assert!(last < end - MINUTE_MS, "{:?} in {hours} hours", plan.kind);
                    }
                    assert!(flows.iter().all(|flow| flow.start_ms >= world.start_ms()));
                }
            }
        }
    }

    #[test]
    fn the_vertical_scan_tries_hundreds_of_ports() {
        let world = World::generate(&WorldSpec {
            seed: 9,
            start_day: 20_000,
            hours: 24,
            scale: Scale::Tiny,
        });
        let plan = world
            .incidents
            .iter()
            .find(|plan| plan.kind == IncidentKind::VerticalPortScan)
            .unwrap();
        let ports: BTreeSet<u16> = flows(&world, plan)
            .iter()
            .map(|flow| flow.destination.port)
            .collect();
        assert!(ports.len() > 200 && !ports.contains(&443));
    }
}
