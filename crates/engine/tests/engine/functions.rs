//! Functions of our own, over constants and columns; the examples on their pages are run.

use super::fixture::{block_on, check, context, engine, run};

#[test]
fn the_examples_on_the_pages_give_what_they_say() {
    block_on(async {
        let engine = engine().await;
        for page in engine::function_pages() {
            let sql = format!("SELECT {} AS x", page.example);
            let (lines, _) = run(&engine, &context(), &sql).await.unwrap();
            assert_eq!(lines, ["x", page.gives], "{sql}");
            assert!(page.signature.starts_with(page.name) && page.description.ends_with('.'));
        }
    });
}

#[test]
fn null_and_nonsense_give_null() {
    check(
        "SELECT ip_class('nonsense') AS a, ip_class(NULL) AS b, service_name(70000, 'TCP') AS c,
                service_name(443, 'x') AS d, service_name(NULL, 'TCP') AS e, flow_id(NULL, 0, 0) AS f",
        "a | b | c | d | e | f\n|  |  |  |  |",
    );
}

#[test]
fn constants_and_columns_mix() {
    check(
        "SELECT DISTINCT service_name(DestPort, 'UDP') AS s FROM Flows WHERE DestPort = 53",
        "s\ndomain",
    );
    check(
        "SELECT DISTINCT service_name(53, L4Protocol) AS s FROM Flows",
        "s\ndomain",
    );
    check(
        "SELECT DISTINCT ip_class('8.8.8.8') AS c FROM Flows",
        "c\nInternet",
    );
}
