//! Settings as written: where a value came from and its text, not yet what it means.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use model::codes::list as code;
use toml::de::{DeTable, DeValue};

use super::keys::KEYS;
use super::secrets::{SECRETS, Secrets};
use crate::environment::Environment;
use crate::exit::Failure;
use table::io_reason;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Variable(&'static str),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) text: OsString,
    pub(crate) origin: Origin,
}

/// Values by the name of their key. One each for flags, environment and file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer(BTreeMap<&'static str, Written>);

impl Layer {
    /// The value of a key, if it was written here.
    pub(crate) fn get(&self, key: &str) -> Option<&Written> {
        self.0.get(key)
    }

    /// Notes a flag.
    pub(crate) fn flag(&mut self, key: &'static super::keys::Key, value: Option<impl AsRef<OsStr>>) {
        if let Some(value) = value {
            let written = Written {
                text: value.as_ref().to_owned(),
                origin: Origin::Flag(key.flag),
            };
            self.0.insert(key.name, written);
        }
    }

    /// What the environment says. `NO_COLOR` (<https://no-color.org>) yields to our own variable.
    pub(crate) fn of_environment(environment: &Environment) -> Self {
        let mut layer = Self::default();
        for key in KEYS {
            if let Some(value) = environment.get(key.variable) {
                let origin = Origin::Variable(key.variable);
                layer.0.insert(
                    key.name,
                    Written {
                        text: value.to_owned(),
                        origin,
                    },
                );
            }
        }
        if environment.get("NO_COLOR").is_some() {
            layer.0.entry("color").or_insert_with(|| Written {
                text: "never".into(),
                origin: Origin::Variable("NO_COLOR"),
            });
        }
        layer
    }
}

/// A configuration file that was found and read.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) layer: Layer,
    pub(crate) secrets: Secrets,
}

/// Finds and reads the configuration file. One that was named must be there; the others may be missing.
pub(crate) fn find(flag: Option<&Path>, environment: &Environment) -> Result<Option<File>, Failure> {
    if let Some(named) = flag.or_else(|| environment.get("FLOWGLASS_CONFIG").map(Path::new)) {
        return read(named).map(Some);
    }
    for path in places(environment) {
        if path.is_file() {
            return read(&path).map(Some);
        }
    }
    Ok(None)
}

/// Where a file is looked for when none is named.
pub(crate) fn places(environment: &Environment) -> Vec<PathBuf> {
    let variable = |name| environment.get(name).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| Some(variable("HOME")?.join(".config")));
    std::iter::once(PathBuf::from("flowglass.toml"))
        .chain(folder.map(|folder| folder.join("flowglass").join("config.toml")))
        .collect()
}

fn read(path: &Path) -> Result<File, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let reason = if error.kind() == std::io::ErrorKind::InvalidData {
            "it is not UTF-8".to_owned()
        } else {
            io_reason(&error)
        };
        Failure::value(code::CONFIG_READ, format!("cannot read the configuration `{shown}`: {reason}"))
            .hint("check `--config` and FLOWGLASS_CONFIG, or make one with `flowglass config show > flowglass-new.toml` and rename it")
    })?;
    parse(&text, path)
}

/// Reads the text of a configuration file.
pub(crate) fn parse(text: &str, path: &Path) -> Result<File, Failure> {
    let shown = path.display();
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| {
        let line = line(error.span().map_or(0, |span| span.start));
        let reason = error.message().lines().next().unwrap_or_default().to_lowercase();
        Failure::value(
            code::CONFIG_READ,
            format!("cannot read the configuration `{shown}`, line {line}: {reason}"),
        )
        .hint("the file is TOML: one `key = value` a line, text in double quotes")
    })?;
    let table = table.into_inner();
    // A shell makes the file of `config show > flowglass.toml` before we read it.
    if table.is_empty() {
        return Ok(File {
            path: path.to_owned(),
            layer: Layer::default(),
            secrets: Secrets::default(),
        });
    }
    let version = table.iter().find(|(key, _)| key.get_ref() == "version");
    check_version(version.map(|(_, value)| value.get_ref()), &shown.to_string())?;
    let mut layer = Layer::default();
    let mut secrets = Secrets::default();
    for (name, value) in table.iter().filter(|(key, _)| key.get_ref() != "version") {
        let line = line(name.span().start);
        if name.get_ref() == SECRETS {
            secrets = Secrets::of(value.get_ref(), path, line)?;
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.name == name.get_ref()) else {
            return Err(unknown_key(name.get_ref(), &shown.to_string(), line));
        };
        let value = value.get_ref();
        let text = scalar(value).filter(|_| key.numeric || value.is_str());
        let written = text.ok_or_else(|| {
            Failure::value(
                code::CONFIG_VALUE,
                format!("`{}` in `{shown}`, line {line}, is of the wrong type", key.name),
            )
            .hint(format!("`{}` takes {}", key.name, key.takes))
        })?;
        let origin = Origin::File {
            path: path.to_owned(),
            line,
        };
        layer.0.insert(
            key.name,
            Written {
                text: written.into(),
                origin,
            },
        );
    }
    Ok(File {
        path: path.to_owned(),
        layer,
        secrets,
    })
}

