//! Messages of `WeCom` apps to members of the company.
//!
//! Sources: <https://developer.work.weixin.qq.com/document/path/90236> (messages),
//! <https://developer.work.weixin.qq.com/document/path/91039> (tokens). What an app may do towards
//! external contacts, <https://developer.work.weixin.qq.com/document/path/92135>, only asks a
//! member to send.

use crate::Undelivered;
use crate::errcode::{Line, Meaning, Service};
use crate::vendor::{Door, VendorFault};
use domain::HandleKey;
use reqwest::RequestBuilder;
use runtime::StepFailure;
use serde_json::{Value, json};

/// One app, with what opens it.
pub(crate) struct Wecom<'a> {
    pub(crate) line: Line<'a>,
    pub(crate) corp_id: &'a str,
    pub(crate) agent_id: u64,
    pub(crate) corp_secret: &'a str,
}

impl Wecom<'_> {
    /// Sends a text; returns the vendor's id of it.
    pub(crate) async fn text(&self, to: &HandleKey, text: &str) -> Result<String, Undelivered> {
        let message = json!({
            "touser": to.value(),
            "msgtype": "text",
            "agentid": self.agent_id,
            "text": { "content": text },
        });
        let answer = self.line.post(self, "/cgi-bin/message/send", &message).await?;
        let said = |member| answer.body.get(member).and_then(Value::as_str).unwrap_or_default();
        // It was the only recipient: the vendor says so beside a code of 0.
        if !said("invaliduser").is_empty() || !said("unlicenseduser").is_empty() {
            let vendor = Self::NAME;
            return Err(answer.fault(VendorFault::Unreachable { vendor, code: 0 }));
        }
        let id = said("msgid");
        Ok(if id.is_empty() { "taken".to_owned() } else { id.to_owned() })
    }
}

impl Service for Wecom<'_> {
    const NAME: &'static str = "WeCom";

    fn key(&self) -> String {
        format!("wecom:{}:{}", self.corp_id, self.agent_id)
    }

    /// The same one for every worker, until it expires.
    fn token(&self, door: &Door) -> Result<RequestBuilder, StepFailure> {
        let query = [("corpid", self.corp_id), ("corpsecret", self.corp_secret)];
        Ok(door.http.get(door.url("/cgi-bin/gettoken")?).query(&query))
    }

    /// Codes: <https://developer.work.weixin.qq.com/document/path/90313>.
    fn meaning(&self, code: i64) -> Meaning {
        let vendor = Self::NAME;
        Meaning::Fault(match code {
            0 => return Meaning::Done,
            // `40001` tells of the secret alone, which is sent for a token only.
            40014 | 41001 | 42001 => return Meaning::StaleToken,
            // System busy; too often; too many at once.
            -1 | 45009 | 45033 => VendorFault::Busy { vendor, code, after: None },
            // Secret; corpid; app; an address that is not allowed; no right to the interface.
            40001 | 40013 | 40056 | 48002 | 50001 | 60011 | 60020 | 301_002 => {
                VendorFault::Unauthorised { vendor, code }
            }
            // Unknown member; outside the app's visible range; nobody is left.
            40003 | 60111 | 81013 | 82001 => VendorFault::Unreachable { vendor, code },
            _ => VendorFault::Refused { vendor, code },
        })
    }
}
