//! Settings as meant: typed, checked, each with the place it came from.

use std::ffi::OsStr;
use std::path::PathBuf;

use model::codes::list as code;

use super::keys::{self, Key};
use super::raw::{File, Layer, Origin, Written};
use crate::account::{is_address, refuse_secret, shown};
use crate::exit::Failure;

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Ndjson,
    Csv,
}

impl Format {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The configuration file in force.
    pub(crate) file: Option<PathBuf>,
    /// Folder of the table.
    pub(crate) table: Setting<PathBuf>,
    /// Memory of one query or one ingest, in bytes.
    pub(crate) memory_bytes: Setting<u64>,
    /// Worker threads; `None` is one per core.
    pub(crate) threads: Setting<Option<usize>>,
    pub(crate) format: Setting<Format>,
    pub(crate) color: Setting<Color>,
    /// How many days before the present one `collect` keeps; `None` keeps all.
    pub(crate) retention_days: Setting<Option<u32>>,
}

const MEMORY_BYTES_MIN: u64 = 64 << 20;
const THREADS_MAX: usize = 1024;
/// A century: what is kept longer is kept for ever.
pub(crate) const RETENTION_DAYS_MAX: u32 = 36_500;

impl Settings {
    /// Resolves the layers: flags, environment, file, defaults.
    pub(crate) fn resolve(flags: &Layer, environment: &Layer, file: Option<&File>) -> Result<Self, Failure> {
        let layers = [Some(flags), Some(environment), file.map(|file| &file.layer)];
        let written = |key: &Key| layers.iter().flatten().find_map(|layer| layer.get(key.name));
        let utf8 = |text: &OsStr| text.to_str().map(str::to_owned);
        Ok(Self {
            file: file.map(|file| file.path.clone()),
            table: table(written(&keys::TABLE))?,
            memory_bytes: value(
                &keys::MEMORY,
                written(&keys::MEMORY),
                model::limits::QUERY_MEMORY_BYTES,
                |text| size(&utf8(text)?).filter(|bytes| *bytes >= MEMORY_BYTES_MIN),
            )?,
            threads: value(&keys::THREADS, written(&keys::THREADS), None, |text| {
                let text = utf8(text)?;
                if text == "auto" {
                    return Some(None);
                }
                text.parse()
                    .ok()
                    .filter(|count| (1..=THREADS_MAX).contains(count))
                    .map(Some)
            })?,
            format: value(&keys::FORMAT, written(&keys::FORMAT), Format::Table, |text| {
                let all = [Format::Table, Format::Json, Format::Ndjson, Format::Csv];
                all.into_iter().find(|format| text == format.as_str())
            })?,
            color: value(&keys::COLOR, written(&keys::COLOR), Color::Auto, |text| {
                let all = [Color::Auto, Color::Always, Color::Never];
                all.into_iter().find(|color| text == color.as_str())
            })?,
            retention_days: value(&keys::RETENTION, written(&keys::RETENTION), None, |text| {
                let text = utf8(text)?;
                if text == "off" {
                    return Some(None);
                }
                let days = text.strip_suffix('d').unwrap_or(&text).parse().ok();
                days.filter(|days| (1..=RETENTION_DAYS_MAX).contains(days))
                    .map(Some)
            })?,
        })
    }

    /// The form of the output of a command that has only some. One that was typed and is not among
    /// them is refused; one from the environment or the file is meant for other commands.
    pub(crate) fn format_among(&self, has: &[Format], what: &str) -> Result<Format, Failure> {
        let asked = self.format.value;
        if has.contains(&asked) {
            return Ok(asked);
        }
        if !matches!(self.format.origin, Origin::Flag(_)) {
            return Ok(Format::Table);
        }
        let names: Vec<String> = has
            .iter()
            .map(|format| format!("`{}`", format.as_str()))
            .collect();
        let names = match names.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => names.concat(),
        };
        Err(Failure::usage(format!("{what} as {names} only")).hint("add `--format table`"))
    }

    /// Name, value as it would be written in the file, and origin of each setting.
    pub(crate) fn shown(&self) -> [(&'static Key, String, &Origin); 6] {
        let retention = self.retention_days.value;
        let retention = retention.map_or_else(|| "off".to_owned(), |days| format!("{days}d"));
        let threads = self
            .threads
            .value
            .map_or_else(|| "auto".to_owned(), |count| count.to_string());
        [
            (
                &keys::TABLE,
                shown(self.table.value.as_os_str()),
                &self.table.origin,
            ),
            (
                &keys::MEMORY,
                size_text(self.memory_bytes.value),
                &self.memory_bytes.origin,
            ),
            (&keys::THREADS, threads, &self.threads.origin),
            (
                &keys::FORMAT,
                self.format.value.as_str().to_owned(),
                &self.format.origin,
            ),
            (
                &keys::COLOR,
                self.color.value.as_str().to_owned(),
                &self.color.origin,
            ),
            (&keys::RETENTION, retention, &self.retention_days.origin),
        ]
    }
}

