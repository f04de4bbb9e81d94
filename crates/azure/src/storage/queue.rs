//! A queue: messages put, taken for a while, held longer, and removed.
//! <https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api>

use std::sync::Arc;

use bytes::Bytes;
use model::limits::{QUEUE_MESSAGES_AT_ONCE, STORAGE_PAGE_BYTES_MAX};
use net::{Client, Kind, Method};
use url::Url;

use crate::storage::account::{Account, Ask, lacking, unreadable};
use crate::storage::credential::Credential;
use crate::storage::error::{Problem, StorageError};
use crate::storage::place::Place;
use crate::storage::text::{encoded, micros_of};
use crate::storage::xml::{escaped, walk};

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    account: Arc<Account>,
}

/// A message that was taken. Until its time is over nobody else gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// With which it is removed or held longer; another one each time.
    pub receipt: String,
    /// What it says, as it was put.
    pub text: String,
    /// So many times it was taken: one that nobody can read comes back for ever.
    pub taken: u32,
    /// When it was put, in microseconds since 1970.
    pub put_micros: i64,
}

impl Queue {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(client: Arc<Client>, place: Place, credential: Credential) -> Self {
        Self {
            account: Arc::new(Account::new(client, place, credential)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.account.place
    }

    /// Makes the queue. False if it is there already.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn create(&self) -> Result<bool, StorageError> {
        let ask = self.account.ask(Method::Put, "")?.body(Bytes::new());
        match self.account.send(&ask).await {
            Ok(response) => Ok(response.status == 201),
            Err(error) if error.problem == Problem::Exists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a message. It is asked for once only, or it might be there twice.
    ///
    /// # Errors
    /// If it cannot be put, or nobody knows whether it was.
    pub async fn put(&self, text: &str) -> Result<(), StorageError> {
        let xml = format!(
            "<QueueMessage><MessageText>{}</MessageText></QueueMessage>",
            escaped(text)
        );
        let ask = self
            .messages(Method::Post, "")?
            .once()
            .header("content-type", "application/xml")
            .body(Bytes::from(xml));
        self.account.send(&ask).await.map(|_| ())
    }

    /// Takes up to 32 messages, which nobody else gets for so many seconds.
    ///
    /// # Errors
    /// If there is no such queue, or it may not be read.
    pub async fn take(&self, messages_max: u32, hidden_secs: u32) -> Result<Vec<Message>, StorageError> {
        let number = messages_max.clamp(1, QUEUE_MESSAGES_AT_ONCE).to_string();
        let ask = self
            .messages(Method::Get, "")?
            .up_to(STORAGE_PAGE_BYTES_MAX)
            .query("numofmessages", &number)
            .query("visibilitytimeout", &hidden_secs.to_string());
        let response = self.account.send(&ask).await?;
        messages_of(&response.body, &ask.place)
    }

    /// Looks at up to 32 messages that nobody has taken: nothing changes for anybody, and they can neither be held nor removed.
    ///
    /// # Errors
    /// If there is no such queue, or it may not be read.
    pub async fn peek(&self, messages_max: u32) -> Result<Vec<Message>, StorageError> {
        let number = messages_max.clamp(1, QUEUE_MESSAGES_AT_ONCE).to_string();
        let ask = self
            .messages(Method::Get, "")?
            .up_to(STORAGE_PAGE_BYTES_MAX)
            .query("peekonly", "true")
            .query("numofmessages", &number);
        let response = self.account.send(&ask).await?;
        messages_of(&response.body, &ask.place)
    }

    /// Holds a message for so many seconds from now on; it has another receipt then.
    ///
    /// # Errors
    /// [`Problem::NoMessage`] if it is somebody else's meanwhile.
    pub async fn hold(&self, message: &mut Message, hidden_secs: u32) -> Result<(), StorageError> {
        let ask = self
            .messages(Method::Put, &message.id)?
            .query("popreceipt", &message.receipt)
            .query("visibilitytimeout", &hidden_secs.to_string())
            // A second one would have the receipt of before the first.
            .once()
            .body(Bytes::new());
        let response = self.account.send(&ask).await?;
        let receipt = response.header("x-ms-popreceipt");
        receipt
            .ok_or_else(|| lacking(&ask.place, "x-ms-popreceipt"))?
            .clone_into(&mut message.receipt);
        Ok(())
    }

    /// Removes a message that was taken.
    ///
    /// # Errors
    /// [`Problem::NoMessage`] if it is somebody else's meanwhile.
    pub async fn delete(&self, message: &Message) -> Result<(), StorageError> {
        let ask = self
            .messages(Method::Delete, &message.id)?
            .query("popreceipt", &message.receipt);
        match self.account.send(&ask).await {
            // Our own first try, whose answer was lost.
            Err(error) if error.said.is_unsure && error.said.code == "MessageNotFound" => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// About so many messages there are, those that somebody has taken among them.
    ///
    /// # Errors
    /// If there is no such queue.
    pub async fn count(&self) -> Result<u64, StorageError> {
        let ask = self.account.ask(Method::Head, "")?.query("comp", "metadata");
        let response = self.account.send(&ask).await?;
        let name = "x-ms-approximate-messages-count";
        let count = response.header(name).and_then(|count| count.trim().parse().ok());
        count.ok_or_else(|| lacking(&ask.place, name))
    }

    fn messages(&self, method: Method, id: &str) -> Result<Ask, StorageError> {
        let mut ask = self.account.ask(method, "")?.counted(Kind::Other);
        let mut text = format!("{}/messages", ask.url);
        if !id.is_empty() {
            text.push_str(&format!("/{}", encoded(id)));
        }
        ask.url = Url::parse(&text).map_err(|error| unreadable(&ask.place, error.to_string()))?;
        Ok(ask)
    }
}

fn messages_of(xml: &[u8], place: &str) -> Result<Vec<Message>, StorageError> {
    let mut messages = Vec::new();
    let mut message = Message::default();
    let mut is_list = false;
    let read = walk(xml, |element| match element.path.len() {
        1 => {
            is_list = element
                .path
                .first()
                .is_some_and(|name| name == "QueueMessagesList")
        }
        2 if element.is(&["QueueMessage"]) => messages.push(std::mem::take(&mut message)),
        3 => {
            let text = element.text;
            match element.within(&["QueueMessage"]).unwrap_or_default() {
                "MessageId" => text.clone_into(&mut message.id),
                "PopReceipt" => text.clone_into(&mut message.receipt),
                "MessageText" => text.clone_into(&mut message.text),
                "DequeueCount" => message.taken = text.trim().parse().unwrap_or(0),
                "InsertionTime" => message.put_micros = micros_of(text).unwrap_or(0),
                _ => {}
            }
        }
        _ => {}
    });
    read.map_err(|reason| unreadable(place, reason))?;
    if is_list {
        Ok(messages)
    } else {
        Err(lacking(place, "QueueMessagesList"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_as_azure_writes_them() {
        let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList><QueueMessage><MessageId>5974b586-0df3-4e2d-ad0c-18e3892bfca2</MessageId><InsertionTime>Fri, 09 Oct 2009 21:04:30 GMT</InsertionTime><ExpirationTime>Fri, 16 Oct 2009 21:04:30 GMT</ExpirationTime><PopReceipt>YzQ4Yzg1MDI=</PopReceipt><TimeNextVisible>Fri, 09 Oct 2009 23:29:20 GMT</TimeNextVisible><DequeueCount>2</DequeueCount><MessageText>{&quot;a&quot;:1}</MessageText></QueueMessage></QueueMessagesList>";
        let messages = messages_of(xml.as_bytes(), "").unwrap();
        let expected = Message {
            id: "5974b586-0df3-4e2d-ad0c-18e3892bfca2".to_owned(),
            receipt: "YzQ4Yzg1MDI=".to_owned(),
            text: r#"{"a":1}"#.to_owned(),
            taken: 2,
            put_micros: 1_255_122_270_000_000,
        };
        assert_eq!(messages, [expected]);
        assert_eq!(messages_of(b"<QueueMessagesList/>", "").unwrap(), []);
        assert!(messages_of(b"<html/>", "").is_err());
    }
}
