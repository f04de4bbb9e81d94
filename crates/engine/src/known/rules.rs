//! What rules do to flows: `nsg_verdict` and `nsg_rule`, over columns of a batch. Flows of a batch are judged interface by
//! interface, so that each evaluator is found once.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use ahash::AHashMap;
use arrow_array::Array as _;
use arrow_schema::DataType;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use kql::ScalarType;
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqlfn::{Call, Column, Computed, Refusal};
use model::Direction;
use model::protocols::protocol_number;
use nsg::{Decision, Flow, Guard, RulePlace, Verdict};

use super::Epochs;
use super::guards::Finder;

/// The arguments, by their places.
const TIME: usize = 1;
const VERSION: usize = 8;

/// A flow whose source port is not said is judged at so many ports at most.
const PORTS_MAX: usize = 512;

/// What the functions answer from, for columns in memory.
#[derive(Clone, Debug)]
pub(crate) struct Judging(Arc<Epochs>);

impl Judging {
    pub(super) fn of(epochs: &Arc<Epochs>) -> Self {
        Self(Arc::clone(epochs))
    }

    /// What a function gives; none where no facts are loaded.
    pub(crate) fn answer(&self, name: &str, call: &Call<'_>) -> Option<Computed> {
        (!self.0.held.is_empty()).then(|| answer(&self.0, name, call))
    }
}

/// What the query library says in our words.
pub(super) fn refusal(error: DataFusionError) -> Refusal {
    match error {
        DataFusionError::Execution(message) => Refusal::new(message),
        error => Refusal::new(error.to_string()),
    }
}

/// What came of a flow: the decision, and the place of the rule's name among those of the batch.
type Answer = (Decision, Option<usize>);

/// The names of rules that decided in a batch.
#[derive(Default)]
struct Names {
    held: Vec<String>,
    of_guard: AHashMap<RulePlace, usize>,
}

impl Names {
    fn place(&mut self, guard: &Guard, place: RulePlace) -> Option<usize> {
        if let Some(at) = self.of_guard.get(&place) {
            return Some(*at);
        }
        let rule = guard.rule(place)?;
        let group = rule.owner.as_ref().map(model::facts::ArmId::key);
        let name = rule.rule.name.to_ascii_lowercase();
        self.held.push(format!("{}/{name}", group.unwrap_or_default()));
        let at = self.held.len() - 1;
        self.of_guard.insert(place, at);
        Some(at)
    }
}

fn answer(epochs: &Epochs, name: &str, call: &Call<'_>) -> Computed {
    let wants_rule = name == "nsg_rule";
    // It is one literal for all rows, in whichever form it comes.
    let version = call.column(VERSION);
    let version = version.filter(|held| held.is_constant || call.rows > 0);
    let version = match version {
        Some(version) => Some(epochs.version(&version.cell(0).text())?),
        None => None,
    };
    let mut interfaces: AHashMap<(usize, Cow<'_, str>), Vec<usize>> = AHashMap::new();
    for row in 0..call.rows {
        let Some(place) = version.or_else(|| place(epochs, call, row)) else {
            continue;
        };
        let interface = interfaces.entry((place, call.text(0, row)));
        interface.or_default().push(row);
    }
    let mut finder = Finder::new(epochs);
    let mut names = Names::default();
    let mut answers: Vec<Answer> = vec![(Decision::Unknown, None); call.rows];
    for ((place, mac), rows) in interfaces {
        let Some(guard) = finder.guard(place, &mac)? else {
            continue;
        };
        names.of_guard.clear();
        for row in rows {
            let verdict = judged(&guard, call, row);
            let rule = verdict.by.filter(|_| wants_rule);
            let rule = rule.and_then(|place| names.place(&guard, place));
            if let Some(answer) = answers.get_mut(row) {
                *answer = (verdict.decision, rule);
            }
        }
    }
    call.strings(|row| {
        let (decision, rule) = answers.get(row).copied().unwrap_or((Decision::Unknown, None));
        match (wants_rule, rule) {
            (true, Some(at)) => names.held.get(at).map(String::as_str).unwrap_or_default(),
            (true, None) => "",
            (false, _) => word(decision),
        }
    })
}

const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "Allowed",
        Decision::Denied => "Denied",
        Decision::NotGoverned => "NotGoverned",
        Decision::Unknown => "Unknown",
    }
}

/// What was known at the flow's time, by its place.
fn place(epochs: &Epochs, call: &Call<'_>, row: usize) -> Option<usize> {
    let ticks = call.ticks(TIME, row)?;
    let micros = (ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_MICROSECOND);
    Some(epochs.place(micros))
}

