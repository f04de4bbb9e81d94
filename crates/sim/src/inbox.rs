//! From a flow to the lines that the logs of its ends show.
//!
//! A flow is generated once and appears at both ends: `O` at the source NIC, `I` at the destination NIC, each with its own
//! deciding rule. Denied at the source, the destination sees nothing; denied at the destination, the source shows an
//! allowed flow that nobody answers. It must not know about blobs and hours.

use crate::flow::{Endpoint, Flow, State, Volume};
use crate::rules::{Decision, Direction};
use crate::walk::{FiveTuple, decide};
use crate::world::{LogFormat, Nic, World};

/// Running flows report every five minutes.
pub(crate) const CONTINUE_EVERY_MS: i64 = 300_000;
/// How long a client tries to reach a port that does not answer.
const UNANSWERED_MS: i64 = 21_000;

/// One tuple before it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'w> {
    pub(crate) time_ms: i64,
    pub(crate) flow: FiveTuple,
    pub(crate) direction: Direction,
    pub(crate) state: State,
    pub(crate) encryption: &'static str,
    pub(crate) volume: Volume,
    pub(crate) decision: &'w Decision,
    pub(crate) incident: u32,
    /// Whether the source is one of our NICs, whose log shows the flow, too.
    pub(crate) from_us: bool,
    /// The first line of its flow at the end that decides; counts attempts of an incident.
    pub(crate) opens: bool,
    /// When its flow began.
    pub(crate) begun_ms: i64,
    /// When the line before it of the same flow at the same NIC was.
    pub(crate) previous_ms: Option<i64>,
}

impl Line<'_> {
    /// The same line behind another one of its flow, with what moved since.
    fn after(self, previous_ms: i64, volume: Volume) -> Self {
        Self {
            volume,
            previous_ms: Some(previous_ms),
            ..self
        }
    }
}

/// Lines by NIC, in the order they came about.
#[derive(Debug)]
pub(crate) struct Inbox<'w> {
    world: &'w World,
    lines: Vec<Vec<Line<'w>>>,
}

