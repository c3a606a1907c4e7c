//! What changes around a running pipeline, half-way through the events.

use crate::brew::lock;
use crate::crm::NEW_KEY;
use crate::document::Address;
use crate::fault::Fault;
use crate::operator::QUEUES;
use crate::proxy::Parcel;
use crate::sender::Sender;
use crate::world::World;
use reqwest::Method;
use serde_json::json;
use std::sync::atomic::Ordering;
use support::Signed;

/// The shop's secret, before and after its rotation.
const SHOP: [&str; 2] = [
    "whsec_ZXhhbXBsZS1zZWNyZXQtb2Ytb21uaWNvcmQhIQ==",
    "whsec_YW5vdGhlci1leGFtcGxlLXNlY3JldC1mb3ItaXQhIQ==",
];

/// Deliveries that are authentic and make no sense; `#` stands for a number that no other has, since
/// a repetition would be known for one.
const POISON_BODIES: [&str; 4] =
    ["? #", "{\"#\"", "[[[[[[[[#]]]]]]]]", "{\"what\":\"text\",\"key\":{\"#\":0}}"];
/// Queue messages that no version reads, likewise.
const POISON_MESSAGES: [&str; 4] = [" #", "[null, #]", "{\"id\":#}", "\u{fffd}{\"event\":#"];

/// What is so before the first event.
pub(crate) fn before(world: &World, classes: &[Fault]) {
    if classes.contains(&Fault::CrmTls) {
        away(world, Address::NoTls);
    } else if classes.contains(&Fault::CrmDns) {
        away(world, Address::NoName);
        world.brew.count(Fault::CrmDns, 1);
    }
}

/// The running functions would notice within half a minute; new ones do at once.
fn away(world: &World, address: Address) {
    world.apply(address, "the CRM is elsewhere");
    for step in ["identity-match", "outbound-delivery"] {
        world.redeploy(step, "the CRM is elsewhere");
    }
}

/// What happens half-way.
pub(crate) fn during(world: &World, sender: &Sender, classes: &[Fault]) {
    let number = world.fresh.fetch_add(1, Ordering::Relaxed);
    if classes.contains(&Fault::CrmTls) || classes.contains(&Fault::CrmDns) {
        world.apply(Address::Right, "the CRM is back");
    }
    for fault in classes {
        match fault {
            Fault::SecretRotated => {
                let secret = json!({ "secret": SHOP[1] });
                world.put_secret("omnicord/shop", &secret);
                lock(&sender.secrets).insert("shop".into(), secret);
            }
            Fault::CrmKeyRotated => {
                world.crm.rotate(true);
                world.put_secret("omnicord/tryton", &json!({ "key": NEW_KEY }));
            }
            Fault::ConfigurationChanged => {
                world.apply(Address::Right, &format!("version {number}"));
            }
            Fault::Deployed => {
                for step in QUEUES.map(|(_, step)| step).into_iter().chain(["error-reconciler"]) {
                    world.redeploy(step, &format!("build {number}"));
                }
            }
            Fault::PoisonMessage => {
                for ((queue, _), body) in QUEUES.iter().zip(POISON_MESSAGES) {
                    let body = body.replace('#', &number.to_string());
                    let (queue, group) = (world.queue(queue), format!("poison-{number}"));
                    world.proxy.send(&Parcel { queue, group: group.clone(), body }, &group);
                }
            }
            Fault::KilledBeforeWrite
            | Fault::KilledAfterWrite
            | Fault::KilledBeforeSend
            | Fault::KilledAfterSend
            | Fault::Frozen
            | Fault::MessageDuplicated
            | Fault::MessageDelayed
            | Fault::MessagesReordered
            | Fault::MessageTruncated
            | Fault::StoreThrottled
            | Fault::StoreRepeated
            | Fault::StoreTimeout
            | Fault::StorePartial
            | Fault::QueuePartial
            | Fault::TextUnanswered
            | Fault::Crm(_)
            | Fault::CrmSlow
            | Fault::CrmOtherType
            | Fault::CrmErrorInside
            | Fault::CrmReset
            | Fault::CrmTls
            | Fault::CrmDns
            | Fault::ClockSkew
            | Fault::PoisonBody => continue,
        }
        world.brew.count(*fault, 1);
    }
}

/// Bodies that their source signed and that make no sense, where the wave has such.
pub(crate) async fn poison(world: &World, classes: &[Fault]) -> (usize, Vec<String>) {
    if !classes.contains(&Fault::PoisonBody) {
        return (0, Vec::new());
    }
    let mut violations = Vec::new();
    for (index, body) in POISON_BODIES.iter().enumerate() {
        let number = world.fresh.fetch_add(1, Ordering::Relaxed);
        let signed = Signed::posted(body.replace('#', &number.to_string()));
        let path = "told/local-only-hotline-key";
        // What is answered by nobody is sent again, as every delivery is.
        let mut answer = world.stack.send(Method::POST, path, &signed).await;
        while answer.status >= 500 {
            answer = world.stack.send(Method::POST, path, &signed).await;
        }
        if answer.status != 200 {
            violations.push(format!("poison {index}: {} {}", answer.status, answer.body));
        }
    }
    world.brew.count(Fault::PoisonBody, POISON_BODIES.len());
    (POISON_BODIES.len(), violations)
}

/// What is set right at the end.
pub(crate) fn after(world: &World, classes: &[Fault]) {
    if classes.contains(&Fault::ConfigurationChanged) {
        let back = world.stack.cli.run(&["config", "rollback"]);
        assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    }
    if classes.contains(&Fault::SecretRotated) {
        world.put_secret("omnicord/shop", &json!({ "secret": SHOP[0] }));
        world.redeploy("webhook-receiver", "the old secret");
    }
    if classes.contains(&Fault::CrmKeyRotated) {
        world.put_secret("omnicord/tryton", &json!({ "key": world.stack.crm.omnicord_key() }));
        world.crm.rotate(false);
        for step in ["identity-match", "outbound-delivery"] {
            world.redeploy(step, "the old key");
        }
    }
}
