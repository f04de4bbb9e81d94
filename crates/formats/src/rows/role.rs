//! What a field of a row means, whatever its layout calls it.

macro_rules! roles {
    ($($(#[$meta:meta])* $role:ident $(= $column:literal)?),+ $(,)?) => {
        /// What a field means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Role { $($(#[$meta])* $role),+ }

        impl Role {
            /// How many there are.
            pub(crate) const COUNT: usize = [$(Self::$role),+].len();

            /// The role that fills a column, by the column's name in any letter case.
            pub(crate) fn from_column(name: &str) -> Option<Self> {
                $($(if name.eq_ignore_ascii_case($column) { return Some(Self::$role); })?)+
                None
            }

            /// The column that the role fills, if a caller may name a field for it.
            pub(crate) fn column(self) -> Option<&'static str> {
                $($(if self == Self::$role { return Some($column); })?)+
                None
            }

            /// The columns that a caller may name a field for.
            pub(crate) fn columns() -> impl Iterator<Item = &'static str> {
                [$($(Some($column),)? None),+].into_iter().flatten()
            }
        }
    };
}

roles! {
    Time = "TimeGenerated",
    EndTime = "FlowEndTime",
    RecordTime = "RecordTime",
    SourceIp = "SrcIp",
    DestinationIp = "DestIp",
    SourcePort = "SrcPort",
    DestinationPort = "DestPort",
    Protocol = "L4Protocol",
    Direction = "FlowDirection",
    Status = "FlowStatus",
    State = "FlowState",
    Encryption = "FlowEncryption",
    PacketsThere = "PacketsSrcToDest",
    BytesThere = "BytesSrcToDest",
    PacketsBack = "PacketsDestToSrc",
    BytesBack = "BytesDestToSrc",
    Mac = "MacAddress",
    AclGroup = "AclGroup",
    AclRule = "AclRule",
    /// What kind of rule decided, in words of the layout.
    RuleKind = "AclRuleKind",
    Target = "TargetResourceId",
    FlowLog = "FlowLogResourceId",
    FlowLogGuid = "FlowLogGuid",
    System = "SystemId",
    Started = "StartedFlows",
    Completed = "CompletedFlows",
    AllowedIn,
    DeniedIn,
    AllowedOut,
    DeniedOut,
    /// Public addresses with their counters.
    SourceList,
    DestinationList,
    SubType,
    /// An address or a resource that a row of another table of Traffic Analytics tells of.
    KnownAddress,
    KnownResource,
    /// When Traffic Analytics worked on the row.
    Processed,
    /// Of an enveloped tuple: which log it is from.
    Category,
    Version,
    /// The resource that an NSG flow log belongs to.
    Resource,
    /// The text of a tuple.
    Tuple,
    /// No column of its own.
    Further,
}