fn judged(guard: &Guard, call: &Call<'_>, row: usize) -> Verdict {
    let unknown = Verdict {
        decision: Decision::Unknown,
        by: None,
    };
    let Some(flow) = flow(call, row) else {
        return unknown;
    };
    match call.long(4, row) {
        Some(port) => match u16::try_from(port) {
            Ok(source_port) => guard.judge(&Flow { source_port, ..flow }),
            Err(_) => unknown,
        },
        None if flow.has_ports() => at_any_port(guard, &flow).unwrap_or(unknown),
        None => guard.judge(&flow),
    }
}

/// The flow of a row, without its source port; none where something of it cannot be read.
fn flow(call: &Call<'_>, row: usize) -> Option<Flow> {
    let address = |at| call.text(at, row).parse::<IpAddr>().ok();
    let protocol = protocol(&call.text(7, row))?;
    let destination_port = match call.long(6, row) {
        Some(port) => u16::try_from(port).ok()?,
        // Others have none.
        None if !matches!(protocol, 6 | 17) => 0,
        None => return None,
    };
    Some(Flow {
        direction: direction(&call.text(2, row))?,
        protocol,
        source: address(3)?,
        source_port: 0,
        destination: address(5)?,
        destination_port,
    })
}

/// As in `Flows`, or a letter as logs and old tables have it.
fn direction(text: &str) -> Option<Direction> {
    match text {
        "I" | "i" => Some(Direction::Inbound),
        "O" | "o" => Some(Direction::Outbound),
        text => Direction::from_text(text),
    }
}

fn protocol(text: &str) -> Option<u8> {
    match text {
        "TCP" | "T" => Some(6),
        "UDP" | "U" => Some(17),
        text => text.parse().ok().or_else(|| protocol_number(text)),
    }
}

/// What holds whatever the source port is: it is asked at each port from which on rules may say something else.
fn at_any_port(guard: &Guard, flow: &Flow) -> Option<Verdict> {
    // The licensing service is a tag with a port of its own.
    let mut ports = vec![0, 1688, 1689];
    for level in guard.levels().in_order(flow.direction) {
        let rules = level.rules.iter();
        for held in rules.filter(|held| held.rule.direction == flow.direction) {
            for range in &held.rule.source.ports {
                ports.push(range.first);
                ports.extend(range.last.checked_add(1));
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    if ports.len() > PORTS_MAX {
        return None;
    }
    let verdicts = ports
        .into_iter()
        .map(|source_port| guard.judge(&Flow { source_port, ..*flow }));
    verdicts.map(Some).reduce(|left, right| {
        let (left, right) = left.zip(right)?;
        (left.decision == right.decision).then(|| Verdict {
            decision: left.decision,
            by: left.by.filter(|by| right.by == Some(*by)),
        })
    })?
}

/// One of the functions as the query library calls it.
#[derive(Debug)]
pub(super) struct Judged {
    name: String,
    function: &'static str,
    signature: Signature,
    epochs: Arc<Epochs>,
}

impl Judged {
    pub(super) fn new(function: &'static str, epochs: &Arc<Epochs>) -> Self {
        let ways = vec![TypeSignature::Any(VERSION), TypeSignature::Any(VERSION + 1)];
        Self {
            name: format!("{function}:{}", epochs.facts.version),
            function,
            signature: Signature::one_of(ways, Volatility::Immutable),
            epochs: Arc::clone(epochs),
        }
    }
}

impl PartialEq for Judged {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Judged {}

impl std::hash::Hash for Judged {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Judged {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = args.args.iter().enumerate().map(|(at, value)| {
            let kind = kind(at, &value.data_type());
            Ok(match value {
                ColumnarValue::Array(array) => Column::new(kind, Arc::clone(array)),
                ColumnarValue::Scalar(scalar) => Column::constant(kind, scalar.to_array()?),
            })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let is_constant = columns.iter().all(|column| column.is_constant);
        let call = Call {
            arguments: &columns,
            rows: if is_constant { 1 } else { args.number_rows },
            gives: ScalarType::String,
            bytes_max: usize::MAX,
        };
        let array = answer(&self.epochs, self.function, &call)
            .map_err(|refusal| DataFusionError::Execution(refusal.message))?;
        if is_constant && array.len() == 1 {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// What an argument is to KQL.
const fn kind(at: usize, held: &DataType) -> ScalarType {
    match held {
        _ if at == TIME => ScalarType::Datetime,
        DataType::Int32 => ScalarType::Int,
        DataType::Int64 => ScalarType::Long,
        _ => ScalarType::String,
    }
}
