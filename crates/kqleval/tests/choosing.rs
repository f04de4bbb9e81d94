//! Operators and statements that choose rows: `find`, `search`, `partition`, patterns, joins of one row for each key.

mod answers;

use answers::check;

/// Two tables with some columns in common.
const LOGS: &str = "let web = datatable(who:string, what:string, code:long)[
    'ann', 'get', 200, 'bob', 'put', 500];
let db = datatable(who:string, what:string, table:string)['ann', 'read', 'users', 'cid', 'get', 'keys'];
";

#[track_caller]
fn logs(query: &str, expected: &str) {
    check(&format!("{LOGS}{query}"), expected);
}

#[test]
fn find_gives_what_all_have_and_the_rest_in_a_bag() {
    logs(
        "find in (web, db) where who == 'ann'",
        "source_:string who:string what:string pack_:dynamic
         'union_arg0' 'ann' 'get' {'code':200}
         'union_arg1' 'ann' 'read' {'table':'users'}",
    );
    logs(
        "find withsource=origin in (web, db) where code == 500 or table == 'keys' project who, code, table",
        "origin:string who:string code:long table:string
         'union_arg0' 'bob' 500 ''
         'union_arg1' 'cid' null 'keys'",
    );
    logs(
        "find in (web, db) where code > 200",
        "source_:string who:string what:string code:long
         'union_arg0' 'bob' 'put' 500",
    );
    logs(
        "find in (web, db) where 'get' project code:string, pack_all()",
        "source_:string code:string pack_:dynamic
         'union_arg0' '200' {'who':'ann','what':'get'}
         'union_arg1' '' {'who':'cid','what':'get','table':'keys'}",
    );
    logs(
        "find in (web, db) where who == 'x' project nothing",
        "SEM0100: none of these tables has a column `nothing`",
    );
}

#[test]
fn find_takes_columns_of_several_types() {
    let both = "let a = datatable(id:string, n:long)['7', 1, '8', 2]; let b = datatable(id:int, m:long)[7, 3, 9, 4]; ";
    for (find, expected) in [
        (
            "where id == 7",
            "source_:string id_string:string id_int:int pack_:dynamic
             'union_arg0' '7' null {'n':1}
             'union_arg1' '' 7 {'m':3}",
        ),
        (
            "where id != '7' project-smart",
            "source_:string id_string:string id_int:int pack_:dynamic
             'union_arg0' '8' null {'n':2}
             'union_arg1' '' 9 {'m':4}",
        ),
        (
            "where id == 7 project m, id:string",
            "source_:string m:long id:string
             'union_arg0' null '7'
             'union_arg1' 3 '7'",
        ),
        (
            "where n == 2 or m == 4 project id:int",
            "source_:string id:int
             'union_arg0' 8
             'union_arg1' 9",
        ),
        (
            "where id == 7 project id",
            "SEM0101: these tables have columns `id` of several types",
        ),
        ("where id > 7", "SEM0064: `>` is not made for string and long"),
    ] {
        check(&format!("{both} find in (a, b) {find}"), expected);
    }
    // One type alone is compared as everywhere.
    check(
        &format!("{both} find in (a) where id == 7"),
        "source_:string id:string n:long
         'union_arg0' '7' 1",
    );
}

#[test]
fn find_takes_the_word_for_what_it_does_anyway() {
    for end in ["", "project-smart", "project-smart | where code > 1"] {
        logs(
            &format!("find in (web, db) where code == 200 {end}"),
            "source_:string who:string what:string code:long
             'union_arg0' 'ann' 'get' 200",
        );
    }
}

#[test]
fn search_tells_the_name_of_rows() {
    logs(
        "web | where code > 200 | as bad | search 'bob'",
        "$table:string who:string what:string code:long
         'bad' 'bob' 'put' 500",
    );
    logs(
        "web | as all | where code > 200 | search 'bob'",
        "$table:string who:string what:string code:long
         'search_arg0' 'bob' 'put' 500",
    );
}

#[test]
fn search_looks_everywhere() {
    logs(
        "web | search * | count",
        "Count:long
         2",
    );
    logs(
        "search kind=case_sensitive in (web, db) 'get' and who: 'a*'",
        "$table:string who:string what:string code:long table:string
         'union_arg0' 'ann' 'get' 200 ''",
    );
    logs(
        "web | search in (db) 'get'",
        "SEM0009: `search in (...)` stands at the beginning",
    );
}

