//! Blocks: of what a blob consists, and how a large one is written.
//! <https://learn.microsoft.com/rest/api/storageservices/understanding-block-blobs--append-blobs--and-page-blobs>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use model::limits::{BLOCK_BYTES, BLOCK_LIST_BYTES_MAX, BLOCKS_AT_ONCE};
use net::{Kind, Method};
use uuid::Uuid;

use crate::storage::account::{lacking, unreadable};
use crate::storage::blobs::write::{Condition, Written};
use crate::storage::blobs::{Blobs, MARK, written};
use crate::storage::error::StorageError;
use crate::storage::xml::{escaped, walk};

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its id, in base64, as its writer gave it.
    pub id: String,
    /// Bytes.
    pub size: u64,
}

/// Of what a blob consists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockList {
    /// In their order. None for a blob that was written in one piece, whatever its size.
    pub blocks: Vec<Block>,
    /// Which of its contents these are.
    pub etag: String,
    /// Of the whole blob.
    pub size: u64,
    /// When it was written last, in microseconds since 1970.
    pub modified_micros: i64,
}

impl Blobs {
    /// The blocks of which a blob consists.
    ///
    /// # Errors
    /// If it is not there, or has no blocks by its kind.
    pub async fn block_list(&self, name: &str) -> Result<BlockList, StorageError> {
        let ask = self
            .account
            .ask(Method::Get, name)?
            .counted(Kind::Other)
            .up_to(BLOCK_LIST_BYTES_MAX)
            .query("comp", "blocklist")
            .query("blocklisttype", "committed");
        let response = self.account.send(&ask).await?;
        let blocks = blocks_of(&response.body, &ask.place)?;
        let size = response
            .header("x-ms-blob-content-length")
            .and_then(|size| size.parse::<u64>().ok());
        // E-tag and time are promised only where there are blocks, and one that was put in one piece has none. Where there
        // are no bytes either it may never have been committed, and then is not there.
        if blocks.is_empty() && (size == Some(0) || response.header("etag").is_none()) {
            let known = self.properties(name).await?;
            return Ok(BlockList {
                blocks,
                etag: known.etag,
                size: known.size,
                modified_micros: known.modified_micros,
            });
        }
        let size = size.ok_or_else(|| lacking(&ask.place, "x-ms-blob-content-length"))?;
        let (etag, modified_micros) = written(&response, &ask.place)?;
        Ok(BlockList {
            blocks,
            etag,
            size,
            modified_micros,
        })
    }

    /// Sends a block. It is a part of nothing until a list names it, and goes after a week if none does.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put_block(&self, name: &str, id: &str, bytes: Bytes) -> Result<(), StorageError> {
        let ask = self
            .account
            .ask(Method::Put, name)?
            .query("comp", "block")
            .query("blockid", id)
            .body(bytes);
        self.account.send(&ask).await.map(|_| ())
    }

    /// Makes a blob of blocks that were sent, or that it has. Its contents change at once, or not at all.
    ///
    /// # Errors
    /// If the condition does not hold, or a block is not there.
    pub async fn put_block_list(
        &self,
        name: &str,
        ids: &[String],
        condition: &Condition,
    ) -> Result<Written, StorageError> {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        for id in ids {
            xml.push_str(&format!("<Latest>{}</Latest>", escaped(id)));
        }
        xml.push_str("</BlockList>");
        let mark = Uuid::new_v4().to_string();
        let mut ask = self
            .account
            .ask(Method::Put, name)?
            .counted(Kind::Write)
            .query("comp", "blocklist")
            .header("content-type", "text/plain; charset=UTF-8")
            .header("x-ms-blob-content-type", "application/octet-stream")
            .header(MARK, &mark)
            .body(Bytes::from(xml));
        ask.headers.extend(condition.headers());
        self.settled(name, &ask, &mark).await
    }

    /// Writes what is large: its blocks side by side, then their list.
    pub(crate) async fn put_blocks(
        &self,
        name: &str,
        bytes: &Bytes,
        condition: &Condition,
    ) -> Result<Written, StorageError> {
        let ids = Ids::new();
        let mut pieces = Vec::new();
        let mut rest = bytes.clone();
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(BLOCK_BYTES));
            pieces.push((ids.id(pieces.len()), piece));
        }
        let names: Vec<String> = pieces.iter().map(|(id, _)| id.clone()).collect();
        stream::iter(pieces)
            .map(|(id, piece)| async move { self.put_block(name, &id, piece).await })
            .buffer_unordered(BLOCKS_AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        self.put_block_list(name, &names, condition).await
    }
}

