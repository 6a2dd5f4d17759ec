//! TLS to PostgreSQL for the read door, with the meaning `sslmode` has everywhere else: `prefer` and
//! `require` encrypt without asking who answers, `verify-full` checks the certificate and the name.

use std::str::FromStr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::kernel::error::{Error, Result};

/// What a `postgres://` address says, split into what tokio-postgres understands and how to check the server.
pub struct Address {
    pub config: tokio_postgres::Config,
    /// Absent when the connection is not to be encrypted.
    pub tls: Option<MakeRustlsConnect>,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut verify = false;
        let mut authority = None;
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", "verify-full")) => {
                    verify = true;
                    rest.push("sslmode=require");
                }
                Some(("sslmode", "verify-ca")) => {
                    return Err(invalid("`sslmode=verify-ca` is not offered; use `verify-full`"));
                }
                Some(("sslrootcert", file)) => authority = Some(file),
                _ => rest.push(pair),
            }
        }
        let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        let config = tokio_postgres::Config::from_str(&plain)
            .map_err(|error| invalid(format!("the database address cannot be read: {error}")))?;
        // A socket in the file system has no host name to shake hands with, and nobody on the line.
        let is_remote = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        if !is_remote || config.get_ssl_mode() == SslMode::Disable {
            return Ok(Self { config, tls: None });
        }
        Ok(Self { config, tls: Some(MakeRustlsConnect::new(client(verify, authority)?)) })
    }
}

fn client(verify: bool, authority: Option<&str>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?;
    if verify {
        return Ok(builder.with_root_certificates(roots(authority)?).with_no_client_auth());
    }
    let verifier = Arc::new(AnyServer(provider));
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// The authorities of the file given, or those that browsers trust.
fn roots(authority: Option<&str>) -> Result<RootCertStore> {
    let Some(file) = authority else {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    };
    let unreadable = |error: &dyn std::fmt::Display| {
        invalid(format!("`sslrootcert` names {file}, which is not a readable PEM file: {error}"))
    };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
        store.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
    }
    Ok(store)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::invalid("database", message)
}

/// Takes any certificate, as `sslmode=prefer` and `require` are defined to.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_drivers_are_read() {
        for query in ["", "?sslmode=disable", "?sslmode=verify-full&connect_timeout=3", "?sslmode=require"] {
            assert!(Address::parse(&format!("postgres://u:p@h:1/db{query}")).is_ok(), "{query}");
        }
        let is_encrypted = |url: &str| Address::parse(url).map(|address| address.tls.is_some()).ok();
        assert_eq!(is_encrypted("postgres://h/db"), Some(true));
        assert_eq!(is_encrypted("postgres://h/db?sslmode=disable"), Some(false));
        assert_eq!(is_encrypted("postgres://u@%2Ftmp/db"), Some(false));
        for query in ["?sslmode=verify-ca", "?sslmode=verify-full&sslrootcert=/nowhere.pem", "?nonsense=1"] {
            assert!(Address::parse(&format!("postgres://h/db{query}")).is_err(), "{query}");
        }
    }
}
