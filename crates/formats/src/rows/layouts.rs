//! The layouts of rows: how each is known, and what its names mean.
//!
//! One file each. A layout is a table, not code: values are read and checked in one place for all.

mod connector;
mod elastic;
mod flat;
mod new_relic;
mod sekoia;
mod splunk;
mod sumo;
mod traffic_analytics;

use super::options::{FormatIn, Mapping, RowOptions};
use super::role::Role;

/// What a row of a layout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Several flows that Traffic Analytics put together.
    Aggregated,
    /// One flow with its decision.
    Flat,
    /// A tuple of a flow log, as text or taken apart.
    Tuple,
    /// A record of a flow log with its tuples as objects.
    Document,
}

/// A layout.
pub(crate) struct Layout {
    pub(crate) form: FormatIn,
    pub(crate) kind: Kind,
    /// Names in lower case and what they mean.
    pub(crate) fields: &'static [(&'static str, Role)],
    /// A row is of this layout if it has one of these sets of names.
    pub(crate) known_by: &'static [&'static [&'static str]],
    /// Brings a name in lower case into the form the table has.
    pub(crate) plain: fn(&[u8]) -> Vec<u8>,
}

/// Names as they are, but for what the portal puts behind times.
pub(crate) fn as_it_is(name: &[u8]) -> Vec<u8> {
    let name = name.trim_ascii();
    let bare = name
        .strip_suffix(b"[utc]")
        .or_else(|| name.strip_suffix(b"[local time]"));
    bare.unwrap_or(name).trim_ascii_end().to_vec()
}

/// From the most particular to the most general.
const ALL: [&Layout; 8] = [
    &traffic_analytics::LAYOUT,
    &elastic::LAYOUT,
    &sekoia::LAYOUT,
    &new_relic::LAYOUT,
    &splunk::LAYOUT,
    &connector::LAYOUT,
    &sumo::LAYOUT,
    &flat::LAYOUT,
];

impl Layout {
    /// What a name in lower case means, and how far down it stands among names of the same meaning.
    pub(crate) fn role(&self, name: &[u8], mapping: &Mapping) -> (Role, usize) {
        let plain = (self.plain)(name);
        let mapped = mapping.role_of(name).or_else(|| mapping.role_of(&as_it_is(name)));
        if let Some(role) = mapped {
            return (role, 0);
        }
        let position = self.fields.iter().position(|(held, _)| held.as_bytes() == plain);
        let found = position.and_then(|position| Some((self.fields.get(position)?.1, position)));
        // A column that the caller named a field for is filled by no other.
        found
            .filter(|(role, _)| !mapping.names(*role))
            .unwrap_or((Role::Further, 0))
    }

    /// True if the layout has the keys of the log's records beside those of its tuples, and no others: one
    /// that it does not know is then one that Azure has added.
    pub(crate) fn keeps_keys(&self) -> bool {
        matches!(self.form, FormatIn::Sekoia | FormatIn::Connector | FormatIn::Sumo)
    }

    /// True if a name in lower case has a place in the layout.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.role(name, &Mapping::default()).0 != Role::Further || self.number(name).is_some()
    }

    /// Which of several tuples of a row a name in lower case stands for, where the layout numbers them.
    pub(crate) fn number(&self, name: &[u8]) -> Option<u16> {
        let number = name.strip_prefix(sekoia::NUMBERED)?;
        let digits = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
        (digits && self.form == FormatIn::Sekoia)
            .then(|| std::str::from_utf8(number).ok()?.parse().ok())
            .flatten()
    }

    fn knows(&self, names: &[Vec<u8>]) -> bool {
        let plain: Vec<Vec<u8>> = names.iter().map(|name| (self.plain)(name)).collect();
        let has = |wanted: &&str| plain.iter().any(|name| name == wanted.as_bytes());
        self.known_by.iter().any(|set| set.iter().all(has))
    }
}

/// The layout of a set of names in lower case.
pub(crate) fn find(names: &[Vec<u8>], options: &RowOptions) -> Option<&'static Layout> {
    let form = match options.form {
        // Fields are only named for records that have no names of their own.
        FormatIn::Auto if !options.mapping.is_empty() => FormatIn::Flat,
        form => form,
    };
    if form == FormatIn::Auto {
        return ALL.into_iter().find(|layout| layout.knows(names));
    }
    ALL.into_iter().find(|layout| layout.form == form)
}

/// The layout of one tuple inside an Elastic document.
pub(crate) fn elastic_tuple() -> &'static Layout {
    &elastic::TUPLE
}

/// True if names are those of an Elastic document, which has each value once.
pub(crate) fn is_elastic(names: &[Vec<u8>]) -> bool {
    names.iter().any(|name| {
        let name = name.strip_prefix(b"_source.").unwrap_or(name);
        name.starts_with(b"azure_network_watcher_vnet.log.")
            || name.starts_with(b"azure_network_watcher_nsg.log.")
    })
}
