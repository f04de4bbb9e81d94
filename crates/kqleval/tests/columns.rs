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

#[test]
fn a_given_name_beside_one_that_came_by_itself_gets_a_number() {
    let rows = "datatable(k:long, a:long, b:long)[1, 2, 3] | ";
    for (operator, expected) in [
        (
            "summarize m = arg_max(a, *), b = make_set(b) by k",
            "k:long m:long b:long b1:dynamic\n1 2 3 [3]",
        ),
        (
            "summarize b1 = count(), m = arg_max(a, *), b = make_set(b) by k",
            "k:long b1:long m:long b:long b2:dynamic\n1 1 2 3 [3]",
        ),
        (
            "summarize arg_max(a, *), a = count() by k",
            "k:long a:long b:long a1:long\n1 2 3 1",
        ),
        ("summarize a = count() by bin(a, 5)", "a:long a1:long\n0 1"),
        (
            "summarize count() by bin(a, 5), a",
            "a:long a1:long count_:long\n0 2 1",
        ),
        (
            "summarize sum(a), sum_a = sum(b) + 1",
            "sum_a:long sum_a1:long\n2 4",
        ),
        (
            "summarize sum(a) + 1, Column1 = count()",
            "Column1:long Column11:long\n3 1",
        ),
        ("project abs(a), a", "a:long a1:long\n2 2"),
        ("project abs(a), a = b", "a:long a1:long\n2 3"),
        ("project a, a = b", "SEM0003"),
        ("summarize k = count() by k", "SEM0003"),
        ("summarize m = arg_max(a, *), m = count()", "SEM0003"),
        ("summarize (m, m) = arg_max(a, *)", "SEM0003"),
        ("summarize arg_max(a, *), k = count() by k", "SEM0003"),
        (
            "extend d = pack_array(1), e = pack_array(2) | mv-expand d, d = e",
            "SEM0003",
        ),
    ] {
        check(&format!("{rows}{operator}"), expected);
    }
    check("print 1, print_0 = 2", "print_0:long print_01:long\n1 2");
}
