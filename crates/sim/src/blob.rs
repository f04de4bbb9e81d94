//! Blobs as Azure lays them out: one per NIC and hour, grown by one block a minute (FORMATS.md 3.2).
//!
//! Takes the lines of a NIC's hour, cuts them into minutes and records, has each record written by its format, and counts.
//! It must not open files; the caller gets the bytes.

use crate::calendar::{HOUR_MS, MINUTE_MS, hour_folder, record_time};
use crate::flow::State;
use crate::inbox::Line;
use crate::json::{self, Group};
use crate::prng::{Prng, Purpose};
use crate::rules::{Decision, Direction};
use crate::truth::{Sums, Truth, TruthKey};
use crate::world::{FlowLog, LogFormat, Nic, World};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where a record's minute ends, before the moment it is stamped with: tuples lie 2 to 65 s before their record.
pub(crate) const FLUSH_DELAY_MS: i64 = 2_500;
/// Azure starts another record at about 32 KiB (FORMATS.md 1.4: 32,210 to 32,270 bytes).
const RECORD_BYTES_MAX: usize = 32_256;

/// A denial that comes so soon after another one of its five-tuple is its repetition, for whoever reads the log.
const REPEATED_WITHIN_MS: i64 = 30_000;

pub(crate) const OPENING: &[u8] = b"{\"records\":[";
pub(crate) const CLOSING: &[u8] = b"]}";

/// Names one blob of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey {
    /// The hour, counted from the world's first.
    pub hour: u32,
    /// Index into [`World::nics`].
    pub nic: usize,
}

/// One `PT1H.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Which NIC and hour.
    pub key: BlobKey,
    /// Container and name, with slashes.
    pub path: String,
    /// The blocks in order: the opening, one data block per minute that has tuples, the closing.
    pub blocks: Vec<Vec<u8>>,
}

impl Blob {
    /// The whole text.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.blocks.concat()
    }

    /// The text as it was when only the first `data_blocks` data blocks had been appended, always complete JSON.
    #[must_use]
    pub fn bytes_after(&self, data_blocks: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let data = self.blocks.len().saturating_sub(2).min(data_blocks);
        for block in self.blocks.iter().take(1 + data) {
            text.extend_from_slice(block);
        }
        text.extend_from_slice(CLOSING);
        text
    }
}

/// When the lines of a NIC's hour end: later ones belong to the next blob.
pub(crate) fn cut_off_ms(hour_start_ms: i64, nic: &Nic) -> i64 {
    hour_start_ms + HOUR_MS - MINUTE_MS + nic.flush_ms - FLUSH_DELAY_MS
}

/// Writes the blob of a NIC's hour; none when nothing happened. `lines` are in time order.
pub(crate) fn write_blob(world: &World, key: BlobKey, lines: &[Line<'_>], truth: &mut Truth) -> Option<Blob> {
    let nic = world.nics.get(key.nic)?;
    let log = world.flow_logs.get(nic.flow_log)?;
    let hour_start_ms = world.start_ms() + i64::from(key.hour) * HOUR_MS;
    let hour = u64::from_ne_bytes((hour_start_ms / HOUR_MS).to_ne_bytes());
    let mut prng = Prng::keyed(
        world.spec.seed,
        Purpose::Flush,
        &[u64::try_from(nic.index).unwrap_or(0), 1, hour],
    );
    let mut blocks = vec![OPENING.to_vec()];
    let mut counts = Counts {
        format: log.format,
        logged_by_all_ms: world.logged_by_all_ms(),
        first_ms: cut_off_ms(world.start_ms() - HOUR_MS, nic),
        again: denied_again(log.format, lines),
        by: BTreeMap::new(),
    };
    let mut rest = lines;
    for minute in 0..60 {
        let flush_ms = hour_start_ms + minute * MINUTE_MS + nic.flush_ms;
        let stamp = record_time(flush_ms + prng.millis(0, 900), prng.millis(0, 9_999));
        let (now, later) =
            rest.split_at(rest.partition_point(|line| line.time_ms < flush_ms - FLUSH_DELAY_MS));
        rest = later;
        if now.is_empty() {
            continue;
        }
        let mut block = Vec::new();
        for record in cut_into_records(log.format, now, &mut counts, truth) {
            if blocks.len() > 1 || !block.is_empty() {
                block.push(b',');
            }
            write_record(&mut block, log, nic, &stamp, &record);
            truth.records += 1;
        }
        blocks.push(block);
    }
    if blocks.len() == 1 {
        return None;
    }
    blocks.push(CLOSING.to_vec());
    counts.add_to(truth, &nic.mac);
    truth.blobs += 1;
    truth.bytes += blocks
        .iter()
        .map(|block| u64::try_from(block.len()).unwrap_or(0))
        .sum::<u64>();
    let path = format!(
        "{}/{}/macAddress={}/PT1H.json",
        log.path_prefix,
        hour_folder(hour_start_ms),
        nic.mac
    );
    Some(Blob { key, path, blocks })
}

fn write_record(out: &mut Vec<u8>, log: &FlowLog, nic: &Nic, stamp: &str, groups: &[Group<'_>]) {
    match log.format {
        LogFormat::Vnet4 => json::write_vnet_record(out, log, &nic.mac, stamp, groups),
        LogFormat::Nsg2 => json::write_nsg_record(out, log, &nic.mac, stamp, 2, groups),
        LogFormat::Nsg1 => json::write_nsg_record(out, log, &nic.mac, stamp, 1, groups),
    }
}

/// Groups a minute's lines by rule, and starts a new record where one would become too long.
fn cut_into_records<'w>(
    format: LogFormat,
    lines: &[Line<'w>],
    counts: &mut Counts<'w>,
    truth: &mut Truth,
) -> Vec<Vec<Group<'w>>> {
    let mut sorted: Vec<&Line<'w>> = lines.iter().collect();
    sorted.sort_by_key(|line| line.decision.id);
    let mut records = Vec::new();
    let mut groups: Vec<Group<'w>> = Vec::new();
    let mut size = json::HEADER_BYTES;
    let mut text = Vec::new();
    for line in sorted {
        text.clear();
        json::write_tuple(&mut text, format, line);
        counts.count(line, truth);
        let needed = text.len() + 3;
        if size + needed > RECORD_BYTES_MAX && !groups.is_empty() {
            records.push(std::mem::take(&mut groups));
            size = json::HEADER_BYTES;
        }
        let fits_last = groups
            .last()
            .is_some_and(|group| group.decision.id == line.decision.id);
        if !fits_last {
            size += json::group_bytes(line.decision);
            groups.push(Group {
                decision: line.decision,
                tuples: Vec::new(),
            });
        }
        if let Some(group) = groups.last_mut() {
            json::append_tuple(&mut group.tuples, &text);
        }
        size += needed;
    }
    records.push(groups);
    records
}

/// Counts of one blob, by what is cheap to compare; named in full when the blob is done.
struct Counts<'w> {
    format: LogFormat,
    /// Outside of these times some NICs log what others do not.
    logged_by_all_ms: (i64, i64),
    /// What the NIC logged before is in no blob.
    first_ms: i64,
    /// Denials that nobody can tell from the repetition of another one.
    again: HashSet<*const Line<'w>>,
    by: BTreeMap<(u32, char, char), (&'w Decision, Sums)>,
}

/// Denials within half a minute of another one of the same five-tuple, in time order.
fn denied_again<'w>(format: LogFormat, lines: &[Line<'w>]) -> HashSet<*const Line<'w>> {
    let mut last = HashMap::new();
    let mut again = HashSet::new();
    for line in lines.iter().filter(|line| line.state == State::Deny) {
        let time_ms = json::logged_ms(format, line.time_ms);
        let before = last.insert((line.flow, line.direction.letter()), time_ms);
        if before.is_some_and(|before| time_ms - before <= REPEATED_WITHIN_MS) {
            again.insert(std::ptr::from_ref(line));
        }
    }
    again
}

