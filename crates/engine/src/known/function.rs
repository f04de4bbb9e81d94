//! The functions over facts as the query library calls them: columns of a batch in, a structure of columns out.

use std::net::IpAddr;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Int64Array, StringViewArray, StructArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use enrich::{Ends, Origin, Origins, Repeated, Talk};
use model::facts::Mac;

use super::Epochs;

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

/// The two ends, and what their columns begin with.
type Side = (&'static str, fn(&Origins) -> &Origin);

const SIDES: [Side; 2] = [
    ("Src", |origins| &origins.source),
    ("Dest", |origins| &origins.destination),
];

/// What is asked of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Who the ends are.
    Ends,
    /// Where they are.
    Origins,
}

impl Asked {
    const fn name(self) -> &'static str {
        match self {
            Self::Ends => "flow_known",
            Self::Origins => "flow_origins",
        }
    }

    fn fields(self) -> Vec<Field> {
        let text = |name: &str| Field::new(name, DataType::Utf8View, false);
        match self {
            Self::Ends => {
                let texts = TEXTS.iter().map(|(name, _)| text(name));
                texts.chain([Field::new(HOP, DataType::Boolean, false)]).collect()
            }
            Self::Origins => {
                let of_side = |(side, _)| {
                    [
                        text(&format!("{side}Country")),
                        Field::new(format!("{side}Asn"), DataType::Int64, true),
                        text(&format!("{side}AsnName")),
                    ]
                };
                SIDES.into_iter().flat_map(of_side).collect()
            }
        }
    }

    /// True if it gives a column of this name.
    pub(super) fn has(self, name: &str) -> bool {
        self.fields().iter().any(|field| field.name() == name)
    }
}

/// A function over facts.
#[derive(Debug)]
pub(super) struct Known {
    name: String,
    asked: Asked,
    signature: Signature,
    fields: Fields,
    epochs: Arc<Epochs>,
}

impl Known {
    pub(super) fn new(asked: Asked, epochs: &Arc<Epochs>) -> Self {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let text = || DataType::Utf8View;
        Self {
            name: format!("{}:{}", asked.name(), epochs.facts.version),
            asked,
            signature: Signature::exact(
                vec![text(), instant, text(), text(), text(), text()],
                Volatility::Immutable,
            ),
            fields: asked.fields().into(),
            epochs: Arc::clone(epochs),
        }
    }

    /// Who the ends of flows are.
    fn ends(&self, rows: &Rows<'_>) -> Result<Vec<ArrayRef>> {
        let repeated = rows.answered(&self.epochs, |(epoch, asked)| {
            let part = self.epochs.part(*epoch)?;
            Ok(part.index.ends(&talk(*asked), &part.threats))
        })?;
        let answers = &repeated.answers;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.fields.len());
        for (_, of) in TEXTS {
            columns.push(Arc::new(StringViewArray::from_iter_values(
                answers.iter().map(of),
            )));
        }
        let hops: BooleanArray = answers.iter().map(|ends| Some(ends.is_hop)).collect();
        columns.push(Arc::new(hops));
        spread(&columns, repeated.places)
    }

    /// Where they are.
    fn origins(&self, rows: &Rows<'_>) -> Result<Vec<ArrayRef>> {
        let repeated = rows.answered(&self.epochs, |(epoch, asked)| {
            let databases = self.epochs.databases(*epoch)?;
            let part = self.epochs.part(*epoch)?;
            Ok(part.index.origins(&talk(*asked), databases))
        })?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.fields.len());
        for (_, side) in SIDES {
            let origins = || repeated.answers.iter().map(side);
            let texts = |of: fn(&Origin) -> &str| StringViewArray::from_iter_values(origins().map(of));
            let numbers: Int64Array = origins().map(|origin| origin.asn.map(i64::from)).collect();
            columns.push(Arc::new(texts(|origin| &origin.country)));
            columns.push(Arc::new(numbers));
            columns.push(Arc::new(texts(|origin| &origin.asn_name)));
        }
        spread(&columns, repeated.places)
    }
}

