//! Tables that are made of `Flows` when somebody asks for them: each a query, in its own file.

use kql::values::{TICKS_PER_DAY, TICKS_PER_HOUR};
use kqleval::{Stored, StoredByName};
use table::Rollups;

use super::rollups;

/// How far a view looks beyond the rows that are asked for.
pub(super) struct Reach {
    /// The columns that its times are in.
    pub(super) times: &'static [&'static str],
    /// So long before the times that are asked for, in ticks.
    pub(super) before: i64,
    /// So long after.
    pub(super) after: i64,
    /// Rows with other values of these never come together: conditions on them hold inside as well.
    pub(super) keys: &'static [&'static str],
}

/// Whether the other end is logged is known by the hour.
const BY_HOUR: Reach = Reach {
    times: &["TimeGenerated"],
    before: TICKS_PER_HOUR,
    after: TICKS_PER_HOUR,
    keys: &[],
};
/// A session may have begun so long before, and end so long after.
const BY_DAY: Reach = Reach {
    times: &["StartTime", "TimeGenerated", "EndTime"],
    before: TICKS_PER_DAY,
    after: TICKS_PER_DAY,
    keys: &[
        "LogFormat",
        "MacAddress",
        "SrcIp",
        "DestIp",
        "SrcPort",
        "DestPort",
        "L4Protocol",
        "FlowDirection",
    ],
};

/// A view as it is written.
pub(super) struct View {
    pub(super) name: &'static str,
    /// `(parameters) { body }`.
    pub(super) text: &'static str,
    /// The column that its times are in.
    pub(super) time: &'static str,
    /// True if patterns of names find it as a table.
    pub(super) is_table: bool,
}

macro_rules! stored {
    ($name:literal, $time:literal, $is_table:literal) => {
        View {
            name: $name,
            text: include_str!(concat!("views/", $name, ".kql")),
            time: $time,
            is_table: $is_table,
        }
    };
}

/// Each by its name. Those that Log Analytics has as tables are found as such.
pub(super) const VIEWS: &[View] = &[
    stored!("ASimNetworkSessionLogs", "TimeGenerated", true),
    stored!("AzureNetworkAnalyticsIPDetails_CL", "TimeGenerated", true),
    stored!("AzureNetworkAnalytics_CL", "TimeGenerated", true),
    stored!("FlowRecords", "time", false),
    stored!("FlowRecordsRaw", "time", false),
    stored!("FlowsHourlyOf", "TimeGenerated", false),
    stored!("FlowsOnce", "TimeGenerated", false),
    stored!("NTAIpDetails", "TimeGenerated", true),
    stored!("NTANetAnalytics", "TimeGenerated", true),
    stored!("NTATopologyDetails", "TimeGenerated", true),
    stored!("PlacesOf", "TimeGenerated", false),
    stored!("RulesOf", "TimeGenerated", false),
    stored!("ServicesOf", "TimeGenerated", false),
    stored!("Sessions", "TimeGenerated", false),
    stored!("TalkersOf", "TimeGenerated", false),
    stored!("TrafficOf", "TimeGenerated", false),
    stored!("_Im_NetworkSession", "TimeGenerated", false),
];

/// All that a query can name: the views as they are written, and the rollups as they are made of what is kept.
pub(super) fn stored(kept: Option<&Rollups>, timespan: Option<(i64, i64)>) -> StoredByName {
    let written = VIEWS.iter().map(|view| {
        let stored = Stored {
            text: view.text.into(),
            time: view.time,
            is_table: view.is_table,
        };
        (view.name, stored)
    });
    written.chain(rollups::stored(kept, timespan)).collect()
}

/// How far the view of this name looks; none where its rows tell by themselves.
pub(super) fn reach(name: &str) -> Option<&'static Reach> {
    match name {
        "FlowsOnce" | "FlowsHourlyOf" => Some(&BY_HOUR),
        _ if rollups::is_one(name) => Some(&BY_HOUR),
        "Sessions" => Some(&BY_DAY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_can_be_read() {
        for view in VIEWS {
            let (_, diagnostics) = kql::parse(&format!("let f = {}; f", view.text));
            assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", view.name);
        }
    }
}
