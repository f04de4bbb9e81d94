//! What is told where somebody may not, or nothing is there: from a server that answers as Microsoft's documents say.

use std::sync::Arc;

use azure::storage::{Blobs, Condition, Credential, Lack, Place, Problem, Queue, StorageError};
use azurite::ACCOUNT;
use bytes::Bytes;
use net::Secret;

use super::super::server::{Answer, Server, nowhere};
use super::{block, client, key, settings};

/// The failure of a list, or of a writing, where this is answered.
fn failure(credential: Credential, status: u16, code: &str, detail: &str, writes: bool) -> StorageError {
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>The service says no.\nRequestId:r-1\nTime:2024</Message><AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail></Error>"
    );
    let code = code.to_owned();
    let server = Server::start(move |_| {
        let mut answer = Answer::new(status, &body);
        answer
            .headers
            .push(("x-ms-request-id".to_owned(), "r-1".to_owned()));
        answer.headers.push(("x-ms-error-code".to_owned(), code.clone()));
        answer
    });
    let settings = settings(&server.place, &server.place);
    let place = Place::blobs(&format!("az://{ACCOUNT}/con"), &settings).unwrap();
    let client = client();
    let blobs = Blobs::new(Arc::clone(&client), place, credential);
    block(async {
        match writes {
            true => blobs.put("x", Bytes::new(), &Condition::Any).await.map(|_| ()),
            false => blobs.list("", None, None, 1).await.map(|_| ()),
        }
    })
    .unwrap_err()
}

fn sas() -> Credential {
    Credential::sas("x", &Secret::new("sv=1&sig=hidden")).unwrap()
}

#[test]
fn who_may_not_is_told_what_is_missing() {
    let check = |credential: Credential, code: &str, writes: bool, lack: Lack, hint: &str| {
        let failure = failure(credential, 403, code, "", writes);
        assert_eq!(failure.problem, Problem::Forbidden { lack, writes }, "{failure}");
        assert!(failure.hint().contains(hint), "{code}: {}", failure.hint());
        assert!(
            failure
                .to_string()
                .ends_with(&format!(": The service says no ({code}, request r-1)")),
            "{failure}"
        );
    };
    check(
        sas(),
        "AuthorizationPermissionMismatch",
        false,
        Lack::Permission,
        "`r` and `l`",
    );
    check(
        sas(),
        "AuthorizationPermissionMismatch",
        true,
        Lack::Permission,
        "`w`",
    );
    check(
        key(),
        "AuthorizationFailure",
        false,
        Lack::Network,
        "`Networking`",
    );
    check(
        sas(),
        "AuthenticationFailed",
        false,
        Lack::Signature,
        "copied whole",
    );
    check(
        key(),
        "AuthenticationFailed",
        false,
        Lack::Key,
        "az storage account keys list",
    );
    for (times, lack, hint) in [
        ("se=2020-01-01", Lack::Ended, "make a new one with `r` and `l`"),
        ("se=2020-01-01T08%3A00Z", Lack::Ended, "(`se`)"),
        ("st=2020-01-01&se=2020-01-01T08:00:00Z", Lack::Ended, "(`se`)"),
        ("st=2199-01-01T08:00:00Z&se=2199-01-02", Lack::Early, "(`st`)"),
        ("st=2020-01-01&se=2199-01-02", Lack::Signature, "copied whole"),
    ] {
        let sas = Credential::sas("x", &Secret::new(&format!("sv=1&{times}&sig=hidden"))).unwrap();
        check(sas, "AuthenticationFailed", false, lack, hint);
    }
    // The emulator has one word for it and for what is not permitted.
    let ended = Credential::sas("x", &Secret::new("sv=1&se=2020-01-01&sig=hidden")).unwrap();
    check(
        ended,
        "AuthorizationFailure",
        false,
        Lack::Ended,
        "make a new one",
    );
    check(
        key(),
        "KeyBasedAuthenticationNotPermitted",
        true,
        Lack::Keys,
        "`Storage Blob Data Contributor`",
    );
    check(
        Credential::anonymous(),
        "AuthorizationFailure",
        false,
        Lack::Name,
        "az login",
    );
}

/// What is said of a queue speaks of queues.
#[test]
fn who_may_not_read_a_queue_is_told_of_queues() {
    let body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>no</Message></Error>";
    let server = Server::start(move |_| {
        let mut answer = Answer::new(403, body);
        answer.headers.push((
            "x-ms-error-code".to_owned(),
            "AuthorizationPermissionMismatch".to_owned(),
        ));
        answer
    });
    let settings = settings(&server.place, &server.place);
    let place = Place::queue(&format!("azq://{ACCOUNT}/queue"), &settings).unwrap();
    let queue = Queue::new(client(), place, sas());
    for failure in [
        block(queue.take(1, 30)).unwrap_err(),
        block(queue.peek(1)).unwrap_err(),
        block(queue.count()).unwrap_err(),
    ] {
        assert_eq!(
            failure.hint(),
            "make one with `r`, `a`, `u` and `p`, for the queue",
            "{failure}"
        );
    }
}

#[test]
fn a_wrong_clock_is_told() {
    let late = "Request date header too old: 'Fri, 26 Jun 2015 23:39:12 GMT'";
    let failure = failure(key(), 403, "AuthenticationFailed", late, false);
    assert_eq!(failure.problem, Problem::ClockSkew, "{failure}");
    assert!(
        failure
            .to_string()
            .contains("this machine's clock is wrong: Request date header too old")
    );
}

#[test]
fn what_stays_busy_is_told_with_its_tries() {
    let failure = failure(key(), 503, "ServerBusy", "", false);
    assert_eq!(failure.problem, Problem::Busy { wait_secs: None }, "{failure}");
    assert!(failure.may_pass());
    assert!(failure.to_string().contains("tried 12 times"), "{failure}");
}

#[test]
fn answers_of_somebody_else() {
    let server = Server::start(|_| Answer::new(200, "<html>welcome</html>"));
    let settings = settings(&server.place, &server.place);
    let place = Place::blobs(&format!("az://{ACCOUNT}/con"), &settings).unwrap();
    let blobs = Blobs::new(client(), place, key());
    let failure = block(blobs.list("", None, None, 1)).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "`az://devstoreaccount1/con`: cannot read the answer: it has no `EnumerationResults`"
    );
    let failure = block(blobs.properties("x")).unwrap_err();
    assert!(matches!(failure.problem, Problem::Unreadable { .. }), "{failure}");
}

#[test]
fn nobody_is_there() {
    let endpoint = nowhere();
    let settings = settings(&endpoint, &endpoint);
    let place = Place::blobs(&format!("az://{ACCOUNT}/con"), &settings).unwrap();
    let blobs = Blobs::new(client(), place, key());
    let failure = block(blobs.properties("x")).unwrap_err();
    assert!(
        matches!(failure.problem, Problem::Net(net::NetError::Unreachable { .. })),
        "{failure}"
    );
    assert!(failure.may_pass());
    let cloud = azure::Cloud::of(None, None, None).unwrap();
    let settings = azure::storage::Settings::of(&cloud, Some("https://account.invalid"), |_| None).unwrap();
    let place = Place::blobs("az://account/con", &settings).unwrap();
    let blobs = Blobs::new(client(), place, key());
    let failure = block(blobs.properties("x")).unwrap_err();
    assert_eq!(failure.problem, Problem::NoAccount, "{failure}");
    assert_eq!(
        failure.to_string(),
        "`az://account/con/x`: no storage account has that name"
    );
}
