//! What events say of consent, and what that makes of messages.

use super::RuleSet;
use super::compile::Compiler;
use crate::condition::{Expression, Said, Scope};
use crate::document::Path;
use crate::{Basis, ConsentRules};
use domain::{
    Action, Assurance, Classification, Consent, ConsentBy, ConsentId, ConsentTold, Customer,
    Direction, EventKind, Handle, HandleKey, HandleKind, InboundEvent, Medium, Withheld, folded,
};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of consent, compiled.
#[derive(Debug)]
pub(super) struct Consenting {
    stop: BTreeSet<String>,
    start: BTreeSet<String>,
    on: Vec<Option<Expression>>,
}

impl Consenting {
    pub(super) fn new(rules: &ConsentRules, compiler: &mut Compiler<'_>) -> Self {
        let words = |words: &[String]| words.iter().map(|word| folded(word)).collect();
        let path = Path::root().key("consent").key("on");
        let on = rules.on.iter().enumerate().map(|(index, rule)| {
            let text = rule.when.as_ref()?;
            compiler.condition(&path.index(index).key("when"), text, Scope::Event)
        });
        Self { on: on.collect(), stop: words(&rules.stop), start: words(&rules.start) }
    }

    /// Whether the event's words withdraw consent, or give it.
    fn word(&self, event: &InboundEvent) -> Option<bool> {
        let spoken = matches!(event.kind, EventKind::Message | EventKind::Email)
            && event.direction == Direction::Inbound;
        let text = folded(event.text.as_deref().filter(|_| spoken)?);
        if self.stop.contains(&text) {
            return Some(true);
        }
        self.start.contains(&text).then_some(false)
    }
}

impl RuleSet {
    /// What the event says of consent, of whichever handles: a function of the event, and where it
    /// bears no handle that the messages reach, of those that its customer has.
    #[must_use]
    pub fn consents(
        &self,
        event: &InboundEvent,
        classification: &Classification,
        customer: &Customer,
    ) -> Vec<ConsentTold> {
        if self.echo(event).is_some() {
            return Vec::new();
        }
        let mut told: BTreeMap<ConsentId, Consent> = BTreeMap::new();
        let by = ConsentBy::Event(event.id.clone());
        let mut tell = |medium, handle: &HandleKey, withdrawn| {
            let consent = Consent { at: event.occurred_at, by: by.clone(), withdrawn };
            let known = told.remove(&ConsentId::new(medium, handle));
            let newer = known.map_or(consent.clone(), |known| known.newer(consent));
            told.insert(ConsentId::new(medium, handle), newer);
        };
        if let Some(withdrawn) = self.consent.word(event)
            && let Some(medium) = medium(event)
        {
            let proved = event.handles.iter().filter(|it| it.assurance == Assurance::Attested);
            for handle in proved.map(|handle| self.handle(handle)) {
                if medium.reaches(&handle) {
                    tell(medium, &handle, withdrawn);
                }
            }
        }
        let facts = self.facts(Some(Said { event, classification }), None, event.occurred_at);
        for (rule, when) in self.config.consent.on.iter().zip(&self.consent.on) {
            let holds = |when| self.evaluator.holds(when, &facts).unwrap_or(false);
            if rule.on.contains(&event.kind) && when.as_ref().is_none_or(holds) {
                for handle in self.concerned(rule.channel, event, customer) {
                    tell(rule.channel, &handle, !rule.given);
                }
            }
        }
        told.into_iter().map(|(of, consent)| ConsentTold { of, consent }).collect()
    }

    /// Whose word a message has to wait for; none, where it needs nobody's.
    #[must_use]
    pub fn consent_to(&self, action: &Action) -> Option<ConsentId> {
        let medium = action.medium()?;
        Some(ConsentId::new(medium, &self.addressee(action)?))
    }

    /// Why a message is not sent, given the word that counts, where there is one.
    #[must_use]
    pub fn withheld(&self, medium: Medium, word: Option<&Consent>) -> Option<Withheld> {
        match (word, self.config.consent.basis(medium)) {
            (Some(consent), _) => consent.withdrawn.then_some(Withheld::OptedOut),
            (None, Basis::OptIn) => Some(Withheld::NotOptedIn),
            (None, Basis::OptOut) => None,
        }
    }

    /// A handle under which consent is kept: every address of a mailbox is one.
    fn handle(&self, handle: &Handle) -> HandleKey {
        handle.clone().in_mailbox(&self.policy.mailboxes).key()
    }

    fn concerned(
        &self,
        medium: Medium,
        event: &InboundEvent,
        customer: &Customer,
    ) -> Vec<HandleKey> {
        let told = event.handles.iter().map(|handle| self.handle(handle));
        let told: Vec<_> = told.filter(|key| medium.reaches(key)).collect();
        if !told.is_empty() {
            return told;
        }
        let current = customer.handles.iter().filter(|(_, held)| !held.former);
        current.map(|(key, _)| key).filter(|key| medium.reaches(key)).cloned().collect()
    }

    fn addressee(&self, action: &Action) -> Option<HandleKey> {
        let of = |handle: Result<Handle, _>| handle.ok().map(|handle| self.handle(&handle));
        match action {
            Action::Sms { to, .. } => of(Handle::phone(to, "", Assurance::Claimed)),
            Action::Email { to, .. } => of(Handle::email(to, Assurance::Claimed)),
            Action::Push { endpoint, .. } => of(Handle::account(
                HandleKind::Account,
                Medium::PUSH_SCOPE,
                endpoint,
                Assurance::Claimed,
            )),
            Action::WechatTemplate { to, .. }
            | Action::WechatMessage { to, .. }
            | Action::WhatsappTemplate { to, .. } => Some(to.clone()),
            Action::CrmTag { .. }
            | Action::CrmNote { .. }
            | Action::CrmTicket { .. }
            | Action::CrmTask { .. }
            | Action::CrmField { .. }
            | Action::Webhook { .. }
            | Action::WecomMessage { .. }
            | Action::AgentHint { .. } => None,
        }
    }
}

/// By what the customer wrote: the channel that says so, else the handle that tells.
fn medium(event: &InboundEvent) -> Option<Medium> {
    let bears = |kind| event.handles.iter().any(|handle| handle.kind == kind);
    if event.channel == "whatsapp" || bears(HandleKind::WhatsappUser) {
        Some(Medium::Whatsapp)
    } else if bears(HandleKind::WechatOpenid) {
        Some(Medium::Wechat)
    } else if event.kind == EventKind::Email {
        Some(Medium::Email)
    } else {
        bears(HandleKind::Phone).then_some(Medium::Sms)
    }
}
