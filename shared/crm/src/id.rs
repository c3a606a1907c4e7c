//! The ids that a CRM gives.

use std::fmt;

/// An id in the CRM's own form, which means nothing outside of it.
macro_rules! crm_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(String);

        impl $name {
            /// Takes the id that the CRM gave, or one that was stored.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as the CRM gave it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

crm_id!(
    /// The id of a contact; a customer's CRM link stores it.
    ContactId
);
crm_id!(
    /// The id of a ticket.
    TicketId
);
crm_id!(
    /// The id of a task.
    TaskId
);
