//! What is read, as it is told to whoever waits for it.

use std::io::{self, Read};

use super::How;

/// Tells the progress, and ends the input when somebody asks to stop.
pub(super) struct Counting<'j, R> {
    pub(super) read: R,
    pub(super) how: &'j How,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.how.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        let count = self.read.read(buffer)?;
        self.how.progress.bytes(count as u64);
        Ok(count)
    }
}
