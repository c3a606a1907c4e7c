//! The running stack with everything that the harness put around it.

use crate::brew::Brew;
use crate::crm::Crm;
use crate::document::{Address, document};
use crate::emulator::Emulator;
use crate::endpoint::Endpoint;
use crate::operator::QUEUES;
use crate::proxy::Proxy;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use serde_json::{Value, json};
use state::dynamo::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::Stack;

/// The visibility timeout of every queue, in seconds: a function that was killed is missed within
/// seconds, not minutes.
const VISIBILITY: u32 = 5;

/// Everything that a wave needs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) stack: Arc<Stack>,
    pub(crate) store: Store,
    pub(crate) emulator: Emulator,
    pub(crate) brew: Arc<Brew>,
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) crm: Arc<Crm>,
    pub(crate) endpoint: Endpoint,
    pub(crate) inhouse: u16,
    /// Counts what has to differ from all before.
    pub(crate) fresh: AtomicUsize,
}

impl World {
    /// Puts the proxies around the stack, shortens its waits and applies the rules.
    pub(crate) async fn new() -> Self {
        let stack = Arc::new(Stack::running());
        let port = |url: &str| -> u16 {
            url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
        };
        let emulator = Emulator { port: port(&stack.endpoint), region: stack.region.clone() };
        let brew = Arc::new(Brew::default());
        let proxy = Proxy::start(emulator.clone(), Arc::clone(&brew)).expect("its port is free");
        let crm = Crm::start(Arc::clone(&brew), port(stack.crm.url()), stack.crm.omnicord_key());
        let endpoint = Endpoint::default();
        let inhouse = endpoint.start().expect("any port");
        let store = tables(&stack).await;
        let world = Self {
            stack,
            store,
            emulator,
            brew,
            proxy,
            endpoint,
            inhouse,
            crm: crm.expect("its port is free"),
            fresh: AtomicUsize::new(0),
        };
        for (queue, _) in QUEUES {
            for name in [queue.to_owned(), format!("{queue}-dead-letter")] {
                let attributes = json!({ "VisibilityTimeout": VISIBILITY.to_string() });
                let set = json!({ "QueueUrl": world.queue(&name), "Attributes": attributes });
                world.emulator.call("sqs", "AmazonSQS.SetQueueAttributes", &set);
            }
        }
        world.apply(Address::Right, "the usual");
        for (_, step) in QUEUES {
            world.redeploy(step, "with the rules of the harness");
        }
        world.redeploy("webhook-receiver", "with the rules of the harness");
        world
    }

    /// Puts the rules in force, with the CRM at this address.
    pub(crate) fn apply(&self, address: Address, remark: &str) {
        let number = self.fresh.fetch_add(1, Ordering::Relaxed);
        let file =
            std::env::temp_dir().join(format!("harness-{}-{number}.yaml", std::process::id()));
        std::fs::write(&file, document(self.inhouse, address, remark)).expect("a file of its own");
        let applied = self.stack.cli.run(&["config", "apply", file.to_str().expect("a name")]);
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        std::fs::remove_file(&file).expect("it was just written");
    }

    /// The URL of one of the pipeline's queues.
    pub(crate) fn queue(&self, name: &str) -> String {
        format!("{}/000000000000/{}-{name}.fifo", self.stack.endpoint, self.stack.name)
    }

    /// The whole name of a function.
    pub(crate) fn function(&self, step: &str) -> String {
        format!("{}-{step}", self.stack.name)
    }

    /// Calls a function as its schedule does each minute.
    pub(crate) fn tick(&self, step: &str) {
        let path = format!("{}/invocations", self.function(step));
        let _: Value = self.emulator.lambda("POST", &path, &json!({}));
    }

    /// Deploys a function as another build, which ends its running environments.
    pub(crate) fn redeploy(&self, step: &str, build: &str) {
        let path = format!("{}/configuration", self.function(step));
        let mut known = self.emulator.lambda("GET", &path, &Value::Null);
        let mut variables = known["Environment"]["Variables"].take();
        variables["BUILD"] = build.into();
        let change = json!({ "Environment": { "Variables": variables } });
        self.emulator.lambda("PUT", &path, &change);
    }

    /// Gives a secret another value.
    pub(crate) fn put_secret(&self, name: &str, value: &Value) {
        let put = json!({ "SecretId": name, "SecretString": value.to_string(),
                          "ClientRequestToken": format!("harness-{:032}", self.fresh.fetch_add(1, Ordering::Relaxed)) });
        self.emulator.call("secretsmanager", "secretsmanager.PutSecretValue", &put);
    }

    /// How many messages the proxy holds back.
    pub(crate) fn held(&self) -> usize {
        self.proxy.held.load(Ordering::SeqCst)
    }
}

/// The deployed stack's own tables.
async fn tables(stack: &Stack) -> Store {
    let credentials = Credentials::new("test", "test", None, None, "local");
    let https = aws_smithy_http_client::Builder::new().build_http();
    let loaded = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .region(Region::new(stack.region.clone()))
        .endpoint_url(&stack.endpoint)
        .credentials_provider(credentials)
        .load();
    Store::of_stack(&loaded.await, &stack.name)
}
