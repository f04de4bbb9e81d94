//! KQL over the table: what is answered, how much of the files is read for it, and that plans answer as the evaluator in
//! memory does on the same rows.

use std::sync::OnceLock;

use engine::{Counters, KqlFailure};
use kql::Severity;
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use kqlfn::wire::write_cell;

use super::fixture::{DAY, NOW, block_on, check_counted, context, engine};
use super::pipelines::Chance;

fn asked(query: &str) -> Result<(Table, Counters), KqlFailure> {
    block_on(async {
        let engine = engine().await;
        let (answers, explain) = engine.kql(&context(), query, Vec::new()).await?;
        let first = answers.into_iter().next().unwrap();
        Ok((first.rows, explain.counters()))
    })
}

fn text(table: &Table) -> Vec<String> {
    let rows = (0..table.rows).map(|row| {
        let mut text = String::new();
        for (at, cell) in table.row(row).into_iter().enumerate() {
            text.push_str(if at > 0 { " " } else { "" });
            write_cell(cell, &mut text);
        }
        text
    });
    rows.collect()
}

#[track_caller]
fn check(query: &str, expected: &[&str]) -> Counters {
    match asked(query) {
        Ok((table, counters)) => {
            assert_eq!(text(&table), expected, "{query}");
            counters
        }
        Err(failure) => panic!("{query}: {failure:?}"),
    }
}

/// All flows, as the engine gives them.
fn flows() -> &'static Table {
    static FLOWS: OnceLock<Table> = OnceLock::new();
    FLOWS.get_or_init(|| asked("Flows").unwrap().0)
}

struct InMemory;

impl Tables for InMemory {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        match name {
            "Flows" => Ok(flows().clone()),
            _ => Err(Failure::new("there is no such table")),
        }
    }
}

/// Both give the same rows: in the same order if the query ends in one, in any order otherwise.
#[track_caller]
fn same_as_in_memory(query: &str, is_ordered: bool) {
    match compared(query, is_ordered) {
        Compared::Same(0) => panic!("{query} has no rows, which tells little"),
        Compared::Same(_) => {}
        Compared::Refused(message) | Compared::Differs(message) => panic!("{query}: {message}"),
    }
}

/// What a comparison of a plan with the evaluator found.
enum Compared {
    /// So many rows.
    Same(usize),
    /// It is no query.
    Refused(String),
    Differs(String),
}

fn compared(query: &str, is_ordered: bool) -> Compared {
    let (parsed, mut diagnostics) = kql::parse(query);
    let evaluator = Evaluator::new(&InMemory, 1);
    let tables = vec![("Flows".to_owned(), flows().schema.clone())];
    let names = Names::new(tables, NOW * 10 + kql::values::UNIX_EPOCH_TICKS, &evaluator);
    let (bound, more) = kql::bind(&parsed, query, &names, &[]);
    diagnostics.extend(more);
    diagnostics.retain(|held| held.severity == Severity::Error);
    if !diagnostics.is_empty() {
        return Compared::Refused(format!("{diagnostics:?}"));
    }
    let (expected, got) = match (evaluator.answers(&bound), asked(query)) {
        (Ok(answers), Ok((table, _))) => (answers, table),
        (Err(_), Err(KqlFailure::Query { .. })) => return Compared::Same(0),
        (expected, got) => {
            let (expected, got) = (expected.err(), got.err());
            return Compared::Differs(format!("memory failed with {expected:?}, the plan with {got:?}"));
        }
    };
    if got.schema != bound.answers[0].rows.columns() {
        return Compared::Differs(format!("it has columns {:?}", got.schema));
    }
    let (mut expected, mut got) = (text(&expected[0]), text(&got));
    if !is_ordered {
        expected.sort();
        got.sort();
    }
    let mut pairs = got.iter().zip(&expected).enumerate();
    match pairs.find(|(_, (got, expected))| got != expected) {
        Some((at, (got, expected))) => Compared::Differs(format!("row {at} is {got}, in memory {expected}")),
        None if got.len() != expected.len() => {
            Compared::Differs(format!("{} rows, in memory {}", got.len(), expected.len()))
        }
        None => Compared::Same(got.len()),
    }
}

/// Chains of steps made by chance; `FLOWGLASS_PIPELINES=5000` makes more of them, `FLOWGLASS_SEED` others.
#[test]
fn plans_of_queries_made_by_chance_answer_as_the_evaluator_does() {
    let number = |name: &str, usual: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => usual,
    };
    let (count, first) = (number("FLOWGLASS_PIPELINES", 100), number("FLOWGLASS_SEED", 0));
    let (mut refused, mut with_rows, mut different) = (0, 0, Vec::new());
    for seed in first..first + count {
        let query = Chance::new(seed).query();
        match compared(&query, false) {
            Compared::Same(0) => {}
            Compared::Same(_) => with_rows += 1,
            Compared::Refused(message) => {
                refused += 1;
                println!("{seed}: {query}\n    refused: {message}");
            }
            Compared::Differs(message) => different.push(format!("{seed}: {query}\n    {message}")),
        }
    }
    println!("{count} queries, {with_rows} with rows, {refused} refused");
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
    assert!(refused * 20 <= count, "{refused} of {count} are no queries");
    assert!(with_rows * 3 >= count, "only {with_rows} of {count} have rows");
}