/// A path in a file is meant from the file's folder, everywhere else from where the program was started. An address is no path.
fn table(written: Option<&Written>) -> Result<Setting<PathBuf>, Failure> {
    let Some(Written { text, origin }) = written else {
        return Ok(Setting {
            value: "./flowglass-data".into(),
            origin: Origin::Default,
        });
    };
    refuse_secret(text).map_err(|failure| Failure {
        message: format!("{} ({origin})", failure.message),
        ..failure
    })?;
    let value = match origin {
        Origin::File { path, .. } if !is_address(text) => path
            .parent()
            .map_or_else(|| text.into(), |folder| folder.join(text)),
        _ => text.into(),
    };
    Ok(Setting {
        value,
        origin: origin.clone(),
    })
}

fn value<T>(
    key: &'static Key,
    written: Option<&Written>,
    default: T,
    meant: impl Fn(&OsStr) -> Option<T>,
) -> Result<Setting<T>, Failure> {
    let Some(written) = written else {
        return Ok(Setting {
            value: default,
            origin: Origin::Default,
        });
    };
    let origin = written.origin.clone();
    match meant(&written.text) {
        Some(value) => Ok(Setting { value, origin }),
        None => {
            let text = written.text.to_string_lossy();
            let message = match &origin {
                Origin::File { path, line } => {
                    format!(
                        "`{} = {text}` in `{}`, line {line}, is out of range",
                        key.name,
                        path.display()
                    )
                }
                Origin::Variable(name) => {
                    format!("the variable `{name}` has the value `{text}`, which is out of range")
                }
                Origin::Flag(name) => format!("`{name} {text}` is out of range"),
                Origin::Default => format!("`{}` is out of range", key.name),
            };
            let named = match &origin {
                Origin::Variable(name) | Origin::Flag(name) => name,
                Origin::File { .. } | Origin::Default => key.name,
            };
            Err(Failure::value(code::CONFIG_VALUE, message).hint(format!("`{named}` takes {}", key.takes)))
        }
    }
}

const UNITS: [(&str, u64); 8] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

/// Reads `4GiB`, `512 MiB`, `2GB` or plain bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
        .unwrap_or((lower.strip_suffix('b').unwrap_or(&lower), 1));
    let digits = digits.trim_end();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// A size in the largest binary unit that says it exactly.
pub(crate) fn size_text(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    units
        .iter()
        .find(|(_, shift)| bytes > 0 && bytes.is_multiple_of(1 << shift))
        .map_or_else(
            || bytes.to_string(),
            |(unit, shift)| format!("{}{unit}", bytes >> shift),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::raw;
    use crate::environment::Environment;
    use std::path::Path;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("4GiB", Some(4 << 30)),
            ("512 mib", Some(512 << 20)),
            ("2GB", Some(2_000_000_000)),
            ("1048576", Some(1 << 20)),
            ("12B", Some(12)),
            ("", None),
            ("GiB", None),
            ("-1", None),
            ("1.5GiB", None),
            ("99999999999TiB", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
        assert_eq!(size_text(4 << 30), "4GiB");
        assert_eq!(size_text(1_000), "1000");
        assert_eq!(size_text(0), "0");
    }

    #[test]
    fn flag_over_environment_over_file_over_default() {
        let file = raw::parse(
            "version = 1\ntable = \"t\"\nmemory = \"1GiB\"\nthreads = 2\nformat = \"csv\"",
            Path::new("conf/f.toml"),
        )
        .unwrap();
        let environment = Environment::of(&[("FLOWGLASS_MEMORY", "2GiB"), ("FLOWGLASS_THREADS", "4")]);
        let mut flags = Layer::default();
        flags.flag(&keys::THREADS, Some("8"));
        let settings = Settings::resolve(&flags, &Layer::of_environment(&environment), Some(&file)).unwrap();
        let shown: Vec<String> = settings
            .shown()
            .iter()
            .map(|(key, value, origin)| format!("{} {value} {origin}", key.name))
            .collect();
        assert_eq!(
            shown,
            [
                "table conf/t conf/f.toml line 2",
                "memory 2GiB environment FLOWGLASS_MEMORY",
                "threads 8 flag --threads",
                "format csv conf/f.toml line 5",
                "color auto default",
                "retention off default",
            ]
        );
    }

    #[test]
    fn values_out_of_range_name_their_place() {
        let fails = |pairs: &[(&'static str, &str)]| {
            let layer = Layer::of_environment(&Environment::of(pairs));
            Settings::resolve(&Layer::default(), &layer, None)
                .unwrap_err()
                .message
        };
        let said = |name: &str, value: &str| {
            format!("the variable `{name}` has the value `{value}`, which is out of range")
        };
        for (name, value) in [
            ("FLOWGLASS_THREADS", "0"),
            ("FLOWGLASS_THREADS", "many"),
            ("FLOWGLASS_MEMORY", "1MiB"),
            ("FLOWGLASS_FORMAT", "xml"),
            ("FLOWGLASS_COLOR", "blue"),
            ("FLOWGLASS_RETENTION", "0d"),
            ("FLOWGLASS_RETENTION", "-1"),
            ("FLOWGLASS_RETENTION", "12h"),
            ("FLOWGLASS_RETENTION", "36501"),
        ] {
            assert_eq!(fails(&[(name, value)]), said(name, value));
        }
    }
}
