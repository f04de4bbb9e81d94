//! `flowglass facts pull`: what is known of the network, asked of Azure Resource Manager.

mod gathered;
mod said;

use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use azure::{Arm, AzureError, Cloud, Identity, Method, Pulled, Wanted};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::account::{self, Way, azure_failure as failure};
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::commands::facts::files::is_group_name;
use crate::commands::facts::{store, taken};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::quantity::counted;
use crate::session::Session;
use crate::working;

use gathered::Gathered;

const EXAMPLES: &str = "\
Examples:
  az login; flowglass facts pull             all subscriptions that you can see
  flowglass facts pull --subscription 0a1b…  one of them
  flowglass facts pull --dry-run             only what would be asked
  flowglass facts pull --out exports/        the lists as files, too
";

const AFTER: &str = "\
The role `Reader` is enough. What may not be read is named, the rest is loaded;
what was listed to its end is known to be all there is.
Credentials, the first that is set up: workload identity, managed identity,
service principal (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET),
`az login`. Proxy: HTTPS_PROXY.";

/// Asks Azure what is known of the network, and keeps it.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Pull {
    /// Only this one, by its id; may be repeated
    #[arg(long, value_name = "ID")]
    subscription: Vec<String>,
    /// Only what lies in it
    #[arg(long, value_name = "NAME")]
    resource_group: Option<String>,
    /// auto, workload-identity, managed-identity, service-principal or az
    #[arg(
        long,
        value_name = "WAY",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    credential: Way,
    /// AzureCloud, AzureUSGovernment or AzureChinaCloud
    #[arg(long, value_name = "NAME")]
    cloud: Option<String>,
    /// Azure Resource Manager of another cloud
    #[arg(long, value_name = "URL")]
    arm_endpoint: Option<String>,
    /// When it was so [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Only tell what would be asked
    #[arg(long)]
    dry_run: bool,
    /// Keep the lists as files there, for `facts load`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl Pull {
    pub(super) fn flags(&self, layer: &mut Layer) {
        self.where_and_how.flags(layer);
    }

    pub(super) fn run(&self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let taken = taken(session, self.at.as_deref())?;
        let wanted = self.wanted()?;
        let variable = |name: &str| session.environment.text(name);
        let authority = variable("AZURE_AUTHORITY_HOST");
        let cloud = Cloud::of(
            self.cloud.as_deref(),
            authority.as_deref(),
            self.arm_endpoint.as_deref(),
        )
        .map_err(failure)?;
        if self.dry_run {
            return said::requests(session, &azure::plan(&cloud, &wanted), json);
        }
        let client = account::client(session)?;
        let choice = self.credential.into();
        let identity = Identity::new(Arc::clone(&client), cloud.authority.clone(), choice, variable);
        let arm = Arm::new(client, identity, cloud);
        let (gathered, pulled, method) = self.pull(session, &arm, &wanted)?;
        if pulled.subscriptions.is_empty() && gathered.failures() == 0 {
            let way = method.map_or_else(String::new, |method| format!(" by {}", method.name()));
            return Err(
                Failure::outside(format!("no subscription can be seen by who signs in{way}"))
                    .hint("give it the role `Reader` on the subscriptions, or name them by `--subscription`")
                    .into(),
            );
        }
        let gathered = gathered.finished(session, &pulled);
        if gathered.is_nothing() {
            return Err(Failure::outside("nothing was listed, so nothing is loaded")
                .hint("see what is said above; `--dry-run` shows the requests")
                .into());
        }
        let stored = store(
            session,
            &session.settings.table.value,
            taken,
            &gathered.facts,
            &[],
        )?;
        let exit = if gathered.has_failed {
            Exit::Outside
        } else {
            Exit::Done
        };
        let told = said::Told {
            gathered: &gathered,
            subscriptions: &pulled.subscriptions,
            method,
            taken,
            stored: &stored,
        };
        let mut out = session.out();
        if json {
            told.json().write(&mut out, Some(0))?;
            out.write_all(b"\n")?;
        } else {
            out.write_all(told.text().as_bytes())?;
        }
        out.flush()?;
        Ok(exit)
    }

    /// What was typed, which becomes a part of URLs.
    fn wanted(&self) -> Result<Wanted, Failure> {
        let is_id = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|held| held.is_ascii_alphanumeric() || held == '-')
        };
        if let Some(typed) = self.subscription.iter().find(|typed| !is_id(typed)) {
            return Err(
                Failure::usage(format!("`{typed}` is not the id of a subscription"))
                    .hint("`az account list --output table` shows them"),
            );
        }
        if let Some(typed) = self
            .resource_group
            .as_deref()
            .filter(|typed| !is_group_name(typed))
        {
            return Err(
                Failure::usage(format!("`{typed}` is not the name of a resource group"))
                    .hint("`az group list --output table` shows them"),
            );
        }
        Ok(Wanted {
            subscriptions: self.subscription.clone(),
            group: self.resource_group.clone(),
        })
    }

    fn pull(
        &self,
        session: &Session,
        arm: &Arm,
        wanted: &Wanted,
    ) -> anyhow::Result<(Gathered, Pulled, Option<Method>)> {
        let mut gathered = Gathered::into_folder(self.out.as_deref())?;
        let bar = bar(session);
        let mut seen = |document| {
            gathered.take(document);
            bar.set_message(format!(
                "{}, {}",
                counted(gathered.lists.len() as u64, "list"),
                counted(gathered.resources, "resource")
            ));
            bar.tick();
        };
        let seen = &mut seen;
        let pulled = working::run(session, |cancel| async move {
            let pulled = or_cancelled(cancel.cancelled(), azure::pull(arm, wanted, seen)).await?;
            Ok((pulled, arm.identity().method().await))
        });
        bar.finish_and_clear();
        let (pulled, method) = pulled?;
        Ok((gathered, pulled, method))
    }
}

/// What was asked for is not stored before all of it is there: it may be left where it is.
async fn or_cancelled(
    cancelled: impl Future<Output = ()>,
    work: impl Future<Output = Result<Pulled, AzureError>>,
) -> Result<Pulled, Failure> {
    tokio::select! {
        done = work => done.map_err(failure),
        () = cancelled => Err(Failure::outside("the pull was cancelled; nothing was loaded")
            .hint("run it again when it may finish")),
    }
}

/// For a person at a terminal.
fn bar(session: &Session) -> ProgressBar {
    let target = if session.terminal.stderr {
        ProgressDrawTarget::stderr_with_hz(8)
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{spinner} {msg}");
    ProgressBar::with_draw_target(None, target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}
