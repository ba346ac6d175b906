//! The words about the health of destinations.

use super::text::text_enum;

text_enum! {
    /// How a destination is.
    HealthState, UnknownHealthState, "unknown_health_state" {
        /// Nothing is known yet.
        Unknown = "unknown",
        /// The last checks found what they should.
        Ok = "ok",
        /// A check failed, and is to be confirmed.
        Suspect = "suspect",
        /// Checks agree that visitors do not find here what they should.
        Broken = "broken",
    }
}

text_enum! {
    /// What somebody decided about a destination, whatever the checks say.
    Pin, UnknownPin, "unknown_pin" {
        /// Visitors always go here, broken or not.
        Primary = "primary",
        /// Visitors always go to a backup.
        Backup = "backup",
    }
}

text_enum! {
    /// What a check found.
    Verdict, UnknownVerdict, "unknown_verdict" {
        /// What the page offers is there.
        Available = "AVAILABLE",
        /// The page is there, what it offers is not.
        NotAvailable = "NOT_AVAILABLE",
        /// It could not be told. This changes nothing.
        Unknown = "UNKNOWN",
        /// There is no page.
        Broken = "BROKEN",
    }
}

text_enum! {
    /// Whether a destination that is broken may be found well a moment later.
    FailureKind, UnknownFailureKind, "unknown_failure_kind" {
        /// It says itself that it is gone, or cannot be trusted.
        Hard = "hard",
        /// It may be busy, or out of reach for a while.
        Transient = "transient",
    }
}

text_enum! {
    /// Who came to a verdict.
    VerdictSource, UnknownVerdictSource, "unknown_verdict_source" {
        /// The rules.
        Rules = "rules",
        /// A language model, where the rules were unsure.
        Ai = "ai",
        /// A person.
        Override = "override",
    }
}

text_enum! {
    /// Why a destination was checked.
    EvaluationTrigger, UnknownEvaluationTrigger, "unknown_trigger" {
        /// Somebody clicked, and it had not been checked lately.
        Click = "click",
        /// Its turn had come.
        Schedule = "schedule",
        /// What a check before found is to be confirmed.
        Confirmation = "confirmation",
        /// Somebody asked for it.
        Manual = "manual",
    }
}

text_enum! {
    /// What became of a destination.
    HealthChangeKind, UnknownHealthChangeKind, "unknown_health_change" {
        /// A check failed, and is to be confirmed.
        Suspect = "suspect",
        /// It is broken: its links lead to their backups.
        Broken = "broken",
        /// It is well again.
        Recovered = "recovered",
        /// It is broken like so many others at once that its links are left as they are.
        Held = "held",
        /// Its links are no longer left as they are.
        Released = "released",
        /// Somebody decided where its links lead.
        Pinned = "pinned",
        /// The checks decide again.
        Unpinned = "unpinned",
    }
}

text_enum! {
    /// When a member is told of something by mail.
    AlertCadence, UnknownAlertCadence, "unknown_cadence" {
        /// At once.
        Instant = "instant",
        /// Together with whatever else happened that day.
        Digest = "digest",
        /// Never.
        Off = "off",
    }
}

text_enum! {
    /// The format a webhook is called in.
    WebhookKind, UnknownWebhookKind, "unknown_webhook_kind" {
        /// Signed, as Standard Webhooks describes it.
        Standard = "standard",
        /// A message for a chat that takes what Slack takes.
        Slack = "slack",
    }
}
