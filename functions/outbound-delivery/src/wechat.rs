//! Messages of `WeChat` Official Accounts.
//!
//! Sources: <https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html>,
//! <https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html>,
//! <https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/api.html>,
//! <https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html>.

use crate::Undelivered;
use crate::errcode::{Line, Meaning, Service};
use crate::vendor::{Answer, Door, VendorFault};
use domain::{EffectKey, HandleKey, WechatTemplate};
use reqwest::RequestBuilder;
use runtime::StepFailure;
use serde_json::{Map, Value, json};

/// One account, with what opens it.
pub(crate) struct Wechat<'a> {
    pub(crate) line: Line<'a>,
    pub(crate) app_id: &'a str,
    pub(crate) app_secret: &'a str,
}

impl Wechat<'_> {
    /// Sends a text as the account's customer service. The vendor gives it no id.
    pub(crate) async fn text(&self, to: &HandleKey, text: &str) -> Result<String, Undelivered> {
        let path = "/cgi-bin/message/custom/send";
        let message =
            json!({ "touser": to.value(), "msgtype": "text", "text": { "content": text } });
        Ok(receipt(&self.line.post(self, path, &message).await?))
    }

    /// Sends a template message, which the vendor takes once within ten minutes, or a
    /// subscription notification.
    pub(crate) async fn template(
        &self,
        to: &HandleKey,
        template: &WechatTemplate,
        key: &EffectKey,
    ) -> Result<String, Undelivered> {
        let path = if template.subscription {
            "/cgi-bin/message/subscribe/bizsend"
        } else {
            "/cgi-bin/message/template/send"
        };
        Ok(receipt(&self.line.post(self, path, &filled(to, template, key)).await?))
    }
}

fn filled(to: &HandleKey, template: &WechatTemplate, key: &EffectKey) -> Value {
    let mut message = Map::new();
    let mut put = |name: &str, value: Value| message.insert(name.to_owned(), value);
    put("touser", to.value().into());
    put("template_id", template.template.as_str().into());
    let places = template.data.iter();
    put("data", places.map(|(name, text)| (name.clone(), json!({ "value": text }))).collect());
    if let Some(url) = &template.url {
        put(if template.subscription { "page" } else { "url" }, url.as_str().into());
    }
    if let Some(program) = &template.miniprogram {
        let page = program.page.iter().map(|page| ("pagepath", page.as_str()));
        let target = page.chain([("appid", program.app_id.as_str())]);
        put(
            "miniprogram",
            target.map(|(name, text)| (name.to_owned(), Value::from(text))).collect(),
        );
    }
    if !template.subscription {
        put("client_msg_id", key.as_str().trim_start_matches("eff_").into());
    }
    Value::Object(message)
}

fn receipt(answer: &Answer) -> String {
    answer.body.get("msgid").map_or_else(|| "taken".to_owned(), Value::to_string)
}

impl Service for Wechat<'_> {
    const NAME: &'static str = "WeChat";

    fn key(&self) -> String {
        format!("wechat:{}", self.app_id)
    }

    /// A stable token: an earlier one stays valid, so that workers do not take each other's away.
    fn token(&self, door: &Door) -> Result<RequestBuilder, StepFailure> {
        let url = door.url("/cgi-bin/stable_token")?;
        Ok(door.http.post(url).json(&json!({
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self.app_secret,
            "force_refresh": false,
        })))
    }

    /// Codes: <https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html>.
    fn meaning(&self, code: i64) -> Meaning {
        let vendor = Self::NAME;
        Meaning::Fault(match code {
            0 => return Meaning::Done,
            40001 | 40014 | 41001 | 42001 => return Meaning::StaleToken,
            // System busy; too often in a minute; too often in a day.
            -1 | 45011 | 45009 => VendorFault::Busy { vendor, code, after: None },
            // AppID; AppSecret; an address that is not allowed; frozen; no right to the interface.
            40013 | 40125 | 40164 | 40243 | 48001 | 48004 | 50001 | 61024 => {
                VendorFault::Unauthorised { vendor, code }
            }
            // No such openid; not, or no longer, a follower; blocked; refuses; restricted.
            40003 | 43004 | 43019 | 43101 | 43116 | 50005 => {
                VendorFault::Unreachable { vendor, code }
            }
            45015 => VendorFault::WindowClosed { vendor, code, remedy: WRITE_FIRST },
            45047 => VendorFault::WindowClosed { vendor, code, remedy: ENOUGH },
            _ => VendorFault::Refused { vendor, code },
        })
    }
}

const WRITE_FIRST: &str = "the customer's last message is more than 48 hours old; the account may \
                           write again once they do, or use wechat.template";
const ENOUGH: &str = "the account has written as often as it may since the customer's last \
                      message; it may again once they write, or use wechat.template";