#[test]
fn counts_and_sums() {
    check("Flows | count", &["2400"]);
    check("Flows | where FlowStatus == 'Denied' | count", &["240"]);
    check(
        "Flows | summarize n = count(), b = sum(BytesSrcToDest) by FlowStatus | order by FlowStatus asc",
        &["\"Allowed\" 2160 645840", "\"Denied\" 240 0"],
    );
    check(
        "Flows | where false | summarize count(), avg(DestPort), max(DestPort)",
        &["0 \"NaN\" null"],
    );
}

/// Queries whose plans are compared with the evaluator.
const QUERIES: &[&str] = &[
    "Flows | where SrcIp has '10.1' and DestPort in (22, 443) | project SrcIp, DestPort, TimeGenerated",
    "Flows | where isempty(AclGroup) or BytesSrcToDest > 450 | project AclRule, BytesSrcToDest",
    "Flows | where BytesSrcToDest != 110 | count",
    "Flows | where AclGroup == '' and AclGroup != 'x' | count",
    "Flows | where SrcIp !in ('10.0.0.7', '10.0.0.14') | summarize count() by SrcIp",
    "Flows | where DestPort between (22 .. 443) and TimeGenerated between (datetime(2024-01-02) .. 6h) | count",
    "Flows | where SrcIp in~ ((Flows | where FlowStatus == 'Denied' | distinct SrcIp)) | count",
    "Flows | where toscalar(Flows | summarize max(SrcPort)) == SrcPort | project SrcIp, SrcPort",
    "Flows | extend kb = BytesSrcToDest / 1024.0, hour = bin(TimeGenerated, 1h) | summarize sum(kb), count() by hour",
    "Flows | distinct SrcIp, DestPort",
    "Flows | summarize dcount(SrcIp), dcountif(SrcIp, FlowStatus == 'Denied'), countif(DestPort == 22) by L4Protocol",
    "Flows | summarize s = stdev(SrcPort), v = variancep(SrcPort), a = avgif(SrcPort, DestPort == 22), m = minif(SrcPort, FlowStatus == 'Denied') by day = startofday(TimeGenerated) | project day, round(s, 6), round(v, 6), a, m",
    "Flows | summarize arg_max(TimeGenerated, SrcIp, DestPort) by FlowDirection",
    "Flows | summarize arg_min(TimeGenerated, *) by L4Protocol, FlowStatus",
    "Flows | summarize percentile(SrcPort, 95), percentiles(BytesSrcToDest, 5, 50, 99) by DestPort",
    "Flows | summarize percentile(SrcPort, 50)",
    "Flows | where false | summarize percentile(SrcPort, 50), dcount(SrcIp)",
    "Flows | summarize dcount(SrcPort), dcount(TimeGenerated), dcount(isnull(BytesSrcToDest)), dcount(BytesSrcToDest), dcount(AclRule) by SrcIp, DestPort",
    "Flows | summarize percentiles(todouble(SrcPort) / 7, 10, 90.5), percentile(TimeGenerated, 25), percentile(TimeGenerated - datetime(2024-01-01), 75) by SrcIp",
    "Flows | summarize s = make_set(DestPort), l = make_list(L4Protocol, 1) by SrcIp | project SrcIp, array_sort_asc(s), array_length(l)",
    "Flows | summarize n = count() by SrcIp, DestIp | summarize max(n), make_bag(bag_pack(SrcIp, n)) by DestIp | project DestIp, max_n, array_length(bag_keys(bag_))",
    "Flows | summarize take_any(FlowStatus), binary_all_or(DestPort) by FlowStatus",
    "Flows | join kind=inner (Flows | summarize total = count() by SrcIp) on SrcIp | summarize count(), max(total) by DestPort",
    "Flows | summarize a = count() by SrcIp | join kind=leftouter (Flows | where FlowStatus == 'Denied' | summarize d = count(), r = max(AclRule) by SrcIp) on SrcIp",
    "Flows | summarize a = count() by SrcIp | join kind=fullouter (datatable(SrcIp: string, name: string)['10.0.0.7', 'a', '192.0.2.1', 'b']) on SrcIp",
    "datatable(ip: string, name: string)['10.0.0.7', 'a', '192.0.2.1', 'b'] | join kind=rightanti (Flows | distinct SrcIp) on $left.ip == $right.SrcIp",
    "datatable(ip: string, name: string)['10.0.0.7', 'a', '192.0.2.1', 'b'] | join kind=leftanti (Flows) on $left.ip == $right.SrcIp",
    "Flows | distinct SrcIp, L4Protocol | join kind=innerunique (Flows | distinct SrcIp) on SrcIp | project SrcIp",
    "Flows | where DestPort == 22 | join kind=leftsemi (Flows | where FlowStatus == 'Denied' | project SrcIp) on SrcIp | count",
    "Flows | lookup (datatable(DestPort: int, service: string)[22, 'ssh', 443, 'https']) on DestPort | summarize count() by service",
    "Flows | where BytesSrcToDest < 104 | project a = BytesSrcToDest | join kind=inner (Flows | where isnull(BytesSrcToDest) | take 3 | project a = BytesSrcToDest) on a | count",
    "union (Flows | where DestPort == 22 | project SrcIp, p = DestPort), (Flows | where DestPort == 53 | project SrcIp, q = L4Protocol)",
    "union withsource=t Flows, (Flows | project x = 1) | summarize count() by t, isnull(x)",
    "let f = Flows | where FlowStatus == 'Denied'; union (f | summarize n = count() by SrcIp), (f | summarize n = count() by SrcIp = DestIp)",
    "let denied = materialize(Flows | where FlowStatus == 'Denied' | summarize n = count() by SrcIp); denied | join kind=inner denied on SrcIp | project SrcIp, n, n1",
    "Flows | where DestPort == 53 | mv-expand octet = split(SrcIp, '.') | summarize count() by tostring(octet)",
    "Flows | where DestPort == 53 | mv-expand with_itemindex = at a = split(SrcIp, '.') to typeof(long), b = pack_array(1, 'x', dynamic(null)), c = bag_pack('p', DestPort) | project SrcIp, a, b, c, at",
    "Flows | extend p = bag_pack('src', SrcPort, 'dst', DestPort) | mv-expand p | project tostring(p), SrcIp | summarize count() by p",
    "Flows | extend p = bag_pack('src', SrcPort, 'dst', DestPort) | mv-expand kind=array p to typeof(string) limit 1 | summarize count() by p",
    "Flows | mv-expand p = iff(DestPort == 22, dynamic([]), iff(DestPort == 53, dynamic(null), dynamic(['a', 'b']))) | summarize count() by tostring(p), DestPort",
    "Flows | summarize s = make_set(SrcIp) by DestPort | mv-expand s to typeof(string) | join kind=inner (Flows | summarize n = count() by SrcIp) on $left.s == $right.SrcIp | summarize sum(n) by DestPort",
    "Flows | mv-expand x = range(TimeGenerated, TimeGenerated + 2h, 1h) to typeof(datetime) | where x > datetime(2024-01-02) | summarize count() by bin(x, 6h)",
    "Flows | parse SrcIp with * '.0.' tail: int | summarize count(), max(tail) by DestPort",
    "Flows | make-series n = count() default = 0 on TimeGenerated from datetime(2024-01-01) to datetime(2024-01-04) step 6h by FlowStatus",
    "Flows | parse-where SrcIp with a: int '.' b: int '.' rest | where b > 1 | summarize count(), min(rest) by a, b",
    "Flows | parse-where strcat(SrcIp, iff(DestPort == 22, 'x', '')) with * '.0.' tail: long | summarize count(), sum(tail) by DestPort",
    "Flows | parse kind=relaxed strcat(SrcIp, iff(DestPort == 22, 'x', '')) with a: int '.' * '.0.' tail: int | summarize count(), sum(tail) by DestPort, a",
    "Flows | parse kind=regex flags=U SrcIp with '1.' middle '[.]' tail | summarize count(), max(tail) by middle",
    "Flows | parse SrcIp with SrcPort: int '.' DestPort: long '.' AclRule | summarize count(), max(AclRule) by SrcPort, DestPort",
    "Flows | extend t = strcat('port=', DestPort, '; from=', SrcIp) | parse-kv t as (port: int, from: string, other: long, absent: string) with (pair_delimiter = ';', kv_delimiter = '=') | summarize count() by port, isempty(from), isnull(other), absent",
    "Flows | parse-kv strcat(SrcIp, '<', DestPort, '>') as (['10.0.0.1']: int) with (regex = '([0-9.]+)<([0-9]+)>') | summarize count() by column_ifexists('10.0.0.1', 0)",
    "Flows | make-series n = count(), b = sum(BytesSrcToDest) default = -1, p = dcount(DestPort) on TimeGenerated step 7h by FlowStatus, L4Protocol",
    "Flows | make-series m = 2 * max(SrcPort), a = avg(BytesSrcToDest) default = real(null), one = 1 on TimeGenerated from datetime(2024-01-01 03:00) to datetime(2024-01-02) step 5h",
    "Flows | make-series n = count() on DestPort = tolong(DestPort) from 20 to 60 step 7 by FlowStatus",
    "Flows | make-series n = count(), (low, high) = percentiles(SrcPort, 5, 95) on p = todouble(DestPort) / 10 from 0.1 step 0.7 by FlowStatus",
    "Flows | where DestPort == 1 | make-series kind=nonempty n = count() on TimeGenerated from datetime(2024-01-01) to datetime(2024-01-04) step 1d",
    "Flows | make-series n = count() on TimeGenerated in range(datetime(2024-01-01 03:00), datetime(2024-01-02), 5h) by FlowStatus | mv-expand n to typeof(long), TimeGenerated to typeof(datetime) | summarize sum(n), min(TimeGenerated), max(TimeGenerated) by FlowStatus",
    "Flows | summarize n = count() by SrcIp | where n > 20 | count",
    "Flows | project b = todouble(BytesSrcToDest) | summarize sum(b), avg(b), count() by isnull(b)",
    "Flows | extend long_port = tolong(DestPort) | join kind=inner (Flows | summarize by p = DestPort) on $left.long_port == $right.p | count",
    "Flows | where ipv4_is_in_range(SrcIp, '10.1.0.0/28') | summarize count() by SrcIp",
    "Flows | top 0 by SrcIp | count",
    "Flows | sort by SrcIp asc | take 5 | take 0 | summarize count()",
    "Flows | sample 0 | count",
    "Flows | search 'Denied' | search kind=case_sensitive 'Denied' | summarize count() by ['$table']",
    "set query_take_max_records = 3; Flows | summarize by DestPort, FlowStatus | sort by DestPort asc, FlowStatus asc",
    "Flows | mv-apply p = range(1, 2, 1) to typeof(long) on (where p == 1 and DestPort == 22 | project q = p + SrcPort) | summarize count(), max(q) by SrcIp",
    "Flows | mv-apply with_itemindex = i p = pack_array(SrcPort, DestPort, 7) to typeof(long) on (where p > 22 | summarize n = count(), m = max(p), l = make_list(i)) | project SrcIp, n, m, l",
    "Flows | mv-apply p = split(SrcIp, '.') to typeof(string) limit 3 on (extend r = strcat(p, DestPort) | top 1 by r | project-away p) | summarize count() by r, L4Protocol",
    "Flows | where DestPort == 22 | mv-apply p = dynamic([]) on (summarize n = count()) | summarize sum(n), count()",
    "Flows | project a = pack_array(1.5, real(nan), real(+inf)), SrcPort | mv-apply a to typeof(real) on (where a != real(nan) or isnan(a) | summarize s = sum(iff(isfinite(a), a, 0.0))) | summarize sum(s), max(SrcPort)",
    "Flows | sort by SrcPort asc, SrcIp asc, DestIp asc, DestPort asc, TimeGenerated asc | mv-apply p = range(1, 3, 1) to typeof(long) on (sort by p desc) | take 10 | project SrcPort, p",
    "Flows | top-nested of FlowStatus by count(), top-nested 1 of DestPort by sum(SrcPort)",
    "Flows | top-nested 2 of DestPort with others = int(-1) by count(), top-nested 1 of FlowStatus with others = 'x' by max(SrcPort)",
    "Flows | top-nested 1 of FlowStatus by n = 2 * count() asc, top-nested 3 of SrcIp with others = 'others' by sum(BytesSrcToDest), top-nested of L4Protocol by dcount(DestPort)",
    "Flows | where DestPort == 1 | top-nested 1 of SrcIp with others = '-' by count()",
    "Flows | evaluate pivot(FlowStatus, count(), DestPort) | where DestPort < 100",
    "Flows | project d = DestPort, SrcPort, L4Protocol | evaluate pivot(d, max(SrcPort)) | where L4Protocol != 'x'",
    "Flows | partition hint.strategy=native by DestPort (top 2 by SrcPort | project DestPort, SrcPort) | summarize count(), sum(SrcPort) by DestPort",
    "Flows | partition by FlowStatus (summarize n = count(), m = max(SrcPort) by L4Protocol | where n > 3 | extend k = n + m)",
    "Flows | partition by FlowStatus (where SrcPort % 2 == 0 | summarize count())",
    "Flows | where SrcIp startswith '10.' | sort by TimeGenerated asc, SrcPort asc, SrcIp asc, DestIp asc | partition by FlowStatus (extend p = prev(SrcPort), r = row_number() | where r <= 20 | project r, p, FlowStatus, L4Protocol)",
    "Flows | partition by FlowStatus (mv-expand q = range(1, 3, 1) to typeof(long) | sort by q desc, SrcPort desc | extend r = row_number() | where r < 10 | summarize sum(q), make_list(SrcPort) by r)",
    "Flows | partition by FlowStatus (partition by L4Protocol (summarize arg_max(SrcPort, DestPort), count()))",
    "Flows | partition by FlowStatus (take 3 | summarize count())",
    "let nets = datatable(net: string, name: string)['10.0.0.0/24', 'a', '10.0.0.0/28', 'b', '', 'c', '10.1.0.0/29', 'd']; Flows | evaluate ipv4_lookup(nets, SrcIp, net) | summarize count(), max(SrcPort) by name, net",
    "let nets = datatable(net: string, name: string, FlowStatus: string)['10.0.0.0/8', 'a', 'Denied', '10.0.0.0/28', 'b', 'Allowed']; Flows | evaluate ipv4_lookup(nets, strcat(SrcIp, ''), net, FlowStatus, return_unmatched = true) | summarize count() by name, FlowStatus, SrcIp",
    "let nets = datatable(net: string, SrcIp: string)['10.0.0.0/8', 'a', '10.0.0.0/28', 'b']; Flows | where DestPort == 22 | evaluate ipv6_lookup(nets, SrcIp, net) | summarize count(), min(DestPort) by SrcIp, SrcIp1, net",
    "Flows | sort by TimeGenerated asc, SrcPort asc, SrcIp asc, DestIp asc, DestPort asc | scan with_match_id = id declare (n: long, t: dynamic) with (step a output = last: DestPort == 22 => n = 1; step b: DestPort == a.DestPort + 31 and SrcPort >= a.SrcPort => n = a.n + 1, t = pack_array(n, SrcPort);) | summarize count(), max(n), max(SrcPort) by DestPort, isnull(t)",
    "Flows | sort by SrcPort asc, TimeGenerated asc, SrcIp asc, DestIp asc, DestPort asc | scan declare (total: long = 5) with (step s: true => total = s.total + DestPort;) | project total, SrcPort | top 10 by total",
    "Flows | evaluate session_count(SrcIp, TimeGenerated, datetime(2024-01-01), datetime(2024-01-03), 6h, 2h, FlowStatus)",
    "Flows | evaluate sliding_window_counts(SrcIp, TimeGenerated, datetime(2024-01-01), datetime(2024-01-03), 6h, 2h, FlowStatus)",
    "Flows | summarize count(), max(SrcPort) by half = BytesSrcToDest / 2.0, back = -0.0 * (DestPort % 2)",
    "Flows | extend r = iff(DestPort == 22, real(nan), iff(DestPort == 53, -0.0, iff(DestPort == 443, 0.0, todouble(DestPort)))) | summarize count(), dcount(SrcIp) by r, FlowStatus",
    "Flows | summarize n = count() by d = todecimal(strcat(DestPort, iff(SrcPort % 2 == 0, '.0', '.00'))) | project tolong(d), n",
    "Flows | project r = iff(DestPort == 22, real(nan), iff(DestPort == 53, -0.0, DestPort * 1.0)), SrcIp | join kind=inner (Flows | summarize n = count() by r = iff(DestPort == 22, real(nan), iff(DestPort == 53, 0.0, DestPort * 1.0))) on r | summarize count(), max(n) by SrcIp",
    "Flows | project d = todecimal(strcat(DestPort, '.50')), SrcIp | join kind=leftouter (Flows | summarize n = count() by d = todecimal(strcat(DestPort, '.5')) | where n > 3) on d | summarize count(), max(n), dcount(d) by SrcIp",
    "Flows | extend r = -0.0 * DestPort, q = iff(DestPort == 22, real(nan), 1.0) | partition by q (summarize n = count(), m = max(SrcPort) by r, DestPort)",
    "Flows | evaluate pivot(FlowStatus, count(), SrcPort) | summarize count()",
    "Flows | extend half = DestPort / 2.0 | top-nested 3 of half by count() desc, top-nested 1 of FlowStatus by max(SrcPort)",
    "Flows | sort by SrcPort asc, TimeGenerated asc, SrcIp asc, DestIp asc, DestPort asc | extend g = row_cumsum(iff(SrcIp != prev(SrcIp), 1, 0)), h = prev(prev(SrcIp)), i = prev(row_number()), j = row_cumsum(DestPort - prev(DestPort)) | summarize count(), max(i), max(j), dcount(h) by g",
    "Flows | sort by SrcPort asc, TimeGenerated asc, SrcIp asc, DestIp asc, DestPort asc | extend g = row_cumsum(DestPort - 100, SrcIp != prev(SrcIp)), h = row_cumsum(tolong(BytesSrcToDest), DestPort == 22), n = row_number(3, DestPort == 53), m = row_number(0, isnull(BytesSrcToDest)) | summarize count(), max(g), min(g), sum(h), max(n), sum(n), sum(m) by DestPort, L4Protocol",
    "Flows | partition by FlowStatus (sort by SrcPort asc, TimeGenerated asc, SrcIp asc, DestIp asc | extend w = row_cumsum(row_number(1, prev(DestPort) == 22), DestPort == 443) | extend v = prev(w)) | project SrcPort, w, v",
    "Flows | extend r = BytesSrcToDest / 3.0 | partition hint.strategy=native by SrcIp (sort by r asc, SrcPort asc, TimeGenerated asc | extend p = prev(DestIp)) | project SrcPort, p",
    "Flows | partition by FlowStatus (sort by tolower(AclRule) asc, SrcPort asc, TimeGenerated asc | extend w = row_cumsum(SrcPort) | extend v = prev(w) | take 5) | project SrcPort, w, v",
    "Flows | as all_flows | summarize sum(SrcPort) by DestPort | union (print sum_SrcPort = 1, DestPort = int(1))",
];

