//! An event that a rule parks, and that goes on once the rule is corrected.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, lived_through, stack};
use serde_json::Value;
use support::{Stack, until};

/// The usual doors with one rule: the agent's extension is in this form.
fn with_rule(form: &str) -> String {
    let (doors, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    format!(
        "{doors}\nvalidate:\n  - {{ name: extension, on: [call], \
         check: {{ format: {{ event.fields.agent: '{form}' }} }} }}\n"
    )
}

/// The failures that the rule explains.
fn parked(stack: &Stack) -> Vec<Value> {
    let (listed, _) = stack.cli.json(&["failures", "list", "--class", "data", "--state", "parked"]);
    let by_rule = |record: &&Value| {
        let reason = &record["attempts"][0]["reason"];
        reason["code"] == "validation_failed"
            && reason["detail"].as_str().is_some_and(|detail| detail.contains("`extension`"))
    };
    listed["failures"].as_array().into_iter().flatten().filter(by_rule).cloned().collect()
}

#[tokio::test]
async fn what_a_rule_parks_goes_on_when_the_rule_is_corrected() {
    let stack = stack().await;
    apply(&stack, &with_rule("[0-9]{3}"));
    let caller = fresh_phone();
    until("a call parked by the new rule", PATIENCE, async || {
        stack.deliver(HOTLINE, &call(&fresh("call-"), &caller, "hello")).await;
        (!parked(&stack).is_empty()).then_some(())
    })
    .await;
    assert!(parked(&stack).iter().all(|record| !record.to_string().contains("2001")));

    apply(&stack, &with_rule("[0-9]{4}"));
    until("nothing parked by the rule", PATIENCE, async || {
        let retry = ["failures", "retry", "--all", "--step", "identity-match"];
        assert!(stack.cli.run(&retry).status.success());
        parked(&stack).is_empty().then_some(())
    })
    .await;
    balanced(&stack).await;
    assert!(lived_through(&stack, &format!("phone:{caller}")) > 0);
    restore(&stack).await;
}
