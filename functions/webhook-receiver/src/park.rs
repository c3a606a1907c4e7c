//! What becomes of an authentic delivery that cannot be read.

use crate::{Door, WebhookReceiver, unavailable};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::Verified;
use domain::{
    About, Attempt, Disposition, Failure, FailureId, FailureRecord, FailureState, Payload, Release,
    Step,
};
use jiff::Timestamp;
use runtime::{Alarm, Alarms, Metric, Response, StepFailure, count};
use state::Failures;
use tracing::warn;

impl<S: Failures, K, A: Alarms, O, R, C> WebhookReceiver<S, K, A, O, R, C> {
    /// Keeps the delivery for a person and tells the sender that it arrived: sending it again
    /// would not help. The record's id comes from the content, so that a repetition finds it.
    pub(crate) async fn park(
        &self,
        door: &Door<'_>,
        verified: &Verified<'_>,
        StepFailure { reason, class, .. }: StepFailure,
        now: Timestamp,
    ) -> Response {
        let body = STANDARD.encode(verified.body());
        let record = FailureRecord {
            id: FailureId::new(Step::WebhookReceiver.as_str(), &format!("{}\n{body}", door.name)),
            step: Step::WebhookReceiver,
            about: About { source: Some(door.name.to_owned()), ..About::default() },
            disposition: Disposition::Park,
            attempts: vec![Attempt { at: now, reason, class, receives: 1, held: false }],
            state: FailureState::given_up(class, now),
            asked_at: None,
            because: None,
            release: Release { build: None, config: door.config },
        };
        let payload = Payload::Webhook {
            source: door.name.to_owned(),
            content_type: verified.content_type().map(str::to_owned),
            delivery_id: verified.delivery_id().map(str::to_owned),
            received_at: now,
            body,
        };
        let failure = Failure { record, payload };
        if let Err(fault) = self.store.put_failure(&failure).await {
            return unavailable(&fault);
        }
        count(Metric::Malformed(door.name), 1);
        for Attempt { reason, class, .. } in &failure.record.attempts {
            let id = failure.record.id.as_str();
            count(Metric::Parked(Step::WebhookReceiver, *class), 1);
            warn!(source = door.name, failure = id, code = reason.code, "parked");
            let alarm = Alarm { step: Step::WebhookReceiver, failure: id, reason };
            if !self.alarms.raise(alarm).await {
                return Response::empty(503);
            }
        }
        Response::empty(200)
    }
}