#[test]
fn plans_answer_as_the_evaluator_does() {
    for query in QUERIES {
        same_as_in_memory(query, false);
    }
}

#[test]
fn a_sample_is_of_all_rows() {
    let hours = |query: &str| asked(query).unwrap().0.rows;
    assert_eq!(hours("Flows | sample 50"), 50);
    assert_eq!(hours("Flows | where DestPort == 53 | sample 5000"), 600);
    // The first fifty are of one hour.
    assert_eq!(hours("Flows | take 50 | summarize by bin(TimeGenerated, 1h)"), 1);
    assert!(hours("Flows | sample 50 | summarize by bin(TimeGenerated, 1h)") > 10);
}

/// Texts that are nearly queries are answered or refused, and break nothing; `FLOWGLASS_MUTATED=20000` asks more of them.
#[test]
fn nearly_queries_break_nothing() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (count, first) = (number("FLOWGLASS_MUTATED", 150), number("FLOWGLASS_SEED", 0));
    // Words, and what stands between them.
    let words = |query: &'static str| -> Vec<&'static str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut words = Vec::new();
        let mut rest = query;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            words.push(word);
            rest = behind;
        }
        words
    };
    let (mut answered, mut refused) = (0, 0);
    for seed in first..first + count {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |most: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % most.max(1) as u64) as usize
        };
        // Columns, numbers and words each.
        let kind = |word: &str| match word.as_bytes() {
            [b'A'..=b'Z', ..] => 1,
            [b'0'..=b'9', ..] => 2,
            [b'a'..=b'z', ..] => 3,
            _ => 0,
        };
        let mut query = words(QUERIES[below(QUERIES.len())]);
        for _ in 0..=below(3) / 2 {
            let (at, other) = (below(query.len()), words(QUERIES[below(QUERIES.len())]));
            let mut same = other.clone();
            same.retain(|word| kind(word) == kind(query[at]));
            match below(8) {
                0 => drop(query.remove(at)),
                1 => query.insert(at, query[at]),
                2 => query.insert(at, other[below(other.len())]),
                _ if same.is_empty() => {}
                _ => query[at] = same[below(same.len())],
            }
        }
        let query = query.concat();
        match asked(&query) {
            Ok(_) => answered += 1,
            Err(KqlFailure::Run { error, .. }) if format!("{error:?}").contains("report this") => {
                panic!("{seed}: {query}: {error}")
            }
            Err(_) => refused += 1,
        }
    }
    println!("{answered} answered, {refused} refused");
    assert!(
        answered * 10 > count && refused * 10 > count,
        "{answered} answered, {refused} refused"
    );
}

