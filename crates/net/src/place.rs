//! Where a URL leads: which places may be spoken to in plain HTTP, and which two are the same.

use std::net::Ipv4Addr;

use url::{Host, Url};

use crate::error::NetError;

/// Host and port, as a message names a place.
#[must_use]
pub fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// True if two URLs lead to the same scheme, host and port: only there may a token go on.
#[must_use]
pub fn is_same_place(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme()
        && left.host() == right.host()
        && left.port_or_known_default() == right.port_or_known_default()
}

/// True for this machine itself and for its own link, where Azure puts the endpoints of managed identities.
/// <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>
pub(crate) fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || is_link_local(address),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

const fn is_link_local(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 169 && second == 254
}

/// Refuses what would be sent so that others can read it.
///
/// # Errors
/// For plain HTTP to anywhere but this machine and its link.
pub fn check(url: &Url) -> Result<(), NetError> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_near(url) => Ok(()),
        scheme => Err(NetError::Insecure {
            host: host(url),
            scheme: scheme.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn plain_http_does_not_leave_the_machine() {
        for near in [
            "http://127.0.0.1:8080/x",
            "http://[::1]/",
            "http://localhost:42356/msi/token",
            "http://169.254.169.254/metadata",
            "http://169.254.129.3:8081/msi/token",
            "https://management.azure.com/",
        ] {
            assert!(check(&url(near)).is_ok(), "{near}");
        }
        for far in [
            "http://management.azure.com/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
        ] {
            assert!(check(&url(far)).is_err(), "{far}");
        }
    }

    #[test]
    fn the_same_place() {
        let own = url("https://management.azure.com/a");
        assert!(is_same_place(&own, &url("https://Management.Azure.com:443/b?c")));
        for other in [
            "http://management.azure.com/a",
            "https://management.azure.com:444/a",
            "https://management.azure.com.evil.example/a",
            "https://evil.example/management.azure.com",
            "https://management.azure.com@evil.example/a",
        ] {
            assert!(!is_same_place(&own, &url(other)), "{other}");
        }
    }
}
