//! What comes from the internet: clients, scanners, late replies, the office.
//!
//! The load balancer in front of the web tier keeps the client's address, so that a backend's log shows the client itself.
//! The one between the web and the application tier is called by its frontend: that is what the web tier's logs show.
//! It must not use attackers' addresses; those belong to the planted incidents.

use super::{Hour, Rhythm};
use crate::flow::{Endpoint, Flow, Volume};
use crate::inbox::Inbox;
use crate::layout::APP_FRONTEND;
use crate::prng::{Prng, Purpose};
use crate::world::Nic;

/// Ports that scanners try, the popular ones several times.
const SCANNED_PORTS: [u16; 24] = [
    22, 22, 22, 23, 23, 3389, 3389, 445, 8080, 8443, 5900, 6379, 1433, 3306, 2375, 9200, 5060, 25, 110, 21,
    8888, 16001, 5985, 27017,
];

pub(super) fn fill<'w>(hour: &Hour<'w, '_>, inbox: &mut Inbox<'w>) {
    for nic in &hour.roster.web {
        web_clients(hour, nic, inbox);
    }
    for nic in &hour.roster.legacy {
        legacy_clients(hour, nic, inbox);
    }
    for nic in &hour.roster.old {
        old_clients(hour, nic, inbox);
    }
    for nic in hour.world.nics.iter().filter(|nic| nic.is_public) {
        scanner_noise(hour, nic, inbox);
    }
    for nic in &hour.world.nics {
        late_replies(hour, nic, inbox);
    }
    for nic in &hour.roster.jump {
        office(hour, nic, inbox);
    }
}

/// A request from the internet, and what it sets off: web to app, app to database.
fn web_clients<'w>(hour: &Hour<'w, '_>, web: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::WebClients, web);
    for _ in 0..hour.count(&mut prng, 160, Rhythm::People) {
        let start = hour.moment(&mut prng);
        let v6 = web.ipv6.is_some() && prng.per_mille(30);
        let internet = &hour.world.internet;
        let client = if v6 {
            internet.client_v6(&mut prng)
        } else {
            internet.client(&mut prng)
        };
        let Some(client) = client else { continue };
        let source = Endpoint::outside(client, prng.ephemeral_port());
        let port = if prng.per_mille(80) { 80 } else { 443 };
        let destination = if v6 {
            Endpoint::of_v6(web, port)
        } else {
            Endpoint::of(web, port)
        };
        let duration = prng.millis(200, 65_000);
        let volume = Volume::of_payload(prng.long_tail(500, 4), prng.long_tail(2_000, 9));
        let restarts = prng.per_mille(8);
        inbox.add(&Flow {
            restarts,
            ..Flow::tcp(start, source, destination)
                .lasting(duration)
                .moving(volume)
        });
        if prng.per_mille(900) {
            behind_the_web(hour, web, start + prng.millis(2, 40), v6, &mut prng, inbox);
        }
    }
}

fn behind_the_web<'w>(
    hour: &Hour<'w, '_>,
    web: &'w Nic,
    start: i64,
    v6: bool,
    prng: &mut Prng,
    inbox: &mut Inbox<'w>,
) {
    let Some(app) = prng.pick(&hour.roster.app).copied() else {
        return;
    };
    let port = prng.ephemeral_port();
    let (source, destination) = if v6 {
        (Endpoint::of_v6(web, port), Endpoint::of_v6(app, 8080))
    } else {
        (Endpoint::of(web, port), Endpoint::of(app, 8080))
    };
    let volume = Volume::of_payload(prng.long_tail(300, 4), prng.long_tail(900, 7));
    let duration = prng.millis(5, 3_000);
    let restarts = prng.per_mille(10);
    inbox.add(&Flow {
        restarts,
        // The load balancer before the application tier has no frontend of version 6.
        frontend: (!v6).then_some(APP_FRONTEND),
        ..Flow::tcp(start, source, destination)
            .lasting(duration)
            .moving(volume)
    });
    if prng.per_mille(650) {
        let Some(database) = prng.pick(&hour.roster.database).copied() else {
            return;
        };
        let port = if prng.per_mille(400) { 1433 } else { 5432 };
        let volume = Volume::of_payload(prng.long_tail(200, 4), prng.long_tail(600, 8));
        let (source, destination) = (
            Endpoint::of(app, prng.ephemeral_port()),
            Endpoint::of(database, port),
        );
        let flow = Flow::tcp(start + prng.millis(1, 20), source, destination);
        inbox.add(&flow.lasting(prng.millis(2, 2_500)).moving(volume));
    }
}

