//! A command line that cannot be understood, said in the words of the rest of the program.
//! It looks at what the argument parser found; it must not parse arguments itself.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::account::shown;
use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::message::Message;
use crate::terminal::Terminal;

/// Prints help, version, or what is wrong; returns how the program ends.
pub(crate) fn explain(error: &clap::Error, typed: &[OsString], terminal: Terminal) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let mut out = terminal.out();
            let written = write!(out, "{}", error.render()).and_then(|()| out.flush());
            // The reader of a help page may leave early.
            let _ = written;
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(terminal.err(), "{}", error.render());
            Exit::Usage
        }
        _ => {
            let failure = failure(error, typed);
            let _ = Message::from(&failure).write(&mut terminal.err(), false);
            failure.exit
        }
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}

fn failure(error: &clap::Error, typed: &[OsString]) -> Failure {
    let first = |kind| texts(error, kind).into_iter().next().unwrap_or_default();
    // Somebody may have typed a secret there.
    let shown = |text: String| shown(OsStr::new(&text));
    // `--port <PORTS>` becomes `--port`.
    let argument = first(ContextKind::InvalidArg);
    let flag = argument.split(' ').next().unwrap_or_default();
    let value = shown(first(ContextKind::InvalidValue));
    let suggested = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .flat_map(|kind| texts(error, kind))
    .next();
    let message = match error.kind() {
        ErrorKind::UnknownArgument if flag.starts_with('-') => format!("there is no flag `{flag}` here"),
        ErrorKind::UnknownArgument => format!("`{}` is one argument too many", shown(argument.clone())),
        ErrorKind::InvalidSubcommand => {
            format!(
                "there is no command `{}`",
                shown(first(ContextKind::InvalidSubcommand))
            )
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("`{flag}` needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("`{value}` is not a value of `{flag}`")
        }
        ErrorKind::MissingRequiredArgument => format!("{} is missing", missing(error).join(" and ")),
        ErrorKind::MissingSubcommand => "a command is missing".to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = first(ContextKind::PriorArg);
            if other.is_empty() || other == argument {
                format!("`{flag}` is given more than once")
            } else {
                format!(
                    "`{flag}` cannot be used together with `{}`",
                    other.split(' ').next().unwrap_or_default()
                )
            }
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".to_owned(),
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.strip_prefix("error: ").unwrap_or(line).to_owned()
        }
    };
    let allowed: Vec<String> = texts(error, ContextKind::ValidValue)
        .iter()
        .filter(|value| !value.is_empty())
        .map(|value| format!("`{value}`"))
        .collect();
    let hint = match suggested {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if !allowed.is_empty() => format!("it takes {}", allowed.join(", ")),
        // Our own value parsers give the form as their error.
        None => match std::error::Error::source(error) {
            Some(form) if error.kind() == ErrorKind::ValueValidation => format!("it takes {form}"),
            _ if missing(error) == ["`ADDRESS`"] => {
                "name a container, such as az://ACCOUNT/insights-logs-flowlogflowevent, or add `--discover` to follow those of the facts".to_owned()
            }
            _ => format!("`{} -h` shows what it takes", command_of(typed)),
        },
    };
    Failure::usage(message).hint(hint)
}

/// What has to be there, by the names of help pages: `<PATH>...` is `PATH`.
fn missing(error: &clap::Error) -> Vec<String> {
    if error.kind() != ErrorKind::MissingRequiredArgument {
        return Vec::new();
    }
    let names = texts(error, ContextKind::InvalidArg).into_iter();
    let bare = names.map(|name| {
        let name = name.trim_end_matches("...");
        let inner = name.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
        format!("`{}`", inner.unwrap_or(name))
    });
    bare.collect()
}

/// The command as far as it was typed, for the hint.
fn command_of(typed: &[OsString]) -> String {
    let mut command = &Arguments::command();
    let mut words = vec!["flowglass"];
    for word in typed.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(inner) = command.find_subcommand(word) {
            command = inner;
            words.push(command.get_name());
        }
    }
    words.join(" ")
}
