//! The one way out to URLs that users typed: nothing behind it reaches the operator's own network.
