//! Keys of bags, and paths in JSONPath's way to the keys of bags inside of bags.

use crate::dynamic::Bag;

/// The most steps of a path: as deep as JSON is read.
const STEPS_MAX: usize = 128;

/// The keys from the outermost to the innermost: a key alone, `$.outer.inner` or `$['outer']['inner']`. None for a
/// path into an array, to the root, or one that is none.
pub(super) fn steps(key: &str) -> Option<Vec<String>> {
    let Some(mut rest) = key
        .strip_prefix('$')
        .filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    else {
        return Some(vec![key.to_owned()]);
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = if let Some(named) = rest.strip_prefix('.') {
            named.split_at_checked(named.find(['.', '[']).unwrap_or(named.len()))?
        } else {
            let quoted = rest.strip_prefix('[')?;
            let quote = quoted
                .chars()
                .next()
                .filter(|quote| matches!(quote, '\'' | '"'))?;
            let (step, behind) = quoted.strip_prefix(quote)?.split_once(quote)?;
            (step, behind.strip_prefix(']')?)
        };
        if step.is_empty() || steps.len() == STEPS_MAX {
            return None;
        }
        steps.push(step.to_owned());
        rest = behind;
    }
    (!steps.is_empty()).then_some(steps)
}

/// True if the path leads to a member.
pub(super) fn leads_to_a_member(bag: Bag<'_>, steps: &[String]) -> bool {
    let Some((last, outer)) = steps.split_last() else {
        return false;
    };
    let innermost = outer
        .iter()
        .try_fold(bag, |bag, step| bag.get(step).and_then(|value| value.bag()));
    innermost.is_some_and(|bag| bag.get(last).is_some())
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn paths_are_read() {
        for (key, expected) in [
            ("a", Some(vec!["a"])),
            ("", Some(vec![""])),
            ("a.b", Some(vec!["a.b"])),
            ("$a", Some(vec!["$a"])),
            ("$.a.b", Some(vec!["a", "b"])),
            ("$['a.b'].c[\"d e\"]", Some(vec!["a.b", "c", "d e"])),
            ("$", None),
            ("$.", None),
            ("$.a..b", None),
            ("$.a[0]", None),
            ("$['a'", None),
            ("$['a']b", None),
        ] {
            let expected = expected.map(|steps| steps.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(steps(key), expected, "{key}");
        }
        assert_eq!(steps(&format!("${}", ".a".repeat(129))), None);
    }
}
