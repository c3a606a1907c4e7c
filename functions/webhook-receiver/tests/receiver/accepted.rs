//! What is taken is in the queue, addressed so that it keeps its order and arrives once.

use crate::door::{Door, call, calls};
use channels::{Method, Request};
use domain::{EventId, InboundEvent, queue_group};
use runtime::memory::START;

#[tokio::test]
async fn a_delivery_of_many_events_sends_them_all_in_order() {
    let door = Door::open();
    let numbers: Vec<_> = (0..25).collect();
    let body = calls(&numbers.iter().map(|number| call(*number)).collect::<Vec<_>>());
    assert_eq!(door.push(&body).await, 200);
    let events = door.queue.messages::<InboundEvent>();
    let ids = numbers
        .iter()
        .map(|number| EventId::new("hotline", &format!(r#"["call","answered","{number}"]"#)));
    assert!(events.iter().map(|event| event.id.clone()).eq(ids));
    assert!(events.iter().all(|event| event.received_at == START && event.source == "hotline"));
    assert_eq!(door.store.writes(), 0, "the queue alone was needed");
}

#[tokio::test]
async fn the_most_telling_handle_is_the_group_and_the_events_id_deduplicates() {
    let door = Door::open();
    assert_eq!(door.push(&calls(&[call(1)])).await, 200);
    let [parcel] = &door.queue.parcels()[..] else { panic!("one parcel") };
    assert_eq!(parcel.group, queue_group(&["phone::+12025550123"]), "not the e-mail before it");
    let [event] = &door.queue.messages::<InboundEvent>()[..] else { panic!("one event") };
    assert_eq!(parcel.deduplication, event.id.as_str());
}

#[tokio::test]
async fn the_same_delivery_twice_is_the_same_parcel_twice() {
    let door = Door::open();
    for _ in 0..2 {
        assert_eq!(door.push(&calls(&[call(1)])).await, 200);
    }
    let parcels = door.queue.parcels();
    assert_eq!(parcels[0], parcels[1], "the queue drops the second");
}

/// `signature` was made with Python's `hashlib` over the sorted `1790000000`, `a-token`, `nonce`.
#[tokio::test]
async fn a_handshake_is_echoed() {
    let door = Door::open();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let handshake = |signature: &str| Request {
        method: Method::Get,
        path_key: None,
        query: vec![
            pair("signature", signature),
            pair("timestamp", "1790000000"),
            pair("nonce", "nonce"),
            pair("echostr", "5838479218127813673"),
        ],
        headers: Vec::new(),
        body: Vec::new(),
        source_ip: None,
    };
    let answer =
        door.answer("wechat-main", handshake("10cf7cb4b545bec80fa5a32d59f93cf47aa406d4")).await;
    assert_eq!((answer.status, &*answer.body), (200, "5838479218127813673"));
    assert_eq!(door.answer("wechat-main", handshake(&"0".repeat(40))).await.status, 401);
    assert!(door.is_untouched());
}
