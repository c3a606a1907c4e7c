//! What the door answers to requests that it cannot take.

use crate::{HOTLINE, PATIENCE, fresh, shipped, stack, wechat_text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;
use support::{Signed, until};

#[tokio::test]
async fn a_wrong_missing_truncated_or_replayed_signature_is_401() {
    let stack = stack().await;
    let right = shipped(&stack, &fresh("D"), &json!({ "email": "nobody@example.com" }));
    let status = async |signed: &Signed| stack.send(Method::POST, "shop", signed).await.status;

    let mut altered = right.clone();
    altered.body = altered.body.replace("DHL", "UPS");
    assert_eq!(status(&altered).await, 401, "altered body");
    let mut unsigned = right.clone();
    unsigned.headers.remove("webhook-signature");
    assert_eq!(status(&unsigned).await, 401, "missing signature");
    let mut truncated = right.clone();
    truncated.headers.entry("webhook-signature".into()).and_modify(|text| text.truncate(20));
    assert_eq!(status(&truncated).await, 401, "truncated signature");

    let old = json!({ "source": "shop", "id": "msg_old", "payload": {}, "now": 1_700_000_000 });
    assert_eq!(status(&stack.oracle.sign(&old)).await, 401, "replayed");
    let mut other = wechat_text(&stack, "oNobody", "hello");
    other.query.insert("msg_signature".into(), "0".repeat(40));
    assert_eq!(stack.send(Method::POST, "wechat-main", &other).await.status, 401);
    let pushed = Signed::default();
    assert_eq!(stack.send(Method::POST, "hotline/wrong-key", &pushed).await.status, 401);
}

#[tokio::test]
async fn an_unknown_source_is_404_and_a_large_body_413() {
    let stack = stack().await;
    let nothing = Signed::default();
    assert_eq!(stack.send(Method::POST, "nowhere", &nothing).await.status, 404);
    let large = Signed { body: "x".repeat((1 << 20) + 1), ..Signed::default() };
    assert_eq!(stack.send(Method::POST, "shop", &large).await.status, 413);
}

#[tokio::test]
async fn what_is_authentic_but_unreadable_is_kept_for_a_person() {
    let stack = stack().await;
    let broken = Signed { body: fresh("{unreadable "), ..Signed::default() };
    let kept = STANDARD.encode(&broken.body);
    assert_eq!(stack.send(Method::POST, HOTLINE, &broken).await.status, 200);
    let parked = until("the failure record", PATIENCE, async || {
        let (listed, _) = stack.cli.json(&["failures", "list", "--state", "parked"]);
        let records = listed["failures"].as_array()?.clone();
        records.into_iter().find_map(|record| {
            let id = record["id"].as_str()?.to_owned();
            let (shown, _) = stack.cli.json(&["failures", "show", &id, "--payload"]);
            (shown["payload"]["body"] == kept).then_some(shown)
        })
    })
    .await;
    assert_eq!(parked["step"], "webhook-receiver", "{parked}");
    assert_eq!(parked["payload"]["source"], "hotline");
    assert_eq!(parked["attempts"][0]["reason"]["code"], "not_json");
}

#[tokio::test]
async fn wechats_handshake_is_echoed() {
    let stack = stack().await;
    let mut handshake = wechat_text(&stack, "o", "");
    handshake.body.clear();
    handshake.query.insert("echostr".into(), "5838479218127813673".into());
    let answer = stack.send(Method::GET, "wechat-main", &handshake).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "5838479218127813673"));
    handshake.query.insert("signature".into(), "0".repeat(40));
    assert_eq!(stack.send(Method::GET, "wechat-main", &handshake).await.status, 401);
}

#[tokio::test]
async fn a_configuration_with_an_error_is_refused_whole() {
    let stack = stack().await;
    let (before, _) = stack.cli.json(&["config", "history"]);
    let file = std::env::temp_dir().join(fresh("omnicord-")).with_extension("yaml");
    let text = include_str!("../../infra/local/omnicord.yaml").replace("event.mood", "event.mod");
    std::fs::write(&file, text).unwrap();
    let refused = stack.cli.run(&["config", "apply", file.to_str().unwrap()]);
    let words = String::from_utf8_lossy(&refused.stderr) + String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(1));
    assert!(words.contains("event.mood"), "it names the nearest field: {words}");
    let (after, _) = stack.cli.json(&["config", "history"]);
    assert_eq!(before, after);
}
