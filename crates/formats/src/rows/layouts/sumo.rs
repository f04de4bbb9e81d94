//! Events of Sumo Logic's function, in snake case, one for each tuple of either log.
//!
//! <https://github.com/SumoLogic/sumologic-azure-function>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Sumo,
    kind: Kind::Tuple,
    known_by: &[
        &["rule_name", "src_ip", "dest_ip", "flow_encryption_status"],
        &["rule_name", "src_ip", "dest_ip", "traffic_a/d"],
    ],
    plain: as_it_is,
    fields: &[
        ("time", Role::Time),
        ("sys_id", Role::System),
        ("category", Role::Category),
        ("resource_id", Role::Resource),
        ("event_name", Role::SubType),
        ("version", Role::Version),
        ("flowlogguid", Role::FlowLogGuid),
        ("flow_log_resource_id", Role::FlowLog),
        ("target_resource_id", Role::Target),
        ("acl_id", Role::AclGroup),
        ("rule_name", Role::AclRule),
        ("mac", Role::Mac),
        ("src_ip", Role::SourceIp),
        ("dest_ip", Role::DestinationIp),
        ("src_port", Role::SourcePort),
        ("dest_port", Role::DestinationPort),
        ("protocol", Role::Protocol),
        ("traffic_destination", Role::Direction),
        ("flow_direction", Role::Direction),
        ("traffic_a/d", Role::Status),
        ("flow_state", Role::State),
        ("flow_encryption_status", Role::Encryption),
        ("num_packets_sent_src_to_dest", Role::PacketsThere),
        ("bytes_sent_src_to_dest", Role::BytesThere),
        ("num_packets_sent_dest_to_src", Role::PacketsBack),
        ("bytes_sent_dest_to_src", Role::BytesBack),
    ],
};
