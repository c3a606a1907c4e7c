//! A deployed stack, seen from outside.

use crate::queues::Queues;
use crate::trouble::Trouble;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{Builder, tls};
use state::dynamo::Store;

/// A stack, found by its name.
#[derive(Debug)]
pub(crate) struct Stack {
    name: String,
    configuration: SdkConfig,
}

impl Stack {
    /// Finds out where the stack's name leads; nothing is asked of the stack yet.
    pub(crate) async fn find(name: &str) -> Result<Self, Trouble> {
        let https = Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https);
        let configuration = loader.load().await;
        if configuration.region().is_none() {
            return Err(Trouble::NoRegion);
        }
        Ok(Self { name: name.to_owned(), configuration })
    }

    /// Its tables.
    pub(crate) fn store(&self) -> Store {
        Store::of_stack(&self.configuration, &self.name)
    }

    /// Its queues.
    pub(crate) async fn queues(&self) -> Result<Queues, Trouble> {
        Queues::find(aws_sdk_sqs::Client::new(&self.configuration), &self.name).await
    }
}
