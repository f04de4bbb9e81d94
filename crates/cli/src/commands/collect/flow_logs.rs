//! The flow logs that the facts beside the table know of, and where each writes to: accounts that nobody needs to list by hand.

use std::collections::BTreeSet;
use std::time::Duration;

use azure::storage::Blobs;
use enrich::{Snapshot, Timeline};
use model::facts::{ArmId, Asset, FactSet};
use table::Table;
use tokio_util::sync::CancellationToken;

use crate::account::{Accounts, refuse_inside};
use crate::exit::Failure;
use crate::working;

/// Azure makes these itself, with the first record.
const OF_NETWORKS: &str = "insights-logs-flowlogflowevent";
const OF_GROUPS: &str = "insights-logs-networksecuritygroupflowevent";

const GROUP: &str = "Microsoft.Network/networkSecurityGroups";
const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";

/// Facts are looked at again once in so many looks at the blobs: they change by the day.
const LOOKS: u32 = 20;
const SELDOM: Duration = Duration::from_secs(86_400);
const OFTEN: Duration = Duration::from_secs(10);

/// A flow log that is switched on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Logged {
    /// As it is called.
    pub(crate) name: String,
    /// The account that it writes to.
    pub(crate) account: String,
    pub(crate) container: &'static str,
    /// How the names of its blobs begin, or end before the year, in capitals: of a group its id, of others the subscription and
    /// the flow log's own name.
    id: String,
    subscription: String,
}

/// The flow logs of the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    pub(crate) logged: BTreeSet<Logged>,
    /// Names of those that are switched off.
    pub(crate) off: BTreeSet<String>,
    /// Names of those of which it is not known where they write to.
    pub(crate) nowhere: BTreeSet<String>,
}

impl Inventory {
    /// Of facts as of one time.
    pub(crate) fn of(facts: &FactSet) -> Self {
        let mut inventory = Self::default();
        for resource in &facts.resources {
            let Asset::FlowLog(log) = &resource.asset else {
                continue;
            };
            let name = resource.id.name().to_owned();
            let account = log
                .storage
                .as_ref()
                .filter(|id| id.is_of(ACCOUNT) && !id.is_to_come());
            if log.is_enabled == Some(false) {
                inventory.off.insert(name);
            } else if let Some(account) = account {
                let logged = Logged::of(name, &resource.id, log.target.as_ref(), account);
                inventory.logged.insert(logged);
            } else {
                inventory.nowhere.insert(name);
            }
        }
        inventory
    }

    /// Of the facts beside a table, as they are now.
    pub(crate) async fn beside(table: &Table) -> Result<Self, Failure> {
        let mut snapshots = Vec::new();
        for (file, snapshot) in working::facts_files(table).await? {
            let facts = serde_json::from_slice(&snapshot.text).map_err(|error| {
                Failure::outside(format!("snapshot {} holds no facts: {error}", file.hash))
                    .hint("it may be of a newer flowglass; load the exports again")
            })?;
            let taken = file.taken_micros;
            snapshots.push(Snapshot { taken, facts });
        }
        let now = chrono::Utc::now().timestamp_micros();
        let part = Timeline::of(snapshots).at(now);
        Ok(part.map_or_else(Self::default, |(part, _)| Self::of(&part.facts)))
    }

    /// The containers that they write to, each once.
    pub(crate) fn containers(&self) -> BTreeSet<(&str, &'static str)> {
        let pairs = self.logged.iter();
        pairs
            .map(|logged| (logged.account.as_str(), logged.container))
            .collect()
    }

    /// Nothing is known of a flow log that is switched on.
    pub(crate) fn failure(&self) -> Failure {
        let text = match self.off.len() {
            0 => "the facts beside the table know of no flow log".to_owned(),
            count => format!("no flow log of the facts is switched on, of {count}"),
        };
        Failure::outside(text).hint(
            "`flowglass facts pull` asks Azure for them, `flowglass facts load` reads what `az network watcher flow-log list` prints; or name containers",
        )
    }
}

