//! The properties of `render`: `with (title = …, ycolumns = …)`.

use kql::bound::Rendering;

use crate::{NotDrawn, Stacking};

/// What was said of the picture.
#[derive(Default)]
pub(crate) struct Properties<'r> {
    pub(crate) title: Option<&'r str>,
    pub(crate) x_title: Option<&'r str>,
    pub(crate) y_title: Option<&'r str>,
    pub(crate) x_column: Option<&'r str>,
    pub(crate) y_columns: Vec<&'r str>,
    pub(crate) series: Vec<&'r str>,
    pub(crate) odd_columns: Vec<&'r str>,
    pub(crate) is_x_log: bool,
    pub(crate) is_y_log: bool,
    pub(crate) y_least: Option<f64>,
    pub(crate) y_most: Option<f64>,
    pub(crate) stacking: Option<Stacking>,
    pub(crate) is_map: bool,
    pub(crate) accumulates: bool,
    pub(crate) hides_legend: bool,
    pub(crate) is_split: bool,
    /// Names that `render` has not.
    pub(crate) unknown: Vec<&'r str>,
    /// Names that it has, and that no drawing follows.
    pub(crate) unused: Vec<&'r str>,
}

/// The names that say something of a still picture, for messages.
pub(crate) const NAMES: &str = "title, xtitle, ytitle, xcolumn, ycolumns, series, anomalycolumns, xaxis, yaxis, ymin, ymax, accumulate, legend, ysplit, kind";

impl<'r> Properties<'r> {
    /// Reads them. Those that say nothing of a still picture are passed over.
    pub(crate) fn of(rendering: &'r Rendering) -> Result<Self, NotDrawn> {
        let mut properties = Self::default();
        for (name, value) in &rendering.properties {
            let is_known = properties.set(&name.to_lowercase(), value)?;
            if !is_known {
                properties.unknown.push(name);
            } else if ["xmin", "xmax"]
                .iter()
                .any(|held| name.eq_ignore_ascii_case(held))
            {
                properties.unused.push(name);
            }
        }
        Ok(properties)
    }

    /// Takes one, and tells whether there is such a property.
    fn set(&mut self, name: &str, value: &'r str) -> Result<bool, NotDrawn> {
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        match name {
            "title" => self.title = Some(value).filter(|title| !title.is_empty()),
            "xtitle" => self.x_title = Some(value),
            "ytitle" => self.y_title = Some(value),
            "xcolumn" => self.x_column = Some(value),
            "ycolumns" => self.y_columns = names(value),
            "series" => self.series = names(value),
            "anomalycolumns" => self.odd_columns = names(value),
            "xaxis" => self.is_x_log = is("log"),
            "yaxis" => self.is_y_log = is("log"),
            "ymin" => self.y_least = Some(number(name, value)?),
            "ymax" => self.y_most = Some(number(name, value)?),
            "accumulate" => self.accumulates = is("true"),
            "legend" => self.hides_legend = is("hidden"),
            "ysplit" => self.is_split = is("axes") || is("panels"),
            "kind" => {
                self.is_map = is("map");
                self.stacking = match () {
                    () if is("stacked") => Some(Stacking::Stacked),
                    () if is("stacked100") => Some(Stacking::Parts),
                    () if is("unstacked") => Some(Stacking::Beside),
                    () => None,
                };
            }
            "xmin" | "xmax" | "isquerysorted" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn names(value: &str) -> Vec<&str> {
    value.split(',').map(str::trim).collect()
}

fn number(name: &str, value: &str) -> Result<f64, NotDrawn> {
    match value.parse() {
        Ok(number) if f64::is_finite(number) => Ok(number),
        _ => Err(NotDrawn::new(
            format!("`{name} = {value}` of `render` is no number"),
            format!("give a number: `{name} = 0`"),
        )),
    }
}
