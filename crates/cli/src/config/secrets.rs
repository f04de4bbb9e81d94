//! `[secrets]` of the configuration: where secrets are kept, by the names of the variables that would hold them. A secret itself
//! has no place in a file that is copied around; variables win, as everywhere.

use std::path::Path;

use model::codes::list as code;
use toml::de::DeValue;

use crate::environment::Environment;
use crate::exit::Failure;

/// The name of the table.
pub(crate) const SECRETS: &str = "secrets";

/// Variables that are not set, with what they are set to by the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    /// Of a value in a file.
    pub(crate) fn of(value: &DeValue<'_>, file: &Path, line: usize) -> Result<Self, Failure> {
        let shown = file.display();
        let DeValue::Table(table) = value else {
            let text = format!("`{SECRETS}` in `{shown}`, line {line}, is of the wrong type");
            return Err(Failure::value(code::CONFIG_VALUE, text).hint(
                "write `[secrets]`, and under it a line for each, such as AZURE_STORAGE_KEY_FILE = \"key\"",
            ));
        };
        let mut secrets = Vec::new();
        for (name, value) in table.iter() {
            let name: &str = name.get_ref();
            let all = azure::SECRETS.iter().flat_map(|(name, file)| [*name, *file]);
            let known = all.clone().find(|known| *known == name).ok_or_else(|| {
                let text = format!("unknown key `{name}` in `[{SECRETS}]` of `{shown}`");
                let hint = match meant(name, all) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "keys are the variables of secrets, such as AZURE_STORAGE_KEY and AZURE_STORAGE_KEY_FILE"
                        .to_owned(),
                };
                Failure::value(code::CONFIG_KEY, text).hint(hint)
            })?;
            let text = match value.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            };
            let is_file = azure::SECRETS.iter().any(|(_, file)| *file == known);
            let kept = text.filter(|text| is_file || azure::refers_to_vault(text));
            let kept = kept.ok_or_else(|| {
                let text =
                    format!("`{known}` in `[{SECRETS}]` of `{shown}` does not say where the secret is kept");
                Failure::value(code::CONFIG_VALUE, text).hint(format!(
                    "write @Microsoft.KeyVault(VaultName=VAULT;SecretName=NAME), or name a file by `{}`",
                    azure::SECRETS
                        .iter()
                        .find(|(name, file)| known == *name || known == *file)
                        .map_or("", |(_, file)| *file)
                ))
            })?;
            // A path in a file is meant from the file's folder.
            let folder = file.parent().filter(|_| is_file);
            let kept = folder.map_or(kept.clone(), |folder| folder.join(&kept).display().to_string());
            secrets.push((known, kept));
        }
        Ok(Self(secrets))
    }

    /// Sets what is not set otherwise.
    pub(crate) fn into_environment(self, environment: &mut Environment) {
        for (name, kept) in self.0 {
            let pair = azure::SECRETS
                .iter()
                .find(|(own, file)| *own == name || *file == name);
            let is_set = pair
                .is_some_and(|(own, file)| environment.get(own).is_some() || environment.get(file).is_some());
            if !is_set {
                environment.set(name, kept);
            }
        }
    }
}

/// The most similar variable, if one is similar enough to have been meant.
fn meant<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let typed = typed.to_uppercase();
    words
        .map(|word| (strsim::jaro_winkler(&typed, word), word))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::raw::parse;

    fn secrets(text: &str) -> Result<Secrets, String> {
        let text = format!("version = 1\n[secrets]\n{text}\n");
        let file = parse(&text, Path::new("etc/f.toml"));
        file.map(|file| file.secrets)
            .map_err(|failure| format!("{} | {}", failure.message, failure.hint.unwrap_or_default()))
    }

    #[test]
    fn where_secrets_are_kept() {
        let text = "AZURE_STORAGE_KEY = \"@Microsoft.KeyVault(VaultName=v;SecretName=s)\"\nAZURE_CLIENT_SECRET_FILE = \"app\"";
        let found = secrets(text).unwrap();
        let mut environment = Environment::of(&[("AZURE_CLIENT_SECRET", "own")]);
        found.into_environment(&mut environment);
        let text = |name: &str| environment.text(name);
        assert_eq!(
            text("AZURE_STORAGE_KEY").as_deref(),
            Some("@Microsoft.KeyVault(VaultName=v;SecretName=s)")
        );
        // What a variable says wins, whichever of the two it is.
        assert_eq!(text("AZURE_CLIENT_SECRET_FILE"), None);
        let found = secrets("AZURE_CLIENT_SECRET_FILE = \"app\"").unwrap();
        assert_eq!(
            found,
            Secrets(vec![("AZURE_CLIENT_SECRET_FILE", "etc/app".to_owned())])
        );
    }

    #[test]
    fn secrets_themselves_are_refused_and_not_told() {
        let told = secrets("AZURE_STORAGE_KEY = \"aDFkZGVu\"").unwrap_err();
        assert_eq!(
            told,
            "`AZURE_STORAGE_KEY` in `[secrets]` of `etc/f.toml` does not say where the secret is kept | write @Microsoft.KeyVault(VaultName=VAULT;SecretName=NAME), or name a file by `AZURE_STORAGE_KEY_FILE`"
        );
        let told = secrets("AZURE_STORAGE_KEI = \"x\"").unwrap_err();
        assert_eq!(
            told,
            "unknown key `AZURE_STORAGE_KEI` in `[secrets]` of `etc/f.toml` | did you mean `AZURE_STORAGE_KEY`?"
        );
        assert!(secrets("AZURE_STORAGE_KEY_FILE = 3").is_err());
        let whole = parse("version = 1\nsecrets = \"x\"", Path::new("f.toml")).unwrap_err();
        assert!(
            whole.message.contains("`secrets` in `f.toml`, line 2"),
            "{}",
            whole.message
        );
    }
}
