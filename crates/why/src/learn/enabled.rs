//! What a flow log is enabled on.

use model::facts::ArmId;

use super::chance::Chance;
use super::entry::Entry;
use super::question::{Choice, Question, Topic};

const VNET: &str = "VNet flow logs are enabled on a virtual network, a subnet or a network interface. What is enabled on a network security group is an NSG flow log, the older kind, which Azure retires on 30 September 2027.";

/// The kinds of resources, by the word in their ids.
const KINDS: [(&str, &str, &[&str]); 4] = [
    (
        "virtualNetworks",
        "a virtual network",
        &["vnet", "network", "virtual network"],
    ),
    ("subnets", "a subnet", &["subnet"]),
    (
        "networkInterfaces",
        "a network interface",
        &["nic", "interface", "network interface"],
    ),
    (
        "networkSecurityGroups",
        "a network security group",
        &["nsg", "security group", "network security group"],
    ),
];

/// What logs of this kind can be enabled on at all.
pub(super) fn kinds(entry: &Entry, chance: &mut Chance) -> Question {
    let of_vnet = Choice::new("a virtual network, a subnet or a network interface")
        .also(&["vnet subnet or nic", "vnet, subnet or nic", "vnet"])
        .but("That is the VNet flow log; this is an NSG flow log.");
    let of_nsg = Choice::new("a network security group").also(&["nsg"]).but(VNET);
    let account = Choice::new("a storage account")
        .but("That is where the blobs go. What is enabled is named by the record's target.");
    let machine = Choice::new("a virtual machine")
        .also(&["vm"])
        .but("A machine has interfaces, and those can be logged; the machine itself cannot.");
    let choices = if entry.format.is_nsg() {
        vec![of_nsg, of_vnet, account, machine]
    } else {
        vec![of_vnet, of_nsg, account, machine]
    };
    let prompt = format!(
        "This is of a {}. What can such a log be enabled on?",
        entry.log_words()
    );
    Question::new(Topic::Enabled, prompt, choices, chance)
        .hint("the kind of log is called after it")
        .because([VNET])
}

/// What the log of this entry is enabled on.
pub(super) fn target(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let id = ArmId::parse(&entry.target)?;
    let kind = id.as_str().rsplit('/').nth(1)?;
    let (_, right, names) = KINDS.iter().find(|(word, ..)| word.eq_ignore_ascii_case(kind))?;
    let mut choices = vec![Choice::new(*right).also(names)];
    let others = KINDS.iter().filter(|(_, words, _)| words != right);
    choices.extend(others.map(|(_, words, names)| {
        let correction = if *words == "a network security group" {
            VNET
        } else {
            "The last kind in the id is what it is."
        };
        Choice::new(*words).also(names).but(correction)
    }));
    let prompt = format!(
        "The record's target is\n  {}\nWhat is this log enabled on?",
        entry.target
    );
    Some(
        Question::new(Topic::Enabled, prompt, choices, chance)
            .hint("an id ends with the kind of a resource and its name")
            .because([
                format!(
                    "It is {right}, {}: all interfaces in it, or that one, are logged.",
                    id.name()
                ),
                VNET.to_owned(),
            ]),
    )
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::knock;
    use super::super::question::Reply;
    use super::*;

    #[test]
    fn who_takes_a_vnet_flow_log_for_one_of_a_group_is_put_right() {
        for seed in 0..8 {
            let question = kinds(&knock(), &mut Chance::new(seed));
            assert_eq!(question.reply("vnet"), Reply::Choice(question.right));
            let Reply::Choice(group) = question.reply("nsg") else {
                panic!("{question}")
            };
            assert!(
                question.choices[group]
                    .correction
                    .contains("a subnet or a network interface")
            );
            let question = target(&knock(), &mut Chance::new(seed)).unwrap();
            assert_eq!(question.reply("virtual network"), Reply::Choice(question.right));
        }
        let nowhere = Entry {
            target: "somewhere".to_owned(),
            ..knock()
        };
        assert_eq!(target(&nowhere, &mut Chance::new(1)), None);
    }
}
