//! What kind of document it is, and where its resources stand.

use model::facts::{ArmId, FactSet};
use serde_json::Value;

use crate::node::Node;
use crate::resource::Found;
use crate::{Beside, effective, tags, template, terraform, threats, whatif};

/// What most documents are.
const RESOURCES: &str = "resources";
/// What Terraform prints.
pub(crate) const TERRAFORM: &str = "Terraform";

/// What was found.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) found: Found,
    pub(crate) facts: FactSet,
    /// What it is, in words.
    pub(crate) form: &'static str,
    /// It is one resource, as `az … show` and `az … create` print it.
    pub(crate) is_alone: bool,
}

pub(crate) fn contents(root: &Node<'_>, beside: &Beside<'_>) -> Contents {
    let mut contents = Contents {
        form: RESOURCES,
        ..Contents::default()
    };
    contents.take(root, beside, 0);
    contents
}

impl Contents {
    fn take(&mut self, node: &Node<'_>, beside: &Beside<'_>, depth: usize) {
        if node.value.is_array() {
            self.found.is_list = true;
            self.take_list(&node.elements(), beside.interface.as_ref());
            return;
        }
        if !node.value.is_object() {
            node.lost("a resource or a list of resources was expected here");
            return;
        }
        if self.take_template(node, beside) || self.take_computed(node, beside) {
            return;
        }
        let interface = beside.interface.as_ref();
        if tags::is_tags(node) {
            self.form = "service tags";
            self.facts.tags = Some(tags::tags(node));
        } else if threats::is_bundle(node) {
            self.form = "addresses known for harm (STIX)";
            self.facts.threats.push(threats::of_bundle(node));
        } else if terraform::is_terraform(node) {
            self.form = TERRAFORM;
            terraform::take(node, &mut self.found);
        } else if let Some(rows) = node.list("data") {
            self.form = "Resource Graph";
            goes_on(node, rows.len());
            self.take_list(&rows, interface);
        } else if let Some(data) = node.get(&["data"]) {
            self.form = "Resource Graph";
            self.take_table(node, &data);
        } else if let Some(list) = node.list("value") {
            goes_on(node, list.len());
            self.found.is_list = true;
            let said = node.member("networkInterface").and_then(|said| said.as_id());
            self.take_list(&list, said.as_ref().or(interface));
        } else if node.get(&["effectiveSecurityRules"]).is_some() || effective::is_route(node) {
            self.take_list(std::slice::from_ref(node), interface);
        } else if node.get(&["id", "resourceId"]).is_none()
            && let Some(inside) = only_member(node).filter(|_| depth < 2)
        {
            self.take(&inside, beside, depth + 1);
        } else {
            self.is_alone = true;
            self.found.take(node);
        }
    }

    /// A template, with what stands around it; false for anything else.
    fn take_template(&mut self, node: &Node<'_>, beside: &Beside<'_>) -> bool {
        if template::is_parameters(node) {
            self.form = "parameters of a template";
            return true;
        }
        if template::is_template(node) {
            template::take(node, None, None, beside, &mut self.found);
        } else if let Some((written, parameters)) = template::built(node) {
            let written = node.instead(&written);
            template::take(&written, None, parameters.as_ref(), beside, &mut self.found);
        } else if let Some(written) = template::sent(node) {
            template::take(&written, Some(node), None, beside, &mut self.found);
        } else {
            return false;
        }
        self.form = "ARM template";
        true
    }

    /// What Azure computed; false for anything else.
    fn take_computed(&mut self, node: &Node<'_>, beside: &Beside<'_>) -> bool {
        if whatif::is_result(node) {
            self.form = "what-if";
            whatif::take(node, &mut self.found);
        } else if effective::is_view(node) {
            self.form = "security group view";
            let mut views = effective::view(node);
            if let [only] = views.as_mut_slice() {
                only.interface = only.interface.take().or_else(|| beside.interface.clone());
            }
            self.facts.effective.append(&mut views);
        } else {
            return false;
        }
        true
    }

    /// Elements of a list; rules and routes that hold at an interface are of the one that is said, if they do not name it.
    fn take_list(&mut self, elements: &[Node<'_>], interface: Option<&ArmId>) {
        if elements
            .iter()
            .any(|element| element.get(&["effectiveSecurityRules"]).is_some())
        {
            self.form = "effective rules";
            let mut rules = effective::rules(elements);
            rules.interface = rules.interface.or_else(|| interface.cloned());
            self.facts.effective.push(rules);
            return;
        }
        if elements.iter().any(effective::is_route) {
            self.form = "effective routes";
            let mut routes = effective::routes(elements);
            routes.interface = interface.cloned();
            self.facts.effective_routes.push(routes);
            return;
        }
        for element in elements {
            if element.value.is_object() {
                self.found.take(element);
            } else {
                element.lost("a resource was expected here");
            }
        }
    }

    /// Rows of Resource Graph as a table: the columns, and cells in their order.
    fn take_table(&mut self, node: &Node<'_>, data: &Node<'_>) {
        let (Some(columns), Some(rows)) = (data.list("columns"), data.list("rows")) else {
            data.lost("rows of Resource Graph were expected here");
            return;
        };
        let names: Vec<String> = columns
            .iter()
            .map(|column| column.text(&["name"]).unwrap_or_default())
            .collect();
        goes_on(node, rows.len());
        for row in rows {
            let cells = row.value.as_array().map(Vec::as_slice).unwrap_or_default();
            let object = names.iter().cloned().zip(cells.iter().cloned()).collect();
            let object = Value::Object(object);
            self.found.take(&row.instead(&object));
        }
    }
}

/// Says where a list is only the beginning of one.
fn goes_on(node: &Node<'_>, rows: usize) {
    let link = node.text(&["nextLink", "skipToken", "$skipToken"]);
    let is_cut = node.flag(&["resultTruncated"]) == Some(true);
    let total = node
        .number(&["totalRecords"])
        .and_then(|total| usize::try_from(total).ok());
    if link.is_some() || is_cut || total.is_some_and(|total| total > rows) {
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        node.lost(&format!(
            "the list goes on: {rows}{of} stand here; fetch the other pages too, with `az graph query --first 1000 --skip-token …` or the `nextLink`"
        ));
    }
}

/// `{"NewNSG": {…}}`, as some commands wrap what they made.
fn only_member<'v>(node: &Node<'v>) -> Option<Node<'v>> {
    let members = node.value.as_object()?;
    let (name, value) = members.iter().next().filter(|_| members.len() == 1)?;
    let is_inside = value.is_object() || value.is_array();
    is_inside.then(|| node.get(&[name]))?
}
