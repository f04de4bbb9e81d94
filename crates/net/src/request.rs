//! What is asked, and what is answered.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::meter::Kind;
use crate::secret::Secret;

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Method {
    Get,
    Head,
    Put,
    Post,
    Delete,
}

impl Method {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// What it is counted as where nothing else is said.
    const fn kind(self) -> Kind {
        match self {
            Self::Get | Self::Head => Kind::Read,
            Self::Put | Self::Post => Kind::Write,
            Self::Delete => Kind::Delete,
        }
    }
}

/// What is sent along.
#[derive(Clone)]
pub(crate) enum Body {
    Secret(Secret),
    Bytes(Bytes),
}

impl Body {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Secret(secret) => secret.expose().len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// What is asked.
///
/// What only reads, and a form, may be asked twice. Of what changes something, its caller says whether it may
/// ([`Request::repeatable`]); else it is tried again only where the first try surely was not carried out.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, Secret)>,
    pub(crate) body: Option<Body>,
    pub(crate) bytes_max: usize,
    pub(crate) time_max: Option<Duration>,
    pub(crate) tries_max: Option<u32>,
    pub(crate) is_repeatable: bool,
    pub(crate) kind: Kind,
    pub(crate) whose: Option<String>,
}

impl Request {
    /// Asks something of a URL. Of the answer so many bytes are read at most.
    #[must_use]
    pub const fn new(method: Method, url: Url, bytes_max: usize) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
            bytes_max,
            time_max: None,
            tries_max: None,
            is_repeatable: matches!(method, Method::Get | Method::Head),
            kind: method.kind(),
            whose: None,
        }
    }

    /// Asks for what stands at a URL, of which so many bytes are read at most.
    #[must_use]
    pub const fn get(url: Url, bytes_max: usize) -> Self {
        Self::new(Method::Get, url, bytes_max)
    }

    /// Sends bytes along. They are not copied.
    #[must_use]
    pub fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(Body::Bytes(bytes));
        self
    }

    /// Says that the server may carry it out twice: it then is as if it had done so once, or the caller can tell by
    /// [`Response::is_unsure`].
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Says what it is counted as.
    #[must_use]
    pub const fn counted(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Says what is asked, as people know it; else it is the host.
    #[must_use]
    pub fn whose(mut self, place: &str) -> Self {
        self.whose = Some(place.to_owned());
        self
    }

    /// Where it goes.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a form.
    #[must_use]
    pub fn form(url: Url, bytes_max: usize, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Self {
            body: Some(Body::Secret(Secret::new(&body))),
            ..Self::new(Method::Post, url, bytes_max)
        };
        let request = request.repeatable().counted(Kind::Other);
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
    /// True if an earlier try may have been carried out, though no answer told so: a refusal because something is there
    /// already may then be of one's own doing.
    pub is_unsure: bool,
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
            is_unsure: false,
            headers: vec![("set-cookie".to_owned(), "hidden".to_owned())],
        };
        assert_eq!(format!("{response:?}"), "200 with 6 bytes");
    }
}
