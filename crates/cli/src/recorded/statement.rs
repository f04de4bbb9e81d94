//! The statements.

use super::Asked;

/// How many lines of each layout there are on each day.
pub(super) const DAYS: &str =
    "SELECT FlowDate, LogFormat, count(*) AS Lines FROM Flows GROUP BY FlowDate, LogFormat";

/// In which hours each interface logged.
pub(super) const HOURS: &str = "SELECT MacAddress, date_trunc('hour', TimeGenerated) AS Hour FROM Flows \
    WHERE LogFormat NOT LIKE 'ta-%' GROUP BY MacAddress, date_trunc('hour', TimeGenerated)";

/// What rules look at, and what was logged of it.
const KEY: [&str; 11] = [
    "MacAddress",
    "FlowDirection",
    "SrcIp",
    "DestIp",
    "SrcPort",
    "DestPort",
    "L4Protocol",
    "FlowStatus",
    "AclRuleKind",
    "AclRule",
    "AclGroup",
];

/// What is summed.
const SUMS: &str = "count(*) AS Lines,
    sum(CASE WHEN FlowState IN ('C', 'E') THEN 0 ELSE 1 END) AS Attempts,
    sum(PacketsSrcToDest) AS PacketsSrcToDest, sum(PacketsDestToSrc) AS PacketsDestToSrc,
    sum(BytesSrcToDest) AS BytesSrcToDest, sum(BytesDestToSrc) AS BytesDestToSrc,
    min(TimeGenerated) AS First, max(TimeGenerated) AS Last";

/// Columns that are summed, and those that tell what is twofold.
const READ: &str =
    "FlowState, PacketsSrcToDest, PacketsDestToSrc, BytesSrcToDest, BytesDestToSrc, TimeGenerated, LogFormat";

/// The keys with their sums, interface by interface, and there by who was called: an evaluator of either is asked at a time. Where one interface has flow logs of its group and of its network in an hour,
/// those of the network count, as in the view `FlowsOnce`.
pub(super) fn keys(asked: Asked, is_twofold: bool) -> String {
    let key: Vec<&str> = KEY
        .into_iter()
        .filter(|column| asked.with_source_ports || *column != "SrcPort")
        .collect();
    let key = key.join(", ");
    let shown = match asked.with_source_ports {
        true => key.clone(),
        false => key.replace("DestPort", "CAST(NULL AS INT) AS SrcPort, DestPort"),
    };
    let rows = if is_twofold {
        twofold(&key)
    } else {
        "Flows".to_owned()
    };
    format!(
        "SELECT {shown}, {SUMS}\nFROM {rows}\nWHERE LogFormat NOT LIKE 'ta-%'\nGROUP BY {key}\nORDER BY MacAddress, DestIp"
    )
}

/// The hours in which an interface is in a flow log of its network.
const IN_NETWORK: &str = "(SELECT MacAddress AS Mac, date_trunc('hour', TimeGenerated) AS Hour FROM Flows
            WHERE LogFormat = 'vnet-4' GROUP BY MacAddress, date_trunc('hour', TimeGenerated)) AS n";

/// How many lines of flow logs of groups are of such hours.
pub(super) fn twofold_lines() -> String {
    format!(
        "SELECT count(*) AS Lines FROM {IN_NETWORK}
        RIGHT SEMI JOIN (SELECT MacAddress, TimeGenerated FROM Flows WHERE LogFormat LIKE 'nsg-%') AS f
        ON n.Mac = f.MacAddress AND n.Hour = date_trunc('hour', f.TimeGenerated)"
    )
}

/// The side that is held while the other passes by is the small one: a row for each interface and hour.
fn twofold(key: &str) -> String {
    let columns: Vec<String> = key
        .split(", ")
        .chain(READ.split(", "))
        .map(|column| format!("f.{column}"))
        .collect();
    format!(
        "(SELECT {key}, {READ} FROM Flows WHERE LogFormat NOT LIKE 'nsg-%'
    UNION ALL
    SELECT {} FROM
        {IN_NETWORK}
        RIGHT ANTI JOIN (SELECT {key}, {READ} FROM Flows WHERE LogFormat LIKE 'nsg-%') AS f
        ON n.Mac = f.MacAddress AND n.Hour = date_trunc('hour', f.TimeGenerated)) AS Counted",
        columns.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_port_is_a_key_only_where_it_is_asked_for() {
        let with = keys(
            Asked {
                with_source_ports: true,
            },
            false,
        );
        assert!(with.contains("DestIp, SrcPort, DestPort"), "{with}");
        let without = keys(Asked::default(), true);
        assert!(
            without.contains("GROUP BY MacAddress, FlowDirection, SrcIp, DestIp, DestPort"),
            "{without}"
        );
        assert!(without.contains("RIGHT ANTI JOIN"));
    }
}
