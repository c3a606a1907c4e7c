//! What rules send by messaging services, and to whom.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use domain::{Action, Assurance, EventKind, Fired, Handle, HandleKind, Held, Tagged};
use rules::RuleSet;
use serde_json::json;
use support::{at, customer, event, phone, rules, tagged};

const ARN: &str = "arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1";

fn sending(action: &str) -> RuleSet {
    rules(&format!(
        r"
wechat: {{ main: {{ app_id: wx1, secret: s }}, other: {{ app_id: wx2, secret: s }} }}
wecom: {{ desk: {{ corp_id: ww1, agent_id: 7, secret: s }} }}
whatsapp: {{ shop: {{ phone_number_id: '1', version: v23.0, portfolio: p1, secret: s }} }}
triggers: [{{ name: rule, on: [order], actions: [{action}] }}]"
    ))
}

fn account(kind: HandleKind, scope: &str, value: &str) -> Handle {
    Handle::account(kind, scope, value, Assurance::Attested).unwrap()
}

/// An order by a customer who is known by these handles as well.
fn shipped(handles: &[Handle]) -> Tagged {
    let mut event = event(EventKind::Order, "A-1", 0);
    event.fields.insert("number".into(), json!("A-1"));
    let mut tagged = tagged(event);
    let held = Held::new(at(0), Assurance::Attested);
    tagged.customer.handles.extend(handles.iter().map(|handle| (handle.key(), held)));
    tagged
}

/// The only action, or why there is none.
fn decided(action: &str, tagged: &Tagged) -> Result<Action, String> {
    let mut decision = sending(action).decide(tagged, at(9), &Fired::default());
    match decision.refused.first() {
        Some(refusal) => Err(format!("{}: {}", refusal.reason.code, refusal.reason.detail)),
        None => Ok(decision.effects.pop().unwrap().action),
    }
}

#[test]
fn a_follower_is_one_of_the_account_that_sends() {
    let text = "{ wechat.message: { account: main, text: '{{ order.number }}' } }";
    let other = account(HandleKind::WechatOpenid, "wx2", "oOTHER");
    let none = decided(text, &shipped(std::slice::from_ref(&other))).unwrap_err();
    assert_eq!(none, "no_recipient: no wechat_openid is known of the customer");
    let own = account(HandleKind::WechatOpenid, "wx1", "oOWN");
    let (account, to) = ("main".to_owned(), own.key());
    let expected = Action::WechatMessage { account, to, text: "A-1".into() };
    assert_eq!(decided(text, &shipped(&[other.clone(), own.clone()])).unwrap(), expected);
    assert_eq!(expected.destination(), "wechat:main");
    assert!(expected.disturbs());
    let mut former = shipped(std::slice::from_ref(&own));
    former.customer.handles.get_mut(&own.key()).unwrap().former = true;
    assert!(decided(text, &former).is_err(), "the customer has left that account");
    let named = "{ wechat.message: { account: main, to: oNAMED, text: hi } }";
    let Ok(Action::WechatMessage { to, .. }) = decided(named, &shipped(&[])) else {
        unreachable!("it names its recipient")
    };
    assert_eq!(to.as_str(), "wechat_openid:wx1:oNAMED");
}

#[test]
fn a_template_is_filled_in_place_by_place() {
    let template = "{ wechat.template: { account: other, to: oA, template: T1, \
                    data: { thing1: '{{ order.number }}' }, url: 'https://x.test/{{ order.number }}', \
                    miniprogram: { app_id: wxm, page: 'p?n={{ order.number }}' } } }";
    let Ok(Action::WechatTemplate { message, .. }) = decided(template, &shipped(&[])) else {
        unreachable!("it names its recipient")
    };
    assert_eq!(message.data["thing1"], "A-1");
    assert_eq!(message.url.as_deref(), Some("https://x.test/A-1"));
    assert_eq!(message.miniprogram.unwrap().page.as_deref(), Some("p?n=A-1"));
    let lacking = template.replace("'{{ order.number }}' }", "'{{ order.weight }}' }");
    let refused = decided(&lacking, &shipped(&[])).unwrap_err();
    assert_eq!(refused, "text_failed: the text needs `order.weight`, which is absent");
}

#[test]
fn a_member_is_written_to_at_any_time() {
    let text = "{ wecom.message: { account: desk, to: '{{ event.source }}', text: hi } }";
    let action = decided(text, &shipped(&[])).unwrap();
    assert_eq!(action.destination(), "wecom:desk");
    assert!(!action.disturbs(), "a member is not the customer");
}

#[test]
fn a_whatsapp_user_is_one_of_the_portfolio_or_has_a_number() {
    let template = "{ whatsapp.template: { account: shop, template: hi, language: de, \
                    parameters: ['{{ order.number }}', 'two\n lines'] } }";
    let template =
        &template.replace('\n', "\\n").replace("'two", "\"two").replace("lines'", "lines\"");
    let to = |tagged: &Tagged| match decided(template, tagged) {
        Ok(Action::WhatsappTemplate { to, parameters, .. }) => {
            assert_eq!(parameters, ["A-1", "two lines"]);
            Ok(to.as_str().to_owned())
        }
        Ok(other) => Err(other.name().to_owned()),
        Err(refused) => Err(refused),
    };
    assert_eq!(to(&shipped(&[])).unwrap(), phone().key().as_str());
    let mut told = shipped(&[]);
    told.event.handles = vec![account(HandleKind::WhatsappUser, "p1", "US.1")];
    assert_eq!(to(&told).unwrap(), "whatsapp_user:p1:US.1");
    told.event.handles = vec![account(HandleKind::WhatsappUser, "p2", "US.1")];
    assert_eq!(to(&told).unwrap(), phone().key().as_str(), "another company's id");
}

#[test]
fn a_notification_goes_to_an_endpoint_and_to_no_topic() {
    let push = "{ push: { text: hi, platforms: { GCM: { data: { n: '{{ order.number }}' } } } } }";
    let known = account(HandleKind::Account, "push", ARN);
    let Ok(Action::Push { endpoint, platforms, .. }) = decided(push, &shipped(&[known])) else {
        unreachable!("the customer has an endpoint")
    };
    assert_eq!((&*endpoint, &platforms["GCM"]), (ARN, &json!({ "data": { "n": "A-1" } })));
    let topic = "{ push: { to: 'arn:aws:sns:eu-central-1:123456789012:all', text: hi } }";
    assert!(decided(topic, &shipped(&[])).unwrap_err().starts_with("bad_recipient"));
    assert!(decided(push, &shipped(&[])).unwrap_err().starts_with("no_recipient"));
}

#[test]
fn a_hint_ends_when_its_rule_says() {
    let hint = "{ agent.hint: { text: 'waits for {{ order.number }}', for: 2d } }";
    let until = at(9) + jiff::SignedDuration::from_hours(48);
    let expected = Action::AgentHint { text: "waits for A-1".into(), until };
    assert_eq!(decided(hint, &shipped(&[])).unwrap(), expected);
}

#[test]
fn two_accounts_of_one_rule_are_two_effects() {
    let two = "{ wechat.message: { account: main, to: oA, text: hi } }, \
               { wechat.message: { account: other, to: oA, text: hi } }";
    let decision = sending(two).decide(&shipped(&[]), at(9), &Fired::default());
    let [one, other] = &decision.effects[..] else { unreachable!("two effects") };
    assert_ne!(one.key, other.key);
    assert_eq!(customer().id, one.customer);
}
