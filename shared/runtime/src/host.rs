//! What a deployed function finds around it.

use crate::{
    Environment, Error, Hop, HttpStep, MissingVariable, QueueStep, QueueStepEvent, RecordHandler,
    RuleBook, Scheduled, ScheduledTimers, SecretsManager, SesSender, SnsSender, SqsOutbox,
    SystemClock, TopicAlarms, aws, http, sqs, telemetry,
};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_types::SdkConfig;
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use state::dynamo::{Store, Tables};
use std::convert::Infallible;
use std::pin::Pin;
use tracing::{Instrument, Span};

/// The function's surroundings: its template entry, made into ports.
#[derive(Clone, Debug)]
pub struct Host {
    environment: Environment,
    configuration: SdkConfig,
}

impl Host {
    /// Starts logging and reads the environment. Nothing is sent yet.
    pub fn start() -> Result<Self, Error> {
        let environment = Environment;
        telemetry::start(environment);
        Ok(Self { environment, configuration: aws::configuration(environment)? })
    }

    /// The version of the program: what the deployment calls it, or else its package's version.
    #[must_use]
    pub fn build(&self) -> String {
        self.environment.optional("BUILD").unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
    }

    /// The tables that the environment names.
    #[must_use]
    pub fn store(&self) -> Store {
        let client = aws_sdk_dynamodb::Client::new(&self.configuration);
        Store::new(client, Tables::from_variables(|name| self.environment.optional(name)))
    }

    /// The configuration in force.
    #[must_use]
    pub fn rules(&self) -> RuleBook<Store> {
        RuleBook::new(self.store(), SystemClock)
    }

    /// Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(aws_sdk_secretsmanager::Client::new(&self.configuration))
    }

    /// The queue whose URL the variable holds.
    pub fn queue(&self, variable: &'static str) -> Result<SqsOutbox, MissingVariable> {
        Ok(SqsOutbox::new(self.sqs(), self.environment.required(variable)?))
    }

    /// Schedules in the group that `TIMERS_GROUP` names, which send to the queue of `TIMERS_QUEUE`
    /// in the name of the role `TIMERS_ROLE`.
    pub fn timers(&self) -> Result<ScheduledTimers, MissingVariable> {
        Ok(ScheduledTimers::new(
            aws_sdk_scheduler::Client::new(&self.configuration),
            self.environment.required("TIMERS_GROUP")?,
            self.environment.required("TIMERS_QUEUE")?,
            self.environment.required("TIMERS_ROLE")?,
        ))
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.configuration)
    }

    /// The topic that `ALARM_TOPIC` names.
    pub fn alarms(&self) -> Result<TopicAlarms, MissingVariable> {
        let client = aws_sdk_sns::Client::new(&self.configuration);
        Ok(TopicAlarms::new(client, self.environment.required("ALARM_TOPIC")?))
    }

    /// Short messages by SNS.
    #[must_use]
    pub fn sms(&self) -> SnsSender {
        SnsSender::new(&self.configuration)
    }

    /// E-mails by SES.
    #[must_use]
    pub fn email(&self) -> SesSender {
        SesSender::new(&self.configuration)
    }

    /// Serves the queue that feeds this step, until the platform ends the process.
    pub async fn serve_queue(&self, step: impl QueueStep) -> Result<(), Error> {
        let hop = Hop::new(step, self.store(), self.sqs(), self.environment)?;
        self.serve_records(hop).await
    }

    /// Serves records whose handler settles them itself.
    pub async fn serve_records(&self, handler: impl RecordHandler) -> Result<(), Error> {
        let handler = &handler;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<QueueStepEvent>| {
            let deadline = deadline(&event.context);
            answering(invocation(&event.context), async move {
                sqs::settle_all(handler, event.payload, deadline, &SystemClock).await
            })
        }))
        .await
    }

    /// Serves a schedule, whose payload says nothing.
    pub async fn serve_schedule(&self, scheduled: impl Scheduled) -> Result<(), Error> {
        let scheduled = &scheduled;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<serde_json::Value>| {
            let deadline = deadline(&event.context);
            answering(invocation(&event.context), async move { scheduled.tick(deadline).await })
        }))
        .await
    }

    /// Serves API Gateway.
    pub async fn serve_http(&self, step: impl HttpStep) -> Result<(), Error> {
        let step = &step;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
            answering(
                invocation(&event.context),
                async move { http::answer(step, event.payload).await },
            )
        }))
        .await
    }
}

/// When the platform ends the invocation.
fn deadline(context: &Context) -> Timestamp {
    let millis = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

fn invocation(context: &Context) -> Span {
    telemetry::invocation(&context.request_id, context.xray_trace_id.as_deref())
}

type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Infallible>> + 'a>>;

/// An answer whose type does not name everything that it awaits: the runtime wraps it many times,
/// and the compiler follows the names only so deep. What is logged meanwhile is of the invocation.
fn answering<'a, T>(invocation: Span, answer: impl Future<Output = T> + 'a) -> Answering<'a, T> {
    Box::pin(async { Ok(answer.await) }.instrument(invocation))
}
