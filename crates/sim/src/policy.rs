//! What the company allows: its NSGs and its security admin configuration, as tables.
//!
//! The tables are the same for every seed; ids and GUIDs are not. They are written the way people write them: an allow for
//! each tier, a deny for the rest of the VNet, a deny with a name that somebody will later be asked about.

use crate::rules::{
    Access::{Allow, AlwaysAllow, Deny},
    AdminConfiguration, DEFAULT_RULES, Decision,
    Direction::{Inbound, Outbound},
    Nsg,
    Protocol::{Any, Tcp, Udp},
    RuleKind, RuleLine, rule,
};

/// Name, subscription name, resource group, user rules.
type NsgLine = (&'static str, &'static str, &'static str, &'static [RuleLine]);

#[rustfmt::skip]
const BASTION: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "192.0.2.0/24", "*", "22,3389", "AllowAdminsFromOffice"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
];
#[rustfmt::skip]
const MANAGEMENT: &[RuleLine] = &[
    (100, Inbound, Allow, Any, "VirtualNetwork", "10.0.32.0/20", "53", "AllowDnsFromVnet"),
    (110, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
];
#[rustfmt::skip]
const WEB: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "Internet", "*", "80,443", "AllowHttpsFromInternet"),
    (110, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
    (100, Outbound, Allow, Tcp, "*", "10.1.16.0/20,fd00:10:1:2::/64", "8080", "AllowAppTier"),
    (200, Outbound, Deny, Tcp, "*", "Internet", "25", "DenySmtpOutBound"),
];
/// On the NIC of the first web server only, so that one machine shows both levels.
#[rustfmt::skip]
const WEB_NIC: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "*", "*", "80,443", "AllowWebPorts"),
    (110, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (300, Outbound, Allow, Any, "*", "*", "*", "AllowAnyOutBound"),
];
#[rustfmt::skip]
const APP: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "10.1.0.0/20,fd00:10:1:1::/64", "*", "8080", "AllowAppFromWeb"),
    (110, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
    (100, Outbound, Allow, Tcp, "*", "10.1.32.0/20", "1433,5432", "AllowDatabaseTier"),
];
#[rustfmt::skip]
const DATA: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "10.1.16.0/20", "*", "5432", "AllowPostgresFromApp"),
    (110, Inbound, Allow, Tcp, "10.1.16.0/20", "*", "1433", "AllowSqlFromApp"),
    (120, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (200, Inbound, Deny, Tcp, "10.2.0.0/16", "*", "1433", "DenySqlFromDev"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
    (100, Outbound, Allow, Tcp, "*", "Storage.WestEurope", "443", "AllowBackupToStorage"),
    (110, Outbound, Allow, Tcp, "*", "AzureMonitor,AzureActiveDirectory", "443", "AllowAzureServices"),
    (4000, Outbound, Deny, Any, "*", "Internet", "*", "DenyInternetOutBound"),
];
#[rustfmt::skip]
const DEV: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "Internet", "*", "22", "AllowSshFromAnywhere"),
    (110, Inbound, Allow, Tcp, "192.0.2.0/24", "*", "3389", "AllowRdpFromOffice"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
    (200, Outbound, Deny, Tcp, "*", "Internet", "25", "DenySmtpOutBound"),
];
#[rustfmt::skip]
const PAY: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "10.3.0.0/20", "*", "6379,8443", "AllowPaymentPeers"),
    (110, Inbound, Allow, Tcp, "10.0.16.0/20", "*", "22", "AllowSshFromBastion"),
    (4000, Inbound, Deny, Any, "VirtualNetwork", "*", "*", "DenyAllFromVnet"),
];
#[rustfmt::skip]
const LEGACY: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "*", "*", "80,443", "AllowWeb"),
    (110, Inbound, Allow, Tcp, "192.0.2.0/24", "*", "3389", "AllowRdpFromOffice"),
    (1000, Outbound, Allow, Tcp, "*", "*", "80,443", "Webout"),
];
#[rustfmt::skip]
const OLD: &[RuleLine] = &[
    (100, Inbound, Allow, Tcp, "10.4.0.0/20", "*", "1521", "default-allow-oracle"),
    (110, Inbound, Allow, Tcp, "Internet", "*", "21", "default-allow-ftp"),
    (200, Inbound, Deny, Udp, "Internet", "*", "*", "block_udp_in"),
];

