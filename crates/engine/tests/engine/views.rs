//! Views that put flows together: each flow once, sessions, and lines of nine fields.

use engine::Engine;
use model::FLOWS;

use super::fixture::{
    DAY, FIRST_DAY, check_kql as check, context, engine_of, flow_files, said_file, snapshot,
};

/// A table of [`said_file`].
async fn engine_with(rows: &[(i64, &str)]) -> Engine {
    let files = [said_file(rows)];
    engine_of(vec![snapshot(&FLOWS, 1, &files).await])
}

const SESSIONS: &str = "Sessions | sort by SrcPort asc, StartTime asc, Tuples asc, BytesSrcToDest asc
    | project SrcPort, toint((StartTime - datetime(2024-01-01)) / 1ms), strcat(iff(HasStart, 'B', '-'), iff(HasEnd, 'E', '-')), Tuples, BytesSrcToDest, Duration / 1ms";

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_together_is_one_session() {
    let engine = engine_with(&[
        // From its beginning to its end.
        (0, "SrcPort=1 FlowState=B BytesSrcToDest=0"),
        (300_000, "SrcPort=1 FlowState=C BytesSrcToDest=10"),
        (360_000, "SrcPort=1 FlowState=E BytesSrcToDest=5"),
        // The end logged before the beginning, at one moment.
        (7, "SrcPort=2 FlowState=E BytesSrcToDest=9"),
        (7, "SrcPort=2 FlowState=B BytesSrcToDest=0"),
        // It ends and begins again at once: both ends count.
        (0, "SrcPort=3 FlowState=B BytesSrcToDest=0"),
        (0, "SrcPort=3 FlowState=E BytesSrcToDest=3"),
        (0, "SrcPort=3 FlowState=B BytesSrcToDest=0"),
        (6_000, "SrcPort=3 FlowState=E BytesSrcToDest=4"),
        // A flow that was open ends, and its port is used again at that moment.
        (0, "SrcPort=4 FlowState=B BytesSrcToDest=0"),
        (9_000, "SrcPort=4 FlowState=E BytesSrcToDest=1"),
        (9_000, "SrcPort=4 FlowState=B BytesSrcToDest=0"),
        (19_000, "SrcPort=4 FlowState=E BytesSrcToDest=2"),
        // The end is missing, and the port is used again.
        (0, "SrcPort=5 FlowState=B BytesSrcToDest=0"),
        (5_000, "SrcPort=5 FlowState=B BytesSrcToDest=0"),
        (6_000, "SrcPort=5 FlowState=E BytesSrcToDest=8"),
        // The beginning is missing; and then nothing for longer than an update takes.
        (0, "SrcPort=6 FlowState=C BytesSrcToDest=1"),
        (300_000, "SrcPort=6 FlowState=C BytesSrcToDest=2"),
        (4_000_000, "SrcPort=6 FlowState=C BytesSrcToDest=4"),
        // A denied attempt with its repetitions, and another one later.
        (0, "SrcPort=7 FlowState=D FlowStatus=Denied BytesSrcToDest=null"),
        (
            3_000,
            "SrcPort=7 FlowState=D FlowStatus=Denied BytesSrcToDest=null",
        ),
        (
            33_001,
            "SrcPort=7 FlowState=D FlowStatus=Denied BytesSrcToDest=null",
        ),
        // One whole session after the other, each of a moment; then one whose end is missing, and one of which only the end is logged.
        (0, "SrcPort=10 FlowState=B BytesSrcToDest=0"),
        (0, "SrcPort=10 FlowState=E BytesSrcToDest=1"),
        (9_000, "SrcPort=10 FlowState=E BytesSrcToDest=2"),
        (9_000, "SrcPort=10 FlowState=B BytesSrcToDest=0"),
        (4_000_000, "SrcPort=10 FlowState=B BytesSrcToDest=0"),
        (4_000_000, "SrcPort=10 FlowState=E BytesSrcToDest=4"),
        (4_003_000, "SrcPort=10 FlowState=E BytesSrcToDest=8"),
        // Open through three moments at which it ends and begins again; the last one comes too late to belong to it.
        (0, "SrcPort=11 FlowState=C BytesSrcToDest=1"),
        (5_000, "SrcPort=11 FlowState=E BytesSrcToDest=2"),
        (5_000, "SrcPort=11 FlowState=B BytesSrcToDest=0"),
        (6_000, "SrcPort=11 FlowState=E BytesSrcToDest=4"),
        (6_000, "SrcPort=11 FlowState=B BytesSrcToDest=0"),
        (7_000_000, "SrcPort=11 FlowState=E BytesSrcToDest=8"),
        (7_000_000, "SrcPort=11 FlowState=B BytesSrcToDest=0"),
        (7_001_000, "SrcPort=11 FlowState=C BytesSrcToDest=16"),
        // Two whole ones within a moment; and the same where one was open and stays so.
        (0, "SrcPort=12 FlowState=B BytesSrcToDest=0"),
        (0, "SrcPort=12 FlowState=E BytesSrcToDest=1"),
        (0, "SrcPort=12 FlowState=B BytesSrcToDest=0"),
        (0, "SrcPort=12 FlowState=E BytesSrcToDest=2"),
        (0, "SrcPort=13 FlowState=B BytesSrcToDest=0"),
        (1_000, "SrcPort=13 FlowState=E BytesSrcToDest=1"),
        (1_000, "SrcPort=13 FlowState=B BytesSrcToDest=0"),
        (1_000, "SrcPort=13 FlowState=E BytesSrcToDest=2"),
        (1_000, "SrcPort=13 FlowState=B BytesSrcToDest=0"),
        (2_000, "SrcPort=13 FlowState=C BytesSrcToDest=4"),
        (2_000, "SrcPort=13 FlowState=C BytesSrcToDest=8"),
        // The same five-tuple at another interface is another session.
        (
            1,
            "SrcPort=1 FlowState=B MacAddress=00-0D-3A-00-00-02 BytesSrcToDest=0",
        ),
        // A log without states has one row for each flow.
        (2, "SrcPort=8 FlowState=null LogFormat=nsg-1 BytesSrcToDest=null"),
        (3, "SrcPort=8 FlowState=null LogFormat=nsg-1 BytesSrcToDest=null"),
        // A row of Traffic Analytics stands for many flows, and is none.
        (3, "SrcPort=9 FlowState=null LogFormat=ta-3"),
    ])
    .await;
    check(
        &engine,
        SESSIONS,
        &[
            "1 0 BE 3 15 360000.0",
            "1 1 B- 1 0 ",
            "2 7 BE 2 9 0.0",
            "3 0 BE 2 3 0.0",
            "3 0 BE 2 4 6000.0",
            "4 0 BE 2 1 9000.0",
            "4 9000 BE 2 2 10000.0",
            "5 0 B- 1 0 ",
            "5 5000 BE 2 8 1000.0",
            "6 0 -- 2 3 ",
            "6 4000000 -- 1 4 ",
            "7 0 BE 2 0 3000.0",
            "7 33001 BE 1 0 0.0",
            "8 2 B- 1 0 ",
            "8 3 B- 1 0 ",
            "10 0 BE 2 1 0.0",
            "10 9000 BE 2 2 0.0",
            "10 4000000 BE 2 4 0.0",
            "10 4003000 -E 1 8 ",
            "11 0 -E 2 3 ",
            "11 5000 BE 2 4 1000.0",
            "11 6000 B- 1 0 ",
            "11 7000000 BE 2 8 0.0",
            "11 7001000 -- 1 16 ",
            "12 0 BE 2 1 0.0",
            "12 0 BE 2 2 0.0",
            "13 0 BE 2 1 1000.0",
            "13 1000 BE 2 2 0.0",
            "13 1000 B- 3 12 ",
        ],
    )
    .await;
    check(
        &engine,
        "FlowRecords | where sourcePort == 7 | project ['time'], sourceIP, destinationIP, sourcePort, destinationPort, protocol, flowState, flowDirection, trafficCategory | sort by ['time'] asc",
        &[
            "2024-01-01T00:00:00.0000000Z 10.0.0.0 10.9.0.0 7 443 TCP Deny Inbound NetworkSecurityGroup",
            "2024-01-01T00:00:33.0010000Z 10.0.0.0 10.9.0.0 7 443 TCP Deny Inbound NetworkSecurityGroup",
        ],
    )
    .await;
    check(&engine, "FlowRecordsRaw | where sourcePort == 7 | count", &["3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_counts_where_its_source_logs() {
    let (web, db) = ("MacAddress=00-0D-3A-00-00-01", "MacAddress=00-0D-3A-00-00-02");
    let rows = [
        // Both ends log it: the source counts.
        (
            0,
            format!(
                "{web} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=1 FlowDirection=Outbound FlowState=E BytesSrcToDest=5"
            ),
        ),
        (
            1,
            format!(
                "{db} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=1 FlowDirection=Inbound FlowState=E BytesSrcToDest=5"
            ),
        ),
        // Denied at the other end: a decision, without bytes; the attempt counts where it was made.
        (
            2,
            format!(
                "{web} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Outbound FlowState=B BytesSrcToDest=0"
            ),
        ),
        (
            2,
            format!(
                "{db} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Inbound FlowState=D FlowStatus=Denied BytesSrcToDest=0"
            ),
        ),
        (
            3_002,
            format!(
                "{db} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Inbound FlowState=D FlowStatus=Denied BytesSrcToDest=0"
            ),
        ),
        // From outside: the destination counts.
        (
            3,
            format!(
                "{web} SrcIp=203.0.113.9 DestIp=10.0.0.1 SrcPort=3 FlowDirection=Inbound FlowState=B BytesSrcToDest=7"
            ),
        ),
        // An hour in which the source logged nothing.
        (
            3_600_000,
            format!(
                "{db} SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=4 FlowDirection=Inbound FlowState=B BytesSrcToDest=11"
            ),
        ),
        // Logged by the network and by its security group: the network's rows count.
        (
            4,
            format!(
                "{web} LogFormat=nsg-2 SrcIp=203.0.113.9 DestIp=10.0.0.1 SrcPort=3 FlowDirection=Inbound FlowState=B BytesSrcToDest=7"
            ),
        ),
        (
            3_600_004,
            format!(
                "{web} LogFormat=nsg-2 SrcIp=203.0.113.9 DestIp=10.0.0.1 SrcPort=5 FlowDirection=Inbound FlowState=B BytesSrcToDest=13"
            ),
        ),
    ];
    let rows: Vec<(i64, &str)> = rows
        .iter()
        .map(|(millis, said)| (*millis, said.as_str()))
        .collect();
    let engine = engine_with(&rows).await;
    // Without facts the other end is known by its address alone, and its row says so.
    check(
        &engine,
        "FlowsOnce | sort by TimeGenerated asc, FlowDirection asc | project SrcPort, FlowDirection, CountedAt, IsAmbiguous, Attempts, Denials, BytesSrcToDest",
        &[
            "1 Outbound Source False 0 0 5",
            "1 Inbound SourceByAddress True 0 0 0",
            "2 Inbound SourceByAddress True 0 1 0",
            "2 Outbound Source False 1 0 0",
            "3 Inbound Destination False 1 0 7",
            "2 Inbound SourceByAddress True 0 0 0",
            "4 Inbound Destination False 1 0 11",
            "5 Inbound Destination False 1 0 13",
        ],
    )
    .await;
}

/// A view reads the files of the times that are asked for, and of what it needs beside them.
#[tokio::test(flavor = "multi_thread")]
async fn views_look_no_further_than_they_need() {
    let engine = engine_of(vec![snapshot(&FLOWS, 7, flow_files()).await]);
    let read = async |query: &str| {
        let (answers, explain) = engine.kql(&context(), query, Vec::new()).await.unwrap();
        let counters = explain.counters();
        let rows = answers[0].rows.row(0).first().and_then(|cell| cell.long());
        (
            rows.unwrap(),
            counters.files_after_statistics,
            counters.files_total,
        )
    };
    // Half a day is a file, with rows in its first seven hours.
    let (rows, files, total) = read("FlowsOnce | where TimeGenerated between (datetime(2024-01-02 02:00) .. 1h) | summarize sum(Attempts) + count()").await;
    assert!(rows > 0, "{rows}");
    // It scans the table several times, and each time one file of six.
    assert_eq!(files * 6, total);
    let (rows, files, total) =
        read("Sessions | where StartTime between (datetime(2024-01-03 13:00) .. 1h) | count").await;
    assert_eq!((rows, total), (61, 6));
    assert_eq!(files, 3, "a day before and a day after");
    // Behind a name, a projection and a sort; and what is not asked by time reads all.
    let query = "let s = Sessions; s | project Begun = StartTime, MacAddress | sort by MacAddress asc | where Begun >= datetime(2024-01-03 13:00) and Begun < datetime(2024-01-03 14:00) | count";
    assert_eq!(read(query).await, (60, 3, 6));
    let (rows, files, _) = read("Sessions | summarize sum(Tuples)").await;
    assert_eq!((rows, files), (2400, 6));
    let (rows, ..) =
        read("FlowRecords | where ['time'] < datetime(2024-01-02) and flowState == 'Deny' | count").await;
    assert_eq!(rows, 80);
}

/// What is asked for by its times is what a condition on them leaves: views are made of all that they need.
#[tokio::test(flavor = "multi_thread")]
async fn times_are_of_the_rows_of_views() {
    let engine = engine_of(vec![snapshot(&FLOWS, 7, flow_files()).await]);
    let midday = (i64::from(FIRST_DAY) + 1) * DAY + DAY / 2 + DAY / 48;
    let mut within = context();
    within.timespan = Some((midday, midday + DAY / 24));
    let text = async |context: &engine::QueryContext, query: &str| {
        let (answers, _) = engine.kql(context, query, Vec::new()).await.unwrap();
        let rows = &answers[0].rows;
        let cells = (0..rows.rows).flat_map(|row| rows.row(row));
        cells.map(|cell| cell.text().into_owned()).collect::<Vec<_>>()
    };
    for (table, time, sums) in [
        (
            "Flows",
            "TimeGenerated",
            "count(), sum(BytesSrcToDest), min(TimeGenerated)",
        ),
        (
            "FlowsOnce",
            "TimeGenerated",
            "count(), sum(Attempts), sum(BytesSrcToDest)",
        ),
        (
            "Sessions",
            "StartTime",
            "count(), sum(Tuples), max(EndTime), countif(HasStart)",
        ),
        ("FlowRecords", "['time']", "count(), dcount(sourceIP)"),
        (
            "NTANetAnalytics",
            "TimeGenerated",
            "count(), sum(BytesSrcToDest), min(TimeGenerated), max(TimeGenerated)",
        ),
        ("NTAIpDetails", "TimeGenerated", "count()"),
    ] {
        let asked = text(&within, &format!("{table} | summarize {sums}")).await;
        let condition = "datetime(2024-01-02 12:30)";
        let query =
            format!("{table} | where {time} >= {condition} and {time} < {condition} + 1h | summarize {sums}");
        assert_eq!(asked, text(&context(), &query).await, "{table}");
    }
    // In every place where a table can stand.
    for query in [
        "let f = Flows; f | count",
        "union Flows | count",
        "union Flow* | count",
        "search in (Flows) '10.9' | count",
        "find in (Flows) where SrcPort > 0 project SrcPort | count",
        "Flows | where SrcPort in ((Flows | project SrcPort)) | count",
        "table('Flows') | count",
    ] {
        assert_eq!(text(&within, query).await, ["60"], "{query}");
    }
    // Tables say where rows are from.
    let named = "union withsource=T NTANetAnalytics, Flows, Sessions | summarize count() by T | sort by T asc | project T";
    assert_eq!(
        text(&within, named).await,
        ["Flows", "NTANetAnalytics", "Sessions"]
    );
    assert_eq!(
        text(
            &within,
            "union withsource=T NTA* | summarize count() by T | project T"
        )
        .await,
        ["NTANetAnalytics"]
    );
}

/// A condition on what tells sessions apart is one on the rows that they are made of.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_sessions_reach_the_files() {
    let engine = engine_of(vec![snapshot(&FLOWS, 7, flow_files()).await]);
    for query in [
        "Sessions | where SrcIp == '198.51.100.7' | project SrcPort, Tuples",
        "let s = Sessions | project From = SrcIp, SrcPort, Tuples; s | where From in ('198.51.100.7') | project-away From",
    ] {
        let (answers, explain) = engine.kql(&context(), query, Vec::new()).await.unwrap();
        assert_eq!(answers[0].rows.rows, 1, "{query}");
        assert_eq!(explain.counters().files_after_statistics, 1, "{query}");
    }
}

/// So is one on their times, by whichever name and in whichever view it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn times_of_sessions_reach_the_files() {
    let engine = engine_of(vec![snapshot(&FLOWS, 7, flow_files()).await]);
    for query in [
        "Sessions | where StartTime > datetime(2030-01-01)",
        "Sessions | where EndTime > datetime(2030-01-01)",
        "Sessions | project Ended = EndTime, Tuples | where Ended > datetime(2030-01-01)",
        "FlowRecords | where ['time'] > datetime(2030-01-01)",
        "ASimNetworkSessionLogs | where TimeGenerated > datetime(2030-01-01) | take 10",
        "ASimNetworkSessionLogs | where EventStartTime > datetime(2030-01-01)",
        "_Im_NetworkSession(starttime=datetime(2030-01-01))",
        "_Im_NetworkSession(endtime=datetime(2020-01-01)) | summarize make_set(DstIpAddr) by DstPortNumber",
    ] {
        let (answers, explain) = engine.kql(&context(), query, Vec::new()).await.unwrap();
        assert_eq!(answers[0].rows.rows, 0, "{query}");
        assert_eq!(explain.counters().files_after_statistics, 0, "{query}");
    }
    let count = async |query: &str| {
        let (answers, _) = engine.kql(&context(), query, Vec::new()).await.unwrap();
        answers[0].rows.cell(0, 0).text().into_owned()
    };
    // What is asked for in time is what is there of the whole.
    let whole = "Sessions | extend Late = EndTime >= datetime(2024-01-02 12:00) and EndTime < datetime(2024-01-02 13:00) | summarize countif(Late)";
    let asked = "Sessions | where EndTime >= datetime(2024-01-02 12:00) and EndTime < datetime(2024-01-02 13:00) | count";
    assert_eq!(count(asked).await, count(whole).await);
    assert_ne!(count(asked).await, "0");
}
