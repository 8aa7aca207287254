//! Where a PostgreSQL is and how it is spoken to, from
//! `postgres://user:password@host:5432/database?sslmode=require`.
//!
//! Several hosts may be named, `postgres://a,b/assay`: the one that takes writes is used for
//! writing. `sslmode` is `disable`, `prefer` (when absent) or `require`; the server's certificate
//! is always checked, against the system's roots or those of the PEM file `sslrootcert`.

use crate::error::StorageError;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a host may take to be reached. Candidates wait as long when a primary's machine is
/// gone, so it is short.
const REACH: Duration = Duration::from_secs(3);
/// How long a machine may leave what was sent to it unconfirmed, or the network may take to bring
/// it there.
const UNCONFIRMED: Duration = Duration::from_secs(4);
/// How long a connection may be silent before it is looked after.
const IDLE: Duration = Duration::from_secs(10);

/// A database that can be connected to. Does not show its password.
#[derive(Clone)]
pub(crate) struct PostgresAddress {
    pub(crate) config: Config,
    /// The same for each host alone, where several are named.
    pub(crate) hosts: Vec<Config>,
    pub(crate) tls: MakeRustlsConnect,
}

impl PostgresAddress {
    /// # Errors
    /// [`StorageError::Address`] that says which part cannot be used.
    pub(crate) fn parse(url: &str) -> Result<Self, StorageError> {
        let (url, roots) = without_roots(url);
        let config = configured(&url)?;
        if config.get_hosts().is_empty() {
            return Err(StorageError::Address("it names no host".to_owned()));
        }
        let hosts =
            host_by_host(&url).iter().map(|url| configured(url)).collect::<Result<_, _>>()?;
        let store = match roots {
            _ if config.get_ssl_mode() == SslMode::Disable => RootCertStore::empty(),
            Some(path) => roots_of(&path)?,
            None => system_roots(),
        };
        Ok(Self { config, hosts, tls: MakeRustlsConnect::new(client(store)?) })
    }
}

fn configured(url: &str) -> Result<Config, StorageError> {
    let mut config: Config = url.parse().map_err(|error| refused(&error))?;
    config.connect_timeout(REACH).tcp_user_timeout(UNCONFIRMED).keepalives_idle(IDLE);
    if config.get_application_name().is_none() {
        config.application_name("assay");
    }
    Ok(config)
}

/// An address for each host that is named before the database; hosts that are named elsewhere stay
/// together.
fn host_by_host(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

fn client(roots: RootCertStore) -> Result<ClientConfig, StorageError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| refused(&error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn system_roots() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}

fn roots_of(path: &str) -> Result<RootCertStore, StorageError> {
    let unusable = |error: &dyn std::fmt::Display| {
        StorageError::Address(format!("sslrootcert {path}: {error}"))
    };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))? {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        store.add(certificate).map_err(|error| unusable(&error))?;
    }
    if store.is_empty() {
        return Err(unusable(&"holds no certificate"));
    }
    Ok(store)
}

/// The driver does not know `sslrootcert`; its value is a path, percent-encoded where it must be.
fn without_roots(url: &str) -> (String, Option<String>) {
    let Some((front, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (mut rest, mut roots) = (Vec::new(), None);
    for pair in query.split('&') {
        match pair.strip_prefix("sslrootcert=") {
            Some(path) => roots = Some(path.replace("%2F", "/")),
            None => rest.push(pair),
        }
    }
    let separator = if rest.is_empty() { "" } else { "?" };
    (format!("{front}{separator}{}", rest.join("&")), roots)
}

fn refused(error: &dyn std::error::Error) -> StorageError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    StorageError::Address(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(url: &str) -> String {
        match PostgresAddress::parse(url) {
            Err(StorageError::Address(text)) => text,
            Err(other) => panic!("{other}"),
            Ok(_) => String::new(),
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_says_why_without_its_password() {
        assert!(fault("postgres:///assay").contains("host"));
        assert!(fault("postgres://h/assay?sslmode=perhaps").contains("sslmode"));
        assert!(fault("postgres://u:secret@h/assay?colour=red").contains("colour"));
        assert!(!fault("postgres://u:secret@h/assay?colour=red").contains("secret"));
        assert!(fault("postgres://h/assay?sslrootcert=/none.pem").contains("/none.pem"));
    }

    #[test]
    fn several_hosts_are_an_address_each() {
        let each = |url: &str| {
            let hosts = PostgresAddress::parse(url).map(|address| address.hosts).unwrap();
            hosts
                .iter()
                .map(|one| (format!("{:?}", one.get_hosts()), one.get_ports().to_vec()))
                .collect::<Vec<_>>()
        };
        let tcp = |name: &str, port: u16| (format!("[Tcp({name:?})]"), vec![port]);
        assert_eq!(
            each("postgres://u:p%40w@a:1,b:2,[::1]:3/assay?sslmode=disable"),
            [tcp("a", 1), tcp("b", 2), tcp("::1", 3)]
        );
        assert_eq!(each("postgres://a/assay?sslmode=disable"), [tcp("a", 5432)]);
        assert_eq!(
            each("postgres://u@/assay?host=a,b&sslmode=disable").len(),
            1,
            "named elsewhere"
        );
        assert_eq!(each("host=a,b user=u sslmode=disable").len(), 1, "named elsewhere");
    }

    #[test]
    fn several_hosts_and_a_socket_are_addresses() {
        for url in [
            "postgres://a:1,b:2/assay?sslmode=disable",
            "postgres://u@%2Frun%2Fpg/assay?sslmode=disable",
        ] {
            assert_eq!(fault(url), "");
        }
    }
}
