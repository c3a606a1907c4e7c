//! Takes webhooks in: proves them authentic, reads them, and answers once they are durable.

mod limit;
mod park;

pub use limit::Limits;

use channels::{Context, Delivery, Rejection, Request, Secret, Source, Verified};
use delivery::Policy;
use domain::{Disposition, Fault, InboundEvent};
use jiff::Timestamp;
use rules::RuleSet;
use runtime::{
    Alarms, Clock, HttpStep, Metric, Outbox, Parcel, Response, RuleBook, Secrets, StepFailure,
    count,
};
use state::{Controls, Failures, Settings};
use tracing::{error, info, warn};

/// Bytes of body; a larger one gets 413.
const LARGEST_BODY: usize = 1 << 20;

/// The step.
#[derive(Debug)]
pub struct WebhookReceiver<S, K, A, O, R, C> {
    /// Where an authentic delivery goes that cannot be read, and what is known of each source's
    /// limit.
    pub store: S,
    /// What this worker holds of those limits.
    pub limits: Limits,
    /// The sources' secrets.
    pub secrets: K,
    /// Who hears of what was parked.
    pub alarms: A,
    /// The inbound queue.
    pub next: O,
    /// The configuration in force.
    pub rules: RuleBook<R, C>,
    /// The time that signatures are judged by.
    pub clock: C,
}

/// What a source's name leads to.
struct Door<'a> {
    name: &'a str,
    source: &'a Source,
    region: &'a str,
    limit: Option<Policy>,
    config: u64,
}

impl<'a> Door<'a> {
    fn find(rules: &'a RuleSet, name: &str) -> Option<Self> {
        let (name, source) = rules.config().sources.get_key_value(name)?;
        let region = source.region.as_deref().unwrap_or(&rules.config().company.region);
        let limit = rules.config().intake(name);
        Some(Self { name, source, region, limit, config: rules.version() })
    }
}

impl<S, K, A, O, R, C> HttpStep for WebhookReceiver<S, K, A, O, R, C>
where
    S: Controls + Failures,
    K: Secrets,
    A: Alarms,
    O: Outbox,
    R: Settings,
    C: Clock,
{
    async fn answer(&self, source: &str, request: Request) -> Response {
        let rules = match self.rules.current().await {
            Ok(rules) => rules,
            Err(fault) => return unavailable(&fault),
        };
        let Some(door) = Door::find(&rules, source) else { return Response::empty(404) };
        if request.body.len() > LARGEST_BODY {
            return Response::empty(413);
        }
        let now = self.clock.now();
        let verified = match self.verify(&door, &request, now).await {
            Ok(verified) => verified,
            Err(refusal) => return refusal,
        };
        if let Some(wait) = self.wait(&door, now).await {
            return wait;
        }
        let context = Context { source: door.name, region: door.region, received_at: now };
        match door.source.channel.parse(&verified, &context) {
            Ok(Delivery::Events(events)) => self.accept(&door, &verified, events, now).await,
            Ok(Delivery::Challenge(reply)) => Response {
                content_type: reply.content_type,
                body: reply.body,
                ..Response::empty(reply.status)
            },
            Ok(Delivery::Ignored { reason }) => {
                info!(source = door.name, reason, "nothing that concerns a customer");
                Response::empty(200)
            }
            Err(malformed) => {
                let (class, code) = (malformed.class(), malformed.code());
                let failure = StepFailure::park(class, code, malformed.to_string());
                self.park(&door, &verified, failure, now).await
            }
        }
    }
}

impl<S, K, A, O, R, C> WebhookReceiver<S, K, A, O, R, C>
where
    S: Controls + Failures,
    K: Secrets,
    A: Alarms,
    O: Outbox,
    C: Clock,
{
    /// A secret that was rotated a moment ago is read again before a signature counts as wrong.
    async fn verify<'r>(
        &self,
        door: &Door<'_>,
        request: &'r Request,
        now: Timestamp,
    ) -> Result<Verified<'r>, Response> {
        let verify = |secret: &Secret| door.source.channel.verify(request, secret, now);
        let name = &door.source.secret;
        let remembered = self.secrets.secret(name).await.map_err(|f| unavailable(&f))?;
        if let Ok(verified) = verify(&remembered) {
            return Ok(verified);
        }
        let fresh = self.secrets.fresh_secret(name).await.map_err(|f| unavailable(&f))?;
        verify(&fresh).map_err(|rejection| refused(door.name, rejection))
    }

    /// The answer to a sender who has to come again, because the source is over its limit. Who would
    /// not come again is let in: the queue holds more than any sender keeps.
    async fn wait(&self, door: &Door<'_>, now: Timestamp) -> Option<Response> {
        let policy = door.limit.as_ref()?;
        let until = self.limits.over(&self.store, door.name, policy, now).await?;
        count(Metric::OverLimit(door.name), 1);
        if !door.source.channel.resends() {
            return None;
        }
        count(Metric::Throttled(door.name), 1);
        Some(Response::come_again(until.duration_since(now)))
    }

    /// Everything is in the queue before the sender hears that it was taken.
    async fn accept(
        &self,
        door: &Door<'_>,
        verified: &Verified<'_>,
        events: Vec<InboundEvent>,
        now: Timestamp,
    ) -> Response {
        let sent = match events.iter().map(Parcel::inbound).collect() {
            Ok(parcels) => self.next.send_all(parcels).await,
            Err(fault) => Err(fault),
        };
        match sent {
            Ok(()) => {
                for event in &events {
                    info!(source = door.name, event = event.id.as_str(), "accepted");
                }
                count(Metric::Accepted(door.name), u64::try_from(events.len()).unwrap_or(u64::MAX));
                Response::empty(200)
            }
            Err(fault) => match fault.disposition() {
                Disposition::Retry { .. } => unavailable(&fault),
                // The queue would refuse it again, however often the sender sent it.
                Disposition::Hold { .. } | Disposition::Behind | Disposition::Park => {
                    self.park(door, verified, fault.into(), now).await
                }
            },
        }
    }
}

fn refused(source: &str, rejection: Rejection) -> Response {
    let status = rejection.status();
    if status == 503 {
        error!(source, code = rejection.code(), detail = %rejection, "the secret does not serve");
    } else {
        count(Metric::Rejected(source, rejection.code()), 1);
    }
    Response::empty(status)
}

/// Our own outage: the sender keeps the delivery and sends it again.
fn unavailable(fault: &impl Fault) -> Response {
    let reason = fault.reason();
    warn!(code = reason.code, detail = reason.detail, "not accepted");
    Response::empty(503)
}
