//! Computed columns, the order of columns, and files that lack one.

use super::fixture::{
    FIRST_DAY, Layout, Row, Value, block_on, check, context, engine, engine_of, file, rows, run, snapshot,
};
use arrow_schema::{DataType, Field, TimeUnit};
use engine::Engine;
use model::ValueType;
use model::columns::{FLOWS, QUARANTINE};

#[test]
fn star_gives_the_column_table_in_its_order() {
    block_on(async {
        let result = engine()
            .await
            .sql(&context(), "SELECT * FROM Flows")
            .await
            .unwrap();
        let got: Vec<Field> = result
            .schema()
            .fields()
            .iter()
            .map(|field| field.as_ref().clone())
            .collect();
        let names: Vec<&str> = got.iter().map(|field| field.name().as_str()).collect();
        let expected: Vec<&str> = FLOWS.columns.iter().map(|column| column.name).collect();
        assert_eq!(names, expected);
        assert_eq!(names[1], "FlowDate");
        for (field, column) in got.iter().zip(FLOWS.columns) {
            assert_eq!(*field.data_type(), column.value_type.arrow(), "{}", column.name);
        }
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert_eq!(*got[0].data_type(), instant);
        let batches = result.collect().await.unwrap();
        assert_eq!(
            batches
                .iter()
                .map(arrow_array::RecordBatch::num_rows)
                .sum::<usize>(),
            2400
        );
        assert!(
            batches
                .iter()
                .all(|batch| *batch.schema().field(4).data_type() == DataType::Utf8)
        );
    });
}

#[test]
fn the_partition_column_stands_where_it_is_asked_for() {
    check(
        "SELECT SrcPort, FlowDate, SrcIp, FlowDate AS again FROM Flows WHERE SrcIp = '198.51.100.7'",
        "SrcPort | FlowDate | SrcIp | again\n40250 | 2024-01-02 | 198.51.100.7 | 2024-01-02",
    );
    check(
        "SELECT DISTINCT FlowDate FROM Flows ORDER BY FlowDate DESC LIMIT 1",
        "FlowDate\n2024-01-03",
    );
    check(
        "SELECT count(*) AS n FROM Flows WHERE FlowDate = date_trunc('day', TimeGenerated)",
        "n\n2400",
    );
}

#[test]
fn computed_columns() {
    check(
        "SELECT FlowId, L7Protocol, SrcIpClass, DestIpClass FROM Flows WHERE SrcIp = '198.51.100.7'",
        "FlowId | L7Protocol | SrcIpClass | DestIpClass
         0100000000000000000000000000001f-0-2 | ssh | Documentation | Private",
    );
    check(
        "SELECT L7Protocol, count(*) AS n FROM Flows GROUP BY L7Protocol ORDER BY n, L7Protocol",
        "L7Protocol | n
         domain | 600
         https | 600
         ssh | 600
         | 600",
    );
    check("SELECT count(DISTINCT FlowId) AS n FROM Flows", "n\n2400");
    check(
        "SELECT a.FlowId = b.FlowId AS same FROM Flows a JOIN Flows b ON a.FlowId = b.FlowId WHERE a.SrcIp = '198.51.100.7'",
        "same\ntrue",
    );
}

#[test]
fn computed_columns_are_not_computed_unless_asked_for() {
    block_on(async {
        let (lines, _) = run(
            &engine().await,
            &context(),
            "EXPLAIN SELECT SrcIp FROM Flows WHERE DestPort = 22",
        )
        .await
        .unwrap();
        let plan = lines.join("\n");
        for function in ["flow_id", "service_name", "ip_class"] {
            assert!(!plan.contains(function), "{plan}");
        }
    });
}