fn check_version(value: Option<&DeValue<'_>>, shown: &str) -> Result<(), Failure> {
    let message = match value.and_then(scalar) {
        Some(version) if version == "1" => return Ok(()),
        Some(version) => {
            format!("the configuration `{shown}` has version `{version}`; this program reads version 1")
        }
        None => format!("the configuration `{shown}` does not say its version"),
    };
    Err(Failure::value(code::CONFIG_VERSION, message).hint("put `version = 1` on the first line"))
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}

fn unknown_key(name: &str, shown: &str, line: usize) -> Failure {
    let known = KEYS.iter().map(|key| key.name).chain(["version"]);
    let message = format!("unknown key `{name}` in `{shown}`, line {line}");
    let hint = match nearest(name, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "the keys are {}",
            known
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    Failure::value(code::CONFIG_KEY, message).hint(hint)
}

/// The most similar word, if one is similar enough to have been meant.
pub(crate) fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let typed = typed.to_lowercase();
    words
        .map(|word| (strsim::jaro_winkler(&typed, word), word))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fails(text: &str, expected: &str) {
        let failure = parse(text, Path::new("f.toml")).unwrap_err();
        let code = failure.code.map(|code| code.to_string()).unwrap_or_default();
        assert_eq!(
            format!(
                "{code} {} | {}",
                failure.message,
                failure.hint.unwrap_or_default()
            ),
            expected
        );
    }

    #[test]
    fn a_file_is_read_with_its_lines() {
        let file = parse(
            "# mine\nversion = 1\n\ntable = \"t\"\nthreads = 3\n",
            Path::new("f.toml"),
        )
        .unwrap();
        let table = file.layer.get("table").unwrap();
        assert_eq!(
            (table.text.to_str(), table.origin.to_string().as_str()),
            (Some("t"), "f.toml line 4")
        );
        assert_eq!(file.layer.get("threads").unwrap().text, "3");
        assert_eq!(file.layer.get("memory"), None);
    }

    #[test]
    fn a_file_that_says_nothing_sets_nothing() {
        for text in ["", " \n\t\n", "# a comment\n"] {
            let file = parse(text, Path::new("f.toml")).unwrap();
            assert!(
                KEYS.iter().all(|key| file.layer.get(key.name).is_none()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        fails(
            "version = 1\ntabel = \"x\"",
            "FG4001 unknown key `tabel` in `f.toml`, line 2 | did you mean `table`?",
        );
        fails(
            "version = 1\nzzz = 1",
            "FG4001 unknown key `zzz` in `f.toml`, line 2 | the keys are `table`, `memory`, `threads`, `format`, `color`, `retention`, `version`",
        );
        fails(
            "table = \"x\"",
            "FG4003 the configuration `f.toml` does not say its version | put `version = 1` on the first line",
        );
        fails(
            "version = 2",
            "FG4003 the configuration `f.toml` has version `2`; this program reads version 1 | put `version = 1` on the first line",
        );
        fails(
            "version = 1\ntable = 3",
            "FG4004 `table` in `f.toml`, line 2, is of the wrong type | `table` takes the path of a folder",
        );
        fails(
            "version = 1\ntable = [1]",
            "FG4004 `table` in `f.toml`, line 2, is of the wrong type | `table` takes the path of a folder",
        );
    }

    #[test]
    fn our_variable_wins_over_no_color() {
        let color = |pairs: &[(&'static str, &str)]| {
            Layer::of_environment(&Environment::of(pairs))
                .get("color")
                .map(|written| written.text.clone())
        };
        assert_eq!(color(&[("NO_COLOR", "1")]), Some("never".into()));
        assert_eq!(
            color(&[("NO_COLOR", "1"), ("FLOWGLASS_COLOR", "always")]),
            Some("always".into())
        );
        assert_eq!(color(&[]), None);
    }

    #[test]
    fn places_in_order() {
        let shown = |pairs: &[(&'static str, &str)]| places(&Environment::of(pairs));
        assert_eq!(shown(&[]), [PathBuf::from("flowglass.toml")]);
        assert_eq!(
            shown(&[("HOME", "h"), ("XDG_CONFIG_HOME", "x")])[1],
            Path::new("x/flowglass/config.toml")
        );
        assert_eq!(
            shown(&[("HOME", "h")])[1],
            Path::new("h/.config/flowglass/config.toml")
        );
    }
}
