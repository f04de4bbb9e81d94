//! `parse` with texts and with regular expressions.

mod answers;

use answers::check;

#[test]
fn a_regular_expression_ends_where_it_ends() {
    for (text, pattern, expected) in [
        ("n=27 junk", "kind=regex s with 'n=' v:long", "v:long\n27"),
        ("n=27 junk", "kind=regex flags=U s with 'n=' v:long", "v:long\n2"),
        ("n=27 junk", "s with 'n=' v:long", "v:long\nnull"),
        ("n=2.75 junk", "kind=regex s with 'n=' v:real", "v:real\n2.75"),
        ("n=true junk", "kind=regex s with 'n=' v:bool", "v:bool\ntrue"),
        (
            "n=12x m=1",
            "kind=regex s with 'n=' v:bool * 'm='",
            "v:bool\nnull",
        ),
        (
            "k=up. l=1. m=2",
            "kind=regex flags=U s with * 'k=' v @'\\.'",
            "v:string\n'up'",
        ),
        (
            "k=up. l=1. m=2",
            "kind=regex s with * 'k=' v @'\\.'",
            "v:string\n'up. l=1'",
        ),
        ("k=up. l=1. m=2", "s with * 'k=' v '.'", "v:string\n''"),
        ("k=up. l=1.", "s with * 'k=' v '.'", "v:string\n'up. l=1'"),
        (
            "k=up. l=1",
            "kind=regex flags=U s with 'k=' v",
            "v:string\n'up. l=1'",
        ),
        ("k={1}", "kind=regex s with 'k={' v '}'", "v:string\n'1'"),
    ] {
        check(
            &format!("print s = '{text}' | parse {pattern} | project v"),
            expected,
        );
    }
}
