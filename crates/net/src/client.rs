//! Asking, again where that may help.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use model::limits;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::error::{NO_ADDRESS, NO_NAMES, NetError};
use crate::meter::Meter;
use crate::place;
use crate::proxy::Proxies;
use crate::request::{Body, Method, Request, Response};
use crate::retry::{self, Chance, Retry};
use crate::waiting::{Wait, Waiting};

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it calls itself, such as `flowglass/0.1.0`.
    pub user_agent: String,
    /// What it goes through.
    pub proxies: Proxies,
    /// How patient it is.
    pub retry: Retry,
    /// Spreads the times of those who try again.
    pub seed: u64,
}

/// Who asks. Connections are kept and shared.
#[derive(Debug)]
pub struct Client {
    /// Over TLS, through proxies.
    outward: reqwest::Client,
    /// In plain HTTP, with this machine and its link.
    near: reqwest::Client,
    proxies: Proxies,
    retry: Retry,
    chance: Chance,
    meter: Meter,
    waiting: Waiting,
}

impl Client {
    /// Makes one.
    ///
    /// # Errors
    /// If a setting cannot be used, or the system has no certificates.
    pub fn new(settings: &Settings) -> Result<Self, NetError> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&settings.user_agent)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .read_timeout(Duration::from_secs(limits::HTTP_SILENCE_SECS_MAX))
        };
        let failed = |error: &reqwest::Error| NetError::Setting {
            what: "TLS".to_owned(),
            reason: root_of(error),
        };
        let outward = settings
            .proxies
            .put_into(builder().connect_timeout(Duration::from_secs(limits::HTTP_CONNECT_SECS_MAX)))?;
        let near = builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(1))
            // It speaks no TLS, so that a machine without certificates can ask for its identity.
            .tls_certs_only([]);
        Ok(Self {
            outward: outward.build().map_err(|error| failed(&error))?,
            near: near.build().map_err(|error| failed(&error))?,
            proxies: settings.proxies.clone(),
            retry: settings.retry,
            chance: Chance::of(settings.seed),
            meter: Meter::default(),
            waiting: Waiting::default(),
        })
    }

    /// Tells there what is not answered.
    #[must_use]
    pub fn waiting_in(mut self, waiting: Waiting) -> Self {
        self.waiting = waiting;
        self
    }

    /// What was asked so far.
    #[must_use]
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Asks, and asks again after errors that may pass. What has a status is an answer, also where it is one of an error.
    ///
    /// # Errors
    /// If no answer comes, or one that is too large.
    pub async fn send(&self, request: &Request) -> Result<Response, NetError> {
        self.send_each(|_| Ok(request.clone())).await
    }

    /// The same, with a request that is made anew for each try, counted from 1: a signature holds for minutes only.
    ///
    /// # Errors
    /// If no answer comes, or one that is too large, or a request cannot be made.
    pub async fn send_each<E: From<NetError>>(
        &self,
        mut make: impl FnMut(u32) -> Result<Request, E>,
    ) -> Result<Response, E> {
        let mut tries = 0;
        let mut is_unsure = false;
        let mut waits: Option<Wait> = None;
        loop {
            tries += 1;
            let request = make(tries)?;
            place::check(&request.url)?;
            let tries_max = request.tries_max.unwrap_or(self.retry.tries_max);
            self.meter.asks(&request, tries > 1);
            let waits = waits.get_or_insert_with(|| self.waiting.of(whose(&request)));
            waits.asks();
            let answer = self.once(&request, waits).await;
            if !matches!(answer, Err(NetError::TimedOut { .. })) {
                waits.rests();
            }
            let (may_pass, is_untouched, asked) = match &answer {
                Ok(response) => (
                    retry::may_pass(response.status),
                    retry::is_untouched(response.status),
                    retry::asked(response),
                ),
                Err(error) => (error.may_pass(), error.is_untouched(), None),
            };
            let may_again = may_pass && (request.is_repeatable || is_untouched);
            let wait = self.retry.wait(tries, tries_max, asked, self.chance.next());
            match wait.filter(|_| may_again) {
                Some(wait) => {
                    is_unsure |= !is_untouched;
                    tokio::time::sleep(wait).await;
                }
                None => {
                    waits.gives_up();
                    return match answer {
                        Ok(response) => Ok(Response {
                            tries,
                            wait: asked,
                            is_unsure,
                            ..response
                        }),
                        Err(error) => Err(error.after(tries).into()),
                    };
                }
            }
        }
    }

    async fn once(&self, request: &Request, waits: &Wait) -> Result<Response, NetError> {
        let url = request.url.clone();
        let is_plain = url.scheme() == "http";
        let client = if is_plain { &self.near } else { &self.outward };
        let mut builder = match request.method {
            Method::Get => client.get(url),
            Method::Head => client.head(url),
            Method::Put => client.put(url),
            Method::Post => client.post(url),
            Method::Delete => client.delete(url),
        };
        let time_max = request
            .time_max
            .unwrap_or(Duration::from_secs(limits::HTTP_SECS_MAX));
        builder = builder.headers(headers(request)?).timeout(time_max);
        builder = match &request.body {
            Some(Body::Secret(secret)) => builder.body(secret.expose().to_owned()),
            Some(Body::Bytes(bytes)) => builder.body(bytes.clone()),
            None => builder,
        };
        let is_empty = request.body.as_ref().is_none_or(|body| body.len() == 0);
        if is_empty && matches!(request.method, Method::Put | Method::Post) {
            // Said nowhere else, and servers ask for it.
            builder = builder.header(CONTENT_LENGTH, 0);
        }
        let proxies = if is_plain {
            String::new()
        } else {
            self.proxies.said()
        };
        let failed = |error: &reqwest::Error| failure(&request.url, &proxies, error);
        let mut response = builder.send().await.map_err(|error| failed(&error))?;
        waits.answered();
        let body = self.body_of((request, waits), &mut response, &failed).await?;
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers().iter();
        Ok(Response {
            status: response.status().as_u16(),
            body,
            tries: 1,
            wait: None,
            is_unsure: false,
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
        })
    }

    /// The body of an answer, as far as it may be read. One to HEAD has none, whatever its length is said to be.
    async fn body_of(
        &self,
        (request, waits): (&Request, &Wait),
        response: &mut reqwest::Response,
        failed: &impl Fn(&reqwest::Error) -> NetError,
    ) -> Result<Vec<u8>, NetError> {
        if request.method == Method::Head {
            self.meter.answered(response.status().as_u16(), 0);
            return Ok(Vec::new());
        }
        let too_large = || NetError::TooLarge {
            host: place::host(&request.url),
            bytes_max: request.bytes_max,
        };
        let length = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if length > request.bytes_max {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(length);
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > request.bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
            waits.answered();
        }
        self.meter.answered(response.status().as_u16(), body.len());
        Ok(body)
    }
}

