//! What a row of Traffic Analytics or a flat record says: every value checked, nothing guessed.

use model::codes::{Code, list as code};
use model::limits::{TIME_MICROS_MAX, TIME_MICROS_MIN};
use model::{Direction, FlowState, FlowStatus, RuleKind};

use super::cells::Cells;
use super::entries::{self, Entry};
use super::layouts::Kind;
use super::role::Role;
use super::shape::Shape;
use super::time::{self, Time, Unread};
use super::values;
use super::zone::Zone;
use crate::names;
use crate::report::Tally;
use crate::tuple::is_encryption;

/// A row, understood.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    pub(crate) time: i64,
    pub(crate) end_time: Option<i64>,
    pub(crate) record_time: i64,
    pub(crate) source: &'a [u8],
    pub(crate) destination: &'a [u8],
    pub(crate) source_port: Option<u16>,
    pub(crate) destination_port: u16,
    pub(crate) protocol: u8,
    pub(crate) direction: Direction,
    pub(crate) status: FlowStatus,
    pub(crate) state: Option<FlowState>,
    pub(crate) encryption: &'a [u8],
    pub(crate) counters: [Option<i64>; 4],
    pub(crate) started: Option<i64>,
    pub(crate) completed: Option<i64>,
    pub(crate) kind: RuleKind,
    /// The name of the rule without its prefix.
    pub(crate) rule: Option<&'a [u8]>,
    /// Public addresses that stand for the source, or for the destination.
    pub(crate) entries: Option<(Side, Vec<Entry<'a>>)>,
    /// Fields that columns hold.
    held: Vec<Role>,
}

/// Which end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Source,
    Destination,
}

impl Flow<'_> {
    pub(crate) fn holds(&self, role: Role) -> bool {
        self.held.contains(&role)
    }
}

/// A row with what is needed to understand it.
pub(crate) struct Row<'a> {
    pub(crate) cells: &'a Cells,
    pub(crate) shape: &'a Shape,
    pub(crate) zone: Option<Zone>,
}

/// Roles whose value is held by a column of the same content whenever it is read.
const HELD: [Role; 24] = [
    Role::Time,
    Role::EndTime,
    Role::RecordTime,
    Role::SourceIp,
    Role::DestinationIp,
    Role::SourcePort,
    Role::DestinationPort,
    Role::Protocol,
    Role::Direction,
    Role::Status,
    Role::State,
    Role::Encryption,
    Role::PacketsThere,
    Role::BytesThere,
    Role::PacketsBack,
    Role::BytesBack,
    Role::Mac,
    Role::AclGroup,
    Role::AclRule,
    Role::Target,
    Role::FlowLog,
    Role::FlowLogGuid,
    Role::System,
    Role::Completed,
];

/// The counters in the order of the columns.
pub(crate) const COUNTERS: [Role; 4] = [
    Role::PacketsThere,
    Role::BytesThere,
    Role::PacketsBack,
    Role::BytesBack,
];

