//! Ways of proving who asks: their order, what each sends, and what is said when none works.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure::{Arm, AzureError, Choice, Cloud, Identity, Method, Wanted};

use super::pull::{block, client};
use super::server::{Answer, Asked, Server, nowhere};
use super::world::{self, SHOP, TENANT};

/// Answers subscriptions to whoever has the token.
fn subscriptions(asked: &Asked) -> Answer {
    world::arm(asked)
}

/// Lists subscriptions with these variables; gives the way that worked.
fn proven(place: &str, choice: Choice, variables: &[(&str, &str)]) -> Result<Method, AzureError> {
    let cloud = Cloud::of(None, Some(place), Some(place)).unwrap();
    let client = client();
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let identity = Identity::new(Arc::clone(&client), cloud.authority.clone(), choice, |name| {
        variables.get(name).map(|value| (*value).to_owned())
    });
    let arm = Arm::new(client, identity, cloud);
    let wanted = Wanted {
        subscriptions: vec![SHOP.to_owned()],
        group: Some("none".to_owned()),
    };
    block(async {
        azure::pull(&arm, &wanted, &mut |_| {}).await?;
        Ok(arm.identity().method().await.unwrap())
    })
}

fn tokens(server: &Server) -> Vec<Asked> {
    let asked = server.asked().into_iter();
    asked.filter(|asked| asked.bearer().is_empty()).collect()
}

#[test]
fn workload_identity_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "kubernetes.jwt\n").unwrap();
    let server = Server::start(|asked| {
        let is_own = asked.body.contains("client_assertion=kubernetes.jwt")
            && asked.body.contains(
                "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
            )
            && asked.body.contains("grant_type=client_credentials");
        match asked.path() == format!("/{TENANT}/oauth2/v2.0/token") && is_own {
            true => Answer::new(
                200,
                &format!(r#"{{"expires_in":3599,"access_token":"{}"}}"#, world::TOKEN),
            ),
            false => subscriptions(asked),
        }
    });
    let variables = [
        ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_CLIENT_SECRET", "s3cret!"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", &server.place),
    ];
    let method = proven(&server.place, Choice::Auto, &variables).unwrap();
    assert_eq!(method, Method::WorkloadIdentity);
    assert_eq!(tokens(&server).len(), 1);
}

#[test]
fn the_metadata_service_of_a_machine() {
    let server = Server::start(|asked| match asked.path() {
        "/metadata/identity/oauth2/token" if asked.header("metadata") == "true" => match asked.before {
            // As it says while it starts.
            0 => Answer::new(429, "{}"),
            _ => Answer::new(
                200,
                &format!(
                    r#"{{"access_token":"{}","client_id":"1","expires_in":"86399","expires_on":"1","resource":"x","token_type":"Bearer"}}"#,
                    world::TOKEN
                ),
            ),
        },
        _ => subscriptions(asked),
    });
    let variables = [
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.place.as_str()),
        ("AZURE_CLIENT_ID", "user-assigned"),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_SECRET", "s3cret!"),
    ];
    let method = proven(&server.place, Choice::Auto, &variables).unwrap();
    assert_eq!(method, Method::ManagedIdentity);
    let query = tokens(&server)[0].query();
    assert_eq!(
        query,
        format!(
            "api-version=2018-02-01&resource={}&client_id=user-assigned",
            server.place
        )
    );
}

#[test]
fn the_endpoint_of_a_service() {
    let server = Server::start(|asked| match asked.path() {
        "/msi/token" if asked.header("x-identity-header") == "h34der" => Answer::new(
            200,
            &format!(
                r#"{{"access_token":"{}","expires_on":"4102444800"}}"#,
                world::TOKEN
            ),
        ),
        "/msi/token" => Answer::new(
            400,
            &format!(
                r#"{{"error":{{"message":"Bad header {}"}}}}"#,
                asked.header("x-identity-header")
            ),
        ),
        _ => subscriptions(asked),
    });
    let endpoint = format!("{}/msi/token/", server.place);
    let endpoint = endpoint.trim_end_matches('/');
    let with = |header: &str| {
        let variables = [("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", header)];
        proven(&server.place, Choice::Auto, &variables)
    };
    assert_eq!(with("h34der"), Ok(Method::ManagedIdentity));
    let query = tokens(&server)[0].query();
    assert_eq!(query, format!("api-version=2019-08-01&resource={}", server.place));
    // What is set up and fails ends the search; `az` is not asked.
    let host = server.place.trim_start_matches("http://");
    assert_eq!(
        with("wr0ng").unwrap_err().to_string(),
        format!(
            "no credential works: workload identity: AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_CLIENT_ID are not set; managed identity: {host} answers 400: Bad header [secret]"
        )
    );
}

