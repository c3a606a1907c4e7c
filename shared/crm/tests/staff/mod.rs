//! The company's staff at their Tryton: what they see there, and what they do.

use crate::contract::Witness;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use crm::ContactId;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) const EMPLOYEE: &str = "Agent One";

/// What the runner has set.
///
/// # Panics
/// Where it has set nothing.
pub(crate) fn setting(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a test learns from its runner where to go")]
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: this test needs a seeded Tryton. `cargo xtask test` starts one; \
             infra/local/tryton/README.md says how to do it by hand"
        )
    })
}

/// Someone who may do everything.
pub(crate) struct Staff {
    http: reqwest::Client,
    models: String,
    key: String,
}

impl Staff {
    pub(crate) fn new() -> Self {
        Self {
            http: crm::http().unwrap(),
            models: format!("{}/tryton/rest/model", setting("OMNICORD_TEST_TRYTON_URL")),
            key: setting("OMNICORD_TEST_TRYTON_STAFF_KEY"),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/{path}", self.models))
            .header("Authorization", format!("bearer {}", self.key))
            .header("X-Tryton-Context", URL_SAFE.encode(json!({ "company": 1 }).to_string()))
    }

    /// Sends until Tryton on SQLite has no other write under way.
    async fn done(&self, request: RequestBuilder) -> Value {
        for _ in 0..20 {
            let answer = request.try_clone().unwrap().send().await.unwrap();
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            match status {
                200 => return serde_json::from_str(&text).unwrap(),
                503 => {}
                400 if text.contains("must be unique") => {}
                _ => panic!("{status}: {text}"),
            }
        }
        panic!("Tryton stays busy")
    }

    pub(crate) async fn create(&self, model: &str, values: &Value) -> String {
        self.done(self.request(Method::POST, model).json(values)).await["id"].to_string()
    }

    pub(crate) async fn write(&self, model: &str, id: &str, values: &Value) {
        self.done(self.request(Method::PUT, &format!("{model}/{id}")).json(values)).await;
    }

    pub(crate) async fn press(&self, model: &str, id: &str, button: &str) {
        let path = format!("{model}/{id}/{button}");
        self.done(self.request(Method::POST, &path).json(&json!({}))).await;
    }

    pub(crate) async fn delete(&self, model: &str, id: &str) {
        let request = self.request(Method::DELETE, &format!("{model}/{id}"));
        let status = request.send().await.unwrap().status().as_u16();
        assert_eq!(status, 204, "{model}/{id}");
    }

    pub(crate) async fn search(&self, model: &str, domain: &Value, fields: &[&str]) -> Vec<Value> {
        let mut query: Vec<_> = fields.iter().map(|field| ("f", (*field).to_owned())).collect();
        query.push(("d", URL_SAFE.encode(domain.to_string())));
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = format!("{model}?{}", query.join("&"));
        let found = self.done(self.request(Method::GET, &path)).await;
        found.as_array().unwrap().clone()
    }

    pub(crate) async fn first(&self, model: &str, domain: &Value) -> String {
        self.search(model, domain, &[]).await[0]["id"].to_string()
    }

    /// Merges one party into the other, as the wizard of Tryton's desktop client does.
    pub(crate) async fn merge(&self, source: &ContactId, destination: &ContactId) {
        let number = |id: &ContactId| id.as_str().parse::<u64>().unwrap();
        for party in [source, destination] {
            // The wizard warns where names differ.
            self.write("party.party", party.as_str(), &json!({ "name": "Merged" })).await;
        }
        let ask = json!({ "source": number(source), "destination": number(destination) });
        let session = self.wizard("create", &json!([{}])).await[0].clone();
        self.wizard("execute", &json!([session, { "ask": ask }, "replace", {}])).await;
    }

    async fn wizard(&self, method: &str, params: &Value) -> Value {
        let method = format!("wizard.party.replace.{method}");
        let request = self
            .http
            .post(self.models.replace("rest/model", "rpc/"))
            .basic_auth("admin", Some(&self.key))
            .json(&json!({ "id": 0, "method": method, "params": params }));
        let answer = self.done(request).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// Sells two blue shirts.
    pub(crate) async fn sell(&self, customer: &ContactId, reference: &str) -> String {
        let party: u64 = customer.as_str().parse().unwrap();
        let address =
            self.create("party.address", &json!({ "party": party, "city": "Berlin" })).await;
        let address: u64 = address.parse().unwrap();
        let shirt = json!([["name", "=", "Blue shirt"]]);
        let product: u64 = self.first("product.product", &shirt).await.parse().unwrap();
        let price = json!({ "__class__": "Decimal", "decimal": "19.90" });
        let line = json!({ "product": product, "quantity": 2, "unit": 1, "unit_price": price });
        let order = json!({
            "party": party,
            "reference": reference,
            "invoice_address": address,
            "shipment_address": address,
            "lines": [["create", [line]]],
        });
        let sale = self.create("sale.sale", &order).await;
        for step in ["quote", "confirm", "process"] {
            self.press("sale.sale", &sale, step).await;
        }
        sale
    }

    /// Sends a shipment under the carrier's number.
    pub(crate) async fn ship(&self, shipment: &str, tracking: &str) {
        self.write("stock.shipment.out", shipment, &json!({ "reference": tracking })).await;
        for step in ["wait", "assign_force", "pick", "pack", "do"] {
            self.press("stock.shipment.out", shipment, step).await;
        }
    }
}

fn texts(records: &[Value], pointer: &str) -> Vec<String> {
    let text = |record: &Value| record.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    records.iter().map(text).collect()
}

impl Witness for Staff {
    async fn revision(&self, contact: &ContactId) -> String {
        let id: u64 = contact.as_str().parse().unwrap();
        let found = self.search("party.party", &json!([["id", "=", id]]), &["write_date"]).await;
        found[0]["write_date"].to_string()
    }

    async fn leads(&self, contact: &ContactId) -> Vec<String> {
        let id: u64 = contact.as_str().parse().unwrap();
        let domain = json!([["party", "=", id], ["state", "=", "lead"]]);
        texts(&self.search("sale.opportunity", &domain, &["description"]).await, "/description")
    }

    async fn tags(&self, contact: &ContactId) -> BTreeSet<String> {
        let id: u64 = contact.as_str().parse().unwrap();
        let found =
            self.search("party.party", &json!([["id", "=", id]]), &["categories.name"]).await;
        texts(found[0]["categories"].as_array().unwrap(), "/name").into_iter().collect()
    }

    async fn tags_named(&self, name: &str) -> usize {
        self.search("party.category", &json!([["name", "=", name]]), &[]).await.len()
    }

    async fn notes(&self, contact: &ContactId) -> Vec<String> {
        let domain = json!([["resource", "=", format!("party.party,{contact}")]]);
        texts(&self.search("ir.note", &domain, &["message"]).await, "/message")
    }

    async fn tickets(&self, contact: &ContactId) -> Vec<(String, Option<String>)> {
        let id: u64 = contact.as_str().parse().unwrap();
        let fields = ["description", "submitted_by.party.name"];
        let found = self.search("sale.complaint", &json!([["customer", "=", id]]), &fields).await;
        let owner = |record: &Value| {
            record.pointer("/submitted_by/party/name").and_then(Value::as_str).map(str::to_owned)
        };
        texts(&found, "/description").into_iter().zip(found.iter().map(owner)).collect()
    }

    async fn tasks(&self, contact: &ContactId) -> Vec<(String, String, String, String)> {
        let id: u64 = contact.as_str().parse().unwrap();
        let domain = json!([["party", "=", id]]);
        let fields =
            ["name", "comment", "constraint_finish_date", "allocations.employee.party.name"];
        let found = self.search("project.work", &domain, &fields).await;
        let task = |record: &Value| {
            let text =
                |pointer: &str| record.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            let day = &record["constraint_finish_date"];
            let day =
                ["year", "month", "day"].map(|part| format!("{:02}", day[part].as_u64().unwrap()));
            let owner = text("/allocations/0/employee/party/name");
            (text("/name"), text("/comment"), day.join("-"), owner)
        };
        found.iter().map(task).collect()
    }

    fn text_field(&self) -> &'static str {
        "name"
    }

    async fn text(&self, contact: &ContactId) -> String {
        let id: u64 = contact.as_str().parse().unwrap();
        let found = self.search("party.party", &json!([["id", "=", id]]), &["name"]).await;
        found[0]["name"].as_str().unwrap().to_owned()
    }

    fn employee(&self) -> &'static str {
        EMPLOYEE
    }
}
