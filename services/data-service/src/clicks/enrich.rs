//! From what the redirect captured to what the analytics count.

use std::collections::HashMap;

use data_ops::{clicks::Click, routing::DecidedBy};

use super::CapturedClick;
use crate::visitors::{Agent, classify_user_agent, referrer_host};

/// User agents kept classified; there are few and they repeat.
const KNOWN_AGENTS: usize = 4_096;

/// Classifies user agents once and remembers them.
#[derive(Default)]
pub struct Enricher {
    agents: HashMap<Box<str>, Agent, ahash::RandomState>,
}

impl Enricher {
    /// The click as it is stored and counted.
    pub fn enrich(&mut self, captured: &CapturedClick<'_>) -> Click {
        let agent = self.agent(captured.user_agent);
        Click {
            id: captured.id,
            workspace_id: captured.workspace,
            link_id: captured.link,
            at: captured.at,
            country: captured.country,
            device: agent.device.into(),
            browser: agent.browser.into(),
            os: agent.os.into(),
            referer: referrer_host(captured.referrer).into(),
            destination: captured.destination.to_owned(),
            decided_by: match captured.decided_by {
                DecidedBy::Default => "default".into(),
                DecidedBy::Geo => "geo".into(),
                DecidedBy::Rule(index) => format!("rule:{index}").into(),
            },
            bot: agent.bot || captured.prefetch,
        }
    }

    fn agent(&mut self, user_agent: &str) -> Agent {
        if let Some(agent) = self.agents.get(user_agent) {
            return agent.clone();
        }
        let agent = classify_user_agent(user_agent);
        if self.agents.len() >= KNOWN_AGENTS {
            self.agents.clear();
        }
        self.agents.insert(user_agent.into(), agent.clone());
        agent
    }
}