impl Logged {
    fn of(name: String, id: &ArmId, target: Option<&ArmId>, account: &ArmId) -> Self {
        let group = target.filter(|target| target.is_of(GROUP));
        Self {
            account: account.name().to_lowercase(),
            container: if group.is_some() { OF_GROUPS } else { OF_NETWORKS },
            id: group.map_or_else(|| name.to_uppercase(), |group| group.as_str().to_uppercase()),
            subscription: id.subscription().unwrap_or_default().to_uppercase(),
            name,
        }
    }

    /// Where it writes to.
    pub(crate) fn address(&self) -> String {
        format!("az://{}/{}", self.account, self.container)
    }

    /// True if the names of its blobs begin so, up to the year: `resourceId=/SUBSCRIPTIONS/…/NETWORKSECURITYGROUPS/NAME/`,
    /// `flowLogResourceID=/SUBSCRIPTION_GROUP/NETWORKWATCHER_REGION_NAME/`, or with the whole id of the flow log.
    pub(crate) fn writes_to(&self, root: &str) -> bool {
        let root = root.to_uppercase();
        let path = root.trim_end_matches('/');
        if self.container == OF_GROUPS {
            return path.ends_with(&self.id);
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_named = last == self.id || last.ends_with(&format!("_{}", self.id));
        is_named && path.contains(&self.subscription)
    }
}

/// The containers that are followed: those that were named, and those that the facts know of.
pub(crate) struct Following<'a> {
    accounts: &'a Accounts,
    named: Vec<Blobs>,
    /// A table to look for facts at, if they are looked for.
    table: Option<Table>,
    inventory: Inventory,
}

impl<'a> Following<'a> {
    /// With the facts as they are now, if they are to be looked at.
    pub(crate) async fn new(
        accounts: &'a Accounts,
        named: Vec<Blobs>,
        table: Option<Table>,
    ) -> Result<Self, Failure> {
        let inventory = match &table {
            Some(table) => Inventory::beside(table).await?,
            None => Inventory::default(),
        };
        if named.is_empty() && inventory.logged.is_empty() {
            return Err(inventory.failure());
        }
        Ok(Self {
            accounts,
            named,
            table,
            inventory,
        })
    }

    /// What the facts know.
    pub(crate) const fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// All of them, each once: one that was named is followed as it was named. Then those that cannot be followed, and why.
    pub(crate) fn containers(&self) -> (Vec<Blobs>, Vec<(String, Failure)>) {
        let mut containers = self.named.clone();
        let mut failures = Vec::new();
        for (account, container) in self.inventory.containers() {
            match self
                .accounts
                .container(account, container)
                .and_then(|blobs| self.apart(blobs))
            {
                Ok(blobs) => {
                    let address = blobs.place().own_address();
                    if !containers
                        .iter()
                        .any(|held| held.place().own_address() == address)
                    {
                        containers.push(blobs);
                    }
                }
                Err(failure) => failures.push((format!("az://{account}/{container}"), failure)),
            }
        }
        (containers, failures)
    }

    /// A container, unless it lies inside of the table.
    fn apart(&self, blobs: Blobs) -> Result<Blobs, Failure> {
        if let Some(table) = &self.table {
            refuse_inside(&table.path().to_string_lossy(), blobs.place())?;
        }
        Ok(blobs)
    }

    /// Says what is followed beside what was named, and what is not.
    pub(crate) fn say(&self) {
        for (address, failure) in self.containers().1 {
            tracing::warn!("`{address}` cannot be followed: {failure}");
        }
        for name in &self.inventory.off {
            tracing::info!("the flow log `{name}` is switched off: it is not followed");
        }
        for name in &self.inventory.nowhere {
            tracing::warn!("the facts do not say to which account the flow log `{name}` writes");
        }
    }

