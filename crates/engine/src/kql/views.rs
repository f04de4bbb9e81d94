//! Tables that are made of `Flows` when somebody asks for them: each a query, in its own file.

use kql::values::{TICKS_PER_DAY, TICKS_PER_HOUR};
use kqleval::Stored;

/// A view.
struct View {
    name: &'static str,
    text: &'static str,
    /// What it needs beside the rows of the times that are asked for; none where its rows tell by themselves.
    reach: Option<Reach>,
}

/// How far a view looks beyond the times that are asked for, in ticks.
pub(super) struct Reach {
    /// The column that the times are of.
    pub(super) time: &'static str,
    pub(super) before: i64,
    pub(super) after: i64,
}

macro_rules! view {
    ($name:literal, $reach:expr) => {
        View {
            name: $name,
            text: include_str!(concat!("views/", $name, ".kql")),
            reach: $reach,
        }
    };
}

/// Whether the other end is logged is known by the hour.
const BY_HOUR: Reach = Reach {
    time: "TimeGenerated",
    before: TICKS_PER_HOUR,
    after: TICKS_PER_HOUR,
};
/// A session may have begun so long before, and end so long after.
const BY_DAY: Reach = Reach {
    time: "StartTime",
    before: TICKS_PER_DAY,
    after: TICKS_PER_DAY,
};

const VIEWS: [View; 11] = [
    view!("ASimNetworkSessionLogs", None),
    view!("AzureNetworkAnalyticsIPDetails_CL", None),
    view!("AzureNetworkAnalytics_CL", None),
    view!("FlowRecords", None),
    view!("FlowRecordsRaw", None),
    view!("FlowsOnce", Some(BY_HOUR)),
    view!("NTAIpDetails", None),
    view!("NTANetAnalytics", None),
    view!("NTATopologyDetails", None),
    view!("Sessions", Some(BY_DAY)),
    view!("_Im_NetworkSession", None),
];

fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}

/// The view of this name, as a stored function.
pub(super) fn view(name: &str) -> Option<Stored> {
    find(name).map(|view| Stored {
        text: view.text,
        is_view: view.reach.is_some(),
    })
}

/// How far the view of this name looks.
pub(super) fn reach(name: &str) -> Option<&'static Reach> {
    find(name)?.reach.as_ref()
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
