//! Some customers at a glance.

use crate::output::View;
use crate::page::Page;
use domain::Customer;
use serde::Serialize;

/// Customers, in no particular order.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) customers: Vec<Customer>,
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["customer", "crm", "handles", "tags", "last seen"]);
        for customer in &self.customers {
            let tags: Vec<_> = customer.profile.tags.keys().map(String::as_str).collect();
            sheet.row([
                customer.id.to_string(),
                customer
                    .crm
                    .as_ref()
                    .map(|crm| format!("{}:{}", crm.crm, crm.id))
                    .unwrap_or_default(),
                customer.handles.len().to_string(),
                tags.join(", "),
                customer.profile.last_seen.map(|at| page.time(at)).unwrap_or_default(),
            ]);
        }
        sheet.or("no customers yet")
    }
}
