//! Signing with an account's key.
//! <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use net::Secret;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::storage::text::decoded;

/// The length of a block of SHA-256.
const BLOCK: usize = 64;

/// An account's key, ready to sign with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// As it was given: it is a `Secret` so that whatever holds it cannot show it.
    written: Secret,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.written.fmt(f)
    }
}

impl Key {
    /// Of its base64; none if it is something else.
    pub(crate) fn of(written: &Secret) -> Option<Self> {
        let bytes = STANDARD.decode(written.expose().trim()).ok()?;
        (!bytes.is_empty()).then(|| Self {
            written: written.clone(),
            bytes,
        })
    }

    /// A signature of a text, in base64.
    pub(crate) fn signature(&self, text: &str) -> Secret {
        Secret::new(&STANDARD.encode(hmac_sha256(&self.bytes, text.as_bytes())))
    }
}

/// HMAC over SHA-256. <https://www.rfc-editor.org/rfc/rfc2104>
fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_ref() } else { key };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer.into()
}

/// The text that is signed of a request: its method, where it goes, what it carries.
pub(crate) fn text_of(
    method: &str,
    account: &str,
    url: &Url,
    headers: &[(&'static str, String)],
    length: usize,
) -> String {
    let held = |wanted: &str| {
        let held = headers.iter().find(|(name, _)| *name == wanted);
        held.map_or("", |(_, value)| value.as_str())
    };
    let length = match length {
        0 => String::new(),
        length => length.to_string(),
    };
    let mut own: Vec<_> = headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-ms-"))
        .collect();
    own.sort_by_key(|(name, _)| *name);
    let mut lines = vec![
        method,
        held("content-encoding"),
        held("content-language"),
        &length,
        held("content-md5"),
        held("content-type"),
        // The date stands in `x-ms-date`.
        "",
        held("if-modified-since"),
        held("if-match"),
        held("if-none-match"),
        held("if-unmodified-since"),
        held("range"),
    ];
    let own: Vec<String> = own
        .iter()
        .map(|(name, value)| format!("{name}:{}", value.trim()))
        .collect();
    lines.extend(own.iter().map(String::as_str));
    format!("{}\n{}", lines.join("\n"), resource_of(account, url))
}

/// Where a request goes, as it is signed: the account, the path as sent, and the query decoded and sorted.
fn resource_of(account: &str, url: &Url) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decoded(name).to_lowercase(), decoded(value)));
    }
    pairs.sort();
    let mut text = format!("/{account}{}", url.path());
    let mut before: Option<String> = None;
    for (name, value) in pairs {
        match before.as_ref() == Some(&name) {
            true => text.push_str(&format!(",{value}")),
            false => text.push_str(&format!("\n{name}:{value}")),
        }
        before = Some(name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// <https://www.rfc-editor.org/rfc/rfc4231#section-4>
    #[test]
    fn published_values_of_hmac() {
        let check = |key: &[u8], text: &[u8], expected: &str| {
            let found: String = hmac_sha256(key, text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(found, expected);
        };
        check(
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }

    /// The examples of the page that the module names.
    #[test]
    fn published_texts() {
        let headers = [
            ("x-ms-version", "2015-02-21".to_owned()),
            ("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT".to_owned()),
        ];
        let at = url(
            "https://myaccount.blob.core.windows.net/mycontainer?comp=metadata&restype=container&timeout=20",
        );
        assert_eq!(
            text_of("GET", "myaccount", &at, &headers, 0),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n\
             /myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"
        );
        let check = |text: &str, expected: &str| {
            assert_eq!(resource_of("myaccount", &url(text)), expected);
        };
        check(
            "http://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=metadata",
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container",
        );
        check(
            "http://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=list&include=snapshots\
             &include=metadata&include=uncommittedblobs",
            "/myaccount/mycontainer\ncomp:list\ninclude:metadata,snapshots,uncommittedblobs\nrestype:container",
        );
        check(
            "https://myaccount-secondary.blob.core.windows.net/mycontainer/myblob",
            "/myaccount/mycontainer/myblob",
        );
    }

    #[test]
    fn lengths_conditions_and_emulators() {
        let headers = [
            ("content-type", "application/octet-stream".to_owned()),
            ("if-none-match", "*".to_owned()),
            ("x-ms-blob-type", "BlockBlob".to_owned()),
        ];
        let at = url("http://127.0.0.1:10000/devstoreaccount1/c/a%20b%3D1");
        assert_eq!(
            text_of("PUT", "devstoreaccount1", &at, &headers, 11),
            "PUT\n\n\n11\n\napplication/octet-stream\n\n\n\n*\n\n\nx-ms-blob-type:BlockBlob\n\
             /devstoreaccount1/devstoreaccount1/c/a%20b%3D1"
        );
    }

    #[test]
    fn a_key_is_not_shown() {
        let key = Key::of(&Secret::new(" a2V5 ")).unwrap();
        assert_eq!(format!("{key:?}"), "[secret]");
        assert_eq!(Key::of(&Secret::new("not base64!")), None);
        assert_eq!(Key::of(&Secret::new("")), None);
    }
}
