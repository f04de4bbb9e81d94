//! The public addresses of a Traffic Analytics row, each with its own counters.
//!
//! `address|started|ended|packets there|packets back|bytes there|bytes back`, entries set apart by a
//! space: <https://learn.microsoft.com/azure/network-watcher/traffic-analytics-schema>.

use super::values;

/// One address of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) address: &'a [u8],
    pub(crate) started: i64,
    pub(crate) ended: i64,
    /// Packets and bytes there, packets and bytes back.
    pub(crate) counters: [i64; 4],
}

/// Reads a list; nothing if any of it cannot be read.
pub(crate) fn read(list: &[u8]) -> Option<Vec<Entry<'_>>> {
    list.split(u8::is_ascii_whitespace)
        .filter(|text| !text.is_empty())
        .map(entry)
        .collect()
}

fn entry(text: &[u8]) -> Option<Entry<'_>> {
    let mut fields = text.split(|byte| *byte == b'|');
    let address = fields.next()?;
    values::address(address)?;
    let mut number = || fields.next().and_then(values::whole);
    let (started, ended) = (number()?, number()?);
    let (packets_there, packets_back) = (number()?, number()?);
    let (bytes_there, bytes_back) = (number()?, number()?);
    fields.next().is_none().then_some(Entry {
        address,
        started,
        ended,
        counters: [packets_there, bytes_there, packets_back, bytes_back],
    })
}

/// Sums of a list: flows started and ended, and the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) started: i64,
    pub(crate) ended: i64,
    pub(crate) counters: [i64; 4],
}

pub(crate) fn sums(entries: &[Entry<'_>]) -> Sums {
    entries.iter().fold(Sums::default(), |mut sums, entry| {
        sums.started = sums.started.saturating_add(entry.started);
        sums.ended = sums.ended.saturating_add(entry.ended);
        for (sum, counter) in sums.counters.iter_mut().zip(entry.counters) {
            *sum = sum.saturating_add(counter);
        }
        sums
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_documented() {
        let list = read(b"192.0.2.1|1|2|3|4|5|6 2001:db8::1|1|0|0|0|0|0 ").unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(
            list[0],
            Entry {
                address: b"192.0.2.1",
                started: 1,
                ended: 2,
                counters: [3, 5, 4, 6],
            }
        );
        let all = sums(&list);
        assert_eq!((all.started, all.ended, all.counters), (2, 2, [3, 5, 4, 6]));
        assert_eq!(read(b""), Some(Vec::new()));
    }

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        for text in [
            "192.0.2.1",
            "192.0.2.1|1|2|3|4|5",
            "192.0.2.1|1|2|3|4|5|6|7",
            "192.0.2.1|1|2|3|4|5|6 192.0",
            "host|1|2|3|4|5|6",
            "192.0.2.1|1|-2|3|4|5|6",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
