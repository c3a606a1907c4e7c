//! The erasure of a person.

mod plan;
mod show;

pub(super) use show::Outcome;

use super::dossier::{Archive, Dossier, Named};
use super::export::unknown;
use super::merge::Person;
use crate::graph::{Scene, Stop, settle};
use crate::trouble::Trouble;
use domain::ErasureId;
use identity::{Change, CustomerWrite};
use jiff::Timestamp;
use state::{Committed, Erased, Erasure, ErasureState, Erasures, Failures, Lines, Removal, lines};

/// How often a lost race is run again: events go on changing the customer meanwhile.
const RACES: usize = 8;

/// Tells what would go.
pub(super) async fn propose(
    store: &impl Archive,
    named: &Named,
    now: Timestamp,
) -> Result<Outcome, Trouble> {
    let dossier = Dossier::gather(store, named).await?;
    if dossier.is_empty() {
        return Err(unknown());
    }
    let redacted = dossier.redacted(store).await?;
    let mut erased = Erased::default();
    let steps = plan::steps(&dossier, redacted, now);
    steps.iter().chain(&plan::farewell(&dossier)).flatten().for_each(|gone| erased.count(gone));
    Ok(Outcome::Proposed { customers: dossier.ids().iter().cloned().collect(), erased })
}

/// Erases a person, or goes on where an earlier attempt ended.
pub(super) async fn erase(
    store: &(impl Archive + Erasures + Lines + Failures),
    named: &Named,
    person: Person<'_>,
) -> Result<Outcome, Trouble> {
    for _ in 0..RACES {
        let dossier = Dossier::gather(store, named).await?;
        let mut erasing = Erasing::begin(store, &dossier, person).await?;
        if erasing.go_through(&dossier, person.at).await? == Committed::Written {
            return Ok(Outcome::Erased(erasing.receipt));
        }
    }
    Err(Trouble::Contended)
}

/// An erasure under way.
struct Erasing<'a, S> {
    store: &'a S,
    receipt: Erasure,
    /// Whether the receipt is stored as it is here.
    begun: bool,
}

impl<'a, S: Archive + Erasures + Lines + Failures> Erasing<'a, S> {
    async fn begin(store: &'a S, dossier: &Dossier, person: Person<'_>) -> Result<Self, Trouble> {
        let mut before = 0;
        loop {
            let id = ErasureId::new(&dossier.customer, before);
            match store.erasure(&id).await? {
                Some(receipt) if receipt.state == ErasureState::Begun => {
                    return Ok(Self { store, receipt, begun: true });
                }
                Some(_) => before += 1,
                None if dossier.is_empty() => return Err(unknown()),
                None => {
                    let receipt = Erasure {
                        id,
                        at: person.at,
                        by: person.by.to_owned(),
                        customers: dossier.ids().iter().cloned().collect(),
                        erased: Erased::default(),
                        steps: 0,
                        state: ErasureState::Begun,
                    };
                    return Ok(Self { store, receipt, begun: false });
                }
            }
        }
    }

    async fn go_through(
        &mut self,
        dossier: &Dossier,
        now: Timestamp,
    ) -> Result<Committed, Trouble> {
        if self.step(&[], ErasureState::Begun).await? == Committed::Lost {
            return Ok(Committed::Lost);
        }
        let redacted = dossier.redacted(self.store).await?;
        for step in plan::steps(dossier, redacted, now) {
            if self.step(&step, ErasureState::Begun).await? == Committed::Lost {
                return Ok(Committed::Lost);
            }
        }
        for failure in &dossier.failures {
            if let Some(line) = failure.line() {
                lines::leave(self.store, &line, &failure.record.id, now).await?;
            }
        }
        forget_apart(self.store, dossier).await?;
        let mut farewell = plan::farewell(dossier);
        let last = farewell.pop().unwrap_or_default();
        for step in farewell {
            if self.step(&step, ErasureState::Begun).await? == Committed::Lost {
                return Ok(Committed::Lost);
            }
        }
        self.step(&last, ErasureState::Done { at: now }).await
    }

    async fn step(
        &mut self,
        removals: &[Removal],
        state: ErasureState,
    ) -> Result<Committed, Trouble> {
        let mut next = Erasure { state, ..self.receipt.clone() };
        next.steps += u64::from(self.begun);
        for removal in removals {
            next.erased.count(removal);
        }
        let committed = self.store.erase(&next, removals).await?;
        if committed == Committed::Written {
            self.receipt = next;
            self.begun = true;
        }
        Ok(committed)
    }
}

/// Whoever was told apart from the person need not be told apart from whoever comes next by the
/// same handle.
async fn forget_apart(store: &impl Archive, dossier: &Dossier) -> Result<(), Trouble> {
    let gone = dossier.ids();
    let forget = |scene: &Scene| -> Result<Change, Stop> {
        let roots = scene.groups.iter().map(|group| &group.root);
        let customers = roots.filter_map(|root| {
            let mut after = root.clone();
            let apart = &mut after.membership.apart;
            apart.retain(|(one, other)| !gone.contains(one) && !gone.contains(other));
            if *apart == root.membership.apart {
                return None;
            }
            let read = root.membership.version;
            after.membership.version += 1;
            Some(CustomerWrite::Update { read, after: Box::new(after), joint_tags: None })
        });
        Ok(Change { customers: customers.collect(), ..Change::default() })
    };
    for neighbour in &dossier.neighbours {
        settle(store, std::slice::from_ref(neighbour), &[], forget).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
