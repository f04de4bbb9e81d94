//! Lists of blobs, page by page, or as a stream that holds one page.

use std::collections::VecDeque;

use futures::stream::{self, Stream};
use model::limits::{BLOB_PAGE_ENTRIES_MAX, STORAGE_PAGE_BYTES_MAX};
use net::{Kind, Method};

use crate::storage::account::{lacking, unreadable};
use crate::storage::blobs::Blobs;
use crate::storage::error::StorageError;
use crate::storage::text::{etag_of, micros_of};
use crate::storage::xml::{Element, walk};

/// How a blob is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum BlobKind {
    #[default]
    Block,
    Append,
    Page,
}

impl BlobKind {
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "AppendBlob" => Self::Append,
            "PageBlob" => Self::Page,
            _ => Self::Block,
        }
    }
}

/// Whether somebody holds a lease on a blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum LeaseState {
    #[default]
    Available,
    Leased,
    Expired,
    Breaking,
    Broken,
}

impl LeaseState {
    pub(crate) fn of(text: &str) -> Self {
        match text {
            "leased" => Self::Leased,
            "expired" => Self::Expired,
            "breaking" => Self::Breaking,
            "broken" => Self::Broken,
            _ => Self::Available,
        }
    }
}

/// A blob in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob {
    /// Its name, from the container on.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Which of its contents these are.
    pub etag: String,
    /// When it was written last, in microseconds since 1970.
    pub modified_micros: i64,
    /// When it was made.
    pub created_micros: Option<i64>,
    /// How it is written.
    pub kind: BlobKind,
    /// Whether somebody holds a lease on it.
    pub lease: LeaseState,
    /// True for a folder of an account with a hierarchy: it has no contents.
    pub is_folder: bool,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Blobs, in the order of their names.
    pub blobs: Vec<Blob>,
    /// With a delimiter: what names have up to it, and including it.
    pub prefixes: Vec<String>,
    /// With which the next page is asked for; none after the last one.
    pub next: Option<String>,
}

impl Blobs {
    /// One page of the blobs whose names begin so. With a delimiter, those with it in the rest of their names are told by
    /// what stands before it only.
    ///
    /// # Errors
    /// If there is no such container, or it may not be listed.
    pub async fn list(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        marker: Option<&str>,
        entries_max: u32,
    ) -> Result<Page, StorageError> {
        let entries_max = entries_max.clamp(1, BLOB_PAGE_ENTRIES_MAX).to_string();
        let mut ask = self
            .account
            .ask(Method::Get, "")?
            .counted(Kind::List)
            .up_to(STORAGE_PAGE_BYTES_MAX)
            .query("restype", "container")
            .query("comp", "list")
            .query("maxresults", &entries_max);
        let parts = [
            ("prefix", Some(prefix).filter(|prefix| !prefix.is_empty())),
            ("delimiter", delimiter),
            ("marker", marker),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                ask = ask.query(name, value);
            }
        }
        let response = self.account.send(&ask).await?;
        page_of(&response.body, &ask.place)
    }

    /// All blobs whose names begin so. One page is held at a time.
    pub fn list_all<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Stream<Item = Result<Blob, StorageError>> + Send + 'a {
        let state = (VecDeque::new(), Some(None::<String>));
        stream::try_unfold(state, move |(mut held, mut next)| async move {
            loop {
                if let Some(blob) = held.pop_front() {
                    return Ok(Some((blob, (held, next))));
                }
                let Some(marker) = next else { return Ok(None) };
                let page = self
                    .list(prefix, None, marker.as_deref(), BLOB_PAGE_ENTRIES_MAX)
                    .await?;
                held = page.blobs.into();
                // A page may be empty and not be the last one.
                next = page.next.map(Some);
            }
        })
    }
}

fn page_of(xml: &[u8], place: &str) -> Result<Page, StorageError> {
    let mut page = Page::default();
    let mut blob = Blob::default();
    let mut is_list = false;
    let read = walk(xml, |element| match element.path.len() {
        1 => {
            is_list = element
                .path
                .first()
                .is_some_and(|name| name == "EnumerationResults")
        }
        2 if element.is(&["NextMarker"]) => {
            page.next = Some(element.text.to_owned()).filter(|marker| !marker.is_empty());
        }
        3 if element.is(&["Blobs", "Blob"]) => page.blobs.push(std::mem::take(&mut blob)),
        4 if element.is(&["Blobs", "BlobPrefix", "Name"]) => page.prefixes.push(element.text.to_owned()),
        4 if element.is(&["Blobs", "Blob", "Name"]) => element.text.clone_into(&mut blob.name),
        5 => take(&mut blob, element),
        _ => {}
    });
    read.map_err(|reason| unreadable(place, reason))?;
    if is_list {
        Ok(page)
    } else {
        Err(lacking(place, "EnumerationResults"))
    }
}

