//! Writes the flow logs of a made-up company below a folder, one blob for each interface and hour:
//! `cargo run --release -p sim --example company -- FOLDER INTERFACES HOURS [SEED]`; its truth goes to standard error,
//! and what Azure's tools would export of its network to `FOLDER.facts`.
//!
//! A day of 41 interfaces is about 0.5 million tuples in 90 MB; both grow with interfaces and with hours.
#![allow(
    clippy::print_stderr,
    reason = "there is nobody else to tell what the folder holds"
)]

use sim::{Scale, World, WorldSpec};
use std::path::Path;
use std::process::ExitCode;

/// 2026-03-02, a Monday.
const START_DAY: i32 = 20_514;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok());
    let (Some(folder), Some(nics @ 13..=20_000), Some(hours @ 1..)) =
        (arguments.first(), number(1), number(2))
    else {
        eprintln!("usage: company FOLDER INTERFACES HOURS [SEED]");
        eprintln!("hint: 13 to 20000 interfaces, such as `company logs 410 24`");
        return ExitCode::from(2);
    };
    let world = World::generate(&WorldSpec {
        seed: number(3).map_or(1, u64::from),
        start_day: START_DAY,
        hours,
        scale: Scale::Large { nics },
    });
    let mut failure = None;
    let truth = world.write(&mut |blob| {
        if failure.is_none() {
            let path = Path::new(folder).join(&blob.path);
            failure = write(&path, &blob.bytes()).err().map(|error| (path, error));
        }
    });
    if let Some((path, error)) = failure {
        eprintln!("error: cannot write `{}`: {error}", path.display());
        return ExitCode::from(3);
    }
    let exports = Path::new(folder).with_extension("facts");
    let addresses = world.address_file();
    let texts = world.exports().into_iter();
    let files = texts.map(|export| (export.name, export.text.into_bytes()));
    for (name, bytes) in files.chain([(addresses.name, addresses.bytes)]) {
        let path = exports.join(name);
        if let Err(error) = write(&path, &bytes) {
            eprintln!("error: cannot write `{}`: {error}", path.display());
            return ExitCode::from(3);
        }
    }
    eprintln!(
        "{} tuples, {} records, {} blobs, {} bytes",
        truth.total.tuples, truth.records, truth.blobs, truth.bytes
    );
    ExitCode::SUCCESS
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}
