//! The one list of settings. A key exists only if it is here; what its values mean is in
//! [`super::settings`].

/// A setting.
#[derive(Debug)]
pub(crate) struct Key {
    /// In the file.
    pub(crate) name: &'static str,
    /// In the environment.
    pub(crate) variable: &'static str,
    /// On the command line.
    pub(crate) flag: &'static str,
    /// What it may be, for messages.
    pub(crate) takes: &'static str,
    /// In the file it may be a number.
    pub(crate) numeric: bool,
}

pub(crate) const TABLE: Key = Key {
    name: "table",
    variable: "FLOWGLASS_TABLE",
    flag: "--table",
    takes: "the path of a folder",
    numeric: false,
};
pub(crate) const MEMORY: Key = Key {
    name: "memory",
    variable: "FLOWGLASS_MEMORY",
    flag: "--memory",
    takes: "a size from 64MiB up, such as `512MiB` or `4GiB`",
    numeric: true,
};
pub(crate) const THREADS: Key = Key {
    name: "threads",
    variable: "FLOWGLASS_THREADS",
    flag: "--threads",
    takes: "`auto` or a whole number from 1 to 1024",
    numeric: true,
};
pub(crate) const FORMAT: Key = Key {
    name: "format",
    variable: "FLOWGLASS_FORMAT",
    flag: "--format",
    takes: "`table`, `json`, `ndjson` or `csv`",
    numeric: false,
};
pub(crate) const COLOR: Key = Key {
    name: "color",
    variable: "FLOWGLASS_COLOR",
    flag: "--color",
    takes: "`auto`, `always` or `never`",
    numeric: false,
};
pub(crate) const RETENTION: Key = Key {
    name: "retention",
    variable: "FLOWGLASS_RETENTION",
    flag: "--retention",
    takes: "`off` or days from 1 to 36500, such as `90d`",
    numeric: true,
};

/// Every setting, in the order they are shown.
pub(crate) const KEYS: [&Key; 6] = [&TABLE, &MEMORY, &THREADS, &FORMAT, &COLOR, &RETENTION];