/// What is parsed is parsed once, however often it is named behind.
#[test]
fn what_is_parsed_is_not_parsed_again() {
    let mut query = "Flows | take 10 | project rest = strcat(SrcIp, '.', DestIp, '.', SrcIp)".to_owned();
    for at in 1..=10 {
        query.push_str(&format!(" | parse rest with x{at} '.' rest | where x{at} != 'q'"));
    }
    query.push_str(" | where x1 != 'q' and x2 != 'p' and x3 != 'q' | count");
    assert_eq!(text(&asked(&query).unwrap().0), ["10"]);
}

/// A column that names the one before twice, and so on: a condition on the last has not a million parts.
#[test]
fn names_of_columns_do_not_multiply() {
    let twenty =
        |first: &str, step: &str| format!("{first}{} | where a != 'q' and a != 'p' | count", step.repeat(20));
    for query in [
        twenty(
            "Flows | take 10 | extend a = SrcIp",
            " | extend a = iff(a != '1', a, strcat(a, ''))",
        ),
        twenty(
            "Flows | take 10 | project a = strcat('/', SrcIp, '/', DestIp)",
            " | parse a with '/' x '/' y | extend a = strcat('/', y, '/', x)",
        ),
    ] {
        assert_eq!(text(&asked(&query).unwrap().0), ["10"], "{query}");
    }
}

