//! What stays inside: DNS, monitoring, connection pools, encrypted peers, developers.
//!
//! Both ends are ours, hence each flow here appears in two logs. It must not call the internet.

use super::{Hour, Rhythm};
use crate::flow::{Endpoint, Flow, Volume};
use crate::inbox::Inbox;
use crate::prng::Purpose;
use crate::world::{Nic, Role};

pub(super) fn fill<'w>(hour: &Hour<'w, '_>, inbox: &mut Inbox<'w>) {
    for nic in &hour.world.nics {
        dns_server(hour, nic, inbox);
        monitoring(hour, nic, inbox);
    }
    for nic in &hour.roster.app {
        connection_pool(hour, nic, inbox);
    }
    for nic in &hour.roster.payment {
        encrypted_peers(hour, nic, inbox);
    }
    for nic in &hour.roster.developer {
        developers(hour, nic, inbox);
    }
}

fn dns_server<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    if nic.role == Role::Dns {
        return;
    }
    let mut prng = hour.prng(Purpose::DnsServer, nic);
    for _ in 0..hour.count(&mut prng, 12, Rhythm::People) {
        let Some(server) = prng.pick(&hour.roster.dns).copied() else {
            return;
        };
        let (source, destination) = (Endpoint::of(nic, prng.ephemeral_port()), Endpoint::of(server, 53));
        let start = hour.moment(&mut prng);
        let packets = prng.between(1, 2);
        let volume = Volume {
            packets_sent: packets,
            bytes_sent: packets * prng.between(70, 110),
            packets_received: packets,
            bytes_received: packets * prng.between(90, 400),
        };
        let large = prng.per_mille(10);
        let flow = if large {
            Flow::tcp(start, source, destination)
        } else {
            Flow::udp(start, source, destination)
        };
        inbox.add(&flow.lasting(prng.millis(1, 400)).moving(volume));
    }
}

/// A scrape every few minutes, let through by the security admin rule where that is deployed.
fn monitoring<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Monitoring, nic);
    let Some(monitor) = hour.roster.monitor.first().copied() else {
        return;
    };
    if !matches!(
        nic.role,
        Role::Web | Role::App | Role::Database | Role::Developer | Role::Legacy
    ) {
        return;
    }
    for _ in 0..hour.count(&mut prng, 12, Rhythm::Machines) {
        let (source, destination) = (
            Endpoint::of(monitor, prng.ephemeral_port()),
            Endpoint::of(nic, 9100),
        );
        let volume = Volume::of_payload(240, prng.between(8_000, 14_000));
        inbox.add(
            &Flow::tcp(hour.moment(&mut prng), source, destination)
                .lasting(prng.millis(20, 300))
                .moving(volume),
        );
    }
}

/// Pooled connections stay open for a long time; their `C` tuples cross hours.
fn connection_pool<'w>(hour: &Hour<'w, '_>, app: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::ConnectionPools, app);
    for number in 0..hour.count(&mut prng, 6, Rhythm::Machines) {
        let Some(database) = prng.pick(&hour.roster.database).copied() else {
            return;
        };
        let port = if prng.per_mille(400) { 1433 } else { 5432 };
        let from = pooled_port(hour, number, prng.ephemeral_port());
        let (source, destination) = (Endpoint::of(app, from), Endpoint::of(database, port));
        let volume = Volume::of_payload(prng.long_tail(200_000, 6), prng.long_tail(900_000, 8));
        let flow = Flow::tcp(hour.moment(&mut prng), source, destination);
        inbox.add(
            &flow
                .lasting(prng.millis(20 * 60_000, 150 * 60_000))
                .moving(volume),
        );
    }
}

/// A port that nothing else takes while the connection is open: one below those of short flows, which no connection of this
/// hour or of the three before it has.
fn pooled_port(hour: &Hour<'_, '_>, number: u64, drawn: u16) -> u16 {
    let number = u16::try_from(number % 20).unwrap_or(0);
    let turn = u16::try_from(hour.of_day() % 4).unwrap_or(0);
    28_672 + 4 * (drawn % 51 * 20 + number) + turn
}

/// Replication inside the VNet that enforces encryption, and an inventory job from elsewhere that it drops.
fn encrypted_peers<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::EncryptedPeers, nic);
    for _ in 0..hour.count(&mut prng, 60, Rhythm::People) {
        let Some(peer) = prng
            .pick(&hour.roster.payment)
            .copied()
            .filter(|peer| peer.index != nic.index)
        else {
            continue;
        };
        let port = if prng.per_mille(500) { 6379 } else { 8443 };
        let (source, destination) = (Endpoint::of(nic, prng.ephemeral_port()), Endpoint::of(peer, port));
        let volume = Volume::of_payload(prng.long_tail(300, 6), prng.long_tail(300, 6));
        let same_host = prng.per_mille(50);
        let flow = Flow::tcp(hour.moment(&mut prng), source, destination).moving(volume);
        inbox.add(&Flow {
            same_host,
            ..flow.lasting(prng.millis(3, 9_000))
        });
    }
    for _ in 0..hour.count(&mut prng, 3, Rhythm::Machines) {
        let Some(monitor) = hour.roster.monitor.first().copied() else {
            return;
        };
        let (source, destination) = (
            Endpoint::of(monitor, prng.ephemeral_port()),
            Endpoint::of(nic, 9100),
        );
        inbox.add(&Flow {
            repeats: 2,
            ..Flow::tcp(hour.moment(&mut prng), source, destination)
        });
    }
}

/// Developers try the application from their machines; the shop lets nothing in from there.
fn developers<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Developers, nic);
    for _ in 0..hour.count(&mut prng, 4, Rhythm::People) {
        let Some(app) = prng.pick(&hour.roster.app).copied() else {
            return;
        };
        let (source, destination) = (Endpoint::of(nic, prng.ephemeral_port()), Endpoint::of(app, 8080));
        inbox.add(&Flow {
            repeats: prng.between(0, 2),
            ..Flow::tcp(hour.moment(&mut prng), source, destination)
        });
    }
}
