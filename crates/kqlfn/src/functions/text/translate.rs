//! `translate`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "translate",
    aliases: &[],
    signatures: &["(searchList:string, replacementList:string, source:string) -> string"],
    tuple: &[],
    summary: "Replaces characters by others, each of the first text by the one at its place in the second.",
    notes: "If the second text is shorter, its last character stands for all that are missing. If it is empty, the characters are taken away.",
    examples: &[
        ("translate('krasp', 'otsku', 'spark')", "'kusto'"),
        ("translate('abc', 'x', 'abc')", "'xxx'"),
        ("translate('abc', '', 'abd')", "'d'"),
        ("translate('', 'x', 'abc')", "'abc'"),
        ("translate('é', 'e', 'café')", "'cafe'"),
    ],
    kernel: |call| {
        let pairs_of = |searched: &str, replacements: &str| -> Vec<(char, Option<char>)> {
            let last = replacements.chars().next_back();
            let mut replacements = replacements.chars();
            let pairs = searched
                .chars()
                .map(|character| (character, replacements.next().or(last)));
            pairs.collect()
        };
        let prepared = match (call.constant(0), call.constant(1)) {
            (Some(searched), Some(replacements)) => Some(pairs_of(&searched.text(), &replacements.text())),
            _ => None,
        };
        call.strings(|row| {
            let own;
            let pairs = match &prepared {
                Some(prepared) => prepared,
                None => {
                    own = pairs_of(&call.text(0, row), &call.text(1, row));
                    &own
                }
            };
            let text = call.text(2, row);
            let translated = |character: char| match pairs.iter().find(|(held, _)| *held == character) {
                Some((_, replacement)) => *replacement,
                None => Some(character),
            };
            text.chars().filter_map(translated).collect::<String>()
        })
    },
};
