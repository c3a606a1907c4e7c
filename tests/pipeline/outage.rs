//! The CRM is away for a while, and nothing is lost.

use crate::{PATIENCE, fresh, party, shipped, stack};
use serde_json::json;
use std::process::{Command, ExitStatus};
use support::{Stack, until};

/// Has the stack's own tool stop or start Tryton.
#[expect(clippy::disallowed_methods, reason = "tests have no runtime::Environment")]
pub(crate) fn tryton(action: &str) {
    let xtask = std::env::var("OMNICORD_TEST_XTASK").expect("run through `cargo xtask test`");
    let status = Command::new(&xtask).args(["crm", action]).status();
    let done = status.as_ref().is_ok_and(ExitStatus::success);
    assert!(done, "{xtask} crm {action}: {status:?}");
}

fn balanced(stack: &Stack, when: &str) {
    let (audit, balanced) = stack.cli.json(&["audit"]);
    assert!(balanced, "{when}: {audit}");
}

#[tokio::test]
async fn every_event_of_an_outage_ends_applied() {
    let stack = stack().await;
    balanced(&stack, "before");
    tryton("stop");
    let buyers: Vec<_> = (0..5).map(|_| format!("{}@example.com", fresh("late"))).collect();
    for email in &buyers {
        let signed = shipped(&stack, &fresh("E"), &json!({ "email": email }));
        stack.deliver("shop", &signed).await;
    }
    until("a failure that waits for the CRM", 2 * PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["failures", "list", "--state", "waiting"]);
        (!listed["failures"].as_array()?.is_empty()).then_some(())
    })
    .await;
    balanced(&stack, "during");
    tryton("start");
    for email in &buyers {
        until("the failures' way back", 3 * PATIENCE, async || {
            let retry = ["failures", "retry", "--all", "--step", "identity-match"];
            assert!(stack.cli.run(&retry).status.success());
            stack.crm.party(email).await
        })
        .await;
        let party = party(&stack, email).await;
        until("the note in Tryton", 3 * PATIENCE, async || {
            (stack.crm.notes(party).await.len() == 1).then_some(())
        })
        .await;
    }
    until("a balanced audit with nothing in flight", 3 * PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        (balanced && audit["events"]["in_flight"] == 0 && audit["effects"]["in_flight"] == 0)
            .then_some(())
    })
    .await;
}