fn legacy_clients<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Legacy, nic);
    for _ in 0..hour.count(&mut prng, 70, Rhythm::People) {
        let Some(client) = hour.world.internet.client(&mut prng) else {
            continue;
        };
        let port = if prng.per_mille(300) { 80 } else { 443 };
        let (source, destination) = (
            Endpoint::outside(client, prng.ephemeral_port()),
            Endpoint::of(nic, port),
        );
        let volume = Volume::of_payload(prng.long_tail(400, 3), prng.long_tail(1_500, 7));
        let flow = Flow::tcp(hour.moment(&mut prng), source, destination);
        inbox.add(&flow.lasting(prng.millis(100, 30_000)).moving(volume));
        // The application behind it is on the old machines.
        if prng.per_mille(500)
            && let Some(old) = prng.pick(&hour.roster.old).copied()
        {
            let (source, destination) = (Endpoint::of(nic, prng.ephemeral_port()), Endpoint::of(old, 1521));
            inbox.add(&Flow::tcp(flow.start_ms + 20, source, destination).lasting(prng.millis(10, 4_000)));
        }
    }
}

fn old_clients<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Legacy, nic);
    for _ in 0..hour.count(&mut prng, 20, Rhythm::People) {
        let Some(client) = hour.world.internet.client(&mut prng) else {
            continue;
        };
        let (source, destination) = (
            Endpoint::outside(client, prng.ephemeral_port()),
            Endpoint::of(nic, 21),
        );
        inbox
            .add(&Flow::tcp(hour.moment(&mut prng), source, destination).lasting(prng.millis(1_000, 90_000)));
    }
}

/// The background radiation of the internet: one packet to some port, now and then repeated word for word.
fn scanner_noise<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::ScannerNoise, nic);
    for _ in 0..hour.count(&mut prng, 55, Rhythm::Machines) {
        let Some(scanner) = hour.world.internet.scanner(&mut prng) else {
            continue;
        };
        let popular = prng.per_mille(700);
        let port = if popular {
            prng.pick(&SCANNED_PORTS).copied().unwrap_or(22)
        } else {
            prng.port(1, 65_535)
        };
        let repeats = if prng.per_mille(120) {
            prng.between(1, 2)
        } else {
            0
        };
        let (source, destination) = (
            Endpoint::outside(scanner, prng.ephemeral_port()),
            Endpoint::of(nic, port),
        );
        let start = hour.moment(&mut prng);
        let flow = if prng.per_mille(60) {
            Flow::udp(start, source, destination)
        } else {
            // Where the port is open: a short look at the banner.
            let look = Volume {
                packets_sent: 4,
                bytes_sent: 320,
                packets_received: 3,
                bytes_received: 410,
            };
            Flow::tcp(start, source, destination).moving(look)
        };
        inbox.add(&Flow {
            repeats,
            ..flow.lasting(prng.millis(30, 2_000))
        });
    }
}

/// Replies that come after their flow was forgotten: 443 or 53 to an ephemeral port, which looks like an attack.
fn late_replies<'w>(hour: &Hour<'w, '_>, nic: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::LateReplies, nic);
    for _ in 0..hour.count(&mut prng, 3, Rhythm::People) {
        let Some(service) = hour.world.internet.service(&mut prng) else {
            continue;
        };
        let dns = prng.per_mille(200);
        let source = Endpoint::outside(service, if dns { 53 } else { 443 });
        let destination = Endpoint::of(nic, prng.ephemeral_port());
        let start = hour.moment(&mut prng);
        let flow = if dns {
            Flow::udp(start, source, destination)
        } else {
            Flow::tcp(start, source, destination)
        };
        inbox.add(&Flow {
            repeats: u64::from(prng.per_mille(300)),
            ..flow
        });
    }
}

/// Administrators come from the office to the jump hosts and go on from there.
fn office<'w>(hour: &Hour<'w, '_>, jump: &'w Nic, inbox: &mut Inbox<'w>) {
    let mut prng = hour.prng(Purpose::Administration, jump);
    for _ in 0..hour.count(&mut prng, 12, Rhythm::People) {
        let Some(desk) = hour.world.internet.office(&mut prng) else {
            continue;
        };
        let port = if prng.per_mille(300) { 3389 } else { 22 };
        let (source, destination) = (
            Endpoint::outside(desk, prng.ephemeral_port()),
            Endpoint::of(jump, port),
        );
        let start = hour.moment(&mut prng);
        let duration = prng.millis(60_000, 40 * 60_000);
        let volume = Volume::of_payload(prng.long_tail(4_000, 5), prng.long_tail(20_000, 7));
        inbox.add(
            &Flow::tcp(start, source, destination)
                .lasting(duration)
                .moving(volume),
        );
        for _ in 0..prng.between(1, 3) {
            let Some(target) = prng.pick(&hour.world.nics) else {
                continue;
            };
            let onward = Endpoint::of(jump, prng.ephemeral_port());
            let start = start + prng.millis(1_000, duration / 2);
            let volume = Volume::of_payload(prng.long_tail(2_000, 5), prng.long_tail(9_000, 6));
            if target.index != jump.index {
                let flow = Flow::tcp(start, onward, Endpoint::of(target, 22));
                inbox.add(&flow.lasting(prng.millis(20_000, 25 * 60_000)).moving(volume));
            }
        }
    }
}
