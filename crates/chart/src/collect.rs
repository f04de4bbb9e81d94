//! From rows to points.

mod marks;
mod pie;
mod points;
mod series;

use std::collections::HashMap;

use kql::ScalarType;
use kql::bound::Rendering;
use kqleval::Table;
use kqlfn::Cell;

use crate::choose::{Along, Chosen, choose};
use crate::notes::{self, LeftOut};
use crate::properties::Properties;
use crate::watch::Watch;
use crate::{Axis, Chart, Form, NotDrawn, Scale, Series, Stacking, label};
use marks::Marks;
use points::Points;

/// The kinds that are drawn, for messages.
const DRAWN: &str = "timechart, linechart, areachart, stackedareachart, scatterchart, anomalychart, barchart, columnchart, piechart, card";

pub(crate) fn chart(rows: &Table, rendering: &Rendering, watch: &Watch<'_>) -> Result<Chart, NotDrawn> {
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
    let log = (
        properties.is_x_log && chosen.scale == Scale::Numbers,
        properties.is_y_log && form != Form::Pie,
    );
    let marks = Marks {
        rows,
        chosen: &chosen,
        log,
        watch,
    };
    let mut left_out = LeftOut::default();
    let (words, series) = collected(marks, form, &mut left_out)?;
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
            is_log: log.0,
            least: None,
            most: None,
        },
        y: Axis {
            title: properties.y_title.map_or_else(|| names.join(", "), str::to_owned),
            scale: Scale::Numbers,
            is_log: log.1,
            // A scale of powers has no place for what is not above zero.
            least: properties.y_least.filter(|least| !log.1 || *least > 0.0),
            most: properties.y_most.filter(|most| !log.1 || *most > 0.0),
        },
        words,
        series,
        has_legend: !properties.hides_legend,
        is_split: properties.is_split,
        is_parts: false,
        notes: notes::of(rows, &chosen, &left_out, log.0 || log.1),
    };
    finish(&mut chart, &properties, watch)?;
    if !form.is_stacked() && form != Form::Pie {
        let is_beyond = |y: f64| {
            chart.y.least.is_some_and(|least| y < least) || chart.y.most.is_some_and(|most| y > most)
        };
        let count = chart.points().filter(|point| is_beyond(point.y)).count();
        chart.notes.extend(notes::beyond(count));
    }
    chart.notes.extend(notes::of_properties(&properties));
    Ok(chart)
}

/// The words along the axis, and the series with their points.
fn collected(
    marks: Marks<'_>,
    form: Form,
    left_out: &mut LeftOut,
) -> Result<(Vec<String>, Vec<Series>), NotDrawn> {
    let order = order(marks.rows, marks.chosen);
    if form == Form::Pie {
        return pie::slices(marks, &order, left_out);
    }
    let sums = form.is_stacked();
    let kept = series::kept(marks, &marks.chosen.series, sums)?;
    (left_out.series, left_out.are_summed) = (kept.left_out, sums);
    let mut points = Points::new(marks, kept);
    for row in order {
        points.row(row, left_out)?;
    }
    Ok(points.finish())
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
        is_parts: false,
        notes: notes::behind_card(rows.rows - 1)
            .into_iter()
            .chain(notes::of_properties(properties))
            .collect(),
    }
}

/// Rows in the order in which they are drawn: along words by time, if those are times; else as they are.
fn order(rows: &Table, chosen: &Chosen) -> Vec<usize> {
    let is_times = rows
        .schema
        .get(chosen.x)
        .is_some_and(|column| column.kind == ScalarType::Datetime);
    if chosen.scale != Scale::Words || !is_times {
        return (0..rows.rows).collect();
    }
    let time = |row| match rows.cell(chosen.x, row) {
        Cell::Datetime(ticks) => ticks,
        _ => i64::MAX,
    };
    let mut order: Vec<(i64, usize)> = (0..rows.rows).map(|row| (time(row), row)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, row)| row).collect()
}

/// What holds for all points: their order, running sums, parts of a hundred.
fn finish(chart: &mut Chart, properties: &Properties<'_>, watch: &Watch<'_>) -> Result<(), NotDrawn> {
    if chart.series.iter().all(|series| series.points.is_empty()) {
        return Err(NotDrawn::new(
            "no row has both a place on the axis and a measure",
            "look at the rows: `| render table`",
        ));
    }
    if chart.x.scale != Scale::Words {
        for series in &mut chart.series {
            watch.ask()?;
            // Equal places go by measure: rows of one place have no order of their own.
            series
                .points
                .sort_by(|left, right| left.x.total_cmp(&right.x).then(left.y.total_cmp(&right.y)));
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
    if properties.accumulates || chart.form.is_stacked() {
        can_be_summed(chart)?;
    }
    chart.is_parts = properties.stacking == Some(Stacking::Parts) && chart.form.is_stacked();
    if chart.is_parts {
        parts(chart);
    }
    Ok(())
}

/// Running sums and what stands upon each other are beyond the largest number, or not.
fn can_be_summed(chart: &Chart) -> Result<(), NotDrawn> {
    let is_finite = if chart.form.is_stacked() {
        sums(chart).values().all(|sum| sum.is_finite())
    } else {
        chart.points().all(|point| point.y.is_finite())
    };
    if is_finite {
        return Ok(());
    }
    Err(NotDrawn::new(
        "the measures are too large to be summed",
        "`render barchart` draws them one by one",
    ))
}

/// What lies at each place, without signs.
fn sums(chart: &Chart) -> HashMap<u64, f64> {
    let mut sums: HashMap<u64, f64> = HashMap::new();
    for point in chart.points() {
        *sums.entry(point.x.to_bits()).or_default() += point.y.abs();
    }
    sums
}

/// Each measure as a part of a hundred of what lies at its place.
fn parts(chart: &mut Chart) {
    let sums = sums(chart);
    for point in chart.series.iter_mut().flat_map(|series| &mut series.points) {
        let sum = sums.get(&point.x.to_bits()).copied().unwrap_or_default();
        point.y = if sum > 0.0 { point.y / sum * 100.0 } else { 0.0 };
    }
    chart.y.title = format!("{}, %", chart.y.title);
}
