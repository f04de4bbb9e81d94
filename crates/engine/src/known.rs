//! What facts say of a flow's ends: names, networks, kinds of traffic, as of the flow's own time.
//!
//! The function is called `flow_known` and the version of the facts; a version is never of other facts, so a plan that
//! travels means the same wherever they are loaded.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array as _, ArrayRef, BooleanArray, StringViewArray, StructArray, UInt32Array};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use bytes::Bytes;
use datafusion::common::{DataFusionError, Result, exec_datafusion_err, exec_err};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use enrich::{Ends, Part, Snapshot, Talk, Timeline};
use model::facts::Mac;

/// What a flow's ends are known by, in the order of the function's arguments.
pub(crate) const ARGUMENTS: [&str; 5] = ["MacAddress", "TimeGenerated", "FlowDirection", "SrcIp", "DestIp"];

/// A column of texts, and where its text is.
type Text = (&'static str, fn(&Ends) -> &str);

const TEXTS: [Text; 20] = [
    ("FlowType", |ends| ends.flow_type.as_str()),
    ("SrcVm", |ends| &ends.source.machine),
    ("DestVm", |ends| &ends.destination.machine),
    ("SrcNic", |ends| &ends.source.interface),
    ("DestNic", |ends| &ends.destination.interface),
    ("SrcMacAddress", |ends| &ends.source.mac_address),
    ("DestMacAddress", |ends| &ends.destination.mac_address),
    ("SrcSubnet", |ends| &ends.source.subnet),
    ("DestSubnet", |ends| &ends.destination.subnet),
    ("SrcSubscription", |ends| &ends.source.subscription),
    ("DestSubscription", |ends| &ends.destination.subscription),
    ("SrcRegion", |ends| &ends.source.region),
    ("DestRegion", |ends| &ends.destination.region),
    ("SrcLoadBalancer", |ends| &ends.source.load_balancer),
    ("DestLoadBalancer", |ends| &ends.destination.load_balancer),
    ("SrcServiceTags", |ends| &ends.source.service_tags),
    ("DestServiceTags", |ends| &ends.destination.service_tags),
    ("AzureRegion", |ends| &ends.azure_region),
    ("ThreatType", |ends| &ends.threat_type),
    ("ThreatDescription", |ends| &ends.threat_description),
];

/// True for a flow that only passed through where it was logged.
const HOP: &str = "IsFlowCapturedAtUdrHop";

/// Facts over time, as they are kept beside the table. They are read when somebody asks for what they say.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    version: String,
    snapshots: Vec<FactsSnapshot>,
    timeline: Arc<OnceLock<std::result::Result<Timeline, String>>>,
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
        }
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
}

/// The function over facts.
#[derive(Debug)]
pub(crate) struct Known {
    name: String,
    signature: Signature,
    fields: Fields,
    facts: Facts,
    epochs: Vec<Epoch>,
    nothing: Part,
}

/// The function over facts, for a session.
pub(crate) fn function(facts: &Facts) -> Arc<ScalarUDF> {
    let times = facts.snapshots.iter().map(|held| Epoch {
        from: held.taken,
        part: OnceLock::new(),
    });
    let texts = TEXTS
        .iter()
        .map(|(name, _)| Field::new(*name, DataType::Utf8View, false));
    let hop = Field::new(HOP, DataType::Boolean, false);
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let text = || DataType::Utf8View;
    Arc::new(ScalarUDF::new_from_impl(Known {
        name: format!("flow_known:{}", facts.version),
        signature: Signature::exact(
            vec![text(), instant, text(), text(), text()],
            Volatility::Immutable,
        ),
        fields: texts.chain([hop]).collect(),
        facts: facts.clone(),
        epochs: times.collect(),
        nothing: Part::default(),
    }))
}

/// A column of what facts say; none if it is no such column.
pub(crate) fn column(function: &ScalarUDF, name: &str, stored: impl Fn(&str) -> Expr) -> Option<Expr> {
    let is_known = name == HOP || TEXTS.iter().any(|(held, _)| *held == name);
    is_known.then(|| get_field(function.call(ARGUMENTS.map(stored).to_vec()), name))
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Known {}

impl std::hash::Hash for Known {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Known {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields.clone()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let [macs, times, directions, sources, destinations] = columns.as_slice() else {
            return exec_err!("`{}` takes five arguments", self.name);
        };
        let Some(times) = times.as_primitive_opt::<TimestampMicrosecondType>() else {
            return exec_err!("`{}` takes a time", self.name);
        };
        let (macs, directions) = (macs.as_string_view(), directions.as_string_view());
        let (sources, destinations) = (sources.as_string_view(), destinations.as_string_view());
        let mut known: AHashMap<(usize, [&str; 4]), u32> = AHashMap::new();
        let mut ends: Vec<Ends> = Vec::new();
        let mut places = Vec::with_capacity(times.len());
        for row in 0..times.len() {
            let key = [
                value(macs, row),
                value(directions, row),
                value(sources, row),
                value(destinations, row),
            ];
            let epoch = self.epoch(times.value(row));
            let next = u32::try_from(ends.len()).unwrap_or(u32::MAX);
            let place = *known.entry((epoch, key)).or_insert(next);
            if place == next {
                let part = self.part(epoch)?;
                ends.push(part.index.ends(&talk(key), &part.threats));
            }
            places.push(place);
        }
        let places = UInt32Array::from(places);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.fields.len());
        for (_, of) in TEXTS {
            let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(ends.iter().map(of)));
            columns.push(arrow_select::take::take(&texts, &places, None)?);
        }
        let hops: BooleanArray = ends.iter().map(|ends| Some(ends.is_hop)).collect();
        columns.push(arrow_select::take::take(&hops, &places, None)?);
        let rows = StructArray::try_new(self.fields.clone(), columns, None)?;
        Ok(ColumnarValue::Array(Arc::new(rows)))
    }
}

fn value(column: &StringViewArray, row: usize) -> &str {
    match column.is_valid(row) {
        true => column.value(row),
        false => "",
    }
}

impl Known {
    /// The place of what was known at a time; before the first it is the first.
    fn epoch(&self, time: i64) -> usize {
        let behind = self.epochs.partition_point(|epoch| epoch.from <= time);
        behind.saturating_sub(1)
    }

    /// What was known then.
    fn part(&self, epoch: usize) -> Result<&Part> {
        let Some(epoch) = self.epochs.get(epoch) else {
            return Ok(&self.nothing);
        };
        let timeline = self.facts.timeline()?;
        let part = epoch
            .part
            .get_or_init(|| timeline.at(epoch.from).map(|(part, _)| part));
        Ok(part.as_ref().unwrap_or(&self.nothing))
    }
}

fn talk([mac, direction, source, destination]: [&str; 4]) -> Talk {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    Talk {
        mac: Mac::parse(mac),
        is_inbound: direction == "Inbound",
        source: address(source),
        destination: address(destination),
    }
}
