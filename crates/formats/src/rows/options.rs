//! What a caller may say about rows: their layout, the names of their fields, the zone of their times.

use super::role::Role;
use super::zone::Zone;

/// The form a source is read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormatIn {
    /// Told by the first record or the header.
    #[default]
    Auto,
    /// Azure's own blobs: VNet and NSG flow logs.
    Azure,
    /// Rows of Traffic Analytics, of either table.
    TrafficAnalytics,
    /// Flat records: one flow with its decision.
    Flat,
    /// Log entries of New Relic's forwarder.
    NewRelic,
    /// Records of Microsoft's connector, and of those that follow it.
    Connector,
    /// Events of Splunk's function.
    Splunk,
    /// Events of SEKOIA's collector.
    Sekoia,
    /// Events of Sumo Logic's function.
    Sumo,
    /// Documents of Elastic's integration.
    Elastic,
}

impl FormatIn {
    /// Every form with its name and what it is.
    pub const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Auto, "auto", "told by the content"),
        (Self::Azure, "azure", "flow log blobs, VNet and NSG"),
        (
            Self::TrafficAnalytics,
            "traffic-analytics",
            "rows of NTANetAnalytics or AzureNetworkAnalytics_CL",
        ),
        (
            Self::Flat,
            "flat",
            "one flow a record: time, sourceIP, destinationIP and so on",
        ),
        (Self::NewRelic, "new-relic", "log entries of New Relic"),
        (
            Self::Connector,
            "connector",
            "records of Microsoft's connector or Cortex",
        ),
        (Self::Splunk, "splunk", "HEC events of Splunk"),
        (Self::Sekoia, "sekoia", "events of SEKOIA"),
        (Self::Sumo, "sumo", "events of Sumo Logic"),
        (
            Self::Elastic,
            "elastic",
            "documents of Elastic that have kept their records",
        ),
    ];

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, held, _)| held.eq_ignore_ascii_case(name))
            .map(|(form, ..)| *form)
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(form, ..)| *form == self)
            .map_or("", |(_, name, _)| name)
    }
}

/// Fields named by the caller: which column each fills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    fields: Vec<(Vec<u8>, Role)>,
}

/// Why a mapping cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingError {
    /// It is not `COLUMN=FIELD`.
    Shape,
    /// No column of this name can be filled so.
    Column,
    /// The column has a field already, or the field a column.
    Twice,
}

impl Mapping {
    /// Adds `COLUMN=FIELD`.
    ///
    /// # Errors
    /// If it is of another shape, names no column, or names one twice.
    pub fn add(&mut self, typed: &str) -> Result<(), MappingError> {
        let (column, field) = typed.split_once('=').ok_or(MappingError::Shape)?;
        let field = field.trim().to_ascii_lowercase().into_bytes();
        if field.is_empty() {
            return Err(MappingError::Shape);
        }
        let role = Role::from_column(column.trim()).ok_or(MappingError::Column)?;
        if self
            .fields
            .iter()
            .any(|(held, taken)| *held == field || *taken == role)
        {
            return Err(MappingError::Twice);
        }
        self.fields.push((field, role));
        Ok(())
    }

    /// The columns that can be filled by a mapping.
    pub fn columns() -> impl Iterator<Item = &'static str> {
        Role::columns()
    }

    /// True if nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields in lower case, and what they were named for.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], Role)> {
        self.fields.iter().map(|(field, role)| (field.as_slice(), *role))
    }

    /// The role that the caller gave a field; names are in lower case.
    pub(crate) fn role_of(&self, field: &[u8]) -> Option<Role> {
        self.fields
            .iter()
            .find(|(held, _)| held == field)
            .map(|(_, role)| *role)
    }

    /// True if the caller named the field of this role, so that no other field has it.
    pub(crate) fn names(&self, role: Role) -> bool {
        self.fields.iter().any(|(_, held)| *held == role)
    }
}

/// How rows are read; of no account for Azure's own blobs.
#[derive(Clone, Debug, Default)]
pub struct RowOptions {
    /// The form, if the caller knows it.
    pub form: FormatIn,
    /// Names of fields.
    pub mapping: Mapping,
    /// The zone of times that name none.
    pub zone: Option<Zone>,
}

impl RowOptions {
    /// The options as one text, the same for the same options; empty where nothing was said.
    #[must_use]
    pub fn spelled(&self) -> String {
        let mut parts = Vec::new();
        if self.form != FormatIn::Auto {
            parts.push(format!("format={}", self.form.name()));
        }
        let mut fields: Vec<String> = self
            .mapping
            .fields
            .iter()
            .map(|(field, role)| format!("{role:?}={}", String::from_utf8_lossy(field)))
            .collect();
        fields.sort();
        parts.extend(fields);
        if let Some(zone) = &self.zone {
            parts.push(format!("zone={zone:?}"));
        }
        parts.join(";")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_spelled_the_same_in_any_order() {
        let mut one = RowOptions::default();
        assert_eq!(one.spelled(), "");
        assert_eq!(one.mapping.add("SrcIp=a"), Ok(()));
        assert_eq!(one.mapping.add("DestIp=b"), Ok(()));
        let mut other = RowOptions::default();
        assert_eq!(other.mapping.add("DestIp=b"), Ok(()));
        assert_eq!(other.mapping.add("SrcIp=a"), Ok(()));
        assert_eq!(one.spelled(), other.spelled());
        other.form = FormatIn::Flat;
        assert_ne!(one.spelled(), other.spelled());
    }

    #[test]
    fn names_lead_back() {
        for (form, name, _) in FormatIn::ALL {
            assert_eq!(FormatIn::from_name(name), Some(*form));
            assert_eq!(form.name(), *name);
        }
        assert_eq!(
            FormatIn::from_name("TRAFFIC-analytics"),
            Some(FormatIn::TrafficAnalytics)
        );
        assert_eq!(FormatIn::from_name("csv"), None);
    }

    #[test]
    fn mappings() {
        let mut mapping = Mapping::default();
        assert_eq!(mapping.add("SrcIp = Client Address"), Ok(()));
        assert_eq!(mapping.role_of(b"client address"), Some(Role::SourceIp));
        assert!(mapping.names(Role::SourceIp) && !mapping.names(Role::Time));
        assert_eq!(mapping.add("srcip=b"), Err(MappingError::Twice));
        assert_eq!(mapping.add("DestIp=Client Address"), Err(MappingError::Twice));
        assert_eq!(mapping.add("RecordHash=b"), Err(MappingError::Column));
        assert_eq!(mapping.add("SrcIp"), Err(MappingError::Shape));
        assert_eq!(mapping.add("DestIp="), Err(MappingError::Shape));
        assert!(Mapping::columns().all(|name| model::FLOWS.column(name).is_some()));
    }
}