impl<'w> Inbox<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            world,
            lines: world.nics.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// Takes out the lines of a NIC that are earlier than `cut_off_ms`, in time order.
    pub(crate) fn take_before(&mut self, nic: usize, cut_off_ms: i64) -> Vec<Line<'w>> {
        let Some(lines) = self.lines.get_mut(nic) else {
            return Vec::new();
        };
        // Stable: lines of one millisecond keep the order they were made in, which B, E, B needs.
        lines.sort_by_key(|line| line.time_ms);
        let rest = lines.partition_point(|line| line.time_ms < cut_off_ms);
        let later = lines.split_off(rest);
        // `split_off` gives the later lines a vector of their own size: a busy hour does not keep its room for ever.
        std::mem::replace(lines, later)
    }

    fn push(&mut self, nic: &Nic, line: Line<'w>) {
        let format = self.world.format_of(nic);
        let known = format == LogFormat::Vnet4 || line.decision.in_nsg_logs;
        // Version 1 has no flow states: one line per flow.
        let kept = format != LogFormat::Nsg1 || matches!(line.state, State::Begin | State::Deny);
        if known
            && kept
            && let Some(lines) = self.lines.get_mut(nic.index)
        {
            lines.push(line);
        }
    }

    /// Decides about a flow and files its lines.
    pub(crate) fn add(&mut self, flow: &Flow<'w>) {
        let world = self.world;
        let called = flow.at_source();
        let at_source = flow
            .source
            .nic
            .map(|nic| (nic, decide(world, nic, Direction::Outbound, &called.five_tuple())));
        if let Some((nic, decision)) = at_source
            && !decision.allowed
        {
            self.deny(&called, nic, Direction::Outbound, decision);
            return;
        }
        let tuple = flow.five_tuple();
        let at_destination = flow
            .destination
            .nic
            .map(|nic| (nic, decide(world, nic, Direction::Inbound, &tuple)));
        let denied = at_destination.is_some_and(|(_, decision)| !decision.allowed);
        if let Some((nic, decision)) = at_source {
            let seen = if denied { unanswered(&called) } else { called };
            self.allow(
                &seen,
                nic,
                Direction::Outbound,
                decision,
                at_destination.is_none(),
            );
        }
        match at_destination {
            Some((nic, decision)) if denied => self.deny(flow, nic, Direction::Inbound, decision),
            Some((nic, decision)) => {
                // The destination's host notices a moment later; the same moment for every tuple of the flow.
                let late = i64::from(flow.source.port % 3) * i64::from(at_source.is_some());
                let seen = Flow {
                    start_ms: flow.start_ms + late,
                    ..*flow
                };
                self.allow(&seen, nic, Direction::Inbound, decision, true);
            }
            None => {}
        }
    }

    /// Files a line that no flow stands behind: a tuple of the platform itself.
    pub(crate) fn add_platform_return(&mut self, nic: &'w Nic, flow: &Flow<'w>) {
        let decision = &self.world.platform;
        let line = self.line(flow, flow.start_ms, State::End, Direction::Inbound, decision);
        self.push(
            nic,
            Line {
                volume: flow.volume,
                ..line
            },
        );
    }

    fn deny(&mut self, flow: &Flow<'w>, nic: &Nic, direction: Direction, decision: &'w Decision) {
        let line = self.line(flow, flow.start_ms, State::Deny, direction, decision);
        for repeat in 0..=flow.repeats {
            self.push(
                nic,
                Line {
                    opens: repeat == 0,
                    ..line
                },
            );
        }
    }

    fn allow(
        &mut self,
        flow: &Flow<'w>,
        nic: &Nic,
        direction: Direction,
        decision: &'w Decision,
        decides: bool,
    ) {
        let begin = self.line(flow, flow.start_ms, State::Begin, direction, decision);
        self.push(
            nic,
            Line {
                opens: decides,
                ..begin
            },
        );
        let mut volume = flow.volume;
        if flow.restarts {
            let first = volume.until(1, 10);
            let end = self.line(flow, flow.start_ms, State::End, direction, decision);
            let end = end.after(flow.start_ms, first);
            self.push(nic, end);
            self.push(nic, begin);
            volume = volume.minus(first);
        }
        let mut reported = Volume::NONE;
        let mut previous_ms = flow.start_ms;
        let mut elapsed = CONTINUE_EVERY_MS;
        while elapsed < flow.duration_ms {
            let so_far = volume.until(elapsed, flow.duration_ms);
            let line = self.line(
                flow,
                flow.start_ms + elapsed,
                State::Continue,
                direction,
                decision,
            );
            self.push(nic, line.after(previous_ms, so_far.minus(reported)));
            reported = so_far;
            previous_ms = line.time_ms;
            elapsed += CONTINUE_EVERY_MS;
        }
        let end = self.line(
            flow,
            flow.start_ms + flow.duration_ms,
            State::End,
            direction,
            decision,
        );
        self.push(nic, end.after(previous_ms, volume.minus(reported)));
    }

    fn line(
        &self,
        flow: &Flow<'w>,
        time_ms: i64,
        state: State,
        direction: Direction,
        decision: &'w Decision,
    ) -> Line<'w> {
        Line {
            time_ms,
            flow: flow.five_tuple(),
            direction,
            state,
            encryption: self.encryption(flow, decision),
            volume: Volume::NONE,
            decision,
            incident: flow.incident,
            from_us: flow.source.nic.is_some(),
            opens: false,
            begun_ms: flow.start_ms,
            previous_ms: None,
        }
    }

    /// FORMATS.md 1.5: only two ends that both encrypt give `X`; the internet never does.
    fn encryption(&self, flow: &Flow<'w>, decision: &Decision) -> &'static str {
        let encrypts = |end: &Endpoint<'w>| end.nic.is_some_and(|nic| self.world.encrypts(nic));
        if decision.id == self.world.encryption_drop.id {
            "NX_NOT_ACCEPTED"
        } else if !encrypts(&flow.source) || !encrypts(&flow.destination) {
            "NX"
        } else if flow.same_host {
            "NX_LOCAL_DST"
        } else {
            "X"
        }
    }
}

