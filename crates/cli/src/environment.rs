//! The environment, read once at the start and passed on as a value. Nothing else in the program
//! looks at a variable, so that what a run depends on can be listed and tested. `PATH` aside, by which `az` is found, and
//! where the system's certificates lie.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Every variable the program knows.
pub(crate) const VARIABLES: &[&str] = &[
    "FLOWGLASS_CONFIG",
    "FLOWGLASS_TABLE",
    "FLOWGLASS_MEMORY",
    "FLOWGLASS_THREADS",
    "FLOWGLASS_FORMAT",
    "FLOWGLASS_COLOR",
    "FLOWGLASS_RETENTION",
    "FLOWGLASS_LOG",
    "NO_COLOR",
    "TERM",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "APPDATA",
    "LOCALAPPDATA",
    // Lets a test see what a mistake of ours looks like; debug builds only.
    #[cfg(debug_assertions)]
    "FLOWGLASS_TEST_PANIC",
];

/// The variables that are set and not empty. Some are secrets: only their names are ever shown.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Self {
        let names = VARIABLES.iter().chain(azure::VARIABLES).chain(net::VARIABLES);
        let names = names.chain(azure::storage::VARIABLES);
        let set =
            names.filter_map(|name| Some((*name, std::env::var_os(name).filter(|value| !value.is_empty())?)));
        Self(set.collect())
    }

    /// A variable, if it is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// A variable as text, if it is set and is one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.to_str().map(str::to_owned)
    }

    /// Sets a variable that was not set: what the configuration says of it.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value.into());
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(name, value)| (*name, OsString::from(value)))
                .collect(),
        )
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_shown() {
        let environment = Environment::of(&[("AZURE_CLIENT_SECRET", "hidden")]);
        assert_eq!(format!("{environment:?}"), r#"{"AZURE_CLIENT_SECRET"}"#);
        assert_eq!(environment.text("AZURE_CLIENT_SECRET").as_deref(), Some("hidden"));
    }
}
