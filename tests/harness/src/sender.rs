//! The sources: each delivers until it hears 200, as their vendors promise.

use crate::brew::lock;
use crate::story::{Form, Post};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Signed, Stack};
use tokio::task::JoinSet;

/// How many deliveries are under way at once.
const SENDERS: usize = 8;
/// How often a source sends the same again.
const TRIES: u32 = 60;

/// The sources of one wave.
#[derive(Debug)]
pub(crate) struct Sender {
    stack: Arc<Stack>,
    posts: Mutex<Vec<(Post, Signed)>>,
    /// How many were taken.
    pub(crate) done: AtomicUsize,
    /// Secrets other than those that the stack was set up with, by source.
    pub(crate) secrets: Mutex<BTreeMap<String, Value>>,
    /// How many signatures of wrong clocks were refused.
    pub(crate) stale: AtomicUsize,
    violations: Mutex<Vec<String>>,
}

impl Sender {
    /// Signs all of it.
    pub(crate) fn new(stack: &Arc<Stack>, posts: Vec<Post>) -> Self {
        let orders = posts.iter().filter_map(|post| match &post.form {
            Form::Open(_) => None,
            Form::Signed(order) => Some(order.clone()),
        });
        let mut signed = stack.oracle.sign_all(&orders.collect::<Vec<_>>()).into_iter();
        let posts = posts.into_iter().map(|post| {
            let ready = match &post.form {
                Form::Open(ready) => ready.clone(),
                Form::Signed(_) => signed.next().expect("as many as were asked for"),
            };
            (post, ready)
        });
        Self {
            stack: Arc::clone(stack),
            posts: Mutex::new(posts.collect()),
            done: AtomicUsize::new(0),
            secrets: Mutex::default(),
            stale: AtomicUsize::new(0),
            violations: Mutex::default(),
        }
    }

    /// Delivers everything, several at once. Returns what was not as it has to be.
    pub(crate) async fn deliver(self: &Arc<Self>) -> Vec<String> {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let sender = Arc::clone(self);
            senders.spawn(async move {
                loop {
                    let Some((post, signed)) = lock(&sender.posts).pop() else { return };
                    sender.done.fetch_add(1, Ordering::Relaxed);
                    sender.send(&post, signed).await;
                }
            });
        }
        senders.join_all().await;
        std::mem::take(&mut lock(&self.violations))
    }

    async fn send(&self, post: &Post, mut signed: Signed) {
        let mut skewed = match &post.form {
            Form::Open(_) => false,
            Form::Signed(order) => !order["now"].is_null(),
        };
        for attempt in 0..TRIES {
            let answer = self.stack.send(Method::POST, post.path, &signed).await;
            match answer.status {
                200 if skewed => {
                    self.complain(format!(
                        "{}: a signature of a wrong clock was let in",
                        post.path
                    ));
                    return;
                }
                200 => return,
                401 => {
                    self.stale.fetch_add(usize::from(skewed), Ordering::Relaxed);
                    skewed = false;
                    signed = self.sign_again(post, signed);
                }
                429 | 500..=599 => {}
                other => {
                    self.complain(format!("{}: {other} {}", post.path, answer.body));
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt.min(4))).await;
        }
        self.complain(format!("{}: never accepted", post.path));
    }

    /// With the clock set right and the secret in force.
    fn sign_again(&self, post: &Post, signed: Signed) -> Signed {
        let Form::Signed(order) = &post.form else { return signed };
        let mut order = order.clone();
        if let Some(object) = order.as_object_mut() {
            object.remove("now");
        }
        let source = order["source"].as_str().unwrap_or_default().to_owned();
        if let Some(secret) = lock(&self.secrets).get(&source) {
            order["secret"] = secret.clone();
        }
        self.stack.oracle.sign(&order)
    }

    fn complain(&self, violation: String) {
        lock(&self.violations).push(violation);
    }
}
