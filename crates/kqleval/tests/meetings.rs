//! Texts beside values of other types.

mod answers;

use answers::check;

#[test]
fn a_literal_text_is_read_as_the_other_type() {
    for (value, text, equal) in [
        ("int(443)", "443", "true"),
        ("443", " 443 ", "true"),
        ("443", "443x", "false"),
        ("443", "", "false"),
        ("int(1)", "99999999999", "false"),
        ("1.5", "1.50", "true"),
        ("decimal(1.5)", "1.5", "true"),
        ("true", "true", "true"),
        ("true", "True", "true"),
        ("false", "False", "true"),
        ("true", "yes", "false"),
        ("1h", "01:00:00", "true"),
        ("datetime(2025-01-01)", "2025-01-01", "true"),
    ] {
        let unequal = if equal == "true" { "false" } else { "true" };
        let expected =
            format!("a:bool b:bool c:bool d:bool e:bool\n{equal} {unequal} {equal} {equal} {unequal}");
        check(
            &format!(
                "print v = {value} | project a = v == '{text}', b = v != '{text}', c = '{text}' == v, \
                 d = v in ('{text}'), e = v !in ('{text}')"
            ),
            &expected,
        );
    }
}

#[test]
fn a_column_of_texts_is_read_as_the_other_type() {
    check(
        "datatable(s:string, n:long, b:bool)['5', 5, true, 'True', 6, true, '', long(null), bool(null), 'x', 1, false] \
         | project a = s == 5, b = s == n, c = b == s, d = s == true, e = s != n",
        "a:bool b:bool c:bool d:bool e:bool
         true true true true false
         false false true true true
         false null null false null
         false false false false true",
    );
}

#[test]
fn lists_hold_texts_and_others() {
    check(
        "datatable(s:string, n:long)['5', 5, '7', 6, '', long(null)] \
         | project a = s in (5, 7), b = n in (s, '6'), c = s !in (n), d = s in ('7', 5), e = n in ('6', 5)",
        "a:bool b:bool c:bool d:bool e:bool
         true true false true true
         true true true true true
         false false true false false",
    );
}

#[test]
fn rows_of_the_other_type_are_looked_in() {
    check(
        "let T = datatable(s:string, n:int)['443', 443, '53', 80]; T | where n in ((T | project s)) | project n",
        "n:int\n443",
    );
    check(
        "let T = datatable(s:string, n:int)['443', 443, '53', 80]; T | where s !in ((T | project n)) | project s",
        "s:string\n'53'",
    );
}

#[test]
fn arrays_hold_texts_and_others() {
    check(
        "let p = dynamic(['443', '53']); datatable(a:int)[443, 80] | where a in (p)",
        "a:int\n443",
    );
    check(
        "let p = dynamic([443]); datatable(a:string)['443', '80', ''] | where a !in (p)",
        "a:string\n'80'\n''",
    );
}

#[test]
fn what_has_no_equality_stays_refused() {
    for query in [
        "print 5 > '4'",
        "print 5 =~ '5'",
        "print 5 has '5'",
        "print true < 'true'",
        "print 1h == 5",
    ] {
        check(query, "SEM0064");
    }
}

#[test]
fn find_compares_over_tables_of_several_types() {
    check(
        "let A = datatable(p:string)['443', '53']; let B = datatable(p:int)[443, 80]; \
         union A, B | where p_string == 443 or p_int == '443' | count",
        "Count:long\n2",
    );
}
