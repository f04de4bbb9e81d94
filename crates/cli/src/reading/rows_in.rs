//! How rows are to be read that are not Azure's own records: as typed, and as meant.

use std::sync::Arc;

use clap::Args;
use formats::{FormatIn, Mapping, MappingError, RowOptions, Zone};
use model::codes::list as code;

use crate::exit::Failure;

/// The flags as typed.
#[derive(Debug, Default, Args)]
pub(crate) struct RowFlags {
    /// azure, flat, splunk, elastic …: a wrong one lists all
    #[arg(long, value_name = "NAME")]
    format_in: Option<String>,
    /// Flat records: field of a column, as SrcIp=client
    #[arg(long, value_name = "COL=FIELD")]
    map: Vec<String>,
    /// Zone of times without one: UTC, Europe/Berlin, +01:00
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    tz: Option<String>,
}

impl RowFlags {
    /// Understands the flags.
    pub(crate) fn resolve(&self) -> Result<Arc<RowOptions>, Failure> {
        let mut options = RowOptions::default();
        if let Some(typed) = &self.format_in {
            options.form = FormatIn::from_name(typed).ok_or_else(|| {
                let names: Vec<&str> = FormatIn::ALL.iter().map(|(_, name, _)| *name).collect();
                Failure::value(
                    code::ROWS_VALUE,
                    format!("`--format-in {typed}` names no form that is read"),
                )
                .hint(format!("one of {}", names.join(", ")))
            })?;
        }
        for typed in &self.map {
            options
                .mapping
                .add(typed)
                .map_err(|error| map_failure(typed, error))?;
        }
        if !options.mapping.is_empty() && !matches!(options.form, FormatIn::Auto | FormatIn::Flat) {
            let text = format!(
                "`--map` names fields of flat records, not of `{}`",
                options.form.name()
            );
            return Err(Failure::value(code::ROWS_VALUE, text)
                .hint("leave `--format-in` out, or say `--format-in flat`"));
        }
        if let Some(typed) = &self.tz {
            options.zone = Some(Zone::parse(typed).ok_or_else(|| {
                Failure::value(code::ROWS_VALUE, format!("`--tz {typed}` names no time zone"))
                    .hint("use UTC, an IANA name such as Europe/Berlin, or an offset such as +01:00")
            })?);
        }
        Ok(Arc::new(options))
    }
}

fn map_failure(typed: &str, error: MappingError) -> Failure {
    let (what, hint) = match error {
        MappingError::Shape => (
            "is not COLUMN=FIELD",
            "for example `--map SrcIp=client_address`".to_owned(),
        ),
        MappingError::Column => {
            let columns: Vec<&str> = Mapping::columns().collect();
            (
                "names no column that a field can fill",
                format!("one of {}", columns.join(", ")),
            )
        }
        MappingError::Twice => (
            "names a column or a field for the second time",
            "give each column one field, and each field one column".to_owned(),
        ),
    };
    Failure::value(code::ROWS_VALUE, format!("`--map {typed}` {what}")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(flags: &RowFlags, expected: Result<(FormatIn, bool), &str>) {
        let got = flags.resolve();
        let got = got
            .as_ref()
            .map(|options| (options.form, options.zone.is_some()))
            .map_err(|failure| failure.message.as_str());
        assert_eq!(got, expected);
    }

    #[test]
    fn flags_are_understood_or_refused() {
        let flags = |form: &str, map: &[&str], tz: &str| RowFlags {
            format_in: Some(form.to_owned()).filter(|form| !form.is_empty()),
            map: map.iter().map(|typed| (*typed).to_owned()).collect(),
            tz: Some(tz.to_owned()).filter(|tz| !tz.is_empty()),
        };
        check(&flags("", &[], ""), Ok((FormatIn::Auto, false)));
        check(&flags("Sumo", &[], "+01:00"), Ok((FormatIn::Sumo, true)));
        check(
            &flags("", &["SrcIp=a", "DestIp=b"], ""),
            Ok((FormatIn::Auto, false)),
        );
        check(
            &flags("csv", &[], ""),
            Err("`--format-in csv` names no form that is read"),
        );
        check(&flags("", &["a"], ""), Err("`--map a` is not COLUMN=FIELD"));
        check(
            &flags("", &["a=b"], ""),
            Err("`--map a=b` names no column that a field can fill"),
        );
        check(
            &flags("", &["SrcIp=b", "SrcIp=c"], ""),
            Err("`--map SrcIp=c` names a column or a field for the second time"),
        );
        check(
            &flags("sumo", &["SrcIp=b"], ""),
            Err("`--map` names fields of flat records, not of `sumo`"),
        );
        check(&flags("", &[], "Berlin"), Err("`--tz Berlin` names no time zone"));
    }
}
