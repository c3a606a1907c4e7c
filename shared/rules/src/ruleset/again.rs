//! What the rules in force make of what other rules have decided on before.

use super::RuleSet;
use super::decide::{Decision, FIELDS, TAGS};
use super::group::told;
use domain::{Customer, Effect, Fired, InboundEvent, Profile, ReplayId, Tag, TagChange, Tagged};
use identity::Group;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

impl RuleSet {
    /// The profile as its whole history leaves it, in whatever order that is told.
    #[must_use]
    pub fn remade<'e>(
        &self,
        profile: &Customer,
        history: impl IntoIterator<Item = &'e InboundEvent>,
    ) -> Customer {
        let mut made = Customer { profile: Profile::default(), ..profile.clone() };
        for event in history {
            self.apply(&mut made, event, &self.classify(event));
        }
        made
    }

    /// The customer that profiles make, with its tags as these rules see them: of profiles that
    /// were made anew, it is what they would make had there never been other rules.
    #[must_use]
    pub fn reunited(&self, group: &Group) -> Customer {
        if group.members.is_empty() {
            return group.root.clone();
        }
        let mut customer = self.together(&group.root, &group.members.iter().collect::<Vec<_>>());
        customer.profile.tags = self.tags(&customer, None);
        customer
    }

    /// The tags of a customer that the outside was told last.
    #[must_use]
    pub fn told_of(group: &Group) -> BTreeMap<String, Tag> {
        let untold = group.root.remade.as_ref().and_then(|remade| remade.untold.clone());
        untold.unwrap_or_else(|| told(group))
    }

    /// What makes the tags that the outside was told into those that the customer bears.
    #[must_use]
    pub fn corrections(
        &self,
        told: &BTreeMap<String, Tag>,
        borne: &BTreeMap<String, Tag>,
    ) -> Vec<TagChange> {
        self.changes(told, borne)
    }

    /// Decides about an event that was decided on before. What is left are effects that are not
    /// among the `known` ones, and the firings of their rules. Tags and fields that flow to the CRM
    /// by themselves flow once more in each replay in which they are something else than before.
    #[must_use]
    pub fn decide_again(
        &self,
        tagged: &Tagged,
        now: Timestamp,
        fired: &Fired,
        known: &[Effect],
        replay: &ReplayId,
    ) -> Decision {
        let mut decision = self.decide(tagged, now, fired);
        let keys: BTreeSet<_> = known.iter().map(|effect| &effect.key).collect();
        decision.effects.retain_mut(|effect| {
            let rule = effect.rule.name.as_str();
            if [TAGS, FIELDS].contains(&rule) {
                effect.key = effect.key.retold(replay);
            }
            let last = known.iter().rfind(|known| known.rule.name == rule);
            let same = rule == FIELDS && last.is_some_and(|last| last.action == effect.action);
            !same && !keys.contains(&effect.key)
        });
        let rules: BTreeSet<_> =
            decision.effects.iter().map(|effect| effect.rule.name.clone()).collect();
        decision.firings.retain(|firing| rules.contains(&firing.rule));
        decision
    }
}
