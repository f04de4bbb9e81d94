//! Azure Resource Manager: lists, page by page, with a token that is renewed when it is turned away.

use std::collections::HashSet;
use std::sync::Arc;

use model::limits::{ARM_PAGE_BYTES_MAX, ARM_PAGES_MAX, FACTS_BYTES_MAX};
use net::{Client, NetError, Request, Response, Secret};
use serde_json::{Map, Value};
use url::Url;

use crate::cloud::Cloud;
use crate::error::AzureError;
use crate::identity::Identity;

/// So much of what a server says is told.
const SAID_MAX: usize = 400;

/// A list as it came, and why it broke off if it did.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its elements, of all pages.
    pub elements: Vec<Value>,
    /// Why there may be more.
    pub failure: Option<AzureError>,
    /// What stands around the elements on the first page.
    around: Map<String, Value>,
    /// Under which name they stand.
    name: &'static str,
    next: Option<String>,
}

impl Listing {
    pub(crate) fn failed(failure: AzureError) -> Self {
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }

    /// One document, as if the list had come in one page. One that broke off keeps its `nextLink`, by which a reader sees that
    /// it goes on.
    #[must_use]
    pub fn document(self) -> Value {
        let mut document = self.around;
        let name = if self.name.is_empty() { "value" } else { self.name };
        document.insert(name.to_owned(), Value::Array(self.elements));
        if let Some(next) = self.next {
            document.insert("nextLink".to_owned(), Value::String(next));
        }
        Value::Object(document)
    }

    /// Takes a page; gives the link to the next one.
    fn take(&mut self, page: Value) -> Option<()> {
        let Value::Object(mut page) = page else {
            return None;
        };
        let name = ["value", "values"].into_iter().find(|name| {
            let held = page.get(*name);
            held.is_some_and(Value::is_array)
        })?;
        if let Some(Value::Array(elements)) = page.remove(name) {
            self.elements.extend(elements);
        }
        let next = page.remove("nextLink");
        self.next = next
            .and_then(|next| Some(next.as_str()?.to_owned()))
            .filter(|next| !next.is_empty());
        if self.name.is_empty() {
            self.name = name;
            self.around = page;
        }
        Some(())
    }
}

/// Azure Resource Manager of a cloud, asked as somebody.
#[derive(Debug)]
pub struct Arm {
    client: Arc<Client>,
    identity: Identity,
    cloud: Cloud,
}

impl Arm {
    /// Nothing is asked yet.
    #[must_use]
    pub const fn new(client: Arc<Client>, identity: Identity, cloud: Cloud) -> Self {
        Self {
            client,
            identity,
            cloud,
        }
    }

    /// Who asks.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) const fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Reads a list to its end, or as far as it goes.
    pub async fn list(&self, url: Url) -> Listing {
        let mut listing = Listing::default();
        listing.failure = self.pages(url, &mut listing).await.err();
        listing
    }

    async fn pages(&self, first: Url, listing: &mut Listing) -> Result<(), AzureError> {
        let host = net::host(&first);
        let mut seen = HashSet::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(url) = next {
            if seen.len() >= ARM_PAGES_MAX || !seen.insert(url.to_string()) {
                let reason = format!("after {} pages it leads on, or back", seen.len());
                return Err(AzureError::Endless { reason });
            }
            let (page, length) = self.get(&url).await?;
            bytes += length;
            if bytes > FACTS_BYTES_MAX {
                let bytes_max = FACTS_BYTES_MAX;
                return Err(NetError::TooLarge { host, bytes_max }.into());
            }
            listing.take(page).ok_or_else(|| AzureError::Unreadable {
                host: host.clone(),
                reason: "a list was expected, under `value`".to_owned(),
            })?;
            next = match &listing.next {
                Some(link) => Some(self.own_link(link)?),
                None => None,
            };
        }
        Ok(())
    }

    /// A link that stays where the token is good. Where it leads is the server's to say, but not to whom.
    fn own_link(&self, link: &str) -> Result<Url, AzureError> {
        let endpoint = &self.cloud.endpoint;
        let url = endpoint.join(link).map_err(|error| AzureError::Unreadable {
            host: net::host(endpoint),
            reason: format!("its `nextLink` is no URL: {error}"),
        })?;
        if net::is_same_place(&url, endpoint) {
            return Ok(url);
        }
        Err(AzureError::Foreign {
            host: net::host(endpoint),
            other: format!("{}://{}", url.scheme(), net::host(&url)),
        })
    }

