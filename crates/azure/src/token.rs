//! Tokens, as each of those who give them out writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use net::Secret;
use serde_json::Value;

/// A token is renewed so long before it ends: clocks differ, and a list may take a while.
const MARGIN: Duration = Duration::from_secs(300);
/// Where nobody says how long it is good for.
const UNSAID: Duration = Duration::from_secs(600);

/// Proof of who asks, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    until: SystemTime,
}

impl Token {
    /// Of a JSON body: `access_token` or `accessToken`, with `expires_in` in seconds or `expires_on` since 1970, each as a
    /// number or as text.
    pub(crate) fn of(body: &[u8], now: SystemTime) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let secret = text("access_token").or_else(|| text("accessToken"))?;
        if secret.is_empty() {
            return None;
        }
        let number = |name: &str| {
            let held = body.get(name)?;
            held.as_u64().or_else(|| held.as_str()?.trim().parse().ok())
        };
        let at = number("expires_on").map(|secs| UNIX_EPOCH + Duration::from_secs(secs.min(1 << 40)));
        let until = match number("expires_in") {
            Some(secs) => now + Duration::from_secs(secs.min(1 << 32)),
            None => at.unwrap_or(now + UNSAID),
        };
        Some(Self {
            secret: Secret::new(secret),
            until,
        })
    }

    /// True while it is good for a while yet.
    pub(crate) fn is_good(&self, now: SystemTime) -> bool {
        self.until > now + MARGIN
    }
}

/// What a refusal says: Entra ID's first line, or another's message.
pub(crate) fn refusal(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error");
    let said = body
        .get("error_description")
        .or_else(|| error?.get("message"))
        .or_else(|| body.get("message"))
        .or(error)?
        .as_str()?;
    let line = said.lines().next().unwrap_or_default();
    // The first line of Entra ID ends with ids of the request in some versions.
    let line = line.split(" Trace ID:").next().unwrap_or(line);
    Some(line.trim().trim_end_matches('.').chars().take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_tokens() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let check = |body: &str, good_for: u64| {
            let token = Token::of(body.as_bytes(), now).unwrap();
            assert_eq!(token.secret.expose(), "t");
            assert_eq!(token.until, now + Duration::from_secs(good_for), "{body}");
        };
        // Entra ID, the metadata service, App Service, `az`.
        check(
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"t"}"#,
            3599,
        );
        check(
            r#"{"access_token":"t","expires_in":"86400","expires_on":"1"}"#,
            86_400,
        );
        check(r#"{"access_token":"t","expires_on":"1700000060"}"#, 60);
        check(
            r#"{"accessToken":"t","expiresOn":"2023-11-14 23:13:20.000000","expires_on":1700003600}"#,
            3600,
        );
        check(
            r#"{"accessToken":"t","expiresOn":"2023-11-14 23:13:20.000000"}"#,
            600,
        );
        for body in [
            "",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            "<html>",
        ] {
            assert_eq!(Token::of(body.as_bytes(), now), None, "{body}");
        }
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let now = UNIX_EPOCH;
        let token = Token::of(br#"{"access_token":"t","expires_in":3600}"#, now).unwrap();
        assert!(token.is_good(now));
        assert!(token.is_good(now + Duration::from_secs(3299)));
        assert!(!token.is_good(now + Duration::from_secs(3301)));
        assert_eq!(format!("{token:?}").matches("[secret]").count(), 1);
    }

    #[test]
    fn what_a_refusal_says() {
        let check = |body: &str, expected: Option<&str>| {
            assert_eq!(refusal(body.as_bytes()).as_deref(), expected, "{body}");
        };
        check(
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1\r\nCorrelation ID: 2"}"#,
            Some("AADSTS7000215: Invalid client secret provided"),
        );
        check(
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
            Some("Identity not found"),
        );
        check(r#"{"error":{"code":"x","message":"No."}}"#, Some("No"));
        check(r#"{"error":"invalid_request"}"#, Some("invalid_request"));
        check("<html>", None);
    }
}
