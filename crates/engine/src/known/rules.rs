//! What rules do to flows: `nsg_verdict` and `nsg_rule`, over columns of a batch. Flows of a batch are judged interface by
//! interface, so that each evaluator is found once.

use std::sync::Arc;

use ahash::AHashMap;
use arrow_array::{Array as _, StringViewArray, UInt32Array};
use arrow_schema::DataType;
use arrow_select::take::take;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use kql::ScalarType;
use kql::values::{TICKS_PER_MICROSECOND, UNIX_EPOCH_TICKS};
use kqlfn::{Call, Column, Computed, Refusal};
use model::Direction;
use nsg::{Decision, Flow, Guard, RulePlace, Verdict};

use super::Epochs;
use super::flows::{Flows, Texts};
use super::guards::{Finder, Key, Reporters};

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

/// A row that no evaluator is asked about.
const NOBODY: u32 = u32::MAX;

/// The texts that a batch gives, each once. The first is that of rows that no rule decides.
struct Told {
    held: Vec<String>,
    of_guard: AHashMap<RulePlace, u32>,
    rows: Vec<u32>,
}

impl Told {
    fn new(first: &str, rows: usize) -> Self {
        Self {
            held: vec![first.to_owned()],
            of_guard: AHashMap::new(),
            rows: vec![0; rows],
        }
    }

    fn add(&mut self, text: String) -> u32 {
        let at = u32::try_from(self.held.len()).unwrap_or_default();
        self.held.push(text);
        at
    }

    /// The rule's group and name, as logs and tables spell them.
    fn rule(&mut self, guard: &Guard, reporters: Option<&Reporters>, place: RulePlace) -> u32 {
        if let Some(at) = self.of_guard.get(&place) {
            return *at;
        }
        let Some(held) = guard.rule(place) else { return 0 };
        let group = held.owner.as_ref().map(|owner| {
            let called = reporters.and_then(|held| held.called.get(owner));
            called.cloned().unwrap_or_else(|| owner.key())
        });
        let name = held.rule.name.to_ascii_lowercase();
        let at = self.add(format!("{}/{name}", group.unwrap_or_default()));
        self.of_guard.insert(place, at);
        at
    }

    fn put(&mut self, row: usize, text: u32) {
        if let Some(held) = self.rows.get_mut(row) {
            *held = text;
        }
    }

    /// As a column: rows share their texts.
    fn column(self, bytes_max: usize) -> Computed {
        let length = |at: &u32| self.held.get(*at as usize).map_or(0, String::len);
        if self.rows.iter().map(length).sum::<usize>() > bytes_max {
            return Err(Refusal::too_large());
        }
        let texts = StringViewArray::from_iter_values(&self.held);
        let spread = take(&texts, &UInt32Array::from(self.rows), None);
        spread.map_err(|error| Refusal::new(error.to_string()))
    }
}

/// Rows by the evaluator that they ask.
struct Asked {
    keys: Vec<Key>,
    /// Row by row the place of its key.
    of_rows: Vec<u32>,
}

impl Asked {
    fn of(
        finder: &Finder<'_>,
        macs: &Texts<'_>,
        rows: usize,
        place: impl Fn(usize) -> Option<usize>,
    ) -> Result<Self, Refusal> {
        let mut asked = Self {
            keys: Vec::new(),
            of_rows: Vec::with_capacity(rows),
        };
        let mut known: AHashMap<(usize, &str), u32> = AHashMap::new();
        let mut places: AHashMap<Key, u32> = AHashMap::new();
        // Lines of one interface often stand together.
        let mut last: Option<((usize, &str), u32)> = None;
        for row in 0..rows {
            let Some(place) = place(row) else {
                asked.of_rows.push(NOBODY);
                continue;
            };
            let question = (place, macs.get(row));
            let at = match last.filter(|(same, _)| *same == question) {
                Some((_, at)) => at,
                None => match known.get(&question) {
                    Some(at) => *at,
                    None => {
                        let at = match finder.key(place, question.1)? {
                            None => NOBODY,
                            Some(key) => *places.entry(key).or_insert_with(|| asked.take(key)),
                        };
                        known.insert(question, at);
                        at
                    }
                },
            };
            last = Some((question, at));
            asked.of_rows.push(at);
        }
        Ok(asked)
    }

    fn take(&mut self, key: Key) -> u32 {
        let at = u32::try_from(self.keys.len()).unwrap_or(NOBODY);
        self.keys.push(key);
        at
    }

