//! What is asked, and what is answered.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::secret::Secret;

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Method {
    Get,
    Post,
}

/// What is asked. Everything that is asked here may be asked twice: nothing is changed by it.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, Secret)>,
    pub(crate) body: Option<Secret>,
    pub(crate) bytes_max: usize,
    pub(crate) time_max: Option<Duration>,
    pub(crate) tries_max: Option<u32>,
}

impl Request {
    /// Asks for what stands at a URL, of which so many bytes are read at most.
    #[must_use]
    pub const fn get(url: Url, bytes_max: usize) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            bytes_max,
            time_max: None,
            tries_max: None,
        }
    }

    /// Sends a form.
    #[must_use]
    pub fn form(url: Url, bytes_max: usize, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Self {
            method: Method::Post,
            body: Some(Secret::new(&body)),
            ..Self::get(url, bytes_max)
        };
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.secret_header(name, Secret::new(value))
    }

    /// Adds a header that is a secret.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says who asks.
    #[must_use]
    pub fn bearer(self, token: &Secret) -> Self {
        let value = Secret::new(&format!("Bearer {}", token.expose()));
        self.secret_header("authorization", value)
    }

    /// Waits no longer than this for one try.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.time_max = Some(time);
        self
    }

    /// Tries no more often than this.
    #[must_use]
    pub const fn tried(mut self, tries_max: u32) -> Self {
        self.tries_max = Some(tries_max);
        self
    }
}

impl fmt::Debug for Request {
    /// Without what may be secret: query, headers and body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, host, path) = (self.method, crate::place::host(&self.url), self.url.path());
        write!(f, "{method:?} {host}{path}")
    }
}

/// What was answered, whatever its status.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
    /// So many times it was asked.
    pub tries: u32,
    /// So long the last answer asked to wait.
    pub wait: Option<Duration>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Response {
    /// A header's value; names are in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let held = self.headers.iter().find(|(held, _)| held == name);
        held.map(|(_, value)| value.as_str())
    }

    /// True for 2xx.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

impl fmt::Debug for Response {
    /// Without the body: it may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let url = Url::parse("https://login.example/t/token?sig=hidden").unwrap();
        let request = Request::form(url, 1, &[("client_secret", "hidden")]).bearer(&Secret::new("hidden"));
        assert_eq!(format!("{request:?}"), "Post login.example/t/token");
        let response = Response {
            status: 200,
            body: b"hidden".to_vec(),
            tries: 1,
            wait: None,
            headers: vec![("set-cookie".to_owned(), "hidden".to_owned())],
        };
        assert_eq!(format!("{response:?}"), "200 with 6 bytes");
    }
}
