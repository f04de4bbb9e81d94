//! Ids of Azure resources: compared ignoring case, for Azure itself writes them in several.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// The id of an Azure resource, such as
/// `/subscriptions/…/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-shop/subnets/snet-web`.
/// Kept as written, and compared ignoring case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArmId(Box<str>);

impl ArmId {
    /// An id; none if the text does not begin like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let mut parts = text.split('/');
        let begins = parts.next().is_some_and(str::is_empty);
        let first = parts.next()?;
        let is_id = first.eq_ignore_ascii_case("subscriptions") || first.eq_ignore_ascii_case("providers");
        let rest = parts.next().is_some_and(|part| !part.is_empty());
        (begins && is_id && rest).then(|| Self(text.into()))
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lower case: the same for all spellings.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The subscription's id.
    #[must_use]
    pub fn subscription(&self) -> Option<&str> {
        self.after("subscriptions")
    }

    /// The resource group's name.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        self.after("resourceGroups")
    }

    /// The last part: the resource's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The name of a resource that a plan makes and whose id is known only after it was applied.
    pub const TO_COME: &str = "known-after-apply";

    /// A network security group of which it is not known which it is.
    #[must_use]
    pub fn group_to_come() -> Option<Self> {
        Self::parse(&format!(
            "/subscriptions/unknown/resourceGroups/unknown/providers/Microsoft.Network/networkSecurityGroups/{}",
            Self::TO_COME
        ))
    }

    /// The same of the group that is to guard, which may be another one than the one that guards now and is not known either.
    #[must_use]
    pub fn group_proposed() -> Option<Self> {
        Self::parse(&format!(
            "/subscriptions/unknown/resourceGroups/proposed/providers/Microsoft.Network/networkSecurityGroups/{}",
            Self::TO_COME
        ))
    }

    /// True for a resource of which it is known only after a plan was applied which it is.
    #[must_use]
    pub fn is_to_come(&self) -> bool {
        self.subscription() == Some("unknown") && self.name() == Self::TO_COME
    }

    /// The name that tells it apart within its group: its own one, but of a scale set's machine `SET_3`, as Azure calls it, and of
    /// an interface of that `SET_3/nic1`. Machines of two sets have the same numbers, and all their interfaces one name.
    #[must_use]
    pub fn name_in_group(&self) -> Cow<'_, str> {
        let parts: Vec<&str> = self.own_parts().into_iter().flatten().collect();
        let (set, machine, rest) = match parts.as_slice() {
            [_, sets, set, machines, machine, rest @ ..]
                if sets.eq_ignore_ascii_case("virtualMachineScaleSets")
                    && machines.eq_ignore_ascii_case("virtualMachines") =>
            {
                (set, machine, rest)
            }
            _ => return Cow::Borrowed(self.name()),
        };
        // Machines that have names of their own keep them.
        let is_number = machine.bytes().all(|byte| byte.is_ascii_digit());
        let machine = if is_number {
            format!("{set}_{machine}")
        } else {
            (*machine).to_owned()
        };
        let parts = rest.iter().skip(1).step_by(2);
        Cow::Owned(parts.fold(machine, |name, part| format!("{name}/{part}")))
    }

    /// What it is the id of, such as `Microsoft.Network/virtualNetworks/subnets`; none for a subscription or a group.
    #[must_use]
    pub fn kind(&self) -> Option<String> {
        let mut parts = self.own_parts()?;
        let mut kind = parts.next()?.to_owned();
        // Types and names take turns behind the provider.
        for part in parts.step_by(2) {
            kind.push('/');
            kind.push_str(part);
        }
        Some(kind)
    }

    /// True if it is the id of a resource of this type, whatever the case.
    #[must_use]
    pub fn is_of(&self, kind: &str) -> bool {
        self.kind().is_some_and(|held| held.eq_ignore_ascii_case(kind))
    }

    /// The resource that it is a part of: of a subnet the virtual network, of an IP configuration the interface.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        // A provider, a type and a name are the least.
        if self.own_parts()?.count() < 5 {
            return None;
        }
        let (rest, _) = self.0.rsplit_once('/')?;
        let (rest, _) = rest.rsplit_once('/')?;
        Some(Self(rest.into()))
    }

    /// The id of a part of it.
    #[must_use]
    pub fn part(&self, kind: &str, name: &str) -> Self {
        Self(format!("{}/{kind}/{name}", self.0).into())
    }

    /// What stands behind the last `providers`.
    fn own_parts(&self) -> Option<impl Iterator<Item = &str>> {
        let parts = self.0.split('/').filter(|part| !part.is_empty());
        let at = parts
            .clone()
            .enumerate()
            .filter(|(_, part)| part.eq_ignore_ascii_case("providers"))
            .last()
            .map(|(at, _)| at)?;
        Some(parts.skip(at + 1))
    }

    fn after(&self, name: &str) -> Option<&str> {
        let mut parts = self.0.split('/');
        parts.find(|part| part.eq_ignore_ascii_case(name))?;
        parts.next().filter(|part| !part.is_empty())
    }
}

