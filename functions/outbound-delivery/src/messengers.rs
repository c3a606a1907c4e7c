//! The way from an action to the messaging service that sends it.

use crate::destinations::{Destinations, Undelivered};
use crate::errcode::Line;
use crate::vendor::Door;
use crate::wechat::Wechat;
use crate::wecom::Wecom;
use crate::whatsapp::Template;
use channels::Secret;
use domain::{Action, Class, Effect};
use jiff::Timestamp;
use rules::{Reached, RuleSet};
use runtime::{Secrets, StepFailure};
use std::collections::BTreeMap;
use std::rc::Rc;

impl<S, K: Secrets, M, E> Destinations<S, K, M, E> {
    /// Sends what a configured account is to send.
    pub(crate) async fn send(
        &self,
        rules: &RuleSet,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<String, Undelivered> {
        let config = rules.config();
        match &effect.action {
            Action::WechatTemplate { account, to, message } => {
                let account = configured(&config.wechat, account)?;
                let (door, secret) = self.open(account.reached(), &account.secret).await?;
                let line = Line { door: &door, tokens: &self.tokens, now };
                let app_secret = field(&secret, "app_secret")?;
                let sender = Wechat { line, app_id: &account.app_id, app_secret };
                sender.template(to, message, &effect.key).await
            }
            Action::WechatMessage { account, to, text } => {
                let account = configured(&config.wechat, account)?;
                let (door, secret) = self.open(account.reached(), &account.secret).await?;
                let line = Line { door: &door, tokens: &self.tokens, now };
                let app_secret = field(&secret, "app_secret")?;
                Wechat { line, app_id: &account.app_id, app_secret }.text(to, text).await
            }
            Action::WecomMessage { account, to, text } => {
                let account = configured(&config.wecom, account)?;
                let (door, secret) = self.open(account.reached(), &account.secret).await?;
                let line = Line { door: &door, tokens: &self.tokens, now };
                let corp_secret = field(&secret, "corp_secret")?;
                let (corp_id, agent_id) = (&*account.corp_id, account.agent_id);
                Wecom { line, corp_id, agent_id, corp_secret }.text(to, text).await
            }
            Action::WhatsappTemplate { account, to, template, language, parameters } => {
                let account = configured(&config.whatsapp, account)?;
                let (door, secret) = self.open(account.reached(), &account.secret).await?;
                let path = format!("/{}/{}/messages", account.version, account.phone_number_id);
                let message = Template { to, name: template, language, parameters };
                message.post(&door, &path, field(&secret, "access_token")?).await
            }
            Action::CrmTag { .. }
            | Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::CrmField { .. }
            | Action::Sms { .. }
            | Action::Email { .. }
            | Action::Webhook { .. }
            | Action::Push { .. }
            | Action::AgentHint { .. } => {
                Err(StepFailure::park(Class::Ours, "not_a_message", BUG).into())
            }
        }
    }

    async fn open(
        &self,
        Reached { url, guard }: Reached<'_>,
        secret: &str,
    ) -> Result<(Door, Rc<Secret>), StepFailure> {
        let http = self.egress.client(&guard)?;
        let door = Door { base: url.to_owned(), http, guard };
        Ok((door, self.secrets.secret(secret).await?))
    }
}

/// What is said of what cannot happen.
const BUG: &str = "this is a bug: please report it";

/// An account that the configuration had when the effect was decided.
fn configured<'c, A>(accounts: &'c BTreeMap<String, A>, name: &str) -> Result<&'c A, StepFailure> {
    accounts.get(name).ok_or_else(|| {
        StepFailure::park(
            Class::Configuration,
            "account_unconfigured",
            "its account left omnicord.yaml",
        )
    })
}

fn field<'s>(secret: &'s Secret, name: &'static str) -> Result<&'s str, StepFailure> {
    secret.field(name).map_err(|_| {
        let detail = format!("the account's secret needs a field `{name}`");
        StepFailure::retry("secret_unusable", detail).of(Class::Authorisation)
    })
}