impl<'a> Row<'a> {
    pub(crate) fn get(&self, role: Role) -> Option<&'a [u8]> {
        self.shape.index(role).and_then(|index| self.cells.get(index))
    }

    /// True if the row is about the work of Traffic Analytics and carries no flow.
    pub(crate) fn is_status(&self) -> bool {
        let sub_type = self.get(Role::SubType).unwrap_or(&[]);
        sub_type.eq_ignore_ascii_case(b"StatusMessage")
    }

    /// True if the row is of a table of Traffic Analytics that holds no flows, also where several tables were
    /// exported together.
    pub(crate) fn is_of_other_table(&self) -> bool {
        let told = [Role::KnownAddress, Role::KnownResource];
        let sub_type = self.get(Role::SubType).unwrap_or(&[]);
        self.get(Role::Time).is_none()
            && (told.iter().any(|role| self.get(*role).is_some())
                || sub_type.eq_ignore_ascii_case(b"Topology"))
    }

    /// Reads the row, or says what is wrong with it.
    pub(crate) fn flow(&self, oddities: &mut Tally) -> Result<Flow<'a>, Code> {
        let aggregated = self
            .shape
            .layout
            .is_some_and(|layout| layout.kind == Kind::Aggregated);
        let time = self.time(Role::Time, oddities)?.ok_or(code::ROW_TIME)?;
        let logged = |role| self.time(role, &mut Tally::default());
        let record_time = logged(Role::RecordTime)?.or(if aggregated {
            logged(Role::Processed)?
        } else {
            None
        });
        let required = |role, why| self.get(role).ok_or(why);
        let direction =
            values::direction(required(Role::Direction, code::ROW_DIRECTION)?).ok_or(code::ROW_DIRECTION)?;
        let (status, state) = self.decision(aggregated)?;
        let counted = |role| self.whole(role);
        let mut counters = [None; 4];
        for (counter, role) in counters.iter_mut().zip(COUNTERS) {
            *counter = counted(role)?;
        }
        let mut held = HELD.to_vec();
        let (source, destination, entries) = self.ends(&mut held)?;
        let (encryption, known) = values::encryption(self.get(Role::Encryption).unwrap_or(&[]));
        if !known {
            oddities.note_name(code::ODD_ENCRYPTION, encryption);
        }
        let (kind, rule) = self.rule(aggregated, &mut held);
        let flow = Flow {
            time,
            end_time: self.time(Role::EndTime, oddities)?,
            record_time: record_time.unwrap_or(time),
            source,
            destination,
            source_port: self.port(Role::SourcePort)?,
            destination_port: self.port(Role::DestinationPort)?.ok_or(code::ROW_PORT)?,
            protocol: values::protocol(required(Role::Protocol, code::ROW_PROTOCOL)?)
                .ok_or(code::ROW_PROTOCOL)?,
            direction,
            status,
            state,
            encryption,
            counters,
            started: self.started(direction, status, &mut held)?,
            completed: counted(Role::Completed)?,
            kind,
            rule,
            entries,
            held,
        };
        if !flow.adds_up() {
            oddities.note(code::ODD_ENTRY_SUMS);
        }
        Ok(flow)
    }

    fn time(&self, role: Role, oddities: &mut Tally) -> Result<Option<i64>, Code> {
        let Some(text) = self.get(role) else {
            return Ok(None);
        };
        match time::parse(text, self.zone) {
            Ok(Time { micros, .. }) if !(TIME_MICROS_MIN..TIME_MICROS_MAX).contains(&micros) => {
                Err(code::ROW_TIME)
            }
            Ok(Time { micros, twice }) => {
                oddities.add(code::ODD_LOCAL_TIME, u64::from(twice));
                Ok(Some(micros))
            }
            Err(Unread::Form) => Err(code::ROW_TIME),
            Err(Unread::Zone) => Err(code::ROW_ZONE),
        }
    }

    /// The decision, and the state of the flow. An encryption value in its place is the mark of a converter
    /// that shifted fields.
    fn decision(&self, aggregated: bool) -> Result<(FlowStatus, Option<FlowState>), Code> {
        let text = self.get(Role::Status).ok_or(code::ROW_STATUS)?;
        let state = self.state()?;
        if let Some(status) = values::status(text) {
            let denied = !aggregated && text.eq_ignore_ascii_case(b"D");
            return Ok((status, state.or(denied.then_some(FlowState::Denied))));
        }
        match values::state(text) {
            // In a VNet flow log every state but `D` is that of a flow that was allowed.
            Some(logged) if !aggregated && state.is_none() && !self.decides_elsewhere() => {
                Ok((FlowStatus::Allowed, Some(logged)))
            }
            _ if is_encryption(text) => Err(code::ROW_SHIFTED),
            _ => Err(code::ROW_STATUS),
        }
    }

    /// True if a field of no known meaning holds a decision. A state beside it is that of an NSG flow log,
    /// where a flow that was denied begins too.
    fn decides_elsewhere(&self) -> bool {
        (0..self.shape.len()).any(|index| {
            let further = self.shape.role(index) == Role::Further;
            further && self.cells.get(index).and_then(values::status).is_some()
        })
    }

    fn state(&self) -> Result<Option<FlowState>, Code> {
        let Some(text) = self.get(Role::State) else {
            return Ok(None);
        };
        values::state(text).map(Some).ok_or(if is_encryption(text) {
            code::ROW_SHIFTED
        } else {
            code::ROW_STATUS
        })
    }

    fn port(&self, role: Role) -> Result<Option<u16>, Code> {
        let port = |text| values::port(text).ok_or(code::ROW_PORT);
        self.get(role).map(port).transpose()
    }

    fn whole(&self, role: Role) -> Result<Option<i64>, Code> {
        let whole = |text| values::whole(text).ok_or(code::ROW_COUNTER);
        self.get(role).map(whole).transpose()
    }

    /// Both ends: an address, or the list that stands in the place of one.
    #[expect(
        clippy::type_complexity,
        reason = "source, destination, and the list of one of them"
    )]
    fn ends(
        &self,
        held: &mut Vec<Role>,
    ) -> Result<(&'a [u8], &'a [u8], Option<(Side, Vec<Entry<'a>>)>), Code> {
        let address = |role| match self.get(role) {
            Some(text) => values::address(text).map(|_| text).ok_or(code::ROW_ADDRESS),
            None => Ok(&[][..]),
        };
        let (source, destination) = (address(Role::SourceIp)?, address(Role::DestinationIp)?);
        let (side, list) = match (source.is_empty(), destination.is_empty()) {
            (false, false) => return Ok((source, destination, None)),
            (true, false) => (Side::Source, Role::SourceList),
            (false, true) => (Side::Destination, Role::DestinationList),
            (true, true) => return Err(code::ROW_ADDRESS),
        };
        let list_text = self.get(list).ok_or(code::ROW_ADDRESS)?;
        let entries = entries::read(list_text).ok_or(code::ROW_ENTRIES)?;
        held.push(list);
        Ok((source, destination, Some((side, entries))))
    }

    /// Flows begun: the four columns exclude each other, as a row has one direction and one decision. A
    /// column that says otherwise is kept among the further fields.
    fn started(
        &self,
        direction: Direction,
        status: FlowStatus,
        held: &mut Vec<Role>,
    ) -> Result<Option<i64>, Code> {
        if let Some(started) = self.whole(Role::Started)? {
            held.push(Role::Started);
            return Ok(Some(started));
        }
        let own = match (direction, status) {
            (Direction::Inbound, FlowStatus::Allowed) => Role::AllowedIn,
            (Direction::Inbound, FlowStatus::Denied) => Role::DeniedIn,
            (Direction::Outbound, FlowStatus::Allowed) => Role::AllowedOut,
            (Direction::Outbound, FlowStatus::Denied) => Role::DeniedOut,
        };
        let mut sum: Option<i64> = None;
        for role in [Role::AllowedIn, Role::DeniedIn, Role::AllowedOut, Role::DeniedOut] {
            if let Some(flows) = self.whole(role)? {
                sum = Some(sum.unwrap_or(0).saturating_add(flows));
                if role == own || flows == 0 {
                    held.push(role);
                }
            }
        }
        Ok(sum)
    }

    /// The kind of the rule and its name.
    fn rule(&self, aggregated: bool, held: &mut Vec<Role>) -> (RuleKind, Option<&'a [u8]>) {
        let logged = self.get(Role::AclRule);
        let (by_prefix, name) = names::rule(logged.unwrap_or(&[]), false);
        let said = self.get(Role::RuleKind).and_then(kind_in_words);
        if said.is_some() {
            held.push(Role::RuleKind);
        }
        let kind = said.unwrap_or(match by_prefix {
            RuleKind::Unknown if aggregated && name.is_some_and(is_default_rule) => RuleKind::Default,
            kind => kind,
        });
        (kind, name)
    }
}

