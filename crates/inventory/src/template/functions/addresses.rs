//! Address prefixes, cut into smaller ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::{Function, number, text};

pub(super) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "cidrsubnet" => |given, _| subnet(given),
        "cidrhost" => |given, _| host(given),
        "parsecidr" => |given, _| parsed(given),
        _ => return None,
    })
}

fn prefix(given: &[Rc<Value>]) -> Result<IpNet, String> {
    let text = text(given, 0)?;
    let prefix: Result<IpNet, _> = text.parse();
    prefix
        .map(|prefix| prefix.trunc())
        .map_err(|_| format!("takes an address prefix, and `{text}` is none"))
}

/// The address so many addresses behind the first of a prefix; none outside of it.
fn behind(prefix: IpNet, by: u128) -> Option<IpAddr> {
    let first = match prefix.network() {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let at = first.checked_add(by)?;
    let address = match prefix {
        IpNet::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(at).ok()?)),
        IpNet::V6(_) => IpAddr::V6(Ipv6Addr::from(at)),
    };
    prefix.contains(&address).then_some(address)
}

/// The prefix of a length that is the so-manieth in another.
fn subnet(given: &[Rc<Value>]) -> Result<Value, String> {
    let around = prefix(given)?;
    let (length, at) = (number(given, 1)?, number(given, 2)?);
    let made = || {
        let length = u8::try_from(length).ok()?;
        let at = u128::try_from(at).ok()?;
        let free = around.max_prefix_len().checked_sub(length)?;
        if length < around.prefix_len() {
            return None;
        }
        let by = at.checked_mul(1_u128.checked_shl(u32::from(free))?)?;
        IpNet::new(behind(around, by)?, length).ok()
    };
    made()
        .map(|prefix| Value::from(prefix.to_string()))
        .ok_or_else(|| format!("has no prefix {at} of length {length} in `{around}`"))
}

/// Address `n` behind the first usable one, which is the one behind the network's own.
fn host(given: &[Rc<Value>]) -> Result<Value, String> {
    let around = prefix(given)?;
    let at = number(given, 1)?;
    let address = u128::try_from(at)
        .ok()
        .and_then(|at| behind(around, at.checked_add(1)?));
    address
        .map(|address| Value::from(address.to_string()))
        .ok_or_else(|| format!("has no address {at} in `{around}`"))
}

fn parsed(given: &[Rc<Value>]) -> Result<Value, String> {
    let held = prefix(given)?;
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("network", Value::from(held.network().to_string()));
    put("netmask", Value::from(held.netmask().to_string()));
    if let IpNet::V4(held) = held {
        put("broadcast", Value::from(held.broadcast().to_string()));
    }
    put("cidr", Value::from(held.prefix_len()));
    let (first, last) = match held {
        IpNet::V4(held) => {
            let last = u32::from(held.broadcast()).saturating_sub(1);
            let last = IpAddr::V4(Ipv4Addr::from(last.max(u32::from(held.network()))));
            (behind(held.into(), 1).unwrap_or(last), last)
        }
        IpNet::V6(held) => (IpAddr::V6(held.network()), IpAddr::V6(held.broadcast())),
    };
    put("firstUsable", Value::from(first.to_string()));
    put("lastUsable", Value::from(last.to_string()));
    Ok(Value::Object(members))
}
