//! Operators on texts. Those without `_cs` take letters of both sizes for the same.

use regex::Regex;

use super::term::{Borders, Needle};
use crate::function::{Call, Computed, Function, Refusal};
use crate::regular::builder;

const SIGNATURES: &[&str] = &["(text:StringOrDynamic, search:StringOrDynamic) -> bool"];

const ANYWHERE: Borders = Borders {
    before: false,
    after: false,
};
const TERM: Borders = Borders {
    before: true,
    after: true,
};
const TERM_BEGINNING: Borders = Borders {
    before: true,
    after: false,
};
const TERM_END: Borders = Borders {
    before: false,
    after: true,
};

macro_rules! operator {
    ($constant:ident, $name:literal, $aliases:expr, $kernel:expr, $summary:literal, [$($example:expr),*]) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: $aliases,
            signatures: SIGNATURES,
            tuple: &[],
            summary: $summary,
            notes: "",
            examples: &[$($example),*],
            kernel: $kernel,
        };
    };
}

operator!(
    HAS,
    "has",
    &[],
    |call| look(call, false, TERM, Needle::is_in, true),
    "True if the text has the term.",
    [
        ("'alpha_beta' has 'ALPHA'", "true"),
        ("'helloworld' has 'hello'", "false"),
        ("'10.0.0.4' has '10.0.0'", "true"),
        ("'110.0.0.4' has '10.0.0'", "false")
    ]
);
operator!(
    NOT_HAS,
    "!has",
    &[],
    |call| look(call, false, TERM, Needle::is_in, false),
    "True if the text does not have the term.",
    [("'alpha_beta' !has 'alpha'", "false"), ("'' !has 'a'", "true")]
);
operator!(
    HAS_CS,
    "has_cs",
    &[],
    |call| look(call, true, TERM, Needle::is_in, true),
    "True if the text has the term, letter by letter.",
    [("'Alpha beta' has_cs 'alpha'", "false")]
);
operator!(
    NOT_HAS_CS,
    "!has_cs",
    &[],
    |call| look(call, true, TERM, Needle::is_in, false),
    "True if the text does not have the term, letter by letter.",
    [("'Alpha beta' !has_cs 'alpha'", "true")]
);
operator!(
    HAS_PREFIX,
    "hasprefix",
    &[],
    |call| look(call, false, TERM_BEGINNING, Needle::is_in, true),
    "True if a term of the text begins so.",
    [
        ("'North America' hasprefix 'ame'", "true"),
        ("'North America' hasprefix 'rica'", "false")
    ]
);
operator!(
    NOT_HAS_PREFIX,
    "!hasprefix",
    &[],
    |call| look(call, false, TERM_BEGINNING, Needle::is_in, false),
    "True if no term of the text begins so.",
    [("'North America' !hasprefix 'ame'", "false")]
);
operator!(
    HAS_PREFIX_CS,
    "hasprefix_cs",
    &[],
    |call| look(call, true, TERM_BEGINNING, Needle::is_in, true),
    "True if a term of the text begins so, letter by letter.",
    [("'North America' hasprefix_cs 'ame'", "false")]
);
operator!(
    NOT_HAS_PREFIX_CS,
    "!hasprefix_cs",
    &[],
    |call| look(call, true, TERM_BEGINNING, Needle::is_in, false),
    "True if no term of the text begins so, letter by letter.",
    [("'North America' !hasprefix_cs 'ame'", "true")]
);
operator!(
    HAS_SUFFIX,
    "hassuffix",
    &[],
    |call| look(call, false, TERM_END, Needle::is_in, true),
    "True if a term of the text ends so.",
    [
        ("'North America' hassuffix 'TH'", "true"),
        ("'North America' hassuffix 'nor'", "false")
    ]
);
operator!(
    NOT_HAS_SUFFIX,
    "!hassuffix",
    &[],
    |call| look(call, false, TERM_END, Needle::is_in, false),
    "True if no term of the text ends so.",
    [("'North America' !hassuffix 'th'", "false")]
);
operator!(
    HAS_SUFFIX_CS,
    "hassuffix_cs",
    &[],
    |call| look(call, true, TERM_END, Needle::is_in, true),
    "True if a term of the text ends so, letter by letter.",
    [("'North America' hassuffix_cs 'TH'", "false")]
);
operator!(
    NOT_HAS_SUFFIX_CS,
    "!hassuffix_cs",
    &[],
    |call| look(call, true, TERM_END, Needle::is_in, false),
    "True if no term of the text ends so, letter by letter.",
    [("'North America' !hassuffix_cs 'TH'", "true")]
);
operator!(
    CONTAINS,
    "contains",
    &[],
    |call| look(call, false, ANYWHERE, Needle::is_in, true),
    "True if the one text is in the other.",
    [
        ("'FabriKam' contains 'BRik'", "true"),
        ("'a' contains ''", "true")
    ]
);
operator!(
    NOT_CONTAINS,
    "!contains",
    &["notcontains"],
    |call| look(call, false, ANYWHERE, Needle::is_in, false),
    "True if the one text is not in the other.",
    [("'Fabrikam' !contains 'xyz'", "true")]
);
operator!(
    CONTAINS_CS,
    "contains_cs",
    &["containscs"],
    |call| look(call, true, ANYWHERE, Needle::is_in, true),
    "True if the one text is in the other, letter by letter.",
    [
        ("'FabriKam' contains_cs 'Kam'", "true"),
        ("'FabriKam' contains_cs 'kam'", "false")
    ]
);
operator!(
    NOT_CONTAINS_CS,
    "!contains_cs",
    &["notcontainscs"],
    |call| look(call, true, ANYWHERE, Needle::is_in, false),
    "True if the one text is not in the other, letter by letter.",
    [("'FabriKam' !contains_cs 'kam'", "true")]
);
operator!(
    STARTS_WITH,
    "startswith",
    &[],
    |call| look(call, false, ANYWHERE, Needle::begins, true),
    "True if the text begins so.",
    [("'Fabrikam' startswith 'fab'", "true")]
);
operator!(
    NOT_STARTS_WITH,
    "!startswith",
    &[],
    |call| look(call, false, ANYWHERE, Needle::begins, false),
    "True if the text does not begin so.",
    [("'Fabrikam' !startswith 'kam'", "true")]
);
operator!(
    STARTS_WITH_CS,
    "startswith_cs",
    &[],
    |call| look(call, true, ANYWHERE, Needle::begins, true),
    "True if the text begins so, letter by letter.",
    [("'Fabrikam' startswith_cs 'fab'", "false")]
);
operator!(
    NOT_STARTS_WITH_CS,
    "!startswith_cs",
    &[],
    |call| look(call, true, ANYWHERE, Needle::begins, false),
    "True if the text does not begin so, letter by letter.",
    [("'Fabrikam' !startswith_cs 'fab'", "true")]
);
operator!(
    ENDS_WITH,
    "endswith",
    &[],
    |call| look(call, false, ANYWHERE, Needle::ends, true),
    "True if the text ends so.",
    [("'Fabrikam' endswith 'KAM'", "true")]
);
operator!(
    NOT_ENDS_WITH,
    "!endswith",
    &[],
    |call| look(call, false, ANYWHERE, Needle::ends, false),
    "True if the text does not end so.",
    [("'Fabrikam' !endswith 'brik'", "true")]
);
operator!(
    ENDS_WITH_CS,
    "endswith_cs",
    &[],
    |call| look(call, true, ANYWHERE, Needle::ends, true),
    "True if the text ends so, letter by letter.",
    [("'Fabrikam' endswith_cs 'Kam'", "false")]
);
operator!(
    NOT_ENDS_WITH_CS,
    "!endswith_cs",
    &[],
    |call| look(call, true, ANYWHERE, Needle::ends, false),
    "True if the text does not end so, letter by letter.",
    [("'Fabrikam' !endswith_cs 'Kam'", "true")]
);
operator!(
    EQUAL_TILDE,
    "=~",
    &[],
    |call| look(call, false, ANYWHERE, Needle::is, true),
    "True if both texts are the same but for the size of letters.",
    [("'abc' =~ 'ABC'", "true"), ("'É' =~ 'é'", "true")]
);
operator!(
    NOT_EQUAL_TILDE,
    "!~",
    &[],
    |call| look(call, false, ANYWHERE, Needle::is, false),
    "True if the texts differ by more than the size of letters.",
    [("'abc' !~ 'ABC'", "false")]
);
operator!(
    MATCHES_REGEX,
    "matches regex",
    &[],
    |call| patterns(call, false, true, |text| Ok(text.to_owned())),
    "True if the text has a part that the regular expression fits.",
    [
        ("'Fabrikam' matches regex 'b.*k'", "true"),
        ("'Fabrikam' matches regex '^b'", "false")
    ]
);
operator!(
    LIKE,
    "like",
    &[],
    |call| patterns(call, true, true, like),
    "True if the pattern fits, in which `*` and `%` stand for anything.",
    [("'Fabrikam' like 'fab*'", "true")]
);
operator!(
    NOT_LIKE,
    "notlike",
    &["!like"],
    |call| patterns(call, true, false, like),
    "True if the pattern does not fit.",
    [("'Fabrikam' notlike 'fab*'", "false")]
);
operator!(
    LIKE_CS,
    "likecs",
    &[],
    |call| patterns(call, false, true, like),
    "True if the pattern fits, letter by letter.",
    [("'Fabrikam' likecs 'fab*'", "false")]
);
operator!(
    NOT_LIKE_CS,
    "notlikecs",
    &["!likecs"],
    |call| patterns(call, false, false, like),
    "True if the pattern does not fit, letter by letter.",
    [("'Fabrikam' notlikecs 'fab*'", "true")]
);