#[test]
fn a_column_that_an_older_file_lacks_is_null() {
    block_on(async {
        let old = Layout {
            without: Some("FlowEncryption"),
            ..Layout::default()
        };
        let files = [
            file(&FLOWS, "old", FIRST_DAY, &rows(0, 0), old),
            file(&FLOWS, "new", FIRST_DAY + 1, &rows(1, 0), Layout::default()),
        ];
        let engine = engine_of(vec![snapshot(&FLOWS, 1, &files).await]);
        let ask = async |sql: &str| run(&engine, &context(), sql).await.unwrap().0;
        assert_eq!(
            ask("SELECT FlowEncryption, count(*) AS n FROM Flows GROUP BY 1 ORDER BY 1").await,
            ["FlowEncryption | n", "NX | 400", " | 400"]
        );
        assert_eq!(
            ask("SELECT count(*) AS n FROM Flows WHERE FlowEncryption = 'NX'").await,
            ["n", "400"]
        );
        assert_eq!(
            ask("SELECT count(*) AS n FROM Flows WHERE FlowEncryption IS NULL").await,
            ["n", "400"]
        );
        assert_eq!(
            ask("SELECT count(*) AS n FROM Flows WHERE FlowEncryption IS NULL AND SrcIp = '10.0.0.7'").await,
            ["n", "10"]
        );
    });
}

#[test]
fn an_empty_table_has_columns_and_no_rows() {
    block_on(async {
        let engine = engine_of(vec![snapshot(&FLOWS, 0, &[]).await]);
        let ask = async |sql: &str| run(&engine, &context(), sql).await.unwrap().0;
        assert_eq!(ask("SELECT count(*) AS n FROM Flows").await, ["n", "0"]);
        assert_eq!(
            ask("SELECT SrcIp, FlowId FROM Flows WHERE FlowDate > '2024-01-01'").await,
            ["SrcIp | FlowId"]
        );
    });
}

#[test]
fn answers_are_the_same_without_the_wire_and_with_any_number_of_partitions() {
    block_on(async {
        let files = super::fixture::flow_files();
        let plain = Engine::new(engine::Catalog {
            snapshots: vec![snapshot(&FLOWS, 7, files).await],
            facts: engine::Facts::default(),
            rollups: None,
        })
        .unwrap();
        let wired = engine_of(vec![snapshot(&FLOWS, 7, files).await]);
        let sql = "SELECT SrcIp, L7Protocol, sum(BytesSrcToDest) AS b, count(*) AS n FROM Flows
            WHERE DestPort <> 53 GROUP BY SrcIp, L7Protocol ORDER BY b DESC, SrcIp, L7Protocol";
        let (expected, _) = run(&plain, &context(), sql).await.unwrap();
        assert!(expected.len() > 50);
        for partitions in [1, 2, 5, 16] {
            let mut context = context();
            context.limits.partitions = partitions;
            assert_eq!(run(&plain, &context, sql).await.unwrap().0, expected);
            assert_eq!(run(&wired, &context, sql).await.unwrap().0, expected);
        }
    });
}

/// A row of `Quarantine` that holds these bytes.
fn quarantined(raw: &[u8]) -> Row {
    QUARANTINE
        .stored_columns()
        .map(|column| match column.value_type {
            ValueType::Bytes => (column.name, Value::Bytes(raw.to_vec())),
            ValueType::Text => (column.name, Value::from("FG1001")),
            _ => (column.name, Value::from(1)),
        })
        .collect()
}

#[test]
fn quarantined_bytes_can_be_read_as_text() {
    block_on(async {
        let rows = [quarantined(b"1,2,\xc3\xa9"), quarantined(&[0xff, 0x00])];
        let files = [file(&QUARANTINE, "0", FIRST_DAY, &rows, Layout::default())];
        let engine = engine_of(vec![snapshot(&QUARANTINE, 1, &files).await]);
        let sql = "SELECT TRY_CAST(Raw AS VARCHAR) AS Text, \"Offset\" FROM Quarantine ORDER BY Text";
        let (lines, _) = run(&engine, &context(), sql).await.unwrap();
        assert_eq!(lines, ["Text | Offset", "1,2,é | 1", " | 1"]);
    });
}