    /// A JSON document, and how long it is.
    pub(crate) async fn get(&self, url: &Url) -> Result<(Value, usize), AzureError> {
        let audience = self.cloud.audience();
        let mut stale = None;
        loop {
            let token = self.identity.token(&audience, stale.as_ref()).await?;
            let request = Request::get(url.clone(), ARM_PAGE_BYTES_MAX)
                .header("accept", "application/json")
                .bearer(&token);
            let response = self.client.send(&request).await?;
            // It may have been revoked, or have ended while the list was read.
            if response.status == 401 && stale.is_none() {
                stale = Some(token);
                continue;
            }
            return Ok((answer(&response, url, &token)?, response.body.len()));
        }
    }
}

fn answer(response: &Response, url: &Url, token: &Secret) -> Result<Value, AzureError> {
    let (host, status) = (net::host(url), response.status);
    if response.is_good() {
        return serde_json::from_slice(&response.body).map_err(|error| AzureError::Unreadable {
            host,
            reason: format!("it is not JSON ({error})"),
        });
    }
    let (code, message) = said(response, token);
    match status {
        // Nothing of that provider was ever made in the subscription.
        _ if code == "MissingSubscriptionRegistration" => Ok(serde_json::json!({"value": []})),
        300..=399 => Err(AzureError::Redirected { host, status }),
        401 => Err(AzureError::Unknown { host, message }),
        403 => Err(AzureError::Refused { message }),
        408 | 429 | 500.. => Err(AzureError::Busy {
            host,
            status,
            message,
            tries: response.tries,
            wait_secs: response.wait.map(|wait| wait.as_secs()).filter(|secs| *secs > 0),
        }),
        _ => Err(AzureError::Answered {
            host,
            status,
            code,
            message,
        }),
    }
}

/// Code and message of an error, without what was sent to it.
/// <https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors>
fn said(response: &Response, token: &Secret) -> (String, String) {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| {
        let held = body.get("error").and_then(|error| error.get(name))?;
        Some(token.hidden_in(held.as_str()?))
    };
    let code = text("code").unwrap_or_default();
    let message = text("message").unwrap_or_default();
    let line: String = message
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(SAID_MAX)
        .collect();
    let line = line.trim_end_matches('.');
    let message = match (code.as_str(), line) {
        ("", "") => "without a reason".to_owned(),
        (code, "") => code.to_owned(),
        ("", line) => line.to_owned(),
        (code, line) => format!("{code}: {line}"),
    };
    (code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn pages_become_one_document() {
        let mut listing = Listing::default();
        listing
            .take(page(r#"{"value":[{"id":1}],"nextLink":"a"}"#))
            .unwrap();
        listing
            .take(page(r#"{"value":[{"id":2}],"nextLink":""}"#))
            .unwrap();
        assert_eq!(listing.document(), page(r#"{"value":[{"id":1},{"id":2}]}"#));
    }

    #[test]
    fn what_stands_around_service_tags_stays() {
        let mut listing = Listing::default();
        let first = r#"{"changeNumber":"7","cloud":"Public","values":[1],"nextLink":"a"}"#;
        listing.take(page(first)).unwrap();
        listing
            .take(page(r#"{"changeNumber":"7","values":[2]}"#))
            .unwrap();
        let whole = page(r#"{"changeNumber":"7","cloud":"Public","values":[1,2]}"#);
        assert_eq!(listing.document(), whole);
    }

    #[test]
    fn a_list_that_broke_off_says_so() {
        let mut listing = Listing::default();
        listing.take(page(r#"{"value":[1],"nextLink":"a"}"#)).unwrap();
        assert_eq!(listing.document(), page(r#"{"value":[1],"nextLink":"a"}"#));
        assert!(Listing::default().take(page("[]")).is_none());
        assert!(Listing::default().take(page(r#"{"value":{}}"#)).is_none());
        assert_eq!(Listing::default().document(), page(r#"{"value":[]}"#));
    }
}
