//! Templates that ask for too much: every one of them ends soon, says what is wrong, and loses nothing that is good.

#![cfg(test)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use inventory::{Reading, read};

/// A template beside whose other parts a network stands that is good.
#[track_caller]
fn check(beside: &str, resources: &str, begins: &str) -> Reading {
    let comma = if resources.is_empty() { "" } else { "," };
    let text = format!(
        r#"{{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",{beside}"resources":[
        {{"type":"Microsoft.Network/virtualNetworks","name":"good","properties":{{}}}}{comma}{resources}]}}"#
    );
    let begun = Instant::now();
    let reading = read(text.as_bytes()).unwrap();
    // Debug builds on a busy machine too.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_eq!(reading.facts.resources[0].id.name(), "good");
    let told: Vec<&str> = reading
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert!(told.iter().any(|told| told.contains(begins)), "{told:#?}");
    reading
}

/// A network that is called by an expression.
fn named(expression: &str) -> String {
    format!(r#"{{"type":"Microsoft.Network/virtualNetworks","name":"[{expression}]","properties":{{}}}}"#)
}

#[test]
fn loops_of_a_billion_turns() {
    let many = r#"{"copy":{"name":"c","count":1000000000},"type":"Microsoft.Network/virtualNetworks","name":"[format('v{0}', copyIndex())]","properties":{}}"#;
    let reading = check("", many, "a loop of 1000000000 turns: Azure makes 0 to 800");
    assert_eq!(reading.problems[0].path, "resources[1].copy");
    let inside = r#"{"type":"Microsoft.Network/virtualNetworks","name":"v","properties":{"copy":[{"name":"subnets","count":1000000000,"input":{"name":"a"}}]}}"#;
    check("", inside, "a loop of 1000000000 turns");
    let variables = r#""variables":{"copy":[{"name":"x","count":-1,"input":1}]},"#;
    check(variables, &named("variables('x')[0]"), "a loop of -1 turns");
    check(
        "",
        &named("string(range(0, 1000000000))"),
        "makes 0 to 10000 numbers",
    );
}

#[test]
fn loops_in_loops_in_loops() {
    let mut resources = named("copyIndex('l0')");
    let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
    for level in 0..8 {
        resources = format!(
            r#"{{"copy":{{"name":"l{level}","count":800}},"type":"Microsoft.Resources/deployments","name":"d","properties":{{"template":{{"$schema":"{schema}","resources":[{resources}]}}}}}}"#
        );
    }
    check(
        "",
        &resources,
        "5000000 steps or 50000 resources: what stands behind that is left out",
    );
}

#[test]
fn what_refers_to_itself() {
    let variables = r#""variables":{"a":"[variables('b')]","b":"[concat(variables('a'), 'x')]"},"#;
    check(
        variables,
        &named("variables('a')"),
        "variable `a` refers to itself",
    );
    let parameters = r#""parameters":{"p":{"type":"string","defaultValue":"[parameters('P')]"}},"#;
    check(
        parameters,
        &named("parameters('p')"),
        "parameter `P` refers to itself",
    );
    let function = r#""functions":[{"namespace":"n","members":{"f":{"parameters":[],"output":{"type":"string","value":"[n.f()]"}}}}],"#;
    check(function, &named("n.f()"), "more than 200 levels deep in itself");
    let module = r#"{"type":"Microsoft.Resources/deployments","name":"m","properties":{"expressionEvaluationOptions":{"scope":"inner"},
        "parameters":{"x":{"value":"[reference(resourceId('Microsoft.Resources/deployments', 'm')).outputs.y.value]"}},
        "template":{"parameters":{"x":{"type":"string"}},"resources":[{"type":"Microsoft.Network/virtualNetworks","name":"[parameters('x')]"}],"outputs":{"y":{"type":"string","value":"[parameters('x')]"}}}}}"#;
    check("", module, "refers to itself");
}

