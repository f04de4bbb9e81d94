//! Keys of `join` and `lookup`.

mod answers;

use answers::check;

#[test]
fn keys_of_other_types_are_refused() {
    for (left, right) in [
        ("1", "1.0"),
        ("real(1)", "int(1)"),
        ("decimal(1)", "1"),
        ("decimal(1)", "1.0"),
        ("true", "1"),
        ("'1'", "1"),
        ("dynamic(1)", "dynamic(1)"),
    ] {
        for operator in ["join kind=inner", "join kind=leftanti", "lookup"] {
            let query = format!("print k = {left} | {operator} (print k = {right}, r = 1)");
            check(&format!("{query} on k"), "SEM0064");
            check(&format!("{query} on $left.k == $right.k"), "SEM0064");
        }
    }
    check(
        "print k = 1 | join (print k = 1.0) on k",
        "SEM0064: keys of type long and real cannot be joined",
    );
}

#[test]
fn int_and_long_are_joined() {
    for (left, right) in [("int(1)", "1"), ("1", "int(1)")] {
        let types = |text: &str| if text.starts_with("int") { "int" } else { "long" };
        check(
            &format!("print k = {left} | join kind=inner (print k = {right}) on k"),
            &format!("k:{} k1:{}\n1 1", types(left), types(right)),
        );
        check(
            &format!(
                "print a = {left} | lookup kind=inner (print b = {right}, r = 'x') on $left.a == $right.b"
            ),
            &format!("a:{} r:string\n1 'x'", types(left)),
        );
    }
}

#[test]
fn decimals_are_the_same_whatever_their_zeros() {
    check(
        "datatable(d: decimal)[decimal(1.0), decimal(1.00), decimal(1), decimal(-0.0), decimal(0)]
         | summarize n = count() by d | extend s = tostring(d) | project s, n | sort by n asc",
        "s:string n:long
         '-0.0' 2
         '1.0' 3",
    );
    check(
        "print k = decimal(1.50) | join kind=inner (print k = decimal(1.5), r = 1) on k | project r",
        "r:long\n1",
    );
}
