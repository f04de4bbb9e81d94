//! Log entries of New Relic's forwarder: the tuple as text in `message`, the rest in `attributes`. The
//! tuple is believed, not the attributes taken from it: some versions took them apart by the NSG layout.
//!
//! <https://github.com/newrelic/azure-vnet-flow-logs>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::NewRelic,
    kind: Kind::Tuple,
    known_by: &[
        &["message", "attributes.aclid", "attributes.rule"],
        &[
            "attributes.srcaddr",
            "attributes.destaddr",
            "attributes.direction",
        ],
    ],
    plain: as_it_is,
    fields: &[
        ("message", Role::Tuple),
        ("timestamp", Role::Time),
        ("attributes.srcaddr", Role::SourceIp),
        ("attributes.destaddr", Role::DestinationIp),
        ("attributes.srcport", Role::SourcePort),
        ("attributes.destport", Role::DestinationPort),
        ("attributes.protocol", Role::Protocol),
        ("attributes.direction", Role::Direction),
        ("attributes.action", Role::Status),
        ("attributes.flowstate", Role::State),
        ("attributes.state", Role::State),
        ("attributes.encryption", Role::Encryption),
        ("attributes.packetssrctodest", Role::PacketsThere),
        ("attributes.bytessrctodest", Role::BytesThere),
        ("attributes.packetsdesttosrc", Role::PacketsBack),
        ("attributes.bytesdesttosrc", Role::BytesBack),
        ("attributes.category", Role::Category),
        ("attributes.operationname", Role::SubType),
        ("attributes.flowlogversion", Role::Version),
        ("attributes.flowlogguid", Role::FlowLogGuid),
        ("attributes.flowlogresourceid", Role::FlowLog),
        ("attributes.targetresourceid", Role::Target),
        ("attributes.aclid", Role::AclGroup),
        ("attributes.rule", Role::AclRule),
        ("attributes.macaddress", Role::Mac),
    ],
};
