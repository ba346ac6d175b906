//! Who else wants to know of clicks.

use data_ops::clicks::Click;

/// Is shown clicks once they are stored.
pub trait ClickObserver: Send + Sync {
    /// These are committed. It may be that some were shown before: a batch can be taken in again. Must be quick.
    fn recorded(&self, clicks: &[Click]);
}
