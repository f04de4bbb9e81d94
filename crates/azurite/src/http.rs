//! HTTP/1.1 as far as it must be known to pass it on: where a message begins and ends. Nothing in it is changed.

use std::io::{self, BufRead, Read as _};

/// The lines before a body.
pub(crate) struct Head {
    /// The first one.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) raw: Vec<u8>,
}

impl Head {
    /// None where the connection has ended.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut raw = Vec::new();
        if reader.read_until(b'\n', &mut raw)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&raw).trim_end().to_owned();
        let mut headers = Vec::new();
        loop {
            let mut bytes = Vec::new();
            if reader.read_until(b'\n', &mut bytes)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            raw.extend_from_slice(&bytes);
            match text.split_once(':') {
                Some((name, value)) => {
                    headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => break,
            }
        }
        Ok(Some(Self { line, headers, raw }))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let held = self.headers.iter().find(|(held, _)| held == name);
        held.map(|(_, value)| value.as_str())
    }

    /// The status of an answer.
    pub(crate) fn status(&self) -> u16 {
        let status = self.line.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The body of a request: none if nothing says that there is one.
    pub(crate) fn request_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        self.told_body(reader).map(Option::unwrap_or_default)
    }

    /// The body of an answer to such a request, and whether the connection can go on behind it.
    pub(crate) fn answer_body(&self, reader: &mut impl BufRead, method: &str) -> io::Result<(Vec<u8>, bool)> {
        if method == "HEAD" || matches!(self.status(), 100..=199 | 204 | 304) {
            return Ok((Vec::new(), true));
        }
        if let Some(body) = self.told_body(reader)? {
            return Ok((body, true));
        }
        let mut body = Vec::new();
        reader.read_to_end(&mut body)?;
        Ok((body, false))
    }

    fn told_body(&self, reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
        let is_chunked = self
            .header("transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        if is_chunked {
            return chunks(reader).map(Some);
        }
        let Some(length) = self.header("content-length") else {
            return Ok(None);
        };
        let length: u64 = length
            .parse()
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        exact(reader, length).map(Some)
    }
}

fn exact(reader: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let read = reader.take(length).read_to_end(&mut body)?;
    match u64::try_from(read) == Ok(length) {
        true => Ok(body),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Chunks with all that stands between them.
fn chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        let size = text.trim().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        body.extend_from_slice(&line);
        body.extend(exact(reader, size + 2)?);
        if size == 0 {
            return Ok(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, method: &str, body: &str, rest: &str) {
        let mut reader = text.as_bytes();
        let head = Head::read(&mut reader).unwrap().unwrap();
        let (found, _) = head.answer_body(&mut reader, method).unwrap();
        assert_eq!(String::from_utf8(found).unwrap(), body);
        assert_eq!(std::str::from_utf8(reader).unwrap(), rest);
    }

    #[test]
    fn where_messages_end() {
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP",
            "GET",
            "abc",
            "HTTP",
        );
        check(
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nHTTP",
            "HEAD",
            "",
            "HTTP",
        );
        check("HTTP/1.1 304 X\r\n\r\nHTTP", "GET", "", "HTTP");
        let chunked = "3;x\r\nabc\r\n0\r\n\r\n";
        check(
            &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}HTTP"),
            "GET",
            chunked,
            "HTTP",
        );
        check("HTTP/1.1 200 OK\r\n\r\nabc", "GET", "abc", "");
    }

    #[test]
    fn what_breaks_off() {
        for text in [
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nab",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab",
        ] {
            let mut reader = text.as_bytes();
            let head = Head::read(&mut reader).unwrap().unwrap();
            assert!(head.answer_body(&mut reader, "GET").is_err(), "{text}");
        }
        assert!(Head::read(&mut "HTTP/1.1 200 OK\r\n".as_bytes()).is_err());
        assert!(Head::read(&mut "".as_bytes()).unwrap().is_none());
    }
}