#[test]
fn long_chains_and_deep_expressions() {
    let mut variables = r#""variables":{"v0":"x""#.to_owned();
    for at in 1..5_000 {
        write!(variables, r#","v{at}":"[variables('v{}')]""#, at - 1).unwrap();
    }
    variables.push_str("},");
    check(
        &variables,
        &named("variables('v4999')"),
        "more than 200 levels deep in itself",
    );
    let deep = format!("{}'x'{}", "toLower(".repeat(2_000), ")".repeat(2_000));
    check("", &named(&deep), "more than 100 deep in one another");
    let deep = format!("{}'x'{}", "toLower(".repeat(10_000), ")".repeat(10_000));
    check("", &named(&deep), "an expression of 90003 bytes");
    // Deep values, made level by level.
    let mut variables = r#""variables":{"v0":"x""#.to_owned();
    for at in 1..300 {
        write!(variables, r#","v{at}":"[createArray(variables('v{}'))]""#, at - 1).unwrap();
    }
    variables.push_str("},");
    let each: Vec<String> = (0..300).map(|at| named(&format!("variables('v{at}')"))).collect();
    check(&variables, &each.join(","), "more than 128 levels deep");
}

#[test]
fn what_doubles_and_doubles() {
    for made in [
        "concat(V, V)",
        "replace(V, 'x', 'xx')",
        "format('{0}{0}', V)",
        "join(createArray(V, V), V)",
    ] {
        let mut variables = r#""variables":{"v0":"xxxxxxxxxxxxxxxx""#.to_owned();
        for at in 1..30 {
            let made = made.replace('V', &format!("variables('v{}')", at - 1));
            write!(variables, r#","v{at}":"[{made}]""#).unwrap();
        }
        variables.push_str("},");
        check(&variables, &named("variables('v29')"), "more than 5000000 steps");
    }
    check(
        "",
        &named("padLeft('x', 9000000000000000000)"),
        "more than 5000000 steps",
    );
}

#[test]
fn large_values_that_are_looked_through_again_and_again() {
    let elements: Vec<String> = (0..50_000).map(|at| at.to_string()).collect();
    let members: Vec<String> = (0..50_000).map(|at| format!(r#""m{at}":1"#)).collect();
    let variables = format!(
        r#""variables":{{"list":[{}],"object":{{{}}}}},"#,
        elements.join(","),
        members.join(",")
    );
    let many = |expression: &str| {
        format!(
            r#"{{"copy":{{"name":"c","count":800}},"type":"Microsoft.Network/virtualNetworks","name":"[format('v{{0}}', {expression})]","properties":{{}}}}"#
        )
    };
    let spent = "more than 5000000 steps";
    check(&variables, &many("contains(variables('list'), 'x')"), spent);
    check(&variables, &many("variables('object').M1"), spent);
    check(&variables, &many("tryGet(variables('object'), 'none')"), spent);
    let all = vec!["variables('list')"; 1_000].join(", ");
    check(
        &variables,
        &named(&format!("string(length(concat({all})))")),
        spent,
    );
    let shouted = variables.replace("\"m", "\"M").replace("\"object\"", "\"loud\"");
    let both = format!(
        "{}{}",
        variables.trim_end_matches("},"),
        shouted.replace("\"variables\":{", ",")
    );
    check(
        &both,
        &named("string(length(union(variables('object'), variables('loud'))))"),
        spent,
    );
    // What does not look inside is not counted so.
    let reading = check(
        &variables,
        &format!(
            "{},{}",
            many("length(variables('list'))"),
            named("reference('x')")
        ),
        "`reference()` is known once it is deployed",
    );
    assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
}

#[test]
fn wrong_shapes_are_told_and_passed_over() {
    for (resources, begins) in [
        ("7", "a resource with a `type` was expected here"),
        (r#"{"type":7}"#, "a resource with a `type` was expected here"),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks"}"#,
            "it has no name",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":{}}"#,
            "its name is no text",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a/b"}"#,
            "its name `a/b` does not fit its type",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a//"}"#,
            "does not fit its type",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a","condition":"maybe"}"#,
            "neither `true` nor `false`",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a","copy":{}}"#,
            "a loop without `count`",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a","copy":{"count":"x"}}"#,
            "no whole number",
        ),
        (
            r#"{"type":"Microsoft.Resources/deployments","name":"a","properties":{"template":[]}}"#,
            "it has no template",
        ),
        (
            r#"{"type":"Microsoft.Resources/deployments","name":"a","resourceGroup":7,"properties":{"template":{"a":1}}}"#,
            "its `resourceGroup` is no text",
        ),
        (
            r#"{"type":"Microsoft.Network/virtualNetworks","name":"a","properties":{"addressSpace":{"addressPrefixes":[{}, {"a":1}]}}}"#,
            "an address prefix was expected here",
        ),
    ] {
        check("", resources, begins);
    }
    for beside in [
        r#""parameters":7,"variables":[],"functions":{},"#,
        r#""parameters":{"x":7},"variables":{"copy":7},"functions":[7],"#,
    ] {
        check(
            beside,
            &named("concat(parameters('x'), variables('y'), n.f())"),
            "left out: its name is not known",
        );
    }
    let text = r#"{"$schema":"deploymentTemplate.json#","resources":7}"#;
    assert_eq!(read(text.as_bytes()).unwrap().facts.resources, []);
}
