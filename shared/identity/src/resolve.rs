//! Which customer an event concerns, and what it tells about the graph.

use crate::limits::exceeded;
use crate::question::{aside, leading};
use crate::sketch::Sketch;
use crate::{
    Answer, Cause, Claims, Inquiry, MOST_WRITES, Merge, MergeState, Merging, Question, Review,
    Several, first_id,
};
use domain::{
    Assurance, Customer, CustomerId, Handle, HandleKey, HandleKind, Held, Match, MatchOutcome,
    MergeId, Obstacle, SetAside,
};

/// Decides. None where what was read contradicts itself, because others were writing: read again.
#[must_use]
pub fn resolve(question: Question<'_>) -> Option<Answer> {
    let mut draft = Draft::new(question)?;
    draft.choose()?;
    for handle in draft.question.candidates.handles.clone() {
        draft.weigh(&handle)?;
    }
    Some(draft.answer())
}

/// A decision in the making.
struct Draft<'a> {
    question: Question<'a>,
    sketch: Sketch,
    home: CustomerId,
    by: Option<HandleKey>,
    created: bool,
    linked: Vec<HandleKey>,
    set_aside: Vec<SetAside>,
    merges: Vec<MergeId>,
    record_refused: bool,
}

impl<'a> Draft<'a> {
    fn new(question: Question<'a>) -> Option<Self> {
        let sketch = Sketch::new(question.groups, question.links)?;
        Some(Self {
            home: first_id(question.candidates, question.event),
            set_aside: question.candidates.set_aside.clone(),
            question,
            sketch,
            by: None,
            created: false,
            linked: Vec::new(),
            merges: Vec::new(),
            record_refused: false,
        })
    }

    fn customer(&self) -> CustomerId {
        self.sketch.root_of(&self.home)
    }

    /// Finds the profile that the event belongs to, or begins one.
    fn choose(&mut self) -> Option<()> {
        let Question { event, policy, candidates, links, .. } = &self.question;
        let mut strangers: Vec<(HandleKey, Held)> = Vec::new();
        for handle in leading(&candidates.handles, links, policy) {
            let Some(link) = links.get(&handle.key()) else {
                strangers.push((handle.key(), self.held(handle)));
                continue;
            };
            // Whom the more telling strangers do not fit is not meant.
            let has = self.sketch.handles(&link.customer);
            let more = strangers.iter().map(|(key, held)| (key, held));
            if exceeded(policy, has, more, event.occurred_at).is_none() {
                self.sketch.profile(&link.home)?;
                self.home = link.home.clone();
                self.by = Some(handle.key());
                return Some(());
            }
        }
        let all_shared = candidates
            .handles
            .iter()
            .all(|handle| links.get(&handle.key()).is_some_and(|link| link.shared));
        if let (true, Some(first)) = (all_shared, candidates.handles.first()) {
            let link = links.get(&first.key())?;
            self.home = link.home.clone();
            self.by = Some(first.key());
            return Some(());
        }
        if self.sketch.profile(&self.home).is_some() {
            let Some(first) = candidates.handles.first() else {
                return Some(()); // the event stands alone, and was here before
            };
            self.home = CustomerId::anew(first.key().as_str(), &event.id);
        }
        self.created = true;
        self.sketch.create(Customer::new(self.home.clone(), event.occurred_at));
        Some(())
    }

    /// Gives one handle its say.
    fn weigh(&mut self, handle: &Handle) -> Option<()> {
        let key = handle.key();
        let Some(link) = self.sketch.link(&key).cloned() else {
            self.weigh_stranger(handle);
            return Some(());
        };
        if link.shared {
            if self.by.as_ref() != Some(&key) {
                self.set_aside.push(aside(key, Obstacle::Shared));
            }
            return Some(());
        }
        if link.customer == self.customer() {
            if handle.assurance > link.assurance {
                let held = Held::new(link.since, handle.assurance);
                self.sketch.hold(&link.home, &key, held);
                self.linked.push(key);
            }
            return Some(());
        }
        if !self.question.policy.kind(handle.kind).matches {
            self.leave(key, &link.customer, Obstacle::NotMatching, None);
        } else if handle.assurance == Assurance::Claimed {
            self.ask(&key, &link.home, &link.customer, Obstacle::Claimed);
        } else if link.assurance == Assurance::Claimed {
            self.take(handle);
        } else {
            self.weigh_merge(handle, &link.home, &link.customer)?;
        }
        Some(())
    }