impl PartialEq for ArmId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ArmId {}

impl Hash for ArmId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl PartialOrd for ArmId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ArmId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |text: &Self| {
            text.0
                .bytes()
                .map(|byte| byte.to_ascii_lowercase())
                .collect::<Vec<_>>()
        };
        lower(self).cmp(&lower(other))
    }
}

impl fmt::Display for ArmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ArmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArmId({})", self.0)
    }
}

impl TryFrom<String> for ArmId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not the id of a resource"))
    }
}

impl From<ArmId> for String {
    fn from(id: ArmId) -> Self {
        id.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBNET: &str = "/subscriptions/0a1b/resourceGroups/RG-Shop/providers/Microsoft.Network/virtualNetworks/vnet-shop/subnets/snet-web";

    #[test]
    fn parts_of_an_id() {
        let id = ArmId::parse(SUBNET).unwrap();
        assert_eq!(id.subscription(), Some("0a1b"));
        assert_eq!(id.resource_group(), Some("RG-Shop"));
        assert_eq!(id.name(), "snet-web");
        assert_eq!(
            id.kind().as_deref(),
            Some("Microsoft.Network/virtualNetworks/subnets")
        );
        assert!(id.is_of("microsoft.network/virtualnetworks/subnets"));
        let network = id.parent().unwrap();
        assert_eq!(network.name(), "vnet-shop");
        assert_eq!(network.parent(), None);
        assert_eq!(network.part("subnets", "snet-web"), id);
    }

    #[test]
    fn a_machine_of_a_scale_set_is_called_by_both() {
        for (id, expected) in [
            (
                "Microsoft.Compute/virtualMachineScaleSets/aks-pool/virtualMachines/88",
                "aks-pool_88",
            ),
            (
                "microsoft.compute/virtualmachinescalesets/aks-pool/virtualmachines/88",
                "aks-pool_88",
            ),
            (
                "Microsoft.Compute/virtualMachineScaleSets/Web/virtualMachines/3/networkInterfaces/nic1",
                "Web_3/nic1",
            ),
            (
                "Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines/3/networkInterfaces/nic1/ipConfigurations/ip1",
                "web_3/nic1/ip1",
            ),
            (
                "Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines/web_0a1b",
                "web_0a1b",
            ),
            ("Microsoft.Compute/virtualMachineScaleSets/web", "web"),
            ("Microsoft.Compute/virtualMachines/web_0a1b", "web_0a1b"),
            ("Microsoft.Network/networkInterfaces/nic1", "nic1"),
        ] {
            let id = ArmId::parse(&format!("/subscriptions/0a1b/resourceGroups/rg/providers/{id}")).unwrap();
            assert_eq!(id.name_in_group(), expected);
        }
    }

    #[test]
    fn case_does_not_count() {
        let (a, b) = (
            ArmId::parse(SUBNET).unwrap(),
            ArmId::parse(&SUBNET.to_uppercase()).unwrap(),
        );
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), std::cmp::Ordering::Equal);
        assert_eq!(a.key(), b.key());
        let mut held = std::collections::HashSet::new();
        held.insert(a);
        assert!(held.contains(&b));
    }

    #[test]
    fn what_is_no_id() {
        for text in [
            "",
            "/",
            "vnet-shop",
            "/subscriptions",
            "/subscriptions/",
            "a/subscriptions/b",
        ] {
            assert_eq!(ArmId::parse(text), None, "{text}");
        }
        let rule = ArmId::parse("/providers/Microsoft.Network/x/y").unwrap();
        assert_eq!(rule.subscription(), None);
        let subscription = ArmId::parse("/subscriptions/0a1b/").unwrap();
        assert_eq!(subscription.kind(), None);
        assert_eq!(subscription.subscription(), Some("0a1b"));
    }
}
