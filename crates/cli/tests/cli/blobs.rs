//! `blobs`, and `read` of storage accounts, as a user meets them: files of this machine, and blobs of the emulator that grow
//! as Azure's do.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure::Cloud;
use azure::storage::{Blobs, Condition, Credential, Place, Settings};
use azurite::{ACCOUNT, Azurite, KEY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use net::{Client, Proxies, Retry, Secret};
use serde_json::Value;

use crate::golden::{Run, flowglass};
use crate::pull::server::{Answer, Server};
use crate::table::run_in;

const MAC: &str = "6045BDBA5272";
const LOG: &str = "flowLogResourceID=/S_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_WEB-FLOWLOG";
const OTHER: &str = "flowLogResourceID=/S_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_DB-FLOWLOG";

fn name_of(log: &str, hour: u32, mac: &str) -> String {
    format!("{log}/y=2024/m=03/d=14/h={hour:02}/m=00/macAddress={mac}/PT1H.json")
}

fn record(minute: u32, tuples: u32) -> String {
    let tuple = |n| {
        let millis = 35_827 + minute;
        format!(
            "\"17104139{millis:05},10.0.0.{},10.9.9.9,4000,443,6,O,E,NX,1,100,2,200\"",
            n % 250
        )
    };
    let tuples: Vec<String> = (0..tuples).map(tuple).collect();
    format!(
        r#"{{"time":"2024-03-14T10:{minute:02}:41.5Z","macAddress":"{MAC}","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":[{}]}}]}}]}}}}"#,
        tuples.join(",")
    )
}

fn whole(records: &[String]) -> String {
    format!("{{\"records\":[{}]}}", records.join(","))
}

/// A container of the emulator.
struct Container {
    name: &'static str,
    endpoint: String,
    blobs: Blobs,
    runtime: tokio::runtime::Runtime,
}

impl Container {
    /// A new one; none, said aloud, where there is no emulator.
    fn new(name: &'static str) -> Option<Self> {
        let endpoint = Azurite::shared()?.blob_endpoint();
        let client = Client::new(&net::Settings {
            user_agent: "flowglass/test".to_owned(),
            proxies: Proxies::default(),
            retry: Retry::default(),
            seed: 7,
        });
        let cloud = Cloud::of(None, None, None).unwrap();
        let settings = Settings::of(&cloud, Some(&endpoint), |_| None).unwrap();
        let place = Place::blobs(&format!("az://{ACCOUNT}/{name}"), &settings).unwrap();
        let key = Credential::key("the key", &Secret::new(KEY)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let blobs = Blobs::new(Arc::new(client.unwrap()), place, key);
        assert_eq!(runtime.block_on(blobs.create()), Ok(true));
        Some(Self {
            name,
            endpoint,
            blobs,
            runtime,
        })
    }

    /// Commits a blob as Azure does: an opening block, one for each record, and a closing one.
    fn write(&self, name: &str, records: &[String]) {
        let id = |letter: char, number: usize| STANDARD.encode(format!("{letter}{number:032}"));
        let mut blocks = vec![(id('A', 0), "{\"records\":[".to_owned())];
        for (at, record) in records.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            blocks.push((id('D', at), format!("{comma}{record}")));
        }
        blocks.push((id('Z', 0), "]}".to_owned()));
        self.runtime.block_on(async {
            for (id, text) in &blocks {
                let put = self.blobs.put_block(name, id, text.clone().into());
                put.await.unwrap();
            }
            let ids: Vec<String> = blocks.iter().map(|(id, _)| id.clone()).collect();
            let list = self.blobs.put_block_list(name, &ids, &Condition::Any);
            list.await.unwrap();
        });
    }

    fn address(&self, name: &str) -> String {
        format!("az://{ACCOUNT}/{}/{name}", self.name)
    }

    /// Runs in a folder, with the emulator in Azure's place.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Run {
        let endpoint = ["--blob-endpoint", self.endpoint.as_str()];
        run_in(folder, &[arguments, endpoint.as_slice()].concat())
    }
}

fn rows(run: &Run) -> Vec<Value> {
    let lines = run.out.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn column(rows: &[Value], name: &str) -> Vec<String> {
    let texts = rows.iter().map(|row| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    texts.collect()
}

/// A file of a folder that was changed at a time, in seconds since 1970.
fn file(folder: &Path, name: &str, text: &str, changed: u64) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(changed))
        .unwrap();
}