#[test]
fn no_rows_of_an_order_are_no_rows() {
    for query in [
        "Flows | sort by SrcIp asc | take 0",
        "Flows | sort by SrcIp asc | take -5",
        "Flows | top 0 by SrcIp",
        "Flows | sort by SrcIp asc | consume",
        "Flows | sort by SrcIp asc | extend n = row_number() | take 0 | extend m = n + 1",
        "Flows | top-hitters 0 of SrcIp",
        "Flows | sample 0",
    ] {
        assert_eq!(asked(query).unwrap().0.rows, 0, "{query}");
    }
}

/// A name for one row is computed once, however often it stands.
#[test]
fn a_single_row_is_made_once() {
    let one = "Flows | where SrcPort > 12 | summarize a = max(SrcPort), b = min(SrcPort) | extend c = a - b";
    let once = asked(one).unwrap().1;
    let query = format!("let t = {one}; union (t | project a), (t | project a = b), (t | project a = c)");
    let (table, thrice) = asked(&query).unwrap();
    assert_eq!(table.rows, 3);
    assert_eq!(thrice.files_total, once.files_total);
    same_as_in_memory(&query, false);
}

/// A name that stands for rows, used twice by the next, and so on: the table is not read a thousand times.
#[test]
fn names_of_names_do_not_multiply() {
    let mut query = "let f0 = Flows | where DestPort == 22 | project SrcPort; ".to_owned();
    for at in 1..=12 {
        query.push_str(&format!("let f{at} = union f{0}, f{0}; ", at - 1));
    }
    query.push_str("f12 | count");
    let (table, counters) = asked(&query).unwrap();
    assert_eq!(text(&table), [(600 << 12).to_string()]);
    assert!(counters.files_total < 6 * 1000, "{counters:?}");
}

