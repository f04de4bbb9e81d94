//! One large VNet flow log blob, streamed: for memory limits and for measuring readers.
//!
//! Looks like the blob of a very busy web server: real records of about 32 KiB, four rules, flows that begin, continue and
//! end, and denied ones. Simpler than a world on purpose, because it has to be written faster than it is read; its truth is
//! as exact. It must not keep the blob, nor anything that grows with it.

use crate::blob::{CLOSING, FLUSH_DELAY_MS, OPENING};
use crate::calendar::{HOUR_MS, MINUTE_MS, hour_folder, record_time};
use crate::json::{self, Group, append_tuple, push_address, push_decimal};
use crate::prng::{Prng, Purpose};
use crate::rules::{Decision, Direction};
use crate::truth::{Sums, Truth, TruthKey};
use crate::walk::{FiveTuple, decide};
use crate::world::{FlowLog, LogFormat, Nic, Role, Scale, World, WorldSpec};
use std::net::IpAddr;

/// 2026-03-02 10:00 UTC: the hour of every large blob.
const HOUR_START_MS: i64 = 20_514 * 24 * HOUR_MS + 10 * HOUR_MS;
const RECORD_BYTES: u64 = 32_240;
/// Fewer than fit, so that records that come out short can be made up for.
const RECORD_BYTES_MEAN: u64 = 30_000;
/// Flows that are open at a time, per rule.
const OPEN_MAX: usize = 2_048;
/// Distinct addresses on the other side, per rule.
const REMOTES: u64 = 4_096;
const CHUNK_BYTES: usize = 1 << 20;
const STATES: [char; 4] = ['B', 'C', 'E', 'D'];

/// Container and name of the blob that [`big_blob`] writes for a seed.
#[must_use]
pub fn big_blob_path(seed: u64) -> String {
    let world = busy_world(seed);
    let web = world.with_role(Role::Web);
    let Some((nic, log)) = web
        .first()
        .and_then(|nic| Some((nic, world.flow_logs.get(nic.flow_log)?)))
    else {
        return String::new();
    };
    format!(
        "{}/{}/macAddress={}/PT1H.json",
        log.path_prefix,
        hour_folder(HOUR_START_MS),
        nic.mac
    )
}

/// Writes one blob of about `target_bytes` (never less than one tuple a minute) and says what it holds.
pub fn big_blob(seed: u64, target_bytes: u64, sink: &mut dyn FnMut(&[u8])) -> Truth {
    let world = busy_world(seed);
    let web = world.with_role(Role::Web);
    let Some((nic, log)) = web
        .first()
        .and_then(|nic| Some((*nic, world.flow_logs.get(nic.flow_log)?)))
    else {
        return Truth::default();
    };
    let mut writer = Writer::new(&world, nic, log, seed);
    // A whole number of records per minute keeps every tuple in the minute before its record.
    let per_minute = target_bytes.div_ceil(RECORD_BYTES_MEAN).div_ceil(60).max(1);
    let records = per_minute * 60;
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + 65_536);
    chunk.extend_from_slice(OPENING);
    for at in 0..records {
        let written = writer.truth.bytes + u64::try_from(chunk.len()).unwrap_or(0);
        let budget = target_bytes.saturating_sub(written) / (records - at);
        if at > 0 {
            chunk.push(b',');
        }
        writer.record(
            &mut chunk,
            at,
            records,
            usize::try_from(budget.min(RECORD_BYTES)).unwrap_or(0),
        );
        if chunk.len() >= CHUNK_BYTES {
            writer.send(&mut chunk, sink);
        }
    }
    chunk.extend_from_slice(CLOSING);
    writer.send(&mut chunk, sink);
    writer.finish()
}

fn busy_world(seed: u64) -> World {
    World::generate(&WorldSpec {
        seed,
        start_day: 20_514,
        hours: 24,
        scale: Scale::Small,
    })
}

/// One rule's traffic: what its tuples have in common, and its open flows.
struct Lane<'w> {
    decision: &'w Decision,
    direction: Direction,
    /// The address on this side, written out.
    local: Vec<u8>,
    remotes: Vec<Vec<u8>>,
    port: u16,
    open: Vec<Open>,
    sums: [Sums; 4],
    /// How many of 100 tuples are this lane's.
    share: u64,
}

#[derive(Clone, Copy)]
struct Open {
    remote: usize,
    port: u16,
}

struct Writer<'w> {
    nic: &'w Nic,
    log: &'w FlowLog,
    lanes: Vec<Lane<'w>>,
    prng: Prng,
    truth: Truth,
    hour: (i64, Sums),
}

