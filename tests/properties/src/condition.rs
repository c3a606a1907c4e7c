//! Conditions: what is accepted can be decided.

use crate::decision::{HEAD, decides};
use rules::RuleSet;

pub(crate) fn holds(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let quoted = serde_json::to_string(text).unwrap();
    let document = format!(
        "{HEAD}triggers: [{{ name: t, on: [order], when: {quoted}, actions: [{{ crm.note: {{ text: hi }} }}] }}]"
    );
    if let Ok(rules) = RuleSet::load(&document, 1) {
        decides(&rules, &document);
    }
}
