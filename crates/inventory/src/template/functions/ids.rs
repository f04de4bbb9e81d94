//! Ids of resources, as templates put them together.

use std::rc::Rc;

use serde_json::Value;

use super::super::scope::Target;
use super::{NO_GROUP, NO_SUBSCRIPTION};
use crate::unknown::reason;

pub(super) fn is_id(name: &str) -> bool {
    matches!(
        name,
        "resourceid" | "subscriptionresourceid" | "tenantresourceid" | "extensionresourceid"
    )
}

/// An id. What stands before the type says where the resource is; what is not said is as it is for the template itself,
/// so that what belongs together has the same id.
pub(super) fn call(target: &Target, name: &str, given: &[Rc<Value>]) -> Result<String, String> {
    let mut texts = Vec::new();
    for value in given {
        texts.push(match (value.as_str(), reason(value)) {
            (Some(text), _) => Some(text),
            // The very thing that `Target::id` has a word for.
            (None, Some(NO_SUBSCRIPTION | NO_GROUP)) => None,
            (None, Some(reason)) => return Err(reason.to_owned()),
            (None, None) => return Err(format!("`{name}` takes texts")),
        });
    }
    let at = match name {
        // The first is the id of what it extends.
        "extensionresourceid" => 1,
        _ => texts
            .iter()
            .position(|text| text.is_some_and(|text| text.contains('/')))
            .ok_or_else(|| format!("`{name}` without a type"))?,
    };
    let (before, rest) = texts.split_at_checked(at).unwrap_or((&texts, &[]));
    let own = own_part(name, rest)?;
    let mut target = target.clone();
    let scope = match (name, before) {
        ("tenantresourceid", []) => String::new(),
        ("extensionresourceid", [Some(of)]) => of.trim_end_matches('/').to_owned(),
        ("subscriptionresourceid", []) => target.subscription_id(),
        ("subscriptionresourceid", [subscription]) => {
            target.subscription = subscription.map(str::to_owned).or(target.subscription);
            target.subscription_id()
        }
        ("resourceid", []) => target.id(),
        ("resourceid", [group]) => {
            target.has_no_group = false;
            target.group = group.map(str::to_owned).or(target.group);
            target.id()
        }
        ("resourceid", [subscription, group]) => {
            target.has_no_group = false;
            target.subscription = subscription.map(str::to_owned).or(target.subscription);
            target.group = group.map(str::to_owned).or(target.group);
            target.id()
        }
        _ => return Err(format!("`{name}` with {} texts before the type", before.len())),
    };
    Ok(format!("{scope}/providers/{own}"))
}

/// `Microsoft.Network/virtualNetworks/v/subnets/s`, from the type and the names.
fn own_part(name: &str, texts: &[Option<&str>]) -> Result<String, String> {
    let texts: Option<Vec<&str>> = texts.iter().copied().collect();
    let texts = texts.ok_or("the name of a resource is that of a subscription or group that is not said")?;
    let (kind, names) = texts
        .split_first()
        .ok_or_else(|| format!("`{name}` without a type"))?;
    joined(kind, names).ok_or_else(|| format!("`{name}` of `{kind}` with {} names", names.len()))
}

/// A type and names, put together in turns; none where their numbers differ.
pub(in crate::template) fn joined(kind: &str, names: &[&str]) -> Option<String> {
    let mut kinds = kind.split('/');
    let mut own = kinds.next().filter(|provider| !provider.is_empty())?.to_owned();
    let mut names = names.iter();
    for kind in kinds {
        own.push('/');
        own.push_str(kind);
        own.push('/');
        own.push_str(names.next().filter(|name| !name.is_empty())?);
    }
    names.next().is_none().then_some(own)
}
