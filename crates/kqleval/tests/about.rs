//! Calls about columns and about the query: names, sizes, assertions, and bins as `set` says.

mod answers;

use answers::check;

#[test]
fn columns_tell_their_names() {
    check(
        "let rows = () { print a = 1, b = '' }; print names = column_names_of(rows())",
        "names:dynamic
         ['a','b']",
    );
    check(
        "let rows = datatable(a:long)[]; rows | count | extend of = column_names_of((rows | extend c = a))",
        "Count:long of:dynamic
         0 ['a','c']",
    );
    check(
        "print column_names_of(1)",
        "SEM0009: `column_names_of` takes rows",
    );
}

#[test]
fn sizes_are_of_some_columns_or_all() {
    check(
        "print a = 1, b = 'four' | project all = estimate_data_size(*), estimate_data_size(b)",
        "all:long Column1:long
         12 4",
    );
    check(
        "range n from 1 to 3 step 1 | extend t = 'ab' | summarize total = sum(estimate_data_size(*))",
        "total:long
         30",
    );
}

#[test]
fn an_assertion_fails_the_query() {
    check(
        "let longer = (text:string, than:long) { assert(than > 0, 'not above 0') and strlen(text) > than };
         datatable(t:string)['a', 'abc'] | where longer(t, 2)",
        "t:string
         'abc'",
    );
    check(
        "datatable(t:string)['a'] | where assert(1 > 2, 'never') and t == 'a'",
        "failed: `assert` failed with the message: never",
    );
    check(
        "range n from 1 to 2 step 1 | where assert(n > 1, 'rows')",
        "failed: the condition of `assert` must be the same for all rows",
    );
}

#[test]
fn bins_are_as_large_as_set_says() {
    check(
        "set query_bin_auto_size = 1h;
         datatable(at:datetime)[datetime(2024-01-01 00:30), datetime(2024-01-01 01:10)] | summarize count() by bin_auto(at)",
        "at:datetime count_:long
         '2024-01-01' 1
         '2024-01-01T01:00:00Z' 1",
    );
    check(
        "set query_bin_auto_size = 5; set query_bin_auto_at = 2; range n from 1 to 9 step 4 | project bin_auto(n)",
        "n:long
         -3
         2
         7",
    );
    check(
        "print bin_auto(1)",
        "SEM0219: the size of the bins of `bin_auto` is not set",
    );
}
