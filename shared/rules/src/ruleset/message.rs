//! A message by a messaging service, from its templates to its text.

use super::action::{Payload, flip};
use super::compile::Compiler;
use super::decide::{Draft, Unsent};
use super::recipient;
use crate::document::Path;
use crate::template::{Template, Unrendered};
use crate::{ActionRule, Duration, MiniprogramRule};
use domain::{Action, HandleKey, HandleKind, Medium, Miniprogram, WechatTemplate};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What a rule sends by a messaging service, ready to be filled in.
#[derive(Debug)]
pub(super) struct Message {
    /// The account's name; none where there are no accounts.
    account: Option<String>,
    to: Option<Template>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Push { text: Template, platforms: Vec<(String, Payload)> },
    WechatTemplate { template: String, subscription: bool, places: Places, link: Link },
    WechatText(Template),
    WecomText(Template),
    WhatsappTemplate { template: String, language: String, parameters: Vec<Template> },
    Hint { text: Template, lasting: Duration },
}

type Places = Vec<(String, Template)>;

/// What a tap opens.
#[derive(Debug)]
struct Link {
    url: Option<Template>,
    miniprogram: Option<(String, Option<Template>)>,
}

impl Message {
    /// Compiles an action's templates; none where one has a mistake, which is then reported, or
    /// where the action is no such message.
    pub(super) fn new(rule: &ActionRule, path: &Path, compiler: &mut Compiler<'_>) -> Option<Self> {
        let to = match rule {
            ActionRule::Push { to, .. }
            | ActionRule::WechatTemplate { to, .. }
            | ActionRule::WechatMessage { to, .. }
            | ActionRule::WecomMessage { to, .. }
            | ActionRule::WhatsappTemplate { to, .. } => to.as_ref(),
            ActionRule::AgentHint { .. } => None,
            ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::CrmTicket { .. }
            | ActionRule::CrmTask { .. }
            | ActionRule::CrmField { .. }
            | ActionRule::Sms { .. }
            | ActionRule::Email { .. }
            | ActionRule::Webhook { .. } => return None,
        };
        let to = flip(to.map(|to| compiler.text(&path.key("to"), to)));
        let body = Body::new(rule, path, compiler);
        Some(Self { account: account(rule), to: to?, body: body? })
    }

    /// What tells it from other actions of its rule.
    pub(super) fn place(&self, action: &str) -> String {
        match &self.account {
            Some(account) => format!("{action}:{account}"),
            None => action.to_owned(),
        }
    }

    /// Fills it in.
    pub(super) fn render(&self, draft: &Draft<'_>) -> Result<Action, Unsent> {
        let account = self.account.clone().unwrap_or_default();
        Ok(match &self.body {
            Body::Push { text, platforms } => Action::Push {
                endpoint: self.endpoint(draft)?,
                text: draft.text(text)?,
                platforms: draft.payloads(platforms)?,
            },
            Body::WechatTemplate { template, subscription, places, link } => {
                let to = self.openid(draft)?;
                let data = places.iter().map(|(name, text)| Ok((name.clone(), draft.text(text)?)));
                let message = WechatTemplate {
                    template: template.clone(),
                    subscription: *subscription,
                    data: data.collect::<Result<BTreeMap<_, _>, Unrendered>>()?,
                    url: draft.optional(link.url.as_ref())?,
                    miniprogram: link.miniprogram(draft)?,
                };
                Action::WechatTemplate { account, to, message }
            }
            Body::WechatText(text) => {
                Action::WechatMessage { account, to: self.openid(draft)?, text: draft.text(text)? }
            }
            Body::WecomText(text) => {
                Action::WecomMessage { account, to: self.member(draft)?, text: draft.text(text)? }
            }
            Body::WhatsappTemplate { template, language, parameters } => Action::WhatsappTemplate {
                account,
                to: self.whatsapp_user(draft)?,
                template: template.clone(),
                language: language.clone(),
                // The vendor refuses parameters of several lines.
                parameters: parameters
                    .iter()
                    .map(|text| draft.line(text))
                    .collect::<Result<_, _>>()?,
            },
            Body::Hint { text, lasting } => Action::AgentHint {
                text: draft.text(text)?,
                until: until(draft.judge.now, *lasting),
            },
        })
    }

    /// The account, which the configuration was checked to have.
    fn configured<'c, A>(&self, accounts: &'c BTreeMap<String, A>) -> Result<&'c A, Unsent> {
        let account = self.account.as_ref().and_then(|name| accounts.get(name));
        account.ok_or(Unsent::NoRecipient("account"))
    }

    fn endpoint(&self, draft: &Draft<'_>) -> Result<String, Unsent> {
        if let Some(to) = &self.to {
            return recipient::endpoint(&draft.line(to)?);
        }
        let known = draft.handle("push endpoint", |key| Medium::Push.reaches(key))?;
        recipient::endpoint(known.value())
    }

    fn openid(&self, draft: &Draft<'_>) -> Result<HandleKey, Unsent> {
        let account = self.configured(&draft.judge.rules.config.wechat)?;
        self.account_handle(draft, HandleKind::WechatOpenid, &account.app_id)
    }

    fn member(&self, draft: &Draft<'_>) -> Result<HandleKey, Unsent> {
        let account = self.configured(&draft.judge.rules.config.wecom)?;
        self.account_handle(draft, HandleKind::WecomUser, &account.corp_id)
    }

    fn account_handle(
        &self,
        draft: &Draft<'_>,
        kind: HandleKind,
        scope: &str,
    ) -> Result<HandleKey, Unsent> {
        match &self.to {
            Some(to) => recipient::account(kind, scope, &draft.line(to)?),
            None => {
                draft.handle(kind.as_str(), |key| key.kind() == Some(kind) && key.scope() == scope)
            }
        }
    }

    /// Meta advises to write to the number where both are known.
    fn whatsapp_user(&self, draft: &Draft<'_>) -> Result<HandleKey, Unsent> {
        let config = &draft.judge.rules.config;
        let account = self.configured(&config.whatsapp)?;
        if let Some(to) = &self.to {
            return recipient::number(&draft.line(to)?, &config.company.region);
        }
        let portfolio = account.portfolio.as_deref();
        draft.handle("whatsapp_user or phone", |key| match key.kind() {
            Some(HandleKind::WhatsappUser) => portfolio == Some(key.scope()),
            Some(HandleKind::Phone) => key.dialable().is_some(),
            Some(
                HandleKind::Crm
                | HandleKind::WechatUnionid
                | HandleKind::WecomExternal
                | HandleKind::WecomUser
                | HandleKind::WechatOpenid
                | HandleKind::Email
                | HandleKind::Account,
            )
            | None => false,
        })
    }
}

