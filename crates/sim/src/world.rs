//! The things of a world: subscriptions, VNets, subnets, NICs, NSGs, flow logs.
//!
//! Plain public data, so that later readers (inventories, topology, the evaluator's tests) can take what they need. How
//! it is laid out is in `layout`, what flows through it in `traffic`. It must not hold anything that grows with time.

use crate::blob::cut_off_ms;
use crate::calendar::HOUR_MS;
use crate::cidr::Prefix;
use crate::incident::IncidentPlan;
use crate::internet::{Internet, Network, ServiceTag};
use crate::rules::{AdminConfiguration, Decision, Nsg};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What makes a world: nothing else has any influence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldSpec {
    /// The one integer.
    pub seed: u64,
    /// Days since 1970-01-01, positive; the first blob is that of 00:00 UTC.
    pub start_day: i32,
    /// How many hours of logs.
    pub hours: u32,
    /// How many machines, and how busy.
    pub scale: Scale,
}

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// One or two machines of each role, a few thousand tuples a day: for tests.
    Tiny,
    /// About 40 NICs and 300,000 to 600,000 tuples a day: for the demo.
    Small,
    /// As many NICs as asked for (13 to 20,000), each as busy as in `Small`.
    Large {
        /// How many NICs.
        nics: u32,
    },
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `sub-production`
    pub name: String,
    /// Its GUID.
    pub id: String,
}

/// Whether a VNet encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// No encryption.
    Off,
    /// Encrypts, and drops unencrypted flows from inside the virtual network.
    Enforced,
}

/// A virtual network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vnet {
    /// `vnet-shop`
    pub name: String,
    /// The ARM id.
    pub id: String,
    /// Index into [`World::subscriptions`].
    pub subscription: usize,
    /// `rg-shop`
    pub resource_group: String,
    /// Address space, v4 first.
    pub prefixes: Vec<Prefix>,
    /// Indices of the VNets it is peered with.
    pub peers: Vec<usize>,
    /// Whether it encrypts.
    pub encryption: Encryption,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// `snet-web`
    pub name: String,
    /// The ARM id.
    pub id: String,
    /// Index into [`World::vnets`].
    pub vnet: usize,
    /// Addresses, v4.
    pub prefix: Prefix,
    /// Addresses, v6, where the subnet has both.
    pub prefix_v6: Option<Prefix>,
    /// Index into [`World::nsgs`].
    pub nsg: Option<usize>,
}

/// What a VM is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Role {
    Jump,
    Monitor,
    Dns,
    Web,
    App,
    Database,
    Developer,
    Payment,
    Legacy,
    Old,
}

/// A network interface and its VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nic {
    /// Its place in [`World::nics`].
    pub index: usize,
    /// `nic-vm-web-01`
    pub name: String,
    /// The ARM id.
    pub id: String,
    /// Twelve upper-case hex digits.
    pub mac: String,
    /// `vm-web-01`
    pub vm: String,
    /// What the VM is for.
    pub role: Role,
    /// Which of its role it is, from 0.
    pub ordinal: usize,
    /// Private address.
    pub ipv4: IpAddr,
    /// Private v6 address, in subnets that have both.
    pub ipv6: Option<IpAddr>,
    /// Whether the internet can reach it: by a public address of its own or through a load balancer.
    pub is_public: bool,
    /// Index into [`World::subnets`].
    pub subnet: usize,
    /// Index into [`World::vnets`].
    pub vnet: usize,
    /// The NIC's own NSG, index into [`World::nsgs`].
    pub nsg: Option<usize>,
    /// The flow log that covers it, index into [`World::flow_logs`].
    pub flow_log: usize,
    /// When in the minute its records are written.
    pub flush_ms: i64,
}

/// Which format a flow log writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LogFormat {
    /// VNet flow log, version 4.
    #[serde(rename = "vnet-4")]
    Vnet4,
    /// NSG flow log, version 2.
    #[serde(rename = "nsg-2")]
    Nsg2,
    /// NSG flow log, version 1.
    #[serde(rename = "nsg-1")]
    Nsg1,
}

