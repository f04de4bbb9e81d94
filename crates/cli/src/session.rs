//! One run of the program: arguments and settings in, a command run, its end turned into a message
//! and an exit code. It must not know any command.

use std::ffi::OsString;
use std::io::Write;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::config::raw::{self, Layer};
use crate::config::settings::Settings;
use crate::environment::Environment;
use crate::exit::{Exit, Failure, failure_of, is_broken_pipe};
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::terminal::Terminal;
use crate::usage;

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) terminal: Terminal,
    /// What is wrong with the configuration, for a command that bears it; the settings are then of the
    /// flags alone.
    pub(crate) misconfigured: Option<Failure>,
    /// When the run began; the only "now" there is.
    pub(crate) now: Micros,
    /// The variables that were set.
    pub(crate) environment: Environment,
    /// What was asked over the network and is not answered yet.
    pub(crate) waiting: net::Waiting,
}

impl Session {
    /// Says something beside the data. What cannot be said is not worth failing for.
    pub(crate) fn say(&self, message: &Message) {
        let _ = message.write(&mut self.terminal.err(), self.terminal.color_stderr);
    }

    /// Where data goes.
    pub(crate) fn out(&self) -> Box<dyn Write> {
        self.terminal.out()
    }
}

/// Runs the program.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Exit {
    let environment = Environment::read();
    let terminal = Terminal::detect();
    #[cfg(debug_assertions)]
    panic_if_asked(&environment);
    let typed: Vec<OsString> = arguments.collect();
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => return usage::explain(&error, &typed, terminal),
    };
    match start(arguments, environment, terminal) {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            let failure = failure_of(error);
            let _ = Message::from(&failure).write(&mut terminal.err(), false);
            failure.exit
        }
    }
}

/// So that a test sees what a mistake of ours looks like.
#[cfg(debug_assertions)]
fn panic_if_asked(environment: &Environment) {
    assert!(
        environment.get("FLOWGLASS_TEST_PANIC").is_none(),
        "this was asked for"
    );
}

fn start(arguments: Arguments, mut environment: Environment, terminal: Terminal) -> anyhow::Result<Exit> {
    let mut flags = Layer::default();
    arguments.everywhere.flags(&mut flags);
    arguments.command.flags(&mut flags);
    let settled = raw::find(arguments.everywhere.config.as_deref(), &environment).and_then(|file| {
        let settings = Settings::resolve(&flags, &Layer::of_environment(&environment), file.as_ref())?;
        Ok((settings, file.map(|file| file.secrets)))
    });
    let (settings, misconfigured) = match settled {
        Ok((settings, secrets)) => {
            secrets.unwrap_or_default().into_environment(&mut environment);
            (settings, None)
        }
        Err(failure) if arguments.command.bears_misconfiguration() => {
            (Settings::resolve(&flags, &Layer::default(), None)?, Some(failure))
        }
        Err(failure) => return Err(failure.into()),
    };
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    let session = Session {
        terminal: terminal.with_color(settings.color.value, dumb),
        now: chrono::Utc::now().timestamp_micros(),
        settings,
        misconfigured,
        environment,
        waiting: net::Waiting::default(),
    };
    match arguments.command.run(&session) {
        Err(error) if !is_broken_pipe(&error) => {
            // Said here rather than above, because here it is known whether to colour.
            let failure = failure_of(error);
            session.say(&Message::from(&failure));
            Ok(failure.exit)
        }
        other => other,
    }
}

/// A panic is our own mistake: say so in plain words and end with the number for it.
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        say_panic(panic);
        std::process::exit(i32::from(Exit::Bug.number()));
    }));
}

/// From here on a panic ends only what it happened in, for work that goes on with the next piece.
pub(crate) fn outlive_panics() {
    std::panic::set_hook(Box::new(say_panic));
}

fn say_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let what = panic
        .payload_as_str()
        .unwrap_or("no reason given")
        .lines()
        .next()
        .unwrap_or_default();
    let place = panic.location().map_or_else(String::new, |place| {
        format!(" ({}:{})", place.file(), place.line())
    });
    let text = format!(
        "flowglass {} made a mistake: {what}{place}",
        env!("CARGO_PKG_VERSION")
    );
    let message = Message::new(Grade::Error, text).hint(concat!(
        "please report this with the command you ran at ",
        env!("CARGO_PKG_REPOSITORY"),
        "/issues; nothing was half stored"
    ));
    let _ = message.write(&mut std::io::stderr().lock(), false);
}
