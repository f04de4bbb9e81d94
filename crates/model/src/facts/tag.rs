//! Service tags: names for the addresses of Azure's services.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A service tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTag {
    /// Its name, such as `Storage` or `Storage.WestEurope`.
    pub name: String,
    /// The region, in lower case; none for those of all regions.
    pub region: Option<String>,
    /// The service that it is of, as Azure names it.
    pub service: Option<String>,
    /// Its addresses.
    pub prefixes: Vec<IpNet>,
}

/// The service tags of a cloud, as of one week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagSet {
    /// `Public`, `AzureGovernment`, `China`.
    pub cloud: Option<String>,
    /// Grows with each edition.
    pub change_number: Option<u64>,
    /// The tags.
    pub tags: Vec<ServiceTag>,
}
