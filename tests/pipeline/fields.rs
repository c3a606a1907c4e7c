//! Fields that flow to the CRM in batches, tasks that fall to one of several.

use crate::change::{USUAL, apply, restore};
use crate::{PATIENCE, fresh, fresh_phone, now, party, shipped_at, stack};
use serde_json::{Value, json};
use support::{Stack, until};

/// The last order's number becomes the party's name within two minutes; each order sets off a task.
const MORE: &str = "
agents:
  - { name: Agent One, skills: [parcels] }
  - { name: Agent Two, skills: [parcels] }
sync:
  fields:
    last_order: { to_crm: { batch: 1m }, crm_field: name }
";

const RULE: &str = r#"
triggers:
  - name: task-on-shipment
    on: [order]
    actions:
      - crm.task: { title: "Ask about {{ order.number }}", text: Did it arrive?, due: 7d, owner: { skill: parcels } }
"#;

/// The owners of the tasks about orders whose numbers begin so.
async fn owners(stack: &Stack, beginning: &str) -> Vec<String> {
    let domain = json!([["name", "like", format!("Ask about {beginning}%")]]);
    let fields = ["allocations.employee.party.name"];
    let tasks = stack.crm.search("project.work", domain, &fields).await;
    let owner = |task: &Value| {
        let owner = task.pointer("/allocations/0/employee/party/name");
        owner.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    tasks.iter().map(owner).collect()
}

#[tokio::test]
async fn a_field_goes_out_in_a_batch_and_a_task_to_one_of_those_who_can() {
    let stack = stack().await;
    let config = format!("{}{MORE}", USUAL.replacen("\ntriggers:\n", RULE, 1));
    apply(&stack, &config);
    let customer = json!({ "id": fresh("c"), "phone": fresh_phone() });

    // Running functions may be half a minute behind.
    let beginning = fresh("F");
    let owners = until("the task in Tryton", PATIENCE + 60, async || {
        let order = shipped_at(&stack, &fresh(&beginning), &customer, &now().to_string());
        stack.deliver("shop", &order).await;
        Some(owners(&stack, &beginning).await).filter(|owners| !owners.is_empty())
    })
    .await;
    for owner in owners {
        assert!(["Agent One", "Agent Two"].contains(&owner.as_str()), "{owner}");
    }

    let party = party(&stack, customer["phone"].as_str().unwrap()).await;
    until("the order's number in Tryton, after the batch", PATIENCE + 120, async || {
        let domain = json!([["id", "=", party]]);
        let found = stack.crm.search("party.party", domain, &["name"]).await;
        found.first()?["name"].as_str()?.starts_with(&beginning).then_some(())
    })
    .await;
    until("a balance without batched changes", PATIENCE, async || {
        let (audit, balanced) = stack.cli.json(&["audit"]);
        (balanced && audit["batches"].is_null()).then_some(())
    })
    .await;
    restore(&stack).await;
}
