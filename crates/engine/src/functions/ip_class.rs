//! `ip_class`: what kind of address an address is, from the address alone.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use datafusion::common::{Result, exec_err};
use model::AddressClass;

use super::{FunctionPage, Own};

pub(super) const OWN: Own = Own {
    page: FunctionPage {
        name: "ip_class",
        signature: "ip_class(address text) -> text",
        description: "The class of an IPv4 or IPv6 address: `Private`, `AzurePlatform`, `Internet` and so on. Null for text that is no address.",
        example: "ip_class('168.63.129.16')",
        gives: "AzurePlatform",
    },
    accepts: &[&[DataType::Utf8View]],
    kernel,
};

fn kernel(columns: &[ArrayRef]) -> Result<ArrayRef> {
    let [addresses] = columns else {
        return exec_err!("`ip_class` takes one argument");
    };
    let addresses = addresses.as_string_view();
    let mut classes = StringViewBuilder::with_capacity(addresses.len());
    // Neighbouring rows often hold the same address.
    let mut last: Option<(&str, Option<&'static str>)> = None;
    for address in addresses {
        let class = match (address, last) {
            (None, _) => None,
            (Some(address), Some((seen, class))) if seen == address => class,
            (Some(address), _) => {
                let class = address
                    .parse::<IpAddr>()
                    .ok()
                    .map(|ip| AddressClass::of(ip).as_str());
                last = Some((address, class));
                class
            }
        };
        classes.append_option(class);
    }
    Ok(Arc::new(classes.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringViewArray;

    #[test]
    fn addresses_have_a_class_and_other_text_has_none() {
        let addresses: ArrayRef = Arc::new(StringViewArray::from(vec![
            Some("10.0.0.4"),
            Some("10.0.0.4"),
            Some("8.8.8.8"),
            Some("fe80::1"),
            Some("not an address"),
            Some(""),
            None,
        ]));
        let classes = kernel(&[addresses]).unwrap();
        let classes: Vec<_> = classes.as_string_view().iter().collect();
        let expected = [
            Some("Private"),
            Some("Private"),
            Some("Internet"),
            Some("LinkLocal"),
            None,
            None,
            None,
        ];
        assert_eq!(classes, expected);
    }
}
