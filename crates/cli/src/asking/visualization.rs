//! What `render` says of an answer, as the whole object that Kusto gives: also what was not said.

use kql::bound::Rendering;
use serde_json::{Value, json};

/// What a property of a drawing is, where it is said.
#[derive(Clone, Copy)]
enum Property {
    Text,
    Names,
    Truth,
    /// A number, or that there is none.
    Number,
    /// A number or a time.
    Bound,
}

/// All properties, in the order in which they are written.
const PROPERTIES: [(&str, Property); 18] = [
    ("Title", Property::Text),
    ("XColumn", Property::Text),
    ("Series", Property::Names),
    ("YColumns", Property::Names),
    ("AnomalyColumns", Property::Names),
    ("XTitle", Property::Text),
    ("YTitle", Property::Text),
    ("XAxis", Property::Text),
    ("YAxis", Property::Text),
    ("Legend", Property::Text),
    ("YSplit", Property::Text),
    ("Accumulate", Property::Truth),
    ("IsQuerySorted", Property::Truth),
    ("Kind", Property::Text),
    ("Ymin", Property::Number),
    ("Ymax", Property::Number),
    ("Xmin", Property::Bound),
    ("Xmax", Property::Bound),
];

/// All of what `render` says, as the text of an object.
pub(super) fn visualization(rendering: Option<&Rendering>) -> String {
    let kind = rendering.map(|rendering| rendering.kind.as_str());
    let mut text = format!("{{\"Visualization\":{}", json!(kind));
    let said = |name: &str| {
        let properties = &rendering?.properties;
        let found = properties
            .iter()
            .rfind(|(held, _)| held.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    for (name, property) in PROPERTIES {
        text.push_str(&format!(",\"{name}\":{}", value(property, said(name))));
    }
    text.push('}');
    text
}

fn value(property: Property, said: Option<&str>) -> Value {
    let number = |said: &str| said.parse::<f64>().ok().filter(|number| number.is_finite());
    match (property, said) {
        (Property::Truth, said) => json!(said.is_some_and(|said| said.eq_ignore_ascii_case("true"))),
        (Property::Number, said) => said
            .and_then(number)
            .map_or_else(|| json!("NaN"), |number| json!(number)),
        (_, None) => Value::Null,
        (Property::Names, Some(said)) => json!(said.split(',').map(str::trim).collect::<Vec<_>>()),
        (Property::Bound, Some(said)) => number(said).map_or_else(|| json!(said), |number| json!(number)),
        (Property::Text, Some(said)) => json!(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: &str, properties: &[(&str, &str)]) -> Value {
        let rendering = Rendering {
            kind: kind.to_owned(),
            properties: properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        serde_json::from_str(&visualization(Some(&rendering))).unwrap()
    }

    #[test]
    fn all_properties_are_written() {
        assert_eq!(
            visualization(None),
            concat!(
                r#"{"Visualization":null,"Title":null,"XColumn":null,"Series":null,"YColumns":null,"AnomalyColumns":null,"#,
                r#""XTitle":null,"YTitle":null,"XAxis":null,"YAxis":null,"Legend":null,"YSplit":null,"Accumulate":false,"#,
                r#""IsQuerySorted":false,"Kind":null,"Ymin":"NaN","Ymax":"NaN","Xmin":null,"Xmax":null}"#
            )
        );
        let drawn = seen(
            "timechart",
            &[
                ("title", "a \"b\""),
                ("ycolumns", "a, b"),
                ("accumulate", "true"),
                ("ymin", "-1.5"),
                ("xmax", "2026-02-16"),
            ],
        );
        assert_eq!(drawn["Visualization"], "timechart");
        assert_eq!(
            (&drawn["Title"], &drawn["YColumns"]),
            (&json!("a \"b\""), &json!(["a", "b"]))
        );
        assert_eq!(
            (&drawn["Accumulate"], &drawn["Ymin"]),
            (&json!(true), &json!(-1.5))
        );
        assert_eq!(drawn["Xmax"], "2026-02-16");
    }
}
