//! Who decided about a flow: the rule, its kind, and the group it belongs to, as logged and in words.
//! The forms are those of <https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview>.

use std::borrow::Cow;

use model::{FlowStatus, LogFormat, RuleKind};

use model::printable;

/// The rule's name without the prefix that says its kind; `None` where the log names none.
pub(crate) fn rule_name(kind: RuleKind, logged: Option<&str>) -> Option<&str> {
    let logged = logged.filter(|text| !text.is_empty())?;
    match kind {
        RuleKind::User | RuleKind::Default => {
            // Traffic Analytics leaves the prefix out; names may hold underscores of their own.
            let (prefix, name) = logged.split_once('_').unwrap_or((logged, ""));
            let prefixes = ["UserRule", "DefaultRule"];
            if prefixes.iter().any(|known| prefix.eq_ignore_ascii_case(known)) {
                Some(name).filter(|name| !name.is_empty())
            } else {
                Some(logged)
            }
        }
        _ => Some(logged),
    }
}

/// What kind of rule, as the words in brackets.
pub(crate) const fn kind_words(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::User => "custom rule",
        RuleKind::Default => "default rule",
        RuleKind::Admin => "security admin rule",
        RuleKind::Platform => "platform",
        RuleKind::Unspecified => "encryption",
        RuleKind::Unknown => "kind not logged",
    }
}

/// The deciding group in short: the name at the end of an ARM id, the first digits of a GUID. `None`
/// where no group decided or none was logged.
pub(crate) fn group_name(logged: Option<&str>) -> Option<Cow<'_, str>> {
    let logged = logged.filter(|text| !text.is_empty())?;
    if logged.eq_ignore_ascii_case("unspecified")
        || is_guid(logged)
            && !logged
                .bytes()
                .any(|byte| byte.is_ascii_hexdigit() && byte != b'0')
    {
        return None;
    }
    if is_guid(logged) {
        let first = logged.split('-').next().unwrap_or_default();
        // Made-up ids often begin with zeros and differ further on.
        let short = !first.bytes().all(|byte| byte == b'0');
        return Some(if short {
            Cow::Owned(format!("{first}-..."))
        } else {
            Cow::Borrowed(logged)
        });
    }
    Some(match logged.rsplit('/').find(|part| !part.is_empty()) {
        Some(name) => printable::text(name),
        None => printable::text(logged),
    })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// What the group is called: an NSG, or the configuration that a security admin rule belongs to.
fn group_words(kind: RuleKind, logged: Option<&str>) -> String {
    match group_name(logged) {
        Some(name) if kind == RuleKind::Admin => format!("of admin configuration {name}"),
        Some(name) => format!("of NSG {name}"),
        None => "of a group that is not logged".to_owned(),
    }
}

/// The decision as a phrase: `denied by rule deny-ssh (custom rule) of NSG nsg-web`.
pub(crate) fn decision(
    status: FlowStatus,
    kind: RuleKind,
    rule: Option<&str>,
    acl: Option<&str>,
    format: LogFormat,
) -> String {
    let word = status_word(status);
    let group = group_words(kind, acl);
    let name = rule_name(kind, rule).map(printable::text);
    match (kind, name) {
        (RuleKind::Platform, _) => {
            format!("{word} by PlatformRule: decided by the platform, not by a rule of yours")
        }
        (RuleKind::Unspecified, _) if status == FlowStatus::Denied => {
            format!("{word}: dropped for want of encryption, no rule decided")
        }
        (RuleKind::Unspecified, _) => format!("{word}: the log names no rule (`unspecified`)"),
        (RuleKind::User, Some(name)) => format!("{word} by rule {name} (custom rule) {group}"),
        (RuleKind::Default, Some(name)) => format!("{word} by rule {name} (default rule) {group}"),
        (RuleKind::Admin, Some(name)) => format!("{word} by security admin rule {name} {group}"),
        (RuleKind::User, None) => format!("{word} by a custom rule (name not logged) {group}"),
        (RuleKind::Default, None) => format!("{word} by a default rule (name not logged) {group}"),
        (RuleKind::Unknown, Some(name)) if format != LogFormat::Vnet4 => {
            format!("{word} by rule {name} (kind not logged) {group}")
        }
        (_, Some(name)) => format!("{word} by {name} {group}"),
        (_, None) => format!("{word} by a rule that is not logged {group}"),
    }
}

