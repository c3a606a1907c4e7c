//! The sorts of handle, in the order of what they tell.

use serde::{Deserialize, Serialize};

/// What sort of handle it is. The order is the priority: the first tells most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandleKind {
    /// A record of a CRM; the scope is the connector's id.
    Crm,
    /// A WeChat unionid; the scope is the open-platform account, or empty.
    WechatUnionid,
    /// A WeCom external contact, its `external_userid`; the scope is the corpid.
    WecomExternal,
    /// A WeCom member; the scope is the corpid.
    WecomUser,
    /// A WeChat openid; the scope is the appid.
    WechatOpenid,
    /// A user of `WhatsApp` by Meta's business-scoped id, such as `US.13491208655302741918`, which
    /// comes with or without a telephone number; the scope is the business portfolio's id.
    WhatsappUser,
    /// A telephone number in E.164, with its extension as in RFC 3966; the scope is empty.
    Phone,
    /// An e-mail address; the scope is empty.
    Email,
    /// Any other account; the scope names who issued it, such as `shop`.
    Account,
}

impl HandleKind {
    /// Every kind, the most telling first.
    pub const ALL: [Self; 9] = [
        Self::Crm,
        Self::WechatUnionid,
        Self::WecomExternal,
        Self::WecomUser,
        Self::WechatOpenid,
        Self::WhatsappUser,
        Self::Phone,
        Self::Email,
        Self::Account,
    ];

    /// The kind's name in configuration, storage and conditions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::WechatUnionid => "wechat_unionid",
            Self::WecomExternal => "wecom_external",
            Self::WecomUser => "wecom_user",
            Self::WechatOpenid => "wechat_openid",
            Self::WhatsappUser => "whatsapp_user",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Account => "account",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_stand_in_the_order_of_their_priority() {
        assert!(HandleKind::ALL.is_sorted());
    }

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in HandleKind::ALL {
            assert_eq!(serde_json::json!(kind), kind.as_str());
        }
    }
}