/// What layouts say of a rule's kind. `NetworkSecurityGroup` does not say whether the rule is one of
/// the six that every group ends with, so it is a further field.
fn kind_in_words(text: &[u8]) -> Option<RuleKind> {
    let words: [(RuleKind, &[&str]); 5] = [
        (RuleKind::User, &["User Defined", "UserDefined", "UserRule"]),
        (RuleKind::Default, &["Default", "DefaultRule"]),
        (RuleKind::Admin, &["SecurityAdminRule", "AdminRule"]),
        (RuleKind::Platform, &["Platform", "PlatformRule"]),
        (RuleKind::Unspecified, &["Encryption", "Unspecified"]),
    ];
    words
        .iter()
        .find(|(_, words)| {
            words
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
        })
        .map(|(kind, _)| *kind)
}

/// The six rules that every network security group ends with.
/// <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules>
fn is_default_rule(name: &[u8]) -> bool {
    [
        "AllowVnetInBound",
        "AllowAzureLoadBalancerInBound",
        "DenyAllInBound",
        "AllowVnetOutBound",
        "AllowInternetOutBound",
        "DenyAllOutBound",
    ]
    .iter()
    .any(|rule| name.eq_ignore_ascii_case(rule.as_bytes()))
}

impl Flow<'_> {
    /// True if the entries add up to what the row says of all of them.
    fn adds_up(&self) -> bool {
        let Some((_, entries)) = &self.entries else {
            return true;
        };
        let sums = entries::sums(entries);
        let agrees = |said: Option<i64>, sum: i64| said.is_none_or(|said| said == sum);
        agrees(self.started, sums.started)
            && agrees(self.completed, sums.ended)
            && self
                .counters
                .iter()
                .zip(sums.counters)
                .all(|(said, sum)| agrees(*said, sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_rules() {
        for (text, kind) in [
            ("User Defined", Some(RuleKind::User)),
            ("Default", Some(RuleKind::Default)),
            ("SecurityAdminRule", Some(RuleKind::Admin)),
            ("platform", Some(RuleKind::Platform)),
            ("Encryption", Some(RuleKind::Unspecified)),
            ("NetworkSecurityGroup", None),
            ("ExternalPublic", None),
        ] {
            assert_eq!(kind_in_words(text.as_bytes()), kind, "{text}");
        }
        assert!(is_default_rule(b"allowvnetinbound") && !is_default_rule(b"allowssh"));
    }

    #[test]
    fn encryption_values_are_no_states() {
        assert!(is_encryption(b"NX") && is_encryption(b"NX_FALLBACK") && is_encryption(b"X"));
        assert!(!is_encryption(b"B") && !is_encryption(b"Allow"));
    }
}
