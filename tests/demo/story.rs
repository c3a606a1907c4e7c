//! What happens to Anna Schmidt, whom the CRM knows.

use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};
use support::{Signed, Stack};

/// Anna's handles, as `infra/local/tryton/seed.py` puts them into the CRM.
pub(crate) const PHONE: &str = "+4915112345678";
const OPENID: &str = "oAnnaDemo";
/// The handle by which Omnicord meets her first.
pub(crate) const FIRST_HANDLE: &str = "wechat_openid:wx0123456789abcdef:oAnnaDemo";

/// One webhook of the story.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) path: &'static str,
    pub(crate) webhook: Signed,
}

/// The story, signed now.
pub(crate) fn chapters(stack: &Stack) -> [Chapter; 3] {
    let now = now();
    [
        Chapter {
            title: "Anna asks by WeChat",
            path: "wechat-main",
            webhook: stack.oracle.sign(&json!({
                "source": "wechat-main",
                "openid": OPENID,
                "elements": { "MsgType": "text", "Content": "你好，我的发票什么时候开？",
                              "MsgId": now },
            })),
        },
        Chapter {
            title: "Anna complains on the phone",
            path: "hotline/local-only-hotline-key",
            webhook: call(now),
        },
        Chapter {
            title: "Anna's replacement ships",
            path: "shop",
            webhook: stack.oracle.sign(&json!({
                "source": "shop",
                "id": format!("msg_{now}"),
                "payload": {
                    "type": "order.shipped",
                    "data": {
                        "number": format!("A{}", now % 1_000_000),
                        "shipped_at": now,
                        "carrier": "DHL",
                        "tracking": format!("DE{}", now % 1_000_000_000),
                        "customer": { "id": "shop-anna", "phone": PHONE,
                                      "email": "anna@acme.test" },
                    },
                },
            })),
        },
    ]
}

/// Milliseconds since the epoch: no two runs tell the same story.
#[expect(clippy::disallowed_methods, reason = "the story happens now")]
fn now() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    elapsed.as_millis().try_into().unwrap_or_default()
}

/// The phone system signs nothing: it knows the secret address.
fn call(now: u64) -> Signed {
    let began = i64::try_from(now / 1000).unwrap_or_default() - 200;
    let words = "The cup arrived broken. This is unacceptable.";
    Signed::call(&format!("call-{now}"), PHONE, words, began, 200)
}
