//! Guids as .NET stores them: the first three groups with their lowest byte first.

/// Turns the order in which a guid is written into the one in which it is stored, and back.
pub(super) const fn reordered(guid: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = guid;
    let [i, j, k, l, m, n, o, p] = rest;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}
