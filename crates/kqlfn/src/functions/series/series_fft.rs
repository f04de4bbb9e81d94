//! `series_fft`.

use kql::ScalarType;

use super::fourier::write_transform;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fft",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?series_imaginary:DynamicArray) -> dynamic"],
    tuple: &[("_real", ScalarType::Dynamic), ("_imag", ScalarType::Dynamic)],
    summary: "The discrete Fourier transform of a series of complex numbers: the real and the imaginary parts \
              of its frequencies.",
    notes: "The imaginary parts are 0 if they are not given. Parts of different lengths give null.",
    examples: &[
        (
            "series_fft(dynamic([1, 0, 0, 0]))",
            "dynamic([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])",
        ),
        (
            "series_fft(dynamic([1, 1, 1, 1]))",
            "dynamic([[4.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])",
        ),
        ("series_fft(dynamic([1, 2]), dynamic([3]))", "dynamic(null)"),
    ],
    kernel: |call| call.dynamics(|row, writer| write_transform(call, row, false, writer)),
};