    fn held(&self, handle: &Handle) -> Held {
        Held::new(self.question.event.occurred_at, handle.assurance)
    }

    fn weigh_stranger(&mut self, handle: &Handle) {
        if self.record_refused && self.question.on_record.contains(&handle.key()) {
            self.set_aside.push(aside(handle.key(), Obstacle::OtherRecord));
        } else {
            self.take(handle);
        }
    }

    /// Links a handle that nobody has, or that nobody proved to have.
    fn take(&mut self, handle: &Handle) {
        let key = handle.key();
        let now = self.question.event.occurred_at;
        let customer = self.customer();
        let held = self.held(handle);
        let more = std::iter::once((&key, &held));
        match exceeded(self.question.policy, self.sketch.handles(&customer), more, now) {
            None => {
                self.sketch.hold(&self.home, &key, held);
                self.by.get_or_insert_with(|| key.clone());
                self.linked.push(key);
            }
            Some(kind) => {
                self.record_refused |= handle.kind == HandleKind::Crm;
                let stranger = CustomerId::new(key.as_str());
                self.contested(None, stranger);
                let why = Obstacle::OverLimit;
                let limit = Some(kind);
                self.set_aside.push(SetAside { handle: key, why, limit, leads_to: None });
            }
        }
    }

    /// Joins the customer that a proved handle leads to, or says why not.
    fn weigh_merge(
        &mut self,
        handle: &Handle,
        home: &CustomerId,
        other: &CustomerId,
    ) -> Option<()> {
        let (key, customer, now) = (handle.key(), self.customer(), self.question.event.occurred_at);
        let policy = self.question.policy;
        let deciding = self.by.as_ref().and_then(HandleKey::kind).unwrap_or(handle.kind);
        let merging = [policy.kind(handle.kind).merging, policy.kind(deciding).merging];
        if merging.contains(&Merging::Never) {
            self.leave(key, other, Obstacle::NotMerging, None);
            return Some(());
        }
        if self.are_apart(&customer, other) {
            self.leave(key, other, Obstacle::KeptApart, None);
            return Some(());
        }
        let theirs = self.sketch.handles(other);
        let exceeded = exceeded(policy, self.sketch.handles(&customer), theirs, now);
        if let Some(kind) = exceeded {
            self.record_refused |= handle.kind == HandleKind::Crm;
            self.contested(Some(&key), other.clone());
            if kind == HandleKind::Crm {
                // Whether two records are one person is nothing that a limit can decide.
                self.wonder(&key, home, other, Obstacle::OverLimit);
            }
            self.leave(key, other, Obstacle::OverLimit, Some(kind));
            return Some(());
        }
        if merging.contains(&Merging::Review) {
            self.ask(&key, home, other, Obstacle::AwaitsReview);
            return Some(());
        }
        let (id, joined) = self.joined(&key, home)?;
        if joined.clone().change().len() > MOST_WRITES {
            self.ask(&key, home, other, Obstacle::TooLarge);
            return Some(());
        }
        self.merges.push(id);
        self.sketch = joined;
        Some(())
    }

    /// The graph with the two customers joined, by this merge.
    fn joined(&self, key: &HandleKey, home: &CustomerId) -> Option<(MergeId, Sketch)> {
        let (customer, other) = (self.customer(), self.sketch.root_of(home));
        if !self.sketch.is_complete(&customer) || !self.sketch.is_complete(&other) {
            return None;
        }
        let event = self.question.event;
        let version = self.sketch.profile(&customer)?.membership.version;
        let id = MergeId::new(&self.home, home, event.id.as_str(), version);
        let mut joined = self.sketch.clone();
        joined.join(Merge {
            id: id.clone(),
            at: event.occurred_at,
            cause: Cause::Event(event.id.clone()),
            joins: (self.home.clone(), home.clone()),
            survivor: customer,
            absorbed: other,
            handles: self.by.iter().chain([key]).cloned().collect(),
            config_version: self.question.config_version,
            state: MergeState::Standing,
        })?;
        Some((id, joined))
    }

