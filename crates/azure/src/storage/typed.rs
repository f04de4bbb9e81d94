//! What people type where an address belongs. Keys, signatures and connection strings end up there now and then: they are
//! told from addresses, and nothing of them is shown. It decides nothing about places.

use crate::storage::error::{Problem, StorageError};
use crate::storage::text::decoded;

/// A key of an account has 64 bytes: so many letters in base64, and two `=` behind them.
const KEY_LETTERS: usize = 86;
/// A word of letters that long that looks drawn by chance may be a secret, or a part of one.
const DRAWN_MIN: usize = 32;
/// Names of accounts.
const ACCOUNT_MAX: usize = 24;
/// Names of hosts.
const HOST_MAX: usize = 253;

/// Something secret where an address belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    Connection,
    Signature,
    Key,
    BeforeAt,
}

impl Slip {
    /// What stands in a text beside an address. A signature behind a question mark belongs to its address.
    fn of(text: &str) -> Option<Self> {
        let plain = decoded(text.trim());
        let lower = plain.to_lowercase();
        let has = |word: &str| lower.contains(word);
        if has("accountkey=") || has("sharedaccesssignature=") || has("defaultendpointsprotocol=") {
            return Some(Self::Connection);
        }
        let address = match text.split_once('?') {
            Some((address, query)) if address.contains("://") && is_sas(query) => decoded(address),
            _ => plain,
        };
        if has_key(&address) {
            return Some(Self::Key);
        }
        if has_signature(&address) {
            return Some(Self::Signature);
        }
        let (scheme, rest) = address.split_once("://")?;
        let first = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_user = match scheme.to_lowercase().as_str() {
            "az" | "azq" | "azure" => first.contains([':', '@']),
            "abfs" | "abfss" | "wasb" | "wasbs" => first.matches('@').count() > 1,
            // A port stands behind a colon too.
            _ => first.contains('@'),
        };
        is_user.then_some(Self::BeforeAt)
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Connection => "what is written there is a connection string, and no address",
            Self::Signature => "what is written there is a shared access signature without its address",
            Self::Key => "a key of an account is written there",
            Self::BeforeAt => "there is a name or a password in it, as before an `@`",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Connection => {
                "set AZURE_STORAGE_CONNECTION_STRING to it, and write az://ACCOUNT/CONTAINER/PREFIX here"
            }
            Self::Signature => {
                "set AZURE_STORAGE_SAS_TOKEN to it and write az://ACCOUNT/CONTAINER/PREFIX here, or write it behind the URL of its container, in quotes"
            }
            Self::Key | Self::BeforeAt => {
                "set AZURE_STORAGE_KEY to the key, or AZURE_STORAGE_KEY_FILE to a file with it, and write az://ACCOUNT/CONTAINER/PREFIX here; a key that was shown to others is to be changed"
            }
        }
    }
}

/// Refuses what has a secret in it that belongs elsewhere. The refusal does not repeat it.
///
/// # Errors
/// For keys, connection strings, and signatures without an address.
pub fn refuse_secret(text: &str) -> Result<(), StorageError> {
    let Some(slip) = Slip::of(text) else { return Ok(()) };
    Err(StorageError::of(Problem::Setting {
        what: format!("`{}` is no place: {}", shown(text), slip.what()),
        hint: slip.hint().to_owned(),
    }))
}

/// What was typed where an address belongs, as it may be shown: without a signature, and where a secret may be in it no more
/// than its account or host. Where even that is in doubt nothing is shown.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = text.trim();
    let Some((scheme, rest)) = text.split_once("://") else {
        return match Slip::of(text).is_none() && is_word(text) {
            true => text.to_owned(),
            false => "…".to_owned(),
        };
    };
    if scheme.is_empty() || scheme.len() > 8 || !scheme.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return "…".to_owned();
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (first, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let slip = Slip::of(text);
    if !is_named(scheme, first) {
        if let Some((account, _)) = first.split_once(':')
            && scheme.starts_with("az")
            && is_named(scheme, account)
        {
            return format!("{scheme}://{account}…");
        }
        // Somebody's spelling of a name, unless there is more to it.
        return match slip.is_none() && is_word(rest) {
            true => text.to_owned(),
            false => format!("{scheme}://…"),
        };
    }
    let path = behind.split(['?', '#']).next().unwrap_or_default();
    match slip.is_none() && is_word(path) {
        true => format!("{scheme}://{first}{path}"),
        false => format!("{scheme}://{first}/…"),
    }
}

