//! A pie. Its slices are named beside it, with their numbers.

use plotters::prelude::*;

use super::{Area, HEIGHT, LEGEND_WIDTH, WIDTH, color, failed};
use crate::label;
use crate::{Chart, NotDrawn};

/// Each slice's word, measure, and part of a hundred.
pub(super) fn legend(chart: &Chart) -> Vec<(usize, String)> {
    let sum: f64 = chart.points().map(|point| point.y).sum();
    let slices = chart.points().zip(&chart.words).enumerate();
    slices
        .map(|(number, (point, word))| {
            let part = if sum > 0.0 { point.y / sum * 100.0 } else { 0.0 };
            let text = format!(
                "{} {} ({part:.1}%)",
                label::short(word, 18),
                label::round(point.y)
            );
            (number, text)
        })
        .collect()
}

pub(super) fn draw(chart: &Chart, area: &Area<'_>) -> Result<(), NotDrawn> {
    let sizes: Vec<f64> = chart.points().map(|point| point.y).collect();
    let colors: Vec<RGBColor> = (0..sizes.len()).map(color).collect();
    let none = vec![String::new(); sizes.len()];
    #[expect(clippy::cast_possible_wrap, reason = "constants of the document")]
    let center = ((WIDTH - LEGEND_WIDTH) as i32 / 2, HEIGHT as i32 / 2);
    let radius = f64::from(HEIGHT) / 2.0 - 24.0;
    if sizes.iter().sum::<f64>() > 0.0 {
        let mut pie = Pie::new(&center, &radius, &sizes, &colors, &none);
        pie.start_angle(-90.0);
        area.draw(&pie).map_err(failed)?;
    }
    Ok(())
}
