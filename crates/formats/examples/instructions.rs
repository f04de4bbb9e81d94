//! Reads a fixed input so many times: what `cargo xtask instructions` counts.
//!
//! `instructions CASE TIMES`, where the case is `vnet`, `nsg` or `rows`.

use std::hint::black_box;
use std::ops::ControlFlow;

use formats::{FlowBatch, Options, Quarantined, Sink};
use model::SourceId;

const TUPLES: usize = 20_000;
const ROWS: usize = 2_000;

struct Count(u64);

impl Sink for Count {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0 += batch.rows.num_rows() as u64;
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

/// An address that looks like any other, the same at every run.
fn peer(number: usize) -> String {
    format!("203.0.{}.{}", number % 113, number * 7 % 251)
}

/// Tuples in the layout of this format, as a list.
fn tuples(vnet: bool) -> String {
    let tuple = |number: usize| {
        let millis = 1_710_413_935_827 + number * 3;
        let (peer, port, bytes) = (peer(number), 49_152 + number % 16_000, number * 37 % 90_000);
        let packets = bytes / 900;
        if vnet {
            format!("\"{millis},10.1.1.70,{peer},{port},443,6,O,C,NX,{packets},{bytes},3,614\"")
        } else {
            let seconds = millis / 1000;
            format!("\"{seconds},10.1.1.70,{peer},{port},443,T,O,A,C,{packets},{bytes},3,614\"")
        }
    };
    (0..TUPLES).map(tuple).collect::<Vec<_>>().join(",")
}

/// One record of so many tuples, in the layout of this format.
fn blob(vnet: bool) -> String {
    let list = tuples(vnet);
    let head = r#"{"records":[{"time":"2024-03-14T10:59:41.5119837Z","macAddress":"0022487BC205","#;
    let tail = if vnet {
        format!(
            r#""flowLogVersion":4,"flowLogGUID":"g","category":"FlowLogFlowEvent","flowLogResourceID":"/F","targetResourceID":"/t","operationName":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"/nsg","flowGroups":[{{"rule":"UserRule_web","flowTuples":[{list}]}}]}}]}}}}]}}"#
        )
    } else {
        format!(
            r#""systemId":"s","category":"NetworkSecurityGroupFlowEvent","resourceId":"/NSG","operationName":"NetworkSecurityGroupFlowEvents","properties":{{"Version":2,"flows":[{{"rule":"UserRule_web","flows":[{{"mac":"0022487BC205","flowTuples":[{list}]}}]}}]}}}}]}}"#
        )
    };
    format!("{head}{tail}")
}

/// Rows of Traffic Analytics, as its portal exports them.
fn rows() -> String {
    let mut text = String::from(
        "TimeGenerated,SubType,FlowStartTime,FlowEndTime,SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,\
         FlowStatus,AclRule,MacAddress,BytesSrcToDest,BytesDestToSrc,PacketsSrcToDest,PacketsDestToSrc,\
         AllowedOutFlows,FlowEncryption\n",
    );
    for number in 0..ROWS {
        let minute = number % 60;
        let (peer, bytes, packets, flows) = (peer(number), number * 37, number % 90, number % 7);
        text.push_str(&format!(
            "2025-08-25T20:11:21.937Z,FlowLog,2025-08-25T19:{minute:02}:57.584Z,2025-08-25T19:59:03.373Z,10.222.0.4,\
             {peer},443,TCP,Outbound,Allowed,allowinternetoutbound,00-0D-3A-98-82-CE,{bytes},60,{packets},1,\
             {flows},Unencrypted\n"
        ));
    }
    text
}

fn main() {
    let mut words = std::env::args().skip(1);
    let case = words.next().unwrap_or_default();
    let times: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let (input, expected) = match case.as_str() {
        "vnet" => (blob(true), TUPLES),
        "nsg" => (blob(false), TUPLES),
        _ => (rows(), ROWS),
    };
    for _ in 0..times {
        let mut count = Count(0);
        formats::read(black_box(input.as_bytes()), Options::new(SourceId(1)), &mut count);
        assert_eq!(count.0, expected as u64, "{case}");
    }
}