/// A part of what was typed, if it may be shown.
pub(crate) fn word(text: &str) -> Option<&str> {
    (Slip::of(text).is_none() && is_word(text)).then_some(text)
}

/// Names an account, a container at one, or a host, and holds nothing else.
fn is_named(scheme: &str, first: &str) -> bool {
    let is_account = |name: &str| {
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        !name.is_empty() && name.len() <= ACCOUNT_MAX && name.chars().all(is_plain)
    };
    let is_host = |name: &str| {
        let is_plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
        !name.is_empty() && name.len() <= HOST_MAX && name.chars().all(is_plain)
    };
    match scheme.to_lowercase().as_str() {
        "http" | "https" => {
            let (host, port) = first.split_once(':').unwrap_or((first, ""));
            is_host(host) && port.len() <= 5 && port.chars().all(|letter| letter.is_ascii_digit())
        }
        "abfs" | "abfss" | "wasb" | "wasbs" => {
            let parts = first.split_once('@');
            parts
                .is_some_and(|(container, host)| container.len() <= 63 && is_host(container) && is_host(host))
        }
        _ => is_account(first),
    }
}

/// Letters of names and paths, none of which looks drawn by chance.
fn is_word(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./\\ ~$:%*()[],{}".contains(letter);
    // Names of blobs have these, and the letter before it stands alone there: `resourceId=/`, `y=2026`.
    let is_pair = |segment: &str| {
        let (name, value) = segment.split_once('=').unwrap_or((segment, ""));
        name.len() <= 24 && name.chars().all(char::is_alphanumeric) && value.chars().all(is_plain)
    };
    let mut segments = text.split(['/', '\\']);
    segments.all(|segment| segment.chars().all(is_plain) || is_pair(segment)) && !has_drawn(text)
}

/// A long run of letters of base64, of all kinds.
fn has_drawn(text: &str) -> bool {
    let mut runs = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "+/=".contains(letter)));
    runs.any(|run| {
        // Parts of a path, each for itself, are shorter or of fewer kinds.
        let mut parts = run.split(['/', '=']);
        run.len() >= DRAWN_MIN
            && parts.any(|part| {
                let has = |of: fn(&char) -> bool| part.chars().any(|letter| of(&letter));
                part.len() >= DRAWN_MIN / 2
                    && has(char::is_ascii_uppercase)
                    && has(char::is_ascii_lowercase)
                    && has(char::is_ascii_digit)
            })
    })
}

/// A key as Azure writes it, wherever it stands.
fn has_key(text: &str) -> bool {
    let ends = text.match_indices("==").map(|(at, _)| at);
    let mut befores = ends.filter_map(|at| text.get(..at));
    befores.any(|before| {
        let letters = before.chars().rev();
        let letters = letters.take_while(|letter| letter.is_ascii_alphanumeric() || "+/ ".contains(*letter));
        letters.count() >= KEY_LETTERS
    })
}

/// `sig=`, or what else stands in a signature and nowhere else.
fn has_signature(text: &str) -> bool {
    let lower = text.to_lowercase();
    let pairs = lower.split(['?', '&', ';', '#', '/', ' ', '"', '\'']);
    let mut names = pairs.filter_map(|pair| Some(pair.split_once('=')?.0));
    names.any(|name| name == "sig")
}

/// The beginning of a signature without its end: in a shell `&` ends a command.
pub(crate) fn is_cut(query: &str) -> bool {
    let begins = |pair: &str| {
        ["sv=", "ss=", "sp=", "se=", "st=", "sr="]
            .iter()
            .any(|name| pair.starts_with(name))
    };
    !is_sas(query) && query.split('&').any(begins)
}

