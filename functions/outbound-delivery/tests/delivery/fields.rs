//! Fields and tags that the CRM's record is to hold: at once, or in batches.

use crate::hands::effect;
use crate::office::{Office, address, record};
use domain::{Action, Customer, Effect, EffectKey, EventId};
use jiff::{SignedDuration, Timestamp};
use runtime::Settled;
use runtime::memory::START;
use serde_json::{Value, json};

pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// `city` and `zip` go out in batches, `name` at once.
const SYNC: &str = "
fields:
  - { name: city, on: [order], value: event.fields.city }
  - { name: zip, on: [order], value: event.fields.zip }
sync:
  tags: { to_crm: { batch: 15m } }
  fields:
    city: { to_crm: { batch: 15m } }
    zip: { to_crm: { batch: 15m } }
";

/// With parties of the ids from 1 on, each of them a customer's.
pub(crate) async fn office(parties: usize) -> (Office, Vec<Customer>) {
    let office = Office::syncing(SYNC).await;
    let mut customers = Vec::new();
    for number in 1..=parties {
        let name = format!("customer{number}");
        assert_eq!(office.tryton.enter(&name, &[]), number as u64);
        customers.push(office.knows(&[address(&name), record(&number.to_string())]).await);
    }
    (office, customers)
}

fn caused(customer: &Customer, number: usize, action: Action) -> Effect {
    let event = EventId::new("shop", &number.to_string());
    let key = EffectKey::new(&event, "fields", action.name());
    let decided_at = START + SignedDuration::from_secs(number.try_into().unwrap());
    Effect { key, event, decided_at, customer: customer.id.clone(), ..effect(action) }
}

/// The `number`th effect: that the field held the value at that second.
pub(crate) fn set(
    customer: &Customer,
    number: usize,
    second: i64,
    (field, value): (&str, &str),
) -> Effect {
    let at = Timestamp::from_second(START.as_second() + second).unwrap();
    let values = [(field.to_owned(), json!(value))].into();
    caused(customer, number, Action::CrmField { values, at, told_by_crm: false })
}

fn told(customer: &Customer, number: usize, second: i64, city: &str) -> Effect {
    let Action::CrmField { values, at, .. } = set(customer, number, second, ("city", city)).action
    else {
        panic!("no field")
    };
    caused(customer, number, Action::CrmField { values, at, told_by_crm: true })
}

fn receipt(office: &Office, effect: &Effect) -> String {
    office.bench.record(effect).receipt.unwrap()
}

async fn done(office: &Office, effect: &Effect) -> String {
    assert_eq!(office.handle(effect).await, Ok(Settled::Fresh));
    receipt(office, effect)
}

fn field(office: &Office, party: usize, field: &str) -> Value {
    office.tryton.parties()[party - 1][field].clone()
}

#[tokio::test]
async fn a_field_in_real_time_is_written_once_for_each_value() {
    let (office, customers) = office(1).await;
    let anna = &customers[0];
    assert_eq!(done(&office, &set(anna, 1, 5, ("name", "Anna"))).await, "1");
    assert_eq!(field(&office, 1, "name"), "Anna");
    let requests = office.tryton.requests();
    assert_eq!(done(&office, &set(anna, 2, 6, ("name", "Anna"))).await, "unchanged");
    assert_eq!(done(&office, &set(anna, 3, 4, ("name", "Bert"))).await, "unchanged");
    assert_eq!(office.tryton.requests(), requests, "the second says nothing new, the third is old");
    assert_eq!(done(&office, &set(anna, 4, 7, ("name", "Cleo"))).await, "1");
    assert_eq!(field(&office, 1, "name"), "Cleo");
}

#[tokio::test]
async fn a_batch_takes_the_last_value_of_each_customer_in_one_request() {
    let (office, customers) = office(3).await;
    for (number, (customer, second, city)) in
        [(0, 2, "Bonn"), (0, 9, "Berlin"), (0, 5, "Ulm"), (1, 1, "Köln"), (2, 1, "Mainz")]
            .into_iter()
            .enumerate()
    {
        done(&office, &set(&customers[customer], number, second, ("city", city))).await;
    }
    assert_eq!(office.tryton.requests(), 0);
    office.bench.pass(SignedDuration::from_mins(14));
    office.bench.tick().await;
    assert_eq!(office.tryton.requests(), 0, "not due yet");
    office.bench.pass(SignedDuration::from_mins(1));
    office.bench.tick().await;
    assert_eq!(office.tryton.requests(), 2, "one looks where the records are, one writes to all");
    let cities = [1, 2, 3].map(|party| field(&office, party, "city"));
    assert_eq!(cities, [json!("Berlin"), json!("Köln"), json!("Mainz")]);

    let again = set(&customers[0], 9, 20, ("city", "Berlin"));
    assert_eq!(done(&office, &again).await, "unchanged");
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!(office.tryton.requests(), 2, "what is unchanged costs no request");
}

