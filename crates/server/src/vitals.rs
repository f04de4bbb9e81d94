//! `/healthz`, `/readyz` and `/metrics`: whether a program runs, whether it does its work, and its numbers.
//!
//! Nothing here is of a flow or a secret, and nothing can be changed through it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What a program says of itself.
pub trait Vitals: Send + Sync + 'static {
    /// None if it does its work; else what keeps it from that.
    fn lacks(&self) -> Option<String>;
    /// Its numbers, in Prometheus' text format.
    fn metrics(&self) -> String;
}

/// A port that is listened on.
#[derive(Debug)]
pub struct Port(TcpListener);

impl Port {
    /// Listens on an address of this machine; port 0 is any that is free.
    ///
    /// # Errors
    /// If somebody else does, or it may not be.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self)
    }

    /// What is listened on.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Answers until it is cancelled.
///
/// # Errors
/// If nobody can be listened to any more.
pub async fn serve_vitals(port: Port, vitals: Arc<dyn Vitals>, cancel: CancellationToken) -> io::Result<()> {
    let router = Router::new()
        .route("/healthz", get(|| async { "it runs\n" }))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .with_state(vitals);
    axum::serve(port.0, router)
        .with_graceful_shutdown(cancel.cancelled_owned())
        .await
}

async fn readiness(State(vitals): State<Arc<dyn Vitals>>) -> Response {
    match vitals.lacks() {
        None => "it does its work\n".into_response(),
        Some(lack) => (StatusCode::SERVICE_UNAVAILABLE, format!("{lack}\n")).into_response(),
    }
}

async fn metrics(State(vitals): State<Arc<dyn Vitals>>) -> Response {
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, vitals.metrics()).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use net::{Client, Proxies, Request, Retry, Settings};
    use url::Url;

    use super::*;

    #[derive(Default)]
    struct Told(AtomicBool);

    impl Vitals for Told {
        fn lacks(&self) -> Option<String> {
            let is_lacking = self.0.load(Ordering::Relaxed);
            is_lacking.then(|| "the disk is full".to_owned())
        }
        fn metrics(&self) -> String {
            "flows_total 5\n".to_owned()
        }
    }

    #[tokio::test]
    async fn what_is_asked_is_answered() {
        let opened = Port::open("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = opened.address().unwrap().port();
        let (told, cancel) = (Arc::new(Told::default()), CancellationToken::new());
        let vitals: Arc<dyn Vitals> = Arc::clone(&told) as _;
        let serving = tokio::spawn(serve_vitals(opened, vitals, cancel.clone()));
        let client = Client::new(&Settings {
            user_agent: "test".to_owned(),
            proxies: Proxies::of(|_| None),
            retry: Retry::default(),
            seed: 1,
        })
        .unwrap();
        let ask = async |path: &str| {
            let url = Url::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap();
            let answer = client.send(&Request::get(url, 1000).tried(1)).await.unwrap();
            (answer.status, String::from_utf8(answer.body).unwrap())
        };
        assert_eq!(ask("/healthz").await, (200, "it runs\n".to_owned()));
        assert_eq!(ask("/readyz").await, (200, "it does its work\n".to_owned()));
        told.0.store(true, Ordering::Relaxed);
        assert_eq!(ask("/readyz").await, (503, "the disk is full\n".to_owned()));
        assert_eq!(ask("/metrics").await, (200, "flows_total 5\n".to_owned()));
        assert_eq!(ask("/").await.0, 404);
        cancel.cancel();
        serving.await.unwrap().unwrap();
    }
}