fn whose(request: &Request) -> String {
    let host = || place::host(&request.url);
    request.whose.clone().unwrap_or_else(host)
}

fn headers(request: &Request) -> Result<HeaderMap, NetError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| NetError::Setting {
            what: format!("the value of the header `{name}`"),
            reason: "it holds letters that no header may have".to_owned(),
        })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// What went wrong, without the URL: it may hold a signature.
fn failure(url: &Url, proxies: &str, error: &reqwest::Error) -> NetError {
    let host = format!("{}{proxies}", place::host(url));
    let reason = root_of(error);
    let tries = 1;
    if error.is_timeout() {
        NetError::TimedOut { host, tries }
    } else if reason.contains("certificate") {
        NetError::Untrusted { host, reason }
    } else if error.is_connect() {
        NetError::Unreachable { host, reason, tries }
    } else {
        NetError::Cut { host, reason, tries }
    }
}

/// True if the name service itself was not there: whether there is such a name is not known then.
fn is_nameless(text: &str) -> bool {
    [
        "Temporary failure in name resolution",
        "Try again",
        "try again later",
    ]
    .iter()
    .any(|said| text.contains(said))
}

/// What lies at the bottom of it, in words.
fn root_of(error: &reqwest::Error) -> String {
    let mut deepest: &(dyn std::error::Error + 'static) = error;
    let mut next = error.source();
    while let Some(cause) = next {
        deepest = cause;
        next = cause.source();
    }
    let kind = deepest.downcast_ref::<io::Error>().map(io::Error::kind);
    let text = deepest.to_string();
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset) => "the connection was reset".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "it ended too early".to_owned(),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no way there".to_owned()
        }
        _ if is_nameless(&text) => NO_NAMES.to_owned(),
        _ if text.contains("lookup address") || text.contains("No such host") => NO_ADDRESS.to_owned(),
        _ if text.contains("IncompleteMessage") || text.contains("before message completed") => {
            "it ended too early".to_owned()
        }
        _ => text.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_unknown_is_not_a_name_service_that_is_away() {
        for (said, expected) in [
            (
                "failed to lookup address information: Name or service not known",
                false,
            ),
            (
                "failed to lookup address information: Temporary failure in name resolution",
                true,
            ),
            ("failed to lookup address information: Try again", true),
        ] {
            assert_eq!(is_nameless(said), expected, "{said}");
        }
        let failure = |reason: &str| NetError::Unreachable {
            host: "account.example".to_owned(),
            reason: reason.to_owned(),
            tries: 1,
        };
        assert!(failure(NO_NAMES).may_pass() && !failure(NO_ADDRESS).may_pass());
        assert!(failure(NO_NAMES).hint().contains("name service"));
    }
}
