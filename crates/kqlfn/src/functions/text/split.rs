//! `split`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "split",
    aliases: &[],
    signatures: &["(source:Scalar, delimiter:string, ?requestedIndex:Integer) -> dynamic"],
    tuple: &[],
    summary: "The parts of a text between the places where it holds another.",
    notes: "With an index it is an array of that one part, null if there is none.",
    examples: &[
        ("split('aa_bb', '_')", "dynamic(['aa', 'bb'])"),
        ("split('aaa_bbb_ccc', '_', 1)", "dynamic(['bbb'])"),
        ("split('', '_')", "dynamic([''])"),
        ("split('a__b', '_')", "dynamic(['a', '', 'b'])"),
        ("split('aabbcc', 'bb')", "dynamic(['aa', 'cc'])"),
        ("split('noequals', '=', 1)", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let (text, delimiter) = (call.text(0, row), call.text(1, row));
            // Nothing stands between all characters, but parts nothing from nothing.
            let part_of = |at: usize| {
                if delimiter.is_empty() {
                    (at == 0).then_some(&*text)
                } else {
                    text.split(&*delimiter).nth(at)
                }
            };
            if call.has(2) {
                let asked = call.long(2, row).and_then(|at| usize::try_from(at).ok());
                if let Some(part) = asked.and_then(part_of) {
                    writer.array(|elements| elements.push(|writer| writer.string(part)));
                }
            } else if delimiter.is_empty() {
                writer.array(|elements| elements.push(|writer| writer.string(&text)));
            } else {
                writer.array(|elements| {
                    for part in text.split(&*delimiter) {
                        elements.push(|writer| writer.string(part));
                    }
                });
            }
        })
    },
};