impl<'w> Counts<'w> {
    fn count(&mut self, line: &Line<'w>, truth: &mut Truth) {
        let time_ms = json::logged_ms(self.format, line.time_ms);
        let reported = json::reports_counters(self.format, line.state);
        let mut sums = Sums {
            tuples: 1,
            unreported: u64::from(!reported),
            ..Sums::default()
        };
        if reported {
            sums.packets_sent = line.volume.packets_sent;
            sums.bytes_sent = line.volume.bytes_sent;
            sums.packets_received = line.volume.packets_received;
            sums.bytes_received = line.volume.bytes_received;
        }
        truth.saw_time(time_ms, &sums);
        truth.total.add(&sums);
        let is_denied = line.state == State::Deny && !self.again.contains(&std::ptr::from_ref(line));
        let begins = line.state == State::Begin || is_denied;
        let (from, before) = self.logged_by_all_ms;
        if (from..before).contains(&time_ms) {
            if line.direction == Direction::Outbound || !line.from_us {
                truth.once.add(&sums);
                truth.attempts += u64::from(begins);
            }
            truth.denials += u64::from(is_denied);
        }
        let is_first = match line.previous_ms {
            Some(previous_ms) => previous_ms < self.first_ms,
            None => line.state != State::Deny || is_denied,
        };
        truth.sessions += u64::from(is_first);
        let is_whole = match line.state {
            State::End => line.previous_ms.is_some() && line.begun_ms >= self.first_ms,
            State::Deny => is_denied,
            State::Begin | State::Continue => false,
        };
        truth.whole_sessions += u64::from(is_whole);
        let place = usize::try_from(line.incident).unwrap_or(0);
        if let Some(incident) = place.checked_sub(1).and_then(|at| truth.incidents.get_mut(at)) {
            incident.saw(line, time_ms, &sums);
        }
        let key = (line.decision.id, line.direction.letter(), line.state.letter());
        self.by
            .entry(key)
            .or_insert((line.decision, Sums::default()))
            .1
            .add(&sums);
    }

    fn add_to(self, truth: &mut Truth, mac: &str) {
        for ((_, direction, state), (decision, sums)) in self.by {
            let state = match self.format {
                LogFormat::Vnet4 => Some(state),
                LogFormat::Nsg2 => Some(if state == 'D' { 'B' } else { state }),
                LogFormat::Nsg1 => None,
            };
            let acl_id = match self.format {
                LogFormat::Vnet4 => decision.acl_id.clone(),
                LogFormat::Nsg2 | LogFormat::Nsg1 => decision.acl_id.to_uppercase(),
            };
            let key = TruthKey {
                format: self.format,
                mac: mac.to_owned(),
                acl_id,
                rule: decision.rule.clone(),
                direction,
                state,
                allowed: decision.allowed,
            };
            truth.rows.entry(key).or_default().add(&sums);
        }
    }
}