/// Answers as columns, given to the rows that asked.
fn spread(columns: &[ArrayRef], places: Vec<u32>) -> Result<Vec<ArrayRef>> {
    let places = UInt32Array::from(places);
    let spread = columns.iter();
    let spread = spread.map(|column| Ok(arrow_select::take::take(column, &places, None)?));
    spread.collect()
}

/// The arguments of a call.
struct Rows<'r> {
    macs: &'r StringViewArray,
    times: &'r TimestampMicrosecondArray,
    directions: &'r StringViewArray,
    sources: &'r StringViewArray,
    destinations: &'r StringViewArray,
    targets: &'r StringViewArray,
}

/// What a row asks: the time by its place among the facts, and the reporter, the direction, both addresses and the log's target.
type Question<'r> = (usize, [&'r str; 5]);

impl Rows<'_> {
    fn answered<A>(
        &self,
        epochs: &Epochs,
        answer: impl Fn(&Question<'_>) -> Result<A>,
    ) -> Result<Repeated<A>> {
        let questions = (0..self.times.len()).map(|row| {
            let asked = [
                self.macs,
                self.directions,
                self.sources,
                self.destinations,
                self.targets,
            ];
            (
                epochs.place(self.times.value(row)),
                asked.map(|column| value(column, row)),
            )
        });
        Repeated::of::<_, DataFusionError>(questions, answer)
    }
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
        let [macs, times, directions, sources, destinations, targets] = columns.as_slice() else {
            return exec_err!("`{}` takes six arguments", self.name);
        };
        let Some(times) = times.as_primitive_opt::<TimestampMicrosecondType>() else {
            return exec_err!("`{}` takes a time", self.name);
        };
        let rows = Rows {
            macs: macs.as_string_view(),
            times,
            directions: directions.as_string_view(),
            sources: sources.as_string_view(),
            destinations: destinations.as_string_view(),
            targets: targets.as_string_view(),
        };
        let columns = match self.asked {
            Asked::Ends => self.ends(&rows)?,
            Asked::Origins => self.origins(&rows)?,
        };
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

fn talk<'t>([mac, direction, source, destination, target]: [&'t str; 5]) -> Talk<'t> {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    Talk {
        mac: Mac::parse(mac),
        is_inbound: direction == "Inbound",
        source: address(source),
        destination: address(destination),
        target,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::{Facts, FactsSnapshot};

    /// Two networks with one address space.
    fn facts() -> Facts {
        let network = |name: &str| {
            format!(
                r#"{{"id":"{}","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}}}}"#,
                id(name)
            )
        };
        let text = format!("[{},{}]", network("a"), network("b"));
        let reading = inventory::read(text.as_bytes()).unwrap();
        Facts::new(vec![FactsSnapshot {
            taken: 0,
            hash: "one".to_owned(),
            text: serde_json::to_vec(&reading.facts).unwrap().into(),
        }])
    }

    fn id(network: &str) -> String {
        format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/{network}")
    }

    #[test]
    fn what_the_flow_log_is_enabled_on_is_asked_too() {
        let known = Known::new(Asked::Ends, &Arc::new(Epochs::of(&facts())));
        let same = |text: &str| StringViewArray::from(vec![text; 3]);
        let targets = [Some(id("a")), None, Some(id("b"))];
        let columns = known
            .ends(&Rows {
                macs: &same("00-0D-3A-00-00-01"),
                times: &TimestampMicrosecondArray::from(vec![1; 3]),
                directions: &same("Outbound"),
                sources: &same("10.0.0.4"),
                destinations: &same("10.0.0.5"),
                targets: &targets.iter().map(Option::as_deref).collect(),
            })
            .unwrap();
        let kinds: Vec<_> = columns
            .first()
            .unwrap()
            .as_string_view()
            .iter()
            .flatten()
            .collect();
        assert_eq!(kinds, ["IntraVNet", "Unknown", "IntraVNet"]);
    }
}