/// `allowed` or `denied`.
pub(crate) const fn status_word(status: FlowStatus) -> &'static str {
    match status {
        FlowStatus::Allowed => "allowed",
        FlowStatus::Denied => "denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NSG: &str =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-web";
    const GUID: &str = "a43a8170-2b9b-4f0f-a19e-11cacfcaa51f";

    #[test]
    fn decisions_in_words() {
        use FlowStatus::{Allowed, Denied};
        let check = |status, kind, rule: &str, acl: &str, expected: &str| {
            let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
            let (rule, acl) = (some(rule.to_owned().leak()), some(acl.to_owned().leak()));
            assert_eq!(decision(status, kind, rule, acl, LogFormat::Vnet4), expected);
        };
        check(
            Denied,
            RuleKind::Default,
            "DefaultRule_DenyAllInBound",
            NSG,
            "denied by rule DenyAllInBound (default rule) of NSG nsg-web",
        );
        check(
            Allowed,
            RuleKind::Default,
            "DefaultRule",
            GUID,
            "allowed by a default rule (name not logged) of NSG a43a8170-...",
        );
        check(
            Allowed,
            RuleKind::User,
            "UserRule_allow_ssh_2",
            NSG,
            "allowed by rule allow_ssh_2 (custom rule) of NSG nsg-web",
        );
        check(
            Allowed,
            RuleKind::User,
            "UserRule",
            "",
            "allowed by a custom rule (name not logged) of a group that is not logged",
        );
        check(
            Denied,
            RuleKind::Admin,
            "BlockSsh_all",
            GUID,
            "denied by security admin rule BlockSsh_all of admin configuration a43a8170-...",
        );
        check(
            Allowed,
            RuleKind::Platform,
            "PlatformRule",
            "00000000-0000-0000-0000-000000000000",
            "allowed by PlatformRule: decided by the platform, not by a rule of yours",
        );
        check(
            Denied,
            RuleKind::Unspecified,
            "unspecified",
            "unspecified",
            "denied: dropped for want of encryption, no rule decided",
        );
        check(
            Allowed,
            RuleKind::Unspecified,
            "unspecified",
            "unspecified",
            "allowed: the log names no rule (`unspecified`)",
        );
        check(
            Denied,
            RuleKind::Unknown,
            "",
            NSG,
            "denied by a rule that is not logged of NSG nsg-web",
        );
        check(
            Allowed,
            RuleKind::Default,
            "DefaultRule_AllowInternetOutBound",
            "00000000-0000-0000-0000-000000000000",
            "allowed by rule AllowInternetOutBound (default rule) of a group that is not logged",
        );
        check(
            Denied,
            RuleKind::User,
            "UserRule_x\x1b[31m",
            "a/b\x07",
            "denied by rule x\\u{1b}[31m (custom rule) of NSG b\\u{7}",
        );
    }

    #[test]
    fn traffic_analytics_leaves_the_prefix_out() {
        let say = |kind, rule| decision(FlowStatus::Denied, kind, Some(rule), Some(NSG), LogFormat::Ta3);
        assert_eq!(
            say(RuleKind::Default, "denyallinbound"),
            "denied by rule denyallinbound (default rule) of NSG nsg-web"
        );
        assert_eq!(
            say(RuleKind::User, "my_own_rule"),
            "denied by rule my_own_rule (custom rule) of NSG nsg-web"
        );
        assert_eq!(
            say(RuleKind::Unknown, "x"),
            "denied by rule x (kind not logged) of NSG nsg-web"
        );
    }

    #[test]
    fn a_bare_name_in_an_nsg_log_has_no_kind() {
        let text = decision(
            FlowStatus::Allowed,
            RuleKind::Unknown,
            Some("web-rule"),
            Some(NSG),
            LogFormat::Nsg1,
        );
        assert_eq!(text, "allowed by rule web-rule (kind not logged) of NSG nsg-web");
    }

    #[test]
    fn groups() {
        let name = |logged| group_name(logged).map(Cow::into_owned);
        assert_eq!(name(Some(NSG)).as_deref(), Some("nsg-web"));
        assert_eq!(
            name(Some("/SUBSCRIPTIONS/S/NETWORKSECURITYGROUPS/NSG-WEB/")).as_deref(),
            Some("NSG-WEB")
        );
        assert_eq!(name(Some(GUID)).as_deref(), Some("a43a8170-..."));
        assert_eq!(name(Some("Unspecified")), None);
        assert_eq!(name(Some("")), None);
        assert_eq!(name(None), None);
        assert_eq!(name(Some("aclID1")).as_deref(), Some("aclID1"));
        assert_eq!(name(Some("///")).as_deref(), Some("///"));
    }
}
