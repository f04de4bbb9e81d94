//! Deployments inside of a template: what they deploy, where to, and what they give back to the template around them. Modules
//! of Bicep are such, and hand ids to one another in this way.

use std::rc::Rc;

use model::facts::ArmId;
use serde_json::{Map, Value};

use super::functions::{NO_GROUP, NO_SUBSCRIPTION};
use super::place::Place;
use super::scope::{Given, Scope, Target};
use crate::node::Node;
use crate::unknown::{reason, unknown};

/// A deployment inside of a template.
pub(super) struct Inner<'v> {
    pub(super) template: Node<'v>,
    /// What its expressions see; none where they see what those around it do.
    pub(super) scope: Option<Scope<'v>>,
    pub(super) target: Target,
}

/// True for a deployment.
pub(super) fn is_deployment(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("Microsoft.Resources/deployments")
}

/// What a deployment deploys.
pub(super) fn inner<'v>(
    place: &Place<'_, 'v>,
    deployment: &Node<'v>,
    around: &Target,
) -> Result<Inner<'v>, String> {
    let Some(template) = deployment
        .get(&["template"])
        .filter(|template| template.value.is_object())
    else {
        return Err(match deployment.get(&["templateLink"]) {
            Some(_) => "its template stands elsewhere (`templateLink`): read that file by itself",
            None => "it has no template",
        }
        .to_owned());
    };
    let mut target = target(place, deployment, around)?;
    if is_of_subscription(&template) {
        target.has_no_group = true;
        target.group = None;
    }
    let options = deployment.get(&["expressionEvaluationOptions"]);
    let seen = options.and_then(|options| options.text(&["scope"]));
    let is_inner = seen.is_some_and(|seen| seen.eq_ignore_ascii_case("inner"));
    let scope = is_inner.then(|| {
        let mut given = Given::default();
        if let Some(written) = deployment.get(&["parameters"]) {
            given.take(&place.json(written.value));
        }
        Scope::new(
            template.clone(),
            given,
            target.clone(),
            Rc::clone(&place.scope.work),
        )
    });
    Ok(Inner {
        template,
        scope,
        target,
    })
}

/// True for a template that deploys to a subscription as a whole.
pub(super) fn is_of_subscription(template: &Node<'_>) -> bool {
    let schema = template.member("$schema");
    let schema = schema.as_ref().and_then(|schema| schema.value.as_str());
    schema.is_some_and(|schema| {
        schema
            .to_ascii_lowercase()
            .contains("subscriptiondeploymenttemplate")
    })
}

/// Where a deployment deploys to, if it says something else than what is around it.
fn target(place: &Place<'_, '_>, deployment: &Node<'_>, around: &Target) -> Result<Target, String> {
    let said = |name: &str| -> Result<Option<String>, String> {
        let Some(written) = deployment.member(name) else {
            return Ok(None);
        };
        let value = place.json(written.value);
        match (value.as_str(), reason(&value)) {
            (Some(text), _) => Ok(Some(text.to_owned())),
            (None, Some(NO_SUBSCRIPTION | NO_GROUP)) => Ok(None),
            (None, Some(reason)) => Err(format!("its `{name}` is not known: {reason}")),
            (None, None) if value.is_null() => Ok(None),
            (None, None) => Err(format!("its `{name}` is no text")),
        }
    };
    let (subscription, group) = (said("subscriptionId")?, said("resourceGroup")?);
    let mut target = around.clone();
    if let Some(subscription) = subscription.filter(|held| Some(held) != around.subscription.as_ref()) {
        target = Target {
            subscription: Some(subscription),
            has_no_group: group.is_none(),
            ..Target::default()
        };
    }
    if let Some(group) = group {
        let is_same = target
            .group
            .as_ref()
            .is_some_and(|held| held.eq_ignore_ascii_case(&group));
        if !is_same {
            target.location = None;
        }
        target.group = Some(group);
        target.has_no_group = false;
    }
    Ok(target)
}

