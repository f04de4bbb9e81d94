//! Why storage did not do what was asked for, by what can be done about it.

use std::fmt;

use net::NetError;

use crate::error::AzureError;

/// What is missing where somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The identity has no role for that.
    Role,
    /// The shared access signature is not for that.
    Permission,
    /// The key is not the account's.
    Key,
    /// The signature is not one of the account's keys, or is not whole.
    Signature,
    /// The signature has ended.
    Ended,
    /// The signature does not hold yet.
    Early,
    /// The account's firewall lets only others in.
    Network,
    /// The account takes no keys.
    Keys,
    /// Nobody in particular may not.
    Name,
}

/// What is the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of fields are their documentation")]
pub enum Problem {
    /// No account has that name.
    NoAccount,
    /// The account has no such container.
    NoContainer,
    /// The account has no such queue.
    NoQueue,
    /// The container has no such blob, or no longer.
    NoBlob,
    /// The queue has no such message, or somebody else has it meanwhile.
    NoMessage,
    /// Who asks may not.
    Forbidden { lack: Lack, writes: bool },
    /// This machine's clock differs too much from Azure's.
    ClockSkew,
    /// Too many ask, or the service is not well, and it stayed so.
    Busy { wait_secs: Option<u64> },
    /// It is not as it was when it was read.
    Changed,
    /// It is as it was when it was read.
    NotModified,
    /// Something is there already.
    Exists,
    /// It ends before what was asked for: it was made shorter.
    PastEnd,
    /// Somebody else holds a lease on it.
    Leased,
    /// The lease that was named is no longer held.
    LeaseLost,
    /// Nothing came from there.
    Net(NetError),
    /// No token could be had.
    Credential(Box<AzureError>),
    /// The answer is not what it should be.
    Unreadable { reason: String },
    /// What was typed, set or asked for cannot be used.
    Setting { what: String, hint: String },
    /// Another answer that says no.
    Answered,
}

/// What an answer that says no says beside that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The status of the answer; 0 if there was none.
    pub status: u16,
    /// The service's own word for it, such as `BlobNotFound`.
    pub code: String,
    /// What the service says of it, in a line.
    pub message: String,
    /// By which Azure's support finds the request.
    pub request_id: String,
    /// So many times it was asked.
    pub tries: u32,
    /// True if what was asked may have been carried out all the same.
    pub is_unsure: bool,
}

/// Why storage did not do what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageError {
    /// What is the matter.
    pub problem: Problem,
    /// Of what, as an address; nothing where no place is concerned.
    pub place: String,
    /// What the answer says.
    pub said: Box<Said>,
}

impl StorageError {
    /// Without an answer.
    pub(crate) fn of(problem: Problem) -> Self {
        Self {
            problem,
            place: String::new(),
            said: Box::default(),
        }
    }

    /// The same, of a place.
    pub(crate) fn at(mut self, place: &str) -> Self {
        if self.place.is_empty() {
            place.clone_into(&mut self.place);
        }
        self
    }

    /// True if nothing is there.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self.problem, Problem::NoBlob | Problem::NoMessage)
    }

    /// True if it may be over a moment later, and the same may be asked again then.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match &self.problem {
            Problem::Busy { .. } => true,
            Problem::Net(error) => error.may_pass(),
            Problem::Credential(error) => error.may_pass(),
            _ => false,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match &self.problem {
            Problem::NoAccount if self.place.starts_with("azq:") => {
                "look at the account's name; an account in another cloud needs `--cloud`, one with another endpoint AZURE_STORAGE_QUEUE_ENDPOINT; one with a private endpoint only is known in its own network"
            }
            Problem::NoAccount => {
                "look at the account's name; an account in another cloud or with another endpoint needs `--cloud` or `--blob-endpoint`; one with a private endpoint only is known in its own network"
            }
            Problem::NoContainer => {
                "look at the container's name; flow logs make theirs with the first record: insights-logs-flowlogflowevent, insights-logs-networksecuritygroupflowevent"
            }
            Problem::NoQueue => "look at the queue's name; `az storage queue list` shows those there are",
            Problem::NoBlob => "it was removed, or its name is another; names are told apart by capitals",
            Problem::NoMessage => "it was taken by somebody else after it had been held too long",
            Problem::Forbidden { lack, writes } => return lack.hint(*writes, self.place.starts_with("azq:")),
            Problem::ClockSkew => "set this machine's clock; Azure allows 15 minutes",
            Problem::Busy { .. } => "run it again later, or with fewer at a time; an account has limits by the second",
            Problem::Changed => "read it again: somebody wrote it meanwhile",
            Problem::NotModified => "it is as it was",
            Problem::Exists => "take another name, or say that it may be replaced",
            Problem::PastEnd => "read it again from its beginning: it was made anew",
            Problem::Leased => "wait until whoever holds the lease gives it back, or break it",
            Problem::LeaseLost => "get the lease again; what was begun under it must not go on",
            Problem::Net(error) => error.hint(),
            Problem::Credential(error) => return error.hint(),
            Problem::Unreadable { .. } => {
                "look at the endpoint and at the proxy between: Azure Storage answers XML"
            }
            Problem::Setting { hint, .. } => hint,
            Problem::Answered => "look at what it says",
        }
        .to_owned()
    }

    fn what(&self) -> String {
        match &self.problem {
            Problem::NoAccount => "no storage account has that name".to_owned(),
            Problem::NoContainer => "there is no such container".to_owned(),
            Problem::NoQueue => "there is no such queue".to_owned(),
            Problem::NoBlob => "there is no such blob".to_owned(),
            Problem::NoMessage => "the message is no longer ours".to_owned(),
            Problem::Forbidden { lack, .. } => format!("not permitted: {}", lack.what()),
            Problem::ClockSkew => "this machine's clock is wrong".to_owned(),
            Problem::Busy {
                wait_secs: Some(secs),
            } => format!("too busy, and asks to wait {secs} s"),
            Problem::Busy { wait_secs: None } => "too busy, or not well".to_owned(),
            Problem::Changed => "it was changed meanwhile".to_owned(),
            Problem::NotModified => "it was not changed".to_owned(),
            Problem::Exists => "it is there already".to_owned(),
            Problem::PastEnd => "it ends earlier than it did".to_owned(),
            Problem::Leased => "somebody else holds a lease on it".to_owned(),
            Problem::LeaseLost => "the lease on it is not held, or is another's".to_owned(),
            Problem::Net(error) => error.to_string(),
            Problem::Credential(error) => error.to_string(),
            Problem::Unreadable { reason } => format!("cannot read the answer: {reason}"),
            Problem::Setting { what, .. } => what.clone(),
            Problem::Answered => format!("it answers {}", self.said.status),
        }
    }
}

