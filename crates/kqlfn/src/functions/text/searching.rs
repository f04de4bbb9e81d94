//! Where in a text something is found, counted in characters.

/// Which part of a text is searched and which of its matches counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The first character.
    pub(super) start: i64,
    /// How many characters; -1 for all.
    pub(super) length: i64,
    /// Which match, from 1.
    pub(super) occurrence: i64,
    /// Matches may share characters.
    pub(super) may_overlap: bool,
}

/// The place of a match, -1 if there is none; null if what is asked makes no sense. `find` gives the bytes where
/// the first match of a text starts and ends.
///
/// The length holds anew from behind each match, as it does in Kusto.
pub(super) fn place_of(
    text: &str,
    search: Search,
    mut find: impl FnMut(&str) -> Option<(usize, usize)>,
) -> Option<i64> {
    if search.start < 0 || search.length < -1 || search.occurrence < 0 {
        return None;
    }
    let is_ascii = text.is_ascii();
    let byte_at = |text: &str, characters: usize| {
        if is_ascii {
            return characters.min(text.len());
        }
        let mut places = text.char_indices();
        places.nth(characters).map_or(text.len(), |(at, _)| at)
    };
    let characters_in = |text: &str| {
        if is_ascii {
            text.len()
        } else {
            text.chars().count()
        }
    };
    let mut start = byte_at(text, usize::try_from(search.start).unwrap_or(usize::MAX));
    for occurrence in 1..=search.occurrence {
        let rest = text.get(start..)?;
        let end = usize::try_from(search.length).map_or(rest.len(), |length| byte_at(rest, length));
        let Some((from, to)) = find(rest.get(..end)?) else {
            return Some(-1);
        };
        let found = start + from;
        if occurrence == search.occurrence {
            return i64::try_from(characters_in(text.get(..found)?)).ok();
        }
        let behind_first = found + text.get(found..)?.chars().next().map_or(1, char::len_utf8);
        start = if search.may_overlap {
            behind_first
        } else {
            behind_first.max(start + to)
        };
        if start > text.len() {
            return Some(-1);
        }
    }
    Some(-1)
}

/// True if a text holds another as a run of whole terms, whatever the case of the letters. Both are in small letters.
pub(super) fn has_terms(text: &str, terms: &str) -> bool {
    let is_within = |left: Option<char>, right: Option<char>| {
        left.is_some_and(char::is_alphanumeric) && right.is_some_and(char::is_alphanumeric)
    };
    let (first, last) = (terms.chars().next(), terms.chars().next_back());
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(terms)) {
        let start = from + at;
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let mut behind = text.get(start + terms.len()..).unwrap_or_default().chars();
        if !is_within(before, first) && !is_within(last, behind.next()) {
            return true;
        }
        let Some(character) = text.get(start..).and_then(|rest| rest.chars().next()) else {
            return false;
        };
        from = start + character.len_utf8();
    }
    false
}
