//! What happens to requests on their way, with a count of everything that went wrong.

use crate::counts::Counts;
use runtime::{SendError, TimerError};
use state::StoreError;
use state::memory::Fault;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// The weather of one run: all its workers share it.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    /// A fault, and how many requests come before the one that it strikes.
    armed: Cell<Option<(usize, Fault)>>,
    /// Whether the next message that is sent loses its second half on the way.
    tears: Cell<bool>,
    /// What was torn, with what it had been.
    pub(crate) torn: RefCell<Vec<(String, String)>>,
    pub(crate) counts: RefCell<Counts>,
}

impl Weather {
    /// Lets a fault strike one of the next requests.
    pub(crate) fn arm(&self, after: usize, fault: Fault) {
        self.armed.set(Some((after, fault)));
    }

    /// Lets the next message that is sent be torn.
    pub(crate) fn tear_next(&self) {
        self.tears.set(true);
    }

    /// Nothing is to come any more.
    pub(crate) fn clear(&self) {
        self.armed.set(None);
        self.tears.set(false);
    }

    pub(crate) fn count(&self, what: &'static str) {
        self.counts.borrow_mut().add(what, 1);
    }

    /// A message as it arrives.
    pub(crate) fn carry(&self, body: String) -> String {
        if !self.tears.take() {
            return body;
        }
        self.count("message_truncated");
        let half = (body.len() / 2..body.len()).find(|place| body.is_char_boundary(*place));
        let torn = body[..half.unwrap_or_default()].to_owned();
        self.torn.borrow_mut().push((torn.clone(), body));
        torn
    }

    /// What strikes the request that begins now.
    fn strike(&self) -> Option<Fault> {
        self.counts.borrow_mut().requests += 1;
        let (after, fault) = self.armed.take()?;
        if after > 0 {
            self.armed.set(Some((after - 1, fault)));
            return None;
        }
        self.count(match fault {
            Fault::Before => "request_lost",
            Fault::After => "answer_lost",
        });
        Some(fault)
    }
}

/// How a worker goes from request to request.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// Whether it stops at each place where it may die or freeze, until it is polled again.
    pub(crate) stops: bool,
    pub(crate) weather: Rc<Weather>,
}

impl Pace {
    /// A place where it may die or freeze.
    pub(crate) async fn pause(&self) {
        let mut stop = self.stops;
        poll_fn(|_| if std::mem::take(&mut stop) { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    /// Makes a request between two such places, in whatever weather.
    pub(crate) async fn around<T, E: Injected>(
        &self,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.pause().await;
        let fault = self.weather.strike();
        if fault == Some(Fault::Before) {
            return Err(E::injected());
        }
        let answer = request.await;
        self.pause().await;
        if fault == Some(Fault::After) { Err(E::injected()) } else { answer }
    }
}

/// An error that a request can end with because the test asked for it.
pub(crate) trait Injected {
    fn injected() -> Self;
}

macro_rules! injected {
    ($($error:ident)*) => {$(
        impl Injected for $error {
            fn injected() -> Self {
                let source = "the test asked for it".into();
                Self::Unavailable { code: "injected".into(), source }
            }
        }
    )*};
}
injected!(StoreError SendError TimerError);
