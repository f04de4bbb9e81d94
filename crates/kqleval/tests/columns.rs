//! What columns are called and of which type they are.

mod answers;

use answers::check;

#[test]
fn names_come_from_paths() {
    let rows = "datatable(bag:dynamic, key:string)[dynamic({'a':[1,2]}), 'a'] | ";
    for (query, expected) in [
        ("project bag.a[1]", "bag_a_1:dynamic\n2"),
        ("project bag[key]", "bag_:dynamic\n[1,2]"),
        ("project toint(bag.a[-1])", "bag_a_:int\n2"),
        ("summarize max(toint(bag.a[-1]))", "max_bag_a_:int\n2"),
    ] {
        check(&format!("{rows}{query}"), expected);
    }
}

#[test]
fn a_sign_makes_a_long_of_an_int() {
    check(
        "datatable(n:int)[5] | project m = -n, p = +n",
        "m:long p:long\n-5 5",
    );
    check("print m = -int(5)", "m:int\n-5");
    check(
        "datatable(n:decimal)[decimal(1.5)] | project m = -n",
        "m:decimal\n'-1.5'",
    );
    check("print m = -true", "SEM0064");
    check("print m = true + 1", "SEM0064");
}

#[test]
fn distinct_takes_expressions_with_names() {
    check(
        "datatable(n:long)[1, 2, 3] | distinct half = n / 2, n > 5",
        "half:long Column1:bool\n0 false\n1 false",
    );
}

#[test]
fn parse_takes_what_is_no_text() {
    check(
        "datatable(n:long)[1207] | parse n with a:int '0' b:int",
        "n:long a:int b:int\n1207 12 7",
    );
    check(
        "print t = dynamic('k=v') | parse t with 'k=' k",
        "t:dynamic k:string\n'k=v' 'v'",
    );
}

#[test]
fn columns_of_the_right_get_numbers_that_are_free() {
    check(
        "datatable(n:long, n1:long)[1, 2] | join kind=inner (datatable(n:long, n2:long)[1, 3]) on n",
        "n:long n1:long n3:long n2:long\n1 2 1 3",
    );
}
