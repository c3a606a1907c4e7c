//! What a person's answer changes in the identity graph.

use super::answer::Answer;
use crate::customer::{Person, joined};
use crate::graph::{Scene, Stop, settle};
use crate::trouble::Trouble;
use domain::{CrmLink, CustomerId, HandleKey};
use identity::{
    Candidate, Cause, Change, Group, Inquiry, Linking, Merge, Occasion, Refused, Review, admit,
    handle_of, link_record, tell_apart,
};
use rules::RuleSet;
use state::Identities;

/// An answer to an open question.
#[derive(Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) review: &'a Review,
    pub(super) answer: &'a Answer,
    pub(super) person: Person<'a>,
}

/// The profiles that a question is about.
pub(super) fn subjects(review: &Review) -> Vec<CustomerId> {
    let other = match &review.inquiry {
        Inquiry::SamePerson { other, .. } => Some(other),
        Inquiry::WhichRecord { .. } | Inquiry::Admit { .. } | Inquiry::UnknownRecord { .. } => None,
    };
    review.customer.iter().chain(other).cloned().collect()
}

impl Decision<'_> {
    /// Writes what follows from the answer, apart from the answer itself. Returns the merges.
    pub(super) async fn write(self, store: &impl Identities) -> Result<Vec<Merge>, Trouble> {
        self.check_record()?;
        let record = self.record();
        let key = record.as_ref().and_then(handle_of).map(|handle| handle.key());
        let keys: Vec<HandleKey> = key.into_iter().collect();
        let change = |scene: &Scene| self.change(scene, record.as_ref());
        let decided = settle(store, &subjects(self.review), &keys, change).await?;
        Ok(decided.change.merges)
    }

    fn change(self, scene: &Scene, record: Option<&CrmLink>) -> Result<Change, Stop> {
        match (&self.review.inquiry, self.answer) {
            (Inquiry::SamePerson { other, handles, .. }, Answer::Accept { .. }) => {
                let pair = (self.subject(scene)?.0, present(scene, other)?.0);
                if are_one(scene, &pair) {
                    Ok(Change::default())
                } else {
                    joined(scene, pair, handles.clone(), self.rules, self.person)
                }
            }
            (Inquiry::SamePerson { other, .. }, Answer::Reject) => self.apart(scene, other),
            (Inquiry::WhichRecord { .. }, Answer::Accept { .. }) => match record {
                Some(record) => self.link(scene, record),
                None => Ok(Change::default()),
            },
            (Inquiry::Admit { .. }, Answer::Accept { .. }) => Ok(admit(self.subject(scene)?.1)?),
            (Inquiry::WhichRecord { .. } | Inquiry::Admit { .. }, Answer::Reject)
            | (Inquiry::UnknownRecord { .. }, _) => Ok(Change::default()),
        }
    }

    /// The profile that the question is about, with its customer.
    fn subject<'s>(&self, scene: &'s Scene) -> Result<(CustomerId, &'s Group), Trouble> {
        let profile = self.review.customer.as_ref().ok_or_else(|| gone("the customer"))?;
        present(scene, profile)
    }

    fn apart(&self, scene: &Scene, other: &CustomerId) -> Result<Change, Stop> {
        let (Ok((profile, group)), Ok(_)) = (self.subject(scene), present(scene, other)) else {
            return Ok(Change::default()); // erased: nothing is left to be joined
        };
        match tell_apart(&scene.groups, (profile, other.clone())) {
            Err(Refused::AlreadyOne) => {
                let merges: Vec<_> =
                    group.root.membership.merges.keys().map(ToString::to_string).collect();
                Err(Stop::For(Trouble::Refused {
                    why: format!("the two are one customer by now, {}", group.id()),
                    remedy: format!(
                        "First take apart what joins them: omnicord customer unmerge {}",
                        merges.join(" or ")
                    ),
                }))
            }
            change => Ok(change?),
        }
    }

    fn link(&self, scene: &Scene, record: &CrmLink) -> Result<Change, Stop> {
        let (profile, group) = self.subject(scene)?;
        if let Some(known) = group.crm().filter(|known| known.crm == record.crm && *known != record)
        {
            return Err(Stop::For(Trouble::Refused {
                why: format!("the customer has the record {}:{} by now", known.crm, known.id),
                remedy: "Merge the two records in the CRM, or reject the question".into(),
            }));
        }
        let cause = Cause::Person(self.person.by.to_owned());
        let occasion = Occasion {
            cause: &cause,
            at: self.person.at,
            policy: self.rules.identity(),
            config_version: self.rules.version(),
        };
        match link_record(&profile, record, &scene.groups, &scene.links, occasion) {
            Linking::Write(change) => Ok(change),
            Linking::Torn => Err(Stop::Torn),
            Linking::Taken(owner) => Err(Stop::For(Trouble::Refused {
                why: format!(
                    "the record {}:{} is {owner}'s, and a limit forbids that {owner} and {} are one",
                    record.crm,
                    record.id,
                    group.id()
                ),
                remedy: format!(
                    "If they are one: omnicord customer merge {owner} {}; then accept again",
                    group.id()
                ),
            })),
        }
    }

    /// The record that the answer names.
    fn record(&self) -> Option<CrmLink> {
        let Answer::Accept { record: Some(id) } = self.answer else { return None };
        match &self.review.inquiry {
            Inquiry::WhichRecord { crm, .. } => Some(CrmLink { crm: crm.clone(), id: id.clone() }),
            Inquiry::SamePerson { .. } | Inquiry::Admit { .. } | Inquiry::UnknownRecord { .. } => {
                None
            }
        }
    }

    /// Whether a record is named where one has to be, and one that will do.
    fn check_record(&self) -> Result<(), Trouble> {
        let Answer::Accept { record } = self.answer else { return Ok(()) };
        let usage = |what: String, remedy: &str| Trouble::Usage { what, remedy: remedy.into() };
        match (&self.review.inquiry, record) {
            (Inquiry::WhichRecord { .. } | Inquiry::UnknownRecord { .. }, None) => Err(usage(
                "the question is which record is meant".into(),
                "Name its id: --record ID; what is known: omnicord review show",
            )),
            (Inquiry::WhichRecord { candidates, .. }, Some(id)) => {
                if candidates.iter().any(|candidate: &Candidate| candidate.id == *id) {
                    return Ok(());
                }
                let ids: Vec<_> = candidates.iter().map(|each| each.id.as_str()).collect();
                Err(usage(
                    format!("the record {id} is none of those in question"),
                    &format!("Name one of {}, or reject the question", ids.join(", ")),
                ))
            }
            (Inquiry::UnknownRecord { record }, Some(id)) if record.id == *id => Err(usage(
                format!("the record {id} is the one that the CRM does not have"),
                "Name the right one, or add this one to the CRM: then nothing has to be answered",
            )),
            (Inquiry::SamePerson { .. } | Inquiry::Admit { .. }, Some(_)) => {
                Err(usage("the question is not which record is meant".into(), "Leave --record out"))
            }
            (Inquiry::UnknownRecord { .. }, Some(_))
            | (Inquiry::SamePerson { .. } | Inquiry::Admit { .. }, None) => Ok(()),
        }
    }
}

fn are_one(scene: &Scene, (one, other): &(CustomerId, CustomerId)) -> bool {
    scene.group(one).is_some_and(|group| group.profile(other).is_some())
}

fn present<'s>(scene: &'s Scene, profile: &CustomerId) -> Result<(CustomerId, &'s Group), Trouble> {
    let group = scene.group(profile).ok_or_else(|| gone(profile.as_str()))?;
    Ok((profile.clone(), group))
}

fn gone(who: &str) -> Trouble {
    Trouble::Refused {
        why: format!("{who} is not stored any more"),
        remedy: "Close the question: omnicord review reject".into(),
    }
}
