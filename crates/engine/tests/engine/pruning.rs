//! What a query reads: files by day and by the log's statistics, row groups by theirs and by blooms.

use super::fixture::{
    FIRST_DAY, Layout, block_on, check_counted, context, engine_of, file, flow_files, rows, run, snapshot,
};
use engine::Counters;
use model::columns::FLOWS;

#[track_caller]
fn files(counters: Counters, total: u64, after_days: u64, after_statistics: u64) {
    let got = (
        counters.files_total,
        counters.files_after_days,
        counters.files_after_statistics,
    );
    assert_eq!(got, (total, after_days, after_statistics), "{counters:?}");
}

#[test]
fn without_a_condition_every_file_is_read() {
    let counters = check_counted("SELECT sum(SrcPort) AS s FROM Flows", "s\n96478800");
    files(counters, 6, 6, 6);
    assert_eq!(
        (counters.row_groups_total, counters.row_groups_pruned_statistics),
        (24, 0)
    );
    assert_eq!((counters.rows_read, counters.rows_matched), (2400, 2400));
    assert!(counters.bytes_scanned > 0);
}

#[test]
fn a_day_reads_only_its_files() {
    let counters = check_counted(
        "SELECT count(DISTINCT SrcPort) AS n FROM Flows WHERE FlowDate = '2024-01-02'",
        "n\n400",
    );
    files(counters, 6, 2, 2);
    assert_eq!(counters.rows_read, 800);
    let counters = check_counted(
        "SELECT count(DISTINCT SrcPort) AS n FROM Flows WHERE FlowDate > DATE '2024-01-01' AND FlowDate <> '2024-01-03'",
        "n\n400",
    );
    files(counters, 6, 2, 2);
    let counters = check_counted(
        "SELECT count(DISTINCT SrcPort) AS n FROM Flows WHERE extract(day FROM FlowDate) = 3",
        "n\n400",
    );
    files(counters, 6, 2, 2);
}

#[test]
fn counting_rows_of_days_reads_no_file() {
    let counters = check_counted("SELECT count(*) AS n FROM Flows", "n\n2400");
    assert_eq!(
        (counters.rows_read, counters.bytes_scanned),
        (0, 0),
        "{counters:?}"
    );
    let counters = check_counted(
        "SELECT count(*) AS n FROM Flows WHERE FlowDate >= '2024-01-02'",
        "n\n1600",
    );
    files(counters, 6, 4, 4);
    assert_eq!(
        (counters.rows_read, counters.bytes_scanned),
        (0, 0),
        "{counters:?}"
    );
    let counters = check_counted(
        "SELECT min(FlowDate) AS a, max(FlowDate) AS b FROM Flows",
        "a | b\n2024-01-01 | 2024-01-03",
    );
    assert_eq!(counters.bytes_scanned, 0);
}

#[test]
fn bounds_of_the_log_are_never_taken_for_values() {
    // The log may hold a bound that does not occur; the least value must come from the files.
    let (mut first, bytes) = flow_files()[0].clone();
    for known in first.columns.values_mut() {
        known.min = match known.min.take() {
            Some(table::snapshot::StatValue::Int(_)) => Some(table::snapshot::StatValue::Int(-5)),
            other => other,
        };
    }
    block_on(async {
        let engine = engine_of(vec![snapshot(&FLOWS, 1, &[(first, bytes)]).await]);
        let (lines, _) = run(&engine, &context(), "SELECT min(SrcPort) AS a FROM Flows")
            .await
            .unwrap();
        assert_eq!(lines, ["a", "40000"]);
    });
}

#[test]
fn a_range_of_time_narrows_days_and_files() {
    // Half of the second day, said by time alone.
    let sql = "SELECT count(*) AS n FROM Flows WHERE TimeGenerated >= '2024-01-02T00:00:00Z' AND TimeGenerated < '2024-01-02T01:00:00Z'";
    let counters = check_counted(sql, "n\n60");
    files(counters, 6, 2, 1);
    assert!(counters.row_groups_pruned_statistics >= 3, "{counters:?}");
    let counters = check_counted(
        "SELECT count(*) AS n FROM Flows WHERE TimeGenerated BETWEEN TIMESTAMP '2024-01-02 23:00:00' AND TIMESTAMP '2024-01-03 00:30:00'",
        "n\n31",
    );
    files(counters, 6, 4, 1);
}

