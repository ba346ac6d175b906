//! What each failure means and the way out of it, in the words of the reference.

use http::StatusCode;

use crate::api::failure::{ApiError, ErrorCode};

/// One section of the page about errors.
pub(super) struct Explanation {
    /// The section's id, which `doc_url` ends in.
    pub(super) anchor: &'static str,
    pub(super) status: StatusCode,
    /// `None` for answers without the envelope.
    pub(super) code: Option<ErrorCode>,
    pub(super) meaning: &'static str,
    pub(super) way_out: &'static str,
}

/// Failures that share the code `bad_request` and have a status of their own.
const BAD_REQUESTS: [Explanation; 3] = [
    Explanation {
        anchor: "method_not_allowed",
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: Some(ErrorCode::BadRequest),
        meaning: "The address exists, but does not take this method.",
        way_out: "The Allow header of the answer lists the methods it takes.",
    },
    Explanation {
        anchor: "payload_too_large",
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: Some(ErrorCode::BadRequest),
        meaning: "The body is larger than 1 MiB. Nothing of it was read.",
        way_out: "Split it into several requests.",
    },
    Explanation {
        anchor: "unsupported_media_type",
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code: Some(ErrorCode::BadRequest),
        meaning: "The body was not announced as JSON.",
        way_out: "Send it with Content-Type: application/json.",
    },
];

/// Given by the server around the API, with an empty body.
const WITHOUT_ENVELOPE: Explanation = Explanation {
    anchor: "request_timeout",
    status: StatusCode::REQUEST_TIMEOUT,
    code: None,
    meaning: "The answer was not there after 30 seconds. This answer has an empty body. What was asked for may still be \
              done.",
    way_out: "Look whether it was done before you ask again.",
};

/// Every section, in the order of the statuses.
pub(super) fn all() -> Vec<Explanation> {
    let mut all: Vec<_> =
        ErrorCode::ALL.into_iter().map(explain).chain(BAD_REQUESTS).chain([WITHOUT_ENVELOPE]).collect();
    all.sort_by_key(|explanation| explanation.status);
    all
}

/// The section that explains this failure.
pub(in crate::api) fn anchor(error: &ApiError) -> &'static str {
    BAD_REQUESTS
        .iter()
        .find(|explanation| explanation.code == Some(error.code) && explanation.status == error.status)
        .map_or_else(|| error.code.as_str(), |explanation| explanation.anchor)
}

fn explain(code: ErrorCode) -> Explanation {
    let (meaning, way_out) = match code {
        ErrorCode::BadRequest => (
            "The request could not be understood: the JSON is malformed or ended early, or no workspace was chosen.",
            "The message says which. Correct the request and send it again.",
        ),
        ErrorCode::Unauthorized => (
            "No valid session or API key came with the request.",
            "Sign in, or send an API key that is neither revoked nor expired, as Authorization: Bearer hr_…",
        ),
        ErrorCode::Forbidden => (
            "The caller is known but may not do this: the role or the key's scopes do not include it, or the request came from \
             another site.",
            "Ask an owner of the workspace for the permission, or create a key with the scope that the message names.",
        ),
        ErrorCode::NotFound => (
            "Nothing is stored under this address or id in the chosen workspace.",
            "Check the id, and that the key or session belongs to the workspace that owns it.",
        ),
        ErrorCode::Conflict => (
            "The request contradicts what is stored, most often because a slug, e-mail address or external id is in use already, or the \
             state of something does not allow it.",
            "Choose another value for the field that errors names; without one, the message says what would be possible.",
        ),
        ErrorCode::UnprocessableEntity => (
            "The request was understood, but some values are not acceptable. Nothing was changed.",
            "Every entry of errors names a field by its path, a stable code (listed below) and what to change.",
        ),
        ErrorCode::RateLimitExceeded => (
            "Too many requests came in a short time, or the workspace's checks of this day are spent.",
            "Wait for the number of seconds in Retry-After. X-RateLimit-Remaining tells beforehand how many are left.",
        ),
        ErrorCode::InternalServerError => (
            "Something went wrong on the server. The cause is in its logs.",
            "Try again later. If it stays, give the operator the value of the X-Request-Id header.",
        ),
        ErrorCode::Unavailable => (
            "The server cannot answer at this moment, for example because its database is busy. Nothing was changed. When it has \
             no room for a further connection, the body is empty.",
            "Try again after the number of seconds in Retry-After.",
        ),
        ErrorCode::InsufficientStorage => (
            "The server's disk is full, so nothing can be stored. Existing links keep working.",
            "The operator has to make room. Then the same request works.",
        ),
    };
    Explanation { anchor: code.as_str(), status: code.status(), code: Some(code), meaning, way_out }
}

