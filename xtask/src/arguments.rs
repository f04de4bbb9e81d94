//! What was typed after `cargo xtask`, as one value. Parses only; runs nothing.

/// Printed by `cargo xtask help`.
pub(crate) const HELP: &str = "\
cargo xtask ci                          everything a merge needs; ends with `N passed, N failed`
cargo xtask test                        ring 1: needs Rust and a C compiler only
cargo xtask test --peers                ring 1 with a storage emulator (npm), then ring 2: other readers on our tables (Python)
cargo xtask azurite                     installs the storage emulator for tests under target/azurite (npm)
cargo xtask long [--seed N] [--budget SECONDS]
                                        tests too long for CI; the budget is for each test
cargo xtask instructions [--update]     instructions of the way in beside bench/instructions.tsv (valgrind)
cargo xtask kql-score                   recorded KQL queries answered as the real engine does, by family
cargo xtask tidy [--bless]              rules of the tree; --bless lowers xtask/ratchet.toml
cargo xtask licences                    licences and bans of deny.toml, without cargo-deny
cargo xtask generate [--check]          reference pages, SBOM, third-party list
";

/// One command, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Ci,
    Test { peers: bool },
    Azurite,
    Long { seed: Option<u64>, budget_secs: u64 },
    Instructions { update: bool },
    KqlScore,
    Tidy { bless: bool },
    Licences,
    Generate { check: bool },
}

/// Ten minutes for each long test unless told otherwise.
const DEFAULT_BUDGET_SECS: u64 = 600;

/// The message on failure says what was wrong, without a hint.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Command, String> {
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "--help" | "-h"] => Ok(Command::Help),
        ["ci"] => Ok(Command::Ci),
        ["test"] => Ok(Command::Test { peers: false }),
        ["test", "--peers"] => Ok(Command::Test { peers: true }),
        ["azurite"] => Ok(Command::Azurite),
        ["long", options @ ..] => parse_long(options),
        ["instructions"] => Ok(Command::Instructions { update: false }),
        ["instructions", "--update"] => Ok(Command::Instructions { update: true }),
        ["kql-score"] => Ok(Command::KqlScore),
        ["tidy"] => Ok(Command::Tidy { bless: false }),
        ["tidy", "--bless"] => Ok(Command::Tidy { bless: true }),
        ["licences"] => Ok(Command::Licences),
        ["generate"] => Ok(Command::Generate { check: false }),
        ["generate", "--check"] => Ok(Command::Generate { check: true }),
        other => Err(format!("`{}` is not a command", other.join(" "))),
    }
}

fn parse_long(options: &[&str]) -> Result<Command, String> {
    let (mut seed, mut budget_secs) = (None, DEFAULT_BUDGET_SECS);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let value = rest
            .next()
            .ok_or_else(|| format!("`{option}` needs a number after it"))?;
        let number = value
            .parse()
            .map_err(|_| format!("`{option} {value}`: not a whole number"))?;
        match *option {
            "--seed" => seed = Some(number),
            "--budget" => budget_secs = number,
            _ => return Err(format!("`long` has no option `{option}`")),
        }
    }
    Ok(Command::Long { seed, budget_secs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<Command, &str>) {
        let got = parse(line.split_whitespace().map(String::from));
        assert_eq!(got, expected.map_err(String::from), "{line}");
    }

    #[test]
    fn commands_are_read() {
        check("", Ok(Command::Help));
        check("ci", Ok(Command::Ci));
        check("test --peers", Ok(Command::Test { peers: true }));
        check("azurite", Ok(Command::Azurite));
        check("tidy --bless", Ok(Command::Tidy { bless: true }));
        check("kql-score", Ok(Command::KqlScore));
        check("instructions", Ok(Command::Instructions { update: false }));
        check("generate --check", Ok(Command::Generate { check: true }));
        check(
            "long",
            Ok(Command::Long {
                seed: None,
                budget_secs: 600,
            }),
        );
        check(
            "long --budget 60 --seed 7",
            Ok(Command::Long {
                seed: Some(7),
                budget_secs: 60,
            }),
        );
    }

    #[test]
    fn wrong_words_are_refused() {
        check("tset", Err("`tset` is not a command"));
        check("ci --fast", Err("`ci --fast` is not a command"));
        check("long --seed", Err("`--seed` needs a number after it"));
        check("long --seed x", Err("`--seed x`: not a whole number"));
        check("long --speed 1", Err("`long` has no option `--speed`"));
    }
}
