//! A small HTTP server on this machine: it answers what a test tells it to, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// So many times it was asked for the same before.
    pub(crate) before: usize,
    /// Where the server is, such as `http://127.0.0.1:4000`.
    pub(crate) place: String,
}

impl Asked {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The query, decoded.
    pub(crate) fn query(&self) -> String {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        query
            .replace("%20", " ")
            .replace("%24", "$")
            .replace("%27", "'")
            .replace("%2F", "/")
            .replace("%3A", ":")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let held = self.headers.iter().find(|(held, _)| held == name);
        held.map_or("", |(_, value)| value)
    }

    pub(crate) fn bearer(&self) -> &str {
        self.header("authorization")
            .strip_prefix("Bearer ")
            .unwrap_or_default()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// So many bytes are promised; else as many as there are.
    pub(crate) promised: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
            promised: None,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Runs until it is dropped.
pub(crate) struct Server {
    pub(crate) place: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let answer = Arc::new(answer);
        let server = Self {
            place: place.clone(),
            asked: Arc::clone(&asked),
            ends: Arc::clone(&ends),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (place, asked, answer) = (place.clone(), Arc::clone(&asked), Arc::clone(&answer));
                std::thread::spawn(move || {
                    // Who went away does not matter.
                    let _ = serve(&stream.unwrap(), &place, &asked, &*answer);
                });
            }
        });
        server
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.place.trim_start_matches("http://"));
    }
}

/// A place on this machine where nobody answers.
pub(crate) fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(
    stream: &TcpStream,
    place: &str,
    all: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&Asked) -> Answer + ?Sized),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let mut asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        place: place.to_owned(),
        ..Asked::default()
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        let name = name.to_ascii_lowercase();
        if name == "content-length" {
            length = value.parse().unwrap();
        }
        asked.headers.push((name, value.to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    asked.body = String::from_utf8(body).unwrap();
    {
        let mut all = all.lock().unwrap();
        asked.before = all.iter().filter(|held| held.target == asked.target).count();
        all.push(asked.clone());
    }
    let answer = answer(&asked);
    let mut out = format!(
        "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n",
        answer.status,
        answer.promised.unwrap_or(answer.body.len())
    );
    for (name, value) in &answer.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str("\r\n");
    out.push_str(&answer.body);
    let mut stream = stream;
    stream.write_all(out.as_bytes())
}
