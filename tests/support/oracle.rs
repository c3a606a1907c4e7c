//! Webhooks that code of others signs.

use crate::stack::variable;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A webhook ready to be sent.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Signed {
    /// Query parameters.
    pub query: BTreeMap<String, String>,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Signed {
    /// JSON for an address that is its own secret: nothing is signed.
    #[must_use]
    pub fn posted(body: impl Into<String>) -> Self {
        let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
        Self { headers, body: body.into(), ..Self::default() }
    }

    /// A call that began at this second and was answered ten seconds later, as the phone system
    /// posts it.
    #[must_use]
    pub fn call(id: &str, caller: &str, summary: &str, began: i64, seconds: i64) -> Self {
        let fields = json!({
            "cdr_enterprise_id": "7000001", "cdr_main_unique_id": id, "cdr_call_type": "1",
            "cdr_status": "1", "cdr_start_time": began.to_string(),
            "cdr_bridge_time": (began + 10).to_string(),
            "cdr_end_time": (began + seconds).to_string(),
            "cdr_customer_number": caller, "cdr_bridged_cno": "2001", "summary": summary,
        });
        Self::posted(fields.to_string())
    }
}

/// wechatpy, @wecom/crypto and standardwebhooks behind `infra/local/oracles`.
#[derive(Debug)]
pub struct Oracle {
    python: PathBuf,
    sources: PathBuf,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra/local");
        Self { python: variable("OMNICORD_TEST_ORACLES").into(), sources }
    }

    /// Has a webhook made and signed, now.
    ///
    /// # Panics
    /// Where the signing code fails, with its words.
    #[must_use]
    pub fn sign(&self, order: &Value) -> Signed {
        serde_json::from_slice(&self.ask("sign.py", order)).expect("it prints a webhook")
    }

    /// Has several webhooks made and signed at once, each as its order says.
    ///
    /// # Panics
    /// Where the signing code fails, with its words.
    #[must_use]
    pub fn sign_all(&self, orders: &[Value]) -> Vec<Signed> {
        let printed = self.ask("sign.py", &Value::from(orders));
        serde_json::from_slice(&printed).expect("it prints as many webhooks")
    }

    /// Has a webhook that Omnicord signed verified.
    ///
    /// # Panics
    /// Where it is not authentic.
    pub fn verify(&self, secret: &str, signed: &Signed) {
        let order = json!({ "secret": secret, "headers": signed.headers, "body": signed.body });
        let _ = self.ask("verify.py", &order);
    }

    /// Has the company's staff sell and ship something to Anna Schmidt, and tell nobody. Returns
    /// whether Tryton took it: on `SQLite` it takes one writer at a time.
    ///
    /// # Panics
    /// Where there is no Python.
    #[must_use]
    pub fn ship(&self, reference: &str) -> bool {
        let settings = ["URL", "STAFF_KEY"].map(|name| {
            (format!("TRYTON_{name}"), variable(&format!("OMNICORD_TEST_TRYTON_{name}")))
        });
        Command::new(&self.python)
            .arg(self.sources.join("tryton/ship_order.py"))
            .args(["--reference", reference])
            .env("TRYTON_DATABASE", "tryton")
            .envs(settings)
            .output()
            .expect("python runs")
            .status
            .success()
    }

    fn ask(&self, script: &str, order: &Value) -> Vec<u8> {
        let mut signer = Command::new(&self.python)
            .arg(self.sources.join("oracles").join(script))
            .arg(self.sources.join("ministack/secrets.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the oracles are installed");
        let mut input = signer.stdin.take().expect("it is piped");
        input.write_all(order.to_string().as_bytes()).expect("it reads its input");
        drop(input);
        let done = signer.wait_with_output().expect("it ends");
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{script}: {words}");
        done.stdout
    }
}
