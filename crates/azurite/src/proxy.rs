//! A proxy before an emulator: it passes requests on, and lets happen to them what its plan says. Signatures of requests cover
//! their path and not their host, so that they hold behind it too.

use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::emulator::{ACCOUNT, failed};
use crate::http::Head;
use crate::plan::{Fault, Plan};

/// Pieces of a slow answer.
const SLOW_PIECES: usize = 8;

/// A request that came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Its first line, such as `GET /devstoreaccount1/c?comp=list HTTP/1.1`.
    pub line: String,
    /// What happened to it.
    pub fault: Option<Fault>,
    /// How the emulator answered; 0 if it never heard of it, or did not answer.
    pub status: u16,
}

#[derive(Debug)]
struct Shared {
    upstream: u16,
    plan: Mutex<Plan>,
    passed: Mutex<Vec<Passed>>,
    /// Requests that are not answered now.
    held: AtomicUsize,
    ends: AtomicBool,
}

/// A proxy. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Before a port of this machine.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start(upstream: u16, plan: Plan) -> Self {
        let bound = TcpListener::bind("127.0.0.1:0").and_then(|held| Ok((held.local_addr()?.port(), held)));
        let (port, listener) = match bound {
            Ok(bound) => bound,
            Err(error) => failed(&format!("the proxy finds no port: {error}")),
        };
        let shared = Arc::new(Shared {
            upstream,
            plan: Mutex::new(plan),
            passed: Mutex::default(),
            held: AtomicUsize::new(0),
            ends: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own.ends.load(Ordering::SeqCst) {
                    return;
                }
                let own = Arc::clone(&own);
                std::thread::spawn(move || {
                    // Who went away does not matter.
                    let _ = stream.and_then(|stream| own.serve(&stream));
                });
            }
        });
        Self { port, shared }
    }

    /// What to ask in place of the emulator, such as `http://127.0.0.1:4000/devstoreaccount1`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/{ACCOUNT}", self.port)
    }

    /// The next request whose first line has this in it meets a fault.
    pub fn fail_next(&self, matching: &str, fault: Fault) {
        self.plan(|plan| plan.fail_next(matching, fault));
    }

    /// Another plan from now on.
    pub fn follow(&self, new: Plan) {
        self.plan(|plan| *plan = new);
    }

    fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// How many requests wait for an answer that the plan does not let come.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.held.load(Ordering::SeqCst)
    }

    /// What came by since this was asked last.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        let mut passed = self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *passed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes whoever waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(head) = Head::read(&mut reader)? {
            let body = head.request_body(&mut reader)?;
            let fault = {
                let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
                plan.fate(&head.line)
            };
            if let Some(Fault::Delay(time)) = fault {
                std::thread::sleep(time);
            }
            if fault == Some(Fault::Silence) {
                self.keep_silent(&head.line);
            }
            let answer = match fault {
                Some(fault) if fault.is_kept() => Ok((0, Vec::new(), true)),
                _ => self.ask(&head, &body),
            };
            let status = answer.as_ref().map_or(0, |(status, ..)| *status);
            {
                let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                passed.push(Passed {
                    line: head.line.clone(),
                    fault,
                    status,
                });
            }
            let is_going_on = match answer {
                Ok((_, bytes, goes_on)) => answer_with(stream, &head, fault, &bytes)? && goes_on,
                Err(_) => false,
            };
            if !is_going_on {
                break;
            }
        }
        stream.shutdown(Shutdown::Both)
    }

    /// Waits as long as such requests are not answered.
    fn keep_silent(&self, line: &str) {
        let is_silent = || {
            let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
            plan.is_silent(line) && !self.ends.load(Ordering::SeqCst)
        };
        self.held.fetch_add(1, Ordering::SeqCst);
        while is_silent() {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.held.fetch_sub(1, Ordering::SeqCst);
    }

    /// Passes a request on: its status, its answer whole, and whether the connection can go on behind it.
    fn ask(&self, head: &Head, body: &[u8]) -> io::Result<(u16, Vec<u8>, bool)> {
        let mut upstream = TcpStream::connect(("127.0.0.1", self.upstream))?;
        upstream.set_nodelay(true)?;
        upstream.write_all(&head.raw)?;
        upstream.write_all(body)?;
        let mut reader = BufReader::new(&upstream);
        let answer = Head::read(&mut reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let method = head.line.split(' ').next().unwrap_or_default();
        let (body, goes_on) = answer.answer_body(&mut reader, method)?;
        let status = answer.status();
        let mut bytes = answer.raw;
        bytes.extend(body);
        Ok((status, bytes, goes_on))
    }
}

/// Sends an answer, or what is left of it. False where the connection breaks.
fn answer_with(mut stream: &TcpStream, head: &Head, fault: Option<Fault>, bytes: &[u8]) -> io::Result<bool> {
    match fault {
        None | Some(Fault::Delay(_)) => stream.write_all(bytes)?,
        Some(Fault::Slow(pause)) => slowly(stream, bytes, pause)?,
        Some(Fault::LostAnswer | Fault::LostRequest | Fault::Silence) => return Ok(false),
        Some(Fault::CutAnswer(length)) => {
            let length = length.min(bytes.len().saturating_sub(1));
            stream.write_all(bytes.get(..length).unwrap_or_default())?;
            return Ok(false);
        }
        Some(fault) => {
            let Some((status, code)) = fault.answer() else {
                return Ok(false);
            };
            let is_head = head.line.starts_with("HEAD ");
            stream.write_all(&refusal(status, code, is_head))?;
        }
    }
    Ok(true)
}

fn slowly(mut stream: &TcpStream, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for piece in bytes.chunks(bytes.len().div_ceil(SLOW_PIECES).max(1)) {
        stream.write_all(piece)?;
        std::thread::sleep(pause);
    }
    Ok(())
}

/// As Azure writes it. <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>
fn refusal(status: u16, code: &str, is_head: bool) -> Vec<u8> {
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>The server says {code}.\nRequestId:00000000-0000-0000-0000-000000000000</Message></Error>"
    );
    let length = body.len();
    let body = if is_head { "" } else { &body };
    format!(
        "HTTP/1.1 {status} {code}\r\ncontent-type: application/xml\r\nx-ms-error-code: {code}\r\nx-ms-request-id: 00000000-0000-0000-0000-000000000000\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
