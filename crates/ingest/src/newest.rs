//! The newest hour of a flow log, and how many interfaces wrote in it: found by its folders, whatever lies in them.

use chrono::NaiveDate;

use crate::container::{BlobError, Container};
use crate::discover::FlowLogs;

/// The newest hour of a flow log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The hour, counted from 1970.
    pub hour: i32,
    /// Blobs of that hour, or of the one before it if those are more: an hour that has just begun has few.
    pub interfaces: u64,
}

impl FlowLogs {
    /// What the names of the blobs of each flow log begin with, up to the year.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        self.roots.iter().map(String::as_str)
    }

    /// How many lists it takes to find them: one for each folder above the years.
    #[must_use]
    pub fn folders(&self, prefix: &str) -> usize {
        let mut folders = std::collections::BTreeSet::from([prefix]);
        for root in self.roots() {
            let ends = root.match_indices('/').map(|(at, _)| at + 1);
            folders.extend(
                ends.filter_map(|end| root.get(..end))
                    .filter(|folder| folder.starts_with(prefix)),
            );
        }
        folders.len()
    }

    /// The newest hour of one of them; none if it has no hour.
    ///
    /// # Errors
    /// If the container cannot be listed.
    pub async fn newest(&self, root: &str) -> Result<Option<Newest>, BlobError> {
        let mut folder = root.to_owned();
        // Year, month, day: numbers of one length, so that the last name is the newest.
        for _ in 0..3 {
            let Some(newest) = folders_in(&*self.container, &folder).await?.pop() else {
                return Ok(None);
            };
            folder = newest;
        }
        let mut hours = folders_in(&*self.container, &folder).await?;
        let Some(newest) = hours.pop() else {
            return Ok(None);
        };
        let Some(hour) = newest.strip_prefix(root).and_then(hour_of) else {
            return Ok(None);
        };
        let mut interfaces = blobs_in(&*self.container, &newest).await?;
        if let Some(before) = hours.pop() {
            interfaces = interfaces.max(blobs_in(&*self.container, &before).await?);
        }
        Ok(Some(Newest { hour, interfaces }))
    }
}

/// The folders in a folder, in the order of their names.
async fn folders_in(container: &dyn Container, folder: &str) -> Result<Vec<String>, BlobError> {
    let mut folders = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let page = container.list(folder, true, next.as_deref()).await?;
        folders.extend(page.prefixes);
        next = page.next;
        if next.is_none() {
            folders.sort_unstable();
            return Ok(folders);
        }
    }
}

async fn blobs_in(container: &dyn Container, folder: &str) -> Result<u64, BlobError> {
    let mut blobs = 0;
    let mut next: Option<String> = None;
    loop {
        let page = container.list(folder, false, next.as_deref()).await?;
        blobs += page.blobs.len() as u64;
        next = page.next;
        if next.is_none() {
            return Ok(blobs);
        }
    }
}

/// The hour of `y=2026/m=03/d=01/h=09/`, counted from 1970.
fn hour_of(folder: &str) -> Option<i32> {
    let mut parts = folder.trim_end_matches('/').split('/');
    let mut number = |name: &str| -> Option<i64> { parts.next()?.strip_prefix(name)?.parse().ok() };
    let (year, month, day, hour) = (number("y=")?, number("m=")?, number("d=")?, number("h=")?);
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    )?;
    let begin = date.and_hms_opt(u32::try_from(hour).ok()?, 0, 0)?;
    i32::try_from(begin.and_utc().timestamp().div_euclid(3600)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_folders() {
        assert_eq!(hour_of("y=2026/m=03/d=01/h=09/"), Some(492_312 + 9));
        for folder in [
            "",
            "y=2026/m=03/d=01/",
            "y=2026/m=13/d=01/h=09/",
            "y=2026/m=03/d=01/h=24/",
            "y=x/m=03/d=01/h=09/",
        ] {
            assert_eq!(hour_of(folder), None, "{folder}");
        }
    }
}
