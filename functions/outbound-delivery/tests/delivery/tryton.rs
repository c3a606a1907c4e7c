//! A Tryton in memory, as far as records with their fields and tags, notes and leads go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate};

/// Its tables. Clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Tryton {
    parties: Arc<Mutex<Vec<Value>>>,
    notes: Arc<Mutex<Vec<Value>>>,
    leads: Arc<Mutex<Vec<Value>>>,
    tags: Arc<Mutex<Vec<Value>>>,
    requests: Arc<Mutex<usize>>,
    /// Party and field of each value that was imported.
    cells: Arc<Mutex<Vec<(String, String)>>>,
    refused: Arc<Mutex<Option<String>>>,
    closed: Arc<Mutex<bool>>,
}

impl Tryton {
    /// With the server that it answers behind.
    pub(crate) async fn start() -> (MockServer, Self) {
        let (server, tryton) = (MockServer::start().await, Self::default());
        Mock::given(Any).respond_with(tryton.clone()).mount(&server).await;
        (server, tryton)
    }

    /// Makes a party with these addresses; its id counts from 1.
    pub(crate) fn enter(&self, name: &str, addresses: &[&str]) -> u64 {
        let mechanism = |address: &&str| json!({ "type": "email", "value": address });
        let mechanisms: Vec<_> = addresses.iter().map(mechanism).collect();
        let values = json!({ "name": name, "contact_mechanisms": [["create", mechanisms]] });
        made(&self.parties, party(&values))["id"].as_u64().unwrap()
    }

    /// How many requests it was sent.
    pub(crate) fn requests(&self) -> usize {
        *self.requests.lock().unwrap()
    }

    /// Party and field of each value that was imported, in order.
    pub(crate) fn cells(&self) -> Vec<(String, String)> {
        self.cells.lock().unwrap().clone()
    }

    /// Refuses whatever sets a field to this value.
    pub(crate) fn refuse(&self, value: &str) {
        *self.refused.lock().unwrap() = Some(value.to_owned());
    }

    /// Answers nothing any more, or answers again.
    pub(crate) fn close(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
    }

    /// `import_data` of trytond's `ModelStorage`: all rows or none.
    fn import(&self, request: &Request) -> ResponseTemplate {
        let sheet: Value = serde_json::from_slice(&request.body).unwrap();
        let (names, data) = (&sheet["fields_names"], sheet["data"].as_array().unwrap());
        let refused = self.refused.lock().unwrap().clone().map(Value::String);
        let cells = || data.iter().flat_map(|row| row.as_array().unwrap());
        if refused.is_some_and(|refused| cells().any(|cell| *cell == refused)) {
            let message = json!({ "status": 400, "message": "The value is not allowed." });
            return ResponseTemplate::new(400).set_body_json(message);
        }
        let mut parties = self.parties.lock().unwrap();
        for row in data {
            let id = row[0].as_str().unwrap();
            let party = &mut parties[id.parse::<usize>().unwrap() - 1];
            for (index, name) in names.as_array().unwrap().iter().enumerate().skip(1) {
                let name = name.as_str().unwrap();
                party[name] = row[index].clone();
                self.cells.lock().unwrap().push((id.to_owned(), name.to_owned()));
            }
        }
        ResponseTemplate::new(200).set_body_json(data.len())
    }

    /// How many parties there are.
    pub(crate) fn parties(&self) -> Vec<Value> {
        self.parties.lock().unwrap().clone()
    }

    /// The parties that bear notes, in the order of those.
    pub(crate) fn noted(&self) -> Vec<String> {
        let notes = self.notes.lock().unwrap();
        notes.iter().map(|note| note["resource"].as_str().unwrap().to_owned()).collect()
    }

    /// The leads: whose, and which party.
    pub(crate) fn leads(&self) -> Vec<Value> {
        self.leads.lock().unwrap().clone()
    }

