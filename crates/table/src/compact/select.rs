//! Which files of one day are worth folding. It looks at the log only, and opens nothing.
//!
//! A file of half the target is of good size and is never touched again. Of the smaller ones, the largest
//! is taken in only if the others together are as large as it: so each time a row is written again, the
//! file it lies in has about doubled, and a day that is folded every hour writes a row a few times over
//! and not once an hour.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::limits::COMPACT_GAIN_FILES_MIN;

use super::CompactOptions;
use crate::snapshot::{DataFile, Snapshot};

/// Files of one day that are to become fewer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) day: i32,
    /// Smallest first.
    pub(crate) files: Vec<DataFile>,
}

impl Group {
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// How many files rows of so many bytes should fill: each at least of the target, so that it is left alone.
pub(crate) fn files_for(bytes: u64, target_bytes: u64) -> u64 {
    (bytes / target_bytes.max(1)).max(1)
}

/// True if the file may still be folded.
pub(crate) fn is_small(file: &DataFile, target_bytes: u64) -> bool {
    file.bytes < target_bytes / 2
}

/// What a file counts for: its rows, because a small file is mostly footer.
fn weight(file: &DataFile) -> u64 {
    file.rows.unwrap_or(file.bytes / 16)
}

/// The groups of files that are worth folding, by day.
pub(crate) fn groups(
    files: impl IntoIterator<Item = DataFile>,
    days: Option<&RangeInclusive<i32>>,
    target_bytes: u64,
) -> Vec<Group> {
    let mut by_day: BTreeMap<i32, Vec<DataFile>> = BTreeMap::new();
    for file in files {
        if is_small(&file, target_bytes) && days.is_none_or(|days| days.contains(&file.day)) {
            by_day.entry(file.day).or_default().push(file);
        }
    }
    by_day
        .into_iter()
        .filter_map(|(day, files)| {
            let files = worth_it(files);
            let group = Group { day, files };
            let after = files_for(group.bytes(), target_bytes);
            (group.files.len() as u64 >= after + COMPACT_GAIN_FILES_MIN).then_some(group)
        })
        .collect()
}

/// How many files one step would fold at most, by what the log lists: of a side table some may turn out not to count.
pub(crate) fn foldable_files(snapshot: &Snapshot, options: &CompactOptions) -> u64 {
    let files = snapshot.files.iter().cloned();
    let groups = groups(files, options.days.as_ref(), options.target_bytes);
    let sizes = groups.iter().map(|group| group.files.len() as u64);
    sizes.max().unwrap_or(0)
}

/// The most files, beginning with the smallest, of which the largest is no larger than the others together.
fn worth_it(mut files: Vec<DataFile>) -> Vec<DataFile> {
    files.sort_by(|left, right| (weight(left), &left.path).cmp(&(weight(right), &right.path)));
    let mut others = 0_u64;
    let mut keep = 0;
    for (index, file) in files.iter().enumerate() {
        if weight(file) <= others {
            keep = index + 1;
        }
        others = others.saturating_add(weight(file));
    }
    files.truncate(keep);
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(day: i32, rows: u64, bytes: u64) -> DataFile {
        DataFile {
            path: format!("{day}/{rows}-{bytes}"),
            bytes,
            modified_millis: 0,
            day,
            rows: Some(rows),
            columns: BTreeMap::new(),
        }
    }

    fn kept(rows: &[u64]) -> Vec<u64> {
        let files = rows.iter().map(|rows| file(1, *rows, 1)).collect();
        worth_it(files).iter().filter_map(|file| file.rows).collect()
    }

    #[test]
    fn the_largest_waits_until_the_others_are_as_large_as_it() {
        for (rows, expected) in [
            (vec![1], vec![]),
            (vec![1, 1], vec![1, 1]),
            (vec![1, 1, 1, 60], vec![1, 1, 1]),
            (vec![30, 1, 29], vec![1, 29, 30]),
            (vec![1, 10, 10, 10], vec![1, 10, 10, 10]),
            (vec![1, 2, 4, 8], vec![]),
        ] {
            assert_eq!(kept(&rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn good_files_and_other_days_are_left_alone_and_little_gain_is_no_gain() {
        let many = |day, count, bytes| (0..count).map(move |n| file(day, 100 + n, bytes));
        let chosen = |files: Vec<DataFile>, days: Option<RangeInclusive<i32>>| -> Vec<(i32, usize)> {
            let groups = groups(files, days.as_ref(), 1000);
            groups
                .iter()
                .map(|group| (group.day, group.files.len()))
                .collect()
        };
        assert_eq!(chosen(many(1, 9, 500).collect(), None), []);
        assert_eq!(chosen(many(1, 9, 499).collect(), None), [(1, 9)]);
        let few = COMPACT_GAIN_FILES_MIN;
        assert_eq!(chosen(many(1, few, 10).collect(), None), []);
        assert_eq!(
            chosen(many(1, few + 1, 10).collect(), None),
            [(1, usize::try_from(few).unwrap() + 1)]
        );
        let files: Vec<DataFile> = many(1, 9, 9).chain(many(2, 9, 9)).collect();
        assert_eq!(chosen(files.clone(), Some(2..=5)), [(2, 9)]);
        assert_eq!(chosen(files, None), [(1, 9), (2, 9)]);
    }

    /// Every hour sixty files of a minute each, for a day: how often is a row written again?
    #[test]
    fn a_row_is_written_again_a_few_times_a_day_and_not_every_hour() {
        let mut files: Vec<DataFile> = Vec::new();
        let (mut written, mut received) = (0, 0);
        for hour in 0..24_u64 {
            for minute in 0..60 {
                files.push(file(1, 1000, 1000));
                files.last_mut().unwrap().path = format!("{hour}-{minute}");
                received += 1000;
            }
            while let Some(group) = groups(files.clone(), None, 1 << 40).pop() {
                let rows: u64 = group.files.iter().filter_map(|file| file.rows).sum();
                written += rows;
                files.retain(|file| !group.files.contains(file));
                files.push(file(1, rows, rows));
            }
        }
        assert!(files.len() <= 5, "{} files left", files.len());
        assert!(written <= 4 * received, "{written} written of {received}");
    }
}
