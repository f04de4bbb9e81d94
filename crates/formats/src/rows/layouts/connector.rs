//! Records of Microsoft's connector for NSG flow logs, one for each tuple; Cortex and others follow it.
//! As written there, a record is right for NSG flow logs only: values are checked, not names.
//!
//! <https://github.com/microsoft/AzureNetworkWatcherNSGFlowLogsConnector>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Connector,
    kind: Kind::Tuple,
    known_by: &[&[
        "starttime",
        "sourceaddress",
        "destinationaddress",
        "devicedirection",
    ]],
    plain: as_it_is,
    fields: &[
        ("time", Role::RecordTime),
        ("category", Role::Category),
        ("operationname", Role::SubType),
        ("resourceid", Role::Resource),
        ("systemid", Role::System),
        ("version", Role::Version),
        ("nsgrulename", Role::AclRule),
        ("rule", Role::AclRule),
        ("aclid", Role::AclGroup),
        ("mac", Role::Mac),
        ("macaddress", Role::Mac),
        ("flowlogguid", Role::FlowLogGuid),
        ("flowlogresourceid", Role::FlowLog),
        ("targetresourceid", Role::Target),
        ("starttime", Role::Time),
        ("sourceaddress", Role::SourceIp),
        ("destinationaddress", Role::DestinationIp),
        ("sourceport", Role::SourcePort),
        ("destinationport", Role::DestinationPort),
        ("transportprotocol", Role::Protocol),
        ("devicedirection", Role::Direction),
        ("deviceaction", Role::Status),
        ("flowstate", Role::State),
        ("encryption", Role::Encryption),
        ("packetsstod", Role::PacketsThere),
        ("bytesstod", Role::BytesThere),
        ("packetsdtos", Role::PacketsBack),
        ("bytesdtos", Role::BytesBack),
    ],
};
