//! `WhatsApp` template messages, through Meta's Cloud API.
//!
//! Source: <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates>.

use crate::Undelivered;
use crate::vendor::{Answer, Door, IfLost, VendorFault, ask, lost};
use domain::{HandleKey, HandleKind};
use jiff::SignedDuration;
use serde_json::{Value, json};

const NAME: &str = "WhatsApp";

/// A template, filled in.
pub(crate) struct Template<'a> {
    pub(crate) to: &'a HandleKey,
    pub(crate) name: &'a str,
    pub(crate) language: &'a str,
    pub(crate) parameters: &'a [String],
}

impl Template<'_> {
    /// Sends it; returns the vendor's id of it, `wamid.…`.
    pub(crate) async fn post(
        &self,
        door: &Door,
        path: &str,
        access_token: &str,
    ) -> Result<String, Undelivered> {
        let request =
            door.http.post(door.url(path)?).bearer_auth(access_token).json(&self.message());
        let answer = ask(NAME, request, IfLost::Unknown).await?;
        if let Some(error) = answer.body.get("error") {
            let code = error.get("code").and_then(Value::as_i64).unwrap_or_default();
            return Err(answer.fault(fault(code, &answer)));
        }
        let id = answer.body.pointer("/messages/0/id").and_then(Value::as_str);
        match id {
            Some(id) if answer.status.is_success() => Ok(id.to_owned()),
            Some(_) | None => Err(lost(NAME, IfLost::Unknown)),
        }
    }

    /// A number goes into `to`, Meta's own id of a user into `recipient`.
    fn message(&self) -> Value {
        let filled = self.parameters.iter();
        let filled: Vec<_> = filled.map(|text| json!({ "type": "text", "text": text })).collect();
        let body = (!filled.is_empty()).then(|| json!({ "type": "body", "parameters": filled }));
        let has_id = self.to.kind() == Some(HandleKind::WhatsappUser);
        let recipient = if has_id { "recipient" } else { "to" };
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            recipient: self.to.value(),
            "type": "template",
            "template": {
                "name": self.name,
                "language": { "code": self.language },
                "components": body.into_iter().collect::<Vec<_>>(),
            },
        })
    }
}

/// Codes: <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>.
fn fault(code: i64, answer: &Answer) -> VendorFault {
    let vendor = NAME;
    match code {
        // Unknown; away; rate of app, account, number, or pair; maintenance.
        1 | 2 | 4 | 80007 | 130_429 | 131_000 | 131_016 | 131_048 | 131_056 | 131_057 | 133_004
        | 133_016 => {
            let pair = (code == 131_056).then(|| SignedDuration::from_secs(60));
            VendorFault::Busy { vendor, code, after: answer.after.or(pair) }
        }
        // Token; rights; policy; account locked; display name; payment; number not registered.
        0
        | 3
        | 10
        | 33
        | 190
        | 200..300
        | 368
        | 131_005
        | 131_031
        | 131_037
        | 131_042
        | 131_045
        | 133_010 => VendorFault::Unauthorised { vendor, code },
        // Takes no messages; experiment; oneself; spared by Meta; opted out; id of no use here.
        130_472 | 131_021 | 131_026 | 131_030 | 131_049 | 131_050 | 131_062 => {
            VendorFault::Unreachable { vendor, code }
        }
        131_047 => {
            let remedy = "the customer's last message is more than 24 hours old, and this is no \
                          approved template";
            VendorFault::WindowClosed { vendor, code, remedy }
        }
        _ => VendorFault::Refused { vendor, code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_an_id_go_into_members_of_their_own() {
        let message = |to: &str| {
            let to = HandleKey::from_stored(to);
            Template { to: &to, name: "hello", language: "en", parameters: &[] }.message()
        };
        let number = message("phone::+12025550123");
        assert_eq!((&number["to"], &number["recipient"]), (&json!("+12025550123"), &Value::Null));
        let id = message("whatsapp_user:1:US.13491208655302741918");
        let expected = json!("US.13491208655302741918");
        assert_eq!((&id["to"], &id["recipient"]), (&Value::Null, &expected));
    }
}
