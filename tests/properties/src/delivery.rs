//! Webhook bodies: what every channel makes of an authentic delivery.

use crate::genuine;
use crate::quiet;
use channels::{ChannelSettings, Context, Delivery, Malformed, Verified};
use domain::InboundEvent;
use jiff::SignedDuration;

const CONTEXT: Context<'static> =
    Context { source: "source", region: "CN", received_at: genuine::NOW };

/// The elements of the vendors' documents that an error may name.
const ELEMENTS: [&str; 6] =
    ["CreateTime", "Event", "ExternalUserID", "FromUserName", "MsgType", "UnionId"];

const FORM: &str = "application/x-www-form-urlencoded";

/// A WeChat message, in the one and in the other vendor's dialect: they share their XML.
pub(crate) fn wechat(bytes: &[u8]) {
    let elements = ELEMENTS.map(str::to_owned);
    for name in ["wechat-safe", "wecom"] {
        let channel = &genuine::source(name).unwrap().channel;
        check(channel, &Stored { body: bytes, content_type: None }, &elements);
    }
}

/// What a phone system pushes, as the vendor labels it and unlabelled.
pub(crate) fn call_push(bytes: &[u8]) {
    for name in ["call-push", "call-push-tinet"] {
        let source = genuine::source(name).unwrap();
        for content_type in [Some(FORM), None] {
            check(&source.channel, &Stored { body: bytes, content_type }, &source.places);
        }
    }
}

/// The JSON of a system that signs as Standard Webhooks says.
pub(crate) fn standard_webhooks(bytes: &[u8]) {
    let source = genuine::source("standard-webhooks").unwrap();
    check(&source.channel, &Stored { body: bytes, content_type: None }, &source.places);
}

/// A delivery as it is kept.
pub(crate) struct Stored<'b> {
    pub(crate) body: &'b [u8],
    pub(crate) content_type: Option<&'b str>,
}

/// Reads a delivery twice. `places` are those that an error may name.
pub(crate) fn check(channel: &ChannelSettings, stored: &Stored<'_>, places: &[String]) {
    let read = |context: &Context<'_>| {
        let (content_type, id) = (stored.content_type.map(str::to_owned), Some("msg_1".to_owned()));
        channel.parse(&Verified::vouched(stored.body.to_vec(), content_type, id), context)
    };
    let first = read(&CONTEXT);
    let after = CONTEXT.received_at + SignedDuration::from_hours(24);
    let again = read(&Context { received_at: after, ..CONTEXT });
    match (first, again) {
        (Ok(Delivery::Events(first)), Ok(Delivery::Events(again))) => {
            assert_eq!(first.len(), again.len());
            first.iter().zip(&again).for_each(|(first, again)| {
                sound(channel, first);
                assert_eq!((&first.id, &first.handles), (&again.id, &again.handles));
                assert_eq!(again.received_at, after);
            });
        }
        (Ok(Delivery::Ignored { reason }), Ok(Delivery::Ignored { reason: again })) => {
            assert_eq!(reason, again);
        }
        (Err(first), Err(again)) => {
            assert_eq!(first, again);
            tells_only_places(&first, places);
        }
        (first, again) => panic!("{first:?}, later {again:?}"),
    }
}

fn sound(channel: &ChannelSettings, event: &InboundEvent) {
    assert_eq!((event.source.as_str(), event.channel.as_str()), (CONTEXT.source, channel.id()));
    assert_eq!(event.received_at, CONTEXT.received_at);
    let group = event.queue_group();
    assert!(group.len() == 32 && group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(event.handles.iter().all(|handle| !handle.value.is_empty()));
    quiet::survives_a_queue(event);
}

fn tells_only_places(malformed: &Malformed, places: &[String]) {
    match malformed {
        Malformed::NotUtf8
        | Malformed::Json { .. }
        | Malformed::Xml { .. }
        | Malformed::ForbiddenEntity
        | Malformed::TooDeep { .. }
        | Malformed::Unmapped => {}
        Malformed::Missing { path }
        | Malformed::Unexpected { path, .. }
        | Malformed::Handle { path, .. } => {
            let known = |place: &str| place == "id" || places.iter().any(|known| known == place);
            assert!(path.split(", ").all(known), "names a place of its own: {path}");
        }
    }
    assert!(!malformed.code().is_empty());
}