/// What the writer of a block called it, where that is text: those of flow logs are letters and digits.
#[must_use]
pub fn id_text(id: &str) -> Option<String> {
    let bytes = STANDARD.decode(id).ok()?;
    let is_text = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic);
    String::from_utf8(bytes).ok().filter(|_| is_text)
}

/// Ids of blocks that nobody else uses: those of two writers of one blob must not be taken for each other's.
pub(crate) struct Ids(Uuid);

impl Ids {
    pub(crate) fn new() -> Self {
        Self(Uuid::new_v4())
    }

    /// All ids of a blob are of one length.
    pub(crate) fn id(&self, number: usize) -> String {
        STANDARD.encode(format!("{}-{number:06}", self.0.simple()))
    }
}

/// <https://learn.microsoft.com/rest/api/storageservices/get-block-list>
fn blocks_of(xml: &[u8], place: &str) -> Result<Vec<Block>, StorageError> {
    let mut blocks = Vec::new();
    let mut id = String::new();
    let mut size = None;
    let mut is_broken = false;
    let mut is_list = false;
    let read = walk(xml, |element| {
        if element.is(&["CommittedBlocks", "Block", "Name"]) {
            element.text.clone_into(&mut id);
        } else if element.is(&["CommittedBlocks", "Block", "Size"]) {
            size = element.text.trim().parse().ok();
        } else if element.path.len() == 1 {
            is_list = element.path.first().is_some_and(|name| name == "BlockList");
        } else if element.is(&["CommittedBlocks", "Block"]) {
            match size.take() {
                Some(size) => blocks.push(Block {
                    id: std::mem::take(&mut id),
                    size,
                }),
                None => is_broken = true,
            }
        }
    });
    read.map_err(|reason| unreadable(place, reason))?;
    if !is_list {
        return Err(lacking(place, "BlockList"));
    }
    if is_broken {
        return Err(unreadable(place, "a block has no size".to_owned()));
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page has it that is named above.
    #[test]
    fn a_list_as_azure_writes_it() {
        let xml = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><CommittedBlocks><Block><Name>BlockId001</Name><Size>4194304</Size></Block><Block><Name>BlockId002</Name><Size>0</Size></Block></CommittedBlocks><UncommittedBlocks><Block><Name>BlockId003</Name><Size>1024</Size></Block></UncommittedBlocks></BlockList>";
        let found: Vec<(String, u64)> = blocks_of(xml.as_bytes(), "")
            .unwrap()
            .into_iter()
            .map(|block| (block.id, block.size))
            .collect();
        let expected = [("BlockId001".to_owned(), 4_194_304), ("BlockId002".to_owned(), 0)];
        assert_eq!(found, expected);
        assert_eq!(
            blocks_of(b"<BlockList><CommittedBlocks /></BlockList>", "").unwrap(),
            []
        );
    }

    #[test]
    fn ids_as_their_writer_has_them() {
        let opening = format!("A{}", "0".repeat(32));
        assert_eq!(id_text(&STANDARD.encode(&opening)), Some(opening));
        for other in [
            STANDARD.encode([0x41, 0xff, 0x07]),
            STANDARD.encode("two words"),
            String::new(),
            "no base64!".to_owned(),
        ] {
            assert_eq!(id_text(&other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_list() {
        for xml in [
            "",
            "<html/>",
            "<BlockList><CommittedBlocks>",
            "<BlockList><CommittedBlocks><Block><Name>x</Name></Block></CommittedBlocks></BlockList>",
            "<BlockList><CommittedBlocks><Block><Name>x</Name><Size>y</Size></Block></CommittedBlocks></BlockList>",
        ] {
            assert!(blocks_of(xml.as_bytes(), "").is_err(), "{xml}");
        }
    }
}
