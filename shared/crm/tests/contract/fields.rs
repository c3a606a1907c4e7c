//! The contract's clauses on fields and tasks.

use super::{Sample, Witness};
use crm::{Batch, Connector, ContactId, Contacts, CrmError, FieldChange, Fields, Task, Tasks};
use domain::{Disposition, Fault};
use jiff::civil::date;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn values(field: &str, value: &Value) -> BTreeMap<String, Value> {
    [(field.to_owned(), value.clone())].into()
}

pub(crate) async fn a_field_is_set(crm: &Connector, witness: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    for value in [json!("Änne, \"the\" 坏了"), json!("7.5"), json!(7)] {
        crm.set_fields(&id, &values(witness.text_field(), &value)).await.unwrap();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(witness.text(&id).await, text);
    }
}

pub(crate) async fn an_unknown_field_is_parked(crm: &Connector, witness: &impl Witness) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let mut both = values(witness.text_field(), &json!("changed"));
    both.insert("no_such_field".into(), json!("1"));
    let error = crm.set_fields(&id, &both).await.unwrap_err();
    assert!(matches!(error, CrmError::UnknownField), "{error:?}");
    assert_eq!(error.disposition(), Disposition::Park);
    assert_eq!(witness.text(&id).await, sample.name(), "all or none");
}

pub(crate) async fn fields_of_several_are_set_at_once(crm: &Connector, witness: &impl Witness) {
    let mut changes = Vec::new();
    for text in ["one", "two", "three"] {
        let contact = crm.create(&Sample::new().contact()).await.unwrap();
        changes.push(FieldChange { contact, values: values(witness.text_field(), &json!(text)) });
    }
    crm.set_all(&changes).await.unwrap();
    crm.set_all(&changes).await.unwrap();
    for change in &changes {
        let text = witness.text(&change.contact).await;
        assert_eq!(json!(text), change.values[witness.text_field()]);
    }
}

pub(crate) async fn one_that_is_refused_keeps_all_as_they_were(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let known = crm.create(&sample.contact()).await.unwrap();
    let contacts = [known.clone(), ContactId::new("999999999")];
    let changes = contacts.map(|contact| FieldChange {
        contact,
        values: values(witness.text_field(), &json!("changed")),
    });
    let error = crm.set_all(&changes).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Park, "{error:?}");
    assert_eq!(witness.text(&known).await, sample.name());
}

pub(crate) async fn a_task_is_opened_once_and_has_an_owner(
    crm: &Connector,
    witness: &impl Witness,
) {
    let sample = Sample::new();
    let id = crm.create(&sample.contact()).await.unwrap();
    let task = Task {
        title: "Call back".to_owned(),
        text: "About the kettle.".to_owned(),
        due: Some(date(2027, 1, 31)),
        owner: Some(witness.employee().to_owned()),
    };
    let first = crm.task(&id, &sample.key("a"), &task).await.unwrap();
    assert_eq!(crm.task(&id, &sample.key("a"), &task).await.unwrap(), first);
    let tasks = witness.tasks(&id).await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let (title, text, due, owner) = &tasks[0];
    assert_eq!((title.as_str(), due.as_str()), ("Call back", "2027-01-31"));
    assert!(text.starts_with("About the kettle."), "{text}");
    assert_eq!(owner, witness.employee());
    assert_ne!(crm.task(&id, &sample.key("b"), &task).await.unwrap(), first);

    let nobody = Task { owner: Some("Nobody at All".to_owned()), ..task };
    let error = crm.task(&id, &sample.key("c"), &nobody).await.unwrap_err();
    assert!(matches!(error, CrmError::UnknownOwner), "{error:?}");
}
