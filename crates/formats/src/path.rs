//! The path of a blob as Azure lays it out, read from the right.
//!
//! `…/y=2024/m=12/d=31/h=09/m=00/macAddress=000D3A359573/PT1H.json`. What stands to the left names
//! the flow log in three spellings and is kept as an opaque text. The hour is UTC and says when the
//! blob was begun; tuples carry their own time.

/// A blob's place in Azure's layout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobPath {
    /// Everything to the left of `y=`, without the separator: container and flow log.
    pub prefix: String,
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23, UTC.
    pub hour: u8,
    /// Network interface as the path spells it; absent in some old layouts.
    pub mac: Option<String>,
}

impl BlobPath {
    /// Reads a path or URL; `None` if it is not laid out as Azure does.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.rsplit(['/', '\\']).peekable();
        if !parts.next()?.to_ascii_lowercase().starts_with("pt1h.json") {
            return None;
        }
        let mac = parts
            .peek()
            .and_then(|part| strip_key(part, "macAddress="))
            .map(str::to_owned);
        if mac.is_some() {
            parts.next();
        }
        let _minute: u8 = strip_key(parts.next()?, "m=")?.parse().ok()?;
        let hour = strip_key(parts.next()?, "h=")?
            .parse()
            .ok()
            .filter(|hour| *hour < 24)?;
        let day = strip_key(parts.next()?, "d=")?
            .parse()
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        let month = strip_key(parts.next()?, "m=")?
            .parse()
            .ok()
            .filter(|month| (1..=12).contains(month))?;
        let year = strip_key(parts.next()?, "y=")?.parse().ok()?;
        let left: Vec<&str> = parts.collect();
        let prefix = left.into_iter().rev().collect::<Vec<_>>().join("/");
        Some(Self {
            prefix,
            year,
            month,
            day,
            hour,
            mac,
        })
    }

    /// Whole hours from 1970-01-01 to the blob's hour.
    #[must_use]
    pub fn hours_since_1970(&self) -> i32 {
        let day = crate::names::days_from_civil(self.year.into(), self.month.into(), self.day.into());
        i32::try_from(day * 24 + i64::from(self.hour)).unwrap_or(i32::MAX)
    }

    /// The hour as text, `2024-12-31T09`.
    #[must_use]
    pub fn hour_text(&self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}",
            self.year, self.month, self.day, self.hour
        )
    }
}

fn strip_key<'p>(part: &'p str, key: &str) -> Option<&'p str> {
    let (head, value) = part.split_at_checked(key.len())?;
    head.eq_ignore_ascii_case(key).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_layout() {
        for prefix in [
            "insights-logs-networksecuritygroupflowevent/resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/N",
            "insights-logs-flowlogflowevent/flowLogResourceID=/SUBSCRIPTIONS/S/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_EASTUS/FLOWLOGS/F",
            "flowLogResourceID=/S_NETWORKWATCHERRG/NETWORKWATCHER_EASTUS_VNET-RG-FLOWLOG",
            "",
        ] {
            let path = format!("{prefix}/y=2024/m=12/d=31/h=09/m=00/macAddress=000D3A359573/PT1H.json");
            let blob = BlobPath::parse(path.trim_start_matches('/')).unwrap();
            assert_eq!(blob.prefix, prefix);
            assert_eq!(blob.hour_text(), "2024-12-31T09");
            assert_eq!(blob.hours_since_1970(), 20_088 * 24 + 9);
            assert_eq!(blob.mac.as_deref(), Some("000D3A359573"));
        }
        assert!(
            BlobPath::parse("y=2024/m=1/d=2/h=3/m=00/PT1H.json")
                .unwrap()
                .mac
                .is_none()
        );
        assert!(BlobPath::parse("x\\y=2024\\m=1\\d=2\\h=3\\m=0\\PT1H.json.gz").is_some());
    }

    #[test]
    fn other_paths() {
        for path in [
            "",
            "PT1H.json",
            "a.json",
            "y=2024/m=13/d=2/h=3/m=00/PT1H.json",
            "y=2024/m=1/d=2/h=24/m=00/PT1H.json",
        ] {
            assert_eq!(BlobPath::parse(path), None, "{path}");
        }
    }
}
