//! What is refused leaves no trace.

use crate::door::{Door, KEY, call, calls, request};

#[tokio::test]
async fn a_wrong_key_is_401() {
    let door = Door::open();
    let status = async |key| door.answer("hotline", request(key, &calls(&[call(1)]))).await.status;
    assert_eq!(status("another-key").await, 401);
    assert!(door.is_untouched());
    assert_eq!(status(KEY).await, 200, "the same with the right key");
}

#[tokio::test]
async fn an_unknown_source_is_404() {
    let door = Door::open();
    assert_eq!(door.answer("nowhere", request(KEY, &calls(&[call(1)]))).await.status, 404);
    assert!(door.is_untouched());
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_413() {
    let door = Door::open();
    let mut body = calls(&[]);
    body.resize(1 << 20, b' ');
    assert_eq!(door.push(&body).await, 200, "just as large as is taken");
    body.push(b' ');
    assert_eq!(door.push(&body).await, 413);
    assert!(door.is_untouched());
}

#[tokio::test]
async fn a_secret_that_was_rotated_a_moment_ago_is_read_again() {
    let door = Door::open();
    door.secrets.put("omnicord/hotline", r#"{"key": "the-next-key"}"#);
    let status = async |key| door.answer("hotline", request(key, &calls(&[call(1)]))).await.status;
    assert_eq!(status("the-next-key").await, 200);
    assert_eq!(status(KEY).await, 401, "the old one is remembered no longer");
}

#[tokio::test]
async fn a_secret_that_was_spoilt_a_moment_ago_is_our_own_outage() {
    let door = Door::open();
    door.secrets.put("omnicord/hotline", r#"{"keys": "the-next-key"}"#);
    let next = request("the-next-key", &calls(&[call(1)]));
    assert_eq!(door.answer("hotline", next).await.status, 503, "the sender is not at fault");
    assert!(door.is_untouched());
}
