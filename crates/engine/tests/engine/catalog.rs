//! What can be asked about the catalogue, and versions of a table.

use super::fixture::{block_on, check, context, engine, engine_of, flow_files, run, snapshot};
use engine::{Catalog, Engine};
use model::TableVersion;
use model::columns::FLOWS;
use url::Url;

#[test]
fn tables_and_columns_can_be_listed() {
    check(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
        "table_name | table_type\nAssets | VIEW\nFlows | BASE TABLE\nIngestLog | BASE TABLE\nNsgRules | VIEW",
    );
    block_on(async {
        let engine = engine().await;
        let (lines, _) = run(&engine, &context(), "SHOW TABLES").await.unwrap();
        assert!(
            lines.contains(&"flowglass | public | Flows | BASE TABLE".to_owned()),
            "{lines:?}"
        );
        for sql in ["DESCRIBE Flows", "SHOW COLUMNS FROM Flows"] {
            let (lines, _) = run(&engine, &context(), sql).await.unwrap();
            assert_eq!(lines.len(), FLOWS.columns.len() + 1, "{sql}");
        }
        let (lines, _) = run(&engine, &context(), "SHOW FUNCTIONS LIKE 'ip_class'")
            .await
            .unwrap();
        assert!(
            lines.iter().skip(1).all(|line| line.contains("ip_class")),
            "{lines:?}"
        );
    });
}

#[test]
fn explain_shows_the_plan_and_explain_analyze_runs_it() {
    block_on(async {
        let engine = engine().await;
        let (lines, _) = run(
            &engine,
            &context(),
            "EXPLAIN SELECT SrcIp FROM Flows WHERE SrcPort = 40000",
        )
        .await
        .unwrap();
        assert!(lines.join("\n").contains("pruning_predicate"), "{lines:?}");
        let (lines, counters) = run(
            &engine,
            &context(),
            "EXPLAIN ANALYZE SELECT SrcIp FROM Flows WHERE SrcPort = 40000",
        )
        .await
        .unwrap();
        assert!(
            lines.join("\n").contains("row_groups_pruned_statistics"),
            "{lines:?}"
        );
        assert_eq!(counters.row_groups_pruned_statistics, 18);
    });
}

#[test]
fn the_newest_version_is_read_unless_another_is_asked_for() {
    block_on(async {
        let files = flow_files();
        let engine = engine_of(vec![
            snapshot(&FLOWS, 7, &files[..4]).await,
            snapshot(&FLOWS, 9, files).await,
            snapshot(&FLOWS, 3, &files[..1]).await,
        ]);
        let sql = "SELECT count(*) AS n FROM Flows";
        let mut context = context();
        assert_eq!(run(&engine, &context, sql).await.unwrap().0[1], "2400");
        for (version, rows) in [(3, "400"), (7, "1600"), (9, "2400")] {
            context.version = Some(TableVersion(version));
            assert_eq!(run(&engine, &context, sql).await.unwrap().0[1], rows);
        }
        context.version = Some(TableVersion(8));
        let error = run(&engine, &context, sql).await.unwrap_err();
        assert_eq!(format!("{}: {error}", error.code()), "FG3002: no version `8`");
    });
}

#[test]
fn one_table_lies_in_one_folder() {
    block_on(async {
        let first = snapshot(&FLOWS, 1, &[]).await;
        let mut second = snapshot(&FLOWS, 2, &[]).await;
        second.root = Url::parse("memory:///elsewhere/").unwrap();
        let error = Engine::new(Catalog {
            snapshots: vec![first, second],
            facts: engine::Facts::default(),
            rollups: None,
        })
        .unwrap_err();
        assert_eq!(error.to_string(), "table `Flows` is given from two folders");
    });
}

#[test]
fn files_on_disk_are_read_through_the_snapshot_s_store() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        for (file, bytes) in flow_files() {
            let path = folder.path().join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let mut snapshot = snapshot(&FLOWS, 1, flow_files()).await;
        snapshot.store = std::sync::Arc::new(
            object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap(),
        );
        snapshot.root = Url::from_directory_path(folder.path()).unwrap();
        let engine = engine_of(vec![snapshot]);
        let sql = "SELECT SrcIp, count(*) AS n FROM Flows WHERE FlowDate = '2024-01-02' GROUP BY 1 ORDER BY 1 DESC LIMIT 2";
        let (lines, _) = run(&engine, &context(), sql).await.unwrap();
        assert_eq!(lines, ["SrcIp | n", "198.51.100.7 | 1", "10.1.0.9 | 20"]);
    });
}
