//! `parse_path`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_path",
    aliases: &[],
    signatures: &["(path:string) -> dynamic"],
    tuple: &[],
    summary: "The parts of the path of a file.",
    notes: "",
    examples: &[
        (
            "parse_path(@'C:\\temp\\file.txt')",
            "dynamic({\"Scheme\":\"\",\"RootPath\":\"C:\",\"DirectoryPath\":\"C:\\\\temp\",\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\",\"AlternateDataStreamName\":\"\"})",
        ),
        (
            "parse_path('file://C:/temp/file.txt:some.exe')",
            "dynamic({\"Scheme\":\"file\",\"RootPath\":\"C:\",\"DirectoryPath\":\"C:/temp\",\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\",\"AlternateDataStreamName\":\"some.exe\"})",
        ),
        (
            "parse_path(@'\\\\shared\\users\\temp\\file.txt.gz')",
            "dynamic({\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"\\\\\\\\shared\\\\users\\\\temp\",\"DirectoryName\":\"temp\",\"Filename\":\"file.txt.gz\",\"Extension\":\"gz\",\"AlternateDataStreamName\":\"\"})",
        ),
        (
            "parse_path('/usr/lib/temp/file.txt')",
            "dynamic({\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"/usr/lib/temp\",\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\",\"AlternateDataStreamName\":\"\"})",
        ),
        (
            "parse_path('file')",
            "dynamic({\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"\",\"DirectoryName\":\"\",\"Filename\":\"file\",\"Extension\":\"\",\"AlternateDataStreamName\":\"\"})",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let text = call.text(0, row);
            let (scheme, path) = text.split_once("://").unwrap_or(("", &text));
            let separator = |character| matches!(character, '/' | '\\');
            let (directory, file) = match path.rfind(separator) {
                Some(at) => (
                    path.get(..at).unwrap_or_default(),
                    path.get(at + 1..).unwrap_or_default(),
                ),
                None => ("", path),
            };
            let root = root_of(path);
            // A drive without a directory has a file right behind its colon.
            let file = if directory.is_empty() && !root.is_empty() {
                file.strip_prefix(root).unwrap_or(file)
            } else {
                file
            };
            let (file, stream) = file.split_once(':').unwrap_or((file, ""));
            let name = directory.rsplit(separator).next().unwrap_or_default();
            let name = if name == root { "" } else { name };
            writer.bag(|members| {
                for (key, value) in [
                    ("Scheme", scheme),
                    ("RootPath", root),
                    ("DirectoryPath", directory),
                    ("DirectoryName", name),
                    ("Filename", file),
                    (
                        "Extension",
                        file.rsplit_once('.').map_or("", |(_, extension)| extension),
                    ),
                    ("AlternateDataStreamName", stream),
                ] {
                    members.push(key, |writer| writer.string(value));
                }
            });
        })
    },
};

/// The drive, `C:`, also behind the prefix of long paths.
fn root_of(path: &str) -> &str {
    let start = path.strip_prefix(r"\\?\").unwrap_or(path);
    match start.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => start.get(..2).unwrap_or_default(),
        _ => "",
    }
}
