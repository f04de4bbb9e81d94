//! Whoever signed in with `az login`: the command gives a token.

use std::io;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use tokio::process::Command;

use crate::identity::Why;
use crate::token::Token;

/// It takes seconds where it is slow, and may want to talk to Entra ID.
const TIME: Duration = Duration::from_secs(60);

#[cfg(windows)]
const PROGRAM: &str = "az.cmd";
#[cfg(not(windows))]
const PROGRAM: &str = "az";

pub(crate) async fn token(audience: &str) -> Result<Token, Why> {
    let run = Command::new(PROGRAM)
        .args([
            "account",
            "get-access-token",
            "--output",
            "json",
            "--resource",
            audience,
        ])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(TIME, run).await {
        Err(_) => {
            return Err(Why::Absent(format!(
                "`az` did not answer within {} s",
                TIME.as_secs()
            )));
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Why::Absent("the program `az` is not in PATH".to_owned()));
        }
        Ok(Err(error)) => return Err(Why::Absent(format!("cannot run `az`: {}", error.kind()))),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Why::Absent(format!("`az` says: {}", said_by(&said))));
    }
    let token = Token::of(&output.stdout, SystemTime::now());
    token.ok_or_else(|| Why::Absent("`az` answers without a token".to_owned()))
}

/// The line that says what is wrong.
fn said_by(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let last = lines.clone().next_back().unwrap_or("nothing");
    let line = lines.find_map(|line| line.strip_prefix("ERROR:")).unwrap_or(last);
    line.trim().trim_end_matches('.').chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_az_says() {
        assert_eq!(
            said_by("WARNING: x\nERROR: Please run 'az login' to setup account.\n"),
            "Please run 'az login' to setup account"
        );
        assert_eq!(said_by("Traceback\nKeyError\n"), "KeyError");
        assert_eq!(said_by(""), "nothing");
    }
}
