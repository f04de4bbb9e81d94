//! What Kusto has and is not here is refused by its name, at its place, and never as an unknown name or as bad grammar.

use kql::{Code, refused};

struct Nothing;

impl kqleval::Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<kqleval::Table> {
        Err(kqleval::Failure::new(format!("there is no table `{name}`")))
    }
}

#[track_caller]
fn refuses(text: &str, name: &str) {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = kqleval::Evaluator::new(&Nothing, 1);
    let names = kqleval::Names::new(Vec::new(), 0, &evaluator);
    let (_, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    let told: Vec<(Code, &str)> = diagnostics
        .iter()
        .map(|held| (held.code, held.span.text(text)))
        .collect();
    assert_eq!(told, [(Code::SEM0501, name)], "{text}: {diagnostics:?}");
    let says = diagnostics.iter().all(|held| {
        held.message.contains(&format!("`{name}`")) && held.message.ends_with("is not supported")
    });
    assert!(says, "{text}: {diagnostics:?}");
}

#[test]
fn each_name_is_refused_by_itself() {
    for name in refused::FUNCTIONS {
        assert!(kqlfn::registry::find(name).is_none(), "`{name}` is answered");
        refuses(&format!("print x = {name}('a', 1)"), name);
        refuses(
            &format!("print a = 1 | where isnull({name}()) | project b = 2"),
            name,
        );
    }
    for name in refused::SOURCES {
        refuses(&format!("{name}('x')"), name);
        refuses(&format!("{name}('x') | where a > 1 | count"), name);
        refuses(&format!("union (print a = 1), ({name}('x'))"), name);
    }
    for name in refused::PLUGINS {
        for arguments in ["", "typeof(*), 'result = df'", "'a', a = 'b', (print a = 1)"] {
            refuses(&format!("print a = 1 | evaluate {name}({arguments})"), name);
            refuses(&format!("evaluate {name}({arguments}) : (a: long)"), name);
        }
    }
    for name in refused::OPERATORS {
        refuses(&format!("print a = 'x' | {name} by a"), name);
    }
}

#[test]
fn what_stands_around_them_is_read() {
    for (text, name) in [
        (
            "print a = 1 | evaluate python(typeof(*, b: long), 'x', bag_pack('k', 1), external_artifacts = dynamic({'f': 'u'}))",
            "python",
        ),
        (
            "print a = 1 | evaluate hint.distribution = per_node r(typeof(a: long), 'x')",
            "r",
        ),
        (
            "datatable(s: string, t: string)['a', 'b'] | make-graph s --> t with (print n = 'a') on n | graph-match (x)-[e*1..3]->(y) where x.n == 'a' project x.n, y.n",
            "make-graph",
        ),
        (
            "print a = 1 | graph-shortest-paths cycles = none (x)-[e*1..5]->(y) project x.a",
            "graph-shortest-paths",
        ),
        (
            "print a = 1 | graph-to-table nodes as N, edges as E",
            "graph-to-table",
        ),
        (
            "print a = 1 | graph-mark-components kind = weak",
            "graph-mark-components",
        ),
        (
            "macro-expand isfuzzy = true entity_group [cluster('a').database('b')] as X (X.T | count)",
            "macro-expand",
        ),
        (
            "print a = 'x' | reduce kind = source by a with threshold = 0.1, characters = '_'",
            "reduce",
        ),
        (
            "print a = 1 | summarize count() by geo_point_to_s2cell(1.0, 2.0, 10)",
            "geo_point_to_s2cell",
        ),
    ] {
        refuses(text, name);
    }
}
