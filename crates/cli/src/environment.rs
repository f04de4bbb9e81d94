//! The environment, read once at the start and passed on as a value. Nothing else in the program
//! looks at a variable, so that what a run depends on can be listed and tested.

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
    "NO_COLOR",
    "TERM",
    "HOME",
    "XDG_CONFIG_HOME",
    "APPDATA",
    // Lets a test see what a mistake of ours looks like; debug builds only.
    #[cfg(debug_assertions)]
    "FLOWGLASS_TEST_PANIC",
];

/// The variables that are set and not empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(BTreeMap<&'static str, OsString>);

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Self {
        let set = VARIABLES
            .iter()
            .filter_map(|name| Some((*name, std::env::var_os(name).filter(|value| !value.is_empty())?)));
        Self(set.collect())
    }

    /// A variable, if it is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
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
