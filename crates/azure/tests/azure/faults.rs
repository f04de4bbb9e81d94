//! A network and a server at their worst: what passes is tried again, what does not is told, and no token goes astray.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use azure::AzureError;
use net::{NetError, Proxies, Request};
use url::Url;

use super::pull::{arm, block, client, client_through, failures, pulled, shop, whole};
use super::server::{Answer, Asked, Server, nowhere};
use super::world;

const GROUPS: &str = "Microsoft.Network/networkSecurityGroups";

fn is_groups(asked: &Asked) -> bool {
    asked.path().ends_with(GROUPS)
}

/// All is well, but for the security groups.
fn groups_fail(how: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |asked| {
        if is_groups(asked) {
            how(asked)
        } else {
            world::azure(asked)
        }
    })
}

/// The one list that failed is told so, and is not taken for whole.
#[track_caller]
fn check_fails(server: &Server, expected: &str) -> Vec<Asked> {
    let (pulled, documents) = pulled(server, &shop());
    let host = server.place.trim_start_matches("http://");
    let expected = format!("networkSecurityGroups: {}", expected.replace("HOST", host));
    assert_eq!(failures(&documents), [expected]);
    let pulled = pulled.unwrap();
    assert!(!whole(&pulled).contains("networkSecurityGroups"));
    assert!(whole(&pulled).contains("networkInterfaces"));
    server.asked().into_iter().filter(is_groups).collect()
}

