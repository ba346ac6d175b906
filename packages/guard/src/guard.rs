//! The guard itself.

use std::{fmt, sync::Arc};

use rustls::{RootCertStore, pki_types::CertificateDer};

use crate::{
    Dialer, Policy, Resolver, Verdict,
    check::{self, NamedBy},
    connect::{TcpDialer, Tls},
    resolve::SystemResolver,
};

/// The way out. One for the whole program, shared by reference count; needs a tokio runtime with time and network.
#[derive(Clone)]
pub struct Guard {
    pub(crate) policy: Arc<Policy>,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) dialer: Arc<dyn Dialer>,
    pub(crate) tls: Tls,
}

/// What a guard is made of; see [`Guard::builder`].
pub struct GuardBuilder {
    policy: Policy,
    resolver: Option<Arc<dyn Resolver>>,
    dialer: Option<Arc<dyn Dialer>>,
    roots: Option<Vec<CertificateDer<'static>>>,
}

/// A guard that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// TLS could not be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Guard").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Guard {
    /// A guard that asks the system's name servers, dials by TCP and trusts the system's certificate authorities.
    ///
    /// # Errors
    /// When TLS cannot be set up. Missing name servers or authorities are no error here: they make look-ups and `https` fail, with
    /// that reason.
    pub fn new(policy: Policy) -> Result<Self, GuardError> {
        Self::builder(policy).build()
    }

    /// A guard of other parts.
    #[must_use]
    pub fn builder(policy: Policy) -> GuardBuilder {
        GuardBuilder { policy, resolver: None, dialer: None, roots: None }
    }

    /// Whether a URL that a user typed can be fetched, as far as can be seen without looking up its host. Never panics, whatever the text.
    #[must_use]
    pub fn check(&self, url: &str) -> Verdict {
        self.policy.check(url)
    }

    /// Whether there are certificate authorities to trust. Without them every `https` request of [`Guard::fetch`] fails.
    #[must_use]
    pub fn has_certificate_authorities(&self) -> bool {
        self.tls.has_roots()
    }
}

impl Policy {
    /// Like [`Guard::check`], where there is no guard because nothing is to be fetched.
    #[must_use]
    pub fn check(&self, url: &str) -> Verdict {
        match check::check(self, url, NamedBy::User) {
            Ok(_) => Verdict::Allow,
            Err(refusal) => Verdict::Block(refusal),
        }
    }
}

impl GuardBuilder {
    /// Looks up names with this instead of the system's name servers.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Opens connections with this instead of TCP.
    #[must_use]
    pub fn dialer(mut self, dialer: Arc<dyn Dialer>) -> Self {
        self.dialer = Some(dialer);
        self
    }

    /// Trusts these certificate authorities (DER) instead of the system's.
    #[must_use]
    pub fn certificate_authorities(mut self, roots: Vec<CertificateDer<'static>>) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Makes the guard.
    ///
    /// # Errors
    /// As [`Guard::new`].
    pub fn build(self) -> Result<Guard, GuardError> {
        let mut store = RootCertStore::empty();
        let roots = self.roots.unwrap_or_else(|| {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                tracing::warn!("no certificate authorities on this machine: https pages cannot be fetched");
            }
            found.certs
        });
        store.add_parsable_certificates(roots);
        let is_intranet = self.policy.allows_private();
        Ok(Guard {
            policy: Arc::new(self.policy),
            resolver: self.resolver.unwrap_or_else(|| Arc::new(SystemResolver::new(is_intranet))),
            dialer: self.dialer.unwrap_or_else(|| Arc::new(TcpDialer)),
            tls: Tls::new(store)?,
        })
    }
}
