//! Tokens of identities: for whom they are, renewed where they are turned away, and the role that is missing.

use std::sync::Arc;

use azure::storage::{Blobs, Credential, Lack, Place, Problem};
use azure::{Choice, Cloud, Identity, Method};
use azurite::ACCOUNT;

use super::super::server::{Answer, Asked, Server};
use super::{block, client, settings};

const EMPTY: &str = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";

/// A container at a server that gives out tokens too, counted.
fn at(server: &Server) -> Blobs {
    let client = client();
    let cloud = Cloud::of(None, Some(&server.place), None).unwrap();
    let identity = Identity::new(
        Arc::clone(&client),
        cloud.authority,
        Choice::Only(Method::ServicePrincipal),
        |name| {
            let value = match name {
                "AZURE_TENANT_ID" => "tenant",
                "AZURE_CLIENT_ID" => "app",
                "AZURE_CLIENT_SECRET" => "s3cret!",
                _ => return None,
            };
            Some(value.to_owned())
        },
    );
    let settings = settings(&server.place, &server.place);
    let place = Place::blobs(&format!("az://{ACCOUNT}/con"), &settings).unwrap();
    Blobs::new(client, place, Credential::token(Arc::new(identity)))
}

fn is_token(asked: &Asked) -> bool {
    asked.path() == "/tenant/oauth2/v2.0/token"
}

fn token(asked: &Asked) -> Answer {
    let number = asked.before + 1;
    Answer::new(
        200,
        &format!(r#"{{"expires_in":3599,"access_token":"t0ken-{number}"}}"#),
    )
}

#[test]
fn a_token_is_renewed_and_is_for_that_host_alone() {
    let server = Server::start(|asked| match asked.bearer() {
        "" if is_token(asked) => token(asked),
        // The first one is revoked after a request.
        "t0ken-1" if asked.before > 0 => Answer::new(401, ""),
        "t0ken-1" | "t0ken-2" => Answer::new(200, EMPTY),
        _ => Answer::new(400, ""),
    });
    let blobs = at(&server);
    block(async {
        for _ in 0..3 {
            let page = blobs.list("", None, None, 1).await.unwrap();
            assert_eq!(page.blobs, []);
        }
    });
    let asked = server.asked();
    let tokens: Vec<&Asked> = asked.iter().filter(|asked| is_token(asked)).collect();
    assert_eq!(tokens.len(), 2);
    let own = server.place.replace(':', "%3A").replace('/', "%2F");
    assert!(
        tokens[0].body.contains(&format!("scope={own}%2F.default")),
        "{}",
        tokens[0].body
    );
    let bearers: Vec<&str> = asked
        .iter()
        .map(Asked::bearer)
        .filter(|held| !held.is_empty())
        .collect();
    assert_eq!(bearers, ["t0ken-1", "t0ken-1", "t0ken-2", "t0ken-2"]);
    assert!(!format!("{blobs:?}").contains("s3cret"));
}

#[test]
fn the_role_that_is_missing() {
    let server = Server::start(|asked| match is_token(asked) {
        true => token(asked),
        false => Answer::new(
            403,
            "<Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.\nRequestId:1</Message></Error>",
        ),
    });
    let blobs = at(&server);
    let failure = block(blobs.list("", None, None, 1)).unwrap_err();
    let lack = Lack::Role;
    assert_eq!(failure.problem, Problem::Forbidden { lack, writes: false });
    assert!(
        failure.hint().contains("`Storage Blob Data Reader`"),
        "{}",
        failure.hint()
    );
    let failure = block(blobs.create()).unwrap_err();
    assert_eq!(failure.problem, Problem::Forbidden { lack, writes: true });
    assert!(
        failure.hint().contains("`Storage Blob Data Contributor`"),
        "{}",
        failure.hint()
    );
}

#[test]
fn no_token_at_all() {
    let server = Server::start(|_| {
        Answer::new(
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#,
        )
    });
    let failure = block(at(&server).properties("x")).unwrap_err();
    assert!(matches!(failure.problem, Problem::Credential(_)), "{failure}");
    assert!(
        failure
            .to_string()
            .starts_with("`az://devstoreaccount1/con/x`: no credential works: service principal: "),
        "{failure}"
    );
    assert!(failure.hint().contains("az login"), "{}", failure.hint());
}
