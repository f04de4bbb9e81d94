//! Much at once: a blob of gigabytes, and an account of 120,000 blobs, each in little memory. The peak is what the system says
//! of the process.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use azurite::{ACCOUNT, Azurite};
use bytes::Bytes;
use serde_json::Value;

use super::account::Account;
use crate::golden::flowglass;
use crate::pull::server::{Answer, Server};

const MIB: u64 = 1 << 20;
/// Azure's blocks are up to so large.
const BLOCK: usize = 4 << 20;

/// The most memory that a process has had, in bytes, as long as it runs.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Runs to the end; gives what was printed, the peak of its memory, and how long it took.
fn measured(mut command: Command) -> (String, u64, Duration) {
    let began = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let file = |path| Stdio::from(std::fs::File::create(path).unwrap());
    let mut child = command.stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = peak(&child).unwrap_or(0).max(most);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let said = std::fs::read_to_string(err).unwrap();
    assert!(status.success(), "{said}");
    (std::fs::read_to_string(out).unwrap(), most, began.elapsed())
}

/// Writes one blob as Azure does, in blocks, and reads it with `ingest`.
fn one_blob(azurite: &Azurite, name: &str, bytes: u64, peak_max: u64) {
    let account = Account::new(azurite, name);
    let path = sim::big_blob_path(7);
    let (_, blob) = path.split_once('/').unwrap();
    let mut blocks = account.blocks_of(blob);
    // The opening one has twelve bytes, the closing one two.
    let mut held: Vec<u8> = Vec::new();
    let mut size = 0;
    let truth = sim::big_blob(7, bytes, &mut |piece| {
        size += piece.len() as u64;
        held.extend_from_slice(piece);
        if blocks.count() == 0 {
            let rest = held.split_off(12);
            blocks.put(Bytes::from(std::mem::replace(&mut held, rest)));
        }
        while held.len() > BLOCK + 2 {
            let rest = held.split_off(BLOCK);
            blocks.put(Bytes::from(std::mem::replace(&mut held, rest)));
        }
    });
    let closing = held.split_off(held.len() - 2);
    blocks.put(Bytes::from(held));
    blocks.put(Bytes::from(closing));
    let count = blocks.count();
    blocks.commit();
    assert!(size >= bytes * 9 / 10, "{size} of {bytes}");

    let folder = tempfile::tempdir().unwrap();
    let mut command = flowglass();
    command
        .current_dir(folder.path())
        .env("AZURE_STORAGE_BLOB_ENDPOINT", azurite.blob_endpoint())
        .args([
            "ingest",
            &format!("az://{ACCOUNT}/{name}"),
            "--table",
            "table",
            "--format",
            "json",
        ]);
    let (out, peak, took) = measured(command);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["stored"], truth.total.tuples, "{out}");
    assert_eq!(told["records"], truth.records, "{out}");
    println!(
        "figures: one_blob: {} MiB in {count} blocks, {} tuples: {} MiB of memory at most, {:.0} s",
        size / MIB,
        truth.total.tuples,
        peak / MIB,
        took.as_secs_f64()
    );
    assert!(peak < peak_max, "{} MiB", peak / MIB);
}

#[test]
fn a_blob_of_64_mb_in_little_memory() {
    let Some(azurite) = Azurite::shared() else { return };
    one_blob(azurite, "large", 64_000_000, 512 * MIB);
}

#[test]
#[ignore = "long: writes 2 GB to the emulator, and reads them"]
fn a_blob_of_2_gb_in_512_mb() {
    let Some(azurite) = Azurite::start() else { return };
    one_blob(&azurite, "huge", 2_000_000_000, 512_000_000);
}

/// Blobs of one public report of a reader that ran out of 4 GiB.
const BLOBS: usize = 120_000;
const PAGE: usize = 5000;

/// A page of the list of a container with as many blobs, in the order of their names: 500 interfaces and 240 hours.
fn page(from: usize) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://a\" ContainerName=\"many\"><Blobs>",
    );
    for at in from..BLOBS.min(from + PAGE) {
        let (hours, nic) = (at / 500, at % 500);
        let (day, hour) = (hours / 24 + 1, hours % 24);
        xml.push_str(&format!(
            "<Blob><Name>flowLogResourceID=/0A1B2C3D-0000-4000-8000-000000000001_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_VNET-SHOP-RG-SHOP-FLOWLOG/y=2026/m=03/d={day:02}/h={hour:02}/m=00/macAddress=6045BD{nic:06X}/PT1H.json</Name><Properties><Creation-Time>Mon, 02 Mar 2026 10:00:00 GMT</Creation-Time><Last-Modified>Mon, 02 Mar 2026 10:59:59 GMT</Last-Modified><Etag>0x8DE{at:012X}</Etag><Content-Length>15000000</Content-Length><Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties></Blob>"
        ));
    }
    let next = Some(from + PAGE).filter(|next| *next < BLOBS);
    let next = next.map_or_else(String::new, |next| next.to_string());
    xml.push_str(&format!(
        "</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
    ));
    xml
}

#[test]
fn a_list_of_120_000_blobs_in_little_memory() {
    let server = Server::start(|asked| {
        let query = asked.query();
        if query.contains("comp=blocklist") {
            // Of the one that is shown.
            return Answer::new(200, "<BlockList><CommittedBlocks /></BlockList>")
                .header("etag", "0x1")
                .header("last-modified", "Mon, 02 Mar 2026 10:59:59 GMT")
                .header("x-ms-blob-content-length", "15000000");
        }
        let marker = query.split('&').find_map(|pair| pair.strip_prefix("marker="));
        Answer::new(200, &page(marker.map_or(0, |marker| marker.parse().unwrap())))
    });
    let folder = tempfile::tempdir().unwrap();
    let mut command = flowglass();
    command
        .current_dir(folder.path())
        .env(
            "AZURE_STORAGE_BLOB_ENDPOINT",
            format!("{}/{ACCOUNT}", server.place),
        )
        .args(["blobs", &format!("az://{ACCOUNT}/many"), "--most", "1"]);
    let (out, peak, took) = measured(command);
    assert!(
        out.contains("120,000 blobs of 500 interfaces in 1 flow log"),
        "{out}"
    );
    assert!(out.contains("1.8 TB"), "{out}");
    assert!(server.asked().len() >= BLOBS / PAGE);
    println!(
        "figures: a_list_of_120_000_blobs: {} MiB of memory at most, {:.0} s",
        peak / MIB,
        took.as_secs_f64()
    );
    assert!(peak < 256_000_000, "{} MiB", peak / MIB);
}
