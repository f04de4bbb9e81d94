//! What facts say of a flow's ends, as of the flow's own time: names, networks, kinds of traffic, and where public addresses are.
//!
//! The functions are called `flow_known`, `flow_origins`, `nsg_verdict` and `nsg_rule`, and the version of the facts; a version is never of other facts,
//! so a plan that travels means the same wherever they are loaded. Databases of addresses are named in facts by their hash,
//! so a version is never of other databases either.

mod flows;
mod function;
mod guards;
mod rules;
mod version;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, ScalarUDF};
use enrich::{DatabaseError, Databases, Library, Part, Snapshot, Timeline};

use crate::error::EngineError;
use function::{Asked, Known};
use guards::{Kept, Reporters};
use rules::Judged;
pub(crate) use rules::Judging;

/// What a flow's ends are known by, in the order of the functions' arguments.
const ARGUMENTS: [&str; 6] = [
    "MacAddress",
    "TimeGenerated",
    "FlowDirection",
    "SrcIp",
    "DestIp",
    "TargetResourceId",
];

/// Facts over time, as they are kept beside the table. They are read when somebody asks for what they say.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    version: String,
    snapshots: Vec<FactsSnapshot>,
    timeline: Arc<OnceLock<std::result::Result<Timeline, String>>>,
    library: Library,
}

/// What was known from a time on.
#[derive(Clone, Debug)]
pub struct FactsSnapshot {
    /// When it was so, epoch microseconds.
    pub taken: i64,
    /// What tells it from others.
    pub hash: String,
    /// The facts as JSON.
    pub text: Bytes,
}

impl Facts {
    /// Facts, snapshot by snapshot. Their version is of what they hold.
    #[must_use]
    pub fn new(mut snapshots: Vec<FactsSnapshot>) -> Self {
        snapshots.sort_by(|left, right| (left.taken, &left.hash).cmp(&(right.taken, &right.hash)));
        let version = snapshots
            .iter()
            .map(|held| format!("{}-{}", held.taken, held.hash));
        Self {
            version: version.collect::<Vec<_>>().join("+"),
            snapshots,
            timeline: Arc::default(),
            library: Library::default(),
        }
    }

    /// The same facts, with the databases that they name. Those are opened when somebody asks for what they say.
    #[must_use]
    pub fn with_library(self, library: Library) -> Self {
        Self { library, ..self }
    }

    /// What they say, decoded when it is first asked for.
    pub(crate) fn timeline(&self) -> Result<&Timeline> {
        let timeline = self
            .timeline
            .get_or_init(|| self.decoded().map_err(|error| error.to_string()));
        timeline
            .as_ref()
            .map_err(|error| DataFusionError::Execution(error.clone()))
    }

    fn decoded(&self) -> Result<Timeline> {
        let snapshots = self.snapshots.iter().map(|held| {
            let facts = serde_json::from_slice(&held.text).map_err(|error| {
                exec_datafusion_err!("snapshot {} of the facts cannot be read: {error}", held.hash)
            })?;
            Ok(Snapshot {
                taken: held.taken,
                facts,
            })
        });
        Ok(Timeline::of(snapshots.collect::<Result<_>>()?))
    }
}

/// What was known between two times.
#[derive(Debug)]
struct Epoch {
    from: i64,
    part: OnceLock<Option<Part>>,
    databases: OnceLock<std::result::Result<Databases, DatabaseError>>,
    reporters: OnceLock<Reporters>,
}

/// What was known, time by time. Nothing of it is made before somebody asks.
#[derive(Debug, Default)]
struct Epochs {
    facts: Facts,
    held: Vec<Epoch>,
    nothing: Part,
    nowhere: Databases,
    /// The evaluators of interfaces, of all times.
    guards: Kept,
}

impl Epochs {
    fn of(facts: &Facts) -> Self {
        let held = facts.snapshots.iter().map(|held| Epoch {
            from: held.taken,
            part: OnceLock::new(),
            databases: OnceLock::new(),
            reporters: OnceLock::new(),
        });
        Self {
            held: held.collect(),
            facts: facts.clone(),
            ..Self::default()
        }
    }

    /// The place of what was known at a time; before the first it is the first.
    fn place(&self, time: i64) -> usize {
        let behind = self.held.partition_point(|epoch| epoch.from <= time);
        behind.saturating_sub(1)
    }

    /// What was known then.
    fn part(&self, place: usize) -> Result<&Part> {
        let Some(epoch) = self.held.get(place) else {
            return Ok(&self.nothing);
        };
        let timeline = self.facts.timeline()?;
        let part = epoch
            .part
            .get_or_init(|| timeline.at(epoch.from).map(|(part, _)| part));
        Ok(part.as_ref().unwrap_or(&self.nothing))
    }

    /// The databases that were loaded then.
    fn databases(&self, place: usize) -> Result<&Databases> {
        let Some(epoch) = self.held.get(place) else {
            return Ok(&self.nowhere);
        };
        let part = self.part(place)?;
        let databases = epoch.databases.get_or_init(|| self.facts.library.of(&part.facts));
        let failed = |error: &DatabaseError| DataFusionError::External(Box::new(error.clone()));
        databases.as_ref().map_err(failed)
    }
}

/// What a database that cannot be used means for who asked; none if it is another failure.
pub(crate) fn unusable(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<EngineError> {
    let error = error.downcast_ref::<DatabaseError>()?;
    Some(EngineError::Failed {
        message: error.to_string(),
        advice: Some(error.hint().to_owned()),
    })
}

/// The functions over facts, for a session.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    ends: Arc<ScalarUDF>,
    origins: Arc<ScalarUDF>,
    verdict: Arc<ScalarUDF>,
    rule: Arc<ScalarUDF>,
    judging: Judging,
}

impl Functions {
    pub(crate) fn of(facts: &Facts) -> Self {
        let epochs = Arc::new(Epochs::of(facts));
        let function = |asked| Arc::new(ScalarUDF::new_from_impl(Known::new(asked, &epochs)));
        let judged = |name| Arc::new(ScalarUDF::new_from_impl(Judged::new(name, &epochs)));
        Self {
            ends: function(Asked::Ends),
            origins: function(Asked::Origins),
            verdict: judged("nsg_verdict"),
            rule: judged("nsg_rule"),
            judging: Judging::of(&epochs),
        }
    }

    pub(crate) fn all(&self) -> [Arc<ScalarUDF>; 4] {
        [&self.ends, &self.origins, &self.verdict, &self.rule].map(Arc::clone)
    }

    /// The function of KQL that asks facts; none if it is another.
    pub(crate) fn judged(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        match name {
            "nsg_verdict" => Some(Arc::clone(&self.verdict)),
            "nsg_rule" => Some(Arc::clone(&self.rule)),
            _ => None,
        }
    }

    /// The same for columns in memory.
    pub(crate) const fn judging(&self) -> &Judging {
        &self.judging
    }

    /// A column of what facts say; none if it is no such column.
    pub(crate) fn column(&self, name: &str, stored: impl Fn(&str) -> Expr) -> Option<Expr> {
        let functions = [(Asked::Ends, &self.ends), (Asked::Origins, &self.origins)];
        let mut known = functions.into_iter().filter(|(asked, _)| asked.has(name));
        let (_, function) = known.next()?;
        Some(get_field(function.call(ARGUMENTS.map(stored).to_vec()), name))
    }
}
