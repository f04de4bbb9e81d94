//! What Log Analytics calls tables and columns, and what holds the same here.

use kqleval::Elsewhere;
use model::columns::{ROLLUPS, TABLES};

use super::views::{VIEWS, View};

/// Advice for names of Log Analytics.
pub(super) const ELSEWHERE: Elsewhere = Elsewhere { column, table };

/// Fields that no column holds, of rows of Traffic Analytics.
const OTHERS: &str = "AdditionalFields";

/// Columns of `NTANetAnalytics` that no column here holds.
const NOT_HELD: [&str; 33] = [
    "AllowedInFlows",
    "AllowedOutFlows",
    "ConnectionName",
    "ConnectionType",
    "Country",
    "DeniedInFlows",
    "DeniedOutFlows",
    "DestApplicationGateway",
    "DestCloud",
    "DestEnvironment",
    "DestExpressRouteCircuit",
    "DestLocalNetworkGateway",
    "DestPublicIps",
    "DestServiceName",
    "FaSchemaVersion",
    "FlowIntervalEndTime",
    "FlowIntervalStartTime",
    "PrivateEndpointResourceId",
    "PrivateLinkResourceId",
    "PrivateLinkResourceName",
    "SrcApplicationGateway",
    "SrcCloud",
    "SrcEnvironment",
    "SrcExpressRouteCircuit",
    "SrcLocalNetworkGateway",
    "SrcPorts",
    "SrcPublicIps",
    "SrcServiceName",
    "SubType",
    "Subnet",
    "Subscription",
    "TimeProcessed",
    "Vm",
];

/// Without the suffix that names the type in tables of one's own: `_s`, `_d`, `_t`, `_g`, `_b`.
fn plain(name: &str) -> &str {
    name.strip_suffix(['s', 'd', 't', 'g', 'b'])
        .and_then(|name| name.strip_suffix('_'))
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
}

fn column(typed: &str) -> Option<(&'static str, String)> {
    let bare = plain(typed);
    let has_suffix = bare != typed;
    let mut columns = TABLES.iter().flat_map(|table| table.columns);
    let found = columns.find(|held| {
        let mut aliases = held.kql_aliases.iter();
        // Our own name in another letter case is a slip, and no name of others.
        match held.name.eq_ignore_ascii_case(bare) {
            true => has_suffix,
            false => aliases.any(|alias| plain(alias).eq_ignore_ascii_case(bare)),
        }
    });
    if let Some(held) = found {
        let hint = format!("write `{}`, which is what `{typed}` is called here", held.name);
        return Some((held.name, hint));
    }
    let is_field = has_suffix || NOT_HELD.iter().any(|name| name.eq_ignore_ascii_case(typed));
    is_field.then(|| {
        let hint = format!(
            "no column holds `{typed}`; rows of Traffic Analytics keep it in `{OTHERS}`: `tostring(parse_json({OTHERS}).{typed})`"
        );
        (OTHERS, hint)
    })
}

fn table(typed: &str) -> Option<&'static str> {
    known(
        typed,
        "`Flows` holds these rows, its columns named as in docs/columns.md: `Flows | getschema`",
    )
}

/// The same for who asks in SQL.
pub(crate) fn table_in_sql(typed: &str) -> Option<&'static str> {
    // Those that Log Analytics has too are told below.
    let is_ours = |view: &View| !view.is_table && view.name.eq_ignore_ascii_case(typed);
    if VIEWS.iter().any(is_ours)
        || ROLLUPS
            .iter()
            .any(|rollup| rollup.name.eq_ignore_ascii_case(typed))
    {
        return Some("it is a view that KQL has: ask for it without `--sql`");
    }
    known(
        typed,
        "`Flows` holds these rows, its columns named as in docs/columns.md: `DESCRIBE Flows`",
    )
}

/// What helps who asks for a table of Log Analytics; of that of flows it is said in the language of the query.
fn known(typed: &str, flows: &'static str) -> Option<&'static str> {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(typed));
    if is(&["NTANetAnalytics", "AzureNetworkAnalytics_CL"]) {
        return Some(flows);
    }
    if is(&["NTAIpDetails", "AzureNetworkAnalyticsIPDetails_CL"]) {
        return Some(
            "in KQL `NTAIpDetails` has the public addresses; `Flows` has `SrcIpClass`, `FlowType` and `SrcServiceTags`",
        );
    }
    if is(&["NTATopologyDetails"]) {
        return Some("`Assets` and `NsgRules` hold resources and rules, and KQL has `NTATopologyDetails`");
    }
    None
}

#[cfg(test)]
mod tests {
    use model::FLOWS;

    use super::*;

    #[track_caller]
    fn check(typed: &str, here: Option<&str>) {
        assert_eq!(column(typed).map(|(here, _)| here), here, "{typed}");
    }

    #[test]
    fn columns_of_log_analytics() {
        for (typed, here) in [
            ("NSGRule_s", "AclRule"),
            ("NsgRule", "AclRule"),
            ("NsgList", "AclGroup"),
            ("FlowStartTime_t", "TimeGenerated"),
            ("FlowStartTime", "TimeGenerated"),
            ("OutboundBytes_d", "BytesSrcToDest"),
            ("SrcIP_s", "SrcIp"),
            ("DestPort_d", "DestPort"),
            ("MACAddress_s", "MacAddress"),
            ("BytesDestToSrc_d", "BytesDestToSrc"),
            ("VMIP_s", OTHERS),
            ("DestCloud", OTHERS),
            ("VM1_s", "SrcVm"),
        ] {
            check(typed, Some(here));
        }
        for typed in ["SrcIp", "srcip", "SRCIP", "AclRule", "n", "_s", "", "Colour"] {
            check(typed, None);
        }
    }

    #[test]
    fn what_is_not_held_is_no_column() {
        for name in NOT_HELD {
            assert!(FLOWS.columns.iter().all(|held| held.name != name), "{name}");
        }
        assert!(FLOWS.columns.iter().any(|held| held.name == OTHERS));
        assert!(table("NTANetAnalytics").is_some() && table("Flows").is_none());
    }
}
