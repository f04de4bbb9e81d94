//! MaxMind's file format of addresses: the country and the autonomous system of an address, in the spellings of several makers.

use std::net::IpAddr;

use ahash::AHashSet;
use maxminddb::{LookupResult, MaxMindDbError, PathElement, Reader, WithinOptions};
use model::facts::AddressDatabase;
use serde::de::IgnoredAny;

use crate::error::DatabaseError;

/// What every file of this format has near its end.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Where the marker is looked for, from the end: readers of the format look no further.
const MARKER_BYTES_MAX: usize = 128 << 10;

/// A place in a record: as it is written down, and as it is looked up.
#[derive(Clone, Copy, Debug)]
struct Field {
    at: &'static str,
    path: &'static [PathElement<'static>],
}

/// Where makers write the two letters of a country: MaxMind and DB-IP, `ip-location-db`, IPinfo.
const COUNTRIES: [Field; 3] = [
    Field {
        at: "country.iso_code",
        path: &[PathElement::Key("country"), PathElement::Key("iso_code")],
    },
    Field {
        at: "country_code",
        path: &[PathElement::Key("country_code")],
    },
    Field {
        at: "country",
        path: &[PathElement::Key("country")],
    },
];

/// Where they write the number of an autonomous system.
const SYSTEMS: [Field; 2] = [
    Field {
        at: "autonomous_system_number",
        path: &[PathElement::Key("autonomous_system_number")],
    },
    Field {
        at: "asn",
        path: &[PathElement::Key("asn")],
    },
];

/// Where they write whose it is.
const OWNERS: [Field; 2] = [
    Field {
        at: "autonomous_system_organization",
        path: &[PathElement::Key("autonomous_system_organization")],
    },
    Field {
        at: "as_name",
        path: &[PathElement::Key("as_name")],
    },
];

/// A database, open.
#[derive(Debug)]
pub struct Database {
    reader: Reader<Vec<u8>>,
    country: Option<Field>,
    system: Option<Field>,
    owner: Option<Field>,
}

impl Database {
    /// True for the bytes of a file of this format, whole or not.
    #[must_use]
    pub fn looks_so(bytes: &[u8]) -> bool {
        let begins = bytes.len().saturating_sub(MARKER_BYTES_MAX);
        let end = bytes.get(begins..).unwrap_or_default();
        end.windows(MARKER.len()).any(|window| window == MARKER)
    }

    /// Looks at everything in a database: what it is, and that nothing of it is damaged.
    ///
    /// # Errors
    /// If it is damaged, or says neither countries nor autonomous systems.
    pub fn examined(file: &str, hash: &str, bytes: &[u8]) -> Result<AddressDatabase, DatabaseError> {
        let reader = opened(bytes)?;
        let metadata = reader.metadata();
        let kind = metadata.database_type.clone();
        let walk = match Walk::through(&reader) {
            Ok(walk) => walk,
            Err(error) => {
                let reason = reason(&error);
                return Err(DatabaseError::Damaged { kind, reason });
            }
        };
        let descriptions = &metadata.description;
        let description = descriptions.get("en").or_else(|| descriptions.values().next());
        let about = AddressDatabase {
            kind,
            file: file.to_owned(),
            built: metadata.build_epoch,
            description: description.cloned().unwrap_or_default(),
            hash: hash.to_owned(),
            bytes: bytes.len() as u64,
            networks: walk.networks,
            has_v6: metadata.ip_version == 6,
            country_at: first(&COUNTRIES, &walk.countries),
            asn_at: first(&SYSTEMS, &walk.systems),
            asn_name_at: first(&OWNERS, &walk.owners),
        };
        match (&about.country_at, &about.asn_at) {
            (None, None) => Err(DatabaseError::OtherKind { kind: about.kind }),
            _ => Ok(about),
        }
    }

    /// Opens a database that was examined before.
    ///
    /// # Errors
    /// If it is none.
    pub fn open(about: &AddressDatabase, bytes: Vec<u8>) -> Result<Self, DatabaseError> {
        Ok(Self {
            reader: opened(bytes)?,
            country: named(&COUNTRIES, about.country_at.as_deref()),
            system: named(&SYSTEMS, about.asn_at.as_deref()),
            owner: named(&OWNERS, about.asn_name_at.as_deref()),
        })
    }