/// The codes of single fields, `errors[].code`, in alphabetical order.
pub(super) const FIELD_CODES: &[(&str, &str)] = &[
    ("ambiguous", "Two fields say the same thing in different ways. Send one of them."),
    ("backslash_in_authority", "There is a backslash where the host of the address is. Use slashes."),
    ("backup_is_primary", "The backup is the destination itself. Give another URL."),
    ("control_character", "The text contains a character that cannot be seen, such as a line break."),
    (
        "credentials_not_allowed",
        "The address contains a user name or password. Leave it out: every visitor would see it.",
    ),
    ("domain_not_found", "The workspace has no such domain. The ones it has are at /api/domains."),
    ("duplicate_backup", "The backup is in the list already. Keep one."),
    ("duplicate_country", "A country has more than one destination. Keep one."),
    ("duplicate_field", "The field is given more than once. Keep one."),
    ("email_taken", "An account with this e-mail address exists already. Sign in."),
    ("empty", "The value or list is empty. It needs something in it, or is left out altogether."),
    ("empty_range", "The range does not end after it starts."),
    ("external_id_taken", "Another link of the workspace has this external id."),
    ("gone", "The entry a list was to go on after is gone. Begin the list anew."),
    ("host_not_public", "The host of the address is a name that only exists in private networks."),
    ("in_the_past", "The time is over already."),
    ("invalid_character", "The text contains a character that is not possible here. The message names those that are."),
    ("invalid_condition", "A condition of a rule has fields that do not go together."),
    ("invalid_currency", "A currency has three capital letters, such as EUR."),
    ("invalid_email", "This is not an e-mail address."),
    ("invalid_host", "This is not the name of a host."),
    ("invalid_id", "This is not an id of the kind expected, such as link_…"),
    ("invalid_length", "The text is too short or too long. The message names the limits."),
    ("invalid_timestamp", "This is not a moment in ISO 8601, such as 2026-11-22T13:00:00.000Z."),
    ("invalid_url", "This is not a web address."),
    ("invalid_value", "The value is not possible here."),
    ("missing", "The field is required."),
    ("missing_scheme", "The address does not start with http:// or https://."),
    ("no_destination", "There is no destination for this country to back up."),
    ("obfuscated_ip", "The host is an IP address written in an unusual way. Write it in the usual one."),
    ("out_of_range", "The number is too small or too large. The message names the limits."),
    ("password_too_weak", "The password is too easy to guess."),
    ("private_address", "The address leads into a private network."),
    ("range_too_long", "The range of time is too long for this interval."),
    ("redirect_loop", "The address leads back to a short link of this server."),
    ("reserved", "The name is reserved for the service itself."),
    ("scheme_not_allowed", "The address starts with something else than http:// or https://."),
    ("slug_retired", "The slug belonged to a link that was deleted or renamed. It is not given out again."),
    ("slug_taken", "The slug is in use already."),
    ("too_deep", "Conditions are nested too deep."),
    ("too_long", "The text is too long. The message names the limit."),
    ("too_many_items", "The list is too long. The message names the limit."),
    ("too_short", "The text is too short. The message names the limit."),
    ("type_mismatch", "The value has the wrong JSON type, such as a number in place of a text."),
    ("unknown_condition_type", "There is no such type of condition."),
    ("unknown_country", "There is no such country. Countries are named by two letters, such as DE."),
    ("unknown_field", "There is no such field. The message names the nearest one."),
    ("unknown_operator", "There is no such operator of conditions. The message lists those there are."),
    ("unknown_pin", "A destination is pinned to its primary or to a backup; null takes that back."),
    ("unknown_role", "There is no such role in a workspace. The message lists those there are."),
    ("unknown_scope", "There is no such scope of API keys. The message lists those there are."),
    ("unknown_timezone", "There is no such time zone. Time zones have names such as Europe/Berlin."),
    ("unknown_value", "The value is none of those possible. The message lists them."),
    (
        "unknown_verdict",
        "There is no such verdict of a check, or it is not possible here. The message lists those that are.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FIELD_CODES, all, anchor};
    use crate::api::failure::{ApiError, ErrorCode};

    #[test]
    fn every_section_has_an_anchor_of_its_own() {
        let sections = all();
        let anchors: BTreeSet<_> = sections.iter().map(|section| section.anchor).collect();
        assert_eq!(anchors.len(), sections.len());
        assert!(FIELD_CODES.is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn a_failure_leads_to_the_section_of_its_code_and_status() {
        for section in all() {
            let Some(code) = section.code else { continue };
            let error = ApiError::new(code, "").with_status(section.status);
            assert_eq!(anchor(&error), section.anchor);
        }
        let with_another_status = ApiError::new(ErrorCode::NotFound, "").with_status(http::StatusCode::GONE);
        assert_eq!(anchor(&with_another_status), "not_found");
    }
}