fn look(
    call: &Call<'_>,
    is_case_sensitive: bool,
    borders: Borders,
    test: fn(&Needle, &str) -> bool,
    wanted: bool,
) -> Computed {
    let prepared = call
        .constant(1)
        .map(|search| Needle::new(&search.text(), is_case_sensitive, borders));
    call.bools(|row| {
        let text = call.text(0, row);
        let held = match &prepared {
            Some(needle) => test(needle, &text),
            None => test(
                &Needle::new(&call.text(1, row), is_case_sensitive, borders),
                &text,
            ),
        };
        Some(held == wanted)
    })
}

/// `*` and `%` stand for anything; all else for itself.
fn like(pattern: &str) -> Result<String, Refusal> {
    let pieces: Vec<String> = pattern.split(['*', '%']).map(regex::escape).collect();
    Ok(format!("(?s)^{}$", pieces.join(".*")))
}

fn patterns(
    call: &Call<'_>,
    ignores_case: bool,
    wanted: bool,
    spelled: fn(&str) -> Result<String, Refusal>,
) -> Computed {
    let compile = |text: &str| {
        builder(&spelled(text)?)
            .case_insensitive(ignores_case)
            .build()
            .map_err(|_| Refusal::new(format!("`{text}` is not a regular expression")))
    };
    let prepared: Option<Regex> = match call.constant(1) {
        Some(pattern) => Some(compile(&pattern.text())?),
        None => None,
    };
    call.bools(|row| {
        let text = call.text(0, row);
        let held = match &prepared {
            Some(pattern) => pattern.is_match(&text),
            None => compile(&call.text(1, row)).ok()?.is_match(&text),
        };
        Some(held == wanted)
    })
}
