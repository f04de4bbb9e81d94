//! The forms that answers come in: what every command knows, and what only answers have.

use std::path::Path;

use super::Whole;
use crate::config::settings::Format;

/// What `--format` of `query` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    Table,
    Json,
    Ndjson,
    Csv,
    Parquet,
    Arrow,
    Kusto,
    Svg,
}

impl Form {
    /// The endings of file names by which [`Self::of_path`] knows them.
    pub(crate) const ENDINGS: &'static str = ".csv, .json, .ndjson, .parquet, .arrow, .svg or .txt";

    /// The form that a file's name asks for.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        Some(match ending.as_str() {
            "txt" => Self::Table,
            "json" => Self::Json,
            "ndjson" | "jsonl" => Self::Ndjson,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            "arrow" | "arrows" => Self::Arrow,
            "svg" => Self::Svg,
            _ => return None,
        })
    }

    /// The form among those that every command knows.
    pub(crate) const fn shown(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Ndjson => Some(Format::Ndjson),
            Self::Csv => Some(Format::Csv),
            Self::Parquet | Self::Arrow | Self::Kusto | Self::Svg => None,
        }
    }

    /// The form among those that are written whole.
    pub(crate) const fn whole(self) -> Option<Whole> {
        match self {
            Self::Parquet => Some(Whole::Parquet),
            Self::Arrow => Some(Whole::Arrow),
            Self::Kusto => Some(Whole::Kusto),
            Self::Svg => Some(Whole::Svg),
            Self::Table | Self::Json | Self::Ndjson | Self::Csv => None,
        }
    }
}