#[test]
fn order_is_kept_to_the_end() {
    for query in [
        "Flows | sort by SrcPort asc, TimeGenerated desc | where DestPort == 22 | project SrcPort, TimeGenerated",
        "Flows | sort by TimeGenerated asc, SrcIp asc | project SrcIp, n = SrcPort | extend n = n + 1",
        "Flows | sort by TimeGenerated asc | where DestPort == 22 | take 7 | project SrcIp, TimeGenerated",
        "Flows | summarize n = count() by SrcIp | top 5 by SrcIp desc | project n, SrcIp",
        "Flows | sort by TimeGenerated asc | extend before = prev(TimeGenerated), after = next(SrcIp, 2, 'none'), n = row_number() | where n % 100 < 3 | project n, before, after, TimeGenerated - before",
        "Flows | sort by SrcIp asc, TimeGenerated asc | extend gap = iff(prev(SrcIp) == SrcIp, TimeGenerated - prev(TimeGenerated), timespan(null)) | summarize count(), max(gap) by SrcIp | sort by SrcIp asc",
        "Flows | sort by TimeGenerated asc | serialize s = row_cumsum(SrcPort) | where s > 96400000 | project s",
        "Flows | project r = iff(DestPort == 22, real(nan), iff(DestPort == 53, real(null), todouble(SrcPort))), TimeGenerated | sort by r desc, TimeGenerated asc",
        "Flows | project r = iff(DestPort == 22, real(nan), iff(DestPort == 53, real(null), todouble(SrcPort))), TimeGenerated | sort by r asc nulls last, TimeGenerated asc | take 1900",
        "union Flows, (Flows | summarize u = count() by SrcIp) | project SrcIp, TimeGenerated, SrcPort, u | sort by SrcIp asc, u desc, TimeGenerated asc | extend n = row_number()",
        "Flows | sort by TimeGenerated asc, SrcIp asc | mv-expand a = split(SrcIp, '.') | project TimeGenerated, a | extend before = prev(tostring(a))",
        "Flows | sort by TimeGenerated asc, SrcIp asc | parse SrcIp with * '.0.' tail: int | where DestPort == 22 | extend before = prev(tail) | project TimeGenerated, tail, before",
        "Flows | sort by TimeGenerated asc, SrcIp asc | parse-where SrcIp with * '.0.' TimeGenerated: int | take 100 | project SrcIp, TimeGenerated",
        "Flows | sort by SrcPort desc, TimeGenerated asc | summarize make_list(SrcPort), make_list_if(DestIp, SrcPort % 2 == 0, 3), make_set(SrcIp, 4), take_any(TimeGenerated) by DestPort, FlowStatus | sort by DestPort asc, FlowStatus asc",
        "Flows | sort by SrcIp asc, TimeGenerated desc | summarize make_list(TimeGenerated, 5), make_bag(bag_pack(SrcIp, SrcPort)) | project-rename a = list_TimeGenerated",
        "Flows | project r = iff(DestPort == 22, real(nan), iff(DestPort == 53, real(null), todouble(SrcPort))), TimeGenerated, SrcIp | sort by r desc, TimeGenerated asc, SrcIp asc | take 2000 | summarize make_list(r), make_list_with_nulls(TimeGenerated)",
        "Flows | sort by SrcPort asc, TimeGenerated asc | make-series l = make_list(SrcPort) on TimeGenerated step 12h by FlowStatus | sort by FlowStatus asc",
        "Flows | sort by TimeGenerated asc, SrcIp asc | extend a = prev(strcat(SrcIp, 'a')), b = prev(strcat(SrcIp, 'b')), c = next(strcat(SrcIp, 'b'))",
        "Flows | summarize n = count() by bin(TimeGenerated, 1h) | sort by TimeGenerated asc | extend change = n - prev(n, 1, 0) | extend twice = prev(change) * 2",
    ] {
        same_as_in_memory(query, true);
    }
}