#[rustfmt::skip]
const NSGS: [NsgLine; 10] = [
    ("nsg-bastion", "sub-connectivity", "rg-hub", BASTION),
    ("nsg-management", "sub-connectivity", "rg-hub", MANAGEMENT),
    ("nsg-web", "sub-production", "rg-shop", WEB),
    ("nsg-vm-web-01", "sub-production", "rg-shop", WEB_NIC),
    ("nsg-app", "sub-production", "rg-shop", APP),
    ("nsg-data", "sub-production", "rg-shop", DATA),
    ("nsg-dev", "sub-development", "rg-dev", DEV),
    ("nsg-pay", "sub-production", "rg-pay", PAY),
    ("nsg-legacy", "sub-development", "rg-legacy", LEGACY),
    ("nsg-old", "sub-development", "rg-legacy", OLD),
];

#[rustfmt::skip]
const ADMIN_RULES: &[RuleLine] = &[
    (1, Inbound, Deny, Tcp, "Internet", "*", "23,135-139,445,5985-5986", "BlockHighRiskTCPPortsFromInternet"),
    (2, Inbound, Allow, Tcp, "Internet", "*", "80,443", "LetNsgsDecideOnWeb"),
    (10, Inbound, AlwaysAllow, Tcp, "10.0.32.0/20", "*", "9100", "AlwaysAllowMonitoring"),
];

/// VNets that the security admin configuration is deployed to.
pub(crate) const ADMIN_VNETS: [&str; 2] = ["vnet-shop", "vnet-dev"];

/// Every NSG. `arm_id` makes the ARM id of a subscription name, resource group and NSG name; `guid` draws a GUID.
pub(crate) fn nsgs(
    next_id: &mut u32,
    arm_id: &dyn Fn(&str, &str, &str) -> String,
    guid: &mut dyn FnMut() -> String,
) -> Vec<Nsg> {
    NSGS.iter()
        .map(|(name, subscription, group, lines)| {
            let id = arm_id(subscription, group, name);
            let user = lines.iter().map(|line| (line, RuleKind::User));
            let default = DEFAULT_RULES.iter().map(|line| (line, RuleKind::Default));
            let mut rules: Vec<_> = user
                .chain(default)
                .map(|(line, kind)| rule(line, kind, &id, next_id))
                .collect();
            rules.sort_by_key(|rule| rule.priority);
            Nsg {
                name: (*name).to_owned(),
                id,
                system_id: guid(),
                rules,
            }
        })
        .collect()
}

/// The security admin configuration.
pub(crate) fn admin_configuration(next_id: &mut u32, guid: &mut dyn FnMut() -> String) -> AdminConfiguration {
    let id = guid();
    AdminConfiguration {
        name: "sac-baseline".to_owned(),
        vnets: ADMIN_VNETS.iter().map(|name| (*name).to_owned()).collect(),
        rules: ADMIN_RULES
            .iter()
            .map(|line| rule(line, RuleKind::Admin, &id, next_id))
            .collect(),
        id,
    }
}

/// Hits of no configured rule: platform traffic (FORMATS.md 1.3).
pub(crate) fn platform_decision(id: u32) -> Decision {
    Decision {
        id,
        acl_id: "00000000-0000-0000-0000-000000000000".to_owned(),
        rule: "PlatformRule".to_owned(),
        allowed: true,
        in_nsg_logs: false,
    }
}

/// Flows dropped because the VNet demands encryption and the other end has none.
pub(crate) fn encryption_decision(id: u32) -> Decision {
    Decision {
        id,
        acl_id: "unspecified".to_owned(),
        rule: "unspecified".to_owned(),
        allowed: false,
        in_nsg_logs: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_ports_and_a_unique_decision() {
        let mut next_id = 0;
        let mut guid = || "g".to_owned();
        let made = nsgs(
            &mut next_id,
            &|sub, group, name| format!("/{sub}/{group}/{name}"),
            &mut guid,
        );
        let mut ids = std::collections::BTreeSet::new();
        for nsg in &made {
            for rule in &nsg.rules {
                assert!(
                    !rule.destination_ports.is_empty() && !rule.sources.is_empty(),
                    "{}",
                    rule.name
                );
                assert!(ids.insert(rule.decision.id));
            }
        }
        let priorities: Vec<u16> = made[0].rules.iter().map(|rule| rule.priority).collect();
        assert!(priorities.is_sorted());
    }
}
