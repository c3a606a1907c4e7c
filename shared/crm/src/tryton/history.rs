//! Tags on a party, with the notes of its history.

use super::Tryton;
use super::client::Search;
use super::handles::literal;
use super::wire::{Category, Note, PartyWritten};
use crate::{ContactId, CrmError, Notes, Tags};
use domain::EffectKey;
use serde_json::json;
use std::collections::BTreeSet;

/// How many categories one call deals with: a name has one, or a few that an agent made in vain.
const MOST: usize = 200;

impl Tags for Tryton {
    async fn tag(
        &self,
        contact: &ContactId,
        add: &[String],
        remove: &[String],
    ) -> Result<(), CrmError> {
        let remove: BTreeSet<_> = remove.iter().collect();
        let add: BTreeSet<_> = add.iter().filter(|name| !remove.contains(name)).collect();
        let party = self.current(contact).await?.id;
        let known = self.categories(&add.union(&remove).copied().collect::<Vec<_>>()).await?;
        let mut wanted = Vec::new();
        for name in add {
            wanted.push(match known.iter().find(|category| &category.name == name) {
                Some(category) => in_use(category)?,
                // The database holds names unique: of two creates at once, one is outpaced.
                None => self.client.create::<Category>(&json!({ "name": name })).await?.id,
            });
        }
        let unwanted = known.iter().filter(|category| remove.contains(&category.name));
        let unwanted: Vec<_> = unwanted.map(|category| category.id).collect();
        let values = json!({ "categories": [["add", wanted], ["remove", unwanted]] });
        self.client.write::<PartyWritten>(party, &values).await?;
        Ok(())
    }
}

impl Tryton {
    /// The categories of these names, in use or not, by ascending id.
    async fn categories(&self, names: &[&String]) -> Result<Vec<Category>, CrmError> {
        let domain = json!([["name", "in", names], ["parent", "=", null]]);
        let search = Search::new(domain, MOST).inactive_too();
        let found = self.client.search::<Category>(&search).await?;
        if found.iter().any(|category| !names.contains(&&category.name)) {
            return Err(CrmError::Unfiltered { record: "party.category" });
        }
        Ok(found)
    }
}

/// A deactivated category would be put on unseen.
fn in_use(category: &Category) -> Result<u64, CrmError> {
    if category.active {
        Ok(category.id)
    } else {
        Err(CrmError::Deactivated { record: "party.category" })
    }
}

impl Notes for Tryton {
    async fn note(
        &self,
        contact: &ContactId,
        key: &EffectKey,
        text: &str,
    ) -> Result<String, CrmError> {
        let resource = format!("party.party,{}", self.current(contact).await?.id);
        let mark = format!("[{key}]");
        let domain = json!([
            ["resource", "=", resource],
            ["message", "like", format!("%{}", literal(&mark))]
        ]);
        if let Some(note) = self.first::<Note>(domain).await? {
            return if note.message.is_some_and(|message| message.ends_with(&mark)) {
                Ok(note.id.to_string())
            } else {
                Err(CrmError::Unfiltered { record: "ir.note" })
            };
        }
        let values = json!({ "resource": resource, "message": format!("{text}\n\n{mark}") });
        Ok(self.client.create::<Note>(&values).await?.id.to_string())
    }
}
