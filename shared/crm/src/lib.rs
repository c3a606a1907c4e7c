//! The CRMs that Omnicord writes to, behind one trait for each ability.
//!
//! Every write is repeatable: CRMs ignore idempotency keys, so a create first looks for what an
//! earlier try may have made, and everything else is a set operation.

mod ability;
mod change;
mod commerce;
mod connector;
mod contact;
mod error;
mod http;
mod id;
mod task;
mod ticket;
pub mod tryton;

pub use ability::{
    Batch, Changes, Commerce, Contacts, FieldChange, Fields, Notes, Tags, Tasks, Tickets,
};
pub use change::{ChangePage, Changed, ChangedRecord, Customer, OrderNumbers, Span, Standing};
pub use commerce::{
    Invoice, InvoiceState, Money, Order, OrderState, Progress, Shipment, ShipmentState,
};
pub use connector::Connector;
pub use contact::{Contact, ContactUpdate, Found, Located, NewContact, Stage};
pub use error::CrmError;
pub use http::http;
pub use id::{ContactId, TaskId, TicketId};
pub use task::Task;
pub use ticket::Ticket;
