//! How the CRM, the carriers and an endpoint feel, one by one.

use crm::CrmError;
use jiff::SignedDuration;
use outbound_delivery::Undelivered;
use runtime::{MessagingError, StepFailure};
use support::Dice;

/// What a destination answers with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ill {
    /// The fault's class in the report.
    pub(crate) class: &'static str,
    /// Whether it does what it is asked, whatever it answers.
    pub(crate) does: bool,
    answer: fn() -> Undelivered,
}

impl Ill {
    pub(crate) fn answer(&self) -> Undelivered {
        (self.answer)()
    }

    /// Whether it says nothing of the one customer.
    pub(crate) fn is_of_all(&self) -> bool {
        self.class != UNKNOWN.class
    }
}

const fn ill(class: &'static str, does: bool, answer: fn() -> Undelivered) -> Ill {
    Ill { class, does, answer }
}

fn busy() -> CrmError {
    CrmError::Busy { status: 429, after: Some(SignedDuration::from_secs(9)) }
}

/// Of a CRM. What only a reqwest error can tell is told by the code that it leads to.
const CRM: [Ill; 9] = [
    ill("crm_unreachable", false, || StepFailure::retry("crm_unreachable", "").into()),
    ill("crm_unanswered", true, || StepFailure::retry("crm_unanswered", "").into()),
    ill("crm_timeout", true, || StepFailure::retry("destination_timeout", "").into()),
    ill("crm_intercepted", false, || CrmError::Intercepted { status: 502 }.into()),
    ill("crm_401_unauthorised", false, || CrmError::Unauthorised { status: 401 }.into()),
    ill("crm_403_forbidden", false, || CrmError::Forbidden { record: "party" }.into()),
    ill("crm_409_outpaced", true, || CrmError::Outpaced { status: 409 }.into()),
    ill("crm_429_busy", false, || busy().into()),
    ill("crm_500_broken", true, || CrmError::Broken { status: 500 }.into()),
];

/// Of a CRM that does not know the customer yet.
pub(crate) const UNKNOWN: Ill = ill("crm_unknown_customer", false, || {
    StepFailure::hold_quietly("crm_unknown_customer", "").into()
});

/// Of a CRM that declines this one effect, whatever it feels like.
pub(crate) const DECLINED: [Ill; 2] = [
    ill("crm_400_refused", false, || CrmError::Refused { status: 400 }.into()),
    ill("crm_404_missing", false, || CrmError::Missing.into()),
];

/// Of a carrier that declines this one text.
pub(crate) const TEXT_DECLINED: Ill = ill("text_refused", false, || {
    let code = "InvalidParameter".to_owned();
    MessagingError::Refused { code, source: "no such number".into() }.into()
});

const TEXT: [Ill; 3] = [
    ill("text_not_now", false, || {
        MessagingError::NotNow { code: "Throttling".into(), source: "busy".into() }.into()
    }),
    ill("text_unanswered", true, lost),
    ill("text_unanswered", false, lost),
];

fn lost() -> Undelivered {
    Undelivered::Unknown(MessagingError::Unknown { source: "timeout".into() }.into())
}

const ENDPOINT: [Ill; 2] = [
    ill("endpoint_unavailable", false, || StepFailure::retry("endpoint_unavailable", "").into()),
    ill("endpoint_unanswered", true, || StepFailure::retry("endpoint_unreachable", "").into()),
];

/// Where effects go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Crm,
    Texts,
    Endpoint,
}

/// All of them. Nothing is wrong at first.
#[derive(Debug, Default)]
pub(crate) struct Moods {
    crm: Option<Ill>,
    texts: Option<Ill>,
    endpoint: Option<Ill>,
    /// Of a hundred effects, how many are declined whatever the mood.
    pub(crate) declines: usize,
}

impl Moods {
    pub(crate) fn of(&self, place: Place) -> Option<Ill> {
        match place {
            Place::Crm => self.crm,
            Place::Texts => self.texts,
            Place::Endpoint => self.endpoint,
        }
    }

    /// One of the destinations falls ill, or another way, or gets well.
    pub(crate) fn swing(&mut self, dice: &mut Dice) {
        let well = dice.percent(40);
        let mut any = |of: &[Ill]| (!well).then(|| of[dice.below(of.len())]);
        let (crm, texts, endpoint) = (any(&CRM), any(&TEXT), any(&ENDPOINT));
        match dice.below(4) {
            0 => self.texts = texts,
            1 => self.endpoint = endpoint,
            2 if !well => self.crm = Some(UNKNOWN),
            _ => self.crm = crm,
        }
    }

    /// They are all well.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
