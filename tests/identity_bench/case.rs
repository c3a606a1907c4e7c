//! What an event may do to the graph.

use domain::MatchOutcome;

/// The four ways in which an event costs differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    /// Every handle is known.
    Known,
    /// A handle is new, another leads to a customer.
    Linked,
    /// No handle is known.
    Created,
    /// Two handles lead to two customers.
    Merged,
}

impl Case {
    /// Each of them, the cheapest first.
    pub(crate) const ALL: [Self; 4] = [Self::Known, Self::Linked, Self::Created, Self::Merged];

    /// What the step is to decide.
    pub(crate) fn outcome(self) -> MatchOutcome {
        match self {
            Self::Known => MatchOutcome::Matched,
            Self::Linked => MatchOutcome::Linked,
            Self::Created => MatchOutcome::Created,
            Self::Merged => MatchOutcome::Merged,
        }
    }
}
