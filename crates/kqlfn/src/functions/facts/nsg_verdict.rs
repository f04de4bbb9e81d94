//! `nsg_verdict`.

use super::nothing::told;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "nsg_verdict",
    aliases: &[],
    signatures: &[
        "(mac:string, time:datetime, direction:string, source:string, source_port:long, destination:string, destination_port:long, protocol:string, ?facts_version:string) -> string",
    ],
    tuple: &[],
    summary: "What the rules that are known do to a flow at the interface that reports it: `Allowed`, `Denied`, `NotGoverned` or `Unknown`.",
    notes: "The first eight are columns of `Flows`: `MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol`. \
            The rules are those of the flow's own time, or of all times those of one load of facts: `facts_version` is its snapshot as \
            `flowglass facts show` prints it (eight letters are enough), or its number. It is a literal, and a version that there is not is refused. \
            `NotGoverned` is traffic with the host itself (168.63.129.16, 169.254.169.254) that no rule speaks of, and with private endpoints \
            where rules do not hold. `Unknown` is a flow whose interface no facts name, or which what is not known could decide \
            either way; a source port of null leaves open what rules say of source ports. It is asked as the flow began: replies pass. \
            Without facts all is `Unknown`. Evaluators of interfaces are kept for further queries, up to 256 MiB beside `--memory`.",
    examples: &[(
        "nsg_verdict('00-0D-3A-00-00-01', datetime(2026-02-16), 'Inbound', '203.0.113.7', 50000, '10.0.0.4', 22, 'TCP')",
        "'Unknown'",
    )],
    kernel: |call| told(call, "Unknown"),
};