    /// Waits until the facts know of other containers, and asks those who follow to end; or until they have ended. True if
    /// there are others.
    pub(crate) async fn until_changed(
        &mut self,
        poll: Duration,
        round: &CancellationToken,
        over: &CancellationToken,
    ) -> bool {
        let Some(table) = self.table.clone() else {
            over.cancelled().await;
            return false;
        };
        let every = poll.saturating_mul(LOOKS).clamp(OFTEN, SELDOM);
        loop {
            tokio::select! {
                () = over.cancelled() => return false,
                () = tokio::time::sleep(every) => {}
            }
            let inventory = match Inventory::beside(&table).await {
                Ok(inventory) => inventory,
                Err(failure) => {
                    tracing::warn!("the flow logs of the facts are not known just now: {failure}");
                    continue;
                }
            };
            let is_other = inventory.containers() != self.inventory.containers();
            if inventory.logged.is_empty() && is_other && self.named.is_empty() {
                tracing::warn!(
                    "{}: those that were known are followed all the same",
                    inventory.failure()
                );
                continue;
            }
            self.inventory = inventory;
            if is_other && !round.is_cancelled() {
                tracing::info!("the flow logs of the facts write to other accounts now");
                round.cancel();
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::facts::{FlowLog, Resource};

    const SUBSCRIPTION: &str = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000001";

    fn id(rest: &str) -> ArmId {
        ArmId::parse(&format!("{SUBSCRIPTION}/resourceGroups/{rest}")).unwrap()
    }

    fn flow_log(name: &str, target: &str, account: Option<&str>, is_enabled: Option<bool>) -> Resource {
        let storage =
            account.map(|name| id(&format!("rg/providers/Microsoft.Storage/storageAccounts/{name}")));
        Resource {
            id: id(&format!(
                "NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/NetworkWatcher_eastus/flowLogs/{name}"
            )),
            location: None,
            guid: None,
            tags: std::collections::BTreeMap::new(),
            asset: Asset::FlowLog(FlowLog {
                target: Some(id(&format!("rg/providers/Microsoft.Network/{target}"))),
                storage,
                is_enabled,
                ..FlowLog::default()
            }),
        }
    }

    #[test]
    fn where_flow_logs_write_to() {
        let inventory = Inventory::of(&FactSet {
            resources: vec![
                flow_log("web", "virtualNetworks/vnet", Some("LogsEast"), Some(true)),
                flow_log("nic", "networkInterfaces/nic", Some("logseast"), None),
                flow_log(
                    "nsg",
                    "networkSecurityGroups/nsg-web",
                    Some("logseast"),
                    Some(true),
                ),
                flow_log(
                    "west",
                    "virtualNetworks/west/subnets/a",
                    Some("logswest"),
                    Some(true),
                ),
                flow_log("off", "virtualNetworks/off", Some("logsoff"), Some(false)),
                flow_log("lost", "virtualNetworks/lost", None, Some(true)),
            ],
            ..FactSet::default()
        });
        let containers: Vec<(&str, &str)> = inventory.containers().into_iter().collect();
        assert_eq!(
            containers,
            [
                ("logseast", OF_NETWORKS),
                ("logseast", OF_GROUPS),
                ("logswest", OF_NETWORKS)
            ]
        );
        assert_eq!(inventory.off.iter().collect::<Vec<_>>(), ["off"]);
        assert_eq!(inventory.nowhere.iter().collect::<Vec<_>>(), ["lost"]);
        let of = |name: &str| {
            inventory
                .logged
                .iter()
                .find(|logged| logged.name == name)
                .unwrap()
        };
        let key = "0A1B2C3D-0000-4000-8000-000000000001";
        for (name, root, expected) in [
            (
                "web",
                format!("flowLogResourceID=/{key}_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_WEB/"),
                true,
            ),
            (
                "web",
                format!("flowLogResourceID=/{key}_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_MYWEB/"),
                false,
            ),
            (
                "web",
                "flowLogResourceID=/OTHER_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_WEB/".to_owned(),
                false,
            ),
            (
                "web",
                format!(
                    "flowLogResourceID=/SUBSCRIPTIONS/{key}/RESOURCEGROUPS/X/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/Y/FLOWLOGS/WEB/"
                ),
                true,
            ),
            (
                "nsg",
                format!(
                    "resourceId=/SUBSCRIPTIONS/{key}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-WEB/"
                ),
                true,
            ),
            (
                "nsg",
                format!(
                    "resourceId=/SUBSCRIPTIONS/{key}/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG-WEB2/"
                ),
                false,
            ),
        ] {
            assert_eq!(of(name).writes_to(&root), expected, "{name} {root}");
        }
    }
}
