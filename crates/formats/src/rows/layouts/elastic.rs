//! Documents of Elastic's integration for VNet flow logs, where they have kept `log.records`.
//!
//! <https://github.com/elastic/integrations/tree/main/packages/azure_network_watcher_vnet>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Elastic,
    kind: Kind::Document,
    known_by: &[
        &["azure_network_watcher_vnet.log.records.flows"],
        &["_source.azure_network_watcher_vnet.log.records.flows"],
    ],
    plain,
    fields: &[
        ("azure_network_watcher_vnet.log.records.flows", Role::Tuple),
        ("azure_network_watcher_vnet.log.time", Role::RecordTime),
        ("azure_network_watcher_vnet.log.mac_address", Role::Mac),
        ("azure_network_watcher_vnet.log.flow_log.guid", Role::FlowLogGuid),
        (
            "azure_network_watcher_vnet.log.flow_log.resource_id",
            Role::FlowLog,
        ),
        ("azure_network_watcher_vnet.log.target_resource_id", Role::Target),
        ("azure_network_watcher_vnet.log.flow_log.version", Role::Version),
    ],
};

/// Without what an export of whole hits puts around a document.
fn plain(name: &[u8]) -> Vec<u8> {
    let name = as_it_is(name);
    name.strip_prefix(b"_source.").map(<[u8]>::to_vec).unwrap_or(name)
}

/// One tuple inside a document.
pub(super) static TUPLE: Layout = Layout {
    form: FormatIn::Elastic,
    kind: Kind::Tuple,
    known_by: &[],
    plain: as_it_is,
    fields: &[
        ("timestamp", Role::Time),
        ("source.ip", Role::SourceIp),
        ("source.port", Role::SourcePort),
        ("destination.ip", Role::DestinationIp),
        ("destination.port", Role::DestinationPort),
        ("protocol", Role::Protocol),
        ("flow.direction", Role::Direction),
        ("flow.state", Role::State),
        ("flow.encryption", Role::Encryption),
        ("packets.sent", Role::PacketsThere),
        ("bytes.sent", Role::BytesThere),
        ("packets.received", Role::PacketsBack),
        ("bytes.received", Role::BytesBack),
    ],
};