impl Body {
    fn new(rule: &ActionRule, path: &Path, compiler: &mut Compiler<'_>) -> Option<Self> {
        let mut text = |member: &str, text: &str| compiler.text(&path.key(member), text);
        Some(match rule {
            ActionRule::Push { text: message, platforms, .. } => {
                let message = text("text", message);
                let path = path.key("platforms");
                let platforms = platforms.iter().map(|(name, payload)| {
                    Some((name.clone(), Payload::new(payload, &path.key(name), compiler)?))
                });
                let platforms = platforms.collect::<Vec<_>>().into_iter().collect::<Option<_>>();
                Self::Push { text: message?, platforms: platforms? }
            }
            ActionRule::WechatTemplate {
                template, subscription, data, url, miniprogram, ..
            } => {
                let url = flip(url.as_ref().map(|url| text("url", url)));
                let link = Link::new(url, miniprogram.as_ref(), path, compiler);
                let places = places(data, &path.key("data"), compiler);
                let (template, subscription) = (template.clone(), *subscription);
                Self::WechatTemplate { template, subscription, places: places?, link: link? }
            }
            ActionRule::WechatMessage { text: message, .. } => {
                Self::WechatText(text("text", message)?)
            }
            ActionRule::WecomMessage { text: message, .. } => {
                Self::WecomText(text("text", message)?)
            }
            ActionRule::WhatsappTemplate { template, language, parameters, .. } => {
                let path = path.key("parameters");
                let filled = parameters.iter().enumerate();
                let filled = filled.map(|(index, text)| compiler.text(&path.index(index), text));
                let filled = filled.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
                let (template, language) = (template.clone(), language.clone());
                Self::WhatsappTemplate { template, language, parameters: filled }
            }
            ActionRule::AgentHint { text: hint, lasting } => {
                Self::Hint { text: text("text", hint)?, lasting: *lasting }
            }
            ActionRule::CrmTag { .. }
            | ActionRule::CrmNote { .. }
            | ActionRule::CrmTicket { .. }
            | ActionRule::CrmTask { .. }
            | ActionRule::CrmField { .. }
            | ActionRule::Sms { .. }
            | ActionRule::Email { .. }
            | ActionRule::Webhook { .. } => return None,
        })
    }
}

impl Link {
    #[allow(clippy::option_option)]
    fn new(
        url: Option<Option<Template>>,
        miniprogram: Option<&MiniprogramRule>,
        path: &Path,
        compiler: &mut Compiler<'_>,
    ) -> Option<Self> {
        let path = path.key("miniprogram").key("page");
        let miniprogram = miniprogram.map(|rule| {
            let page = flip(rule.page.as_ref().map(|page| compiler.text(&path, page)))?;
            Some((rule.app_id.clone(), page))
        });
        let miniprogram = miniprogram.map_or(Some(None), |compiled| compiled.map(Some));
        Some(Self { url: url?, miniprogram: miniprogram? })
    }

    fn miniprogram(&self, draft: &Draft<'_>) -> Result<Option<Miniprogram>, Unrendered> {
        let Some((app_id, page)) = &self.miniprogram else { return Ok(None) };
        Ok(Some(Miniprogram { app_id: app_id.clone(), page: draft.optional(page.as_ref())? }))
    }
}

fn places(
    data: &BTreeMap<String, String>,
    path: &Path,
    compiler: &mut Compiler<'_>,
) -> Option<Places> {
    let places =
        data.iter().map(|(name, text)| Some((name.clone(), compiler.text(&path.key(name), text)?)));
    places.collect::<Vec<_>>().into_iter().collect()
}

fn account(rule: &ActionRule) -> Option<String> {
    match rule {
        ActionRule::WechatTemplate { account, .. }
        | ActionRule::WechatMessage { account, .. }
        | ActionRule::WecomMessage { account, .. }
        | ActionRule::WhatsappTemplate { account, .. } => Some(account.clone()),
        ActionRule::CrmTag { .. }
        | ActionRule::CrmNote { .. }
        | ActionRule::CrmTicket { .. }
        | ActionRule::CrmTask { .. }
        | ActionRule::CrmField { .. }
        | ActionRule::Sms { .. }
        | ActionRule::Email { .. }
        | ActionRule::Webhook { .. }
        | ActionRule::Push { .. }
        | ActionRule::AgentHint { .. } => None,
    }
}

fn until(now: Timestamp, lasting: Duration) -> Timestamp {
    now.checked_add(SignedDuration::from(lasting)).unwrap_or(Timestamp::MAX)
}
