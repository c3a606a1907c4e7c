//! One shared configuration for every AWS client.

use crate::{Environment, MissingVariable};
use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::{Builder, tls};
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::Duration;

/// A call that takes longer is given up: it has to end well before the function's own timeout.
const CALL: Duration = Duration::from_secs(4);
/// AWS is near: what does not answer by then will not.
const CONNECT: Duration = Duration::from_secs(1);
const TLS: tls::Provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);

/// Lambda hands region and credentials over in the environment; nothing else is looked for, which
/// keeps the start short.
pub(crate) fn configuration(environment: Environment) -> Result<SdkConfig, MissingVariable> {
    let region = environment.required("AWS_REGION")?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(CALL / 2)
        .operation_timeout(CALL)
        .build();
    let mut configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .timeout_config(timeouts)
        .http_client(Builder::new().tls_provider(TLS).build_https());
    configuration.set_endpoint_url(environment.optional("AWS_ENDPOINT_URL"));
    Ok(configuration.build())
}

/// The same for calls of which a second one is a second message. None is repeated after its answer
/// was lost; and each has a connection of its own, since one that stood idle may be gone by the time
/// it is used, which looks like a lost answer.
pub(crate) fn once(configuration: &SdkConfig) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(CALL).build();
    let https = Builder::new().pool_max_idle_per_host(0).tls_provider(TLS).build_https();
    configuration
        .to_builder()
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .http_client(https)
        .build()
}
