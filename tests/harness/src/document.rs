//! The configuration under which the faults strike.

use crate::crm;
use support::telling::RULES;

/// The company, the doors and the CRM of the demo.
const USUAL: &str = include_str!("../../../infra/local/omnicord.yaml");

/// What becomes of messages that no rule of the reckoning is about.
const PLAIN: &str = r#"  - name: plain
    on: [message, call, follow]
    when: event.source in ["hotline", "wechat-main", "wecom-main"]
    actions:
      - crm.note: { text: "{{ event.source }} {{ event.occurred_at }} {{ event.text or '-' }}" }
"#;

/// The events of the reckoning, as the fields of a delivery tell them.
const TOLD: [(&str, &str, &str); 6] = [
    ("text", "message", "text"),
    ("answered", "call", "answered"),
    ("placed", "order", "placed"),
    ("shipped", "order", "shipped"),
    ("delivered", "order", "delivered"),
    ("statement", "contact", "statement"),
];

/// Where the CRM is to be looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    /// Where it is, behind its faults.
    Right,
    /// At a server whose TLS nobody accepts.
    NoTls,
    /// At a name that leads nowhere.
    NoName,
}

/// The document: the rules of the reckoning for the doors `told` and `shop`, a note for each event
/// of the others. `remark` tells versions apart that say the same.
pub(crate) fn document(endpoint: u16, address: Address, remark: &str) -> String {
    let (head, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    let mappings: String =
        TOLD.iter().map(|(when, kind, topic)| mapping(when, kind, topic)).collect();
    let door = format!(
        "sources:\n  told:\n    secret: omnicord/hotline\n    channel:\n      call-push:\n        \
         mappings:\n{mappings}"
    );
    let shop = "standard-webhooks:\n        mappings:\n";
    let url = match address {
        Address::Right => format!("http://127.0.0.1:{}", crm::PORT),
        Address::NoTls => format!("https://127.0.0.1:{}", crm::TLS_PORT),
        Address::NoName => "https://crm.test".to_owned(),
    };
    let head = head
        .replacen("sources:\n", &door, 1)
        .replacen(shop, &format!("{shop}{mappings}"), 1)
        .replacen("url: http://127.0.0.1:8092", &format!("url: {url}"), 1);
    let rules = rules();
    format!(
        "# {remark}\n{head}\n{rules}{PLAIN}\
         endpoints: {{ inhouse: {{ url: \"http://127.0.0.1:{endpoint}\", \
         secret: omnicord/inhouse, allow_private: [127.0.0.0/8] }} }}\n\
         destinations: {{ default: {{ breaker: {{ open: 1s }} }}, crm: {{ timeout: 6s }} }}\n"
    )
}

fn mapping(when: &str, kind: &str, topic: &str) -> String {
    format!(
        "          - {{ when: {{ /what: {when} }}, kind: {kind}, topic: {topic}, id: [/key], \
         time: /at, handles: [{{ kind: phone, at: /phone }}], text: /text, \
         duration: /seconds, fields: {{ number: /number, total: /total }} }}\n"
    )
}

/// The rules of the reckoning without their nights, and about its own doors only.
fn rules() -> String {
    let day: String = RULES
        .lines()
        .filter(|line| !line.contains("quiet:"))
        .fold(String::new(), |text, line| text + line + "\n");
    let own = "    when: event.source in [\"told\", \"shop\"]\n";
    [
        "contact\n    on: [message, call]\n",
        "thanks\n    on: [message]\n",
        "call-back\n    on: [call]\n",
    ]
    .iter()
    .fold(day, |text, rule| {
        assert!(text.contains(rule), "the rules changed: {rule}");
        text.replacen(rule, &format!("{rule}{own}"), 1)
    })
}
