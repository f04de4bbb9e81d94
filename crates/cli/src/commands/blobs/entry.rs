//! A blob in a list: what its name says, whether it may still grow, and how far the table has read it.

use std::collections::BTreeSet;

use formats::path::BlobPath;
use ingest::Source;
use model::facts::Mac;
use table::Position;

use crate::instant::Micros;
use crate::recorded::Times;

pub(super) const HOUR: Micros = 3_600_000_000;

/// A blob that was changed so short a time ago may be changed again. Azure writes about once a minute.
const QUIET: Micros = 600_000_000;

/// Whether more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Growing,
    Complete,
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Growing => "growing",
            Self::Complete => "complete",
        }
    }

    /// Of a blob of that hour that was changed then; 0 is not known.
    fn of(hour: Option<Micros>, changed: Micros, now: Micros) -> Self {
        let is_begun = hour.is_some_and(|hour| now < hour.saturating_add(HOUR));
        let is_fresh = changed != 0 && now.saturating_sub(changed) < QUIET;
        match is_begun || is_fresh {
            true => Self::Growing,
            false => Self::Complete,
        }
    }
}

/// How far the table has read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// As it is now.
    Read,
    /// So many bytes have come since.
    Behind(u64),
    /// It is another one than was read, and no larger.
    Changed,
    NotRead,
}

impl Standing {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Behind(_) => "behind",
            Self::Changed => "changed",
            Self::NotRead => "not read",
        }
    }

    /// How a source stands to where reading of it stands.
    pub(super) fn of(source: &Source, before: Option<&Position>) -> Self {
        let Some(before) = before else {
            return Self::NotRead;
        };
        let is_same = match &source.blob {
            Some(blob) => {
                let mark = before.blob.as_ref();
                mark.is_some_and(|mark| Some(&mark.etag) == blob.etag.as_ref())
            }
            None => before.size == source.bytes && before.modified == source.modified,
        };
        // A last row without a line end is stored later.
        let upto = match (is_same, before.waiting) {
            (true, false) => return Self::Read,
            (true, true) => before.cursor,
            (false, _) => before.size,
        };
        match source.bytes.checked_sub(upto).filter(|more| *more > 0) {
            Some(more) => Self::Behind(more),
            None => Self::Changed,
        }
    }
}

/// A blob in a list.
pub(super) struct Entry {
    pub(super) source: Source,
    path: Option<BlobPath>,
    pub(super) mac: Option<Mac>,
    /// When its hour begins.
    pub(super) hour: Option<Micros>,
    /// When it was changed; none where that is not known.
    pub(super) changed: Option<Micros>,
    pub(super) state: State,
    /// None without a table.
    pub(super) standing: Option<Standing>,
    /// What facts call its interface.
    pub(super) interface: Option<String>,
    /// How many committed blocks it has, where that was asked.
    pub(super) blocks: Option<u64>,
}

impl Entry {
    /// None for what is no file: it has no size to tell.
    pub(super) fn of(source: Source, now: Micros) -> Option<Self> {
        if !source.has_position() {
            return None;
        }
        let path = BlobPath::parse(&source.display);
        let mac = path.as_ref().and_then(|path| Mac::parse(path.mac.as_deref()?));
        let hour = source.hour.map(|hour| i64::from(hour).saturating_mul(HOUR));
        let changed = source.modified.div_euclid(1000);
        Some(Self {
            state: State::of(hour, changed, now),
            source,
            path,
            mac,
            hour,
            changed: Some(changed).filter(|changed| *changed != 0),
            standing: None,
            interface: None,
            blocks: None,
        })
    }

    /// What stands to the left of its hour, or the folder that it is in.
    pub(super) fn group(&self) -> &str {
        match &self.path {
            Some(path) => &path.prefix,
            None => self
                .source
                .display
                .rsplit_once(['/', '\\'])
                .map_or("", |(folder, _)| folder),
        }
    }

    /// The flow log, by the last part of its name: <https://learn.microsoft.com/azure/network-watcher/flow-logs-read>
    pub(super) fn flow_log(&self) -> Option<&str> {
        let path = self.path.as_ref()?;
        let last = path.prefix.rsplit(['/', '\\']).next();
        last.filter(|last| !last.is_empty())
    }

    /// What the file is called, where its name is none of Azure's.
    pub(super) fn other_name(&self) -> Option<&str> {
        match self.path {
            Some(_) => None,
            None => self.source.display.rsplit(['/', '\\']).next(),
        }
    }
}

/// Which blobs are asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) times: Option<Times>,
    pub(super) macs: BTreeSet<Mac>,
}

