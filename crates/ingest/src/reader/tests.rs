//! Sources that fail while they are read.

use tokio::sync::mpsc;

use super::*;

/// Gives its bytes, then fails.
struct Failing(io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::from_raw_os_error(5)),
            count => Ok(count),
        }
    }
}

impl Stored for io::Cursor<Vec<u8>> {
    fn size_and_modified(&self) -> (u64, i64) {
        (1000, 7)
    }

    fn beginning(&mut self, _: u64) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn mark(&self, _: u64, _: String) -> Option<table::BlobMark> {
        None
    }
}

fn read(bytes: Vec<u8>) -> (Finished, usize) {
    let (sender, mut receiver) = mpsc::channel(10);
    let source = Source {
        address: "file:///a".into(),
        display: "a".into(),
        path: Some("/a".into()),
        pipe: None,
        blob: None,
        bytes: 0,
        new_bytes: 0,
        modified: 5,
        hour: None,
        named: true,
    };
    let how = How {
        verify: false,
        again: false,
        seed: 1,
        rows: Arc::default(),
        read_as: String::new(),
        clock: Arc::new(|| 0),
        records_max: 1000,
        cancel: CancellationToken::new(),
        progress: Arc::new(crate::Silent),
    };
    let mut finished = None;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut batching = Batching::new(1);
            let mut forward = Forward::new(sender, how.cancel.clone());
            let mut reader = Reader {
                source: &source,
                before: None,
                how: &how,
                batching: &mut batching,
                forward: &mut forward,
            };
            let input = Hashing::new(Failing(io::Cursor::new(bytes)), 0, sha2_new());
            let (reading, states) = reader.decode(0, input, Status::Read, 0, Ending::Final).unwrap();
            let (length, sha256) = states.whole();
            let end = if reading.compression == Compression::None {
                reading.report.cursor
            } else {
                length
            };
            let hashed = Hashed {
                range: 0..end,
                range_sha256: sha256.clone(),
                sha256,
                state: None,
            };
            let position = reader.position(&reading, &hashed, &io::Cursor::new(Vec::new()));
            finished = Some(reader.finish(reading, hashed, position));
            assert!(batching.flush(&mut forward).unwrap().is_continue());
        });
    });
    let mut rows = 0;
    while let Ok(Message::Batch(brought)) = receiver.try_recv() {
        rows += brought.batch.rows.num_rows();
    }
    (finished.unwrap(), rows)
}

const RECORD: &str = r#"{"time":"2024-03-14T10:41:41.5Z","flowRecords":{"flows":[{"flowGroups":[{"flowTuples":["1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,"]}]}]}}"#;

#[test]
fn what_came_before_a_failure_is_kept_and_reading_goes_on_there() {
    let (finished, rows) = read([RECORD, ",", RECORD, r#",{"time":"2024"#].concat().into_bytes());
    assert_eq!(rows, 2);
    let broken = finished.broken.unwrap();
    assert_eq!(
        (broken.code, broken.message.as_str()),
        (code::SOURCE_IO, "input/output error")
    );
    let position = finished.position.unwrap();
    assert_eq!(position.cursor, 2 * RECORD.len() as u64 + 1);
    // Never taken as seen: it will be looked at again.
    assert_eq!((position.size, position.modified), (position.cursor, 0));
}

#[test]
fn a_compressed_source_that_fails_is_read_anew_another_time() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    io::Write::write_all(&mut gzip, format!("{RECORD},{RECORD}").as_bytes()).unwrap();
    io::Write::flush(&mut gzip).unwrap();
    let (finished, rows) = read(gzip.get_ref().clone());
    assert_eq!(rows, 2);
    assert!(finished.position.is_none());
    assert_eq!(finished.broken.map(|broken| broken.code), Some(code::SOURCE_IO));
}

#[test]
fn a_source_of_which_nothing_can_be_read_has_failed() {
    let (finished, rows) = read(RECORD.as_bytes()[..40].to_vec());
    assert_eq!(rows, 0);
    assert!(matches!(finished.status, Status::Failed { code, .. } if code == code::SOURCE_IO));
}
