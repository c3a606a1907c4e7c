//! Contacts that no earlier run has left behind.

use crm::{NewContact, Stage};
use domain::{Assurance, CustomerId, EffectKey, EventId, Handle, HandleKind};
use std::hash::{BuildHasher, RandomState};

/// A customer whom no CRM knows yet.
pub(crate) struct Sample {
    seed: String,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self { seed: format!("{:016x}", RandomState::new().hash_one(0)) }
    }

    pub(crate) fn name(&self) -> String {
        format!("Sample {}", self.seed)
    }

    pub(crate) fn email(&self) -> Handle {
        email(&format!("{}_%@example.com", self.seed))
    }

    pub(crate) fn openid(&self) -> Handle {
        let (kind, app) = (HandleKind::WechatOpenid, "wx0123456789abcdef");
        Handle::account(kind, app, &format!("oA_{}", self.seed), Assurance::Attested).unwrap()
    }

    pub(crate) fn shop_account(&self) -> Handle {
        Handle::account(HandleKind::Account, "shop", &self.seed, Assurance::Claimed).unwrap()
    }

    pub(crate) fn contact(&self) -> NewContact {
        NewContact {
            name: Some(self.name()),
            handles: vec![self.openid(), self.email(), self.shop_account()],
            stage: Stage::Contact,
        }
    }

    pub(crate) fn customer(&self) -> CustomerId {
        CustomerId::new(&self.seed)
    }

    pub(crate) fn lead(&self) -> NewContact {
        NewContact { stage: Stage::Lead(self.customer()), ..self.contact() }
    }

    pub(crate) fn tag(&self) -> String {
        format!("tag {}", self.seed)
    }

    pub(crate) fn key(&self, rule: &str) -> EffectKey {
        EffectKey::new(&EventId::new("contract", &self.seed), rule, "crm")
    }
}

pub(crate) fn email(text: &str) -> Handle {
    Handle::email(text, Assurance::Claimed).unwrap()
}

pub(crate) fn phone(text: &str) -> Handle {
    Handle::phone(text, "", Assurance::Attested).unwrap()
}
