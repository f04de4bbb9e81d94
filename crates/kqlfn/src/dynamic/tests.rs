//! Values come back as they were written, and broken bytes do no harm.

use super::*;

#[test]
fn json_comes_back() {
    for (text, expected) in [
        ("null", "null"),
        ("[1, 2.5, \"a\", true, null]", "[1,2.5,\"a\",true,null]"),
        (
            "{\"b\": {\"x\": []}, \"a\": [{}]}",
            "{\"b\":{\"x\":[]},\"a\":[{}]}",
        ),
        ("{\"a\": 1, \"b\": 2, \"a\": [3, 4]}", "{\"a\":[3,4],\"b\":2}"),
        ("\"\\u00e9\\n\\\"\"", "\"é\\n\\\"\""),
        ("9223372036854775807", "9223372036854775807"),
        ("-1.0", "-1.0"),
    ] {
        let bytes = from_json(text).unwrap_or_default();
        assert_eq!(Dynamic::read(&bytes).to_json(), expected, "{text}");
        let again = Writer::build(|writer| writer.value(Dynamic::read(&bytes)));
        assert_eq!(again, bytes, "{text}");
    }
    for text in ["", "abc", "{", "[1,]", "1 2", "{\"a\":}"] {
        assert_eq!(from_json(text), None, "{text}");
        assert_eq!(Dynamic::read(&from_text(text)), Dynamic::String(text));
    }
}

#[test]
fn elements_and_members_are_found() {
    let bytes = from_json("{\"a\": [10, 20, 30], \"b\": \"x\"}").unwrap_or_default();
    let bag = Dynamic::read(&bytes).bag();
    let array = bag.and_then(|bag| bag.get("a")).and_then(Dynamic::array);
    assert_eq!(array.and_then(|array| array.at(-1)), Some(Dynamic::Long(30)));
    assert_eq!(array.and_then(|array| array.at(3)), None);
    assert_eq!(array.and_then(|array| array.at(-4)), None);
    assert_eq!(bag.and_then(|bag| bag.get("c")), None);
    assert_eq!(
        bag.map(|bag| bag.iter().map(|(key, _)| key).collect::<Vec<_>>()),
        Some(vec!["a", "b"])
    );
}

#[test]
fn bytes_that_are_no_value_are_read_without_harm() {
    let bytes = from_json("{\"a\": [1, {\"b\": null}], \"c\": \"é\"}").unwrap_or_default();
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut broken = bytes.clone();
            if let Some(byte) = broken.get_mut(at) {
                *byte ^= flip;
            }
            let _ = Dynamic::read(&broken).to_json();
        }
        let _ = Dynamic::read(bytes.get(..at).unwrap_or_default()).to_json();
    }
}

#[test]
fn keys_that_come_again_take_the_place_of_the_first() {
    let number = 100;
    let bytes = Writer::build(|writer| {
        writer.bag(|members| {
            for round in 0..3_usize {
                for key in 0..number {
                    let text = "x".repeat((round * 7 + key) % 5);
                    members.push(&format!("key{key}"), |writer| writer.string(&text));
                    assert!(members.has(&format!("key{key}")));
                    assert!(!members.has(&format!("key{}", key + number)));
                }
            }
        });
    });
    let expected = Writer::build(|writer| {
        writer.bag(|members| {
            for key in 0..number {
                let text = "x".repeat((2 * 7 + key) % 5);
                members.push(&format!("key{key}"), |writer| writer.string(&text));
            }
        });
    });
    assert_eq!(bytes, expected);
}
