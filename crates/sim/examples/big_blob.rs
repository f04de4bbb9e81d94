//! Writes one large seeded VNet flow log blob to standard output:
//! `cargo run --release -p sim --example big_blob -- BYTES [SEED] > PT1H.json`; its truth goes to standard error.
#![allow(
    clippy::print_stderr,
    reason = "the blob is on standard output, what it holds on standard error"
)]

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let number = |index: usize| {
        std::env::args()
            .nth(index)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let Some(bytes) = number(1) else {
        eprintln!("usage: big_blob BYTES [SEED]");
        std::process::exit(2);
    };
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut failure = None;
    let truth = sim::big_blob(number(2).unwrap_or(1), bytes, &mut |piece| {
        if failure.is_none() {
            failure = out.write_all(piece).err();
        }
    });
    match failure {
        Some(error) => Err(error),
        None => {
            eprintln!(
                "{} tuples, {} records, {} bytes",
                truth.total.tuples, truth.records, truth.bytes
            );
            out.flush()
        }
    }
}
