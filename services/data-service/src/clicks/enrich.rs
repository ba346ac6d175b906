//! From what the redirect captured to what the analytics count.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use data_ops::{
    clicks::{Click, Label},
    routing::DecidedBy,
};

use super::CapturedClick;
use crate::visitors::{classify_user_agent, referrer_host};

/// User agents kept classified; there are few and they repeat.
const KNOWN_AGENTS: usize = 4_096;

/// Labels kept to be shared by clicks.
const KNOWN_LABELS: usize = 16_384;

/// What a user agent says, as clicks share it.
#[derive(Clone)]
struct SharedAgent {
    device: Label,
    browser: Label,
    os: Label,
    bot: bool,
}

/// Classifies user agents once and remembers them; makes each label once, for all clicks that have it.
#[derive(Default)]
pub struct Enricher {
    agents: HashMap<Box<str>, SharedAgent, ahash::RandomState>,
    labels: HashSet<Label, ahash::RandomState>,
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
            device: agent.device,
            browser: agent.browser,
            os: agent.os,
            referer: self.label(&referrer_host(captured.referrer)),
            destination: captured.destination.into(),
            decided_by: match captured.decided_by {
                DecidedBy::Default => self.label("default"),
                DecidedBy::Geo => self.label("geo"),
                DecidedBy::Rule(index) => self.label(&format!("rule:{index}")),
            },
            served_backup: captured.served_backup,
            served_reason: captured.served_reason,
            bot: agent.bot || captured.prefetch,
        }
    }

    fn agent(&mut self, user_agent: &str) -> SharedAgent {
        if let Some(agent) = self.agents.get(user_agent) {
            return agent.clone();
        }
        let agent = classify_user_agent(user_agent);
        let agent = SharedAgent {
            device: self.label(agent.device),
            browser: self.label(&agent.browser),
            os: self.label(&agent.os),
            bot: agent.bot,
        };
        if self.agents.len() >= KNOWN_AGENTS {
            self.agents.clear();
        }
        self.agents.insert(user_agent.into(), agent.clone());
        agent
    }

    fn label(&mut self, text: &str) -> Label {
        if let Some(label) = self.labels.get(text) {
            return Arc::clone(label);
        }
        if self.labels.len() >= KNOWN_LABELS {
            self.labels.clear();
        }
        let label: Label = text.into();
        self.labels.insert(Arc::clone(&label));
        label
    }
}