#[test]
fn a_service_principal_comes_after_a_machine_that_is_none() {
    let server = Server::start(world::azure);
    let metadata = nowhere();
    let with = |secret: &str| {
        let variables = [
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST", metadata.as_str()),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_TENANT_ID", TENANT),
            ("AZURE_CLIENT_SECRET", secret),
        ];
        proven(&server.place, Choice::Auto, &variables)
    };
    assert_eq!(with("s3cret!"), Ok(Method::ServicePrincipal));
    let failure = with("wr0ng-s3cret").unwrap_err();
    let told = failure.to_string();
    assert!(
        told.contains("managed identity: ") && told.contains("so this is no machine of Azure"),
        "{told}"
    );
    assert!(
        told.ends_with(
            "service principal: 127.0.0.1 answers 401: AADSTS7000215: Invalid client secret provided"
        ),
        "{told}"
    );
    assert!(
        !told.contains("Azure CLI:") && failure.hint().contains("`az login`"),
        "{told}"
    );
    assert!(!format!("{failure:?}").contains("wr0ng"));
}

#[test]
fn one_way_alone() {
    let server = Server::start(world::azure);
    let failure = proven(
        &server.place,
        Choice::Only(Method::ServicePrincipal),
        &[
            ("AZURE_TENANT_ID", TENANT),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_CLIENT_CERTIFICATE_PATH", "cert.pem"),
        ],
    );
    assert_eq!(
        failure.unwrap_err().to_string(),
        "no credential works: service principal: AZURE_CLIENT_SECRET is not set, and certificates are not read"
    );
    let failure = proven(
        &server.place,
        Choice::Only(Method::WorkloadIdentity),
        &[
            ("AZURE_TENANT_ID", TENANT),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token"),
        ],
    );
    assert_eq!(
        failure.unwrap_err().to_string(),
        "no credential works: workload identity: cannot read `/nowhere/token`, which AZURE_FEDERATED_TOKEN_FILE names: entity not found"
    );
    assert_eq!(server.asked().len(), 0);
}

/// The application's secret is in a vault. The machine's own identity asks for it, not under the application's id; and asks again
/// when Entra ID refuses it, for it was changed there.
#[test]
fn a_secret_of_a_vault_is_read_again_when_it_was_changed() {
    let server = Server::start(|asked| match asked.path() {
        "/metadata/identity/oauth2/token" if !asked.target.contains("client_id") => {
            Answer::new(200, r#"{"access_token":"of-the-machine","expires_in":"86400"}"#)
        }
        "/secrets/app/" if asked.bearer() == "of-the-machine" => {
            let secret = if asked.before == 0 {
                "0ld-s3cret"
            } else {
                "s3cret!"
            };
            Answer::new(200, &format!(r#"{{"value":"{secret}"}}"#))
        }
        path if path == format!("/{TENANT}/oauth2/v2.0/token") => {
            match asked.body.contains("client_secret=s3cret%21") {
                true => Answer::new(
                    200,
                    &format!(r#"{{"expires_in":3599,"access_token":"{}"}}"#, world::TOKEN),
                ),
                false => Answer::new(
                    401,
                    r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired: 0ld-s3cret."}"#,
                ),
            }
        }
        _ => subscriptions(asked),
    });
    let reference = |name: &str| format!("@Microsoft.KeyVault(SecretUri={}/secrets/{name})", server.place);
    let with = |secret: &str| {
        let variables = [
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.place.as_str()),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_TENANT_ID", TENANT),
            ("AZURE_CLIENT_SECRET", secret),
        ];
        proven(&server.place, Choice::Only(Method::ServicePrincipal), &variables)
    };
    assert_eq!(with(&reference("app")), Ok(Method::ServicePrincipal));
    let asked = server.asked();
    let of = |path: &str| asked.iter().filter(|asked| asked.path() == path).count();
    assert_eq!(of("/secrets/app/"), 2);
    assert_eq!(of(&format!("/{TENANT}/oauth2/v2.0/token")), 2);
    // Once for the vault, and held.
    assert_eq!(of("/metadata/identity/oauth2/token"), 1);

    let failure = with(&reference("none")).unwrap_err().to_string();
    assert!(
        failure.contains("service principal: AZURE_CLIENT_SECRET is kept as the secret `none` in the vault"),
        "{failure}"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "s3cret!\n").unwrap();
    let variables = [
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_SECRET_FILE", file.to_str().unwrap()),
    ];
    let way = Choice::Only(Method::ServicePrincipal);
    assert_eq!(
        proven(&server.place, way, &variables),
        Ok(Method::ServicePrincipal)
    );
    std::fs::write(&file, "0ld-s3cret\n").unwrap();
    let failure = proven(&server.place, way, &variables).unwrap_err().to_string();
    assert!(
        failure.contains("AADSTS7000222") && !failure.contains("0ld-s3cret"),
        "{failure}"
    );
}
