//! What a pull brought, in words and as JSON.

use std::io::Write as _;

use azure::{Method, Subscription};
use model::facts::{FactSet, Whole};
use table::FactsFile;

use crate::commands::facts::pull::gathered::{Gathered, List};
use crate::commands::facts::told;
use crate::exit::Exit;
use crate::instant::{self, Micros};
use crate::json_text::Json;
use crate::session::Session;

/// Tells the requests that would be made.
pub(super) fn requests(session: &Session, requests: &[String], json: bool) -> anyhow::Result<Exit> {
    let mut out = session.out();
    if json {
        let requests = requests
            .iter()
            .map(|request| Json::Object(vec![("method", Json::text("GET")), ("url", Json::text(request))]));
        Json::List(requests.collect()).write(&mut out, Some(0))?;
        out.write_all(b"\n")?;
    } else {
        for request in requests {
            writeln!(out, "GET {request}")?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// What is told of a pull.
pub(super) struct Told<'a> {
    pub(super) gathered: &'a Gathered,
    pub(super) subscriptions: &'a [Subscription],
    pub(super) method: Option<Method>,
    pub(super) taken: Micros,
    pub(super) stored: &'a FactsFile,
}

impl Told<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for subscription in self.subscriptions {
            let name = match &subscription.name {
                Some(name) => format!("{name} ({})", subscription.id),
                None => subscription.id.clone(),
            };
            let known = told::counts_text(&of(&self.gathered.facts, &subscription.id));
            let known = if known.is_empty() { "nothing" } else { &known };
            text.push_str(&format!("{}: {known}\n", model::printable::text(&name)));
        }
        let known = told::counts_text(&self.gathered.facts);
        let known = if known.is_empty() { "nothing" } else { &known };
        text.push_str(&format!(
            "\nloaded as of {}: {known}\nsnapshot {}\n",
            instant::words(self.taken, true),
            self.stored.hash
        ));
        text
    }

    pub(super) fn json(&self) -> Json {
        let facts = &self.gathered.facts;
        let subscriptions = self.subscriptions.iter().map(|subscription| {
            Json::Object(vec![
                ("id", Json::text(&subscription.id)),
                ("name", subscription.name.as_deref().into()),
                ("known", told::counts_json(&of(facts, &subscription.id))),
            ])
        });
        let whole = facts.whole.iter().flatten().map(whole_json);
        Json::Object(vec![
            ("taken", Json::text(instant::iso(self.taken))),
            ("snapshot", Json::text(&self.stored.hash)),
            ("credential", self.method.map(Method::name).into()),
            ("subscriptions", Json::List(subscriptions.collect())),
            (
                "lists",
                Json::List(self.gathered.lists.iter().map(list_json).collect()),
            ),
            ("whole", Json::List(whole.collect())),
            ("known", told::counts_json(facts)),
        ])
    }
}

/// What is known of one subscription.
fn of(facts: &FactSet, subscription: &str) -> FactSet {
    let own = facts.resources.iter().filter(|resource| {
        let held = resource.id.subscription();
        held.is_some_and(|held| held.eq_ignore_ascii_case(subscription))
    });
    FactSet {
        resources: own.cloned().collect(),
        ..FactSet::default()
    }
}

fn list_json(list: &List) -> Json {
    let failure = list.failure.as_ref().map(|(text, _)| text.as_str());
    Json::Object(vec![
        ("subscription", Json::text(&list.subscription)),
        ("list", Json::text(&list.name)),
        ("resources", list.resources.into()),
        (
            "problems",
            Json::List(list.problems.iter().map(told::problem_json).collect()),
        ),
        ("failure", failure.into()),
    ])
}

fn whole_json(whole: &Whole) -> Json {
    Json::Object(vec![
        ("type", Json::text(&whole.kind)),
        ("subscription", Json::text(&whole.subscription)),
        ("resource_group", whole.group.as_deref().into()),
    ])
}
