//! What is asked about where nobody names a table: the world of `flowglass demo`, made in memory. Nothing is written.

use std::ops::ControlFlow;

use enrich::{Snapshot, Timeline};
use formats::{FlowBatch, Options, Quarantined, Sink};
use model::{Direction, SourceId};
use sim::{Incident, IncidentKind, Truth, World, WorldSpec};
use why::learn::{Material, Pattern};

use super::gather::{Gatherer, Wanted};
use super::telling::told;
use crate::commands::demo;
use crate::reading::row::Rows;

/// What the world of the demo has to ask about.
pub(super) fn material(seed: u64) -> Material {
    of(&demo::default_spec(), seed)
}

fn of(spec: &WorldSpec, seed: u64) -> Material {
    let world = World::generate(spec);
    let planted = Truth::of(&world).incidents;
    let mut reading = Reading(Gatherer::new(seed, planted.iter().filter_map(wanted).collect()));
    world.write(&mut |blob| {
        let bytes = blob.bytes();
        formats::read(bytes.as_slice(), Options::new(SourceId(1)), &mut reading);
    });
    // Exports that cannot be read would leave names out; tests hold that all can.
    let read = world.exports().into_iter();
    let read = read.filter_map(|export| inventory::read(export.text.as_bytes()).ok());
    let (facts, _) = inventory::together(read.map(|read| read.facts));
    let snapshot = Snapshot {
        taken: world.start_ms() * 1000,
        facts,
    };
    told(reading.0.finish(), &Timeline::of(vec![snapshot]))
}

struct Reading(Gatherer);

impl Sink for Reading {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        if let Ok(rows) = Rows::of(&batch.rows) {
            for (_, row) in rows.iter() {
                self.0.take(&row);
            }
        }
        ControlFlow::Continue(())
    }

    fn quarantine(&mut self, _: Quarantined) {}
}

/// An incident that was planted, as the interface saw it where it was decided.
fn wanted(incident: &Incident) -> Option<Wanted> {
    let (pattern, direction) = match incident.kind {
        IncidentKind::SshBruteForceDenied | IncidentKind::SshBruteForceAllowed => {
            (Pattern::BruteForce, Some(Direction::Inbound))
        }
        IncidentKind::VerticalPortScan => (Pattern::PortScan, Some(Direction::Inbound)),
        IncidentKind::HorizontalScan => (Pattern::HostScan, Some(Direction::Inbound)),
        IncidentKind::Exfiltration => (Pattern::Exfiltration, Some(Direction::Outbound)),
        IncidentKind::Beacon => (Pattern::Beacon, Some(Direction::Outbound)),
        IncidentKind::DeniedDatabaseAccess => (Pattern::DeniedAccess, None),
    };
    Some(Wanted {
        pattern,
        summary: format!("It was planted: {}", incident.summary),
        source: incident.source.parse().ok()?,
        targets: incident
            .targets
            .iter()
            .filter_map(|target| target.parse().ok())
            .collect(),
        port: incident.port,
        direction,
        picked: Vec::new(),
        count: 0,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use why::learn::{Chance, Course, Lesson, Topic};

    use super::*;

    fn small_material() -> Material {
        let spec = WorldSpec {
            scale: sim::Scale::Tiny,
            hours: 24,
            ..demo::default_spec()
        };
        of(&spec, 5)
    }

    #[test]
    fn a_world_has_something_to_ask_of_every_kind() {
        let material = small_material();
        assert!(material.sessions.len() >= 8, "{}", material.sessions.len());
        let patterns: BTreeSet<Pattern> = material.extracts.iter().map(|extract| extract.pattern).collect();
        for pattern in [
            Pattern::BruteForce,
            Pattern::PortScan,
            Pattern::Beacon,
            Pattern::Exfiltration,
            Pattern::DeniedAccess,
            Pattern::Ordinary,
        ] {
            assert!(patterns.contains(&pattern), "{pattern:?} of {patterns:?}");
        }
        let proved = material
            .entries
            .iter()
            .filter(|entry| entry.proof.is_some())
            .count();
        assert_eq!(proved, material.entries.len());
        for lesson in Lesson::ALL {
            let mut course = Course::new(&material, Some(lesson), Chance::new(1));
            for _ in 0..12 {
                assert!(course.next_round().is_some(), "{lesson:?}");
            }
        }
    }

    /// What is taught about rules is what the log says, and the proof says the same, or says why it does not.
    #[test]
    fn rules_are_proved_as_they_were_logged() {
        let material = small_material();
        let mut course = Course::new(&material, Some(Lesson::Rules), Chance::new(2));
        let mut proved = 0;
        for _ in 0..60 {
            let round = course.next_round().unwrap();
            for question in round.questions {
                assert_eq!(question.topic, Topic::Rule);
                let right = &question.choices[question.right].text;
                let chain = question.because.join("\n");
                if chain.contains(&format!("{right} (number ")) {
                    proved += 1;
                    continue;
                }
                let is_of_host = chain.contains("traffic with the host itself");
                // The exports do not say for which networks security admin rules are.
                let is_open = chain.contains("leaves it open");
                assert!(is_of_host || is_open, "{right}: {chain}");
            }
        }
        assert!(proved > 30, "{proved}");
    }
}
