//! Asking, again where that may help.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use model::limits;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::error::NetError;
use crate::place;
use crate::proxy::Proxies;
use crate::request::{Method, Request, Response};
use crate::retry::{self, Chance, Retry};

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
        })
    }

    /// Asks, and asks again after errors that may pass. What has a status is an answer, also where it is one of an error.
    ///
    /// # Errors
    /// If no answer comes, or one that is too large.
    pub async fn send(&self, request: &Request) -> Result<Response, NetError> {
        place::check(&request.url)?;
        let tries_max = request.tries_max.unwrap_or(self.retry.tries_max);
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.once(request).await;
            let (may_pass, asked) = match &answer {
                Ok(response) => (retry::may_pass(response.status), retry::asked(response)),
                Err(error) => (error.may_pass(), None),
            };
            let wait = self.retry.wait(tries, tries_max, asked, self.chance.next());
            match wait.filter(|_| may_pass) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    return match answer {
                        Ok(response) => Ok(Response {
                            tries,
                            wait: asked,
                            ..response
                        }),
                        Err(error) => Err(error.after(tries)),
                    };
                }
            }
        }
    }

    async fn once(&self, request: &Request) -> Result<Response, NetError> {
        let url = request.url.clone();
        let is_plain = url.scheme() == "http";
        let client = if is_plain { &self.near } else { &self.outward };
        let mut builder = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
        };
        let time_max = request
            .time_max
            .unwrap_or(Duration::from_secs(limits::HTTP_SECS_MAX));
        builder = builder.headers(headers(request)?).timeout(time_max);
        if let Some(body) = &request.body {
            builder = builder.body(body.expose().to_owned());
        }
        let proxies = if is_plain {
            String::new()
        } else {
            self.proxies.said()
        };
        let failed = |error: &reqwest::Error| failure(&request.url, &proxies, error);
        let mut response = builder.send().await.map_err(|error| failed(&error))?;
        let too_large = || NetError::TooLarge {
            host: place::host(&request.url),
            bytes_max: request.bytes_max,
        };
        let length = response.content_length().unwrap_or(0);
        if usize::try_from(length).map_or(true, |length| length > request.bytes_max) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > request.bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers().iter();
        Ok(Response {
            status: response.status().as_u16(),
            body,
            tries: 1,
            wait: None,
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
        })
    }
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
        _ if text.contains("lookup address") => "no address is known for that name".to_owned(),
        _ if text.contains("IncompleteMessage") || text.contains("before message completed") => {
            "it ended too early".to_owned()
        }
        _ => text.to_lowercase(),
    }
}