#[test]
fn a_range_of_time_narrows_days_without_statistics() {
    let bare: Vec<_> = flow_files()
        .iter()
        .map(|(file, bytes)| {
            let mut file = file.clone();
            file.columns.clear();
            (file, bytes.clone())
        })
        .collect();
    block_on(async {
        let engine = engine_of(vec![snapshot(&FLOWS, 1, &bare).await]);
        let sql = "SELECT count(*) AS n FROM Flows WHERE TimeGenerated >= '2024-01-02T00:00:00Z' AND TimeGenerated < '2024-01-03T00:00:00Z'";
        let (lines, counters) = run(&engine, &context(), sql).await.unwrap();
        assert_eq!(lines, ["n", "800"]);
        files(counters, 6, 2, 2);
        // The instant that ends a day is not in it, the microsecond before is.
        let sql = "SELECT count(*) AS n FROM Flows WHERE TimeGenerated >= '2024-01-01T23:59:59.999999Z'";
        let (_, counters) = run(&engine, &context(), sql).await.unwrap();
        files(counters, 6, 6, 6);
    });
}

#[test]
fn now_prunes_too() {
    // `now()` is noon of the third day.
    let counters = check_counted(
        "SELECT count(*) AS n FROM Flows WHERE TimeGenerated >= now() - INTERVAL '1 hour'",
        "n\n400",
    );
    files(counters, 6, 2, 1);
}

#[test]
fn the_log_s_statistics_leave_files_out() {
    let counters = check_counted(
        "SELECT count(*) AS n FROM Flows WHERE SrcIp = '10.2.0.5' AND SrcPort >= 40000",
        "n\n20",
    );
    // Those of the third day, and the needle's, whose addresses reach to `198.51.100.7`.
    files(counters, 6, 6, 3);
    let counters = check_counted("SELECT count(*) AS n FROM Flows WHERE SrcPort > 50000", "n\n0");
    files(counters, 6, 6, 0);
    assert_eq!(counters.rows_read, 0);
}

#[test]
fn row_groups_are_left_out_by_statistics() {
    let counters = check_counted("SELECT count(*) AS n FROM Flows WHERE SrcPort = 40000", "n\n6");
    files(counters, 6, 6, 6);
    assert_eq!(
        (counters.row_groups_total, counters.row_groups_pruned_statistics),
        (24, 18),
        "{counters:?}"
    );
    // The page index leaves 25 of the 100 rows of each row group.
    assert_eq!(counters.rows_read, 150, "{counters:?}");
    assert_eq!(counters.rows_matched, 6);
}

#[test]
fn row_groups_are_left_out_by_blooms() {
    // Within the bounds of the first two row groups of the needle's file, but in the third only.
    let sql = "SELECT TimeGenerated, SrcIp FROM Flows WHERE SrcIp = '198.51.100.7'";
    let counters = check_counted(sql, "TimeGenerated | SrcIp\n2024-01-02T04:10:00Z | 198.51.100.7");
    files(counters, 6, 6, 1);
    // `10.0.0.40` lies between `10.0.0.4` and `10.0.0.5` and does not occur.
    let counters = check_counted("SELECT SrcPort FROM Flows WHERE SrcIp = '10.0.0.40'", "SrcPort");
    files(counters, 6, 6, 2);
    assert_eq!(counters.row_groups_pruned_bloom, 8, "{counters:?}");
    assert_eq!(counters.rows_read, 0, "{counters:?}");
}

#[test]
fn files_that_hold_dictionaries_give_the_same_rows() {
    // Their text columns are not pruned inside a file, because the footer says that they are dictionaries;
    // `table` writes plain text. The three files are those of the third day and the needle's.
    let counters = check_counted("SELECT SrcPort FROM Flows WHERE SrcIp = '10.2.0.40'", "SrcPort");
    files(counters, 6, 6, 3);
    let counters = check_counted(
        "SELECT SrcIp, L4Protocol, FlowId FROM Flows WHERE FlowDate = '2024-01-03' AND SrcPort = 40001 ORDER BY TimeGenerated",
        "SrcIp | L4Protocol | FlowId
         10.2.0.7 | UDP | 02000000000000000000000000000000-0-1
         10.2.0.7 | UDP | 02010000000000000000000000000000-0-1",
    );
    assert_eq!(counters.row_groups_pruned_statistics, 6);
}

