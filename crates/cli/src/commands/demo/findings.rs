//! Finding what is wrong by queries. They know nothing of what was planted: the same queries run on
//! anybody's table.

use arrow_array::RecordBatch;
use arrow_cast::display::ArrayFormatter;
use engine::{Engine, QueryContext};

use crate::cells::options;
use crate::exit::Failure;
use crate::working::engine_failure;

/// Whom to ask, and on whose behalf.
pub(in crate::commands) struct Asking<'e> {
    pub(in crate::commands) engine: &'e Engine,
    pub(in crate::commands) context: QueryContext,
}

impl Asking<'_> {
    /// The numbers of the one row that a query in KQL gives.
    pub(in crate::commands) async fn numbers(&self, kql: &str) -> anyhow::Result<Vec<u64>> {
        let answered = self.engine.kql(&self.context, kql, Vec::new()).await;
        let (answers, _) = answered.map_err(|failure| Failure::bug(format!("{failure:?}")))?;
        let table = answers.first().map(|answer| &answer.rows);
        let cells = table.filter(|table| table.rows == 1).map(|table| table.row(0));
        let numbers = cells.unwrap_or_default().into_iter();
        Ok(numbers
            .map(|cell| {
                cell.long()
                    .and_then(|number| u64::try_from(number).ok())
                    .unwrap_or(0)
            })
            .collect())
    }

    /// The answer as text, null as an empty string.
    pub(in crate::commands) async fn rows(&self, sql: &str) -> anyhow::Result<Vec<Vec<String>>> {
        let result = self
            .engine
            .sql(&self.context, sql)
            .await
            .map_err(|error| engine_failure(&error))?;
        let batches = result.collect().await.map_err(|error| engine_failure(&error))?;
        let mut rows = Vec::new();
        for batch in &batches {
            text_rows(batch, &mut rows)?;
        }
        Ok(rows)
    }
}

fn text_rows(batch: &RecordBatch, rows: &mut Vec<Vec<String>>) -> Result<(), Failure> {
    let options = options();
    let broken = |error: arrow_schema::ArrowError| Failure::bug(error.to_string());
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(broken)?;
    for row in 0..batch.num_rows() {
        rows.push(
            formatters
                .iter()
                .map(|formatter| formatter.value(row).to_string())
                .collect(),
        );
    }
    Ok(())
}

/// What kind of trouble a query looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Kind {
    SshDenied,
    SshAllowed,
    PortScan,
    HostScan,
    Exfiltration,
    Beacon,
    DatabaseDenied,
}

/// A question that finds one kind of trouble. Every query gives the same columns:
/// source, targets, port, amount, rules, rules with their groups, first, last.
#[derive(Debug)]
pub(in crate::commands) struct Question {
    pub(in crate::commands) kind: Kind,
    pub(in crate::commands) title: &'static str,
    /// What `amount` counts.
    pub(in crate::commands) amount: &'static str,
    pub(in crate::commands) meaning: &'static str,
    sql: &'static str,
}

impl Question {
    /// The query; `storage` is a condition on `DestIp` that holds for Azure Storage.
    pub(in crate::commands) fn sql(&self, storage: &str) -> String {
        self.sql.replace("{storage}", storage)
    }
}

/// The condition that an address lies in prefixes of a service tag, as the tag's published list has
/// them, by the 24-bit networks they cover. Text has no prefixes, and the tables know no tags yet.
pub(in crate::commands) fn within(prefixes: &[String]) -> String {
    let mut networks = Vec::new();
    for prefix in prefixes {
        let Some((base, bits)) = prefix.split_once('/') else {
            continue;
        };
        let (Ok(base), Ok(bits)) = (base.parse::<std::net::Ipv4Addr>(), bits.parse::<u32>()) else {
            continue;
        };
        let count = 1_u32 << 24_u32.saturating_sub(bits).min(16);
        for step in 0..count {
            let [a, b, c, _] = std::net::Ipv4Addr::from(u32::from(base).saturating_add(step << 8)).octets();
            networks.push(format!("DestIp LIKE '{a}.{b}.{c}.%'"));
        }
    }
    if networks.is_empty() {
        "false".to_owned()
    } else {
        networks.join(" OR ")
    }
}

