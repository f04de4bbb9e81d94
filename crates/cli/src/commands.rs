//! The commands. One module each, with `Args` and a [`Run`] for it; a new one is a file, its `mod` line
//! and its line in the list below.

mod blobs;
mod collect;
mod completions;
mod config;
mod demo;
mod doctor;
mod explain;
mod facts;
pub(crate) mod ingest;
mod learn;
mod man;
mod overview;
pub(crate) mod query;
mod read;
mod replay;
mod rules;
mod table;
mod who;

use crate::config::raw::Layer;
use crate::exit::Exit;
use crate::session::Session;

/// What a command must be able to do.
pub(crate) trait Run {
    /// Notes the settings that were typed as flags.
    fn flags(&self, _layer: &mut Layer) {}
    /// Whether it has something to say where the configuration is wrong.
    fn bears_misconfiguration(&self) -> bool {
        false
    }
    /// Does it.
    fn run(self, session: &Session) -> anyhow::Result<Exit>;
}

macro_rules! commands {
    ($($variant:ident => $module:ident),+ $(,)?) => {
        /// The command that was typed.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Command { $($variant(Box<$module::Args>)),+ }

        impl Command {
            /// Notes the settings that were typed as flags.
            pub(crate) fn flags(&self, layer: &mut Layer) {
                match self { $(Self::$variant(arguments) => arguments.flags(layer)),+ }
            }

            /// Whether it has something to say where the configuration is wrong.
            pub(crate) fn bears_misconfiguration(&self) -> bool {
                match self { $(Self::$variant(arguments) => arguments.bears_misconfiguration()),+ }
            }

            /// Does it.
            pub(crate) fn run(self, session: &Session) -> anyhow::Result<Exit> {
                match self { $(Self::$variant(arguments) => arguments.run(session)),+ }
            }
        }
    };
}

commands! {
    Demo => demo,
    Read => read,
    Blobs => blobs,
    Ingest => ingest,
    Collect => collect,
    Query => query,
    Overview => overview,
    Explain => explain,
    Rules => rules,
    Replay => replay,
    Facts => facts,
    Who => who,
    Learn => learn,
    Table => table,
    Config => config,
    Doctor => doctor,
    Completions => completions,
    Man => man,
}
