//! Where the text of a query comes from, and texts that are no query of the language that they were given as.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use kql::Severity;
use table::io_reason;

use crate::exit::Failure;

/// What is asked.
pub(crate) enum Question {
    Kql(String),
    Sql(String),
}

impl Question {
    /// The question of a command line: KQL, SQL, a file, or else standard input.
    pub(crate) fn find(
        kql: Option<&String>,
        sql: Option<&String>,
        file: Option<&Path>,
    ) -> Result<Self, Failure> {
        if let Some(text) = sql {
            no_file(text)?;
            return Ok(Self::Sql(text.clone()));
        }
        if let Some(text) = kql {
            no_file(text)?;
            return Ok(Self::Kql(text.clone()));
        }
        let Some(path) = file else {
            if std::io::stdin().is_terminal() {
                return Err(Failure::usage("a query is missing").hint("`flowglass query -h` has examples"));
            }
            return Ok(Self::Kql(read(Path::new("-"))?));
        };
        let text = read(path)?;
        let is_sql = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
        Ok(if is_sql { Self::Sql(text) } else { Self::Kql(text) })
    }
}

/// Refuses the name of a file where a query is asked for.
fn no_file(text: &str) -> Result<(), Failure> {
    let name = text.trim();
    let path = Path::new(name);
    // A table may have the name of a file, but no dot and what is behind it.
    if path.extension().is_none() || !path.is_file() {
        return Ok(());
    }
    Err(Failure::usage(format!("`{name}` is a file, and no query"))
        .hint(format!("`-f {name}` asks what it holds")))
}

/// The text of a file, or of standard input.
fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = read.map_err(|error| {
        Failure::usage(format!("cannot read `{}`: {}", path.display(), io_reason(&error)))
            .hint("`--file` names a text file that holds one query; `-` is standard input")
    })?;
    // Some editors put a byte order mark before the text.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// A failure of what was asked in SQL; where it is KQL, that is what is said.
pub(crate) fn asked_in_sql(text: &str, failure: Failure) -> Failure {
    let is_kql = || {
        let (_, diagnostics) = kql::parse(text);
        !diagnostics.iter().any(|held| held.severity == Severity::Error)
    };
    if text.contains('|') && is_kql() {
        return failure.hint("this is KQL: leave out `--sql`, and end a file's name in .kql");
    }
    failure
}

/// A failure of what was asked in KQL; where it is SQL, it is said how to ask that.
pub(crate) fn asked_in_kql(failure: Failure) -> Failure {
    match &failure.hint {
        Some(hint) if hint.starts_with("this is SQL") => {
            let hint = format!("{hint}; SQL is asked by `--sql`");
            failure.hint(hint)
        }
        _ => failure,
    }
}
