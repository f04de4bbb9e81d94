//! `parse_command_line`.

use crate::function::{Function, Refusal};

const BLANKS: [char; 2] = [' ', '\t'];

pub(super) const FUNCTION: Function = Function {
    name: "parse_command_line",
    aliases: &[],
    signatures: &["(command:Scalar, parser:string) -> dynamic"],
    tuple: &[],
    summary: "The arguments in a command line, as Windows parts them.",
    notes: "Backslashes count only before quotes: two are one backslash, one makes the quote a character. In the name of the program they are characters always.",
    examples: &[
        (
            "parse_command_line('echo \"hello world!\"', 'windows')",
            "dynamic(['echo', 'hello world!'])",
        ),
        (
            "parse_command_line(@'a \"b c\" d\\e f\\\"g \"\"', 'windows')",
            "dynamic([\"a\", \"b c\", \"d\\\\e\", \"f\\\"g\", \"\"])",
        ),
        (
            "parse_command_line(@'\"c:\\my dir\\x.exe\" -p \"a\\\\\"', 'windows')",
            "dynamic([\"c:\\\\my dir\\\\x.exe\", \"-p\", \"a\\\\\"])",
        ),
        ("parse_command_line('', 'windows')", "dynamic(null)"),
    ],
    kernel: |call| {
        if let Some(parser) = call.constant(1).map(|cell| cell.text())
            && !parser.eq_ignore_ascii_case("windows")
        {
            return Err(Refusal::new(format!(
                "`parse_command_line` knows no parser `{parser}`"
            )));
        }
        call.dynamics(|row, writer| {
            let text = call.text(0, row);
            if text.trim().is_empty() || !call.text(1, row).eq_ignore_ascii_case("windows") {
                return;
            }
            writer.array(|arguments| {
                let (program, mut rest) = program(&text);
                arguments.push(|writer| writer.string(program));
                loop {
                    rest = rest.trim_start_matches(BLANKS);
                    if rest.is_empty() {
                        break;
                    }
                    let (argument, behind) = argument(rest);
                    arguments.push(|writer| writer.string(&argument));
                    rest = behind;
                }
            });
        })
    },
};

/// The first argument, and what stands behind it.
fn program(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(BLANKS);
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => text.split_at(text.find(BLANKS).unwrap_or(text.len())),
    }
}

/// One more argument, and what stands behind it.
fn argument(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let mut is_quoted = false;
    let mut rest = text;
    loop {
        let behind = rest.trim_start_matches('\\');
        let backslashes = rest.len() - behind.len();
        let mut characters = behind.chars();
        let next = characters.next();
        let kept = if next == Some('"') {
            backslashes / 2
        } else {
            backslashes
        };
        argument.extend(std::iter::repeat_n('\\', kept));
        rest = characters.as_str();
        match next {
            None => return (argument, rest),
            Some('"') if backslashes % 2 == 1 => argument.push('"'),
            // A doubled quote within quotes is one.
            Some('"') if is_quoted && rest.starts_with('"') => {
                argument.push('"');
                rest = rest.get(1..).unwrap_or_default();
            }
            Some('"') => is_quoted = !is_quoted,
            Some(blank) if !is_quoted && BLANKS.contains(&blank) => return (argument, rest),
            Some(other) => argument.push(other),
        }
    }
}
