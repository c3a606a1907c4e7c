//! A source's settings as the integration engineer writes them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use channels::{Problem, Source};

const SHOP: &str = "\
secret: omnicord/shop
channel:
  standard-webhooks:
    mappings:
      - when: { /type: order.shipped }
        kind: order
        topic: shipped
        id: [/data/number]
        handles:
          - { kind: email, at: /data/email, claimed: true }
        fields: { order_number: /data/number }
    ignore:
      - { /type: ping }
";

fn problems(text: &str) -> Vec<String> {
    let source: Source = serde_saphyr::from_str(text).unwrap();
    source.validate().iter().map(Problem::to_string).collect()
}

#[test]
fn each_channel_is_one_key_with_its_settings() {
    for (channel, id) in [
        ("wechat: { app_id: wx1, mode: safe }", "wechat"),
        ("wecom: { corp_id: ww1 }", "wecom"),
        ("call-push: { preset: tinet, allow_ips: [192.0.2.0/24] }", "call-push"),
    ] {
        let text = format!("secret: omnicord/x\nregion: CN\nchannel:\n  {channel}\n");
        let source: Source = serde_saphyr::from_str(&text).unwrap();
        assert_eq!((source.channel.id(), source.validate()), (id, vec![]));
    }
    assert_eq!(problems(SHOP), [""; 0]);
}

#[test]
fn a_mistake_is_reported_at_its_line() {
    for (right, wrong, line) in [
        ("secret: omnicord", "secrets: omnicord", 1),
        ("  standard-webhooks:", "  standard-webhook:", 3),
        ("/type: order.shipped", "type: order.shipped", 5),
        ("/type: order.shipped", "/type: [order.shipped]", 5),
        ("kind: order", "kind: orders", 6),
        ("topic: shipped", "topik: shipped", 7),
        ("id: [/data/number]", "id: [data/number]", 8),
        ("claimed: true", "claim: true", 10),
        ("order_number: /data/number", "order_number: data.number", 11),
        ("{ /type: ping }", "ping", 13),
    ] {
        let text = SHOP.replacen(right, wrong, 1);
        let error = serde_saphyr::from_str::<Source>(&text).unwrap_err();
        let found = error.location().map(|location| location.line());
        assert_eq!(found, Some(line), "{wrong}: {error}");
    }
}

#[test]
fn what_is_well_formed_and_cannot_work_is_reported_with_its_path() {
    let mapping = "channel.standard-webhooks.mappings[0]";
    for (right, wrong, path) in [
        ("secret: omnicord/shop", "secret: ''", "secret".to_owned()),
        ("secret: omnicord/shop", "secret: s\nregion: China", "region".to_owned()),
        ("topic: shipped", "topic: ''", format!("{mapping}.topic")),
        ("kind: email", "kind: account", format!("{mapping}.handles[0].scope")),
        ("kind: email", "scope: x, kind: email", format!("{mapping}.handles[0].scope")),
        (
            "{ kind: email, at: /data/email, claimed: true }",
            "{ kind: wecom_user, at: /data/email }",
            format!("{mapping}.handles[0].scope"),
        ),
        (
            "fields: {",
            "constants: { order_number: 1 }\n        fields: {",
            format!("{mapping}.constants.order_number"),
        ),
        (
            "kind: order",
            "kind: order\n        duration: /a\n        duration_between: { from: /a, to: /b }",
            format!("{mapping}.duration_between"),
        ),
    ] {
        let text = SHOP.replacen(right, wrong, 1);
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
        assert!(found[0].starts_with(&format!("{path}: ")), "{wrong}: {found:?}");
    }
}

#[test]
fn settings_from_which_no_event_can_come_are_reported() {
    for (channel, expected) in [
        ("wechat: { app_id: '', mode: plain }", "channel.wechat.app_id"),
        ("wecom: { corp_id: ' ' }", "channel.wecom.corp_id"),
        ("standard-webhooks: { mappings: [] }", "channel.standard-webhooks.mappings"),
        ("call-push: {}", "channel.call-push.mappings"),
        (
            "call-push: { mappings: [{ kind: call, topic: x, handles: [] , id: [/a] }] }",
            "channel.call-push.mappings[0].handles",
        ),
        (
            "call-push: { mappings: [{ kind: call, topic: x, handles: [{kind: phone, at: /a}] }] }",
            "channel.call-push.mappings[0].id",
        ),
        (
            "call-push: { mappings: [\
             { kind: call, topic: x, id: [/a], handles: [{kind: phone, at: /a}] }, \
             { kind: call, topic: y, id: [/a], handles: [{kind: phone, at: /a}] }] }",
            "channel.call-push.mappings[0].when",
        ),
    ] {
        let found = problems(&format!("secret: s\nchannel: {{ {channel} }}\n"));
        assert_eq!(found.len(), 1, "{channel}: {found:?}");
        assert!(found[0].starts_with(&format!("{expected}: ")), "{channel}: {found:?}");
    }
}

#[test]
fn a_field_that_does_not_exist_is_refused_in_every_channel() {
    for channel in [
        "wechat: { app_id: wx1, mode: safe, app: x }",
        "wecom: { corp_id: ww1, corp: x }",
        "standard-webhooks: { mappings: [], map: [] }",
        "call-push: { preset: tinet, allow: [] }",
    ] {
        let text = format!("secret: s\nchannel: {{ {channel} }}\n");
        let error = serde_saphyr::from_str::<Source>(&text).unwrap_err().to_string();
        assert!(error.contains("unknown field"), "{channel}: {error}");
    }
}

#[test]
fn the_schema_names_every_kind_and_refuses_unknown_fields() {
    let schema = serde_json::to_value(schemars::schema_for!(Source)).unwrap();
    assert_eq!(schema["$defs"]["Mapping"]["properties"]["kind"]["enum"][0], "message");
    let handle_kinds = &schema["$defs"]["HandleAt"]["properties"]["kind"]["enum"];
    assert_eq!(*handle_kinds, serde_json::json!(domain::HandleKind::ALL));
    assert_eq!(schema["$defs"]["Condition"]["additionalProperties"]["$ref"], "#/$defs/Scalar");
    let definitions = schema["$defs"].as_object().unwrap();
    let closed = definitions.values().chain([&schema]).filter(|s| s.get("properties").is_some());
    let open: Vec<_> = closed.filter(|s| s["additionalProperties"] != false).collect();
    assert!(open.is_empty(), "{open:?}");
}
