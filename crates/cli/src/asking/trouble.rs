//! Why a query in KQL has no answer, for people and for programs.

use engine::KqlFailure;
use table::TableError;

use crate::exit::Failure;
use crate::working::engine_failure;

/// How a message begins that says of a name that no table has it.
const NO_TABLE: [&str; 2] = ["there is no table", "no table fits"];

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// Kusto's code, or ours where the query is not what is wrong.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Line and column, from 1.
    pub(crate) place: Option<(usize, usize)>,
    /// For people.
    pub(crate) failure: Failure,
}

impl Trouble {
    /// A request that cannot be understood.
    pub(crate) fn bad_request(failure: Failure) -> Self {
        Self {
            code: "General_BadRequest".to_owned(),
            message: failure.message.clone(),
            place: None,
            failure,
        }
    }

    /// What an engine said. Where there is no table at all, that is why one is not known by its name.
    pub(crate) fn of(failure: KqlFailure, no_table: Option<&TableError>) -> Self {
        match failure {
            KqlFailure::Query {
                code,
                message,
                line,
                column,
                hint,
            } => {
                let why = no_table.filter(|_| NO_TABLE.iter().any(|begins| message.starts_with(begins)));
                let message = match why {
                    Some(why) => format!("{message}; {why}"),
                    None => message,
                };
                let hint = why.map(|why| why.hint().to_owned()).or(hint);
                let place = format!("{code} at line {line}, column {column}: {message}");
                Self {
                    code: code.to_owned(),
                    message,
                    place: Some((line, column)),
                    failure: Failure {
                        hint,
                        ..Failure::usage(place)
                    },
                }
            }
            KqlFailure::Run { error, place } => {
                let mut failure = engine_failure(&error);
                let message = failure.message.clone();
                if let Some((line, column)) = place {
                    failure.message = format!("at line {line}, column {column}: {message}");
                }
                Self {
                    code: failure.code.map(|code| code.to_string()).unwrap_or_default(),
                    message,
                    place,
                    failure,
                }
            }
        }
    }
}