impl<'w> Writer<'w> {
    fn new(world: &'w World, nic: &'w Nic, log: &'w FlowLog, seed: u64) -> Self {
        let mut prng = Prng::keyed(seed, Purpose::BigBlob, &[]);
        let apps: Vec<IpAddr> = world.with_role(Role::App).iter().map(|nic| nic.ipv4).collect();
        let internet = &world.internet;
        let lanes = [
            (Direction::Inbound, 443, 50),
            (Direction::Outbound, 8080, 20),
            (Direction::Outbound, 443, 18),
            (Direction::Inbound, 22, 12),
        ]
        .into_iter()
        .filter_map(|(direction, port, share)| {
            let mut remotes = Vec::new();
            for _ in 0..REMOTES {
                remotes.push(match (direction, port) {
                    (Direction::Inbound, 22) => internet.scanner(&mut prng)?,
                    (Direction::Inbound, _) => internet.client(&mut prng)?,
                    (Direction::Outbound, 8080) => *prng.pick(&apps)?,
                    (Direction::Outbound, _) => internet.service(&mut prng)?,
                });
            }
            Some(lane(world, nic, direction, port, share, &remotes))
        })
        .collect();
        Self {
            nic,
            log,
            lanes,
            prng,
            truth: Truth {
                blobs: 1,
                ..Truth::default()
            },
            hour: (i64::MIN, Sums::default()),
        }
    }

    /// Writes the record at a place among all records, about `budget` bytes long.
    fn record(&mut self, out: &mut Vec<u8>, at: u64, records: u64, budget: usize) {
        let window = HOUR_START_MS - MINUTE_MS + self.nic.flush_ms - FLUSH_DELAY_MS;
        let place = |at: u64| -> i64 {
            let offset = u128::from(at) * 3_600_000 / u128::from(records);
            window + i64::try_from(offset).unwrap_or(0)
        };
        let minute = i64::try_from(at * 60 / records).unwrap_or(0);
        let stamp = record_time(window + (minute + 1) * MINUTE_MS + FLUSH_DELAY_MS, 8_150);
        let overhead = 800 + 250 * self.lanes.len();
        let tuples = u64::try_from(budget.saturating_sub(overhead) / 72).unwrap_or(0);
        let mut lanes = std::mem::take(&mut self.lanes);
        let mut groups = Vec::with_capacity(lanes.len());
        for (number, lane) in lanes.iter_mut().enumerate() {
            // The first lane always has a tuple, so that no record is empty.
            let count = (tuples * lane.share / 100).max(u64::from(number == 0));
            if count == 0 {
                continue;
            }
            let text = self.tuples(lane, count, place(at), place(at + 1));
            groups.push(Group {
                decision: lane.decision,
                tuples: text,
            });
        }
        self.lanes = lanes;
        json::write_vnet_record(out, self.log, &self.nic.mac, &stamp, &groups);
        self.truth.records += 1;
    }

    fn tuples(&mut self, lane: &mut Lane<'w>, count: u64, from_ms: i64, to_ms: i64) -> Vec<u8> {
        let mut list = Vec::with_capacity(usize::try_from(count * 90).unwrap_or(0));
        let mut text = Vec::with_capacity(128);
        let mut number = 0;
        while number < count {
            let step = i128::from(to_ms - from_ms) * i128::from(number) / i128::from(count);
            let time_ms = from_ms + i64::try_from(step).unwrap_or(0);
            text.clear();
            let (state, tuple) = lane.tuple(&mut text, time_ms, &mut self.prng);
            // A repeated SYN repeats its line.
            let times = if state == 3 && count - number > 1 && self.prng.per_mille(80) {
                2
            } else {
                1
            };
            for _ in 0..times {
                append_tuple(&mut list, &text);
                if let Some(sums) = lane.sums.get_mut(state) {
                    sums.add(&tuple);
                }
                self.saw(time_ms, &tuple);
            }
            number += times;
        }
        list
    }

    fn saw(&mut self, time_ms: i64, tuple: &Sums) {
        let hour = time_ms - time_ms.rem_euclid(HOUR_MS);
        if hour != self.hour.0 {
            self.close_hour();
            self.hour.0 = hour;
        }
        self.hour.1.add(tuple);
        let truth = &mut self.truth;
        truth.min_tuple_ms = Some(truth.min_tuple_ms.map_or(time_ms, |known| known.min(time_ms)));
        truth.max_tuple_ms = Some(truth.max_tuple_ms.map_or(time_ms, |known| known.max(time_ms)));
    }

    fn close_hour(&mut self) {
        let (hour, sums) = (self.hour.0, std::mem::take(&mut self.hour.1));
        if sums.tuples > 0 {
            self.truth.hours.entry(hour).or_default().add(&sums);
            self.truth.total.add(&sums);
            // One NIC, and nobody else's log: each flow is seen once.
            self.truth.once.add(&sums);
        }
    }