    /// The country of an address, in lower case.
    pub(crate) fn country(&self, address: IpAddr) -> Option<String> {
        let field = self.country?;
        country(&self.reader.lookup(address).ok()?, field)
    }

    /// The autonomous system of an address, and whose it is.
    pub(crate) fn system(&self, address: IpAddr) -> Option<(u32, String)> {
        let field = self.system?;
        let found = self.reader.lookup(address).ok()?;
        let number = system(&found, field)?;
        let owner = self.owner.and_then(|field| text(&found, field));
        Some((number, owner.unwrap_or_default().to_owned()))
    }
}

fn opened<B: AsRef<[u8]>>(bytes: B) -> Result<Reader<B>, DatabaseError> {
    Reader::from_source(bytes).map_err(|error| DatabaseError::Unreadable {
        reason: reason(&error),
    })
}

/// What is wrong, without saying once more that something is.
fn reason(error: &MaxMindDbError) -> String {
    match error {
        MaxMindDbError::InvalidDatabase { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

/// What a walk through all networks found.
#[derive(Default)]
struct Walk {
    networks: u64,
    countries: [bool; COUNTRIES.len()],
    systems: [bool; SYSTEMS.len()],
    owners: [bool; OWNERS.len()],
}

impl Walk {
    fn through<B: AsRef<[u8]>>(reader: &Reader<B>) -> Result<Self, MaxMindDbError> {
        let mut walk = Self::default();
        let mut seen = AHashSet::new();
        // A tree has at most twice as many leaves as nodes; one that leads back to itself has no end.
        let most = u64::from(reader.metadata().node_count).saturating_mul(3);
        for found in reader.networks(WithinOptions::default())? {
            let found = found?;
            walk.networks += 1;
            if walk.networks > most {
                return Err(MaxMindDbError::invalid_database("its tree leads back to itself"));
            }
            // Many networks share a record.
            if found.offset().is_some_and(|offset| seen.insert(offset)) {
                let _: Option<IgnoredAny> = found.decode()?;
                walk.take(&found);
            }
        }
        Ok(walk)
    }

    fn take<B: AsRef<[u8]>>(&mut self, found: &LookupResult<'_, B>) {
        for (is_said, field) in self.countries.iter_mut().zip(COUNTRIES) {
            *is_said = *is_said || country(found, field).is_some();
        }
        for (is_said, field) in self.systems.iter_mut().zip(SYSTEMS) {
            *is_said = *is_said || system(found, field).is_some();
        }
        for (is_said, field) in self.owners.iter_mut().zip(OWNERS) {
            *is_said = *is_said || text(found, field).is_some();
        }
    }
}

/// The first field that is said.
fn first(fields: &[Field], are_said: &[bool]) -> Option<String> {
    let mut said = fields.iter().zip(are_said).filter(|(_, is_said)| **is_said);
    said.next().map(|(field, _)| field.at.to_owned())
}

fn named(fields: &[Field], at: Option<&str>) -> Option<Field> {
    fields.iter().find(|field| Some(field.at) == at).copied()
}

fn text<'r, B: AsRef<[u8]>>(found: &LookupResult<'r, B>, field: Field) -> Option<&'r str> {
    let text: &str = found.decode_path(field.path).ok()??;
    Some(text).filter(|text| !text.is_empty())
}

/// Two letters; other texts are names of countries.
fn country<B: AsRef<[u8]>>(found: &LookupResult<'_, B>, field: Field) -> Option<String> {
    let text = text(found, field)?;
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_lowercase())
}

/// A number, or a text such as `AS3320`.
fn system<B: AsRef<[u8]>>(found: &LookupResult<'_, B>, field: Field) -> Option<u32> {
    let number = found.decode_path::<u32>(field.path).ok().flatten();
    let number = number.or_else(|| text(found, field)?.strip_prefix("AS")?.parse().ok());
    number.filter(|number| *number != 0)
}
