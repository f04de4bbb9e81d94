//! Leases: who holds one may write a blob alone, for seconds.
//! <https://learn.microsoft.com/rest/api/storageservices/lease-blob>

use bytes::Bytes;
use net::{Kind, Method, Response};

use crate::storage::account::lacking;
use crate::storage::blobs::Blobs;
use crate::storage::error::{Problem, StorageError};

impl Blobs {
    /// Gets a lease for 15 to 60 seconds, under an id that the caller makes up (a UUID). Whoever holds it under that id
    /// gets it anew.
    ///
    /// # Errors
    /// [`Problem::Leased`] if somebody else holds one; [`Problem::NoBlob`] if there is no such blob.
    pub async fn lease(&self, name: &str, id: &str, secs: u32) -> Result<(), StorageError> {
        let secs = secs.to_string();
        let headers = [
            ("x-ms-lease-duration", secs.as_str()),
            ("x-ms-proposed-lease-id", id),
        ];
        self.leasing(name, "acquire", &headers).await.map(|_| ())
    }

    /// Holds a lease for as long again.
    ///
    /// # Errors
    /// [`Problem::LeaseLost`] if somebody else got one since, or it was broken.
    pub async fn renew(&self, name: &str, id: &str) -> Result<(), StorageError> {
        self.leasing(name, "renew", &[("x-ms-lease-id", id)])
            .await
            .map(|_| ())
    }

    /// Gives a lease back.
    ///
    /// # Errors
    /// [`Problem::LeaseLost`] if it is not held.
    pub async fn release(&self, name: &str, id: &str) -> Result<(), StorageError> {
        match self.leasing(name, "release", &[("x-ms-lease-id", id)]).await {
            // Our own first try, whose answer was lost.
            Err(error) if error.said.is_unsure && error.problem == Problem::LeaseLost => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Ends whoever's lease after so many seconds, or sooner if it ends by itself. Gives the seconds that are left.
    ///
    /// # Errors
    /// [`Problem::LeaseLost`] if nobody holds one.
    pub async fn break_lease(&self, name: &str, secs: u32) -> Result<u32, StorageError> {
        let secs = secs.to_string();
        let response = self
            .leasing(name, "break", &[("x-ms-lease-break-period", &secs)])
            .await?;
        let left = response.header("x-ms-lease-time");
        left.and_then(|left| left.trim().parse().ok())
            .ok_or_else(|| lacking(&self.place().address(name), "x-ms-lease-time"))
    }

    async fn leasing(
        &self,
        name: &str,
        action: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Response, StorageError> {
        let mut ask = self
            .account
            .ask(Method::Put, name)?
            .counted(Kind::Other)
            .query("comp", "lease")
            .header("x-ms-lease-action", action)
            .body(Bytes::new());
        for (name, value) in headers {
            ask = ask.header(name, value);
        }
        self.account.send(&ask).await
    }
}
