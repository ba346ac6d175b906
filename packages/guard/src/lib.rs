//! The one way out to URLs that users typed: nothing behind it reaches the operator's own network.
//!
//! Whatever fetches such a URL goes through here: [`Guard::fetch`] for programs (metadata, webhooks, imports, pages read without a
//! browser), [`Guard::egress`] for a browser, which gets a proxy and nothing else. [`Guard::check`] says beforehand, without any look-up,
//! whether a URL can be fetched at all.
//!
//! # Properties
//!
//! 1. **No packet leaves for an address that is not checked.** A host is resolved once per connection, *every* address of the answer is
//!    checked, and the connection is made to one of those addresses, never to a name. There is no other code here that opens sockets
//!    to the outside.
//! 2. **One address that must not be reached spoils the answer.** A name with a public and a private address is refused, not tried.
//! 3. **A literal is an address in whatever spelling.** URLs are read as browsers read them; what is an address to a browser is checked as
//!    one, and refused unless it is written plainly.
//! 4. **Every hop is checked like the first.** Redirects are followed by hand; requests of a page come through the proxy one by one.
//! 5. **Everything ends.** Look-up, connect, handshake, first byte and the whole have deadlines; bytes on the wire, bytes after
//!    decompression, headers, redirects, connections and the log have caps.
//! 6. **Failures have names.** A refusal by the guard is never mistaken for a failure of the destination, nor one of this machine.
//! 7. **No secrets in logs.** Records and traces name hosts and addresses, never paths, queries, headers or bodies.
//!
//! # Attacks thought of
//!
//! Private, local, link-local, shared, reserved and multicast addresses; metadata services of clouds, two of which have addresses that
//! look public; IPv6 forms that carry an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP); decimal, octal, hexadecimal,
//! short, padded, full-width and percent-encoded literals; names of private networks; public names with private addresses, mixed answers,
//! aliases to internal names, answers that change between check and use; redirects to any of these, to other schemes, in circles; user
//! names, backslashes and control characters that parsers read differently; ports of other protocols; slow name servers, stalled handshakes,
//! dripped and endless bodies and headers, decompression bombs, nested encodings; tunnels through the browser's proxy; our own hosts.
//!
//! # Accepted losses
//!
//! - Hosts that only speak on other ports than 80, 443, 8080 and 8443 are not fetched, nor are addresses in disguise that are public.
//! - A name with one forbidden address among good ones is not fetched, although a browser might show it.
//! - IPv6 outside of `2000::/3` is not reachable. NAT64 (`64:ff9b::/96`) is believed where a name server made it of a public IPv4 address.
//! - Where private destinations are allowed, that goes for the host and port the user typed (and its `https` twin), not for where such a
//!   page redirects or what it loads from elsewhere in the private network.
//! - What is said inside of a browser's TLS tunnel is not seen: only to whom, how much, and for how long.
//! - Addresses of the operator that are public cannot be known here: they belong into the policy's denied networks.

mod address;
mod check;
mod connect;
mod guard;
mod host_name;
mod policy;
mod record;
mod refusal;
mod resolve;

pub mod fetch;
pub mod proxy;

pub use check::Verdict;
pub use connect::{ConnectError, Dialer, Phase, Stream, TlsFailure};
pub use guard::{Guard, GuardBuilder, GuardError};
pub use policy::{Policy, PolicyError};
pub use record::{ConnectionRecord, Outcome, Via};
pub use refusal::Refusal;
pub use resolve::{Answer, ResolveError, Resolver};
