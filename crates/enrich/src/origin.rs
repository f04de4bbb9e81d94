//! Which country and which network a public address is of, from databases that the user brought.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ahash::AHashMap;
use model::facts::{AddressDatabase, ArmId, FactSet};

use crate::database::Database;
use crate::ends::Talk;
use crate::error::DatabaseError;
use crate::index::Index;

/// What is known of a public address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Two letters of ISO 3166-1, in lower case; empty where none is known.
    pub country: String,
    /// The number of the autonomous system.
    pub asn: Option<u32>,
    /// Whose it is; empty where that is not known.
    pub asn_name: String,
}

impl Origin {
    /// True where nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.country.is_empty() && self.asn.is_none()
    }
}

/// `DE, AS3320 Deutsche Telekom AG`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.country.to_ascii_uppercase())?;
        let Some(asn) = self.asn else { return Ok(()) };
        let between = if self.country.is_empty() { "" } else { ", " };
        write!(f, "{between}AS{asn}")?;
        match self.asn_name.as_str() {
            "" => Ok(()),
            name => write!(f, " {name}"),
        }
    }
}

/// Databases, the one that is believed first.
#[derive(Clone, Debug, Default)]
pub struct Databases(Vec<Arc<Database>>);

impl Databases {
    /// Of databases, the one that is believed first.
    #[must_use]
    pub fn new(databases: Vec<Arc<Database>>) -> Self {
        Self(databases)
    }

    /// True without any.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of an address: of each part what the first database says that knows it.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Origin {
        let address = address.to_canonical();
        let country = self.0.iter().find_map(|database| database.country(address));
        let system = self.0.iter().find_map(|database| database.system(address));
        let (asn, asn_name) = system.map_or((None, String::new()), |(asn, name)| (Some(asn), name));
        Origin {
            country: country.unwrap_or_default(),
            asn,
            asn_name,
        }
    }
}

/// Gives the bytes of a database by its hash, or says why not.
type Fetch = dyn Fn(&AddressDatabase) -> Result<Vec<u8>, String> + Send + Sync;

/// Where databases lie. Each is opened when somebody first asks for what it says, and once.
#[derive(Clone)]
pub struct Library {
    fetch: Arc<Fetch>,
    opened: Arc<Mutex<AHashMap<String, Arc<Database>>>>,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").finish_non_exhaustive()
    }
}

impl Default for Library {
    fn default() -> Self {
        Self::new(|_| Err("it is not kept here".to_owned()))
    }
}

impl Library {
    /// A library whose databases are fetched so.
    pub fn new(fetch: impl Fn(&AddressDatabase) -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Self {
        Self {
            fetch: Arc::new(fetch),
            opened: Arc::default(),
        }
    }

    /// The databases that facts name.
    ///
    /// # Errors
    /// If one of them cannot be fetched or opened.
    pub fn of(&self, facts: &FactSet) -> Result<Databases, DatabaseError> {
        let databases = facts.databases.iter().map(|about| self.open(about));
        Ok(Databases(databases.collect::<Result<_, _>>()?))
    }

    fn open(&self, about: &AddressDatabase) -> Result<Arc<Database>, DatabaseError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = opened.get(&about.hash) {
            return Ok(Arc::clone(database));
        }
        let bytes = (self.fetch)(about).map_err(|reason| DatabaseError::Missing {
            kind: about.kind.clone(),
            file: about.file.clone(),
            reason,
        })?;
        let database = Arc::new(Database::open(about, bytes)?);
        opened.insert(about.hash.clone(), Arc::clone(&database));
        Ok(database)
    }
}

/// Where the two ends of a flow are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Who began.
    pub source: Origin,
    /// With whom.
    pub destination: Origin,
}

impl Index {
    /// Where the two ends of a flow are, as far as they are public addresses of somebody else.
    #[must_use]
    pub fn origins(&self, talk: &Talk<'_>, databases: &Databases) -> Origins {
        if databases.is_empty() {
            return Origins::default();
        }
        let network = talk.mac.and_then(|mac| self.network_of(mac));
        let of = |address: Option<IpAddr>| {
            let address = address.filter(|address| self.is_foreign(network, *address));
            address.map_or_else(Origin::default, |address| databases.of(address))
        };
        Origins {
            source: of(talk.source),
            destination: of(talk.destination),
        }
    }

    /// Where an address is; nothing of private addresses and own public ones.
    #[must_use]
    pub fn origin(&self, network: Option<&ArmId>, address: IpAddr, databases: &Databases) -> Origin {
        match self.is_foreign(network, address) {
            true => databases.of(address),
            false => Origin::default(),
        }
    }
}
