//! Events of SEKOIA's collector: a tuple as text under `flow.0`, with what its record said around it. More
//! tuples of the record are numbered.
//!
//! <https://github.com/SEKOIA-IO/automation-library>

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

/// What stands before the number of a tuple.
pub(super) const NUMBERED: &[u8] = b"flow.";

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Sekoia,
    kind: Kind::Tuple,
    known_by: &[&["flow.0"]],
    plain: as_it_is,
    fields: &[
        ("flow.0", Role::Tuple),
        ("flow_state", Role::State),
        ("time", Role::RecordTime),
        ("flowlogversion", Role::Version),
        ("version", Role::Version),
        ("category", Role::Category),
        ("operationname", Role::SubType),
        ("flowlogguid", Role::FlowLogGuid),
        ("flowlogresourceid", Role::FlowLog),
        ("targetresourceid", Role::Target),
        ("resourceid", Role::Resource),
        ("systemid", Role::System),
        ("macaddress", Role::Mac),
        ("aclid", Role::AclGroup),
        ("rule", Role::AclRule),
    ],
};
