//! A customer's record in a CRM.

use crate::ContactId;
use domain::{CustomerId, Handle};
use std::fmt;

/// What the CRM holds of one customer.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The record.
    pub id: ContactId,
    /// The name, where there is one.
    pub name: Option<String>,
    /// Every handle of the record that Omnicord can read, with those of the record itself.
    ///
    /// All are [`Claimed`](domain::Assurance::Claimed): someone typed them into the CRM.
    pub handles: Vec<Handle>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({}, {:?})", self.id, self.handles)
    }
}

/// Whom a set of handles leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// No active record has any of the handles.
    Nobody,
    /// Every handle that leads anywhere leads here.
    One(Contact),
    /// The handles lead to different records; a person has to say which is right. By the CRM's own
    /// order of ids, the oldest first; at most 20.
    Several(Vec<Contact>),
}

/// Where a record stands today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Located {
    /// It is in use.
    Here(Contact),
    /// An agent merged it into another, which may have been merged again: this one stands for it.
    MovedTo(Contact),
    /// It was deleted, it was taken out of use without a successor, or the CRM never had it.
    ///
    /// A record that Omnicord's user may not see is the same to the CRM.
    Gone,
}

/// A record to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewContact {
    /// The name, where it is known.
    pub name: Option<String>,
    /// The handles that the record is to have.
    pub handles: Vec<Handle>,
    /// What the record is to be.
    pub stage: Stage,
}

/// How far a person has come with the company.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Someone whom the company deals with.
    Contact,
    /// Someone whom the sales staff have yet to qualify.
    ///
    /// The customer marks the lead, so that a later try knows it for its own: give the same one each
    /// time.
    Lead(CustomerId),
}

impl fmt::Debug for NewContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewContact({:?}, {:?})", self.handles, self.stage)
    }
}

/// A change to a record. It adds and replaces, it takes nothing away.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContactUpdate {
    /// The new name; `None` leaves the name alone.
    pub name: Option<String>,
    /// Handles to add where the record lacks them.
    pub add: Vec<Handle>,
}

impl fmt::Debug for ContactUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContactUpdate({:?})", self.add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Assurance;

    #[test]
    fn debug_output_holds_no_personal_data() {
        let name = Some("Anna Schmidt".to_owned());
        let handles = vec![Handle::email("anna@acme.test", Assurance::Claimed).unwrap()];
        let printed = format!(
            "{:?} {:?} {:?}",
            Contact { id: ContactId::new("4"), name: name.clone(), handles: handles.clone() },
            NewContact { name: name.clone(), handles: handles.clone(), stage: Stage::Contact },
            ContactUpdate { name, add: handles },
        )
        .to_lowercase();
        assert!(!printed.contains("anna"), "{printed}");
    }
}
