//! What comes later for a customer waits for what failed, where the configuration says so.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, stack};
use std::sync::{Arc, Mutex};
use support::{Stack, until};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Refuses whatever holds this word, if it is set; remembers what it took.
#[derive(Clone, Default)]
struct Endpoint {
    refused: Arc<Mutex<Option<String>>>,
    took: Arc<Mutex<Vec<String>>>,
}

impl Respond for Endpoint {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let refused = self.refused.lock().unwrap();
        if refused.as_ref().is_some_and(|word| body.contains(word)) {
            return ResponseTemplate::new(422);
        }
        self.took.lock().unwrap().push(body);
        ResponseTemplate::new(204)
    }
}

impl Endpoint {
    /// The words that it took, in the order in which it took them first.
    fn took(&self, said: &[String]) -> Vec<String> {
        let took = self.took.lock().unwrap();
        let first = |word: &&String| took.iter().position(|body| body.contains(word.as_str()));
        let mut heard: Vec<_> = said.iter().filter(|word| first(word).is_some()).collect();
        heard.sort_by_key(first);
        heard.into_iter().cloned().collect()
    }
}

fn document(endpoint: &str) -> String {
    let (doors, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    format!(
        r#"{doors}
triggers:
  - name: tell
    on: [call]
    actions:
      - webhook: {{ endpoint: strict, payload: {{ said: "{{{{ event.text }}}}" }} }}
destinations:
  webhook:strict: {{ later: wait }}
endpoints:
  strict: {{ url: {endpoint}, secret: omnicord/inhouse, allow_private: [127.0.0.0/8] }}
"#
    )
}

async fn say(stack: &Stack, caller: &str, word: &str) {
    stack.deliver(HOTLINE, &call(&fresh("call-"), caller, word)).await;
}

/// The ids of the failures in this state on the way to the endpoint.
fn failures(stack: &Stack, state: &str) -> Vec<String> {
    let filter = ["failures", "list", "--state", state, "--destination", "webhook:strict"];
    let (listed, _) = stack.cli.json(&filter);
    let failures = listed["failures"].as_array().cloned().unwrap_or_default();
    failures.iter().filter_map(|failure| failure["id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn later_effects_wait_until_the_first_is_retried_or_dismissed() {
    let stack = stack().await;
    let endpoint = Endpoint::default();
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(endpoint.clone()).mount(&server).await;
    apply(&stack, &document(&server.uri()));
    let mut looks = 0;
    until("the new rules", PATIENCE, async || {
        if looks % 20 == 0 {
            say(&stack, &fresh_phone(), "is it on?").await;
        }
        looks += 1;
        (!endpoint.took(&["is it on?".to_owned()]).is_empty()).then_some(())
    })
    .await;
    balanced(&stack).await;

    let (caller, other) = (fresh_phone(), fresh_phone());
    let said: Vec<_> = ["first", "second", "third"].map(|word| fresh(&format!("{word}-"))).into();
    *endpoint.refused.lock().unwrap() = Some(said[0].clone());
    say(&stack, &caller, &said[0]).await;
    let parked =
        until("the first one is parked", PATIENCE, async || failures(&stack, "parked").pop()).await;
    for word in &said[1..] {
        say(&stack, &caller, word).await;
    }
    let elsewhere = fresh("other-");
    say(&stack, &other, &elsewhere).await;
    until("the later ones stand behind it", PATIENCE, async || {
        (failures(&stack, "behind").len() == 2).then_some(())
    })
    .await;
    until("another customer's goes on", PATIENCE, async || {
        (!endpoint.took(std::slice::from_ref(&elsewhere)).is_empty()).then_some(())
    })
    .await;
    assert!(endpoint.took(&said).is_empty());
    let (shown, _) = stack.cli.json(&["failures", "show", &parked]);
    let outlook = shown["on_retry"].as_str().unwrap();
    assert!(outlook.contains("wait for it: 2"), "{outlook}");
    let (audit, is_balanced) = stack.cli.json(&["audit"]);
    assert!(is_balanced, "{audit}");

    *endpoint.refused.lock().unwrap() = None;
    assert!(stack.cli.run(&["failures", "retry", &parked]).status.success());
    until("all three", 3 * PATIENCE, async || (endpoint.took(&said).len() == 3).then_some(()))
        .await;
    assert_eq!(endpoint.took(&said), said);
    balanced(&stack).await;

    let said: Vec<_> = ["fourth", "fifth"].map(|word| fresh(&format!("{word}-"))).into();
    *endpoint.refused.lock().unwrap() = Some(said[0].clone());
    for word in &said {
        say(&stack, &caller, word).await;
    }
    until("the fifth stands behind the fourth", PATIENCE, async || {
        failures(&stack, "behind").pop()
    })
    .await;
    let fourth =
        until("the fourth is parked", PATIENCE, async || failures(&stack, "parked").pop()).await;
    let dismiss = ["failures", "dismiss", &fourth, "--because", "told by telephone"];
    assert!(stack.cli.run(&dismiss).status.success());
    until("the fifth", 3 * PATIENCE, async || (endpoint.took(&said) == said[1..]).then_some(()))
        .await;
    balanced(&stack).await;
    let (shown, _) = stack.cli.json(&["failures", "show", &fourth]);
    assert_eq!(shown["because"], "told by telephone");
    restore(&stack).await;
}
