//! `service_name`: the IANA name of a port. A guess from the port, not inspection.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::{Result, exec_err};
use model::protocols::protocol_number;

use super::{FunctionPage, Own};

pub(super) const OWN: Own = Own {
    page: FunctionPage {
        name: "service_name",
        signature: "service_name(port int, protocol text) -> text",
        description: "The name IANA registered for a port of `TCP` or `UDP`; the protocol may also be given as its number. Null where there is none (Traffic Analytics writes `Unknown` there).",
        example: "service_name(443, 'TCP')",
        gives: "https",
    },
    accepts: &[
        &[DataType::Int32, DataType::Utf8View],
        &[DataType::Int64, DataType::Utf8View],
    ],
    kernel,
};

fn kernel(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let [ports, protocols] = columns else {
        return exec_err!("`service_name` takes two arguments");
    };
    let ports = cast(ports, &DataType::Int64)?;
    let ports = ports.as_primitive::<Int64Type>();
    let protocols = protocols.as_string_view();
    let mut names = StringViewBuilder::with_capacity(ports.len());
    // A column holds a handful of protocols, in long runs.
    let mut last: Option<(&str, Option<u8>)> = None;
    for (port, protocol) in ports.iter().zip(protocols) {
        let (Some(port), Some(protocol)) = (port, protocol) else {
            names.append_null();
            continue;
        };
        let number = match last {
            Some((seen, number)) if seen == protocol => number,
            _ => {
                let number = protocol_number(protocol).or_else(|| protocol.parse().ok());
                last = Some((protocol, number));
                number
            }
        };
        let port = u16::try_from(port).ok();
        names.append_option(
            port.zip(number)
                .and_then(|(p, n)| model::services::service_name(p, n)),
        );
    }
    Ok(Arc::new(names.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int32Array, StringViewArray};

    #[test]
    fn known_ports_have_a_name_and_others_null() {
        let ports: ArrayRef = Arc::new(Int32Array::from(vec![
            Some(443),
            Some(53),
            Some(443),
            Some(-1),
            Some(70_000),
            None,
        ]));
        let protocols: ArrayRef = Arc::new(StringViewArray::from(vec![
            "TCP", "udp", "ICMP", "TCP", "TCP", "TCP",
        ]));
        let names = kernel(&[ports, protocols]).unwrap();
        let names: Vec<_> = names.as_string_view().iter().collect();
        assert_eq!(names, [Some("https"), Some("domain"), None, None, None, None]);
    }

    #[test]
    fn a_protocol_may_be_a_number() {
        let ports: ArrayRef = Arc::new(Int32Array::from(vec![22]));
        let protocols: ArrayRef = Arc::new(StringViewArray::from(vec!["6"]));
        let names = kernel(&[ports, protocols]).unwrap();
        assert_eq!(names.as_string_view().value(0), "ssh");
    }
}
