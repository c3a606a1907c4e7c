//! One question with all that is needed to answer it.

use super::answer::{Answer, concern};
use super::decide::subjects;
use super::list::evidence;
use super::words::{accepting, forbidding, question, reason, rejecting, settled};
use crate::customer::{Glance, Histories, count, glances};
use crate::failures::{Backlog, concerned, going_back};
use crate::graph::Scene;
use crate::output::View;
use crate::page::{Page, title};
use crate::trouble::Trouble;
use domain::{CrmLink, CustomerId, EventId, HandleKey};
use identity::{Candidate, Inquiry, Review, ReviewState, handle_of};
use rules::RuleSet;
use serde::Serialize;
use state::Identities;

/// A question.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    review: Review,
    /// Whom it is about, as they are today.
    customers: Vec<Glance>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Owned>,
    /// What either answer will do, where it is still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Answers>,
}

/// A record that may be meant, with whoever has it today.
#[derive(Serialize)]
struct Owned {
    #[serde(flatten)]
    candidate: Candidate,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerId>,
}

/// How many messages go back to their queues by either answer.
#[derive(Serialize)]
struct Answers {
    accepting: usize,
    rejecting: usize,
}

pub(super) async fn show(
    store: &(impl Identities + Backlog + Histories),
    rules: &RuleSet,
    review: Review,
) -> Result<Shown, Trouble> {
    let groups = Scene::read(store, &subjects(&review), &[]).await?.groups;
    let counts = count(store, &groups).await?;
    let customers = groups.iter().map(|group| Glance::new(group, rules, &counts)).collect();
    let candidates = candidates(store, &review.inquiry).await?;
    let answers = match review.state {
        ReviewState::Open => Some(answers(store, &review).await?),
        ReviewState::Accepted { .. } | ReviewState::Rejected { .. } => None,
    };
    Ok(Shown { review, customers, candidates, answers })
}

async fn candidates(store: &impl Identities, inquiry: &Inquiry) -> Result<Vec<Owned>, Trouble> {
    let Inquiry::WhichRecord { crm, candidates, .. } = inquiry else { return Ok(Vec::new()) };
    let key = |candidate: &Candidate| -> Option<HandleKey> {
        let record = CrmLink { crm: crm.clone(), id: candidate.id.clone() };
        Some(handle_of(&record)?.key())
    };
    let keys: Vec<_> = candidates.iter().filter_map(key).collect();
    let links = store.links(&keys).await?;
    let owned = |candidate: &Candidate| Owned {
        customer: key(candidate).and_then(|key| links.get(&key)).map(|link| link.customer.clone()),
        candidate: candidate.clone(),
    };
    Ok(candidates.iter().map(owned).collect())
}

async fn answers(store: &(impl Identities + Backlog), review: &Review) -> Result<Answers, Trouble> {
    let mut counts = [0; 2];
    for (count, answer) in counts.iter_mut().zip([Answer::Accept { record: None }, Answer::Reject])
    {
        if let Some(concern) = concern(store, review, &answer).await? {
            *count = concerned(store, &concern).await?.len();
        }
    }
    let [accepting, rejecting] = counts;
    Ok(Answers { accepting, rejecting })
}

impl Shown {
    fn one_by_now(&self) -> bool {
        matches!(self.review.inquiry, Inquiry::SamePerson { .. }) && self.customers.len() == 1
    }

    fn candidates(&self, page: &Page) -> String {
        let mut sheet = page.table(["record", "name", "customer"]);
        for Owned { candidate, customer } in &self.candidates {
            sheet.row([
                candidate.id.clone(),
                candidate.name.clone().unwrap_or_default(),
                customer.as_ref().map_or("nobody's yet".into(), CustomerId::to_string),
            ]);
        }
        sheet.to_string()
    }

    fn answers(&self, page: &Page, counts: &Answers) -> String {
        let id = &self.review.id;
        let record = match self.review.inquiry {
            Inquiry::WhichRecord { .. } | Inquiry::UnknownRecord { .. } => " --record ID",
            Inquiry::SamePerson { .. } | Inquiry::Admit { .. } => "",
        };
        let forbidden = forbidding(&self.review, counts.rejecting);
        let mut sheet = page.table(["answer", "what it does"]);
        sheet.row([
            format!("omnicord review accept {id}{record}"),
            format!("{}\n{}", accepting(&self.review), going_back(counts.accepting).trim_end()),
        ]);
        sheet.row([
            format!("omnicord review reject {id}"),
            [rejecting(&self.review), "\n", forbidden.trim_end()].concat(),
        ]);
        title("\nAnswers") + &sheet.to_string()
    }
}

impl View for Shown {
    fn text(&self, page: &Page) -> String {
        let review = &self.review;
        let evidence: Vec<_> = evidence(&review.inquiry).iter().map(HandleKey::as_str).collect();
        let event = |event: &EventId| format!("{event}: omnicord explain {event}");
        let mut text = page.facts([
            ("review", review.id.to_string()),
            ("question", question(review)),
            ("because", reason(&review.inquiry)),
            ("evidence", evidence.join("\n")),
            ("opened", page.time(review.opened_at)),
            ("by event", review.event.as_ref().map(event).unwrap_or_default()),
            ("configuration", review.config_version.to_string()),
            ("state", settled(page, &review.state)),
        ]);
        if !self.customers.is_empty() {
            text += &title("\nCustomers");
            text += &glances(page, &self.customers);
        }
        if self.one_by_now() {
            text += "the two are one customer by now\n";
        }
        if !self.candidates.is_empty() {
            text += &title("\nRecords");
            text += &self.candidates(page);
        }
        text + &self.answers.as_ref().map(|counts| self.answers(page, counts)).unwrap_or_default()
    }
}
