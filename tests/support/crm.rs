//! Tryton, looked at by the company's staff.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::Client;
use serde_json::{Value, json};

/// Tryton's REST API with the staff's key.
#[derive(Debug)]
pub struct Crm {
    http: Client,
    base: String,
    key: String,
    url: String,
    omnicord_key: String,
}

impl Crm {
    pub(crate) fn new(http: Client, tryton: &Value) -> Self {
        let text = |name: &str| tryton[name].as_str().unwrap_or_default().to_owned();
        let base = format!("{}/{}/rest/model", text("url"), text("database"));
        let (url, omnicord_key) = (text("url"), text("key"));
        Self { http, base, key: text("staff_key"), url, omnicord_key }
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key with which Omnicord itself opens it.
    #[must_use]
    pub fn omnicord_key(&self) -> String {
        self.omnicord_key.clone()
    }

    /// The records of a model that meet a domain, with these fields; none while it is down.
    pub async fn search(&self, model: &str, domain: Value, fields: &[&str]) -> Vec<Value> {
        let encode = |value: &Value| URL_SAFE.encode(value.to_string());
        let mut query = vec![("d", encode(&domain)), ("s", "200".to_owned())];
        query.extend(fields.iter().map(|field| ("f", (*field).to_owned())));
        let request = self.http.get(format!("{}/{model}", self.base)).query(&query);
        let request = request
            .header("x-tryton-context", encode(&json!({ "company": 1 })))
            .bearer_auth(&self.key);
        match request.send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// The one party that has this contact mechanism, once there is one.
    ///
    /// # Panics
    /// Where there are several.
    pub async fn party(&self, mechanism: &str) -> Option<i64> {
        let held = |field: &str| json!([format!("contact_mechanisms.{field}"), "=", mechanism]);
        let domain = json!(["OR", held("value"), held("value_compact")]);
        let found = self.search("party.party", domain, &["name"]).await;
        assert!(found.len() <= 1, "{} parties share one contact mechanism", found.len());
        found.first()?["id"].as_i64()
    }

    /// Makes a party with this phone, as an agent would. Returns its id.
    ///
    /// # Panics
    /// Where Tryton does not take it.
    pub async fn make_party(&self, phone: &str) -> i64 {
        let mechanism = json!({ "type": "other", "value": phone });
        let values = json!({ "name": "Someone", "contact_mechanisms": [["create", [mechanism]]] });
        let encoded = URL_SAFE.encode(json!({ "company": 1 }).to_string());
        // SQLite takes one writer at a time and refuses the others.
        crate::until("a party of its own", 30, async || {
            let request = self.http.post(format!("{}/party.party", self.base)).json(&values);
            let request = request.header("x-tryton-context", &encoded).bearer_auth(&self.key);
            let made: Value = request.send().await.ok()?.json().await.ok()?;
            made["id"].as_i64()
        })
        .await
    }

    /// The notes on a party.
    pub async fn notes(&self, party: i64) -> Vec<String> {
        let domain = json!([["resource", "=", format!("party.party,{party}")]]);
        let found = self.search("ir.note", domain, &["message"]).await;
        found.iter().filter_map(|note| note["message"].as_str().map(str::to_owned)).collect()
    }

    /// Whether a party bears a tag.
    pub async fn is_tagged(&self, party: i64, tag: &str) -> bool {
        let domain = json!([["id", "=", party], ["categories.name", "=", tag]]);
        !self.search("party.party", domain, &["name"]).await.is_empty()
    }

    /// The complaints of a party: description and owner's name.
    pub async fn complaints(&self, party: i64) -> Vec<(String, String)> {
        let domain = json!([["customer", "=", party]]);
        let fields = ["description", "submitted_by.party.name"];
        let found = self.search("sale.complaint", domain, &fields).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let row = |complaint: &Value| {
            let owner = &complaint["submitted_by."]["party."]["name"];
            let owner =
                if owner.is_null() { &complaint["submitted_by"]["party"]["name"] } else { owner };
            (text(&complaint["description"]), text(owner))
        };
        found.iter().map(row).collect()
    }
}
