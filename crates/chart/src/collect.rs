//! From rows to points.

use std::collections::HashMap;

use kql::ScalarType;
use kql::bound::Rendering;
use kqleval::Table;
use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;
use model::limits::{CHART_POINTS_MAX, CHART_SERIES_MAX, CHART_SERIES_SEEN_MAX, CHART_WORDS_MAX};

use crate::choose::{Along, Chosen, choose};
use crate::label;
use crate::properties::Properties;
use crate::{Axis, Chart, Form, LeftOut, NotDrawn, Point, Scale, Series, Stacking};

/// The kinds that are drawn, for messages.
const DRAWN: &str = "timechart, linechart, areachart, stackedareachart, scatterchart, anomalychart, barchart, columnchart, piechart, card";

pub(crate) fn chart(rows: &Table, rendering: &Rendering) -> Result<Chart, NotDrawn> {
    let properties = Properties::of(rendering)?;
    let (form, along) = form(rendering, &properties)?;
    if rows.rows == 0 {
        return Err(NotDrawn::new(
            "there are no rows to draw",
            "widen the times or the conditions",
        ));
    }
    if form == Form::Card {
        return Ok(card(rows, &properties));
    }
    let chosen = choose(rows, &properties, along)?;
    let mut collected = Collected {
        rows,
        chosen: &chosen,
        words: Vec::new(),
        places: HashMap::new(),
        series: Vec::new(),
        known: HashMap::new(),
        left_out: LeftOut::default(),
        points: 0,
        is_pie: form == Form::Pie,
        log: (properties.is_x_log, properties.is_y_log),
    };
    for row in order(rows, &chosen) {
        collected.row(row)?;
    }
    let names: Vec<&str> = chosen
        .measures
        .iter()
        .filter_map(|at| rows.schema.get(*at))
        .map(|column| &*column.name)
        .collect();
    let x_name = rows.schema.get(chosen.x).map_or("", |column| &*column.name);
    let mut chart = Chart {
        form,
        title: properties.title.map(str::to_owned),
        x: Axis {
            title: properties.x_title.unwrap_or(x_name).to_owned(),
            scale: chosen.scale,
            is_log: properties.is_x_log && chosen.scale == Scale::Numbers,
            least: None,
            most: None,
        },
        y: Axis {
            title: properties.y_title.map_or_else(|| names.join(", "), str::to_owned),
            scale: Scale::Numbers,
            is_log: properties.is_y_log,
            least: properties.y_least,
            most: properties.y_most,
        },
        words: collected.words,
        series: collected.series,
        has_legend: !properties.hides_legend,
        is_split: properties.is_split,
        left_out: collected.left_out,
    };
    finish(&mut chart, &properties)?;
    Ok(chart)
}

fn form(rendering: &Rendering, properties: &Properties<'_>) -> Result<(Form, Along), NotDrawn> {
    let bars = |is_upright| Form::Bars {
        is_upright,
        stacking: properties.stacking.unwrap_or(Stacking::Beside),
    };
    let areas = match properties.stacking {
        Some(Stacking::Stacked | Stacking::Parts) => Form::StackedAreas,
        _ => Form::Areas,
    };
    let drawn = match rendering.kind.as_str() {
        "timechart" | "anomalychart" => (Form::Lines, Along::Times),
        "linechart" => (Form::Lines, Along::Numbers),
        "areachart" => (areas, Along::Numbers),
        "stackedareachart" => (Form::StackedAreas, Along::Numbers),
        "scatterchart" if !properties.is_map => (Form::Points, Along::Numbers),
        "barchart" => (bars(false), Along::Words),
        "columnchart" => (bars(true), Along::Words),
        "piechart" if !properties.is_map => (Form::Pie, Along::Words),
        "card" => (Form::Card, Along::Words),
        kind => {
            let what = if properties.is_map {
                " with (kind = map)"
            } else {
                ""
            };
            return Err(NotDrawn::new(
                format!("`render {kind}{what}` is not drawn here"),
                format!("these are: {DRAWN}"),
            ));
        }
    };
    Ok(drawn)
}

/// The first row's values, each with its name.
fn card(rows: &Table, properties: &Properties<'_>) -> Chart {
    let axis = Axis {
        title: String::new(),
        scale: Scale::Words,
        is_log: false,
        least: None,
        most: None,
    };
    let series = rows
        .schema
        .iter()
        .map(|column| Series {
            name: column.name.to_string(),
            measure: 0,
            points: Vec::new(),
        })
        .collect();
    Chart {
        form: Form::Card,
        title: properties.title.map(str::to_owned),
        x: axis.clone(),
        y: axis,
        words: rows.row(0).into_iter().map(label::value).collect(),
        series,
        has_legend: false,
        is_split: false,
        left_out: LeftOut {
            rows: rows.rows - 1,
            ..LeftOut::default()
        },
    }
}