#[test]
fn what_passes_is_tried_again() {
    let server = groups_fail(|asked| match asked.before {
        0 => Answer::new(500, "oh"),
        1 => Answer {
            promised: Some(5000),
            ..Answer::new(200, r#"{"value":["#)
        },
        _ => world::azure(asked),
    });
    let (pulled, documents) = pulled(&server, &shop());
    assert_eq!(failures(&documents), Vec::<String>::new());
    assert_eq!(whole(&pulled.unwrap()).len(), 20);
    assert_eq!(server.asked().iter().filter(|asked| is_groups(asked)).count(), 3);
}

#[test]
fn who_asks_to_wait_is_waited_for() {
    let server = groups_fail(|asked| match asked.before {
        0 => Answer::new(429, r#"{"error":{"code":"TooManyRequests"}}"#).header("Retry-After", "1"),
        _ => world::azure(asked),
    });
    let begun = Instant::now();
    let (pulled, documents) = pulled(&server, &shop());
    assert_eq!(failures(&documents), Vec::<String>::new());
    assert_eq!(whole(&pulled.unwrap()).len(), 20);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn who_asks_to_wait_for_an_hour_is_told_of() {
    let server = groups_fail(|_| {
        Answer::new(
            429,
            r#"{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of requests exceeded."}}"#,
        )
        .header("Retry-After", "3600")
    });
    let asked = check_fails(
        &server,
        "HOST answers 429 and asks to wait 3600 s: SubscriptionRequestsThrottled: Number of requests exceeded",
    );
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_storm_ends_after_some_tries() {
    let server = groups_fail(|_| Answer::new(503, "<html>Service Unavailable</html>"));
    let asked = check_fails(&server, "HOST answers 503: without a reason (tried 3 times)");
    assert_eq!(asked.len(), 3);
}

#[test]
fn a_connection_that_is_always_cut() {
    let server = groups_fail(|_| Answer {
        promised: Some(5000),
        ..Answer::new(200, r#"{"value":["#)
    });
    let asked = check_fails(
        &server,
        "the connection to HOST broke off: it ended too early (tried 3 times)",
    );
    assert_eq!(asked.len(), 3);
}

#[test]
fn a_body_larger_than_any_is_not_read() {
    let server = groups_fail(|_| Answer {
        promised: Some(65 << 20),
        ..Answer::new(200, r#"{"value":["#)
    });
    let asked = check_fails(&server, "HOST sent more than 64 MB");
    assert_eq!(asked.len(), 1);
}

#[test]
fn bodies_without_a_length_are_bounded_too() {
    let server = Server::start(|_| {
        let chunk = format!("{:x}\r\n{}\r\n", 100_000, "x".repeat(100_000));
        Answer {
            // Whoever reads all of it reads 2 MB.
            body: chunk.repeat(20) + "0\r\n\r\n",
            ..Answer::new(200, "")
        }
        .header("Transfer-Encoding", "chunked")
    });
    let ask = |bytes_max: usize| {
        let url = Url::parse(&server.place).unwrap();
        block(client().send(&Request::get(url, bytes_max)))
    };
    let host = net::host(&Url::parse(&server.place).unwrap());
    let bytes_max = 1 << 20;
    assert_eq!(
        ask(bytes_max).unwrap_err(),
        NetError::TooLarge { host, bytes_max }
    );
}

#[test]
fn an_answer_that_is_no_list() {
    let server = groups_fail(|_| Answer::new(200, "<html>Sign in to the hotel's network</html>"));
    check_fails(
        &server,
        "cannot read what HOST answers: it is not JSON (expected value at line 1 column 1)",
    );
    let server = groups_fail(|_| Answer::new(200, r#"{"values":7}"#));
    check_fails(
        &server,
        "cannot read what HOST answers: a list was expected, under `value`",
    );
}

#[test]
fn a_token_goes_nowhere_else() {
    let other = Server::start(|_| Answer::new(200, r#"{"value":[]}"#));
    let place = other.place.clone();
    let link = place.clone();
    let server = groups_fail(move |asked| {
        let own = world::azure(asked).body;
        let page = format!(r#"{},"nextLink":"{link}/more"}}"#, own.strip_suffix('}').unwrap());
        Answer::new(200, &page)
    });
    let (pulled, documents) = pulled(&server, &shop());
    let host = server.place.trim_start_matches("http://");
    assert_eq!(
        failures(&documents),
        [format!(
            "networkSecurityGroups: the list goes on at {place} rather than at {host}, which would get the token"
        )]
    );
    assert!(!whole(&pulled.unwrap()).contains("networkSecurityGroups"));
    // What came before is there, and says that there is more.
    let kept = documents
        .iter()
        .find(|held| held.name == "networkSecurityGroups")
        .unwrap();
    let body = kept.body.as_ref().unwrap();
    assert_eq!(body["value"].as_array().unwrap().len(), 1);
    assert_eq!(body["nextLink"], format!("{place}/more"));

    let link = place.clone();
    let server = groups_fail(move |_| Answer::new(307, "").header("Location", &format!("{link}/groups")));
    check_fails(
        &server,
        "HOST answers 307, which leads elsewhere; a token goes nowhere else",
    );
    assert_eq!(other.asked().len(), 0);
}

#[test]
fn a_list_that_leads_back_ends() {
    let server = groups_fail(|asked| {
        Answer::new(
            200,
            &format!(r#"{{"value":[],"nextLink":"{}{}"}}"#, asked.place, asked.target),
        )
    });
    check_fails(&server, "the list has no end: after 1 pages it leads on, or back");
}

#[test]
fn a_token_that_has_expired_is_renewed_once() {
    let given = Mutex::new(0);
    let server = Server::start(move |asked| {
        if let Some(answer) = world::entra(asked) {
            let mut given = given.lock().unwrap();
            *given += 1;
            return match *given {
                1 => Answer::new(200, r#"{"expires_in":3599,"access_token":"expired"}"#),
                _ => answer,
            };
        }
        world::arm(asked)
    });
    let (pulled, documents) = pulled(&server, &shop());
    assert_eq!(failures(&documents), Vec::<String>::new());
    assert_eq!(whole(&pulled.unwrap()).len(), 20);
    let tokens = server.asked().into_iter().filter(|asked| asked.method == "POST");
    assert_eq!(tokens.count(), 2);
}

#[test]
fn a_token_that_is_never_taken_is_told_without_it() {
    let server = Server::start(|asked| {
        world::entra(asked).unwrap_or_else(|| {
            let said = format!(
                r#"{{"error":{{"code":"InvalidAuthenticationToken","message":"The access token {} is of another tenant."}}}}"#,
                asked.bearer()
            );
            Answer::new(401, &said)
        })
    });
    let (pulled, documents) = pulled(&server, &shop());
    let failure = pulled.unwrap_err();
    let host = server.place.trim_start_matches("http://");
    assert_eq!(
        failure.to_string(),
        format!(
            "{host} does not take the token: InvalidAuthenticationToken: The access token [secret] is of another tenant"
        )
    );
    assert!(documents.is_empty() && !format!("{failure:?}").contains(world::TOKEN));
}

#[test]
fn where_nobody_answers_is_said() {
    let place = nowhere();
    let mut seen = |_| panic!("there is nothing to see");
    let failure = block(azure::pull(&arm(&place), &shop(), &mut seen)).unwrap_err();
    let host = place.trim_start_matches("http://");
    assert_eq!(
        failure,
        AzureError::NoCredential {
            tried: vec![(
                azure::Method::ServicePrincipal,
                format!("cannot reach {host}: the connection was refused (tried 3 times)")
            )]
        }
    );
    let url = Url::parse(&place).unwrap();
    let failure = block(client().send(&Request::get(url, 1))).unwrap_err();
    assert!(failure.hint().contains("HTTPS_PROXY"));
}

/// When the network goes away in the middle, not every list waits for it.
#[test]
fn what_is_lost_is_not_asked_for_again_and_again() {
    let server = Server::start(|asked| match asked.path() {
        path if path == format!("/subscriptions/{}", world::SHOP) => world::arm(asked),
        _ => world::entra(asked).unwrap_or_else(|| {
            Answer::new(
                401,
                r#"{"error":{"code":"AuthenticationFailed","message":"Revoked."}}"#,
            )
        }),
    });
    let (pulled, documents) = pulled(&server, &shop());
    assert!(pulled.unwrap().whole.is_empty());
    assert_eq!(documents.len(), 18);
    let all = failures(&documents);
    assert!(
        all.iter()
            .all(|failure| failure.ends_with("AuthenticationFailed: Revoked")),
        "{all:?}"
    );
    let lists = server
        .asked()
        .into_iter()
        .filter(|asked| asked.path().contains("/providers/"));
    assert!(lists.count() <= 2 * model::limits::ARM_REQUESTS_AT_ONCE);
}

#[test]
fn plain_http_stays_on_the_machine() {
    let url = Url::parse("http://management.azure.com/subscriptions").unwrap();
    let failure = block(client().send(&Request::get(url, 1))).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "will not send anything to management.azure.com over `http`"
    );
}

#[test]
fn a_proxy_is_gone_through_and_its_password_is_not_told() {
    let proxy = Server::start(|_| Answer::new(407, ""));
    let value = proxy.place.replace("http://", "http://user:pr0xy-word@");
    let ask = |others: &'static [(&'static str, &'static str)]| {
        let value = value.clone();
        let proxies = Proxies::of(move |name| match name {
            "https_proxy" => Some(value.clone()),
            _ => others
                .iter()
                .find(|(held, _)| *held == name)
                .map(|(_, value)| (*value).to_owned()),
        });
        let url = Url::parse("https://management.invalid/subscriptions").unwrap();
        let request = Request::get(url, 1).tried(1);
        block(client_through(proxies).send(&request)).unwrap_err()
    };
    let told = ask(&[]).to_string();
    assert!(
        told.starts_with("cannot reach management.invalid through the proxy of https_proxy: "),
        "{told}"
    );
    assert!(!told.contains("pr0xy-word"), "{told}");
    let asked = proxy.asked();
    assert_eq!(
        (asked[0].method.as_str(), asked[0].target.as_str()),
        ("CONNECT", "management.invalid:443")
    );
    assert!(asked[0].header("proxy-authorization").starts_with("Basic "));
    // Where it is not to be used, it is not.
    ask(&[("NO_PROXY", "management.invalid")]);
    assert_eq!(proxy.asked().len(), 1);
    let wrong = Proxies::of(|name| (name == "HTTPS_PROXY").then(|| "http://user:pr0xy-word@:x".to_owned()));
    let settings = net::Settings {
        user_agent: "x".to_owned(),
        proxies: wrong,
        retry: net::Retry::default(),
        seed: 0,
    };
    let told = net::Client::new(&settings).unwrap_err().to_string();
    assert_eq!(
        told,
        "cannot use the proxy of HTTPS_PROXY: it is not a URL such as http://proxy.example:3128"
    );
}
