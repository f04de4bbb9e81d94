//! Questions about seeded worlds, in KQL and in SQL: the two are read, bound and planned by different programs, and the
//! rows are the same.

use std::path::Path;

use crate::golden::flowglass;

/// The question in both languages; both put their rows in one order.
const QUESTIONS: [(&str, &str); 24] = [
    ("Flows | count", "SELECT count(*) FROM Flows"),
    (
        "Flows | summarize n = count(), b = sum(BytesSrcToDest), p = sum(PacketsDestToSrc) by FlowDirection, FlowStatus, L4Protocol | sort by FlowDirection asc, FlowStatus asc, L4Protocol asc",
        "SELECT FlowDirection, FlowStatus, L4Protocol, count(*), coalesce(sum(BytesSrcToDest), 0), coalesce(sum(PacketsDestToSrc), 0) FROM Flows GROUP BY ALL ORDER BY 1, 2, 3",
    ),
    (
        "Flows | summarize Bytes = sum(BytesSrcToDest + BytesDestToSrc) by SrcIp, DestIp | sort by Bytes desc, SrcIp asc, DestIp asc | take 20",
        "SELECT SrcIp, DestIp, coalesce(sum(BytesSrcToDest + BytesDestToSrc), 0) AS Bytes FROM Flows GROUP BY SrcIp, DestIp ORDER BY Bytes DESC, SrcIp, DestIp LIMIT 20",
    ),
    (
        "Flows | where FlowStatus == 'Denied' | summarize n = count(), f = min(TimeGenerated), l = max(TimeGenerated) by AclGroup, AclRule | sort by AclGroup asc, AclRule asc",
        "SELECT AclGroup, AclRule, count(*), min(TimeGenerated), max(TimeGenerated) FROM Flows WHERE FlowStatus = 'Denied' GROUP BY AclGroup, AclRule ORDER BY coalesce(AclGroup, ''), coalesce(AclRule, '')",
    ),
    (
        "Flows | where FlowStatus == 'Denied' | summarize Ports = dcount(DestPort), Targets = dcount(DestIp) by SrcIp, bin(TimeGenerated, 1h) | where Ports > 3 | sort by SrcIp asc, TimeGenerated asc",
        "SELECT SrcIp, date_bin(INTERVAL '1 hour', TimeGenerated) AS h, count(DISTINCT DestPort) AS p, count(DISTINCT DestIp) FROM Flows WHERE FlowStatus = 'Denied' GROUP BY SrcIp, h HAVING count(DISTINCT DestPort) > 3 ORDER BY SrcIp, h",
    ),
    (
        "Flows | summarize n = count() by bin(TimeGenerated, 5m) | sort by TimeGenerated asc",
        "SELECT date_bin(INTERVAL '5 minutes', TimeGenerated) AS t, count(*) FROM Flows GROUP BY t ORDER BY t",
    ),
    (
        "Flows | where FlowStatus == 'Denied' | summarize d = count() by SrcIp, DestIp | join kind=inner (Flows | where FlowStatus == 'Allowed' | summarize a = count() by SrcIp, DestIp) on SrcIp, DestIp | project SrcIp, DestIp, d, a | sort by SrcIp asc, DestIp asc",
        "SELECT d.SrcIp, d.DestIp, d.n AS denied, a.n AS allowed FROM (SELECT SrcIp, DestIp, count(*) AS n FROM Flows WHERE FlowStatus = 'Denied' GROUP BY SrcIp, DestIp) d JOIN (SELECT SrcIp, DestIp, count(*) AS n FROM Flows WHERE FlowStatus = 'Allowed' GROUP BY SrcIp, DestIp) a ON d.SrcIp = a.SrcIp AND d.DestIp = a.DestIp ORDER BY 1, 2",
    ),
    (
        "Flows | distinct SrcIp | join kind=leftanti (Flows | distinct SrcIp = DestIp) on SrcIp | sort by SrcIp asc",
        "SELECT DISTINCT SrcIp FROM Flows WHERE SrcIp NOT IN (SELECT DestIp FROM Flows) ORDER BY SrcIp",
    ),
    (
        "Flows | summarize a = count() by DestPort | join kind=leftouter (Flows | where FlowStatus == 'Denied' | summarize d = count() by DestPort) on DestPort | project DestPort, a, d | sort by DestPort asc",
        "SELECT DestPort, count(*), nullif(count(*) FILTER (WHERE FlowStatus = 'Denied'), 0) FROM Flows GROUP BY DestPort ORDER BY DestPort",
    ),
    (
        "Flows | summarize dcount(DestIp), dcount(DestPort), dcount(BytesSrcToDest) by SrcIp | sort by SrcIp asc",
        "SELECT SrcIp, count(DISTINCT DestIp), count(DISTINCT DestPort), count(DISTINCT BytesSrcToDest) FROM Flows GROUP BY SrcIp ORDER BY SrcIp",
    ),
    (
        "Flows | where DestPort in (22, 3389, 1433) or DestIp startswith '10.1.' | summarize n = count(), k = countif(FlowState == 'B'), m = maxif(BytesSrcToDest, FlowState == 'E') by DestPort | sort by DestPort asc",
        "SELECT DestPort, count(*), count(*) FILTER (WHERE FlowState = 'B'), max(BytesSrcToDest) FILTER (WHERE FlowState = 'E') FROM Flows WHERE DestPort IN (22, 3389, 1433) OR DestIp LIKE '10.1.%' GROUP BY DestPort ORDER BY DestPort",
    ),
    (
        "Flows | where DestIp matches regex @'^10\\.1\\.' and not(AclRuleLogged has 'DenyAllInBound') | summarize n = count() by AclRuleLogged | sort by AclRuleLogged asc",
        "SELECT AclRuleLogged, count(*) FROM Flows WHERE regexp_like(DestIp, '^10\\.1\\.') AND NOT regexp_like(coalesce(AclRuleLogged, ''), '(^|[^a-z0-9])denyallinbound($|[^a-z0-9])', 'i') GROUP BY AclRuleLogged ORDER BY coalesce(AclRuleLogged, '')",
    ),
    (
        "Flows | where ipv4_is_in_range(DestIp, '10.1.0.0/16') | summarize n = count() by DestIp | sort by DestIp asc",
        "SELECT DestIp, count(*) FROM Flows WHERE DestIp LIKE '10.1.%' GROUP BY DestIp ORDER BY DestIp",
    ),
    (
        "Flows | where ipv4_is_private(SrcIp) and isnotnull(BytesSrcToDest) | summarize b = sum(BytesSrcToDest) by SrcIp | sort by SrcIp asc",
        "SELECT SrcIp, sum(BytesSrcToDest) FROM Flows WHERE SrcIpClass = 'Private' AND SrcIp NOT LIKE '%:%' AND BytesSrcToDest IS NOT NULL GROUP BY SrcIp ORDER BY SrcIp",
    ),
    (
        "Flows | where isempty(MacAddress) or isnull(BytesDestToSrc) | summarize n = count() by FlowState, LogFormat | sort by FlowState asc, LogFormat asc",
        "SELECT FlowState, LogFormat, count(*) FROM Flows WHERE MacAddress IS NULL OR BytesDestToSrc IS NULL GROUP BY FlowState, LogFormat ORDER BY coalesce(FlowState, ''), LogFormat",
    ),
    (
        "Flows | where BytesSrcToDest != 0 | summarize n = count()",
        "SELECT count(*) FROM Flows WHERE BytesSrcToDest IS DISTINCT FROM 0",
    ),
    (
        "Flows | where FlowState == 'B' | sort by SrcIp asc, DestIp asc, DestPort asc, TimeGenerated asc, SrcPort asc | extend Same = SrcIp == prev(SrcIp) and DestIp == prev(DestIp) and DestPort == prev(DestPort), Gap = (TimeGenerated - prev(TimeGenerated)) / 1ms | where Same | summarize n = count(), Longest = max(Gap), Shortest = min(Gap) by SrcIp, DestIp, DestPort | where n > 3 | project SrcIp, DestIp, DestPort, n, tolong(Longest), tolong(Shortest) | sort by SrcIp asc, DestIp asc, DestPort asc",
        "SELECT SrcIp, DestIp, DestPort, count(g), max(g), min(g) FROM (SELECT SrcIp, DestIp, DestPort, CAST(arrow_cast(TimeGenerated, 'Timestamp(Millisecond, Some(\"UTC\"))') AS BIGINT) - CAST(arrow_cast(lag(TimeGenerated) OVER (PARTITION BY SrcIp, DestIp, DestPort ORDER BY TimeGenerated, SrcPort), 'Timestamp(Millisecond, Some(\"UTC\"))') AS BIGINT) AS g FROM Flows WHERE FlowState = 'B') GROUP BY SrcIp, DestIp, DestPort HAVING count(g) > 3 ORDER BY 1, 2, 3",
    ),
    (
        "Flows | sort by TimeGenerated asc, RecordOffset asc, TupleIndex asc, SourceId asc | where FlowStatus == 'Denied' | extend n = row_number(), s = row_cumsum(tolong(DestPort)) | summarize max(n), max(s)",
        "SELECT count(*), sum(DestPort) FROM Flows WHERE FlowStatus = 'Denied'",
    ),
    (
        "union (Flows | where DestPort == 22 | project Ip = SrcIp), (Flows | where DestPort == 3389 | project Ip = DestIp) | summarize n = count() by Ip | sort by Ip asc",
        "SELECT Ip, count(*) FROM (SELECT SrcIp AS Ip FROM Flows WHERE DestPort = 22 UNION ALL SELECT DestIp FROM Flows WHERE DestPort = 3389) GROUP BY Ip ORDER BY Ip",
    ),
    (
        "Flows | summarize arg_max(TimeGenerated, FlowStatus) by MacAddress, SrcPort | summarize n = count(), l = max(TimeGenerated)",
        "SELECT count(*), max(t) FROM (SELECT max(TimeGenerated) AS t FROM Flows GROUP BY MacAddress, SrcPort)",
    ),
    (
        "let busy = Flows | summarize n = count() by SrcIp | sort by n desc, SrcIp asc | take 5 | project SrcIp; Flows | where SrcIp in (busy) | summarize b = sum(BytesSrcToDest) by SrcIp | sort by SrcIp asc",
        "SELECT SrcIp, coalesce(sum(BytesSrcToDest), 0) FROM Flows WHERE SrcIp IN (SELECT SrcIp FROM (SELECT SrcIp, count(*) AS n FROM Flows GROUP BY SrcIp ORDER BY n DESC, SrcIp LIMIT 5)) GROUP BY SrcIp ORDER BY SrcIp",
    ),
    (
        "Flows | extend h = hourofday(TimeGenerated), d = toscalar(Flows | summarize min(TimeGenerated)) | where TimeGenerated between (d .. 2h) | summarize n = count() by h | sort by h asc",
        "SELECT CAST(date_part('hour', TimeGenerated) AS INT) AS h, count(*) FROM Flows WHERE TimeGenerated BETWEEN (SELECT min(TimeGenerated) FROM Flows) AND (SELECT min(TimeGenerated) FROM Flows) + INTERVAL '2 hours' GROUP BY h ORDER BY h",
    ),
    (
        "Flows | summarize n = count() by c = case(DestPort < 1024, 'well known', DestPort < 49152, 'registered', 'dynamic'), r = iff(isempty(AclRule), '-', AclRule) | sort by c asc, r asc",
        "SELECT CASE WHEN DestPort < 1024 THEN 'well known' WHEN DestPort < 49152 THEN 'registered' ELSE 'dynamic' END AS c, coalesce(AclRule, '-') AS r, count(*) FROM Flows GROUP BY c, r ORDER BY c, r",
    ),
    (
        "IngestLog | summarize r = sum(TuplesReceived), s = sum(TuplesStored), k = sum(TuplesSkipped), q = sum(TuplesQuarantined)",
        "SELECT sum(TuplesReceived), sum(TuplesStored), sum(TuplesSkipped), sum(TuplesQuarantined) FROM IngestLog",
    ),
];

