//! Functions on series: arrays of numbers, one for each step of a time.

mod decomposition;
mod elementwise;
mod filling;
mod fourier;
mod line;
mod outliers;
mod period;
mod polynomial;
mod reading;
mod series_abs;
mod series_acos;
mod series_add;
mod series_asin;
mod series_atan;
mod series_ceiling;
mod series_cos;
mod series_cosine_similarity;
mod series_decompose;
mod series_decompose_anomalies;
mod series_decompose_forecast;
mod series_divide;
mod series_dot_product;
mod series_equals;
mod series_exp;
mod series_fft;
mod series_fill_backward;
mod series_fill_const;
mod series_fill_forward;
mod series_fill_linear;
mod series_fir;
mod series_fit_2lines;
mod series_fit_2lines_dynamic;
mod series_fit_line;
mod series_fit_line_dynamic;
mod series_fit_poly;
mod series_floor;
mod series_greater;
mod series_greater_equals;
mod series_ifft;
mod series_iir;
mod series_less;
mod series_less_equals;
mod series_log;
mod series_magnitude;
mod series_multiply;
mod series_not_equals;
mod series_outliers;
mod series_pearson_correlation;
mod series_pow;
mod series_product;
mod series_seasonal;
mod series_sign;
mod series_sin;
mod series_stats;
mod series_stats_dynamic;
mod series_subtract;
mod series_sum;
mod series_tan;
mod statistics;
mod two_lines;
mod writing;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &series_abs::FUNCTION,
    &series_acos::FUNCTION,
    &series_add::FUNCTION,
    &series_asin::FUNCTION,
    &series_atan::FUNCTION,
    &series_ceiling::FUNCTION,
    &series_cos::FUNCTION,
    &series_cosine_similarity::FUNCTION,
    &series_decompose::FUNCTION,
    &series_decompose_anomalies::FUNCTION,
    &series_decompose_forecast::FUNCTION,
    &series_divide::FUNCTION,
    &series_dot_product::FUNCTION,
    &series_equals::FUNCTION,
    &series_exp::FUNCTION,
    &series_fft::FUNCTION,
    &series_fill_backward::FUNCTION,
    &series_fill_const::FUNCTION,
    &series_fill_forward::FUNCTION,
    &series_fill_linear::FUNCTION,
    &series_fir::FUNCTION,
    &series_fit_2lines::FUNCTION,
    &series_fit_2lines_dynamic::FUNCTION,
    &series_fit_line::FUNCTION,
    &series_fit_line_dynamic::FUNCTION,
    &series_fit_poly::FUNCTION,
    &series_floor::FUNCTION,
    &series_greater::FUNCTION,
    &series_greater_equals::FUNCTION,
    &series_ifft::FUNCTION,
    &series_iir::FUNCTION,
    &series_less::FUNCTION,
    &series_less_equals::FUNCTION,
    &series_log::FUNCTION,
    &series_magnitude::FUNCTION,
    &series_multiply::FUNCTION,
    &series_not_equals::FUNCTION,
    &series_outliers::FUNCTION,
    &series_pearson_correlation::FUNCTION,
    &series_pow::FUNCTION,
    &series_product::FUNCTION,
    &series_seasonal::FUNCTION,
    &series_sign::FUNCTION,
    &series_sin::FUNCTION,
    &series_stats::FUNCTION,
    &series_stats_dynamic::FUNCTION,
    &series_subtract::FUNCTION,
    &series_sum::FUNCTION,
    &series_tan::FUNCTION,
];
