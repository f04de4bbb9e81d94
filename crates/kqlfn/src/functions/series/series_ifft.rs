//! `series_ifft`.

use kql::ScalarType;

use super::fourier::write_transform;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_ifft",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?series_imaginary:DynamicArray) -> dynamic"],
    tuple: &[("_real", ScalarType::Dynamic), ("_imag", ScalarType::Dynamic)],
    summary: "The inverse of `series_fft`: the series of complex numbers that has these frequencies.",
    notes: "The imaginary parts are 0 if they are not given. Parts of different lengths give null.",
    examples: &[
        (
            "series_ifft(dynamic([4, 0, 0, 0]))",
            "dynamic([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])",
        ),
        (
            "series_ifft(dynamic([1, 1]), dynamic([1, 1]))",
            "dynamic([[1.0, 0.0], [1.0, 0.0]])",
        ),
        ("series_ifft(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| call.dynamics(|row, writer| write_transform(call, row, true, writer)),
};