/// Rows in the order in which they are drawn: by time along times, as they are else.
fn order(rows: &Table, chosen: &Chosen) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.rows).collect();
    if rows
        .schema
        .get(chosen.x)
        .is_some_and(|column| column.kind == ScalarType::Datetime)
    {
        order.sort_by_key(|row| match rows.cell(chosen.x, *row) {
            Cell::Datetime(ticks) => ticks,
            _ => i64::MAX,
        });
    }
    order
}

struct Collected<'t> {
    rows: &'t Table,
    chosen: &'t Chosen,
    words: Vec<String>,
    /// Places of words.
    places: HashMap<String, Vec<usize>>,
    series: Vec<Series>,
    known: HashMap<(usize, String), Option<usize>>,
    left_out: LeftOut,
    points: usize,
    is_pie: bool,
    log: (bool, bool),
}

impl Collected<'_> {
    fn row(&mut self, row: usize) -> Result<(), NotDrawn> {
        let mut is_left_out = false;
        let words_before = self.left_out.words;
        for (number, measure) in self.chosen.measures.iter().enumerate() {
            if self.is_pie && number > 0 {
                break;
            }
            let Some(series) = self.series_of(row, number, *measure)? else {
                continue;
            };
            if self.chosen.is_lists {
                self.list(row, number, *measure, series)?;
                continue;
            }
            let odd = self.chosen.odd.get(number);
            let is_odd = odd.is_some_and(|at| real(self.rows.cell(*at, row)).is_some_and(|odd| odd != 0.0));
            let measured = real(self.rows.cell(*measure, row));
            let point = measured.and_then(|y| {
                let x = self.place(row, series)?;
                Some(Point { x, y, is_odd })
            });
            is_left_out |= !self.add(series, point)?;
        }
        self.left_out.rows += usize::from(is_left_out && self.left_out.words == words_before);
        Ok(())
    }

    /// The points of a row that holds lists.
    fn list(&mut self, row: usize, number: usize, measure: usize, series: usize) -> Result<(), NotDrawn> {
        let (Some(places), Some(measures)) = (
            list(self.rows.cell(self.chosen.x, row)),
            list(self.rows.cell(measure, row)),
        ) else {
            self.left_out.rows += 1;
            return Ok(());
        };
        let odd = self
            .chosen
            .odd
            .get(number)
            .and_then(|at| list(self.rows.cell(*at, row)))
            .unwrap_or_default();
        for (at, (x, y)) in places.into_iter().zip(measures).enumerate() {
            let is_odd = odd.get(at).copied().flatten().is_some_and(|odd| odd != 0.0);
            let point = x.zip(y).map(|(x, y)| Point { x, y, is_odd });
            self.add(series, point)?;
        }
        Ok(())
    }

    fn add(&mut self, series: usize, point: Option<Point>) -> Result<bool, NotDrawn> {
        let is_drawn = |point: &Point| {
            (point.x.is_finite() && point.y.is_finite())
                && (!self.log.0 || point.x > 0.0)
                && (!self.log.1 || point.y > 0.0)
        };
        let Some(point) = point.filter(is_drawn) else {
            return Ok(false);
        };
        self.points += 1;
        if self.points > CHART_POINTS_MAX {
            return Err(NotDrawn::new(
                format!("the answer has more than {CHART_POINTS_MAX} points"),
                "take fewer: `| summarize … by bin(TimeGenerated, 1h)`",
            ));
        }
        if let Some(series) = self.series.get_mut(series) {
            series.points.push(point);
        }
        Ok(true)
    }

    /// The place of a row along the axis.
    fn place(&mut self, row: usize, series: usize) -> Option<f64> {
        let cell = self.rows.cell(self.chosen.x, row);
        match self.chosen.scale {
            Scale::Words => {
                let mut word = label::cell(cell);
                if self.is_pie {
                    for at in &self.chosen.series {
                        word.push_str(", ");
                        word.push_str(&label::cell(self.rows.cell(*at, row)));
                    }
                }
                self.word(word, series)
            }
            Scale::Numbers => real(cell),
            Scale::Times | Scale::Spans => ticks(cell),
        }
    }

    /// The place of a word: a row that repeats one has a place of its own, for nothing is summed here.
    fn word(&mut self, word: String, series: usize) -> Option<f64> {
        let points = self.series.get(series).map_or(&[][..], |series| &series.points);
        #[expect(clippy::cast_precision_loss, reason = "a place among few words")]
        let of = |place: usize| place as f64;
        let places = self.places.entry(word.clone()).or_default();
        let free = places
            .iter()
            .find(|place| !points.iter().any(|point| point.x == of(**place)));
        if let Some(place) = free {
            return Some(of(*place));
        }
        if self.words.len() >= CHART_WORDS_MAX {
            self.left_out.words += 1;
            return None;
        }
        places.push(self.words.len());
        self.words.push(word);
        Some(of(self.words.len() - 1))
    }

    /// The series that a measure of a row belongs to; none if there are too many.
    fn series_of(&mut self, row: usize, number: usize, measure: usize) -> Result<Option<usize>, NotDrawn> {
        let mut name = String::new();
        let named_by: &[usize] = if self.is_pie { &[] } else { &self.chosen.series };
        for at in named_by {
            if !name.is_empty() {
                name.push_str(", ");
            }
            name.push_str(&label::cell(self.rows.cell(*at, row)));
        }
        let key = (number, name);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if self.known.len() >= CHART_SERIES_SEEN_MAX {
            return Err(NotDrawn::new(
                format!("the answer has more than {CHART_SERIES_SEEN_MAX} series"),
                "say what names a series: `with (series = …)`, or summarize: `| summarize count() by bin(TimeGenerated, 1h)`",
            ));
        }
        let measure_name = self.rows.schema.get(measure).map_or("", |column| &*column.name);
        let shown = match (named_by.is_empty(), self.chosen.measures.len()) {
            (true, _) => measure_name.to_owned(),
            (false, 1) => key.1.clone(),
            (false, _) => format!("{}:{measure_name}", key.1),
        };
        let place = (self.series.len() < CHART_SERIES_MAX).then_some(self.series.len());
        match place {
            Some(_) => self.series.push(Series {
                name: shown,
                measure: number,
                points: Vec::new(),
            }),
            None => self.left_out.series += 1,
        }
        self.known.insert(key, place);
        Ok(place)
    }
}