/// What the source shows of a flow that the destination denies: a few SYNs and no reply.
fn unanswered<'w>(flow: &Flow<'w>) -> Flow<'w> {
    let packets = 1 + flow.repeats.max(1);
    let size = if flow.protocol == 6 { 66 } else { 92 };
    let volume = Volume {
        packets_sent: packets,
        bytes_sent: packets * size,
        packets_received: 0,
        bytes_received: 0,
    };
    Flow {
        duration_ms: UNANSWERED_MS,
        volume,
        restarts: false,
        ..*flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Role, Scale, WorldSpec};

    fn world() -> World {
        World::generate(&WorldSpec {
            seed: 3,
            start_day: 20_000,
            hours: 1,
            scale: Scale::Small,
        })
    }

    fn lines<'w>(world: &'w World, flow: &Flow<'w>, nic: &Nic) -> Vec<Line<'w>> {
        let mut inbox = Inbox::new(world);
        inbox.add(flow);
        inbox.take_before(nic.index, i64::MAX)
    }

    fn shape(lines: &[Line<'_>]) -> String {
        lines.iter().map(|line| line.state.letter()).collect()
    }

    #[test]
    fn a_long_flow_reports_deltas_that_add_up() {
        let world = world();
        let (app, database) = (world.with_role(Role::App)[0], world.with_role(Role::Database)[0]);
        let volume = Volume::of_payload(9_999_999_937, 12_345);
        let flow = Flow::tcp(1_000_000, Endpoint::of(app, 40_000), Endpoint::of(database, 5432))
            .lasting(16 * 60_000)
            .moving(volume);
        for nic in [app, database] {
            let lines = lines(&world, &flow, nic);
            assert_eq!(shape(&lines), "BCCCE");
            assert_eq!(
                lines.iter().map(|line| line.volume.bytes_sent).sum::<u64>(),
                volume.bytes_sent
            );
            assert_eq!(
                lines.iter().map(|line| line.volume.packets_received).sum::<u64>(),
                volume.packets_received
            );
            assert_eq!(lines[0].volume, Volume::NONE);
            assert_eq!(lines[1].time_ms - lines[0].time_ms, CONTINUE_EVERY_MS);
        }
    }

    #[test]
    fn a_flow_denied_at_its_destination_goes_unanswered() {
        let world = world();
        let (developer, database) = (
            world.with_role(Role::Developer)[0],
            world.with_role(Role::Database)[0],
        );
        let flow = Flow {
            repeats: 2,
            ..Flow::tcp(
                5_000,
                Endpoint::of(developer, 50_000),
                Endpoint::of(database, 1433),
            )
        };
        let source = lines(&world, &flow, developer);
        assert_eq!(shape(&source), "BE");
        assert_eq!(source[1].volume.packets_received, 0);
        assert_eq!(source[1].decision.rule, "DefaultRule_AllowVnetOutBound");
        let destination = lines(&world, &flow, database);
        assert_eq!(shape(&destination), "DDD");
        assert_eq!(destination[0].decision.rule, "UserRule_DenySqlFromDev");
        assert_eq!(destination.iter().filter(|line| line.opens).count(), 1);
    }

    #[test]
    fn a_flow_denied_at_its_source_is_seen_there_only() {
        let world = world();
        let database = world.with_role(Role::Database)[0];
        let out = Endpoint::outside("151.101.0.3".parse().unwrap(), 443);
        let lines = lines(
            &world,
            &Flow::tcp(5_000, Endpoint::of(database, 50_000), out),
            database,
        );
        assert_eq!(shape(&lines), "D");
        assert_eq!(lines[0].direction, Direction::Outbound);
    }

    #[test]
    fn behind_a_load_balancer_each_end_shows_its_own_address_of_the_flow() {
        let world = world();
        let nic = |role| world.nics.iter().find(|nic| nic.role == role).unwrap();
        let (web, app) = (nic(Role::Web), nic(Role::App));
        let frontend = crate::layout::APP_FRONTEND;
        let flow = Flow {
            frontend: Some(frontend),
            ..Flow::tcp(0, Endpoint::of(web, 50_000), Endpoint::of(app, 8080))
        };
        let (source, destination) = (lines(&world, &flow, web), lines(&world, &flow, app));
        assert_eq!((shape(&source), shape(&destination)), ("BE".into(), "BE".into()));
        assert!(source.iter().all(|line| line.flow.destination == frontend));
        assert!(destination.iter().all(|line| line.flow.destination == app.ipv4));
        assert!(destination.iter().all(|line| line.flow.source == web.ipv4));
        assert!(world.nics.iter().all(|nic| nic.ipv4 != frontend));
    }

    #[test]
    fn a_restart_is_begin_end_begin_in_one_millisecond() {
        let world = world();
        let (web, app) = (world.with_role(Role::Web)[0], world.with_role(Role::App)[0]);
        let flow = Flow {
            restarts: true,
            ..Flow::tcp(7_000, Endpoint::of(web, 50_000), Endpoint::of(app, 8080))
        };
        let lines = lines(&world, &flow, web);
        assert_eq!(shape(&lines), "BEBE");
        assert_eq!(lines[0].time_ms, lines[2].time_ms);
        assert_eq!(
            lines.iter().map(|line| line.volume.packets_sent).sum::<u64>(),
            flow.volume.packets_sent
        );
    }

    #[test]
    fn encryption_words() {
        let world = world();
        let pay = world.with_role(Role::Payment);
        let jump = world.with_role(Role::Jump)[0];
        let inside = Flow::tcp(7_000, Endpoint::of(pay[0], 50_000), Endpoint::of(pay[1], 8443));
        assert_eq!(lines(&world, &inside, pay[1])[0].encryption, "X");
        let dropped = lines(
            &world,
            &Flow::tcp(7_000, Endpoint::of(jump, 50_000), Endpoint::of(pay[1], 22)),
            pay[1],
        );
        assert_eq!(
            (shape(&dropped).as_str(), dropped[0].encryption),
            ("D", "NX_NOT_ACCEPTED")
        );
    }
}
