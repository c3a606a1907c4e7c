//! What the CRM hears of a customer's tags.

use domain::Customer;
use rules::RuleSet;
use std::collections::BTreeSet;

/// The tags to put on and to take off, of those that an effect names.
///
/// An effect that failed before may come after a later one. So it says of each tag that a rule keeps
/// whether the customer bears it by now, and whichever effect comes last is right. Other tags are
/// changed as asked; one that is named in both is taken off.
#[must_use]
pub fn as_they_stand(
    rules: &RuleSet,
    customer: &Customer,
    add: &[String],
    remove: &[String],
) -> (Vec<String>, Vec<String>) {
    let named: BTreeSet<_> = add.iter().chain(remove).cloned().collect();
    named.into_iter().partition(|tag| {
        if rules.config().tags.iter().any(|rule| rule.name == *tag) {
            customer.profile.tags.contains_key(tag)
        } else {
            !remove.contains(tag)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CustomerId, EventId, Tag};
    use jiff::Timestamp;

    const CONFIG: &str = r#"
company: { name: Lab, region: US, time_zone: UTC, public_url: "https://hooks.example.com" }
tags:
  - { name: buyer, when: event.kind == "order" }
  - { name: upset, when: event.kind == "call" }
"#;

    #[test]
    fn what_a_rule_keeps_is_said_as_it_stands_and_the_rest_as_asked() {
        let rules = RuleSet::load(CONFIG, 1).unwrap();
        let mut customer = Customer::new(CustomerId::new("phone::+12025550101"), Timestamp::MIN);
        let (since, rule, event) = (Timestamp::MIN, "buyer".into(), EventId::new("shop", "1"));
        customer.profile.tags.insert("buyer".into(), Tag { since, until: None, rule, event });
        let names = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        let asked = (names(&["upset", "vip", "both"]), names(&["buyer", "new", "both"]));
        let said = as_they_stand(&rules, &customer, &asked.0, &asked.1);
        assert_eq!(said, (names(&["buyer", "vip"]), names(&["both", "new", "upset"])));
    }
}