    fn send(&mut self, chunk: &mut Vec<u8>, sink: &mut dyn FnMut(&[u8])) {
        self.truth.bytes += u64::try_from(chunk.len()).unwrap_or(0);
        sink(chunk);
        chunk.clear();
    }

    fn finish(mut self) -> Truth {
        self.close_hour();
        for lane in &self.lanes {
            for (state, sums) in STATES
                .into_iter()
                .zip(&lane.sums)
                .filter(|(_, sums)| sums.tuples > 0)
            {
                let key = TruthKey {
                    format: LogFormat::Vnet4,
                    mac: self.nic.mac.clone(),
                    acl_id: lane.decision.acl_id.clone(),
                    rule: lane.decision.rule.clone(),
                    direction: lane.direction.letter(),
                    state: Some(state),
                    allowed: lane.decision.allowed,
                };
                self.truth.rows.entry(key).or_default().add(sums);
            }
        }
        self.truth
    }
}

fn lane<'w>(
    world: &'w World,
    nic: &Nic,
    direction: Direction,
    port: u16,
    share: u64,
    remotes: &[IpAddr],
) -> Lane<'w> {
    let remote = remotes.first().copied().unwrap_or(nic.ipv4);
    let (source, destination) = match direction {
        Direction::Inbound => (remote, nic.ipv4),
        Direction::Outbound => (nic.ipv4, remote),
    };
    let flow = FiveTuple {
        source,
        destination,
        source_port: 50_000,
        destination_port: port,
        protocol: 6,
    };
    let written = |address: &IpAddr| {
        let mut text = Vec::new();
        push_address(&mut text, *address);
        text
    };
    Lane {
        decision: decide(world, nic, direction, &flow),
        direction,
        local: written(&nic.ipv4),
        remotes: remotes.iter().map(written).collect(),
        port,
        open: Vec::with_capacity(OPEN_MAX),
        sums: [Sums::default(); 4],
        share,
    }
}

impl Lane<'_> {
    /// Writes one tuple and returns the place of its state in [`STATES`] and its counters.
    fn tuple(&mut self, out: &mut Vec<u8>, time_ms: i64, prng: &mut Prng) -> (usize, Sums) {
        let dice = prng.below(1_000);
        let fresh = Open {
            remote: usize::try_from(prng.below(REMOTES)).unwrap_or(0),
            port: prng.port(32_768, 65_535),
        };
        let some = usize::try_from(prng.below(u64::try_from(self.open.len()).unwrap_or(0))).unwrap_or(0);
        let (state, flow) = if !self.decision.allowed {
            (3, fresh)
        } else if self.open.is_empty() || (dice < 480 && self.open.len() < OPEN_MAX) {
            self.open.push(fresh);
            (0, fresh)
        } else if dice < 540 {
            (1, self.open.get(some).copied().unwrap_or(fresh))
        } else {
            (2, self.open.swap_remove(some))
        };
        let mut sums = Sums {
            tuples: 1,
            ..Sums::default()
        };
        if state == 1 || state == 2 {
            let dice = prng.next_u64();
            sums.packets_sent = 2 + (dice & 0x3F);
            sums.bytes_sent = sums.packets_sent * 54 + ((dice >> 8) & 0x3FFF);
            sums.packets_received = 1 + ((dice >> 24) & 0x7F);
            sums.bytes_received = sums.packets_received * 54 + ((dice >> 32) & 0x1_FFFF);
        }
        self.write(out, time_ms, state, flow, &sums);
        (state, sums)
    }

    fn write(&self, out: &mut Vec<u8>, time_ms: i64, state: usize, flow: Open, sums: &Sums) {
        let remote = self
            .remotes
            .get(flow.remote)
            .map_or(self.local.as_slice(), Vec::as_slice);
        let (source, destination) = match self.direction {
            Direction::Inbound => (remote, self.local.as_slice()),
            Direction::Outbound => (self.local.as_slice(), remote),
        };
        push_decimal(out, u64::try_from(time_ms).unwrap_or(0));
        out.push(b',');
        out.extend_from_slice(source);
        out.push(b',');
        out.extend_from_slice(destination);
        out.push(b',');
        push_decimal(out, u64::from(flow.port));
        out.push(b',');
        push_decimal(out, u64::from(self.port));
        out.extend_from_slice(match self.direction {
            Direction::Inbound => b",6,I,",
            Direction::Outbound => b",6,O,",
        });
        out.extend_from_slice(match state {
            0 => b"B,NX",
            1 => b"C,NX",
            2 => b"E,NX",
            _ => b"D,NX",
        });
        for count in [
            sums.packets_sent,
            sums.bytes_sent,
            sums.packets_received,
            sums.bytes_received,
        ] {
            out.push(b',');
            push_decimal(out, count);
        }
    }
}
