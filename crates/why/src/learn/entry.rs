//! An entry of a flow log with what is known of it, and its tuple as the log has it.

use std::net::IpAddr;

use model::protocols::{TCP, UDP};
use model::{Direction, FlowState, FlowStatus, LogFormat, RuleKind};
use nsg::Proof;

/// One tuple, what its record says, and what facts say. A text is empty where nothing is known.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Epoch microseconds.
    pub time: i64,
    /// The layout of the log; only tuples are learned.
    pub format: LogFormat,
    /// As the interface sees it that reports.
    pub direction: Direction,
    /// Who began.
    pub source: IpAddr,
    /// With whom.
    pub destination: IpAddr,
    /// 0 where there is none.
    pub source_port: u16,
    /// 0 where there is none.
    pub destination_port: u16,
    /// The number of the IP protocol.
    pub protocol: u8,
    /// As logged.
    pub state: Option<FlowState>,
    /// The decision.
    pub status: FlowStatus,
    /// As logged.
    pub encryption: String,
    /// Packets and bytes of the source, packets and bytes of the destination.
    pub counters: [Option<i64>; 4],
    /// Who reports.
    pub mac: String,
    /// What the flow log is enabled on.
    pub target: String,
    /// The name of the group that decided.
    pub group: String,
    /// The rule that decided, without its prefix.
    pub rule: String,
    /// Its kind.
    pub rule_kind: RuleKind,
    /// The machine of who began.
    pub source_name: String,
    /// The machine of the other end.
    pub destination_name: String,
    /// Of an end on the internet: the service tag, or the country and whose network it is.
    pub source_origin: String,
    /// The same of the other end.
    pub destination_origin: String,
    /// It only passed through where it was logged.
    pub is_hop: bool,
    /// What the destination port stands for.
    pub service: String,
    /// The names of rules at the interface that could be taken for the one that decided.
    pub rules: Vec<String>,
    /// What the rules say of it.
    pub proof: Option<Proof>,
    /// All of it in one sentence.
    pub words: String,
}

impl Entry {
    /// The address of the interface that reports.
    #[must_use]
    pub const fn own(&self) -> IpAddr {
        match self.direction {
            Direction::Inbound => self.destination,
            Direction::Outbound => self.source,
        }
    }

    /// The other end, and what is known of it: its machine, and where it is.
    #[must_use]
    pub fn other(&self) -> (IpAddr, &str, &str) {
        match self.direction {
            Direction::Inbound => (self.source, &self.source_name, &self.source_origin),
            Direction::Outbound => (self.destination, &self.destination_name, &self.destination_origin),
        }
    }

    /// `10.1.0.5 (vm-web-02)`.
    pub(super) fn source_words(&self) -> String {
        named(self.source, &self.source_name)
    }

    pub(super) fn destination_words(&self) -> String {
        named(self.destination, &self.destination_name)
    }

    pub(super) fn own_words(&self) -> String {
        match self.direction {
            Direction::Inbound => self.destination_words(),
            Direction::Outbound => self.source_words(),
        }
    }

    pub(super) fn is_denied(&self) -> bool {
        self.status == FlowStatus::Denied
    }

    /// True if its tuple can be written.
    #[must_use]
    pub const fn has_tuple(&self) -> bool {
        matches!(self.format, LogFormat::Vnet4 | LogFormat::Nsg2 | LogFormat::Nsg1)
    }

    /// From a well-known port to one that is lent to callers: who began may be the other one.
    pub(super) const fn is_late_reply(&self) -> bool {
        self.source_port != 0 && self.source_port < 1024 && self.destination_port >= 32_768
    }

