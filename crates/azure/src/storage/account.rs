//! One account's service, asked as somebody: requests are signed anew for each try, and answers that say no become errors.

use std::sync::Arc;

use bytes::Bytes;
use chrono::Utc;
use net::{Client, Kind as Counted, Method, Request, Response, Secret};
use url::Url;

use crate::storage::VERSION;
use crate::storage::credential::{Credential, Kind};
use crate::storage::error::{Problem, StorageError};
use crate::storage::place::Place;
use crate::storage::said::failure;
use crate::storage::sign;
use crate::storage::text::{date_of, encoded};

/// What is asked.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) kind: Counted,
    /// Of what, for messages.
    pub(crate) place: String,
    pub(crate) url: Url,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
    pub(crate) bytes_max: usize,
    /// False for what must not be carried out twice.
    pub(crate) is_repeatable: bool,
}

impl Ask {
    pub(crate) fn query(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// A body; PUT and POST always have one, be it empty.
    pub(crate) fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    pub(crate) const fn up_to(mut self, bytes_max: usize) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    pub(crate) const fn counted(mut self, kind: Counted) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) const fn once(mut self) -> Self {
        self.is_repeatable = false;
        self
    }
}

/// Who asks, with the token or the secret that was read for it.
struct Proof {
    credential: Credential,
    secret: Option<Secret>,
}

/// One account's service, asked as somebody.
#[derive(Debug)]
pub(crate) struct Account {
    client: Arc<Client>,
    pub(crate) place: Place,
    pub(crate) credential: Credential,
}

impl Account {
    pub(crate) const fn new(client: Arc<Client>, place: Place, credential: Credential) -> Self {
        Self {
            client,
            place,
            credential,
        }
    }

    /// A request for a blob, or with no name for the container or queue itself.
    pub(crate) fn ask(&self, method: Method, name: &str) -> Result<Ask, StorageError> {
        let place = match name {
            "" => self.place.own_address(),
            name => self.place.address(name),
        };
        Ok(Ask {
            method,
            // As Azure prices it: https://learn.microsoft.com/azure/storage/blobs/map-rest-apis-transaction-categories
            kind: match method {
                Method::Get => Counted::Read,
                Method::Head => Counted::Other,
                Method::Put | Method::Post => Counted::Write,
                Method::Delete => Counted::Delete,
            },
            place,
            url: self.place.url(name)?,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            bytes_max: model::limits::STORAGE_ANSWER_BYTES_MAX,
            is_repeatable: true,
        })
    }

    /// Asks. What is no success is an error.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Response, StorageError> {
        let mut refused: Option<(Secret, StorageError)> = None;
        loop {
            let is_first = refused.is_none();
            let stale = refused.as_ref().map(|(secret, _)| secret);
            let proof = self.proof(stale).await.map_err(|error| error.at(&ask.place))?;
            if let Some((before, failure)) = refused.take()
                && proof.secret.as_ref() == Some(&before)
            {
                return Err(failure);
            }
            let sent = self.client.send_each(|_| self.request(ask, &proof)).await;
            let response = sent.map_err(|error: StorageError| error.at(&ask.place))?;
            if response.is_good() {
                return Ok(response);
            }
            let failure = failure(&response, ask.method, &ask.place, &proof.credential);
            // A token may have been revoked, and what is kept elsewhere may have been changed there.
            let is_refused = match &self.credential.0 {
                Kind::Token(_) => response.status == 401,
                _ => matches!(response.status, 401 | 403),
            };
            match proof.secret {
                Some(secret) if is_refused && is_first => refused = Some((secret, failure)),
                _ => return Err(failure),
            }
        }
    }

    /// Who asks, as of now. What was just refused is not given again if there is something newer.
    async fn proof(&self, stale: Option<&Secret>) -> Result<Proof, StorageError> {
        if let Kind::Token(identity) = &self.credential.0 {
            let token = identity.token(&self.place.audience(), stale).await?;
            return Ok(Proof {
                credential: self.credential.clone(),
                secret: Some(token),
            });
        }
        let (credential, secret) = self.credential.ready(stale).await?;
        Ok(Proof { credential, secret })
    }

    fn request(&self, ask: &Ask, proof: &Proof) -> Result<Request, StorageError> {
        let mut url = ask.url.clone();
        let pairs: Vec<String> = ask
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let mut query = pairs.join("&");
        if let Kind::Sas(sas) = &proof.credential.0 {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(sas.expose());
        }
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        let mut headers = ask.headers.clone();
        headers.push(("x-ms-version", VERSION.to_owned()));
        headers.push(("x-ms-date", date_of(Utc::now())));
        let proof = match &proof.credential.0 {
            Kind::Key(key) => {
                let length = ask.body.as_ref().map_or(0, Bytes::len);
                let account = &self.place.account;
                let text = sign::text_of(ask.method.name(), account, &url, &headers, length);
                let signature = key.signature(&text);
                Some(Secret::new(&format!(
                    "SharedKey {account}:{}",
                    signature.expose()
                )))
            }
            Kind::Token(_) => {
                let token = proof.secret.as_ref();
                token.map(|token| Secret::new(&format!("Bearer {}", token.expose())))
            }
            Kind::Sas(_) | Kind::Nobody | Kind::Kept(_) => None,
        };
        let mut request = Request::new(ask.method, url, ask.bytes_max)
            .counted(ask.kind)
            .whose(&self.place.own_address());
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        if let Some(proof) = proof {
            request = request.secret_header("authorization", proof);
        }
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        Ok(if ask.is_repeatable {
            request.repeatable()
        } else {
            request
        })
    }

    /// The URL of a blob with which the service itself reads it, to copy it.
    pub(crate) async fn source(&self, name: &str) -> Result<Secret, StorageError> {
        let mut url = self.place.url(name)?;
        let (credential, _) = self.credential.ready(None).await?;
        if let Kind::Sas(sas) = &credential.0 {
            url.set_query(Some(sas.expose()));
        }
        Ok(Secret::new(url.as_str()))
    }
}

/// An answer without something that it always has.
pub(crate) fn lacking(place: &str, what: &str) -> StorageError {
    unreadable(place, format!("it has no `{what}`"))
}

/// An answer that cannot be read.
pub(crate) fn unreadable(place: &str, reason: String) -> StorageError {
    StorageError::of(Problem::Unreadable { reason }).at(place)
}