/// 2024-03-14T10:59:50Z
const CHANGED: u64 = 1_710_413_990;

#[test]
fn files_are_listed_with_what_their_names_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = whole(&[record(0, 10)]);
    file(folder, &format!("logs/{}", name_of(LOG, 10, MAC)), &text, CHANGED);
    file(
        folder,
        &format!("logs/{}", name_of(LOG, 11, "000D3AF87856")),
        &text,
        CHANGED,
    );
    file(folder, "logs/zz/copy.json", &text, CHANGED);
    file(folder, "logs/readme.md", "no log", CHANGED);
    let run = run_in(folder, &["blobs", "logs"]);
    let size = text.len();
    let expected = format!(
        "logs/{LOG}
  hour               MAC               size  last change           state
  2024-03-14 10:00Z  6045BDBA5272  {size:>6} B  2024-03-14 10:59:50Z  complete
  2024-03-14 11:00Z  000D3AF87856  {size:>6} B  2024-03-14 10:59:50Z  complete

logs/zz
  hour               MAC               size  last change           state
  -                  -             {size:>6} B  2024-03-14 10:59:50Z  complete  copy.json

3 blobs of 2 interfaces in 1 flow log, {:.1} kB; 2024-03-14 10:00Z to 2024-03-14 12:00Z; 0 growing
",
        3.0 * size as f64 / 1000.0
    );
    assert_eq!((run.exit, run.out), (0, expected));
    assert!(run.err.starts_with("note: 1 file passed over"), "{}", run.err);
    let few = run_in(folder, &["blobs", "logs", "--most", "1"]);
    assert!(
        few.out.ends_with("\n1 shown; `--most N` shows more\n"),
        "{}",
        few.out
    );
    let one = run_in(
        folder,
        &["blobs", "logs", "--mac", "00-0d-3a-f8-78-56", "--format", "csv"],
    );
    let expected = format!(
        "Hour,MacAddress,Interface,FlowLog,Bytes,Blocks,LastChange,State,Table,BytesBehind,Address
2024-03-14T11:00:00Z,00-0D-3A-F8-78-56,,NETWORKWATCHER_EASTUS_WEB-FLOWLOG,{size},,2024-03-14T10:59:50Z,complete,,,logs/{}
",
        name_of(LOG, 11, "000D3AF87856")
    );
    assert_eq!((one.exit, one.out), (0, expected));
    let none = run_in(folder, &["blobs", "logs", "--hours", "2024-03-14T12:00Z/PT1H"]);
    assert_eq!((none.exit, none.out.as_str()), (1, "No blobs.\n"));
    for format in [["json", "[]\n"], ["ndjson", ""]] {
        let arguments = ["blobs", "logs", "--since", "1h", "--format", format[0]];
        let run = run_in(folder, &arguments);
        assert_eq!((run.exit, run.out.as_str()), (1, format[1]));
    }
}

