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
