//! `parse-kv`: pairs of keys and values.

mod answers;

use answers::check;

#[track_caller]
fn parsed(text: &str, keys: &str, with: &str, expected: &str) {
    let query = format!("print text = @\"{text}\" | parse-kv text as ({keys}) {with} | project-away text");
    let columns = keys.replace(", ", " ").replace(['[', ']', '\''], "");
    check(&query, &format!("{columns}\n{expected}"));
}

#[test]
fn blanks_around_values_are_left_out() {
    let with = "with (pair_delimiter = ';', kv_delimiter = ':')";
    parsed("a:  b c ; d : 5", "a:string, d:long", with, "'b c' 5");
    parsed("a: 1; a: 2", "a:long, z:string", with, "1 ''");
}

#[test]
fn keys_may_be_quoted() {
    let with = "with (pair_delimiter = ' ', kv_delimiter = '=', quote = '<>')";
    parsed(
        "n=4 <the host>=<web one> m=5",
        "['the host']:string, m:int",
        with,
        "'web one' 5",
    );
}

#[test]
fn greedy_values_go_on_to_the_next_key() {
    let with = "with (pair_delimiter = ' ', kv_delimiter = '=', greedy = true)";
    parsed(
        "who=Ann B. C. age=7 x",
        "who:string, age:string",
        with,
        "'Ann B. C.' '7 x'",
    );
}

#[test]
fn without_delimiters_words_are_pairs() {
    parsed(
        "[12] state: up, port=443;",
        "port:int, state:string",
        "",
        "443 'up'",
    );
    parsed(
        "state: (not up) port 443",
        "state:string, port:int",
        "with (quote = '()')",
        "'not up' 443",
    );
    check(
        "print a = 'b=c' | parse-kv a as (b:string) with (kv_delimiter = '=')",
        "SEM0219",
    );
}

#[test]
fn a_key_may_be_declared_with_its_quotes() {
    let text = r#"{"ts":"2025-01-02","id.port": 53, "up":true}"#;
    let keys = r#"['"ts"']:datetime, ['"id.port"']:int, ['"up"']:bool, ['"no"']:string"#;
    check(
        &format!("print text = '{text}' | parse-kv text as ({keys}) with (quote = '\"') | project-away text"),
        "\"ts\":datetime \"id.port\":int \"up\":bool \"no\":string\n'2025-01-02' 53 true ''",
    );
}