/// The order of a record's keys; all three are seen in real blobs (FORMATS.md 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOrder {
    /// `time, flowLogVersion, flowLogGUID, macAddress …`
    Documented,
    /// `time, flowLogGUID, macAddress … flowLogVersion, operationName, flowRecords`
    Observed,
    /// All keys by the alphabet at every level, hence `flowRecords` before `macAddress` and `time`.
    Alphabetical,
}

/// How rules of one ACL are laid out (FORMATS.md 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AclLayout {
    /// One `flows` entry per rule, the same `aclID` several times.
    EntryPerRule,
    /// One `flows` entry per ACL with several `flowGroups`.
    EntryPerAcl,
}

/// A flow log resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `vnet-shop-rg-shop-flowlog`
    pub name: String,
    /// What it writes.
    pub format: LogFormat,
    /// `flowLogGUID`, or the NSG's `systemId`.
    pub guid: String,
    /// `flowLogResourceID` or `resourceId` as written into records.
    pub resource_id: String,
    /// `targetResourceID`; empty for NSG flow logs.
    pub target_id: String,
    /// Blob path up to the date, container first.
    pub path_prefix: String,
    /// The order of keys in its records.
    pub key_order: KeyOrder,
    /// How it groups rules.
    pub acl_layout: AclLayout,
}

/// A generated world.
#[derive(Clone, Debug)]
pub struct World {
    /// What it was made of.
    pub spec: WorldSpec,
    /// All subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// All VNets.
    pub vnets: Vec<Vnet>,
    /// All subnets.
    pub subnets: Vec<Subnet>,
    /// All NICs.
    pub nics: Vec<Nic>,
    /// All NSGs.
    pub nsgs: Vec<Nsg>,
    /// The security admin configuration.
    pub admin: AdminConfiguration,
    /// All flow logs.
    pub flow_logs: Vec<FlowLog>,
    /// Service tags with their prefixes.
    pub service_tags: Vec<ServiceTag>,
    /// Networks of the internet with country and ASN.
    pub networks: Vec<Network>,
    /// What was planted.
    pub incidents: Vec<IncidentPlan>,
    /// How platform traffic is logged.
    pub platform: Decision,
    /// How flows dropped for lack of encryption are logged.
    pub encryption_drop: Decision,
    pub(crate) internet: Internet,
}

impl World {
    /// Makes the world of a spec.
    #[must_use]
    pub fn generate(spec: &WorldSpec) -> Self {
        let mut world = crate::layout::lay_out(spec);
        world.incidents = crate::incident::plan(&world);
        world
    }

    /// The first millisecond of the first hour.
    #[must_use]
    pub fn start_ms(&self) -> i64 {
        i64::from(self.spec.start_day) * crate::calendar::DAY_MS
    }

    /// From when, and before when, every interface is logged: in the minutes around, some write what others do not.
    #[must_use]
    pub fn logged_by_all_ms(&self) -> (i64, i64) {
        let last_hour = self.start_ms() + (i64::from(self.spec.hours) - 1) * HOUR_MS;
        let ends = self.nics.iter().map(|nic| cut_off_ms(last_hour, nic));
        let end = ends.min().unwrap_or(last_hour);
        (self.start_ms(), end - end.rem_euclid(1000))
    }

    /// NICs of one role, in order.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Vec<&Nic> {
        self.nics.iter().filter(|nic| nic.role == role).collect()
    }

    /// The region all of it is in.
    #[must_use]
    pub fn region(&self) -> &'static str {
        "westeurope"
    }

    pub(crate) fn format_of(&self, nic: &Nic) -> LogFormat {
        self.flow_logs
            .get(nic.flow_log)
            .map_or(LogFormat::Vnet4, |log| log.format)
    }

    pub(crate) fn encrypts(&self, nic: &Nic) -> bool {
        self.vnets
            .get(nic.vnet)
            .is_some_and(|vnet| vnet.encryption == Encryption::Enforced)
    }
}
