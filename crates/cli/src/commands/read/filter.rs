//! Which tuples the user wants to see: as typed, and as meant. Flags of one kind are alternatives,
//! flags of different kinds must all hold.

use std::net::IpAddr;

use clap::Args;
use model::codes::list as code;
use model::{Direction, FlowStatus};

use crate::exit::Failure;
use crate::instant::{self, Micros};
use crate::reading::row::Row;

/// The flags as typed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (all must hold; a repeated flag means either)")]
pub(crate) struct FilterFlags {
    /// Only what was denied
    #[arg(long, conflicts_with = "allowed")]
    denied: bool,
    /// Only what was allowed
    #[arg(long)]
    allowed: bool,
    /// Only what the NIC sees coming in
    #[arg(long, conflicts_with = "outbound")]
    inbound: bool,
    /// Only what the NIC sees going out
    #[arg(long)]
    outbound: bool,
    /// Source or destination: 10.0.0.4, 2001:db8::/32
    #[arg(long, value_name = "ADDR|CIDR", value_delimiter = ',')]
    ip: Vec<String>,
    /// Destination port: 443, 80,443 or 8000-8999
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    port: Vec<String>,
    /// Source port, in the same forms
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    src_port: Vec<String>,
    /// Part of the rule's name, in any letter case
    #[arg(long, value_name = "TEXT")]
    rule: Vec<String>,
    /// From this time on: 2024-03-14[T10:59[:41Z]], 2h, 3d
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time, in the same forms
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// A range of addresses; the bits are compared as one number, so both families are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    v6: bool,
    first: u128,
    mask: u128,
}

impl Prefix {
    fn parse(typed: &str) -> Option<Self> {
        let (address, length) = match typed.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (typed, None),
        };
        let ip: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
        let (v6, bits, value) = numbered(ip);
        let length = match length {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok().filter(|length| *length <= bits)?
            }
            Some(_) => return None,
            None => bits,
        };
        let mask = u128::MAX.checked_shl(bits - length).unwrap_or(0);
        Some(Self {
            v6,
            first: value & mask,
            mask,
        })
    }

    fn holds(self, ip: IpAddr) -> bool {
        let (v6, _, value) = numbered(ip);
        v6 == self.v6 && value & self.mask == self.first
    }
}

/// An address as family, width and number. IPv4-mapped IPv6 is the IPv4 address it holds.
fn numbered(ip: IpAddr) -> (bool, u32, u128) {
    match ip.to_canonical() {
        IpAddr::V4(v4) => (false, 32, u128::from(v4.to_bits())),
        IpAddr::V6(v6) => (true, 128, v6.to_bits()),
    }
}

/// The filter as meant.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    status: Option<FlowStatus>,
    direction: Option<Direction>,
    prefixes: Vec<Prefix>,
    ports: Vec<(u16, u16)>,
    source_ports: Vec<(u16, u16)>,
    rules: Vec<String>,
    since: Option<Micros>,
    until: Option<Micros>,
    /// As typed, for the header.
    shown: Vec<String>,
}

impl FilterFlags {
    /// Understands the flags.
    pub(crate) fn resolve(&self, now: Micros) -> Result<Filter, Failure> {
        let mut filter = Filter {
            status: either(self.allowed, FlowStatus::Allowed, self.denied, FlowStatus::Denied),
            direction: either(
                self.inbound,
                Direction::Inbound,
                self.outbound,
                Direction::Outbound,
            ),
            rules: self.rule.iter().map(|text| text.to_lowercase()).collect(),
            shown: self.shown(),
            ..Filter::default()
        };
        for typed in &self.ip {
            filter
                .prefixes
                .push(Prefix::parse(typed).ok_or_else(|| wrong("--ip", typed, IP_FORMS))?);
        }
        for (flag, all, ports) in [
            ("--port", &self.port, &mut filter.ports),
            ("--src-port", &self.src_port, &mut filter.source_ports),
        ] {
            for typed in all {
                ports.push(port_range(typed).ok_or_else(|| wrong(flag, typed, PORT_FORMS))?);
            }
        }
        let time = |flag, typed: &Option<String>| match typed {
            Some(typed) => instant::parse(typed, now)
                .map(Some)
                .ok_or_else(|| wrong(flag, typed, instant::FORMS)),
            None => Ok(None),
        };
        filter.since = time("--since", &self.since)?;
        filter.until = time("--until", &self.until)?;
        if let (Some(since), Some(until)) = (filter.since, filter.until)
            && since >= until
        {
            let message = "`--since` is not before `--until`, so nothing can match";
            return Err(Failure::value(code::FILTER_VALUE, message).hint("swap the two"));
        }
        Ok(filter)
    }

