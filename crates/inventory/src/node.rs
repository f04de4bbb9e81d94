//! A place in a JSON document, and what stands there under any of the names that Azure's tools give it.
//!
//! Azure's APIs nest what a resource is in `properties`, its command line does not; the one writes `privateIPAddress`, the
//! other `privateIpAddress`, PowerShell `PrivateIpAddress`, Terraform `private_ip_address`. So a name is looked for in an object and
//! in its `properties`, whatever its case and with or without underscores; and null, the empty text, the empty list and
//! nothing at all are the same: not said.

use std::net::IpAddr;

use ipnet::IpNet;
use model::facts::{ArmId, prefix};
use serde_json::Value;

use crate::problem::Report;
use crate::unknown::{first, reason};

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct Node<'v> {
    pub(crate) value: &'v Value,
    path: String,
    pub(crate) report: &'v Report,
}

impl<'v> Node<'v> {
    pub(crate) const fn root(value: &'v Value, report: &'v Report) -> Self {
        Self {
            value,
            path: String::new(),
            report,
        }
    }

    /// Another value in its place.
    pub(crate) fn instead<'w>(&self, value: &'w Value) -> Node<'w>
    where
        'v: 'w,
    {
        Node {
            value,
            path: self.path.clone(),
            report: self.report,
        }
    }

    /// What stands under one of some names, if it says anything.
    pub(crate) fn get(&self, names: &[&str]) -> Option<Self> {
        let here = names.iter().find_map(|name| self.own(name));
        here.or_else(|| {
            let inside = self.own("properties")?;
            names.iter().find_map(|name| inside.own(name))
        })
    }

    /// What stands under a name in this very object; of one that is not known nothing is.
    fn own(&self, name: &str) -> Option<Self> {
        if self.unknown().is_some() {
            return Some(self.clone());
        }
        let members = self.value.as_object()?;
        let (key, value) = members
            .iter()
            .find(|(key, value)| same(key, name) && !is_nothing(value))?;
        Some(self.inside(key, value))
    }

    /// What stands under a name in this very object, be it nothing.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let members = self.value.as_object()?;
        let (key, value) = members.iter().find(|(key, _)| same(key, name))?;
        Some(self.inside(key, value))
    }

    /// All that stands in this very object, by name.
    pub(crate) fn members(&self) -> Vec<(&'v str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members
            .map(|(key, value)| (key.as_str(), self.inside(key, value)))
            .collect()
    }

    fn inside(&self, key: &str, value: &'v Value) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            value,
            path: format!("{}{dot}{key}", self.path),
            report: self.report,
        }
    }

    /// True where a list is said, here or in `properties`, be it empty, and of all its elements it is known which they are.
    pub(crate) fn is_listed(&self, name: &str) -> bool {
        let inside = self.member("properties");
        let list = [Some(self), inside.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|node| node.member(name).filter(|held| held.value.is_array()));
        list.is_some_and(|list| {
            let elements = list.all_elements();
            elements.iter().all(|element| {
                element.unknown().is_none()
                    && element.member("name").is_none_or(|name| name.unknown().is_none())
            })
        })
    }

    /// The elements of a list of this very object, which may have none.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<Self>> {
        let members = self.value.as_object()?;
        let (key, value) = members
            .iter()
            .find(|(key, value)| same(key, name) && value.is_array())?;
        Some(self.inside(key, value).elements())
    }

    /// The elements of a list; anything else is a list of itself. What is not known is told and left out, and so is what has
    /// a name that is not known, for it cannot be told apart.
    pub(crate) fn elements(&self) -> Vec<Self> {
        let mut elements = self.all_elements();
        elements.retain(|element| {
            let name = element.member("name");
            let unknown = [Some(element), name.as_ref()]
                .into_iter()
                .flatten()
                .find(|part| part.unknown().is_some());
            if let Some(unknown) = unknown {
                unknown.problem("");
            }
            unknown.is_none()
        });
        elements
    }

    /// The elements of a list, whatever they hold; of anything else none.
    pub(crate) fn parts(&self) -> Vec<Self> {
        match self.value {
            Value::Array(_) => self.numbered(|_| true),
            _ => Vec::new(),
        }
    }

    fn numbered(&self, is_taken: fn(&Value) -> bool) -> Vec<Self> {
        let elements = self.value.as_array().into_iter().flatten().enumerate();
        elements
            .filter(|(_, value)| is_taken(value))
            .map(|(at, value)| Self {
                value,
                path: format!("{}[{at}]", self.path),
                report: self.report,
            })
            .collect()
    }

    /// The elements of a list, known or not; anything else is a list of itself.
    pub(crate) fn all_elements(&self) -> Vec<Self> {
        match self.value {
            Value::Array(_) => self.numbered(|value| !is_nothing(value)),
            _ => vec![self.clone()],
        }
    }

    /// The elements of all lists under some names, one after the other.
    pub(crate) fn all(&self, names: &[&str]) -> Vec<Self> {
        let lists = names.iter().filter_map(|name| self.get(&[name]));
        lists.flat_map(|list| list.elements()).collect()
    }

    /// A text or a number, as text.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        let held = self.get(names)?;
        let text = held.as_text();
        if text.is_none() {
            held.problem("a text was expected here");
        }
        text
    }

    /// True or false, also as a word.
    pub(crate) fn flag(&self, names: &[&str]) -> Option<bool> {
        let held = self.get(names)?;
        let flag = match held.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "enabled" => Some(true),
                "false" | "disabled" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if flag.is_none() {
            held.problem("`true` or `false` was expected here");
        }
        flag
    }

    /// A whole number, also as a text.
    pub(crate) fn number(&self, names: &[&str]) -> Option<i64> {
        let held = self.get(names)?;
        let number = match held.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            held.problem("a whole number was expected here");
        }
        number
    }

    /// An id: a text, or an object that has one.
    pub(crate) fn as_id(&self) -> Option<ArmId> {
        let held = match self.value {
            Value::Object(_) => self.own("id")?,
            _ => self.clone(),
        };
        let Some(text) = held.as_text() else {
            held.problem("the id of a resource was expected here");
            return None;
        };
        let id = ArmId::parse(&text);
        if id.is_none() {
            held.problem(&format!("`{text}` is not the id of a resource"));
        }
        id
    }

    /// The id under a name: `subnet.id`, `subnet` or `subnetId`.
    pub(crate) fn id(&self, name: &str) -> Option<ArmId> {
        self.get(&[name, &format!("{name}Id")])?.as_id()
    }

    /// The network security group that is said under a name. Of one that is said and cannot be read it is known that there is one.
    pub(crate) fn guard(&self, name: &str) -> Option<ArmId> {
        let held = self.get(&[name, &format!("{name}Id")])?;
        let is_object = held.value.is_object() && held.unknown().is_none();
        if is_object && held.own("id").is_none() {
            return None;
        }
        held.as_id().or_else(ArmId::group_to_come)
    }

    /// The ids under a name: `subnets[].id`, `subnets[]` or `subnetIds[]`.
    pub(crate) fn ids(&self, name: &str) -> Vec<ArmId> {
        self.ids_or(name, &mut |_| ())
    }

    /// The same; what is no id is told.
    pub(crate) fn ids_or(&self, name: &str, unread: &mut dyn FnMut(String)) -> Vec<ArmId> {
        let singular = name.strip_suffix('s').unwrap_or(name);
        let behind = format!("{singular}Ids");
        let Some(list) = self.get(&[name, &behind]) else {
            return Vec::new();
        };
        let mut ids: Vec<ArmId> = Vec::new();
        for held in list.elements() {
            match held.as_id() {
                Some(id) if ids.contains(&id) => {}
                Some(id) => ids.push(id),
                None => unread(held.value.to_string()),
            }
        }
        ids
    }

    /// An address.
    pub(crate) fn address(&self, names: &[&str]) -> Option<IpAddr> {
        self.get(names)?.as_address()
    }

    pub(crate) fn as_address(&self) -> Option<IpAddr> {
        let Some(text) = self.as_text() else {
            self.problem("an address was expected here");
            return None;
        };
        // A block of addresses stands for its first.
        let address = match text.split_once('/') {
            Some((address, _)) => address.parse().ok(),
            None => text.parse().ok(),
        };
        if address.is_none() {
            self.problem(&format!("`{text}` is not an address"));
        }
        address
    }

    /// Prefixes under several names, each once.
    pub(crate) fn prefixes(&self, names: &[&str]) -> Vec<IpNet> {
        self.prefixes_or(names, &mut |_| ())
    }

    /// The same; what is no prefix is told.
    pub(crate) fn prefixes_or(&self, names: &[&str], unread: &mut dyn FnMut(String)) -> Vec<IpNet> {
        let mut prefixes = Vec::new();
        for held in self.all(names) {
            let text = held.as_text();
            match text.as_deref().map(prefix) {
                Some(Some(prefix)) if prefixes.contains(&prefix) => continue,
                Some(Some(prefix)) => {
                    prefixes.push(prefix);
                    continue;
                }
                Some(None) => held.problem(&format!(
                    "`{}` is not an address prefix",
                    text.as_deref().unwrap_or_default()
                )),
                None => held.problem("an address prefix was expected here"),
            }
            unread(text.unwrap_or_else(|| held.value.to_string()));
        }
        prefixes
    }

    /// Why what stands here is not known; none if it is.
    pub(crate) fn unknown(&self) -> Option<&'v str> {
        reason(self.value)
    }

    /// The first part of what stands here that is not known, but for what stands under some names.
    pub(crate) fn first_unknown(&self, but: &[&str]) -> Option<(Self, &'v str)> {
        if let Some(reason) = self.unknown() {
            return Some((self.clone(), reason));
        }
        first(self.value)?;
        let inside = match self.value {
            Value::Array(_) => self.all_elements(),
            _ => {
                let mut members = self.members();
                members.retain(|(name, _)| !but.iter().any(|but| same(name, but)));
                members.into_iter().map(|(_, inside)| inside).collect()
            }
        };
        inside.iter().find_map(|part| part.first_unknown(but))
    }

    /// Says that what stands here cannot be used. Of what is not known it is said why, once.
    pub(crate) fn problem(&self, message: &str) {
        match self.unknown() {
            Some(reason) => {
                let message = format!("this is not known: {reason}");
                self.report.add_once(&self.path, &message);
            }
            None => self.report.add(&self.path, message),
        }
    }

    /// Says that a resource is lost with what stands here.
    pub(crate) fn lost(&self, message: &str) {
        self.problem(message);
        self.report.lose();
    }

    /// Says that a resource is lost here, whatever stands here.
    pub(crate) fn say_lost(&self, message: &str) {
        self.say(message);
        self.report.lose();
    }

    /// Says something about this place, whatever stands here.
    pub(crate) fn say(&self, message: &str) {
        self.report.add(&self.path, message);
    }
}

/// True for what says nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// True for two spellings of one name.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let letters = |text: &'_ str| -> Vec<u8> {
        text.bytes()
            .filter(|byte| *byte != b'_')
            .map(|byte| byte.to_ascii_lowercase())
            .collect()
    };
    left.len().abs_diff(right.len()) < 12 && letters(left) == letters(right)
}
