//! What an answer that says no means: by its status, and by the code that Azure Storage gives.
//! <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes>

use std::time::{Duration, SystemTime};

use net::{Method, Response};

use crate::storage::credential::{Credential, Kind};
use crate::storage::error::{Lack, Problem, Said, StorageError};
use crate::storage::text::{decoded, instant_of, micros_of};
use crate::storage::xml::walk;

/// So much of what a server says is told.
const SAID_MAX: usize = 300;
/// Azure allows 15 minutes.
const SKEW_MAX: Duration = Duration::from_secs(14 * 60);

/// The error that an answer is.
pub(crate) fn failure(
    response: &Response,
    method: Method,
    place: &str,
    credential: &Credential,
) -> StorageError {
    let Words {
        code,
        message,
        detail,
    } = Words::of(response);
    let is_skewed = detail.contains("date header") || skew(response).is_some_and(|skew| skew > SKEW_MAX);
    let problem = match response.status {
        401 | 403 if is_skewed && matches!(credential.0, Kind::Key(_)) => Problem::ClockSkew,
        401 | 403 => Problem::Forbidden {
            lack: lack(&code, credential, now(response)),
            writes: !matches!(method, Method::Get | Method::Head),
        },
        status => problem(status, &code, place, response),
    };
    let mut message = line(&message);
    let detail = line(&detail);
    // What was signed stands in some, and is of no use to anybody.
    let is_told = !detail.to_lowercase().contains("string to sign") && !detail.contains("MAC signature");
    if !detail.is_empty() && is_told {
        message = detail;
    }
    StorageError {
        problem,
        place: place.to_owned(),
        said: Box::new(Said {
            status: response.status,
            message: credential.hidden_in(&message),
            code,
            request_id: response.header("x-ms-request-id").unwrap_or_default().to_owned(),
            tries: response.tries,
            is_unsure: response.is_unsure || response.status >= 500,
        }),
    }
}

fn problem(status: u16, code: &str, place: &str, response: &Response) -> Problem {
    let is_queue = place.starts_with("azq:");
    match (status, code) {
        (_, "ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled") => Problem::NoContainer,
        (_, "QueueNotFound" | "QueueBeingDeleted" | "QueueDisabled") => Problem::NoQueue,
        (_, "BlobNotFound") => Problem::NoBlob,
        (_, "MessageNotFound" | "PopReceiptMismatch") => Problem::NoMessage,
        (409, "PublicAccessNotPermitted") => Problem::Forbidden {
            lack: Lack::Name,
            writes: false,
        },
        (
            _,
            "LeaseIdMissing"
            | "LeaseAlreadyPresent"
            | "LeaseIsBreakingAndCannotBeAcquired"
            | "InfiniteLeaseDurationRequired",
        ) => Problem::Leased,
        (
            _,
            "LeaseIdMismatchWithBlobOperation"
            | "LeaseIdMismatchWithLeaseOperation"
            | "LeaseIdMismatchWithContainerOperation"
            | "LeaseLost"
            | "LeaseNotPresentWithBlobOperation"
            | "LeaseNotPresentWithLeaseOperation"
            | "LeaseIsBrokenAndCannotBeRenewed"
            | "LeaseIsBreakingAndCannotBeChanged",
        ) => Problem::LeaseLost,
        (
            _,
            "BlobAlreadyExists" | "ContainerAlreadyExists" | "QueueAlreadyExists" | "ResourceAlreadyExists",
        ) => Problem::Exists,
        (404, "ResourceNotFound" | "") if is_queue => Problem::NoQueue,
        // `az://account/container`: whoever is not known hears no more than that nothing is there.
        (404, _) if place.matches('/').count() < 4 => Problem::NoContainer,
        (404, _) => Problem::NoBlob,
        (412, _) => Problem::Changed,
        (304, _) => Problem::NotModified,
        (416, _) => Problem::PastEnd,
        (408 | 429 | 500.., _) => Problem::Busy {
            wait_secs: response.wait.map(|wait| wait.as_secs()).filter(|secs| *secs > 0),
        },
        _ => Problem::Answered,
    }
}

fn lack(code: &str, credential: &Credential, now: Option<i64>) -> Lack {
    // Azure and its emulator have other words for it.
    if let (Kind::Sas(sas), Some(now)) = (&credential.0, now)
        && let Some(lack) = out_of_time(sas.expose(), now)
    {
        return lack;
    }
    match code {
        "KeyBasedAuthenticationNotPermitted" => return Lack::Keys,
        "AuthorizationSourceIPMismatch" => return Lack::Network,
        "NoAuthenticationInformation" => return Lack::Name,
        _ => {}
    }
    match (&credential.0, code) {
        (Kind::Nobody, _) => Lack::Name,
        // The firewall says the same as a signature for another service or kind of resource.
        (_, "AuthorizationFailure") => Lack::Network,
        (Kind::Token(_), _) => Lack::Role,
        (Kind::Key(_), _) => Lack::Key,
        (Kind::Sas(_), "AuthenticationFailed") | (Kind::Kept(_), _) => Lack::Signature,
        (Kind::Sas(_), _) => Lack::Permission,
    }
}

/// Whether a signature has ended, or has not begun, in microseconds since 1970.
fn out_of_time(sas: &str, now: i64) -> Option<Lack> {
    let part = |name: &str| {
        let mut pairs = sas.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(held, _)| *held == name)?;
        instant_of(&decoded(value))
    };
    if part("se").is_some_and(|end| end <= now) {
        return Some(Lack::Ended);
    }
    part("st").is_some_and(|begin| begin > now).then_some(Lack::Early)
}

/// The time by the server's clock; else by ours.
fn now(response: &Response) -> Option<i64> {
    let theirs = response.header("date").and_then(micros_of);
    theirs.or_else(|| {
        let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(ours.as_micros()).ok()
    })
}

/// What an answer says of itself.
#[derive(Default)]
struct Words {
    code: String,
    message: String,
    detail: String,
}

impl Words {
    fn of(response: &Response) -> Self {
        let mut said = Self::default();
        // What is no XML says nothing.
        let _ = walk(&response.body, |element| {
            for (name, held) in [
                ("Code", &mut said.code),
                ("Message", &mut said.message),
                ("AuthenticationErrorDetail", &mut said.detail),
            ] {
                if element.is(&[name]) {
                    element.text.clone_into(held);
                }
            }
        });
        // An answer to HEAD has its code in a header only.
        if let Some(code) = response.header("x-ms-error-code") {
            code.clone_into(&mut said.code);
        }
        said
    }
}

fn line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line: String = line.chars().take(SAID_MAX).collect();
    line.trim().trim_end_matches('.').to_owned()
}

/// How far this machine's clock is from the server's.
fn skew(response: &Response) -> Option<Duration> {
    let theirs = micros_of(response.header("date")?)?;
    let theirs = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(theirs).ok()?);
    let ours = SystemTime::now();
    let skew = ours
        .duration_since(theirs)
        .or_else(|error| Ok::<_, ()>(error.duration()));
    skew.ok()
}