    fn shown(&self) -> Vec<String> {
        let flags = [
            (self.denied, "--denied"),
            (self.allowed, "--allowed"),
            (self.inbound, "--inbound"),
            (self.outbound, "--outbound"),
        ];
        let mut shown: Vec<String> = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| (*flag).to_owned())
            .collect();
        for (flag, values) in [
            ("--ip", &self.ip),
            ("--port", &self.port),
            ("--src-port", &self.src_port),
        ] {
            if !values.is_empty() {
                shown.push(format!("{flag} {}", values.join(",")));
            }
        }
        shown.extend(self.rule.iter().map(|text| format!("--rule {text}")));
        shown.extend(self.since.iter().map(|time| format!("--since {time}")));
        shown.extend(self.until.iter().map(|time| format!("--until {time}")));
        shown
    }
}

const IP_FORMS: &str = "an address such as `10.0.0.4` or `2001:db8::1`, or a range such as `10.0.0.0/16`";
const PORT_FORMS: &str = "a port such as `443`, several such as `80,443`, or a range such as `8000-8999`";

fn wrong(flag: &str, typed: &str, forms: &str) -> Failure {
    Failure::value(
        code::FILTER_VALUE,
        format!("`{flag} {typed}` cannot be understood"),
    )
    .hint(format!("`{flag}` takes {forms}"))
}

fn either<T>(first: bool, this: T, second: bool, that: T) -> Option<T> {
    if first { Some(this) } else { second.then_some(that) }
}

fn port_range(typed: &str) -> Option<(u16, u16)> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    let (first, last) = match typed.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(typed)?, number(typed)?),
    };
    (first <= last).then_some((first, last))
}

impl Filter {
    /// True if every tuple matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The flags, for the header.
    pub(crate) fn text(&self) -> String {
        self.shown.join(" ")
    }

    /// Whether a tuple is wanted.
    pub(crate) fn matches(&self, row: &Row<'_>) -> bool {
        let within = |ranges: &[(u16, u16)], port| {
            ranges.is_empty()
                || ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&port))
        };
        self.status.is_none_or(|status| row.status == status)
            && self.direction.is_none_or(|direction| row.direction == direction)
            && self.since.is_none_or(|since| row.time >= since)
            && self.until.is_none_or(|until| row.time < until)
            && within(&self.ports, row.destination_port)
            // A port that was dropped is none of those asked for.
            && (self.source_ports.is_empty() || row.source_port.is_some_and(|port| within(&self.source_ports, port)))
            && self.matches_address(row)
            && self.matches_rule(row)
    }

    fn matches_address(&self, row: &Row<'_>) -> bool {
        let ends = [row.source.ip, row.destination.ip];
        self.prefixes.is_empty()
            || self
                .prefixes
                .iter()
                .any(|prefix| ends.iter().flatten().any(|ip| prefix.holds(*ip)))
    }

    fn matches_rule(&self, row: &Row<'_>) -> bool {
        if self.rules.is_empty() {
            return true;
        }
        let logged = row.rule.unwrap_or_default().to_lowercase();
        self.rules.iter().any(|text| logged.contains(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        let holds = |typed: &str, ip: &str| Prefix::parse(typed).unwrap().holds(ip.parse().unwrap());
        assert!(holds("10.0.0.4", "10.0.0.4") && !holds("10.0.0.4", "10.0.0.5"));
        assert!(holds("10.0.0.0/16", "10.0.255.1") && !holds("10.0.0.0/16", "10.1.0.0"));
        assert!(holds("10.0.3.7/16", "10.0.255.1"), "host bits are no mistake");
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "2001:db8::1") && !holds("::/0", "8.8.8.8"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("10.0.0.4", "::ffff:10.0.0.4"));
        for wrong in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
            "host",
            "10.0.0.4:80",
        ] {
            assert_eq!(Prefix::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ports() {
        assert_eq!(port_range("443"), Some((443, 443)));
        assert_eq!(port_range("8000-8999"), Some((8000, 8999)));
        for wrong in ["", "-", "65536", "9-8", "http", "1-2-3", "-5"] {
            assert_eq!(port_range(wrong), None, "{wrong}");
        }
    }
}
