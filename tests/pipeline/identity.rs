//! Who is who: merges and their undoing, questions for people, callers who hide, a person erased.

use crate::{
    HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, lived_through, note, party, shipped,
    stack, wechat_handle, wechat_text,
};
use serde_json::{Value, json};
use support::{Stack, texts, until};

/// The customer of this handle, once they have lived through so many events.
async fn customer(stack: &Stack, handle: &str, events: usize) -> Value {
    until("the customer's history", PATIENCE, async || {
        let output = stack.cli.run(&["--json", "customer", "show", handle]);
        let shown: Value = serde_json::from_slice(&output.stdout).ok()?;
        (shown["timeline"].as_array()?.len() >= events).then_some(shown)
    })
    .await
}

/// The open question that meets the condition, once it is asked: its id.
async fn question(stack: &Stack, meant: impl Fn(&Value) -> bool) -> String {
    until("the question", PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["review", "list"]);
        let asked = listed["reviews"].as_array()?.iter().find(|asked| meant(asked))?.clone();
        asked["review"].as_str().map(str::to_owned)
    })
    .await
}

/// Until something of the event waits for the answer: what comes to wait after an answer was given
/// is looked at minutes later.
async fn waiting(stack: &Stack, event: &Value) {
    until("what waits", PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["failures", "list", "--state", "waiting"]);
        listed["failures"]
            .as_array()?
            .iter()
            .any(|failure| failure["event"] == *event)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_order_joins_a_caller_and_an_account_and_a_person_tells_them_apart_again() {
    let stack = stack().await;
    let (phone, account) = (fresh_phone(), fresh("c"));
    let shop = format!("account:shop:{account}");
    stack.deliver(HOTLINE, &call(&fresh("call-"), &phone, "Where is it?")).await;
    let caller = customer(&stack, &phone, 1).await;
    let order = json!({ "id": account, "email": format!("{account}@example.com") });
    stack.deliver("shop", &shipped(&stack, &fresh("J"), &order)).await;
    let buyer = customer(&stack, &shop, 1).await;
    assert_ne!(caller["id"], buyer["id"]);

    let joining = json!({ "id": account, "phone": phone });
    stack.deliver("shop", &shipped(&stack, &fresh("J"), &joining)).await;
    // Each has a record in the CRM: whether the two are one person is for a person to say.
    let id = question(&stack, |asked| {
        let words = asked["question"].as_str().unwrap_or_default();
        asked["asks"] == "same_person" && words.contains(caller["id"].as_str().unwrap())
    })
    .await;
    let accepted = stack.cli.run(&["review", "accept", &id]);
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    let joined = customer(&stack, &phone, 3).await;
    assert_eq!(customer(&stack, &shop, 3).await["id"], joined["id"]);
    let merges = joined["membership"]["merges"].as_object().expect("a merge");
    let [merge] = merges.keys().collect::<Vec<_>>()[..] else { panic!("{} merges", merges.len()) };

    let undone = stack.cli.run(&["customer", "unmerge", merge, "--yes"]);
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    let again = [customer(&stack, &phone, 1).await, customer(&stack, &shop, 1).await];
    assert_eq!([&again[0]["id"], &again[1]["id"]], [&caller["id"], &buyer["id"]]);

    // What a person told apart, no event joins again.
    stack.deliver("shop", &shipped(&stack, &fresh("J"), &joining)).await;
    until("the order in one history", PATIENCE, async || {
        (lived_through(&stack, &phone) + lived_through(&stack, &shop) == 4).then_some(())
    })
    .await;
    assert_ne!(customer(&stack, &phone, 1).await["id"], customer(&stack, &shop, 1).await["id"]);
}

#[tokio::test]
async fn a_caller_who_hides_their_number_is_nobody_and_is_not_lost() {
    let stack = stack().await;
    let before = stack.cli.json(&["failures", "list", "--state", "parked"]).0;
    stack.deliver(HOTLINE, &call(&fresh("call-"), "anonymous", "no name, please")).await;
    balanced(&stack).await;
    let after = stack.cli.json(&["failures", "list", "--state", "parked"]).0;
    let unread = |list: &Value| {
        let all = list["failures"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|failure| failure["step"] == "webhook-receiver").count()
    };
    assert_eq!(unread(&after), unread(&before));
}

#[tokio::test]
async fn of_several_records_a_person_chooses_and_what_waited_is_written() {
    let stack = stack().await;
    let (phone, words) = (fresh_phone(), fresh("which of us "));
    let (one, other) = (stack.crm.make_party(&phone).await, stack.crm.make_party(&phone).await);
    stack.deliver(HOTLINE, &call(&fresh("call-"), &phone, &words)).await;
    let caller = customer(&stack, &phone, 1).await;
    let id = question(&stack, |asked| asked["customer"] == caller["id"]).await;
    waiting(&stack, &caller["timeline"][0]["event"]).await;
    let chosen = other.to_string();
    let accepted = stack.cli.run(&["review", "accept", &id, "--record", &chosen]);
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    note(&stack, other, &words).await;
    assert!(stack.crm.notes(one).await.is_empty(), "no guess was made");
}

#[tokio::test]
async fn an_event_of_a_record_that_the_crm_lacks_waits_for_an_answer() {
    let stack = stack().await;
    let (number, email) = (fresh("U"), format!("{}@example.com", fresh("buyer")));
    let unknown = u32::try_from(number.len()).unwrap() + 2_000_000_000;
    let missing = (unknown + fresh("").bytes().map(u32::from).sum::<u32>()).to_string();
    let order = json!({ "crm": missing, "email": email, "phone": fresh_phone() });
    stack.deliver("shop", &shipped(&stack, &number, &order)).await;
    let id = question(&stack, |asked| {
        asked["question"].as_str().is_some_and(|words| words.contains(&missing))
    })
    .await;
    let event = stack.cli.json(&["review", "show", &id]).0["event"].clone();
    waiting(&stack, &event).await;
    let rejected = stack.cli.run(&["review", "reject", &id]);
    assert!(rejected.status.success(), "{}", String::from_utf8_lossy(&rejected.stderr));
    let party = party(&stack, &email).await;
    note(&stack, party, &number).await;
}

#[tokio::test]
async fn a_person_erased_leaves_nothing_and_starts_anew() {
    let stack = stack().await;
    let (phone, number) = (fresh_phone(), fresh("E"));
    let order = json!({ "phone": phone, "email": format!("{}@example.com", fresh("e")) });
    let first = shipped(&stack, &number, &order);
    stack.deliver("shop", &first).await;
    customer(&stack, &phone, 1).await;
    until("the SMS", PATIENCE, async || {
        texts(&stack.endpoint).await.into_iter().find(|text| text.text.contains(&number))
    })
    .await;
    balanced(&stack).await;

    let erased = stack.cli.run(&["--json", "customer", "erase", &phone, "--yes"]);
    assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
    let receipt = String::from_utf8(erased.stdout).unwrap();
    assert!(!receipt.contains(&phone) && !receipt.contains(&number), "{receipt}");
    assert_eq!(stack.cli.run(&["customer", "show", &phone]).status.code(), Some(1));

    // The same webhook again, which the vendor may send for days, does nothing.
    stack.deliver("shop", &first).await;
    balanced(&stack).await;
    let texts = texts(&stack.endpoint).await;
    assert_eq!(texts.iter().filter(|text| text.text.contains(&number)).count(), 1);

    stack.deliver("shop", &shipped(&stack, &fresh("E"), &order)).await;
    let anew = customer(&stack, &phone, 1).await;
    assert_eq!(anew["timeline"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_decision_is_explained_without_naming_anybody() {
    let stack = stack().await;
    let openid = fresh("o");
    stack.deliver("wechat-main", &wechat_text(&stack, &openid, "hello")).await;
    let shown = customer(&stack, &wechat_handle(&openid), 1).await;
    let event = shown["timeline"][0]["event"].as_str().unwrap();
    let explained = stack.cli.run(&["explain", event]);
    let words = String::from_utf8(explained.stdout).unwrap();
    assert!(explained.status.success() && words.contains("wechat_openid"), "{words}");
    assert!(!words.contains(&openid), "{words}");
}

#[tokio::test]
async fn a_handle_is_taken_out_of_a_customer_with_what_came_by_it() {
    let stack = stack().await;
    let (phone, account) = (fresh_phone(), fresh("x"));
    let shop = format!("account:shop:{account}");
    let both = json!({ "id": account, "phone": phone });
    stack.deliver("shop", &shipped(&stack, &fresh("X"), &both)).await;
    customer(&stack, &phone, 1).await;
    let alone = fresh("X");
    stack.deliver("shop", &shipped(&stack, &alone, &json!({ "id": account }))).await;
    let one = customer(&stack, &phone, 2).await;
    balanced(&stack).await;

    let told = stack.cli.run(&["customer", "extract", &phone, &shop]);
    assert_eq!(told.status.code(), Some(1), "without --yes it only tells");
    let done = stack.cli.run(&["customer", "extract", &phone, &shop, "--yes"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let [left, taken] = [customer(&stack, &phone, 1).await, customer(&stack, &shop, 1).await];
    assert_eq!(left["id"], one["id"]);
    assert_ne!(taken["id"], one["id"]);
    assert_eq!([lived_through(&stack, &phone), lived_through(&stack, &shop)], [1, 1]);
    assert_eq!(taken["profile"]["fields"]["last_order"]["value"], alone.as_str());
    balanced(&stack).await;

    let (exported, found) = stack.cli.json(&["customer", "export", &shop]);
    assert!(found && exported["timeline"].as_array().unwrap().len() == 1);
    assert!(
        exported["handles"].as_array().unwrap().iter().all(|held| held["handle"] == shop.as_str())
    );
}

#[tokio::test]
async fn a_configuration_is_tried_on_todays_customers_before_it_is_applied() {
    let stack = stack().await;
    let phone = fresh_phone();
    let order = json!({ "phone": phone, "email": format!("{}@example.com", fresh("p")) });
    stack.deliver("shop", &shipped(&stack, &fresh("P"), &order)).await;
    stack.deliver(HOTLINE, &call(&fresh("call-"), &phone, "hello")).await;
    let known = customer(&stack, &phone, 2).await;

    let usual = include_str!("../../infra/local/omnicord.yaml");
    let file = std::env::temp_dir().join(fresh("omnicord-")).with_extension("yaml");
    let blocked = format!("{usual}\nidentity: {{ blocked: [\"phone:{phone}\"] }}\n");
    std::fs::write(&file, blocked).unwrap();
    let preview = |file: &std::path::Path| {
        stack.cli.run(&["--json", "identity", "preview", file.to_str().unwrap()])
    };
    let told = preview(&file);
    let words = String::from_utf8(told.stdout).unwrap();
    assert_eq!(told.status.code(), Some(1), "{words}");
    assert!(words.contains(known["id"].as_str().unwrap()), "{words}");
    assert!(!words.contains(&phone), "of handles the kinds will do");

    std::fs::write(&file, usual).unwrap();
    let told = preview(&file);
    let words = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{words}{}", String::from_utf8_lossy(&told.stdout));
}