/// Something found.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Finding {
    pub(in crate::commands) question: &'static Question,
    pub(in crate::commands) source: String,
    pub(in crate::commands) targets: Vec<String>,
    pub(in crate::commands) port: String,
    pub(in crate::commands) amount: u64,
    pub(in crate::commands) rule: String,
    /// Each rule with its group, as `RULE of GROUP`.
    pub(in crate::commands) decisions: String,
    pub(in crate::commands) first: String,
    pub(in crate::commands) last: String,
}

pub(in crate::commands) static QUESTIONS: [Question; 7] = [
    Question {
        kind: Kind::SshDenied,
        title: "SSH brute force, denied",
        amount: "denied entries",
        meaning: "one address keeps knocking on port 22 and is turned away",
        sql: "\
SELECT SrcIp, DestIp, '22', count(*), string_agg(DISTINCT AclRuleLogged, ', '),
       string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '), min(TimeGenerated), max(TimeGenerated)
FROM Flows
WHERE FlowStatus = 'Denied' AND FlowDirection = 'Inbound' AND DestPort = 22
GROUP BY SrcIp, DestIp HAVING count(*) >= 100 ORDER BY count(*) DESC, SrcIp",
    },
    Question {
        kind: Kind::SshAllowed,
        title: "SSH brute force, let through",
        amount: "sessions begun",
        meaning: "port 22 is open to the internet and one address opens session after session",
        sql: "\
SELECT SrcIp, DestIp, '22', count(*) FILTER (WHERE FlowState = 'B'),
       string_agg(DISTINCT AclRuleLogged, ', '), string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '),
       min(TimeGenerated), max(TimeGenerated)
FROM Flows
WHERE FlowStatus = 'Allowed' AND FlowDirection = 'Inbound' AND DestPort = 22
  AND SrcIpClass IN ('Internet', 'Documentation', 'Benchmarking')
GROUP BY SrcIp, DestIp HAVING count(*) FILTER (WHERE FlowState = 'B') >= 100
ORDER BY count(*) DESC, SrcIp",
    },
    Question {
        kind: Kind::PortScan,
        title: "Port scan",
        amount: "different ports",
        meaning: "one address tries every door of one machine",
        sql: "\
SELECT SrcIp, DestIp, '', count(DISTINCT DestPort), string_agg(DISTINCT AclRuleLogged, ', '),
       string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '), min(TimeGenerated), max(TimeGenerated)
FROM Flows
WHERE FlowStatus = 'Denied' AND FlowDirection = 'Inbound'
GROUP BY SrcIp, DestIp HAVING count(DISTINCT DestPort) >= 100 ORDER BY count(*) DESC, SrcIp",
    },
    Question {
        kind: Kind::HostScan,
        title: "Scan for one service",
        amount: "machines tried",
        meaning: "one address tries the same door of many machines",
        sql: "\
SELECT SrcIp, string_agg(DISTINCT DestIp, ' '), arrow_cast(DestPort, 'Utf8'), count(DISTINCT DestIp),
       string_agg(DISTINCT AclRuleLogged, ', '), string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '),
       min(TimeGenerated), max(TimeGenerated)
FROM Flows
WHERE FlowStatus = 'Denied' AND FlowDirection = 'Inbound' AND DestPort IN (22, 3389, 5985)
  AND SrcIpClass IN ('Internet', 'Documentation', 'Benchmarking')
GROUP BY SrcIp, DestPort, date_trunc('hour', TimeGenerated)
HAVING count(DISTINCT DestIp) >= 3 AND max(TimeGenerated) - min(TimeGenerated) < INTERVAL '10 minutes'
ORDER BY count(*) DESC, SrcIp",
    },
    Question {
        kind: Kind::Exfiltration,
        title: "Exfiltration",
        amount: "bytes sent",
        meaning: "one machine sends far more to one place than anybody else, and it is not Azure Storage",
        sql: "\
WITH Sent AS (
  SELECT SrcIp, DestIp, DestPort, sum(BytesSrcToDest) AS Bytes,
         string_agg(DISTINCT AclRuleLogged, ', ') AS Rules, string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', ') AS Decisions,
         min(TimeGenerated) AS First, max(TimeGenerated) AS Last
  FROM Flows
  WHERE FlowDirection = 'Outbound' AND FlowStatus = 'Allowed' AND DestIpClass IN ('Internet', 'Documentation', 'Benchmarking')
    AND NOT ({storage})
  GROUP BY SrcIp, DestIp, DestPort),
