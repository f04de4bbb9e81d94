//! Flat records: one flow with its decision, of no Azure format. Names are compared without regard to
//! letter case, underscores, dashes and blanks; others are named with `--map`.

use super::{Kind, Layout, as_it_is};
use crate::rows::options::FormatIn;
use crate::rows::role::Role;

pub(super) static LAYOUT: Layout = Layout {
    form: FormatIn::Flat,
    kind: Kind::Flat,
    known_by: &[
        &["sourceip", "destinationip", "destinationport", "flowstate"],
        &["sourceip", "destinationip", "destinationport", "flowdirection"],
    ],
    plain,
    fields: &[
        ("time", Role::Time),
        ("sourceip", Role::SourceIp),
        ("destinationip", Role::DestinationIp),
        ("sourceport", Role::SourcePort),
        ("destinationport", Role::DestinationPort),
        ("protocol", Role::Protocol),
        ("flowstate", Role::Status),
        ("flowdirection", Role::Direction),
        ("trafficcategory", Role::RuleKind),
    ],
};

fn plain(name: &[u8]) -> Vec<u8> {
    let mut name = as_it_is(name);
    name.retain(|byte| !matches!(byte, b'_' | b'-' | b' '));
    name
}
