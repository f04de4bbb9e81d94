//! `url_decode`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "url_decode",
    aliases: &[],
    signatures: &["(encoded_url:string) -> string"],
    tuple: &[],
    summary: "The text that stands encoded in a URL.",
    notes: "`+` becomes a blank. What is no encoding stays. Bytes that are no UTF-8 become U+FFFD.",
    examples: &[
        (
            "url_decode('https%3a%2f%2fwww.bing.com%2f')",
            "'https://www.bing.com/'",
        ),
        ("url_decode('hello+world%20x')", "'hello world x'"),
        ("url_decode('100%, %zz')", "'100%, %zz'"),
        ("url_decode('caf%C3%A9')", "'café'"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let text = call.text(0, row);
            if !text.contains(['%', '+']) {
                return text;
            }
            let mut decoded = Vec::with_capacity(text.len());
            let mut rest = text.as_bytes();
            while let [first, behind @ ..] = rest {
                rest = behind;
                match (first, behind) {
                    (b'+', _) => decoded.push(b' '),
                    (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                        (Some(high), Some(low)) => {
                            decoded.push(high * 16 + low);
                            rest = after;
                        }
                        _ => decoded.push(b'%'),
                    },
                    (byte, _) => decoded.push(*byte),
                }
            }
            String::from_utf8_lossy(&decoded).into_owned().into()
        })
    },
};

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