/// What `reference` gives for a deployment of this template, by its symbolic name or its id; none for what is no such.
pub(super) fn of_deployment(place: &Place<'_, '_>, named: &str) -> Option<Result<Rc<Value>, String>> {
    let (deployment, turn) = found(place, named)?;
    let what = format!("deployment `{named}`");
    Some(Ok(place.scope.once(&what, || {
        let place = Place::of(place.scope);
        let place = match &turn {
            Some((name, at)) => place.turned(name, *at, true),
            None => place,
        };
        outputs(&place, &deployment).unwrap_or_else(|reason| unknown(format!("{what}: {reason}")))
    })))
}

type Turn = Option<(String, i64)>;

/// The deployment that is named, and the turn of the loop that makes it.
fn found<'v>(place: &Place<'_, 'v>, named: &str) -> Option<(Node<'v>, Turn)> {
    let id = ArmId::parse(named);
    let id = id.filter(|id| id.kind().is_some_and(|kind| is_deployment(&kind)));
    let (symbol, at) = match named.strip_suffix(']').and_then(|named| named.split_once('[')) {
        Some((symbol, at)) => (symbol, at.parse().ok()),
        None => (named, None),
    };
    for (name, resource) in resources(&place.scope.template) {
        let kind = resource.member("type");
        let kind = kind.as_ref().and_then(|kind| kind.value.as_str());
        if !kind.is_some_and(is_deployment) {
            continue;
        }
        let one_of_many = resource.member("copy");
        let loop_name = one_of_many.as_ref().and_then(|many| {
            let name = many.value.get("name")?;
            name.as_str().map(str::to_owned)
        });
        if name.is_some_and(|name| name.eq_ignore_ascii_case(symbol)) {
            return Some((resource, loop_name.zip(at)));
        }
        let Some(id) = &id else {
            continue;
        };
        let place = Place::of(place.scope);
        let is_it = |place: &Place<'_, '_>| {
            let written = resource.member("name");
            let name = written.map(|written| place.json(written.value));
            name.as_ref()
                .and_then(Value::as_str)
                .is_some_and(|name| name.eq_ignore_ascii_case(id.name()))
        };
        let Some(many) = one_of_many else {
            if is_it(&place) {
                return Some((resource, None));
            }
            continue;
        };
        let count = place.count(many.value.get("count")).unwrap_or_default();
        let name = loop_name.unwrap_or_default();
        if let Some(at) = (0..count).find(|at| is_it(&place.turned(&name, *at, true))) {
            return Some((resource, Some((name, at))));
        }
    }
    None
}

/// The resources of a template, with their symbolic names where they have some.
pub(super) fn resources<'v>(template: &Node<'v>) -> Vec<(Option<&'v str>, Node<'v>)> {
    let Some(resources) = template.member("resources") else {
        return Vec::new();
    };
    if resources.value.is_object() {
        let members = resources.members().into_iter();
        return members.map(|(name, resource)| (Some(name), resource)).collect();
    }
    resources
        .parts()
        .into_iter()
        .map(|resource| (None, resource))
        .collect()
}

/// What a deployment gives back: `{"outputs": {"name": {"value": …}}}`.
fn outputs(place: &Place<'_, '_>, deployment: &Node<'_>) -> Result<Value, String> {
    let _deeper = place.scope.work.deeper()?;
    let inner = inner(place, deployment, &place.scope.target)?;
    let inside = match &inner.scope {
        Some(scope) => Place::of(scope),
        None => place.clone(),
    };
    let mut made = Map::new();
    let written = inner.template.member("outputs");
    for (name, output) in written.iter().flat_map(Node::members) {
        let is_left_out = output
            .value
            .get("condition")
            .map(|condition| inside.json(condition));
        let value = match (is_left_out, output.value.get("copy"), output.value.get("value")) {
            (Some(Value::Bool(false)), _, _) => continue,
            (Some(held), _, _) if reason(&held).is_some() => held,
            (_, Some(many), _) => inside.elements(many, name),
            (_, None, Some(value)) => inside.json(value),
            (_, None, None) => continue,
        };
        let mut members = Map::new();
        members.insert("value".to_owned(), value);
        made.insert(name.to_owned(), Value::Object(members));
    }
    let mut all = Map::new();
    all.insert("outputs".to_owned(), Value::Object(made));
    place.scope.work.admit(Value::Object(all))
}
