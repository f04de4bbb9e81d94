//! `flowglass config`: what is in force, and why.

use std::io::Write as _;

use super::Run;
use crate::arguments::{EffortFlags, FormatFlag, HELP, TABLE_OR_OBJECT, TableFlag};
use crate::config::raw::Layer;
use crate::config::settings::{Format, Settings};
use crate::exit::Exit;
use crate::json_text::Json;
use crate::session::Session;
use model::printable;

const EXAMPLES: &str = "\
Examples:
  flowglass config show                          each setting, and who set it
  flowglass config show > flowglass-new.toml     a file to begin with; rename it
";

const SHOW_EXAMPLES: &str = "\
Examples:
  flowglass config show                      each setting, and who set it
  FLOWGLASS_TABLE=t flowglass config show    what a variable would change
  flowglass config show --format json        for a program
";

const AFTER: &str = "\
A flag wins over the environment (FLOWGLASS_TABLE and so on), the environment
over flowglass.toml (here, or `flowglass/config.toml` in the user's
configuration folder), the file over the default.";

/// Shows the settings in force.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, help_template = HELP, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Show(Show),
}

/// Prints each setting with where it comes from.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = SHOW_EXAMPLES, after_help = AFTER, help_template = HELP)]
struct Show {
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        let What::Show(show) = &self.what;
        show.format.flags(layer);
        show.table.flags(layer);
        show.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut out = session.out();
        let format = session
            .settings
            .format_among(&[Format::Table, Format::Json], "settings are shown")?;
        match format {
            Format::Json => {
                as_json(&session.settings).write(&mut out, Some(0))?;
                out.write_all(b"\n")?;
            }
            _ => out.write_all(as_toml(&session.settings).as_bytes())?,
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// Itself a configuration file that would set the same.
fn as_toml(settings: &Settings) -> String {
    let mut text = match &settings.file {
        Some(path) => format!(
            "# file in force: {}\n",
            printable::text(&path.display().to_string())
        ),
        None => "# no configuration file\n".to_owned(),
    };
    text.push_str("version = 1\n");
    for (key, value, origin) in settings.shown() {
        // JSON's escapes are TOML's.
        let mut quoted = Vec::new();
        let _ = crate::json_text::string(&mut quoted, &value);
        let line = format!("{} = {}", key.name, String::from_utf8_lossy(&quoted));
        text.push_str(&format!(
            "{line:<34}  # {}\n",
            printable::text(&origin.to_string())
        ));
    }
    text
}

fn as_json(settings: &Settings) -> Json {
    let file = settings.file.as_ref().map(|path| path.display().to_string());
    let mut fields = vec![("file", Json::from(file.as_deref()))];
    for (key, value, origin) in settings.shown() {
        let setting = vec![
            ("value", Json::text(value)),
            ("origin", Json::text(origin.to_string())),
        ];
        fields.push((key.name, Json::Object(setting)));
    }
    Json::Object(fields)
}
