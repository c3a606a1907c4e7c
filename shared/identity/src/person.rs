//! What a person may do to the graph.

use crate::sketch::Sketch;
use crate::{Cause, Change, Group, Links, MOST_WRITES, Merge, MergeState};
use domain::{Customer, CustomerId, HandleKey, Held, MergeId};
use jiff::Timestamp;

/// Why it cannot be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// Others were writing meanwhile.
    #[error("the customers were changed meanwhile")]
    Torn,
    /// There is nothing to join.
    #[error("the two are one customer already")]
    AlreadyOne,
    /// There is nothing to undo.
    #[error("the merge does not stand any more")]
    NotStanding,
    /// One transaction cannot hold it.
    #[error("the customers have more handles than one write can move")]
    TooLarge,
    /// A handle that the customer lacks.
    #[error("the customer does not have one of these handles")]
    NotHeld,
    /// Nothing would be left.
    #[error("the customer has no other handle: there is nobody to extract these from")]
    NothingLeft,
}

fn fitting(sketch: Sketch) -> Result<Change, Refused> {
    let change = sketch.change();
    if change.len() > MOST_WRITES { Err(Refused::TooLarge) } else { Ok(change) }
}

/// Joins the customers of two profiles, whatever the limits say. They may have been told apart
/// before.
///
/// # Errors
/// [`Refused::AlreadyOne`], [`Refused::TooLarge`], [`Refused::Torn`].
pub fn join(
    groups: &[Group],
    links: &Links,
    joins: (CustomerId, CustomerId),
    handles: Vec<HandleKey>,
    (by, at): (String, Timestamp),
    config_version: u64,
) -> Result<Change, Refused> {
    let mut sketch = Sketch::new(groups, links).ok_or(Refused::Torn)?;
    let (one, other) = (sketch.root_of(&joins.0), sketch.root_of(&joins.1));
    if one == other {
        return Err(Refused::AlreadyOne);
    }
    if !sketch.is_complete(&one) || !sketch.is_complete(&other) {
        return Err(Refused::Torn);
    }
    let version = sketch.profile(&one).ok_or(Refused::Torn)?.membership.version;
    let merge = Merge {
        id: MergeId::new(&joins.0, &joins.1, &by, version),
        at,
        cause: Cause::Person(by),
        joins,
        survivor: one,
        absorbed: other,
        handles,
        config_version,
        state: MergeState::Standing,
    };
    sketch.join(merge).ok_or(Refused::Torn)?;
    fitting(sketch)
}

/// Undoes a merge.
///
/// # Errors
/// [`Refused::NotStanding`], [`Refused::TooLarge`], [`Refused::Torn`].
pub fn part(
    group: &Group,
    links: &Links,
    merge: Merge,
    (by, at): (String, Timestamp),
) -> Result<Change, Refused> {
    if merge.state != MergeState::Standing || !group.root.membership.merges.contains_key(&merge.id)
    {
        return Err(Refused::NotStanding);
    }
    let mut sketch = Sketch::new(std::slice::from_ref(group), links).ok_or(Refused::Torn)?;
    if !sketch.is_complete(group.id()) {
        return Err(Refused::Torn);
    }
    sketch.part(merge, at, by).ok_or(Refused::Torn)?;
    fitting(sketch)
}

/// Gives some handles of one profile a profile of their own, `to`, and tells the two apart. What
/// came in by the handles has to be moved after them.
///
/// # Errors
/// [`Refused::NotHeld`], [`Refused::NothingLeft`], [`Refused::TooLarge`], [`Refused::Torn`].
pub fn extract(
    group: &Group,
    links: &Links,
    from: &CustomerId,
    handles: &[HandleKey],
    to: &CustomerId,
) -> Result<Change, Refused> {
    let profile = group.profile(from).ok_or(Refused::NotHeld)?;
    if handles.is_empty() || !handles.iter().all(|key| profile.handles.contains_key(key)) {
        return Err(Refused::NotHeld);
    }
    if profile.handles.keys().all(|key| handles.contains(key)) {
        return Err(Refused::NothingLeft);
    }
    let mut sketch = Sketch::new(std::slice::from_ref(group), links).ok_or(Refused::Torn)?;
    let first = handles.iter().filter_map(|key| profile.handles.get(key)).map(|held| held.since);
    let mut made = Customer::new(to.clone(), first.min().unwrap_or(profile.created_at));
    let pair = if to < from { (to.clone(), from.clone()) } else { (from.clone(), to.clone()) };
    made.membership.apart.insert(pair.clone());
    sketch.create(made);
    for key in handles {
        let held: Held = *profile.handles.get(key).ok_or(Refused::NotHeld)?;
        sketch.hold(to, key, held);
    }
    sketch.keep_apart(group.id(), pair);
    fitting(sketch)
}

