//! What a person should look at twice.

use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

use crate::types::text::text_enum;

text_enum! {
    /// Something about an accepted destination that a person should look at twice.
    DestinationWarning, UnknownDestinationWarning, "unknown_warning" {
        /// The host name mixes scripts or is made of letters that look like others, as in "раураl.com".
        Homograph = "homograph",
    }
}

impl DestinationWarning {
    /// The stable code of this warning.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.as_str()
    }
}

pub(super) fn warnings(host: &str) -> Vec<DestinationWarning> {
    if !host.contains("xn--") {
        return Vec::new();
    }
    let (unicode, _) = idna::domain_to_unicode(host.split(':').next().unwrap_or_default());
    if unicode.split('.').any(is_homograph) { vec![DestinationWarning::Homograph] } else { Vec::new() }
}

/// Whether a label mixes scripts in a way no language does, or looks exactly like one of ASCII letters.
fn is_homograph(label: &str) -> bool {
    if label.is_ascii() {
        return false;
    }
    label.detect_restriction_level() > RestrictionLevel::HighlyRestrictive
        || skeleton(label).all(|character| character.is_ascii())
}
