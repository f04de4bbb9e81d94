//! Entra ID's token endpoint, with a client secret or with the token of another issuer.
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

use std::time::SystemTime;

use model::limits::TOKEN_BYTES_MAX;
use net::{Request, Response, Secret};
use url::Url;

use crate::identity::{Setup, Why};
use crate::kept::{Kept, Vaults};
use crate::token::{Token, refusal};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Workload identity: a file holds a token of Kubernetes, which is exchanged. The file is read anew each time, for it is
/// rewritten every hour.
pub(crate) async fn federated(setup: &Setup, audience: &str) -> Result<Token, Why> {
    let [file, tenant, client] =
        setup.all(["AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"])?;
    let read = std::fs::read_to_string(file);
    let assertion = read.map_err(|error| {
        Why::Fails(format!(
            "cannot read `{file}`, which AZURE_FEDERATED_TOKEN_FILE names: {}",
            error.kind()
        ))
    })?;
    let assertion = Secret::new(assertion.trim());
    let fields = [
        ("client_assertion_type", ASSERTION),
        ("client_assertion", assertion.expose()),
    ];
    ask(setup, (tenant, client), audience, &fields, &assertion).await
}

/// A service principal with its secret.
pub(crate) async fn with_secret(setup: &Setup, audience: &str) -> Result<Token, Why> {
    if let Some((kept, vaults)) = &setup.kept {
        return with_kept(setup, audience, kept, vaults).await;
    }
    let names = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    let values = setup.all(names).map_err(|why| match why {
        Why::Absent(why) if setup.text("AZURE_CLIENT_CERTIFICATE_PATH").is_some() => {
            Why::Absent(format!("{why}, and certificates are not read"))
        }
        why => why,
    });
    let [tenant, client, secret] = values?;
    let hidden = Secret::new(secret);
    ask(
        setup,
        (tenant, client),
        audience,
        &[("client_secret", secret)],
        &hidden,
    )
    .await
}

/// The same with a secret that is kept elsewhere. Where it is refused it may have been changed: then it is read anew, once.
async fn with_kept(setup: &Setup, audience: &str, kept: &Kept, vaults: &Vaults) -> Result<Token, Why> {
    let [tenant, client] = setup.all(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"])?;
    let mut refused = None::<(Secret, Why)>;
    loop {
        let read = kept
            .read(vaults, refused.as_ref().map(|(secret, _)| secret))
            .await;
        let secret = read.map_err(|error| Why::Fails(error.to_string()))?;
        let is_first = refused.is_none();
        if let Some((before, why)) = refused.take()
            && before == secret
        {
            return Err(why);
        }
        let fields = [("client_secret", secret.expose())];
        match ask(setup, (tenant, client), audience, &fields, &secret).await {
            Err(why) if is_first => refused = Some((secret, why)),
            answer => return answer,
        }
    }
}

async fn ask(
    setup: &Setup,
    (tenant, client): (&str, &str),
    audience: &str,
    proof: &[(&str, &str)],
    hidden: &Secret,
) -> Result<Token, Why> {
    let url = endpoint(&setup.authority, tenant)
        .ok_or_else(|| Why::Fails("AZURE_AUTHORITY_HOST is no place to ask at".to_owned()))?;
    let scope = format!("{audience}/.default");
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("scope", &scope),
    ];
    fields.extend_from_slice(proof);
    let request = Request::form(url, TOKEN_BYTES_MAX, &fields);
    let response = setup.client.send(&request).await;
    let response = response.map_err(|error| Why::Fails(error.to_string()))?;
    taken(&response, setup.authority.host_str().unwrap_or_default())
        .map_err(|why| Why::Fails(hidden.hidden_in(&why)))
}

/// The token in an answer, or what it says instead.
pub(crate) fn taken(response: &Response, host: &str) -> Result<Token, String> {
    if response.is_good() {
        return Token::of(&response.body, SystemTime::now())
            .ok_or_else(|| format!("{host} answers without a token"));
    }
    let status = response.status;
    match refusal(&response.body) {
        Some(said) => Err(format!("{host} answers {status}: {said}")),
        None => Err(format!("{host} answers {status}")),
    }
}

/// `AUTHORITY/TENANT/oauth2/v2.0/token`; the tenant cannot lead out of its place.
fn endpoint(authority: &Url, tenant: &str) -> Option<Url> {
    let mut url = authority.clone();
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend([tenant, "oauth2", "v2.0", "token"]);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_stays_in_its_place() {
        let authority = Url::parse("https://login.example/").unwrap();
        let check = |tenant: &str, expected: &str| {
            assert_eq!(endpoint(&authority, tenant).unwrap().as_str(), expected);
        };
        check(
            "contoso.onmicrosoft.com",
            "https://login.example/contoso.onmicrosoft.com/oauth2/v2.0/token",
        );
        check("a/b?c#d", "https://login.example/a%2Fb%3Fc%23d/oauth2/v2.0/token");
    }
}