    /// The rows of each key, key after key: an evaluator is found once, and stays in the processor's caches.
    fn by_key(&self) -> Vec<(Key, Vec<u32>)> {
        let mut counts = vec![0_usize; self.keys.len()];
        let count_of = |counts: &mut Vec<usize>, at: u32| {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        };
        self.of_rows.iter().for_each(|at| count_of(&mut counts, *at));
        let mut rows: Vec<(Key, Vec<u32>)> = self
            .keys
            .iter()
            .zip(counts)
            .map(|(key, count)| (*key, Vec::with_capacity(count)))
            .collect();
        for (row, at) in (0_u32..).zip(&self.of_rows) {
            if let Some((_, rows)) = rows.get_mut(*at as usize) {
                rows.push(row);
            }
        }
        rows
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
    let mut finder = Finder::new(epochs);
    let flows = Flows::of(call);
    let asked = Asked::of(&finder, &flows.macs, call.rows, |row| {
        version.or_else(|| place(epochs, call, row))
    })?;
    let mut told = Told::new(if wants_rule { "" } else { word(Decision::Unknown) }, call.rows);
    let words = [Decision::Allowed, Decision::Denied, Decision::NotGoverned];
    let words = words.map(|decision| (decision, told.add(word(decision).to_owned())));
    for (key, rows) in asked.by_key() {
        let Some(guard) = finder.guard(key)? else {
            continue;
        };
        let reporters = finder.reporters(key.0)?;
        told.of_guard.clear();
        let mut judge = Judge::new(&guard);
        for row in rows.into_iter().map(|row| row as usize) {
            let Some(verdict) = flows.at(row).and_then(|asked| judge.verdict(asked)) else {
                continue;
            };
            let text = if wants_rule {
                verdict.by.map_or(0, |place| told.rule(&guard, reporters, place))
            } else {
                let mut words = words.iter();
                let word = words.find(|(decision, _)| *decision == verdict.decision);
                word.map_or(0, |(_, at)| *at)
            };
            told.put(row, text);
        }
    }
    told.column(call.bytes_max)
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

/// One evaluator, asked about many flows.
struct Judge<'g> {
    guard: &'g Guard,
    /// The source ports at which rules may begin to say something else; none where there are too many.
    turns: [Option<Option<Vec<u16>>>; 2],
}

impl<'g> Judge<'g> {
    const fn new(guard: &'g Guard) -> Self {
        Self {
            guard,
            turns: [None, None],
        }
    }

    fn verdict(&mut self, (flow, source_port): (Flow, Option<i64>)) -> Option<Verdict> {
        match source_port {
            Some(port) => {
                let source_port = u16::try_from(port).ok()?;
                Some(self.guard.judge(&Flow { source_port, ..flow }))
            }
            None if flow.has_ports() => self.at_any_port(&flow),
            None => Some(self.guard.judge(&flow)),
        }
    }

    /// What holds whatever the source port is: it is asked at each port from which on rules may say something else.
    fn at_any_port(&mut self, flow: &Flow) -> Option<Verdict> {
        let guard = self.guard;
        let [inbound, outbound] = &mut self.turns;
        let turns = match flow.direction {
            Direction::Inbound => inbound,
            Direction::Outbound => outbound,
        };
        let turns = turns.get_or_insert_with(|| turns_of(guard, flow.direction));
        let verdicts = turns.as_ref()?.iter().map(|source_port| {
            guard.judge(&Flow {
                source_port: *source_port,
                ..*flow
            })
        });
        verdicts.map(Some).reduce(|left, right| {
            let (left, right) = left.zip(right)?;
            (left.decision == right.decision).then(|| Verdict {
                decision: left.decision,
                by: left.by.filter(|by| right.by == Some(*by)),
            })
        })?
    }
}

fn turns_of(guard: &Guard, direction: Direction) -> Option<Vec<u16>> {
    // The licensing service is a tag with a port of its own.
    let mut ports = vec![0, 1688, 1689];
    for level in guard.levels().in_order(direction) {
        let rules = level.rules.iter();
        for held in rules.filter(|held| held.rule.direction == direction) {
            for range in &held.rule.source.ports {
                ports.push(range.first);
                ports.extend(range.last.checked_add(1));
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    (ports.len() <= PORTS_MAX).then_some(ports)
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