fn rows(table: &Path, question: &[&str]) -> Vec<String> {
    let output = flowglass()
        .arg("query")
        .args(question)
        .args(["--format", "csv", "--table"])
        .arg(table)
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{question:?}: {err}");
    // The languages name columns in their own ways.
    out.lines().skip(1).map(comparable).collect()
}

/// KQL writes the fraction of a second as far as there is one, SQL by threes.
fn comparable(line: &str) -> String {
    let cells = line.split(',').map(|cell| match cell.strip_suffix('Z') {
        Some(time) if time.contains('.') => {
            format!("{}Z", time.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => cell.to_owned(),
    });
    cells.collect::<Vec<_>>().join(",")
}

#[test]
fn both_languages_give_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    for seed in ["11", "12"] {
        let demo = flowglass()
            .current_dir(folder.path())
            .args(["demo", "--size", "tiny", "--seed", seed])
            .output()
            .unwrap();
        assert!(demo.status.success());
        let table = folder
            .path()
            .join(format!("flowglass-demo/seed-{seed}-tiny-24h/table"));
        for (kql, sql) in QUESTIONS {
            let (of_kql, of_sql) = (rows(&table, &[kql]), rows(&table, &["--sql", sql]));
            assert!(
                !of_sql.is_empty(),
                "seed {seed}: no rows, which tells little: {sql}"
            );
            assert_eq!(of_kql.len(), of_sql.len(), "seed {seed}: {kql}");
            for (of_kql, of_sql) in of_kql.iter().zip(&of_sql) {
                assert_eq!(of_kql, of_sql, "seed {seed}: {kql}");
            }
        }
    }
}
