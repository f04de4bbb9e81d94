//! Blobs, blocks, records and their times.

use crate::read::{read_record, records, rows, spec, stamp_ms, text, write};
use sim::{Scale, WorldSpec};

#[test]
fn tuples_lie_in_the_minute_before_their_record() {
    let (world, blobs, _) = write(&spec(1));
    for row in rows(&blobs) {
        let stamp = stamp_ms(&row.record_time);
        assert!((stamp - 65_000..=stamp - 2_000).contains(&row.time_ms), "{row:?}");
    }
    for blob in &blobs {
        let start = world.start_ms() + i64::from(blob.key.hour) * 3_600_000;
        for record in records(&blob.bytes()) {
            assert!(
                (start..start + 3_600_000).contains(&stamp_ms(text(&record, "time"))),
                "{}",
                blob.path
            );
            let times: Vec<i64> = read_record(&record).iter().map(|row| row.time_ms).collect();
            assert!(times.iter().all(|time| *time >= start - 61_000));
        }
    }
}

#[test]
fn blobs_are_laid_out_as_azure_does() {
    let (world, blobs, _) = write(&spec(1));
    for blob in &blobs {
        let nic = &world.nics[blob.key.nic];
        let hour = format!(
            "/y=2026/m=03/d=02/h={:02}/m=00/macAddress={}/PT1H.json",
            blob.key.hour, nic.mac
        );
        assert!(blob.path.ends_with(&hour), "{}", blob.path);
        let containers = [
            "insights-logs-flowlogflowevent/flowLogResourceID=/",
            "insights-logs-networksecuritygroupflowevent/resourceId=/SUBSCRIPTIONS/",
        ];
        assert!(
            containers
                .iter()
                .any(|container| blob.path.starts_with(container)),
            "{}",
            blob.path
        );
        assert_eq!(blob.blocks.first().unwrap(), b"{\"records\":[");
        assert_eq!(blob.blocks.last().unwrap(), b"]}");
        let data = &blob.blocks[1..blob.blocks.len() - 1];
        assert!((1..=60).contains(&data.len()));
        for (at, block) in data.iter().enumerate() {
            assert_eq!(block.starts_with(b",{"), at > 0);
            assert!(
                block.ends_with(b"}")
                    && block.is_ascii()
                    && !block.contains(&b'\n')
                    && !block.contains(&b'\\')
            );
        }
    }
}

#[test]
fn a_blob_grows_by_appending_and_is_complete_json_at_any_time() {
    let (_, blobs, _) = write(&spec(1));
    let blob = blobs.iter().max_by_key(|blob| blob.blocks.len()).unwrap();
    let data = blob.blocks.len() - 2;
    let mut before = blob.bytes_after(0);
    assert_eq!(before, b"{\"records\":[]}");
    for blocks in 1..=data {
        let now = blob.bytes_after(blocks);
        assert!(now.starts_with(&before[..before.len() - 2]));
        assert!(records(&now).len() > records(&before).len());
        before = now;
    }
    assert_eq!(before, blob.bytes());
}

#[test]
fn long_minutes_are_cut_into_records_of_one_time() {
    let (_, blobs, _) = write(&spec(1));
    let mut cut = 0;
    for blob in &blobs {
        let mut before = String::new();
        for record in records(&blob.bytes()) {
            let size = record.to_string().len();
            assert!(size <= 32_300, "{size}");
            let time = text(&record, "time").to_owned();
            cut += usize::from(time == before);
            before = time;
        }
    }
    assert!(cut > 0);
}

#[test]
fn key_orders_and_layouts_vary() {
    let (_, blobs, _) = write(&WorldSpec {
        scale: Scale::Small,
        hours: 1,
        ..spec(1)
    });
    let text: Vec<String> = blobs
        .iter()
        .map(|blob| String::from_utf8(blob.bytes()).unwrap())
        .collect();
    let any = |part: &str| text.iter().any(|one| one.contains(part));
    assert!(any("{\"records\":[{\"time\":") && any("{\"records\":[{\"category\":"));
    assert!(any("Z\",\"flowLogVersion\":4,") && any("Z\",\"flowLogGUID\":"));
    assert!(any("],\"rule\":\"") && any("{\"rule\":\""));
    let shared = blobs
        .iter()
        .flat_map(|blob| records(&blob.bytes()))
        .any(|record| {
            record["flowRecords"]["flows"].as_array().is_some_and(|flows| {
                flows.iter().any(|flow| {
                    flow["flowGroups"]
                        .as_array()
                        .is_some_and(|groups| groups.len() > 1)
                })
            })
        });
    assert!(shared, "no ACL with several groups");
}
