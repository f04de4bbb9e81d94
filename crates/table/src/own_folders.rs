//! The folders of a table that hold no rows: by these names a table is known, wherever it lies among other files.

use model::{FLOWS, INGEST_LOG, QUARANTINE};

/// The log of each Delta table.
pub(crate) const DELTA_LOG: &str = "_delta_log";

/// What lies beside the rows. Azure names no folder of a flow log like any of these.
const OWN: [&str; 7] = [
    DELTA_LOG,
    crate::positions::POSITIONS,
    crate::facts::FOLDER,
    crate::followers::FOLDER,
    crate::collectors::FOLDER,
    crate::rollups::FOLDER,
    crate::turns::FOLDER,
];

/// True for the name of a folder that a table keeps its log, positions, facts and the like in.
#[must_use]
pub fn is_own_folder(name: &str) -> bool {
    OWN.contains(&name)
}

/// The table that a file belongs to, by the file's name with `/` between folders: the name of its folder, without a slash at its
/// end; nothing for one at the top. None if it is no file of a table but rows, which are told by their ending.
#[must_use]
pub fn table_around(file: &str) -> Option<&str> {
    let mut begin = 0;
    while let Some((part, _)) = file.get(begin..)?.split_once('/') {
        if is_own_folder(part) {
            let table = file.get(..begin)?.trim_end_matches('/');
            let parts = [FLOWS.name, INGEST_LOG.name, QUARANTINE.name];
            let around = parts.iter().find_map(|part| table.strip_suffix(part));
            let around = around.filter(|around| around.is_empty() || around.ends_with('/'));
            return Some(around.unwrap_or(table).trim_end_matches('/'));
        }
        begin += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_tables() {
        for (file, table) in [
            ("t/Flows/_delta_log/00000000000000000000.json", Some("t")),
            ("a/b/Flows/_delta_log/_last_checkpoint", Some("a/b")),
            ("Quarantine/_delta_log/0.json", Some("")),
            ("t/_positions/shard-00/1.json", Some("t")),
            ("t/_facts/databases/x.json", Some("t")),
            ("_collectors/name.json", Some("")),
            ("other/_delta_log/0.json", Some("other")),
            ("MyFlows/_delta_log/0.json", Some("MyFlows")),
            ("_delta_log", None),
            ("t/_positions", None),
            ("t/_positions2/x.json", None),
            (
                "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/_FACTS/PROVIDERS/X/y=2024/m=01/d=01/h=00/m=00/macAddress=1/PT1H.json",
                None,
            ),
        ] {
            assert_eq!(table_around(file), table, "{file}");
        }
    }
}
