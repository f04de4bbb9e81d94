//! `nsg_rule`.

use super::nothing::told;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "nsg_rule",
    aliases: &[],
    signatures: &[
        "(mac:string, time:datetime, direction:string, source:string, source_port:long, destination:string, destination_port:long, protocol:string, ?facts_version:string) -> string",
    ],
    tuple: &[],
    summary: "The rule that decides about a flow at the interface that reports it, as its group and its name with `/` between them.",
    notes: "It is spelled so that it equals `strcat(AclGroup, '/', AclRule)` of `NsgRules`, and of `Flows` where the log names the group by its id: \
            the group's id and the rule's name in lower case; of a security admin rule the GUID of its configuration, as logs have it, or the \
            configuration's id where facts have no GUID of it. VNet flow logs of 2024 may have the GUID of a group, and rules' names of \
            NSG flow logs may be cut off: `explain` joins those. Of a flow that is allowed it is the last rule that let it pass. Empty where \
            no rule decides, or where it is not known which one does. Arguments are those of `nsg_verdict`.",
    examples: &[(
        "nsg_rule('00-0D-3A-00-00-01', datetime(2026-02-16), 'Inbound', '203.0.113.7', 50000, '10.0.0.4', 22, 'TCP')",
        "''",
    )],
    kernel: |call| told(call, ""),
};
