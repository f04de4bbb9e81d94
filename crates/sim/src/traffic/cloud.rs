//! Between the machines and the cloud: platform DNS, health probes, Azure services, mirrors, nightly backups.
//!
//! Outbound flows show the private address, before NAT (FORMATS.md 5.4). It must not plant anything unusual.

use super::{Hour, Rhythm};
use crate::flow::{Endpoint, Flow, Volume};
use crate::inbox::Inbox;
use crate::internet::PLATFORM_ADDRESS;
use crate::prng::{Prng, Purpose};
use crate::world::{Nic, Role};
use std::net::IpAddr;

/// The hour of the day (UTC) in which backups begin.
const BACKUP_HOUR: usize = 1;
const GIB: u64 = 1 << 30;

pub(super) fn fill<'w>(hour: &Hour<'w, '_>, inbox: &mut Inbox<'w>) {
    let Ok(platform) = PLATFORM_ADDRESS.parse::<IpAddr>() else {
        return;
    };
    for nic in &hour.world.nics {
        platform_dns(hour, nic, platform, inbox);
        outbound_services(hour, nic, inbox);
        platform_returns(hour, nic, inbox);
    }
    for nic in &hour.roster.web {
        health_probes(hour, nic, platform, inbox);
    }
    if hour.of_day() == BACKUP_HOUR {
        for nic in &hour.roster.database {
            backups(hour, nic, inbox);
        }
    }
}

fn platform_dns<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, platform: IpAddr, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::PlatformDns, nic);
    let busy = if nic.role == Role::Dns { 400 } else { 25 };
    for _ in 0..hour.count(&mut prng, busy, Rhythm::People) {
        let source = Endpoint::of(nic, prng.ephemeral_port());
        let volume = Volume {
            packets_sent: 1,
            bytes_sent: prng.between(70, 110),
            packets_received: 1,
            bytes_received: prng.between(90, 420),
        };
        let flow = Flow::udp(hour.moment(&mut prng), source, Endpoint::outside(platform, 53));
        inbox.add(&flow.lasting(prng.millis(1, 60)).moving(volume));
    }
}

/// Probes come from the platform address, not from the load balancer's own.
fn health_probes<'w>(hour: &Hour<'w, '_>, web: &'w Nic, platform: IpAddr, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::HealthProbes, web);
    for _ in 0..hour.count(&mut prng, 120, Rhythm::Machines) {
        let source = Endpoint::outside(platform, prng.port(49_152, 65_535));
        let volume = Volume {
            packets_sent: 5,
            bytes_sent: 380,
            packets_received: 4,
            bytes_received: 412,
        };
        let flow = Flow::tcp(hour.moment(&mut prng), source, Endpoint::of(web, 80));
        inbox.add(&flow.lasting(prng.millis(1, 15)).moving(volume));
    }
}

fn tagged(hour: &Hour<'_, '_>, name: &str, prng: &mut Prng) -> Option<IpAddr> {
    hour.world
        .service_tags
        .iter()
        .find(|tag| tag.name == name)?
        .any_address(prng)
}

fn outbound_services<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::OutboundServices, nic);
    let busy = if nic.role == Role::Developer { 60 } else { 18 };
    for _ in 0..hour.count(&mut prng, busy, Rhythm::People) {
        let source = Endpoint::of(nic, prng.ephemeral_port());
        let start = hour.moment(&mut prng);
        let kind = prng.below(1_000);
        let (address, port) = match kind {
            0..300 => (tagged(hour, "AzureMonitor", &mut prng), 443),
            300..450 => (tagged(hour, "AzureActiveDirectory", &mut prng), 443),
            450..600 => (tagged(hour, "Storage.WestEurope", &mut prng), 443),
            600..660 => (hour.world.internet.service(&mut prng), 123),
            660..670 => (hour.world.internet.service(&mut prng), 25),
            670..750 => (hour.world.internet.service(&mut prng), 80),
            _ => (hour.world.internet.service(&mut prng), 443),
        };
        let Some(address) = address else { continue };
        let destination = Endpoint::outside(address, port);
        if port == 123 {
            inbox.add(&Flow::udp(start, source, destination).lasting(prng.millis(5, 90)));
            continue;
        }
        let volume = Volume::of_payload(prng.long_tail(500, 6), prng.long_tail(1_200, 12));
        let restarts = prng.per_mille(12);
        let repeats = prng.below(3);
        let flow = Flow::tcp(start, source, destination)
            .lasting(prng.millis(60, 120_000))
            .moving(volume);
        inbox.add(&Flow {
            restarts,
            repeats,
            ..flow
        });
    }
}

/// Return traffic that the platform lets pass without asking a rule: an end without a beginning.
fn platform_returns<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::PlatformReturns, nic);
    for _ in 0..hour.count(&mut prng, 2, Rhythm::Machines) {
        let Some(address) = tagged(hour, "AzureCloud.WestEurope", &mut prng) else {
            continue;
        };
        let source = Endpoint::outside(address, 23_456);
        let destination = Endpoint::of(nic, prng.port(23_000, 30_000));
        let volume = Volume {
            packets_sent: 1,
            bytes_sent: 128,
            packets_received: 0,
            bytes_received: 0,
        };
        inbox.add_platform_return(
            nic,
            &Flow::tcp(hour.moment(&mut prng), source, destination).moving(volume),
        );
    }
}

/// One long flow per database to storage; large enough that five minutes of it can exceed 2^32 bytes.
fn backups<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Backups, nic);
    let Some(address) = tagged(hour, "Storage.WestEurope", &mut prng) else {
        return;
    };
    let (source, destination) = (
        Endpoint::of(nic, prng.ephemeral_port()),
        Endpoint::outside(address, 443),
    );
    let duration = prng.millis(70 * 60_000, 170 * 60_000);
    // The first database is the large one; the others vary.
    let gibibytes = if nic.ordinal == 0 {
        prng.between(220, 300)
    } else {
        prng.between(15, 90)
    };
    let volume = Volume::of_payload(gibibytes * GIB + prng.below(GIB), 40_000_000);
    let start = hour.start_ms + prng.millis(2 * 60_000, 20 * 60_000);
    inbox.add(
        &Flow::tcp(start, source, destination)
            .lasting(duration)
            .moving(volume),
    );
}
