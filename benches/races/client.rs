//! A client that does what clients should: it sends what was not answered again, to whichever server is there.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

use crate::replicas::{Replicas, STAFF, TILL};

/// How long an answer may take before it is asked for again.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before something is sent again.
const PAUSE: Duration = Duration::from_millis(20);

pub struct Client<'a> {
    agent: Agent,
    replicas: &'a Replicas,
    token: String,
}

/// A payload, and how often it was asked for until there was an answer.
pub struct Answered {
    pub payload: Value,
    pub sent: usize,
}

impl<'a> Client<'a> {
    pub fn staff(replicas: &'a Replicas) -> Self {
        Self::new(replicas, STAFF)
    }

    pub fn till(replicas: &'a Replicas) -> Self {
        Self::new(replicas, TILL)
    }

    fn new(replicas: &'a Replicas, token: &'static str) -> Self {
        let agent =
            Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
        Self { agent: agent.into(), replicas, token: token.to_owned() }
    }

    /// The same for who has another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { agent: self.agent.clone(), replicas: self.replicas, token: token.to_owned() }
    }

    /// Sends a mutation until it is answered, to this server first.
    pub fn send(&self, first: usize, name: &str, selection: &str, input: &Value) -> Answered {
        let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {ty}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
        );
        let body = json!({ "query": query, "variables": { "input": input } });
        for sent in 1.. {
            if let Some(answer) = self.post(first + sent - 1, &body)
                && let Some(payload) = payload(name, answer)
            {
                return Answered { payload, sent };
            }
            std::thread::sleep(PAUSE);
        }
        unreachable!("it is asked for ever")
    }

    /// The payload of a mutation that must be done.
    pub fn done(&self, first: usize, name: &str, selection: &str, input: &Value) -> Value {
        let payload = self.send(first, name, selection, input).payload;
        assert_eq!(payload["userErrors"], json!([]), "{name} with {input}");
        payload
    }

    /// None when the server is away, or goes while it is asked.
    fn post(&self, at: usize, body: &Value) -> Option<Value> {
        let request = self.agent.post(self.replicas.address(at));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        request.send_json(body).ok()?.body_mut().read_json().ok()
    }
}

/// None when the database was busy or away: then it is to be asked for again.
fn payload(name: &str, mut answer: Value) -> Option<Value> {
    let Some(error) = answer["errors"].get(0) else { return Some(answer["data"][name].take()) };
    assert_eq!(error["extensions"]["code"], "SERVICE_UNAVAILABLE", "{name}: {answer}");
    None
}

/// The code of what was wrong; none if it was done.
pub fn code(payload: &Value) -> Option<&str> {
    payload["userErrors"].get(0)?["code"].as_str()
}