/// Tells the customers of two profiles apart: only a person joins them again.
///
/// # Errors
/// [`Refused::AlreadyOne`], [`Refused::Torn`].
pub fn tell_apart(
    groups: &[Group],
    (one, other): (CustomerId, CustomerId),
) -> Result<Change, Refused> {
    let mut sketch = Sketch::new(groups, &Links::new()).ok_or(Refused::Torn)?;
    let roots = [sketch.root_of(&one), sketch.root_of(&other)];
    if roots.iter().any(|root| sketch.profile(root).is_none()) {
        return Err(Refused::Torn);
    }
    let [ours, theirs] = &roots;
    if ours == theirs {
        return Err(Refused::AlreadyOne);
    }
    let pair = if one < other { (one, other) } else { (other, one) };
    for root in &roots {
        sketch.keep_apart(root, pair.clone());
    }
    fitting(sketch)
}

/// Lets the CRM have a record of a customer.
///
/// # Errors
/// [`Refused::Torn`].
pub fn admit(group: &Group) -> Result<Change, Refused> {
    let mut sketch =
        Sketch::new(std::slice::from_ref(group), &Links::new()).ok_or(Refused::Torn)?;
    sketch.admit(group.id());
    fitting(sketch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CustomerWrite;

    fn group(name: &str) -> Group {
        let root = Customer::new(CustomerId::new(name), Timestamp::UNIX_EPOCH);
        Group { root, members: Vec::new() }
    }

    fn merged(names: [&str; 2]) -> Group {
        let [mut root, mut member] = names.map(|name| group(name).root);
        let pair = (root.id.clone(), member.id.clone());
        member.membership.merged_into = Some(root.id.clone());
        let id = MergeId::new(&pair.0, &pair.1, "anna", 0);
        root.membership.merges.insert(id, pair);
        Group { root, members: vec![member] }
    }

    fn written(change: &Change) -> Vec<&Customer> {
        let after = |write| match write {
            &CustomerWrite::Create(_) => None,
            CustomerWrite::Update { after, .. } => Some(&**after),
        };
        change.customers.iter().filter_map(after).collect()
    }

    #[test]
    fn both_customers_remember_that_they_were_told_apart() {
        let (one, other) = (merged(["a", "b"]), group("c"));
        let pair = (CustomerId::new("b"), CustomerId::new("c"));
        let mut groups = [one, other];
        let change = tell_apart(&groups, pair.clone()).unwrap();
        let roots = written(&change);
        let low_first =
            if pair.0 < pair.1 { pair.clone() } else { (pair.1.clone(), pair.0.clone()) };
        assert_eq!(roots.len(), 2);
        for root in roots {
            assert!(root.membership.merged_into.is_none() && root.membership.version == 1);
            assert!(root.membership.apart.contains(&low_first));
            let group = groups.iter_mut().find(|group| *group.id() == root.id).unwrap();
            group.root = root.clone();
        }
        assert!(tell_apart(&groups, pair).unwrap().is_empty(), "told once");
    }

    #[test]
    fn profiles_of_one_customer_cannot_be_told_apart() {
        let pair = (CustomerId::new("a"), CustomerId::new("b"));
        assert_eq!(tell_apart(&[merged(["a", "b"])], pair.clone()), Err(Refused::AlreadyOne));
        assert_eq!(tell_apart(&[group("a")], pair), Err(Refused::Torn));
    }

    #[test]
    fn a_customer_is_admitted_once() {
        let mut customer = merged(["a", "b"]);
        let change = admit(&customer).unwrap();
        let [root] = written(&change)[..] else { panic!("{change:?}") };
        assert!(root.membership.admitted && root.id == customer.root.id);
        customer.root = root.clone();
        assert!(admit(&customer).unwrap().is_empty());
    }
}