#[test]
fn conditions_reach_the_files() {
    let counters = check(
        "Flows | where TimeGenerated > ago(1h) and SrcIp == '10.2.0.14' | count",
        &["10"],
    );
    assert_eq!(
        (counters.files_total, counters.files_after_days),
        (6, 2),
        "{counters:?}"
    );
    let needle = "Flows | where SrcIp == '198.51.100.7' | project TimeGenerated, DestPort";
    let counters = check(needle, &["\"2024-01-02T04:10:00Z\" 22"]);
    assert_eq!(counters.files_after_statistics, 1, "{counters:?}");
    assert_eq!(counters.row_groups_total, 4, "{counters:?}");
    let by_sql = check_counted(
        "SELECT DestPort FROM Flows WHERE SrcIp = '198.51.100.7'",
        "DestPort\n22",
    );
    assert_eq!(counters.rows_read, by_sql.rows_read);
    // The same with the column made otherwise is the same answer, and reads more.
    let more = check(
        "Flows | where strcat(SrcIp, '') == '198.51.100.7' | project TimeGenerated, DestPort",
        &["\"2024-01-02T04:10:00Z\" 22"],
    );
    assert!(more.rows_read > counters.rows_read);
    // Behind a let, in lists of every kind, and in any case where there are no letters.
    for listed in [
        "let f = Flows | where SrcIp in ('198.51.100.7'); f | count",
        "let wanted = dynamic(['198.51.100.7']); Flows | where SrcIp in (wanted) | count",
        "let wanted = datatable(ip: string)['198.51.100.7']; Flows | where SrcIp in (wanted) | count",
        "Flows | where SrcIp in~ ('198.51.100.7', '198.51.100.7') | count",
        "Flows | where SrcIp =~ '198.51.100.7' | count",
        "Flows | where SrcIp startswith '198.51.' | count",
    ] {
        let counters = check(listed, &["1"]);
        assert_eq!(counters.files_after_statistics, 1, "{listed}");
        same_as_in_memory(listed, true);
    }
    // The counters of a query are those of all of its plans.
    let twice = asked("let n = toscalar(Flows | summarize max(strlen(SrcIp))); Flows | where SrcPort > n | summarize max(strlen(DestIp))").unwrap().1;
    let once = asked("Flows | where SrcPort > 12 | summarize max(strlen(DestIp))")
        .unwrap()
        .1;
    assert_eq!(twice.files_total, 2 * once.files_total);
    assert!(twice.rows_read > once.rows_read, "{twice:?} {once:?}");
    let day = "Flows | where TimeGenerated between (datetime(2024-01-02 01:00) .. 1h) | count";
    let counters = check(day, &["61"]);
    assert_eq!(
        (counters.files_after_days, counters.files_after_statistics),
        (2, 1),
        "{counters:?}"
    );
    assert_eq!(DAY, 86_400_000_000);
}