/// A query with a signature in it.
pub(crate) fn is_sas(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("sig="))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published key of emulators, with a word in it that is looked for.
    const KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    const SAS: &str = "sv=2026-02-06&sp=rl&se=2026-12-01T00%3A00%3A00Z&sr=c&sig=l95QElg18CEa55%2BXuhJIQz56gFFs2dFppYzE024uj3aY%3D";

    /// No eight letters of it in a row.
    #[track_caller]
    fn hides(told: &str, secret: &str) {
        let letters: Vec<char> = secret.chars().collect();
        for window in letters.windows(8) {
            let piece: String = window.iter().collect();
            assert!(!told.contains(&piece), "`{piece}` is in: {told}");
        }
    }

    #[test]
    fn what_is_secret_is_refused_and_not_repeated() {
        let encoded = KEY.replace('/', "%2F").replace('=', "%3D").replace('+', "%2B");
        let connection = format!(
            "DefaultEndpointsProtocol=https;AccountName=logs;AccountKey={KEY};EndpointSuffix=core.windows.net"
        );
        let check = |text: &str, secret: &str, starts: &str| {
            let failure = refuse_secret(text).unwrap_err();
            let told = format!("{failure} {failure:?} {} {}", failure.hint(), shown(text));
            hides(&told, secret);
            assert!(failure.to_string().starts_with(starts), "{text}: {failure}");
        };
        for key in [KEY, &encoded] {
            check(key, key, "`…` is no place");
            check(&format!("az://logs:{key}@flow"), key, "`az://logs…`");
            check(&format!("az://logs:{key}@flow/x"), key, "`az://");
            check(&format!("az://{key}@logs/flow"), key, "`az://");
            check(&format!("az://logs/{key}"), key, "`az://logs/…`");
            check(&format!("az://logs/flow/{key}"), key, "`az://logs/…`");
            check(&format!("az://logs/flow?{key}"), key, "`az://logs/…`");
            check(&format!("az://logs/flow#{key}"), key, "`az://logs/…`");
            check(&format!("azq://logs:{key}@events"), key, "`azq://");
            check(
                &format!("https://logs:{key}@logs.blob.core.windows.net/flow"),
                key,
                "`https://",
            );
            check(
                &format!("https://logs.blob.core.windows.net/flow/{key}"),
                key,
                "`https://logs.blob.core.windows.net/…`",
            );
            check(
                &format!("abfss://{key}@logs.dfs.core.windows.net/x"),
                key,
                "`abfss://",
            );
            check(&format!("s3://{key}"), key, "`s3");
        }
        check(&connection, KEY, "`…`");
        check(&format!("az://{connection}"), KEY, "`az://…`");
        let own = SAS.split("sig=").nth(1).unwrap();
        for bare in [
            SAS.to_owned(),
            format!("?{SAS}"),
            format!("&{SAS}"),
            format!("sig={own}"),
        ] {
            check(&bare, own, "`…`");
        }
        check(&format!("az://logs/flow/{SAS}"), own, "`az://logs/…`");
        check(&format!("az://logs/flow#{SAS}"), own, "`az://logs/…`");
        check("az://logs:hidden-word@flow", "hidden-word", "`az://logs…`");
        check(
            "https://logs:hidden-word@example.com/flow",
            "hidden-word",
            "`https://…`",
        );
        check(
            "BlobEndpoint=https://logs.blob.core.windows.net;SharedAccessSignature=sv=1&sig=hidden-word",
            "hidden-word",
            "`…`",
        );
    }

    #[test]
    fn addresses_and_paths_are_neither_refused_nor_hidden() {
        for text in [
            "az://logs/flow",
            "az://LOGS/flow/resourceId=/SUBSCRIPTIONS/0A1B2C3D-0000-4000-8000-00000000C0DE/RESOURCEGROUPS/Prod 2/",
            "az://contosologs/insights-logs-flowlogflowevent/flowLogResourceID=/0A1B2C3D-0000-4000-8000-00000000C0DE_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_VNET-FLOWLOG/y=2026/m=11/d=30/h=08/m=00/macAddress=000D3AF87856/PT1H.json",
            "abfss://flow@logs.dfs.core.windows.net/y=2026",
            "http://127.0.0.1:10000/devstoreaccount1/flow",
            "az://con.toso/flow",
            "logs",
            "logs/**/*.json.gz",
            "/data/flows/table",
            "C:\\flows\\table",
        ] {
            assert!(refuse_secret(text).is_ok(), "{text}");
            assert_eq!(shown(text), text);
        }
        let signed = format!("https://logs.blob.core.windows.net/flow/x?{SAS}");
        assert!(refuse_secret(&signed).is_ok());
        assert_eq!(shown(&signed), "https://logs.blob.core.windows.net/flow/x");
        let signed = format!("az://logs/flow/x?{SAS}");
        assert!(refuse_secret(&signed).is_ok());
        assert_eq!(shown(&signed), "az://logs/flow/x");
    }
}
