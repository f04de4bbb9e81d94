//! Tuples that must and must not be read.

use super::*;
use model::codes::list as code;

#[track_caller]
fn reads(text: &str, envelope: Envelope) -> Tuple<'_> {
    parse(text.as_bytes(), envelope).unwrap_or_else(|| panic!("{text} is not read"))
}

#[track_caller]
fn refuses(text: &str, envelope: Envelope, expected: Code) {
    assert_eq!(parse(text.as_bytes(), envelope), None, "{text}");
    assert_eq!(diagnose(text.as_bytes(), envelope), expected, "{text}");
}

const VNET: &str = "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,406,3,614";

#[test]
fn vnet_4() {
    let tuple = reads(VNET, Envelope::Vnet);
    assert_eq!(tuple.time, 1_710_413_935_827_000);
    assert_eq!(tuple.source, Address::V4(Key::of(b"10.1.1.70").unwrap()));
    assert_eq!(tuple.state, Some(FlowState::End));
    assert_eq!(tuple.status, FlowStatus::Allowed);
    assert_eq!(tuple.counters, [Some(3), Some(406), Some(3), Some(614)]);
}

#[test]
fn empty_counters_are_not_zero() {
    let tuple = reads(
        "1493763938,185.170.185.105,10.2.0.4,35370,23,6,I,B,NX,,,,",
        Envelope::Vnet,
    );
    assert_eq!(tuple.counters, [None; 4]);
    assert!(tuple.in_seconds);
    let mixed = reads("1493763938,1.2.3.4,10.2.0.4,1,2,6,I,C,NX,1,,0,", Envelope::Vnet);
    assert_eq!(mixed.counters, [Some(1), None, Some(0), None]);
}

#[test]
fn nsg_2_and_1() {
    let two = reads(
        "1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,A,E,1,66,1,66",
        Envelope::Nsg,
    );
    assert_eq!(
        (two.state, two.status, two.protocol),
        (Some(FlowState::End), FlowStatus::Allowed, 6)
    );
    let denied = reads(
        "1542110379,1.128.0.0,1.128.0.1,59932,443,U,I,D,B,,,,",
        Envelope::Nsg,
    );
    assert_eq!(
        (denied.state, denied.status, denied.protocol),
        (Some(FlowState::Begin), FlowStatus::Denied, 17)
    );
    let one = reads("1497646722,10.0.0.4,168.62.32.14,44904,443,T,O,A", Envelope::Nsg);
    assert!(one.short && one.state.is_none());
}

#[test]
fn addresses() {
    let six = reads(
        "1710413935827,2603:1030::1,fd00::4,55490,80,6,O,B,X,0,0,0,0",
        Envelope::Vnet,
    );
    assert_eq!(six.source, Address::Other(b"2603:1030::1"));
    for bad in [
        "10.1.1",
        "10.1.1.256",
        "10.01.1.1",
        "10.1.1.1.1",
        "x",
        "",
        "10..1.1",
        "1234.1.1.1",
        "[::1]",
    ] {
        refuses(
            &format!("1710413935827,{bad},10.1.1.4,55490,80,6,O,E,NX,3,406,3,614"),
            Envelope::Vnet,
            code::TUPLE_ADDRESS,
        );
    }
    assert_eq!(
        reads(
            "1710413935827,0.0.0.0,255.255.255.255,1,2,6,O,B,X,0,0,0,0",
            Envelope::Vnet
        )
        .source,
        Address::V4(Key::of(b"0.0.0.0").unwrap())
    );
}

#[test]
fn counters_up_to_the_largest_that_the_table_holds() {
    let text = format!(
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,{},3,614",
        i64::MAX
    );
    assert_eq!(reads(&text, Envelope::Vnet).counters[1], Some(i64::MAX));
    for bad in [
        "9223372036854775808",
        "18446744073709551616",
        "1.5",
        "1e3",
        "-1",
        "+1",
        " 1",
    ] {
        refuses(
            &format!("1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,{bad},3,614"),
            Envelope::Vnet,
            code::TUPLE_COUNTER,
        );
    }
}

#[test]
fn wrong_numbers_of_fields() {
    for text in [
        "",
        "1710413935827",
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E",
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX",
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,E,NX,3,406,3",
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,B,,,,,,",
        "1710413935827,10.1.1.70,10.1.1.4,55490,80,6,O,B,NX,0,0,0,0,",
    ] {
        refuses(text, Envelope::Vnet, code::TUPLE_FIELDS);
    }
    refuses(
        "1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,A,E",
        Envelope::Nsg,
        code::TUPLE_FIELDS,
    );
}

#[test]
fn an_nsg_tuple_in_a_vnet_envelope_is_named() {
    refuses(
        "1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,A,E,1,66,1,66",
        Envelope::Vnet,
        code::TUPLE_LAYOUT,
    );
    refuses(
        "1542110379,1.128.0.0,1.128.0.1,59932,443,T,O,D,B,,,,",
        Envelope::Vnet,
        code::TUPLE_LAYOUT,
    );
}

#[test]
fn a_vnet_tuple_in_an_nsg_envelope_is_named() {
    refuses(VNET, Envelope::Nsg, code::TUPLE_VNET_LAYOUT);
    refuses(
        "1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,D,NX_NOT_ACCEPTED,,,,",
        Envelope::Nsg,
        code::TUPLE_VNET_LAYOUT,
    );
    refuses(
        "1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,Y,,,,",
        Envelope::Nsg,
        code::TUPLE_STATE,
    );
}

#[test]
fn each_field_has_its_code() {
    let with = |index: usize, value: &str| {
        let mut fields: Vec<&str> = VNET.split(',').collect();
        fields[index] = value;
        fields.join(",")
    };
    refuses(&with(0, "12x"), Envelope::Vnet, code::TUPLE_TIME);
    refuses(&with(0, ""), Envelope::Vnet, code::TUPLE_TIME);
    refuses(&with(0, "99999999999999999999"), Envelope::Vnet, code::TUPLE_TIME);
    refuses(&with(0, "9223372036854775807"), Envelope::Vnet, code::TUPLE_TIME);
    refuses(&with(3, "65536"), Envelope::Vnet, code::TUPLE_PORT);
    refuses(&with(4, "-1"), Envelope::Vnet, code::TUPLE_PORT);
    refuses(&with(5, "256"), Envelope::Vnet, code::TUPLE_PROTOCOL);
    refuses(&with(5, "TCP"), Envelope::Vnet, code::TUPLE_PROTOCOL);
    refuses(&with(6, "X"), Envelope::Vnet, code::TUPLE_DIRECTION);
    refuses(&with(7, "F"), Envelope::Vnet, code::TUPLE_STATE);
    refuses(&with(8, ""), Envelope::Vnet, code::TUPLE_STATE);
    assert_eq!(
        reads(&with(8, "NX_SOMETHING_NEW"), Envelope::Vnet).encryption,
        b"NX_SOMETHING_NEW"
    );
    assert!(reads(&with(5, "T"), Envelope::Vnet).protocol_letter);
}
