//! Managed identities: what a service of Azure offers beside the program, or else the metadata service of a machine.
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>

use std::time::Duration;

use model::limits::TOKEN_BYTES_MAX;
use net::{NetError, Request};
use url::Url;

use crate::identity::entra::taken;
use crate::identity::{Setup, Why};
use crate::token::Token;

/// Where every machine of Azure finds its metadata service.
const METADATA: &str = "http://169.254.169.254";
/// It answers from beside the machine. Longer waits would be those of a laptop, which has none.
const METADATA_TIME: Duration = Duration::from_secs(3);

pub(crate) async fn token(setup: &Setup, audience: &str) -> Result<Token, Why> {
    match (setup.text("IDENTITY_ENDPOINT"), setup.secret("IDENTITY_HEADER")) {
        (Some(endpoint), Some(header)) => {
            let url = asked(setup, endpoint, "", "2019-08-01", audience)
                .ok_or_else(|| Why::Fails("IDENTITY_ENDPOINT is not a URL".to_owned()))?;
            let request =
                Request::get(url.clone(), TOKEN_BYTES_MAX).secret_header("x-identity-header", header.clone());
            let response = setup.client.send(&request).await;
            let response = response.map_err(|error| Why::Fails(error.to_string()))?;
            taken(&response, &net::host(&url)).map_err(|why| Why::Fails(header.hidden_in(&why)))
        }
        (Some(_), None) if setup.text("IMDS_ENDPOINT").is_some() => Err(Why::Absent(
            "Azure Arc proves itself by files, which are not read".to_owned(),
        )),
        _ => of_machine(setup, audience).await,
    }
}

async fn of_machine(setup: &Setup, audience: &str) -> Result<Token, Why> {
    let endpoint = setup
        .text("AZURE_POD_IDENTITY_AUTHORITY_HOST")
        .unwrap_or(METADATA);
    let url = asked(
        setup,
        endpoint,
        "metadata/identity/oauth2/token",
        "2018-02-01",
        audience,
    );
    let url = url.ok_or_else(|| Why::Fails("AZURE_POD_IDENTITY_AUTHORITY_HOST is not a URL".to_owned()))?;
    let request = Request::get(url.clone(), TOKEN_BYTES_MAX)
        .header("metadata", "true")
        .within(METADATA_TIME);
    // Once first: who is not there will not be there the second time either.
    let mut answer = setup.client.send(&request.clone().tried(1)).await;
    if answer
        .as_ref()
        .is_ok_and(|response| matches!(response.status, 410 | 429 | 500..))
    {
        answer = setup.client.send(&request).await;
    }
    let host = net::host(&url);
    match answer {
        Ok(response) => taken(&response, &host).map_err(Why::Absent),
        Err(NetError::Unreachable { .. } | NetError::TimedOut { .. }) => Err(Why::Absent(format!(
            "{host} does not answer, so this is no machine of Azure"
        ))),
        Err(error) => Err(Why::Absent(error.to_string())),
    }
}

fn asked(setup: &Setup, endpoint: &str, path: &str, version: &str, audience: &str) -> Option<Url> {
    let mut url = Url::parse(endpoint).ok().filter(Url::has_host)?;
    if !path.is_empty() {
        url.set_path(path);
    }
    url.query_pairs_mut()
        .append_pair("api-version", version)
        .append_pair("resource", audience);
    if let Some(client) = setup.text("AZURE_CLIENT_ID") {
        url.query_pairs_mut().append_pair("client_id", client);
    }
    Some(url)
}
