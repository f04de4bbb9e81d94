//! `flowglass doctor`: is everything here that is needed? It changes nothing that stays.

mod checks;
mod in_account;
mod retention;

use std::io::Write as _;

use super::Run;
use crate::account::{is_address, is_misspelled};
use crate::arguments::{FormatFlag, HELP, TableFlag};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::Exit;
use crate::json_text::Json;
use crate::session::Session;
use model::printable;

const EXAMPLES: &str = "\
Examples:
  flowglass doctor                    what is here, and what to do
  flowglass doctor --table D:/flows   would this folder do?
  flowglass doctor --table az://account/container/flows    or this account?
  flowglass doctor --format json      for a program or a bug report
";

const AFTER: &str = "Exit code 0 unless a line says FAIL, then 1.";

/// Checks that everything Flowglass needs is here.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help("table, json (one array) or ndjson (an object a line)")))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    format: FormatFlag,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Ok,
    Warn,
    Fail,
}

impl Health {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) health: Health,
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
}

impl Finding {
    pub(crate) fn ok(text: impl Into<String>) -> Self {
        Self {
            health: Health::Ok,
            text: text.into(),
            hint: None,
        }
    }

    pub(crate) fn warn(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            health: Health::Warn,
            text: text.into(),
            hint: Some(hint.into()),
        }
    }

    pub(crate) fn fail(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            health: Health::Fail,
            text: text.into(),
            hint: Some(hint.into()),
        }
    }
}

/// Whether a table can be read and written where it is, or made there. It is not made.
pub(crate) async fn place_of_table(session: &Session) -> Finding {
    let place = &session.settings.table.value;
    match is_address(place.as_os_str()) || is_misspelled(place.as_os_str()) {
        true => in_account::found(session).await,
        false => checks::folder(place),
    }
}

/// One thing that is looked at. A new one is a function and a line in [`checks::CHECKS`].
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) look: fn(&Session) -> Finding,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.table.flags(layer);
        self.format.flags(layer);
    }

    fn bears_misconfiguration(&self) -> bool {
        true
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json, Format::Ndjson];
        let format = session.settings.format_among(&forms, "checks are shown")?;
        let findings: Vec<(&'static str, Finding)> = checks::CHECKS
            .iter()
            .map(|check| (check.name, (check.look)(session)))
            .collect();
        let mut out = session.out();
        match format {
            Format::Json => {
                Json::List(findings.iter().map(object).collect()).write(&mut out, Some(0))?;
                out.write_all(b"\n")?;
            }
            Format::Ndjson => {
                for finding in &findings {
                    object(finding).write(&mut out, None)?;
                    out.write_all(b"\n")?;
                }
            }
            _ => out.write_all(page(&findings).as_bytes())?,
        }
        out.flush()?;
        let failed = findings.iter().any(|(_, finding)| finding.health == Health::Fail);
        Ok(if failed { Exit::Found } else { Exit::Done })
    }
}

fn page(findings: &[(&'static str, Finding)]) -> String {
    let mut text = String::new();
    for (name, finding) in findings {
        text.push_str(&format!(
            "{:<4}  {name:<13}  {}\n",
            finding.health.word(),
            printable::text(&finding.text)
        ));
        if let Some(hint) = &finding.hint {
            text.push_str(&format!("{:21}hint: {}\n", "", printable::text(hint)));
        }
    }
    let count = |health| {
        findings
            .iter()
            .filter(|(_, finding)| finding.health == health)
            .count()
    };
    text.push_str(&format!(
        "{} ok, {} to look at, {} failed\n",
        count(Health::Ok),
        count(Health::Warn),
        count(Health::Fail)
    ));
    text
}

fn object((name, finding): &(&'static str, Finding)) -> Json {
    Json::Object(vec![
        ("check", Json::text(*name)),
        ("health", Json::text(finding.health.word().to_lowercase())),
        ("text", Json::text(finding.text.clone())),
        ("hint", Json::from(finding.hint.as_deref())),
    ])
}
