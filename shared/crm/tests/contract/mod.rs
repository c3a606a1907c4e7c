//! What every connector must do, run against a real CRM.

mod changes;
mod contacts;
mod effects;
mod fields;
mod leads;
mod sample;

pub(crate) use changes::*;
pub(crate) use contacts::*;
pub(crate) use effects::*;
pub(crate) use fields::*;
pub(crate) use leads::*;
pub(crate) use sample::Sample;

use crm::ContactId;
use std::collections::BTreeSet;

/// Reads the CRM by other means than the connector, to see what the connector has done.
pub(crate) trait Witness {
    /// What changes whenever the contact's record is written to.
    async fn revision(&self, contact: &ContactId) -> String;
    /// The contact's leads: under which name each was opened.
    async fn leads(&self, contact: &ContactId) -> Vec<String>;
    /// The names of the contact's tags.
    async fn tags(&self, contact: &ContactId) -> BTreeSet<String>;
    /// How many tags of this name the CRM knows.
    async fn tags_named(&self, name: &str) -> usize;
    /// The notes on the contact.
    async fn notes(&self, contact: &ContactId) -> Vec<String>;
    /// The contact's tickets: text, and the owner's name.
    async fn tickets(&self, contact: &ContactId) -> Vec<(String, Option<String>)>;
    /// The contact's tasks: title, text, day, and the owner's name.
    async fn tasks(&self, contact: &ContactId) -> Vec<(String, String, String, String)>;
    /// A field that holds text; a new contact's name is in it.
    fn text_field(&self) -> &'static str;
    /// What is in it.
    async fn text(&self, contact: &ContactId) -> String;
    /// An employee who may own a ticket.
    fn employee(&self) -> &'static str;
}

/// Makes one test of each clause of the contract. The argument is a function that returns the
/// connector with its witness.
macro_rules! contract {
    ($subject:path) => {
        contract!(
            $subject,
            an_unknown_handle_leads_to_nobody,
            a_contact_is_found_by_each_of_its_handles,
            no_character_of_an_address_is_a_wildcard,
            creating_again_makes_no_second_contact,
            creating_at_once_leaves_one_contact,
            handles_of_two_contacts_lead_to_both,
            what_cannot_be_found_again_is_not_created,
            an_update_adds_what_is_lacking,
            an_update_that_lacks_nothing_writes_nothing,
            an_update_takes_no_handle_from_another_contact,
            a_contact_is_located,
            a_lead_is_opened_once,
            leads_of_two_strangers_are_two,
            a_known_contact_does_not_become_a_lead,
            a_lead_is_not_opened_in_vain,
            tags_are_a_set,
            tagging_at_once_makes_one_tag,
            a_note_is_written_once_for_each_key,
            a_ticket_is_opened_once_and_has_an_owner,
            a_ticket_without_an_employee_is_parked,
            an_unknown_contact_is_parked,
            a_field_is_set,
            an_unknown_field_is_parked,
            fields_of_several_are_set_at_once,
            one_that_is_refused_keeps_all_as_they_were,
            a_task_is_opened_once_and_has_an_owner,
            a_record_that_changed_is_told_once_its_time_is_asked_for,
            a_new_handle_is_a_change_of_the_contact,
            pages_tell_everything_once,
        );
    };
    ($subject:path, $($clause:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $clause() {
                let (connector, witness) = $subject();
                contract::$clause(&connector, &witness).await;
            }
        )+
    };
}
pub(crate) use contract;
