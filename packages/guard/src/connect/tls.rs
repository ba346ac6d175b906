//! TLS to the server, by rustls, with what went wrong told apart.

use std::{io, sync::Arc, time::Duration};

use rustls::{CertificateError, ClientConfig, Error as RustlsError, RootCertStore, pki_types::ServerName};
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{ConnectError, Phase, TlsFailure};
use crate::{
    check::{Target, TargetHost},
    record::Metered,
};

/// Whom to trust.
#[derive(Clone)]
pub(crate) struct Tls {
    /// `None`: there are no roots.
    connector: Option<TlsConnector>,
}

impl Tls {
    /// Trusts these authorities.
    ///
    /// # Errors
    /// When rustls cannot be set up.
    pub fn new(roots: RootCertStore) -> Result<Self, RustlsError> {
        if roots.is_empty() {
            return Ok(Self { connector: None });
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: Some(TlsConnector::from(Arc::new(config))) })
    }

    pub fn has_roots(&self) -> bool {
        self.connector.is_some()
    }

    /// Greets the server.
    pub async fn handshake(
        &self,
        target: &Target,
        stream: Metered,
        within: Duration,
    ) -> Result<TlsStream<Metered>, ConnectError> {
        // An empty list would fail every server, and a destination would be called broken for this machine's fault.
        let connector = self
            .connector
            .as_ref()
            .ok_or_else(|| ConnectError::Local("it has no certificates of authorities to trust".to_owned()))?;
        let name = match &target.host {
            TargetHost::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|error| TlsFailure::InvalidCertificate(error.to_string()))?
            }
            TargetHost::Address(address) => ServerName::IpAddress((*address).into()),
        };
        timeout(within, connector.connect(name, stream))
            .await
            .map_err(|_| ConnectError::TimedOut(Phase::Handshake))?
            .map_err(|error| tls_failure(&error).map_or_else(|| ConnectError::from(&error), ConnectError::Tls))
    }
}

/// What went wrong with TLS; `None` where it was the connection underneath.
pub(crate) fn tls_failure(error: &io::Error) -> Option<TlsFailure> {
    let error = error.get_ref()?.downcast_ref::<RustlsError>()?;
    Some(match error {
        RustlsError::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFailure::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsFailure::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFailure::WrongHost
            }
            CertificateError::UnknownIssuer => TlsFailure::UnknownIssuer,
            CertificateError::Revoked => TlsFailure::Revoked,
            other => TlsFailure::InvalidCertificate(other.to_string()),
        },
        RustlsError::InvalidMessage(_) => TlsFailure::NotTls,
        other => TlsFailure::Protocol(other.to_string()),
    })
}
