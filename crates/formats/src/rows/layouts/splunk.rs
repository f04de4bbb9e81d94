//! Events of Splunk's function for the HTTP event collector: `{"event": {…}, "sourcetype": …}`, the
//! event as an object or as a text that holds one; a tuple taken apart or as text.
//!
//! <https://github.com/splunk/azure-functions-splunk>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Splunk,
    kind: Kind::Tuple,
    known_by: &[
        &[
            "event.sourceaddress",
            "event.destinationaddress",
            "event.devicedirection",
        ],
        &["event.flowtuple"],
    ],
    plain: as_it_is,
    fields: &[
        ("event.time", Role::Time),
        ("event.flowtuple", Role::Tuple),
        ("event.sourceaddress", Role::SourceIp),
        ("event.destinationaddress", Role::DestinationIp),
        ("event.sourceport", Role::SourcePort),
        ("event.destinationport", Role::DestinationPort),
        ("event.protocol", Role::Protocol),
        ("event.devicedirection", Role::Direction),
        ("event.deviceaction", Role::Status),
        ("event.flowstate", Role::State),
        ("event.encryption", Role::Encryption),
        ("event.packetsstod", Role::PacketsThere),
        ("event.bytesstod", Role::BytesThere),
        ("event.packetsdtos", Role::PacketsBack),
        ("event.bytesdtos", Role::BytesBack),
        ("event.category", Role::Category),
        ("event.operationname", Role::SubType),
        ("event.version", Role::Version),
        ("event.flowlogversion", Role::Version),
        ("event.systemid", Role::System),
        ("event.resourceid", Role::Resource),
        ("event.flowlogguid", Role::FlowLogGuid),
        ("event.flowlogresourceid", Role::FlowLog),
        ("event.targetresourceid", Role::Target),
        ("event.aclid", Role::AclGroup),
        ("event.rule", Role::AclRule),
        ("event.mac", Role::Mac),
    ],
};