    fn answer(&self, model: &str, id: Option<&str>, request: &Request) -> Value {
        let table = match model {
            "party.party" => &self.parties,
            "ir.note" => &self.notes,
            "sale.opportunity" => &self.leads,
            "party.category" => &self.tags,
            "party.contact_mechanism" => return json!([]),
            _ => panic!("no test needs {model}"),
        };
        let values = || serde_json::from_slice::<Value>(&request.body).unwrap();
        match (request.method.as_str(), id) {
            ("GET", None) => {
                let domain = domain(request);
                let rows = table.lock().unwrap();
                Value::Array(rows.iter().filter(|row| meets(row, &domain)).cloned().collect())
            }
            ("POST", None) if model == "party.party" => made(table, party(&values())),
            ("POST", None) => {
                let mut row = values();
                if model == "sale.opportunity" {
                    row["party"] = Value::Null;
                }
                if model == "party.category" {
                    row["active"] = true.into();
                }
                made(table, row)
            }
            ("PUT", Some(id)) => {
                let mut rows = table.lock().unwrap();
                let row =
                    rows.iter_mut().find(|row| row["id"] == id.parse::<u64>().unwrap()).unwrap();
                row.as_object_mut().unwrap().extend(values().as_object().unwrap().clone());
                row.clone()
            }
            (method, id) => panic!("no test needs {method} {model} {id:?}"),
        }
    }
}

impl Respond for Tryton {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut path = request.url.path_segments().unwrap().skip(3);
        let (model, id) = (path.next().unwrap(), path.next());
        *self.requests.lock().unwrap() += 1;
        if *self.closed.lock().unwrap() {
            return ResponseTemplate::new(503);
        }
        if id == Some("import_data") {
            return self.import(request);
        }
        ResponseTemplate::new(200).set_body_json(self.answer(model, id, request))
    }
}

struct Any;

impl Match for Any {
    fn matches(&self, _: &Request) -> bool {
        true
    }
}

fn made(table: &Mutex<Vec<Value>>, mut row: Value) -> Value {
    let mut rows = table.lock().unwrap();
    row["id"] = (rows.len() + 1).into();
    rows.push(row.clone());
    row
}

fn party(values: &Value) -> Value {
    let mechanism =
        |given: &Value| json!({ "type": given["type"], "value_compact": given["value"] });
    let given = values["contact_mechanisms"][0][1].as_array().unwrap();
    json!({
        "name": values["name"],
        "code": null,
        "contact_mechanisms": given.iter().map(mechanism).collect::<Vec<_>>(),
        "active": true,
        "replaced_by": null,
    })
}

/// The search domain of a request.
fn domain(request: &Request) -> Value {
    let (_, encoded) = request.url.query_pairs().find(|(name, _)| name == "d").unwrap();
    serde_json::from_slice(&URL_SAFE.decode(encoded.as_bytes()).unwrap()).unwrap()
}

/// Whether the row meets a clause, or a list of them.
fn meets(row: &Value, domain: &Value) -> bool {
    let parts = domain.as_array().unwrap();
    if parts[0] == "OR" {
        return parts[1..].iter().any(|part| meets(row, part));
    }
    if parts[0].is_array() {
        return parts.iter().all(|part| meets(row, part));
    }
    let (field, value) = (parts[0].as_str().unwrap(), &parts[2]);
    let text = || value.as_str().unwrap().replace('\\', "");
    match (field, parts[1].as_str().unwrap()) {
        ("contact_mechanisms.value_compact", _) => {
            let mechanisms = row["contact_mechanisms"].as_array().unwrap();
            mechanisms.iter().any(|mechanism| mechanism["value_compact"] == text())
        }
        ("message", _) => row["message"].as_str().unwrap().ends_with(text().trim_matches('%')),
        ("company", _) => true,
        (_, "in") => value.as_array().unwrap().contains(&row[field]),
        (_, "!=") => row[field] != *value,
        (_, _) => row[field] == *value,
    }
}
