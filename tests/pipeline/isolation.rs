//! A destination that times out on every call, beside one that is well, on the deployed stack.

use crate::change::{USUAL, apply, restore};
use crate::{HOTLINE, PATIENCE, balanced, call, fresh, fresh_phone, stack};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Stack, until};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Calls in each half, of a caller of their own each.
const CALLS: usize = 60;

/// Answers at once, or after anybody's patience; remembers when it was asked for what.
#[derive(Clone, Default)]
struct Endpoint {
    is_sick: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Respond for Endpoint {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        self.asked.lock().unwrap().push((Instant::now(), body));
        let wait = if self.is_sick.load(Ordering::Relaxed) { 20 } else { 0 };
        ResponseTemplate::new(204).set_delay(Duration::from_secs(wait))
    }
}

impl Endpoint {
    async fn serve(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(method("POST")).respond_with(self.clone()).mount(&server).await;
        server
    }

    /// When each thing of this half was first asked for.
    fn of(&self, half: &str) -> Vec<Instant> {
        let mut seen = std::collections::BTreeMap::new();
        for (at, body) in self.asked.lock().unwrap().iter().filter(|(_, it)| it.contains(half)) {
            seen.entry(body.clone()).or_insert(*at);
        }
        let mut times: Vec<_> = seen.into_values().collect();
        times.sort_unstable();
        times
    }
}

fn document(well: &str, sick: &str) -> String {
    let (doors, _) = USUAL.split_once("\nclassify:\n").expect("the usual rules follow the doors");
    let endpoint = |name: &str, url: &str| {
        format!(
            "  {name}: {{ url: {url}, secret: omnicord/inhouse, allow_private: [127.0.0.0/8] }}\n"
        )
    };
    format!(
        r#"{doors}
triggers:
  - name: tell-both
    on: [call]
    actions:
      - webhook: {{ endpoint: sick, payload: {{ said: "{{{{ event.text }}}}" }} }}
      - webhook: {{ endpoint: well, payload: {{ said: "{{{{ event.text }}}}" }} }}
destinations:
  webhook:sick: {{ timeout: 2s }}
endpoints:
{}{}"#,
        endpoint("well", well),
        endpoint("sick", sick),
    )
}

/// Has so many people call; returns how many effects a second reached the endpoint that is well.
async fn half(stack: &Stack, well: &Endpoint, name: &str) -> f64 {
    for number in 0..CALLS {
        let words = format!("{name} {number}");
        stack.deliver(HOTLINE, &call(&fresh("call-"), &fresh_phone(), &words)).await;
    }
    let times = until("every effect on the destination that is well", PATIENCE, async || {
        let times = well.of(name);
        (times.len() == CALLS).then_some(times)
    })
    .await;
    let took = times[CALLS - 1].duration_since(times[0]);
    f64::from(u32::try_from(CALLS).unwrap()) / took.as_secs_f64()
}

#[tokio::test]
async fn a_destination_that_times_out_on_every_call_holds_up_no_other() {
    let stack = stack().await;
    let (well, sick) = (Endpoint::default(), Endpoint::default());
    let servers = (well.serve().await, sick.serve().await);
    apply(&stack, &document(&servers.0.uri(), &servers.1.uri()));
    let mut looks = 0;
    until("the new rules", PATIENCE, async || {
        // Each call that one step decides by the new rules, and the next delivers by the old ones,
        // comes back by the minute.
        if looks % 20 == 0 {
            stack.deliver(HOTLINE, &call(&fresh("call-"), &fresh_phone(), "is it on?")).await;
        }
        looks += 1;
        let heard = |endpoint: &Endpoint| !endpoint.of("is it on?").is_empty();
        (heard(&well) && heard(&sick)).then_some(())
    })
    .await;
    balanced(&stack).await;

    let baseline = half(&stack, &well, &fresh("well-")).await;
    sick.is_sick.store(true, Ordering::Relaxed);
    let name = fresh("sick-");
    let beside = half(&stack, &well, &name).await;
    let tried = sick.of(&name).len();
    sick.is_sick.store(false, Ordering::Relaxed);
    println!(
        "beside a destination that times out: {:.1} % of {baseline:.1} effects a second; it was \
         called for {tried} of {CALLS}",
        100.0 * beside / baseline
    );
    assert!(tried > 0, "it was sick for somebody");
    assert!(tried < CALLS, "the breaker opened");
    // One after the other, the calls alone would take two minutes. What a machine that does
    // something else besides does to either half is more than a twentieth.
    assert!(beside >= 0.5 * baseline, "{beside:.1} of {baseline:.1} effects a second");

    until("what the sick one missed", 3 * PATIENCE, async || {
        let retry = ["failures", "retry", "--all", "--step", "outbound-delivery"];
        assert!(stack.cli.run(&retry).status.success());
        (sick.of(&name).len() == CALLS).then_some(())
    })
    .await;
    balanced(&stack).await;
    restore(&stack).await;
}
