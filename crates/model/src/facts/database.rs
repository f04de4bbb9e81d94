//! Databases that say which country and which network a public address is of; they lie beside the facts that name them.

use serde::{Deserialize, Serialize};

/// What is known of a database without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressDatabase {
    /// What it calls itself, such as `GeoLite2-Country`; one that is loaded later takes the place of one of the same kind.
    pub kind: String,
    /// The name of its file.
    pub file: String,
    /// When it was made, in seconds since 1970.
    pub built: u64,
    /// What its makers say of it, in English where they say it so.
    pub description: String,
    /// The beginning of the SHA-256 of its bytes, in hex: its name beside the table.
    pub hash: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many networks it tells apart.
    pub networks: u64,
    /// It knows addresses of version 6 too.
    pub has_v6: bool,
    /// Where its records say the country, such as `country.iso_code`; none if they do not.
    pub country_at: Option<String>,
    /// Where they say the number of the autonomous system; none if they do not.
    pub asn_at: Option<String>,
    /// Where they say whose that is.
    pub asn_name_at: Option<String>,
}

/// Licences by how the kinds of databases begin, in lower case.
const LICENCES: [(&str, &str); 5] = [
    (
        "geolite2",
        "GeoLite end user licence: name MaxMind, and delete an edition within 30 days of the next",
    ),
    ("geoip", "MaxMind's commercial licence"),
    (
        "dbip",
        "CC BY 4.0 if it is a lite edition: name DB-IP with a link to https://db-ip.com",
    ),
    (
        "ipinfo",
        "CC BY-SA 4.0 if it is free: name IPinfo with a link to https://ipinfo.io",
    ),
    (
        "flowglass-demo",
        "made up by `flowglass demo`, and true of no real address",
    ),
];

impl AddressDatabase {
    /// What its makers ask for, as far as its kind says whose it is. A hint: the licence that came with it counts.
    #[must_use]
    pub fn licence(&self) -> &'static str {
        let kind = self.kind.to_ascii_lowercase();
        let known = LICENCES.iter().find(|(begins, _)| kind.starts_with(begins));
        known.map_or("not known: see where it came from", |(_, licence)| licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_it_is_says_its_licence() {
        let licence = |kind: &str| {
            let database = AddressDatabase {
                kind: kind.to_owned(),
                file: String::new(),
                built: 0,
                description: String::new(),
                hash: String::new(),
                bytes: 0,
                networks: 0,
                has_v6: false,
                country_at: None,
                asn_at: None,
                asn_name_at: None,
            };
            database.licence()
        };
        assert!(licence("GeoLite2-Country").starts_with("GeoLite end user licence"));
        assert!(licence("GeoIP2-City").contains("commercial"));
        assert!(licence("DBIP-Country-Lite").starts_with("CC BY 4.0"));
        assert!(licence("My-Own").starts_with("not known"));
    }
}