/// What holds for all points: their order, running sums, parts of a hundred.
fn finish(chart: &mut Chart, properties: &Properties<'_>) -> Result<(), NotDrawn> {
    if chart.series.iter().all(|series| series.points.is_empty()) {
        return Err(NotDrawn::new(
            "no row has both a place on the axis and a measure",
            "look at the rows: `| render table`",
        ));
    }
    if chart.form == Form::Pie && chart.points().any(|point| point.y < 0.0) {
        return Err(NotDrawn::new(
            "a slice of a pie cannot be negative",
            "`render barchart` draws negative measures",
        ));
    }
    if chart.x.scale != Scale::Words {
        for series in &mut chart.series {
            series.points.sort_by(|left, right| left.x.total_cmp(&right.x));
        }
    }
    if properties.accumulates {
        for series in &mut chart.series {
            let mut sum = 0.0;
            for point in &mut series.points {
                sum += point.y;
                point.y = sum;
            }
        }
    }
    let is_parts = properties.stacking == Some(Stacking::Parts)
        && matches!(chart.form, Form::Bars { .. } | Form::StackedAreas);
    if is_parts {
        parts(chart);
    }
    Ok(())
}

/// Each measure as a part of a hundred of what lies at its place.
fn parts(chart: &mut Chart) {
    let mut sums: HashMap<u64, f64> = HashMap::new();
    for point in chart.points() {
        *sums.entry(point.x.to_bits()).or_default() += point.y.abs();
    }
    for point in chart.series.iter_mut().flat_map(|series| &mut series.points) {
        let sum = sums.get(&point.x.to_bits()).copied().unwrap_or_default();
        point.y = if sum > 0.0 { point.y / sum * 100.0 } else { 0.0 };
    }
    chart.y.title = format!("{}, %", chart.y.title);
}

impl Chart {
    pub(crate) fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }
}

/// The values of a list, those that are numbers or times.
fn list(cell: Cell<'_>) -> Option<Vec<Option<f64>>> {
    let Cell::Dynamic(Dynamic::Array(values)) = cell else {
        return None;
    };
    #[expect(clippy::cast_precision_loss, reason = "a place on paper needs no more")]
    let place = |value: Dynamic<'_>| match value {
        Dynamic::Datetime(ticks) | Dynamic::Timespan(ticks) => Some(ticks as f64),
        other => other.number(),
    };
    Some(values.iter().map(place).collect())
}

fn real(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Decimal(digits) => digits.parse().ok(),
        other => other.real(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place on paper needs no more")]
const fn ticks(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Datetime(ticks) | Cell::Timespan(ticks) => Some(ticks as f64),
        _ => None,
    }
}
