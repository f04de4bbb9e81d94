//! Rows of Traffic Analytics: `NTANetAnalytics`, and `AzureNetworkAnalytics_CL` with its suffixes.
//!
//! <https://learn.microsoft.com/azure/network-watcher/traffic-analytics-schema>. In the older table
//! "inbound" means from destination to source, and 1 and 2 are source and destination. Rows of the tables
//! beside them, of addresses and of resources, are known so that they can be refused by name.

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::TrafficAnalytics,
    kind: Kind::Aggregated,
    known_by: &[
        &["flowstarttime", "l4protocol", "flowdirection"],
        &["flowstarttime", "faschemaversion"],
        &["faschemaversion", "subtype"],
        &["azureresourcetype", "subtype"],
        &["ip", "faschemaversion"],
    ],
    plain,
    fields: &[
        ("timegenerated", Role::RecordTime),
        ("timeprocessed", Role::Processed),
        ("flowstarttime", Role::Time),
        ("flowendtime", Role::EndTime),
        ("subtype", Role::SubType),
        ("ip", Role::KnownAddress),
        ("azureresourcetype", Role::KnownResource),
        ("srcip", Role::SourceIp),
        ("destip", Role::DestinationIp),
        ("srcpublicips", Role::SourceList),
        ("destpublicips", Role::DestinationList),
        ("destport", Role::DestinationPort),
        ("l4protocol", Role::Protocol),
        ("flowdirection", Role::Direction),
        ("flowstatus", Role::Status),
        ("flowencryption", Role::Encryption),
        ("allowedinflows", Role::AllowedIn),
        ("deniedinflows", Role::DeniedIn),
        ("allowedoutflows", Role::AllowedOut),
        ("deniedoutflows", Role::DeniedOut),
        ("completedflows", Role::Completed),
        ("packetssrctodest", Role::PacketsThere),
        ("bytessrctodest", Role::BytesThere),
        ("packetsdesttosrc", Role::PacketsBack),
        ("bytesdesttosrc", Role::BytesBack),
        ("outboundpackets", Role::PacketsThere),
        ("outboundbytes", Role::BytesThere),
        ("inboundpackets", Role::PacketsBack),
        ("inboundbytes", Role::BytesBack),
        ("aclgroup", Role::AclGroup),
        ("aclrule", Role::AclRule),
        ("nsglist", Role::AclGroup),
        ("nsgrule", Role::AclRule),
        ("nsgruletype", Role::RuleKind),
        ("macaddress", Role::Mac),
        ("targetresourceid", Role::Target),
        ("flowlogresourceid", Role::FlowLog),
    ],
};

/// Without the suffix that names the type: `_s`, `_d`, `_t`, `_g`, `_b`.
fn plain(name: &[u8]) -> Vec<u8> {
    let mut name = as_it_is(name);
    if matches!(name.as_slice(), [_, .., b'_', b's' | b'd' | b't' | b'g' | b'b']) {
        name.truncate(name.len() - 2);
    }
    name
}
