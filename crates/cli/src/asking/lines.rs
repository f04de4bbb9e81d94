//! Lines of standard input as they come, on a thread of their own: who waits for one can be told to stop.

use std::io::{self, BufRead, Read as _};

use tokio::sync::mpsc::{Receiver, channel};

use crate::exit::Failure;

/// Longer lines hold no query.
pub(super) const LINE_BYTES_MAX: u64 = 16 << 20;

/// The lines of standard input.
pub(crate) fn of_standard_input() -> Result<Receiver<io::Result<Vec<u8>>>, Failure> {
    // One is read ahead while another is answered.
    let (sender, receiver) = channel(1);
    let read = move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let sent = match next_line(&mut input, &mut line) {
                Ok(true) => sender.blocking_send(Ok(line)),
                Ok(false) => break,
                Err(error) => {
                    // Nobody is left to be told, or it is the last that is told.
                    let _ = sender.blocking_send(Err(error));
                    break;
                }
            };
            if sent.is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new()
        .name("lines".to_owned())
        .spawn(read)
        .map_err(|error| Failure::outside(format!("cannot start threads: {error}")))?;
    Ok(receiver)
}

/// Reads a line; of one that is too long only the beginning is kept.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', line)?;
    if read as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_passed_over() {
        let long = usize::try_from(LINE_BYTES_MAX).unwrap() + 10;
        let mut bytes = vec![b'x'; long];
        bytes.extend_from_slice(b"\nnext\n");
        let mut input = bytes.as_slice();
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            if !next_line(&mut input, &mut line).unwrap() {
                break;
            }
            lines.push(line);
        }
        let lengths: Vec<usize> = lines.iter().map(Vec::len).collect();
        assert_eq!(lengths, [long - 10, 5]);
    }
}