#[tokio::test]
async fn a_record_that_is_refused_harms_no_other() {
    let (office, customers) = office(3).await;
    office.tryton.refuse("nowhere");
    for (number, customer) in customers.iter().enumerate() {
        let city = if number == 1 { "nowhere" } else { "Bonn" };
        done(&office, &set(customer, number, 1, ("city", city))).await;
        done(&office, &set(customer, number + 10, 1, ("zip", "53111"))).await;
    }
    office.bench.pass(HOUR);
    office.bench.tick().await;
    let cities = [1, 2, 3].map(|party| field(&office, party, "city"));
    assert_eq!(cities, [json!("Bonn"), Value::Null, json!("Bonn")]);
    assert_eq!(field(&office, 2, "zip"), "53111", "nor another field of the same record");
    let refused = || {
        let contents = office.contents();
        let refused = contents.replicas.values().filter_map(|it| it.refused.clone());
        refused.map(|refused| (refused.times, refused.reason.code)).collect::<Vec<_>>()
    };
    assert_eq!(refused(), [(1, "crm_refused".to_owned())]);
    let requests = office.tryton.requests();
    office.bench.tick().await;
    assert_eq!(office.tryton.requests(), requests, "it is offered again later");
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!(refused(), [(2, "crm_refused".to_owned())]);
    done(&office, &set(&customers[1], 30, 2, ("city", "Ulm"))).await;
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!((field(&office, 2, "city"), refused()), (json!("Ulm"), vec![]));
}

#[tokio::test]
async fn a_crm_that_is_down_keeps_the_batch_waiting() {
    let (office, customers) = office(2).await;
    for (number, customer) in customers.iter().enumerate() {
        done(&office, &set(customer, number, 1, ("city", "Bonn"))).await;
    }
    office.bench.pass(HOUR);
    office.tryton.close(true);
    office.bench.tick().await;
    assert!(office.contents().replicas.values().all(|it| it.due.is_some() && it.refused.is_none()));
    office.tryton.close(false);
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!([1, 2].map(|party| field(&office, party, "city")), [json!("Bonn"), json!("Bonn")]);
}

#[tokio::test]
async fn what_the_crm_told_is_not_written_back() {
    let (office, customers) = office(1).await;
    let anna = &customers[0];
    assert_eq!(done(&office, &told(anna, 1, 5, "Bonn")).await, "unchanged");
    assert_eq!(done(&office, &set(anna, 2, 6, ("city", "Bonn"))).await, "unchanged");
    assert_eq!(done(&office, &set(anna, 3, 7, ("city", "Ulm"))).await, "batched");
    assert_eq!(done(&office, &told(anna, 4, 8, "Köln")).await, "unchanged");
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!(office.tryton.requests(), 0, "the CRM's own word is newer");
    assert_eq!(done(&office, &set(anna, 5, 9, ("city", "Ulm"))).await, "batched");
}

#[tokio::test]
async fn tags_go_out_in_batches_too() {
    let (office, customers) = office(1).await;
    let tags = |number, add: &[&str], remove: &[&str]| {
        let names = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        caused(&customers[0], number, Action::CrmTag { add: names(add), remove: names(remove) })
    };
    assert_eq!(done(&office, &tags(1, &["vip", "new"], &[])).await, "batched");
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!(field(&office, 1, "categories"), json!([["add", [1, 2]], ["remove", []]]));
    let requests = office.tryton.requests();
    assert_eq!(done(&office, &tags(2, &["vip"], &[])).await, "unchanged");
    assert_eq!(done(&office, &tags(3, &[], &["vip"])).await, "batched");
    office.bench.pass(HOUR);
    office.bench.tick().await;
    assert_eq!(field(&office, 1, "categories")[1], json!(["remove", [2]]), "new is 1, vip is 2");
    assert!(office.tryton.requests() > requests);
}

#[tokio::test]
async fn a_tag_that_a_later_decision_took_off_is_not_put_back_by_what_had_to_wait() {
    let office = Office::syncing("").await;
    assert_eq!(office.tryton.enter("anna", &[]), 1);
    let anna = office.knows(&[address("anna"), record("1")]).await;
    let tags = |number, add: &[&str], remove: &[&str]| {
        let names = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        caused(&anna, number, Action::CrmTag { add: names(add), remove: names(remove) })
    };
    assert_eq!(done(&office, &tags(3, &[], &["upset"])).await, "1");
    let requests = office.tryton.requests();
    assert_eq!(done(&office, &tags(2, &["upset"], &[])).await, "unchanged");
    assert_eq!(office.tryton.requests(), requests, "nothing was written");
    assert_eq!(done(&office, &tags(4, &["upset"], &[])).await, "1");
    assert!(office.tryton.requests() > requests);
}

#[tokio::test]
async fn what_the_crm_hears_of_a_tag_that_a_rule_keeps_is_what_holds_by_now() {
    let rules = "\ntags: [{ name: upset, when: event.kind == \"message\", sync: true }]\n";
    let office = Office::syncing(rules).await;
    assert_eq!(office.tryton.enter("anna", &[]), 1);
    let anna = office.knows(&[address("anna"), record("1")]).await;
    let upset = || vec!["upset".to_owned()];
    let put_on = Action::CrmTag { add: upset(), remove: Vec::new() };
    assert_eq!(done(&office, &caused(&anna, 1, put_on)).await, "1");
    assert_eq!(field(&office, 1, "categories")[0], json!(["add", []]), "she is not");
}