impl Wanted {
    /// What has no hour or no interface in its name is none of those that are asked for by them.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        let is_then = self.times.is_none_or(|(from, before)| {
            entry
                .hour
                .is_some_and(|hour| hour < before && hour.saturating_add(HOUR) > from)
        });
        is_then && (self.macs.is_empty() || entry.mac.is_some_and(|mac| self.macs.contains(&mac)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-14T10:00:00Z
    const BEGUN: Micros = 1_710_410_400_000_000;
    const MINUTE: Micros = 60_000_000;

    #[test]
    fn growing_or_complete() {
        let check = |hour: Option<Micros>, changed: Micros, now: Micros, expected| {
            assert_eq!(
                State::of(hour, changed, now),
                expected,
                "{hour:?} {changed} {now}"
            );
        };
        let hour = Some(BEGUN);
        let end = BEGUN + HOUR;
        check(hour, BEGUN, end - 1, State::Growing);
        check(hour, BEGUN, end, State::Complete);
        check(hour, end - MINUTE, end + 8 * MINUTE, State::Growing);
        check(hour, end - MINUTE, end + 9 * MINUTE, State::Complete);
        check(hour, end + MINUTE, end + 10 * MINUTE, State::Growing);
        // Copied just now, or by a machine whose clock is ahead.
        check(None, end, end, State::Growing);
        check(None, end + HOUR, end, State::Growing);
        check(None, end - QUIET, end, State::Complete);
        check(None, 0, 0, State::Complete);
        check(hour, 0, BEGUN, State::Growing);
    }

    fn source() -> Source {
        let mut source = ingest::find(&[ingest::Input::Standard], 0).sources.remove(0);
        source.display = "logs/flowLogResourceID=/S_RG/NW_EASTUS_F/y=2024/m=03/d=14/h=10/m=00/macAddress=000D3AF87856/PT1H.json".to_owned();
        source.path = Some(source.display.clone().into());
        (source.bytes, source.modified) = (1000, 5_000_000_000);
        source.hour = Some(i32::try_from(BEGUN / HOUR).unwrap());
        source
    }

    fn position(json: &str) -> Position {
        let fixed = r#""source": "x", "length": 0, "sha256": "", "modified": 5000000000"#;
        serde_json::from_str(&format!("{{{fixed}, {json}}}")).unwrap()
    }

    #[test]
    fn how_far_it_is_read() {
        let check = |json: &str, expected| {
            assert_eq!(Standing::of(&source(), Some(&position(json))), expected, "{json}");
        };
        assert_eq!(Standing::of(&source(), None), Standing::NotRead);
        check(r#""cursor": 998, "size": 1000"#, Standing::Read);
        check(
            r#""cursor": 900, "size": 1000, "waiting": true"#,
            Standing::Behind(100),
        );
        check(r#""cursor": 698, "size": 700"#, Standing::Behind(300));
        check(r#""cursor": 1198, "size": 1200"#, Standing::Changed);
        let later = Source {
            modified: 6_000_000_000,
            ..source()
        };
        let before = position(r#""cursor": 998, "size": 1000"#);
        assert_eq!(Standing::of(&later, Some(&before)), Standing::Changed);
    }

    #[test]
    fn what_the_name_says() {
        let entry = Entry::of(source(), BEGUN).unwrap();
        assert_eq!(entry.group(), "logs/flowLogResourceID=/S_RG/NW_EASTUS_F");
        assert_eq!(entry.flow_log(), Some("NW_EASTUS_F"));
        assert_eq!(
            (entry.mac, entry.other_name()),
            (Mac::parse("000D3AF87856"), None)
        );
        assert_eq!((entry.hour, entry.changed), (Some(BEGUN), Some(5_000_000)));
        let other = Source {
            display: "logs/copy.json".to_owned(),
            hour: None,
            ..source()
        };
        let other = Entry::of(other, BEGUN).unwrap();
        assert_eq!((other.group(), other.other_name()), ("logs", Some("copy.json")));
        assert_eq!((other.flow_log(), other.mac), (None, None));
        let pipe = Source {
            path: None,
            ..source()
        };
        assert!(Entry::of(pipe, BEGUN).is_none());
    }

    #[test]
    fn who_is_wanted() {
        let entry = Entry::of(source(), BEGUN).unwrap();
        let has = |times: Option<Times>, macs: &[&str]| {
            let macs = macs.iter().map(|mac| Mac::parse(mac).unwrap()).collect();
            Wanted { times, macs }.has(&entry)
        };
        assert!(has(None, &[]));
        assert!(has(Some((BEGUN + MINUTE, BEGUN + 2 * MINUTE)), &[]));
        assert!(!has(Some((BEGUN - HOUR, BEGUN)), &[]));
        assert!(!has(Some((BEGUN + HOUR, BEGUN + 2 * HOUR)), &[]));
        assert!(has(None, &["00-0d-3a-f8-78-56"]));
        assert!(!has(None, &["00-0d-3a-f8-78-57"]));
    }
}
