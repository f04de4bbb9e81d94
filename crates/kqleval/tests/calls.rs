//! What functions and operators take, beside the examples that each function carries.

mod answers;

use answers::check;

const ROW: &str =
    "datatable(bag:dynamic, n:long, text:string)[dynamic({'a':'x1y','on':true,'list':[3,1]}), 7, 'k'] | ";

#[test]
fn paths_behind_calls_are_named_by_their_steps() {
    for (query, expected) in [
        ("project bag_keys(bag)[0]", "0:dynamic\n'a'"),
        ("project tostring(bag_merge(bag, bag).a)", "a:string\n'x1y'"),
        ("project pack_array(n)[n]", "Column1:dynamic\nnull"),
        ("project strlen(bag_merge(bag, bag).a)", "strlen_a:long\n3"),
        ("summarize make_set(bag_keys(bag)[1])", "set_1:dynamic\n['on']"),
        (
            "project array_sort_asc(bag.list)",
            "bag_list_sorted:dynamic\n[1,3]",
        ),
        (
            "project array_sort_asc(pack_array(2, 1), pack_array('b', 'a'))",
            "array0_sorted:dynamic array1_sorted:dynamic\n[1,2] ['a','b']",
        ),
    ] {
        check(&format!("{ROW}{query}"), expected);
    }
}

#[test]
fn a_dynamic_is_taken_for_its_text() {
    for (query, expected) in [
        ("project a = extract('[0-9]', 0, bag.a)", "a:string\n'1'"),
        ("project a = replace_string(bag.a, '1', '-')", "a:string\n'x-y'"),
        ("project a = countof(bag.list, '1')", "a:long\n1"),
        ("where bag.on and n > 5 | project n", "n:long\n7"),
        ("where not(bag.on)", "SEM0219"),
        ("where bag.on", "SEM0009"),
    ] {
        check(&format!("{ROW}{query}"), expected);
    }
}

#[test]
fn what_compares_takes_two() {
    for call in [
        "coalesce(text)",
        "max_of(n)",
        "min_of(n)",
        "set_union(bag)",
        "zip(bag)",
        "bag_merge(bag)",
        "strcat_delim('-', n)",
        "max_of(bag, n)",
        "ago(bag)",
    ] {
        check(&format!("{ROW}project {call}"), "SEM0219");
    }
}

#[test]
fn a_whole_row_becomes_an_array() {
    check(
        &format!("{ROW}project-away bag | extend pack_array(*)"),
        "n:long text:string Column1:dynamic\n7 'k' [7,'k']",
    );
}

#[test]
fn windows_go_over_what_they_can_add_and_rank() {
    for call in [
        "row_cumsum(1h)",
        "row_cumsum(text)",
        "row_rank_dense(bag)",
        "row_window_session(n, 1h, 1h)",
    ] {
        check(&format!("{ROW}serialize a = {call}"), "SEM0219");
    }
}

#[test]
fn literals_are_spelled_in_many_ways() {
    check("print a = datetime() == now()", "a:bool\ntrue");
    check("print a = 5millisec", "a:timespan\n'00:00:00.0050000'");
    check("print a = decimal(1.5e2)", "a:decimal\n'150'");
    check("print a = 'x b' : 'B'", "a:bool\ntrue");
}

#[test]
fn a_column_that_may_be_missing_is_named_after_what_stands_there() {
    for (query, expected) in [
        ("project column_ifexists('none', text)", "text:string\n'k'"),
        ("project column_ifexists('none', 1)", "Column1:long\n1"),
        ("project column_ifexists('n', 1)", "n:long\n7"),
        (
            "summarize count() by column_ifexists('none', text)",
            "text:string count_:long\n'k' 1",
        ),
    ] {
        check(&format!("{ROW}{query}"), expected);
    }
}
