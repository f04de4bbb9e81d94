//! The columns of the rollups: what `FlowsOnce` comes to in an hour. What they hold is said in KQL
//! (`engine`'s views); a rollup that is kept has these columns.

use super::{ColumnDef, Kind, Repr, TableDef, ValueType};

/// Flows of an hour by everything that an overview asks for; the other rollups are made of it.
pub static FLOWS_HOURLY: TableDef = TableDef {
    name: "FlowsHourly",
    row: "what `FlowsOnce` has of an hour between two addresses, by port, rule and verdict",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        FLOW_TYPE,
        COUNTED_AT,
        GROUP,
        RULE,
        PROTOCOL,
        SERVICE,
        PORT,
        text("SrcIp", "Address of who began."),
        text("DestIp", "Address of the other end."),
        text("SrcVm", "Machine of who began: `group/machine`."),
        text("DestVm", "Machine of the other end."),
        text("SrcSubnet", "Subnet of who began: `group/network/subnet`."),
        text("DestSubnet", "Subnet of the other end."),
        SOURCE_TAGS,
        DESTINATION_TAGS,
        SOURCE_COUNTRY,
        DESTINATION_COUNTRY,
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

/// Flows of an hour by direction, verdict and kind.
pub static TRAFFIC_HOURLY: TableDef = TableDef {
    name: "TrafficHourly",
    row: "what `FlowsHourly` has of an hour, by direction, verdict, kind of traffic and how it was counted",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        FLOW_TYPE,
        COUNTED_AT,
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

/// Flows of an hour by rule.
pub static RULES_HOURLY: TableDef = TableDef {
    name: "RulesHourly",
    row: "what `FlowsHourly` has of an hour, by the rule that decided",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        GROUP,
        RULE,
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

/// Flows of an hour by service.
pub static SERVICES_HOURLY: TableDef = TableDef {
    name: "ServicesHourly",
    row: "what `FlowsHourly` has of an hour, by protocol and port",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        PROTOCOL,
        SERVICE,
        PORT,
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

/// Flows of an hour by one of their ends.
pub static TALKERS_HOURLY: TableDef = TableDef {
    name: "TalkersHourly",
    row: "what `FlowsHourly` has of an hour at one end; each flow is there twice, for its source and for its destination",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        text("Role", "`Source` or `Destination`: which end `Ip` is."),
        text("Ip", "Address of this end."),
        text("Vm", "Its machine: `group/machine`."),
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

/// Flows of an hour by what is known of public addresses.
pub static PLACES_HOURLY: TableDef = TableDef {
    name: "PlacesHourly",
    row: "what `FlowsHourly` has of an hour, by what is known of public addresses",
    partition: DAY,
    columns: &[
        HOUR,
        DATE,
        DIRECTION,
        STATUS,
        FLOW_TYPE,
        SOURCE_TAGS,
        DESTINATION_TAGS,
        SOURCE_COUNTRY,
        DESTINATION_COUNTRY,
        TUPLES,
        ATTEMPTS,
        DENIALS,
        PACKETS_SENT,
        PACKETS_RECEIVED,
        BYTES_SENT,
        BYTES_RECEIVED,
    ],
};

const DAY: &str = "FlowDate";

const fn column(name: &'static str, value_type: ValueType, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        name,
        value_type,
        repr: Repr::Plain,
        kind: Kind::Asof,
        nullable: true,
        unit: "",
        meaning,
        vnet: "",
        nsg: "",
        kql_aliases: &[],
    }
}

const fn text(name: &'static str, meaning: &'static str) -> ColumnDef {
    column(name, ValueType::Text, meaning)
}

const fn sum(name: &'static str, unit: &'static str, meaning: &'static str) -> ColumnDef {
    ColumnDef {
        unit,
        ..column(name, ValueType::Long, meaning)
    }
}

const HOUR: ColumnDef = ColumnDef {
    nullable: false,
    ..column("TimeGenerated", ValueType::Instant, "Begin of the hour, UTC.")
};
const DATE: ColumnDef = ColumnDef {
    nullable: false,
    ..column(DAY, ValueType::Day, "UTC day of the hour.")
};
const DIRECTION: ColumnDef = text("FlowDirection", "`Inbound` or `Outbound` of who logged it.");
const STATUS: ColumnDef = text("FlowStatus", "`Allowed` or `Denied`.");
const FLOW_TYPE: ColumnDef = text("FlowType", "Kind of traffic, as in `Flows`.");
const COUNTED_AT: ColumnDef = text("CountedAt", "Where it counts, as in `FlowsOnce`.");
const GROUP: ColumnDef = text("AclGroup", "Network security group of the rule.");
const RULE: ColumnDef = text("AclRule", "Rule that decided.");
const PROTOCOL: ColumnDef = text("L4Protocol", "As in `Flows`.");
const SERVICE: ColumnDef = text("L7Protocol", "Service of the port.");
const PORT: ColumnDef = column("DestPort", ValueType::Int, "Port that was asked for.");
const SOURCE_TAGS: ColumnDef = text("SrcServiceTags", "Service tags of who began, if it is public.");
const DESTINATION_TAGS: ColumnDef = text(
    "DestServiceTags",
    "Service tags of the other end, if it is public.",
);
const SOURCE_COUNTRY: ColumnDef = text("SrcCountry", "Country of who began, as in `Flows`.");
const DESTINATION_COUNTRY: ColumnDef = text("DestCountry", "Country of the other end.");
const TUPLES: ColumnDef = sum("Tuples", "", "Rows of `FlowsOnce`.");
const ATTEMPTS: ColumnDef = sum("Attempts", "", "Flows that began or were denied, each once.");
const DENIALS: ColumnDef = sum("Denials", "", "Denials at either end, without repetitions.");
const PACKETS_SENT: ColumnDef = sum("PacketsSrcToDest", "packets", "Packets of who began, once.");
const PACKETS_RECEIVED: ColumnDef = sum("PacketsDestToSrc", "packets", "Packets of the other end, once.");
const BYTES_SENT: ColumnDef = sum("BytesSrcToDest", "bytes", "Bytes of who began, once.");
const BYTES_RECEIVED: ColumnDef = sum("BytesDestToSrc", "bytes", "Bytes of the other end, once.");
