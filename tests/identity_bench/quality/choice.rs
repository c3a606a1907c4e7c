//! Which handles are trusted with what, in several ways.

use super::febrl::Record;
use super::telling::{CLAIMED, ISSUED, NUMBER, PROVED, STRONG, Telling, Trust, WEAK, handle};
use domain::Handle;
use rules::RuleSet;

/// One way to configure the graph for the sets.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    /// What is new in it.
    pub(crate) about: &'static str,
    /// The handles of a record.
    pub(crate) handles: &'static [(Trust, &'static [Telling])],
    /// Its section `identity` of the configuration.
    pub(crate) identity: &'static str,
}

/// The one that is held to the bar.
const CHOSEN: Choice = Choice {
    name: "graded",
    about: "the strong combinations join by themselves, the weak ones ask a person",
    handles: &[(ISSUED, &NUMBER), (PROVED, &STRONG), (CLAIMED, &WEAK)],
    identity: "\
identity:
  priority: [account, wecom_external]
  kinds:
    account: { limit: 3 }          # the number, and two misspellings of it
    wecom_external: { limit: 10 }  # each of the combinations, in ten spellings
  claimed: review
",
};

/// All of them, from the most careful to the least.
pub(crate) const ALL: [Choice; 5] = [
    Choice {
        name: "number alone",
        about: "nothing but the social-security number",
        handles: &[(ISSUED, &NUMBER)],
        identity: "\
identity:
  kinds: { account: { limit: 1 } }
",
    },
    Choice {
        name: "one number",
        about: "the strong combinations too, and nobody has two numbers",
        handles: &[(ISSUED, &NUMBER), (PROVED, &STRONG)],
        identity: "\
identity:
  priority: [account, wecom_external]
  kinds:
    account: { limit: 1 }
    wecom_external: { limit: 10 }
",
    },
    CHOSEN,
    Choice {
        name: "eager, one number",
        about: "the weak combinations join by themselves, and nobody has two numbers",
        handles: &[(ISSUED, &NUMBER), (PROVED, &STRONG), (PROVED, &WEAK)],
        identity: "\
identity:
  priority: [account, wecom_external]
  kinds:
    account: { limit: 1 }
    wecom_external: { limit: 10 }
",
    },
    Choice {
        name: "eager",
        about: "the weak combinations join by themselves, without limits",
        handles: &[(ISSUED, &NUMBER), (PROVED, &STRONG), (PROVED, &WEAK)],
        identity: "\
identity:
  priority: [account, wecom_external]
  kinds:
    account: { limit: 50 }
    wecom_external: { limit: 50 }
",
    },
];

impl Choice {
    /// Whether it is the one that is held to the bar.
    pub(crate) fn chosen(&self) -> bool {
        self.name == CHOSEN.name
    }

    /// The whole configuration document.
    pub(crate) fn document(&self) -> String {
        format!(
            "company:\n  name: Bench\n  region: AU\n  time_zone: Australia/Sydney\n  \
             public_url: https://hooks.example.com\n\n{}",
            self.identity
        )
    }

    pub(crate) fn rules(&self) -> RuleSet {
        RuleSet::load(&self.document(), 1).expect("the document is valid")
    }

    /// A record's handles.
    pub(crate) fn handles(&self, record: &Record) -> Vec<Handle> {
        let all = self.handles.iter().flat_map(|(trust, tellings)| {
            tellings.iter().filter_map(|telling| handle(record, *trust, telling))
        });
        all.collect()
    }
}