fn take(blob: &mut Blob, element: &Element<'_>) {
    let text = element.text;
    match element
        .within(&["Blobs", "Blob", "Properties"])
        .unwrap_or_default()
    {
        "Content-Length" => blob.size = text.trim().parse().unwrap_or(0),
        "Etag" => blob.etag = etag_of(text),
        "Last-Modified" => blob.modified_micros = micros_of(text).unwrap_or(0),
        "Creation-Time" => blob.created_micros = micros_of(text),
        "BlobType" => blob.kind = BlobKind::of(text),
        "LeaseState" => blob.lease = LeaseState::of(text),
        "ResourceType" => blob.is_folder = text == "directory",
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_as_azure_writes_it() {
        let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://logs.blob.core.windows.net/\" ContainerName=\"flow\"><Prefix>a</Prefix><MaxResults>2</MaxResults><Delimiter>/</Delimiter><Blobs><Blob><Name>resourceId=/A &amp; B/PT1H.json</Name><Properties><Creation-Time>Thu, 14 Mar 2024 10:01:02 GMT</Creation-Time><Last-Modified>Thu, 14 Mar 2024 10:59:02 GMT</Last-Modified><Etag>0x8DC4400A</Etag><Content-Length>1234</Content-Length><BlobType>BlockBlob</BlobType><LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState></Properties><OrMetadata /></Blob><Blob><Name Encoded=\"true\">x%EF%BF%BF</Name><Properties><Last-Modified>Thu, 14 Mar 2024 10:59:02 GMT</Last-Modified><Etag>\"0x1\"</Etag><ResourceType>directory</ResourceType><Content-Length>0</Content-Length><BlobType>AppendBlob</BlobType></Properties></Blob><BlobPrefix><Name>a/</Name><Properties><Etag>0x9</Etag></Properties></BlobPrefix></Blobs><NextMarker>2!76!MDAw</NextMarker></EnumerationResults>";
        let page = page_of(xml.as_bytes(), "az://logs/flow").unwrap();
        let first = Blob {
            name: "resourceId=/A & B/PT1H.json".to_owned(),
            size: 1234,
            etag: "0x8DC4400A".to_owned(),
            modified_micros: 1_710_413_942_000_000,
            created_micros: Some(1_710_410_462_000_000),
            kind: BlobKind::Block,
            lease: LeaseState::Leased,
            is_folder: false,
        };
        let second = Blob {
            name: "x\u{ffff}".to_owned(),
            size: 0,
            etag: "0x1".to_owned(),
            modified_micros: 1_710_413_942_000_000,
            created_micros: None,
            kind: BlobKind::Append,
            lease: LeaseState::Available,
            is_folder: true,
        };
        assert_eq!(page.blobs, [first, second]);
        assert_eq!(page.prefixes, ["a/"]);
        assert_eq!(page.next.as_deref(), Some("2!76!MDAw"));
    }

    #[test]
    fn what_is_no_page() {
        for xml in ["", "<html/>", "<EnumerationResults><Blobs>", "{}"] {
            let failure = page_of(xml.as_bytes(), "az://logs/flow").unwrap_err();
            assert!(
                failure.to_string().starts_with("`az://logs/flow`: cannot read"),
                "{failure}"
            );
        }
        let last = page_of(
            b"<EnumerationResults><Blobs /><NextMarker/></EnumerationResults>",
            "",
        )
        .unwrap();
        assert_eq!(last, Page::default());
    }

    /// As large as a page is: 5,000 blobs with long names.
    #[test]
    fn a_full_page() {
        let mut xml = String::from("<EnumerationResults><Blobs>");
        for number in 0..5000 {
            xml.push_str(&format!("<Blob><Name>flowLogResourceID=/{0:0200}&amp;{number}</Name><Properties><Last-Modified>Thu, 14 Mar 2024 10:59:02 GMT</Last-Modified><Etag>0x{number}</Etag><Content-Length>{number}</Content-Length><Content-MD5 /><BlobType>BlockBlob</BlobType></Properties><OrMetadata /></Blob>", 0));
        }
        xml.push_str("</Blobs><NextMarker /></EnumerationResults>");
        let page = page_of(xml.as_bytes(), "").unwrap();
        assert_eq!(page.blobs.len(), 5000);
        assert!(page.blobs.iter().enumerate().all(|(number, blob)| {
            blob.name.ends_with(&format!("&{number}")) && blob.size == number as u64
        }));
    }
}