    /// The fields of the tuple, as the log writes them.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let is_nsg = self.format.is_nsg();
        let time = if is_nsg {
            self.time.div_euclid(1_000_000)
        } else {
            self.time.div_euclid(1000)
        };
        let protocol = match self.protocol {
            TCP if is_nsg => "T".to_owned(),
            UDP if is_nsg => "U".to_owned(),
            number => number.to_string(),
        };
        let direction = match self.direction {
            Direction::Inbound => "I",
            Direction::Outbound => "O",
        };
        let mut fields = vec![
            time.to_string(),
            self.source.to_string(),
            self.destination.to_string(),
            self.source_port.to_string(),
            self.destination_port.to_string(),
            protocol,
            direction.to_owned(),
        ];
        let state = self.state.map_or("", FlowState::as_str).to_owned();
        if is_nsg {
            fields.push(if self.is_denied() { "D" } else { "A" }.to_owned());
        }
        if self.format == LogFormat::Nsg1 {
            return fields;
        }
        fields.push(state);
        if !is_nsg {
            fields.push(self.encryption.clone());
        }
        let counters = self.counters.iter();
        fields.extend(counters.map(|count| count.map(|count| count.to_string()).unwrap_or_default()));
        fields
    }

    /// The tuple as the log writes it.
    #[must_use]
    pub fn tuple(&self) -> String {
        self.fields().join(",")
    }

    /// `VNet flow log`, `NSG flow log, version 2`.
    #[must_use]
    pub const fn log_words(&self) -> &'static str {
        match self.format {
            LogFormat::Nsg2 => "NSG flow log, version 2",
            LogFormat::Nsg1 => "NSG flow log, version 1",
            _ => "VNet flow log",
        }
    }

    /// What is shown of it: who reports, and the tuple.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let reporter = if self.mac.is_empty() {
            "an interface that is not named".to_owned()
        } else if self.is_hop {
            format!("interface {}", self.mac)
        } else {
            format!("interface {} of {}", self.mac, self.own_words())
        };
        vec![
            format!("{}, {reporter}", self.log_words()),
            format!("  {}", self.tuple()),
        ]
    }
}

fn named(address: IpAddr, name: &str) -> String {
    match name {
        "" => address.to_string(),
        name => format!("{address} ({name})"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A denied knock on port 22.
    pub(in crate::learn) fn knock() -> Entry {
        Entry {
            time: 1_771_234_567_890_000,
            format: LogFormat::Vnet4,
            direction: Direction::Inbound,
            source: "203.0.113.7".parse().unwrap(),
            destination: "10.1.0.5".parse().unwrap(),
            source_port: 50_123,
            destination_port: 22,
            protocol: TCP,
            state: Some(FlowState::Denied),
            status: FlowStatus::Denied,
            encryption: "NX".to_owned(),
            counters: [Some(0); 4],
            mac: "00-0D-3A-00-00-01".to_owned(),
            target: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/vnet-web"
                .to_owned(),
            group: "nsg-web".to_owned(),
            rule: "DenyAllInBound".to_owned(),
            rule_kind: RuleKind::Default,
            source_name: String::new(),
            destination_name: "vm-web-02".to_owned(),
            source_origin: "DE".to_owned(),
            destination_origin: String::new(),
            is_hop: false,
            service: "SSH".to_owned(),
            rules: ["AllowVnetInBound", "AllowHttps", "DenyAllInBound"]
                .map(str::to_owned)
                .to_vec(),
            proof: None,
            words: "a knock".to_owned(),
        }
    }

    #[test]
    fn tuples_are_as_the_logs_write_them() {
        let entry = knock();
        assert_eq!(
            entry.tuple(),
            "1771234567890,203.0.113.7,10.1.0.5,50123,22,6,I,D,NX,0,0,0,0"
        );
        let nsg = Entry {
            format: LogFormat::Nsg2,
            state: Some(FlowState::Begin),
            counters: [None; 4],
            ..entry.clone()
        };
        assert_eq!(
            nsg.tuple(),
            "1771234567,203.0.113.7,10.1.0.5,50123,22,T,I,D,B,,,,"
        );
        let first = Entry {
            format: LogFormat::Nsg1,
            state: None,
            ..entry
        };
        assert_eq!(first.tuple(), "1771234567,203.0.113.7,10.1.0.5,50123,22,T,I,D");
    }
}
