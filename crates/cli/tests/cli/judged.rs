//! `nsg_verdict` and `nsg_rule` over a whole seeded world: they say what was logged, and what they say else is explained.

use crate::golden::{Run, flowglass};

const JUDGED: &str = "Flows
| extend Verdict = nsg_verdict(MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol),
    Rule = nsg_rule(MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol)";

fn ask(table: &std::path::Path, query: &str) -> Vec<String> {
    let run: Run = flowglass()
        .args(["query", "--format", "csv", query, "--table"])
        .arg(table)
        .output()
        .unwrap()
        .into();
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{query}");
    run.out.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_world_is_judged_as_it_was_logged() {
    let folder = tempfile::tempdir().unwrap();
    let run: Run = flowglass()
        .current_dir(folder.path())
        .args([
            "demo", "--size", "small", "--hours", "3", "--seed", "2", "--dir", "made",
        ])
        .output()
        .unwrap()
        .into();
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let table = folder.path().join("made/seed-2-small-3h/table");
    let by_kind = ask(
        &table,
        &format!(
            "{JUDGED} | where Verdict != FlowStatus | summarize Rows = count() by Verdict, AclRuleKind | sort by AclRuleKind asc"
        ),
    );
    println!("{by_kind:?}");
    // The platform decides about its own traffic, and encryption drops what rules let pass.
    for line in &by_kind {
        let is_explained =
            line.starts_with("NotGoverned,PlatformRule,") || line.starts_with("Allowed,Unspecified,");
        assert!(is_explained, "{by_kind:?}");
    }
    assert!(!by_kind.is_empty());
    let rules = ask(
        &table,
        &format!(
            "{JUDGED} | where AclRuleKind in ('UserRule', 'DefaultRule')
             | summarize Rows = count(), Same = countif(Rule == strcat(AclGroup, '/', AclRule))"
        ),
    );
    let (rows, same) = rules[0].split_once(',').unwrap();
    assert!(rows.parse::<u64>().unwrap() > 10_000, "{rules:?}");
    assert_eq!(rows, same);
    // The log names an admin configuration by its GUID; facts have the collection in it.
    let admin = ask(
        &table,
        &format!(
            "{JUDGED} | where AclRuleKind == 'SecurityAdminRule'
             | summarize Rows = count(), Same = countif(Rule endswith strcat('/', AclRule))"
        ),
    );
    let (rows, same) = admin[0].split_once(',').unwrap();
    assert!(rows.parse::<u64>().unwrap() > 100, "{admin:?}");
    assert_eq!(rows, same);
}
