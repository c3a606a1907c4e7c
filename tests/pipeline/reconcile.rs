//! What no webhook told is found, put in once, and not told again by a webhook that comes late.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, lived_through, shipped, stack};
use serde_json::{Value, json};
use support::{Stack, texts, until};
use wiremock::matchers::{bearer_token, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// How often a text with these words left.
async fn said(stack: &Stack, words: &str) -> usize {
    texts(&stack.endpoint).await.iter().filter(|text| text.text.contains(words)).count()
}

/// Sweeps until the source's list of examples, or what it leads to, is as wished: running functions
/// may follow the usual rules for half a minute.
async fn sweep_until(stack: &Stack, source: &str, done: impl AsyncFn() -> bool) {
    until("what the sweep puts in", 3 * PATIENCE, async || {
        let swept = stack.cli.run(&["reconcile", "run", "--source", source, "--since", "1h"]);
        let words = String::from_utf8_lossy(&swept.stderr);
        assert!(swept.status.code().is_some_and(|code| code <= 1), "{words}");
        done().await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_shipment_that_no_webhook_told_is_found_in_the_crm() {
    let stack = stack().await;
    apply(&stack, &USUAL.replacen("    grace: 1m\n", "    grace: 1s\n", 1));
    let number = fresh("WEB-");
    // Twice is no harm: what becomes of one order is one event.
    until("a shipped order", PATIENCE, async || stack.oracle.ship(&number).then_some(())).await;
    assert_eq!(said(&stack, &number).await, 0);

    sweep_until(&stack, "shop", async || {
        balanced(&stack).await;
        said(&stack, &number).await > 0
    })
    .await;
    // The webhook comes after all, and another sweep looks again.
    let customer = json!({ "id": fresh("c"), "email": "anna@acme.test" });
    stack.deliver("shop", &shipped(&stack, &number, &customer)).await;
    let (swept, _) = stack.cli.json(&["reconcile", "run", "--source", "shop", "--since", "1h"]);
    let tally = &swept["reports"][0]["tally"];
    let sum =
        |names: [&str; 2]| names.map(|name| tally[name].as_u64().unwrap()).iter().sum::<u64>();
    let left: u64 =
        tally["left"].as_object().into_iter().flatten().filter_map(|(_, n)| n.as_u64()).sum();
    assert_eq!(tally["expected"], sum(["found", "repaired"]) + left, "{swept}");
    balanced(&stack).await;
    assert_eq!(said(&stack, &number).await, 1);
    let (status, _) = stack.cli.json(&["reconcile", "status"]);
    assert!(status["sources"][0]["repaired"].as_u64() > Some(0), "{status}");
    restore(&stack).await;
}

#[tokio::test]
async fn a_call_that_was_not_pushed_is_found_in_the_list_of_calls() {
    let stack = stack().await;
    let (id, phone) = (fresh("call-"), fresh_phone());
    let pushed = call(&id, &phone, "about a torn shirt");
    let item: Value = serde_json::from_str(&pushed.body).unwrap();
    let calls = MockServer::start().await;
    Mock::given(bearer_token("local-only-token-of-the-call-list"))
        .and(query_param_contains("from", "T"))
        .and(query_param_contains("to", "T"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "calls": [item] })))
        .mount(&calls)
        .await;
    let listed = format!(
        "\nreconcile:\n  hotline:\n    grace: 1s\n    from:\n      history: {{ url: {}/calls, secret: \
         omnicord/hotline-calls, since: from, until: to, items: /calls, \
         allow_private: [127.0.0.0/8] }}\n",
        calls.uri()
    );
    apply(&stack, &USUAL.replacen("\nreconcile:\n", &listed, 1));
    sweep_until(&stack, "hotline", async || lived_through(&stack, &phone) == 1).await;
    stack.deliver(HOTLINE, &pushed).await;
    balanced(&stack).await;
    assert_eq!(lived_through(&stack, &phone), 1);
    restore(&stack).await;
}
