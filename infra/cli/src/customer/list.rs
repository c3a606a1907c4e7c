//! Some profiles at a glance.

use crate::output::View;
use crate::page::Page;
use domain::Customer;
use serde::Serialize;

/// Profiles, in no particular order.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) customers: Vec<Customer>,
}

impl View for Listed {
    fn text(&self, page: &Page) -> String {
        let mut sheet = page.table(["customer", "part of", "crm", "handles", "tags", "last seen"]);
        for customer in &self.customers {
            let tags = customer.joint_tags.as_ref().unwrap_or(&customer.profile.tags);
            let tags: Vec<_> = tags.keys().map(String::as_str).collect();
            let part_of = customer.membership.merged_into.as_ref();
            sheet.row([
                customer.id.to_string(),
                part_of.map(ToString::to_string).unwrap_or_default(),
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
