//! The JSON Schema that editors check `omnicord.yaml` with.

use serde_json::Value;

/// Every object in the schema that has properties, with its path.
fn objects<'s>(schema: &'s Value, path: &str, found: &mut Vec<(String, &'s Value)>) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                found.push((path.to_owned(), schema));
            }
            for (name, member) in members {
                objects(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{path}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_editor_flags_unknown_settings_and_explains_known_ones() {
    let schema = rules::schema();
    let mut found = Vec::new();
    objects(&schema, "", &mut found);
    assert!(found.len() > 20, "{}", found.len());
    for (path, object) in found {
        assert_eq!(object["additionalProperties"], false, "{path}");
        for (name, property) in object["properties"].as_object().unwrap() {
            // A variant's one key, such as `sms`, is explained where the variant is.
            let explained = property.get("description").or(object.get("description"));
            assert!(explained.is_some(), "{path}: {name}");
        }
    }
}