Senders AS (SELECT DestIp, count(DISTINCT SrcIp) AS Machines FROM Sent GROUP BY DestIp)
SELECT SrcIp, Sent.DestIp, arrow_cast(DestPort, 'Utf8'), Bytes, Rules, Decisions, First, Last
FROM Sent JOIN Senders ON Sent.DestIp = Senders.DestIp
WHERE Bytes >= 10000000000 AND Machines = 1 ORDER BY Bytes DESC, SrcIp",
    },
    Question {
        kind: Kind::Beacon,
        title: "Beacon",
        amount: "calls",
        meaning: "one machine calls one place as regularly as a clock",
        sql: "\
WITH Gaps AS (
  SELECT SrcIp, DestIp, DestPort, AclRuleLogged, AclGroup, TimeGenerated,
         arrow_cast(TimeGenerated, 'Int64') - lag(arrow_cast(TimeGenerated, 'Int64'))
           OVER (PARTITION BY SrcIp, DestIp, DestPort ORDER BY TimeGenerated) AS Gap
  FROM Flows
  WHERE FlowDirection = 'Outbound' AND FlowState = 'B' AND DestIpClass IN ('Internet', 'Documentation', 'Benchmarking'))
SELECT SrcIp, DestIp, arrow_cast(DestPort, 'Utf8'), count(*), string_agg(DISTINCT AclRuleLogged, ', '),
       string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '), min(TimeGenerated), max(TimeGenerated)
FROM Gaps
GROUP BY SrcIp, DestIp, DestPort
HAVING count(*) >= 20 AND stddev(Gap) < 0.1 * avg(Gap) ORDER BY count(*) DESC, SrcIp",
    },
    Question {
        kind: Kind::DatabaseDenied,
        title: "A machine cannot reach the database",
        amount: "denied entries",
        meaning: "somebody inside keeps trying a database port and a rule says no",
        sql: "\
SELECT SrcIp, DestIp, arrow_cast(DestPort, 'Utf8'), count(*), string_agg(DISTINCT AclRuleLogged, ', '),
       string_agg(DISTINCT concat(AclRuleLogged, ' of ', AclGroup), ', '), min(TimeGenerated), max(TimeGenerated)
FROM Flows
WHERE FlowStatus = 'Denied' AND DestPort IN (1433, 3306, 5432) AND SrcIpClass = 'Private'
  AND DestIpClass = 'Private'
GROUP BY SrcIp, DestIp, DestPort HAVING count(*) >= 10 ORDER BY count(*) DESC, SrcIp",
    },
];

/// Asks every question.
pub(in crate::commands) async fn all(asking: &Asking<'_>, storage: &str) -> anyhow::Result<Vec<Finding>> {
    let mut found = Vec::new();
    for question in &QUESTIONS {
        for row in asking.rows(&question.sql(storage)).await? {
            let [source, targets, port, amount, rule, decisions, first, last] = row.as_slice() else {
                return Err(
                    Failure::bug(format!("the query for `{}` has other columns", question.title)).into(),
                );
            };
            let mut targets: Vec<String> = targets.split(' ').map(str::to_owned).collect();
            targets.sort();
            found.push(Finding {
                question,
                source: source.clone(),
                targets,
                port: port.clone(),
                amount: amount.parse().unwrap_or(0),
                rule: rule.clone(),
                decisions: decisions.clone(),
                first: first.clone(),
                last: last.clone(),
            });
        }
    }
    Ok(found)
}