#[test]
fn what_cannot_be_listed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (arguments, exit, says) in [
        (vec!["blobs", "nowhere"], 3, "no file matches `nowhere`"),
        (vec!["blobs", "-"], 2, "standard input is no blob"),
        (
            vec!["blobs", ".", "--mac", "web"],
            2,
            "`--mac web` is no address of an interface",
        ),
        (vec!["blobs", ".", "--blocks"], 2, "a file has no blocks"),
        (
            vec!["blobs", ".", "--blocks", "--most", "3"],
            2,
            "cannot be used together with",
        ),
        (vec!["blobs", "az://account"], 2, "it names no container"),
        (vec!["blobs", ".", "--timespan", "P1M"], 2, "months or years"),
        (vec!["blobs", ".", "--table", "none"], 2, "none"),
    ] {
        let run = run_in(folder, &arguments);
        assert_eq!(run.exit, exit, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(says), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn blobs_of_an_account_are_listed_with_their_blocks() {
    let Some(container) = Container::new("listed") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let records = [record(0, 10), record(1, 10)];
    for (log, hour, mac, count) in [
        (LOG, 10, MAC, 2),
        (LOG, 10, "000D3AF87856", 1),
        (LOG, 11, MAC, 1),
        (OTHER, 10, MAC, 0),
    ] {
        container.write(&name_of(log, hour, mac), &records[..count]);
    }
    let all = container.address("");
    let run = container.run(folder, &["blobs", &all, "--format", "ndjson"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let listed = rows(&run);
    // In the order of names; an opening and a closing block are blocks too.
    assert_eq!(column(&listed, "Blocks"), ["2", "3", "4", "3"]);
    assert_eq!(column(&listed, "State"), ["growing"; 4]);
    assert_eq!(column(&listed, "Table"), ["null"; 4]);
    assert_eq!(listed[2]["Address"], container.address(&name_of(LOG, 10, MAC)));
    assert_eq!(listed[2]["Bytes"], whole(&records).len());
    // A few hours are found by their names, and many in a list of all: the same either way.
    for times in ["2024-03-14T11:00Z/PT1H", "2024-03-14T11:00Z/2024-07-01"] {
        let run = container.run(
            folder,
            &["blobs", &all, "--timespan", times, "--format", "ndjson"],
        );
        let hours = column(&rows(&run), "Hour");
        assert_eq!(
            (run.exit, hours),
            (0, vec!["2024-03-14T11:00:00Z".to_owned()]),
            "{times}"
        );
    }
    let words = container.run(folder, &["blobs", &all, "--most", "2"]);
    let lines: Vec<&str> = words.out.lines().collect();
    assert_eq!(lines[0], container.address(OTHER));
    assert!(
        lines[2].contains("  6045BDBA5272      14 B       2  20"),
        "{}",
        words.out
    );
    let last = &lines[lines.len() - 2..];
    assert!(
        last[0].starts_with("4 blobs of 2 interfaces in 2 flow logs, "),
        "{}",
        words.out
    );
    assert!(
        last[0].ends_with("; 4 growing") && last[1].starts_with("2 shown"),
        "{}",
        words.out
    );
}

#[test]
fn what_the_table_has_read_is_told() {
    let Some(container) = Container::new("followed") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = name_of(LOG, 10, MAC);
    container.write(&name, &[record(0, 10)]);
    let address = container.address("");
    let ingested = container.run(folder, &["ingest", &address]);
    assert_eq!(ingested.exit, 0, "{}", ingested.err);
    let told = |arguments: &[&str]| {
        let format = ["--format", "ndjson"];
        let run = container.run(
            folder,
            &[&["blobs", address.as_str()], arguments, &format].concat(),
        );
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        let rows = rows(&run);
        (column(&rows, "Table"), column(&rows, "BytesBehind"))
    };
    assert_eq!(told(&[]), (vec!["read".to_owned()], vec!["0".to_owned()]));
    // It grows, and another one comes.
    container.write(&name, &[record(0, 10), record(1, 10)]);
    container.write(&name_of(LOG, 11, MAC), &[record(0, 1)]);
    let more = format!(",{}", record(1, 10)).len();
    let expected = (
        vec!["behind".to_owned(), "not read".to_owned()],
        vec![more.to_string(), "null".to_owned()],
    );
    assert_eq!(told(&["--table", "flowglass-data"]), expected);
    // Looking has read nothing, and has made nothing.
    assert_eq!(told(&[]), expected);
    let exports = format!(
        r#"[{{"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic-web","macAddress":"{MAC}","ipConfigurations":[]}}]"#
    );
    std::fs::write(folder.join("nics.json"), exports).unwrap();
    assert_eq!(run_in(folder, &["facts", "load", "nics.json"]).exit, 0);
    let words = container.run(folder, &["blobs", &address]);
    let behind = format!("behind by {more} B");
    assert!(
        words.out.contains(&format!("{behind:<18}  nic-web\n")),
        "{}",
        words.out
    );
    assert!(
        words.out.contains("\nof the table: 0 read, 1 behind by "),
        "{}",
        words.out
    );
}

#[test]
fn the_blocks_of_a_blob_say_what_they_hold() {
    let Some(container) = Container::new("blocks") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = name_of(LOG, 10, MAC);
    let records = [record(0, 10), record(1, 3)];
    container.write(&name, &records);
    let address = container.address(&name);
    let run = container.run(folder, &["blobs", &address, "--blocks", "--format", "ndjson"]);
    assert_eq!((run.exit, run.err.as_str()), (0, ""));
    let blocks = rows(&run);
    assert_eq!(
        column(&blocks, "Holds"),
        ["opening", "records", "records", "closing"]
    );
    assert_eq!(column(&blocks, "Tuples"), ["0", "10", "3", "0"]);
    let ids = ["A", "D", "D", "Z"].iter().zip([0, 0, 1, 0]);
    let ids: Vec<String> = ids
        .map(|(letter, number)| format!("{letter}{number:032}"))
        .collect();
    assert_eq!(column(&blocks, "Id"), ids);
    let (first, second) = (12 + records[0].len(), records[1].len() + 1);
    let offsets = [0, 12, first, first + second].map(|offset| offset.to_string());
    assert_eq!(column(&blocks, "Offset"), offsets);
    assert_eq!(blocks[1]["FirstTime"], "2024-03-14T10:00:41.500Z");
    assert_eq!(blocks[2]["LastTime"], "2024-03-14T10:01:41.500Z");
    assert_eq!(blocks[0]["FirstTime"], Value::Null);
    let words = container.run(folder, &["blobs", &address, "--blocks"]);
    assert!(
        words.out.contains("\n4 blocks, ") && words.out.contains("; 2 records, 13 tuples; last change 20")
    );
    // One that was written in one piece has none to tell.
    container.runtime.block_on(async {
        let bytes = whole(&records).into();
        container
            .blobs
            .put("copy.json", bytes, &Condition::Any)
            .await
            .unwrap();
    });
    let run = container.run(folder, &["blobs", &container.address("copy.json"), "--blocks"]);
    assert_eq!((run.exit, run.out.as_str()), (0, ""));
    assert!(run.err.contains("was written in one piece of"), "{}", run.err);
    let run = container.run(folder, &["blobs", &container.address("flowLog"), "--blocks"]);
    assert_eq!(run.exit, 3);
    assert!(
        run.err.contains("names no blob that holds anything"),
        "{}",
        run.err
    );
}

#[test]
fn blobs_are_read_as_files_are() {
    let Some(container) = Container::new("read") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Some pieces of four megabytes.
    let records: Vec<String> = (0..12).map(|minute| record(minute, 10_000)).collect();
    let (name, other) = (name_of(LOG, 10, MAC), name_of(LOG, 11, MAC));
    container.write(&name, &records);
    container.write(&other, &records[..1]);
    std::fs::write(folder.join("PT1H.json"), whole(&records)).unwrap();
    let address = container.address(&name);
    for arguments in [
        &["--limit", "3"][..],
        &["--format", "ndjson", "--limit", "50"],
        &["--summary"],
        &["--denied"],
    ] {
        let here = run_in(folder, &[&["read", "PT1H.json"], arguments].concat());
        let there = container.run(folder, &[&["read", address.as_str()], arguments].concat());
        let there = Run {
            out: there.out.replace(&address, "PT1H.json"),
            ..there
        };
        assert_eq!(
            (there.exit, there.out, there.err),
            (here.exit, here.out, here.err),
            "{arguments:?}"
        );
    }
    // By what names begin with; one that is named twice is read once.
    let log = container.address(LOG);
    let arguments = ["read", &log, &address, &log, "--summary", "--format", "json"];
    let run = container.run(folder, &arguments);
    let summary: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(run.out.contains("130000") && summary.is_object(), "{}", run.out);
    // Files first.
    let run = container.run(
        folder,
        &[
            "read",
            &container.address(&other),
            "PT1H.json",
            "--format",
            "ndjson",
            "--limit",
            "1",
        ],
    );
    assert_eq!(rows(&run)[0]["Source"], "PT1H.json");
}

#[test]
fn what_is_wrong_with_an_account_is_said() {
    let Some(container) = Container::new("refused") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = name_of(LOG, 10, MAC);
    let (missing, empty) = (format!("az://{ACCOUNT}/missing"), container.address(""));
    let nothing = run_in(folder, &["blobs", &empty, "--blob-endpoint", &container.endpoint]);
    assert_eq!((nothing.exit, nothing.out.as_str()), (1, "No blobs.\n"));
    container.write(&name, &[record(0, 1)]);
    for (arguments, exit, says) in [
        (["blobs", &missing], 3, "there is no such container"),
        (["read", &missing], 3, "there is no such container"),
        (
            ["read", &container.address("flow.json")],
            3,
            "no blob is called `az://devstoreaccount1/refused/flow.json`",
        ),
        (["blobs", &container.address("flow.json")], 1, ""),
    ] {
        let run = container.run(folder, &arguments);
        assert_eq!(run.exit, exit, "{arguments:?}: {}", run.err);
        assert!(run.err.contains(says), "{arguments:?}: {}", run.err);
    }
    let address = container.address(&name);
    for arguments in [["blobs", &empty], ["read", &address], ["read", &empty]] {
        let output = flowglass()
            .current_dir(folder)
            .env("AZURE_STORAGE_KEY", "d3Jvbmc=")
            .args(arguments)
            .args(["--blob-endpoint", &container.endpoint])
            .output()
            .unwrap();
        let run = Run::from(output);
        assert_eq!(run.exit, 3, "{arguments:?}: {}", run.err);
        assert!(run.err.contains("`: not permitted: "), "{}", run.err);
        assert!(!run.err.contains("d3Jvbmc"), "{}", run.err);
    }
}

/// How many blobs a public report could not list in four gigabytes.
const MANY: usize = 120_000;
const PAGE: usize = 5000;

/// A page of the list of an account with many blobs.
fn page(begin: usize) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>");
    for number in begin..MANY.min(begin + PAGE) {
        // 40 hours of 3,000 interfaces.
        let (hour, mac) = (number / 3000, format!("{:012X}", number % 3000));
        let (day, hour) = (14 + hour / 24, hour % 24);
        let name = format!(
            "flowLogResourceID=/0AB1C2D3-4E5F-6789-ABCD-EF0123456789_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_VNET-SPOKE-EASTUS-PRODUCTION-FLOWLOG/y=2024/m=03/d={day}/h={hour:02}/m=00/macAddress={mac}/PT1H.json"
        );
        xml.push_str(&format!(
            "<Blob><Name>{name}</Name><Properties><Creation-Time>Thu, 14 Mar 2024 10:00:41 GMT</Creation-Time><Last-Modified>Thu, 14 Mar 2024 10:59:41 GMT</Last-Modified><Etag>0x{number:016X}</Etag><Content-Length>{}</Content-Length><BlobType>BlockBlob</BlobType><LeaseState>available</LeaseState></Properties></Blob>",
            15_000_000 + number
        ));
    }
    let next = begin + PAGE;
    let marker = if next < MANY {
        next.to_string()
    } else {
        String::new()
    };
    xml.push_str(&format!(
        "</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
    ));
    xml
}

#[test]
fn many_blobs_are_listed_page_by_page() {
    let server = Server::start(|asked| {
        let query = asked.query();
        let mut parts = query.split('&');
        let marker = parts.find_map(|part| part.strip_prefix("marker="));
        let answer = Answer::new(200, &page(marker.map_or(0, |marker| marker.parse().unwrap())));
        answer.header("content-type", "application/xml")
    });
    let folder = tempfile::tempdir().unwrap();
    let place = format!("az://{ACCOUNT}/logs");
    let mut child = flowglass()
        .current_dir(folder.path())
        .args(["blobs", &place, "--most", "0", "--blob-endpoint", &server.place])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait().unwrap().is_none() {
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok());
        peak_kib = peak_kib.max(peak.unwrap_or(0_u64));
        std::thread::sleep(Duration::from_millis(5));
    }
    let run = Run::from(child.wait_with_output().unwrap());
    let many = MANY as u64;
    let bytes = 15_000_000 * many + many * (many - 1) / 2;
    let expected = format!(
        "120,000 blobs of 3,000 interfaces in 1 flow log, {}.{} TB; 2024-03-14 00:00Z to 2024-03-15 16:00Z; 0 growing\n0 shown; `--most N` shows more\n",
        bytes / 1_000_000_000_000,
        bytes / 100_000_000_000 % 10
    );
    assert_eq!(
        (run.exit, run.out.as_str(), run.err.as_str()),
        (0, expected.as_str(), "")
    );
    assert_eq!(server.asked().len(), MANY / PAGE);
    println!("peak memory of a list of {MANY} blobs: {} MiB", peak_kib / 1024);
    assert!(peak_kib < 256 << 10, "{peak_kib} KiB");
}