#[test]
fn conditions_pass_through_computed_columns() {
    let counters = check_counted(
        "SELECT FlowId, L7Protocol FROM Flows WHERE SrcIp = '198.51.100.7' AND L7Protocol = 'ssh'",
        "FlowId | L7Protocol\n0100000000000000000000000000001f-0-2 | ssh",
    );
    files(counters, 6, 6, 1);
    let counters = check_counted(
        "SELECT count(*) AS n FROM (SELECT * FROM Flows) f WHERE f.FlowDate = '2024-01-03' AND f.SrcIpClass = 'Private'",
        "n\n800",
    );
    files(counters, 6, 2, 2);
}

#[test]
fn only_the_columns_asked_for_are_read() {
    let narrow = check_counted("SELECT max(SrcPort) AS m FROM Flows", "m\n40399").bytes_scanned;
    let wide = block_on(async {
        let engine = super::fixture::engine().await;
        run(&engine, &context(), "SELECT * FROM Flows")
            .await
            .unwrap()
            .1
            .bytes_scanned
    });
    assert!(narrow * 5 < wide, "{narrow} of {wide}");
}

#[test]
fn a_join_s_scans_are_added_up() {
    let counters = check_counted(
        "SELECT count(*) AS n FROM Flows a JOIN Flows b ON a.SrcPort = b.SrcPort WHERE a.FlowDate = '2024-01-01' AND b.FlowDate = '2024-01-02'",
        "n\n1600",
    );
    assert_eq!(counters.scans, 2);
    files(counters, 12, 4, 4);
}

#[test]
fn a_table_of_a_hundred_days_opens_one() {
    block_on(async {
        let day_rows = rows(0, 0);
        let mut all = Vec::new();
        for day in 0..100 {
            // Only the log knows these files; opening one that is not asked for would fail.
            let (mut data, bytes) = file(&FLOWS, "0", FIRST_DAY, &day_rows, Layout::default());
            data.day = FIRST_DAY + day;
            data.columns.clear();
            if day != 0 {
                data.path = format!("absent-{day}.parquet");
            }
            all.push((data, bytes));
        }
        let present = snapshot(&FLOWS, 1, &all[..1]).await;
        let files_of = all.iter().map(|(data, _)| data.clone()).collect();
        let engine = engine_of(vec![table::snapshot::Snapshot {
            files: std::sync::Arc::new(files_of),
            ..present
        }]);
        let sql = "SELECT max(SrcPort) AS m FROM Flows WHERE TimeGenerated < '2024-01-02'";
        let (lines, counters) = run(&engine, &context(), sql).await.unwrap();
        assert_eq!(lines, ["m", "40399"]);
        files(counters, 100, 1, 1);
    });
}

/// What the log does not say is counted, and not taken for nothing.
#[test]
fn counts_are_right_where_the_log_says_nothing_or_only_a_part() {
    type Loses = fn(usize) -> (bool, bool);
    let queries = [
        ("SELECT count(*) AS n FROM Flows", "2400"),
        ("SELECT count(SrcIp) AS n FROM Flows", "2400"),
        ("SELECT count(BytesSrcToDest) AS n FROM Flows", "2160"),
        (
            "SELECT count(*) AS n FROM Flows WHERE BytesSrcToDest IS NULL",
            "240",
        ),
        ("SELECT count(*) AS n FROM Flows WHERE SrcIp IS NOT NULL", "2400"),
        (
            "SELECT count(*) AS n FROM Flows WHERE SrcIp = '198.51.100.7'",
            "1",
        ),
        ("SELECT count(*) AS n FROM (SELECT * FROM Flows LIMIT 500)", "500"),
    ];
    // Which files lose what: their row counts, their columns' statistics, or both.
    let losses: [(&str, Loses); 5] = [
        ("nothing", |_| (false, false)),
        ("all of both", |_| (true, true)),
        ("rows of some", |index| (index % 2 == 0, false)),
        ("columns of some", |index| (false, index % 3 == 0)),
        ("both of the first", |index| (index == 0, index == 0)),
    ];
    for (name, loses) in losses {
        block_on(async {
            let mut files = flow_files().to_vec();
            for (index, (file, _)) in files.iter_mut().enumerate() {
                let (rows, columns) = loses(index);
                if rows {
                    file.rows = None;
                }
                if columns {
                    file.columns.clear();
                }
            }
            let engine = engine_of(vec![snapshot(&FLOWS, 7, &files).await]);
            for (sql, expected) in queries {
                let (lines, _) = run(&engine, &context(), sql).await.unwrap();
                assert_eq!(lines, ["n", expected], "{name} missing: {sql}");
            }
        });
    }
}