    fn are_apart(&self, customer: &CustomerId, other: &CustomerId) -> bool {
        let among = |root: &CustomerId, id: &CustomerId| {
            self.sketch.members(root).any(|profile| profile.id == *id)
        };
        [customer, other].into_iter().filter_map(|root| self.sketch.profile(root)).any(|root| {
            root.membership.apart.iter().any(|(a, b)| {
                (among(customer, a) && among(other, b)) || (among(customer, b) && among(other, a))
            })
        })
    }

    fn leave(
        &mut self,
        handle: HandleKey,
        to: &CustomerId,
        why: Obstacle,
        limit: Option<HandleKind>,
    ) {
        self.set_aside.push(SetAside { handle, why, limit, leads_to: Some(to.clone()) });
    }

    /// Leaves a handle where it is, and a question for a person, where that is wanted.
    fn ask(&mut self, key: &HandleKey, home: &CustomerId, other: &CustomerId, why: Obstacle) {
        self.leave(key.clone(), other, why, None);
        if why != Obstacle::Claimed || self.question.policy.claims == Claims::Review {
            self.wonder(key, home, other, why);
        }
    }

    /// Leaves the question whether two customers are one, unless a person has told them apart.
    fn wonder(&mut self, key: &HandleKey, home: &CustomerId, other: &CustomerId, why: Obstacle) {
        if !self.are_apart(&self.customer(), other) {
            let handles = self.by.iter().chain([key]).cloned().collect();
            let (event, version) = (self.question.event, self.question.config_version);
            let at = event.occurred_at;
            let pair = (&self.home, home);
            self.sketch
                .reviews
                .push(Review::same_person(pair, handles, why, &event.id, at, version));
        }
    }

    /// Counts against the handles that keep two customers' ways crossing.
    fn contested(&mut self, theirs: Option<&HandleKey>, other: CustomerId) {
        let customer = self.customer();
        let ours = self.by.clone().map(|key| (key, other));
        for (key, by) in ours.into_iter().chain(theirs.map(|key| (key.clone(), customer))) {
            let Some(most) =
                key.kind().and_then(|kind| self.question.policy.kind(kind).shared_after)
            else {
                continue;
            };
            if self.sketch.contest(&key, by) >= most {
                let event = self.question.event;
                let own = CustomerId::anew(&format!("shared:{}", key.as_str()), &event.id);
                self.sketch.quarantine(&key, Customer::new(own, event.occurred_at));
            }
        }
    }

    /// Leaves the question which of several records is the customer's, unless one is known.
    fn ask_which_record(&mut self) {
        let Some(Several { crm, handle, candidates }) = self.question.several.take() else {
            return;
        };
        let customer = self.customer();
        if self.sketch.members(&customer).all(|profile| profile.crm.is_none()) {
            let (event, version) = (self.question.event, self.question.config_version);
            let inquiry = Inquiry::WhichRecord { crm, handle, candidates };
            let at = event.occurred_at;
            let review = Review::about_record(inquiry, &self.home, &event.id, at, version);
            self.sketch.reviews.push(review);
        }
    }

    fn answer(mut self) -> Answer {
        let outcome = match (self.by.is_some(), self.merges.is_empty(), self.linked.is_empty()) {
            (false, ..) => MatchOutcome::Anonymous,
            (true, false, _) => MatchOutcome::Merged,
            (true, true, _) if self.created => MatchOutcome::Created,
            (true, true, false) => MatchOutcome::Linked,
            (true, true, true) => MatchOutcome::Matched,
        };
        self.ask_which_record();
        let mut reviews: Vec<_> = self.sketch.reviews.iter().map(|r| r.id.clone()).collect();
        reviews.dedup();
        self.sketch.reviews.dedup_by(|a, b| a.id == b.id);
        let decision = Match {
            outcome,
            by: self.by.clone(),
            linked: self.linked.clone(),
            set_aside: self.set_aside.clone(),
            merges: self.merges.clone(),
            reviews,
            config_version: self.question.config_version,
        };
        let (home, customer) = (self.home.clone(), self.customer());
        Answer { home, customer, decision, change: self.sketch.change() }
    }
}