#[test]
fn partitions_have_queries_of_their_own() {
    logs(
        "web | partition by who { db | where who == toscalar(who) | project who, table }",
        "who:string table:string
         'ann' 'users'",
    );
    logs(
        "web | partition hint.strategy=native by who (top 1 by code | project what)",
        "what:string
         'get'
         'put'",
    );
}

#[test]
fn queries_in_partitions_see_their_rows() {
    check(
        "datatable(k:string, v:real)['a', 1, 'b', 2, 'a', 3]
         | partition by k (as part | extend share = v / toscalar(part | summarize sum(v)))",
        "k:string v:real share:real
         'a' 1.0 0.25
         'a' 3.0 0.75
         'b' 2.0 1.0",
    );
}

#[test]
fn steps_of_a_scan_hold_arrays() {
    check(
        "range t from 1 to 3 step 1
         | scan declare (seen:dynamic) with (step s: true => seen = array_concat(s.seen, pack_array(t)))",
        "t:long seen:dynamic
         1 [1]
         2 [1,2]
         3 [1,2,3]",
    );
}

#[test]
fn elements_are_not_read() {
    check(
        "print x = dynamic(['12', 3, 'a', '2024-01-01']), y = dynamic(['1h', 2, 'b', '2024-01-01'])
         | mv-expand x to typeof(long), y to typeof(datetime)",
        "x:long y:datetime
         null null
         3 null
         null null
         null '2024-01-01'",
    );
    check(
        "print x = pack_array(datetime(2024-01-01), datetime(2024-01-02))
         | mv-expand x to typeof(datetime) limit 1000000 | take 1",
        "x:datetime
         '2024-01-01'",
    );
}

#[test]
fn patterns_map_texts_to_queries() {
    let patterns = "declare pattern place = (country:string)[state:string] {
        ('US').['New York'] = { print city = 'Albany' };
        ('US').['Ohio'] = { let name = 'Columbus'; print city = name };
    };
    declare pattern number = (a:string, b:string) { ('x', 'y') = { print n = 1 } };
    declare pattern nothing;";
    check(
        &format!("{patterns} union place('US').['New York'], place('US').Ohio"),
        "city:string
         'Albany'
         'Columbus'",
    );
    check(
        &format!("{patterns} number('x', 'y')"),
        "n:long
         1",
    );
    check(
        &format!("{patterns} place('US').Utah"),
        "SEM0260: the pattern has nothing for `place('US').['Utah']`",
    );
    check(
        &format!("{patterns} nothing('a')"),
        "SEM0260: the pattern has nothing for `nothing('a')`",
    );
}

#[test]
fn innerunique_keeps_a_row_that_is_asked_for() {
    logs(
        "union (web), (print who='ann', what='put', code=1)
         | join kind=innerunique (db) on who | where what == 'put' | project who, what, table",
        "who:string what:string table:string
         'ann' 'put' 'users'",
    );
}

#[test]
fn nothing_is_left_after_consume() {
    logs("web | consume", "");
}

#[test]
fn some_operators_give_several_answers() {
    logs(
        "web | facet by who with (count)",
        "who:string count_who:long
         'ann' 1
         'bob' 1
         Count:long
         2",
    );
    logs(
        "web | fork (count) few=(where code > 200 | project who)",
        "Count:long
         2
         who:string
         'bob'",
    );
    logs(
        "web | project who | evaluate preview(1)",
        "who:string
         'ann'
         Count:long
         2",
    );
    logs(
        "web | fork (count) | take 1",
        "SEM0009: `fork` gives several answers, and nothing stands behind it",
    );
    logs(
        "web | evaluate preview(1) | count",
        "SEM0009: `evaluate` gives several answers, and nothing stands behind it",
    );
}

#[test]
fn what_is_of_a_service_is_refused_by_name() {
    for (query, what) in [
        (
            "macro-expand entity_group [database('a')] as X (X.T)",
            "the operator `macro-expand`",
        ),
        ("let g = entity_group [database('a')]; print 1", "`entity_group`"),
        ("alias database d = database('a'); print 1", "`alias database`"),
        (
            "restrict access to (cluster('a').database('b').T); print 1",
            "access to another cluster",
        ),
        ("external_table('x')", "`external_table`"),
        (
            "find in (web) where who == 'ann' project-away who",
            "`project-away` of `find`",
        ),
    ] {
        logs(query, &format!("SEM0501: {what} is not supported"));
    }
    logs(
        "web | reduce by who",
        "SEM0501: the operator `reduce` is not supported",
    );
}
