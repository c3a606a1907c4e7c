//! A new configuration takes over while the functions run.

use crate::{
    PATIENCE, fresh, fresh_phone, now, party, shipped_at, stack, wechat_handle, wechat_text,
};
use serde_json::{Value, json};
use support::{Signed, Stack, texts, until};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// The configuration that every other test relies on.
pub(crate) const USUAL: &str = include_str!("../../infra/local/omnicord.yaml");

/// Puts a configuration in force.
pub(crate) fn apply(stack: &Stack, text: &str) {
    let file = std::env::temp_dir().join(fresh("omnicord-")).with_extension("yaml");
    std::fs::write(&file, text).unwrap();
    let applied = stack.cli.run(&["config", "apply", file.to_str().unwrap()]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
}

/// Puts the usual rules in force again, and waits until they are followed: a shipment is told by
/// them alone.
pub(crate) async fn restore(stack: &Stack) {
    apply(stack, USUAL);
    let (beginning, mut looks) = (fresh("U"), 0);
    until("the usual rules", PATIENCE, async || {
        if looks % 20 == 0 {
            let customer = json!({ "id": fresh("c"), "phone": fresh_phone() });
            let order = shipped_at(stack, &fresh(&beginning), &customer, &now().to_string());
            stack.deliver("shop", &order).await;
        }
        looks += 1;
        let told = format!("Lab Commerce: your order {beginning}");
        texts(&stack.endpoint).await.iter().any(|text| text.text.starts_with(&told)).then_some(())
    })
    .await;
}

/// The usual rules with one more: a word that nobody else uses sets off an e-mail, a webhook, and
/// a ticket whose owner does not exist.
fn with_rule(word: &str, mailbox: &str, endpoint: &str) -> String {
    let rule = format!(
        r#"
triggers:
  - name: everything-else
    on: [message]
    when: event.text != null && event.text.contains("{word}")
    actions:
      - email: {{ to: {mailbox}, subject: "About {word}", text: "{{{{ event.text }}}}" }}
      - webhook: {{ endpoint: inhouse, payload: {{ said: "{{{{ event.text }}}}" }} }}
      - crm.ticket: {{ title: "{word}", text: "{{{{ event.text }}}}", owner: Nobody At All }}
"#
    );
    let more = format!(
        "{USUAL}\nemail: {{ from: service@example.com }}\n\
         endpoints: {{ inhouse: {{ url: {endpoint}, secret: omnicord/inhouse, \
         allow_private: [127.0.0.0/8] }} }}\n"
    );
    more.replacen("\ntriggers:\n", &rule, 1)
}

/// Sends the word until the new rule has seen it: running functions may be half a minute behind.
async fn say_until_heard(
    stack: &Stack,
    openid: &str,
    word: &str,
    endpoint: &MockServer,
) -> Request {
    until("the webhook to the in-house system", PATIENCE + 60, async || {
        stack.deliver("wechat-main", &wechat_text(stack, openid, word)).await;
        endpoint.received_requests().await?.pop()
    })
    .await
}

#[tokio::test]
async fn a_new_rule_is_followed_within_a_minute_and_a_rollback_takes_it_back() {
    let stack = stack().await;
    let endpoint = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&endpoint).await;
    let (word, openid) = (fresh("word"), fresh("o"));
    let mailbox = format!("{}@example.com", fresh("box"));
    apply(&stack, &with_rule(&word, &mailbox, &endpoint.uri()));

    let heard = say_until_heard(&stack, &openid, &word, &endpoint).await;
    assert_eq!(serde_json::from_slice::<Value>(&heard.body).unwrap(), json!({ "said": word }));
    let headers = heard.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
    let body = String::from_utf8(heard.body.clone()).unwrap();
    let signed = Signed { headers: headers.collect(), body, ..Signed::default() };
    stack.oracle.verify("omnicord/inhouse", &signed);

    until("the e-mail", PATIENCE, async || {
        let url = format!("{}/_ministack/ses/messages", stack.endpoint);
        let kept = reqwest::get(url).await.ok()?.text().await.ok()?;
        (kept.contains(&mailbox) && kept.contains(&format!("About {word}"))).then_some(())
    })
    .await;
    until("the parked ticket", PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["failures", "list", "--state", "parked"]);
        let records = listed["failures"].as_array()?.clone();
        let reason =
            |record: &Value| record["attempts"][0]["reason"]["code"] == "crm_unknown_owner";
        records.iter().any(reason).then_some(())
    })
    .await;
    until("empty dead-letter queues: people were told", PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        let hops = audit["hops"].as_array()?.clone();
        let empty = hops.iter().all(|hop| hop["dead_letters"].as_u64().unwrap_or(0) == 0);
        (balanced && empty).then_some(())
    })
    .await;
    party(&stack, &wechat_handle(&openid)).await;

    assert!(stack.cli.run(&["config", "rollback"]).status.success());
    apply(&stack, USUAL);
}