impl Lack {
    const fn what(self) -> &'static str {
        match self {
            Self::Role => "the identity has no role for that",
            Self::Permission => "the shared access signature is not for that",
            Self::Key => "the key is not taken",
            Self::Signature => "the signature is not taken",
            Self::Ended => "the signature has ended",
            Self::Early => "the signature does not hold yet",
            Self::Network => "the account lets nobody in from here, or the signature is not for that",
            Self::Keys => "the account takes no keys",
            Self::Name => "it does not say who asks",
        }
    }

    fn hint(self, writes: bool, is_queue: bool) -> String {
        let role = match (is_queue, writes) {
            (false, false) => "Storage Blob Data Reader",
            (false, true) => "Storage Blob Data Contributor",
            // Who only processes messages may not give them back, nor be told how many there are.
            (true, _) => "Storage Queue Data Contributor",
        };
        let place = if is_queue { "queue" } else { "container" };
        let letters = match (is_queue, writes) {
            (false, false) => "`r` and `l`",
            (false, true) => "`r`, `a`, `c`, `w`, `d` and `l`",
            (true, _) => "`r`, `a`, `u` and `p`",
        };
        match self {
            Self::Role => format!(
                "it needs the role `{role}` on the account or the {place}; `Owner` and `Reader` do not read data, and a new role takes minutes to hold"
            ),
            Self::Permission if is_queue => format!("make one with {letters}, for the queue"),
            Self::Permission => format!("make one with {letters}, for the container and what is in it"),
            Self::Key => {
                "look whether it is this account's, and whether it was changed: `az storage account keys list` shows those of now"
                    .to_owned()
            }
            Self::Signature => format!(
                "look whether it was copied whole, is of this account, and the key it was made with was not changed; else make one with {letters}"
            ),
            Self::Ended => format!("make a new one with {letters}, and a time of its end (`se`) that is to come"),
            Self::Early => {
                "wait for the time of its beginning (`st`), or make one without; look at this machine's clock where it was made here"
                    .to_owned()
            }
            Self::Network => format!(
                "look at the account's `Networking`: this machine's address or network must be let in; a signature needs {letters} for this service and kind of resource"
            ),
            Self::Keys => format!(
                "`Allow storage account key access` is off there: use an identity with the role `{role}`"
            ),
            Self::Name => format!(
                "sign in (`az login`) as somebody with the role `{role}`, or set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN"
            ),
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "`{}`: ", self.place)?;
        }
        f.write_str(&self.what())?;
        if !self.said.message.is_empty() {
            write!(f, ": {}", self.said.message)?;
        }
        let mut around = Vec::new();
        if !self.said.code.is_empty() {
            around.push(self.said.code.clone());
        }
        if !self.said.request_id.is_empty() {
            around.push(format!("request {}", self.said.request_id));
        }
        if self.said.tries > 1 {
            around.push(format!("tried {} times", self.said.tries));
        }
        match around.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", around.join(", ")),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<NetError> for StorageError {
    fn from(error: NetError) -> Self {
        let is_unknown = matches!(&error, NetError::Unreachable { reason, .. } if reason == net::NO_ADDRESS);
        let is_unsure = matches!(&error, NetError::Cut { .. } | NetError::TimedOut { .. });
        let problem = if is_unknown {
            Problem::NoAccount
        } else {
            Problem::Net(error)
        };
        let mut own = Self::of(problem);
        own.said.is_unsure = is_unsure;
        own
    }
}

impl From<AzureError> for StorageError {
    fn from(error: AzureError) -> Self {
        match error {
            AzureError::Net(error) => error.into(),
            error => Self::of(Problem::Credential(Box::new(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_queue_speaks_of_queues() {
        let lacks = [
            Lack::Role,
            Lack::Permission,
            Lack::Signature,
            Lack::Network,
            Lack::Keys,
            Lack::Name,
        ];
        let of = |problem: Problem| StorageError::of(problem).at("azq://a/q").hint();
        for lack in lacks {
            for writes in [false, true] {
                let hint = of(Problem::Forbidden { lack, writes });
                assert!(!hint.contains("container") && !hint.contains("Blob"), "{hint}");
            }
        }
        let role = of(Problem::Forbidden {
            lack: Lack::Role,
            writes: false,
        });
        assert!(
            role.starts_with(
                "it needs the role `Storage Queue Data Contributor` on the account or the queue"
            )
        );
        assert!(of(Problem::NoAccount).contains("AZURE_STORAGE_QUEUE_ENDPOINT"));
    }
}
