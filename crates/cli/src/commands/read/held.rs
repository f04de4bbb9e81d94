//! Sentences that must wait until the summary has been printed. A few in memory, many in a temporary
//! file that vanishes with the program.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};

/// Kept in memory up to here; 100,000 sentences are about 20 MB.
const MEMORY_BYTES_MAX: usize = 1 << 20;

/// Lines in order.
#[derive(Debug, Default)]
pub(crate) struct Held {
    memory: Vec<u8>,
    spilled: Option<File>,
}

impl Held {
    /// Adds a line.
    pub(crate) fn push(&mut self, line: &str) -> io::Result<()> {
        self.memory.extend_from_slice(line.as_bytes());
        self.memory.push(b'\n');
        if self.memory.len() < MEMORY_BYTES_MAX {
            return Ok(());
        }
        let file = match &mut self.spilled {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.memory)?;
        self.memory.clear();
        Ok(())
    }

    /// Writes every line.
    pub(crate) fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(file) = &mut self.spilled {
            file.seek(SeekFrom::Start(0))?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = file.read(&mut buffer)?;
                let Some(filled) = buffer.get(..count).filter(|filled| !filled.is_empty()) else {
                    break;
                };
                out.write_all(filled)?;
            }
        }
        out.write_all(&self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_come_back_in_order() {
        for lines in [0, 3, 50_000] {
            let mut held = Held::default();
            let mut expected = String::new();
            for number in 0..lines {
                let line = format!("line {number} of a length that soon fills the memory that is allowed");
                held.push(&line).unwrap();
                expected.push_str(&line);
                expected.push('\n');
            }
            assert_eq!(held.spilled.is_some(), lines > 1000);
            let mut out = Vec::new();
            held.write(&mut out).unwrap();
            assert!(out == expected.as_bytes());
        }
    }
}