/// Conditions on what was made of the time pass over files like those on the time itself.
#[test]
fn conditions_behind_groups_reach_the_files() {
    let (all, direct) = (
        asked("Flows | count").unwrap().1,
        asked("Flows | where TimeGenerated >= datetime(2024-01-03) | count")
            .unwrap()
            .1,
    );
    assert!(direct.files_after_statistics * 2 < all.files_total, "{direct:?}");
    for query in [
        "Flows | summarize n = count() by h = bin(TimeGenerated, 1h) | where h >= datetime(2024-01-03) | summarize sum(n)",
        "Flows | extend ends = bin(TimeGenerated, 1h) + 1h | where ends > datetime(2024-01-03) | count",
        "Flows | summarize n = count() by h = 1h + bin(TimeGenerated - 30m, 1h) | where h > datetime(2024-01-03 01:10:07) | summarize sum(n)",
        "Flows | summarize n = count() by d = bin(TimeGenerated, 1d) | where d == datetime(2024-01-03) | project n",
        "Flows | where TimeGenerated >= datetime(2024-01-03 00:00:00.0000003) | count",
    ] {
        let read = asked(query).unwrap().1.files_after_statistics;
        assert!(
            read <= direct.files_after_statistics,
            "{query}: {read} files, {}",
            direct.files_after_statistics
        );
        same_as_in_memory(query, true);
    }
}

/// What runs in memory gets the columns that it looks at, and no others.
#[test]
fn columns_that_nobody_looks_at_are_not_read() {
    let scanned = |query: &str| asked(query).unwrap().1.bytes_scanned;
    let all = scanned("Flows");
    for query in [
        "Flows | mv-expand octet = split(SrcIp, '.') | summarize count() by tostring(octet)",
        "Flows | make-series n = count() on TimeGenerated from datetime(2024-01-01) to datetime(2024-01-04) step 6h by FlowStatus",
        "Flows | top-nested of FlowStatus by count()",
        "Flows | evaluate pivot(FlowStatus, count(), DestPort)",
        "Flows | sort by TimeGenerated asc | scan declare (n: long) with (step s: DestPort == 22 => n = s.n + 1;) | summarize max(n)",
        "Flows | evaluate sliding_window_counts(SrcIp, TimeGenerated, datetime(2024-01-01), datetime(2024-01-03), 6h, 2h)",
        "Flows | evaluate ipv4_lookup((print net = '10.0.0.0/28'), SrcIp, net) | summarize count() by net, SrcIp",
        "Flows | partition by FlowStatus (top 2 by SrcPort) | project SrcPort",
        "Flows | mv-apply p = range(1, 2, 1) to typeof(long) on (where p == 1 | project p) | summarize count() by SrcIp",
        "Flows | parse SrcIp with '10.' tail | project tail",
        "Flows | extend ports = pack_array(DestPort, SrcPort) | mv-expand ports to typeof(long) | summarize max(ports)",
    ] {
        let some = scanned(query);
        assert!(some > 0 && some * 3 < all, "{query}: {some} bytes of {all}");
    }
    assert_eq!(scanned("Flows | mv-expand octet = split(SrcIp, '.')"), all);
    assert_eq!(
        scanned("Flows | parse SrcIp with '10.' tail | where DestPort == 22 | project tail"),
        scanned("Flows | where DestPort == 22 | project SrcIp"),
    );
    assert_eq!(
        scanned("Flows | mv-expand octet = split(SrcIp, '.') | extend p = pack_all()"),
        all
    );
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let place = |query: &str| match asked(query) {
        Err(KqlFailure::Query {
            code, line, column, ..
        }) => (code, line, column),
        other => panic!("{query}: {other:?}"),
    };
    assert_eq!(place("Flows\n| where NoSuch == 1"), ("SEM0100", 2, 9));
    assert_eq!(place("Flows | wher x"), ("SYN0002", 1, 9));
    assert_eq!(place("NoSuch | take 1").0, "SEM0100");
}
