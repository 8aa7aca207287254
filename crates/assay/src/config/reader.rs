//! Reading single settings: their types, bounds and forms. A wrong one leaves a fault and a
//! stand-in, so that all are found in one pass.

use super::{ConfigFault, ConfigLayers, LogFormat};
use crate::proxies::{self, ForwardedHeader};
use courier::smtp::SmtpEncryption;
use hyper::Uri;
use ipnet::IpNet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use storage::DatabaseUrl;
use toml::Value;
use tracing_subscriber::EnvFilter;

pub(super) struct ConfigReader<'layers> {
    layers: &'layers ConfigLayers,
    faults: Vec<ConfigFault>,
}

impl<'layers> ConfigReader<'layers> {
    /// A reader that begins with the faults of the layers themselves.
    pub fn new(layers: &'layers ConfigLayers) -> Self {
        Self { layers, faults: layers.faults().to_vec() }
    }

    /// What was read, if nothing was wrong.
    pub fn finish<T>(self, read: T) -> Result<T, Vec<ConfigFault>> {
        if self.faults.is_empty() { Ok(read) } else { Err(self.faults) }
    }

    /// A text that must not be empty; empty after a fault.
    pub fn some_text(&mut self, name: &str) -> String {
        self.read(name, "be a text that is not empty", |value| {
            value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        })
        .unwrap_or_default()
    }

    /// An address with its port, version 6 in brackets.
    pub fn address(&mut self, name: &str) -> SocketAddr {
        let requirement = "be an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
        let address = self.read(name, requirement, |value| value.as_str()?.parse().ok());
        address.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// As [`SettingsReader::address`]; nothing when empty.
    pub fn some_address(&mut self, name: &str) -> Option<SocketAddr> {
        let requirement = "be empty, or an address and a port such as 127.0.0.1:9090";
        self.read(name, requirement, |value| match value.as_str()? {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        })
        .flatten()
    }

    /// An absolute http or https address without query; nothing when empty.
    pub fn base_url(&mut self, name: &str) -> Option<String> {
        let requirement =
            "be an address such as https://assess.example.org, without user, query and fragment";
        let url = self.read(name, requirement, |value| {
            value.as_str().filter(|text| is_base(text)).map(str::to_owned)
        });
        url.map(|url| normal_base(&url)).filter(|url| !url.is_empty())
    }

    /// An address of a PostgreSQL; nothing when empty. What is wrong with it is told without
    /// quoting it.
    pub fn database_url(&mut self, name: &str) -> Option<DatabaseUrl> {
        let requirement = "be an address such as postgres://user:password@host:5432/database";
        let is_address = |text: &&str| {
            text.is_empty() || text.starts_with("postgres://") || text.starts_with("postgresql://")
        };
        let url = self
            .read(name, requirement, |value| value.as_str().filter(is_address).map(str::to_owned));
        url.filter(|url| !url.is_empty()).map(DatabaseUrl)
    }

    /// The address of a replica of another setting's database, which must then be set.
    pub fn replica_url(&mut self, name: &str, of: &str) -> Option<DatabaseUrl> {
        let has_primary = self
            .layers
            .value(of)
            .and_then(|(value, _)| value.as_str())
            .is_some_and(|text| !text.is_empty());
        if has_primary {
            return self.database_url(name);
        }
        let requirement = "be left empty without database_url: it is read beside that one";
        self.read(name, requirement, |value| {
            value.as_str().filter(|text| text.is_empty()).map(|_| None)
        })
        .flatten()
    }

    /// A text; nothing when empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, "be a text", |value| value.as_str().map(str::to_owned))
            .filter(|text| !text.is_empty())
    }

    /// Who mail comes from; nothing when empty.
    pub fn sender(&mut self, name: &str) -> Option<String> {
        let requirement =
            "be empty, or an address such as exams@example.org or Exams <exams@example.org>";
        let is_fine = |text: &&str| text.is_empty() || courier::message::is_sender(text);
        let sender =
            self.read(name, requirement, |value| value.as_str().filter(is_fine).map(str::to_owned));
        sender.filter(|text| !text.is_empty())
    }

    /// The name or address of a machine; nothing when empty.
    pub fn host(&mut self, name: &str) -> Option<String> {
        let requirement = "be empty, or a host such as smtp.example.org, without scheme and port";
        let is_fine = |text: &&str| {
            let is_plain =
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
            is_plain || text.parse::<std::net::Ipv6Addr>().is_ok()
        };
        let host =
            self.read(name, requirement, |value| value.as_str().filter(is_fine).map(str::to_owned));
        host.filter(|text| !text.is_empty())
    }

    /// How the connection to a mail server is protected.
    pub fn encryption(&mut self, name: &str) -> SmtpEncryption {
        let read = self
            .read(name, "be starttls, tls or none", |value| SmtpEncryption::parse(value.as_str()?));
        read.unwrap_or(SmtpEncryption::Starttls)
    }

    /// Tells a fault that only several settings together have.
    pub fn refuse(&mut self, name: &str, requirement: &str) {
        let is_told = |fault: &ConfigFault| fault.setting.as_deref() == Some(name);
        if !self.faults.iter().any(is_told) {
            self.read(name, requirement, |_| None::<()>);
        }
    }

    /// Addresses and networks, separated by commas; none when empty.
    pub fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let requirement = "be empty, or addresses and networks such as 127.0.0.1, 10.0.0.0/8";
        self.read(name, requirement, |value| proxies::networks(value.as_str()?)).unwrap_or_default()
    }

    /// By which header proxies tell the client's address.
    pub fn forwarded_header(&mut self, name: &str) -> ForwardedHeader {
        let requirement = "be x-forwarded-for or forwarded";
        let read = self.read(name, requirement, |value| ForwardedHeader::parse(value.as_str()?));
        read.unwrap_or(ForwardedHeader::XForwardedFor)
    }

    /// Whether lines of the log are text or JSON.
    pub fn log_format(&mut self, name: &str) -> LogFormat {
        self.read(name, "be text or json", |value| LogFormat::parse(value.as_str()?))
            .unwrap_or(LogFormat::Text)
    }

    /// A level or filter directives; refused here, so that logging starts without a fault.
    pub fn log_level(&mut self, name: &str) -> String {
        let requirement =
            "be error, warn, info, debug, trace or directives such as info,assay_storage=debug";
        self.read(name, requirement, |value| {
            let text = value.as_str().filter(|text| !text.is_empty())?;
            EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
        })
        .unwrap_or_default()
    }

    /// A switch; off after a fault.
    pub fn flag(&mut self, name: &str) -> bool {
        self.read(name, "be true or false", Value::as_bool).unwrap_or_default()
    }

    /// A whole number within bounds; the least after a fault.
    pub fn whole(&mut self, name: &str, least: u32, most: u32) -> u32 {
        let requirement = format!("be a whole number from {least} to {most}");
        let number = self.read(name, &requirement, |value| {
            u32::try_from(value.as_integer()?).ok().filter(|number| (least..=most).contains(number))
        });
        number.unwrap_or(least)
    }

    /// A whole number of seconds within bounds.
    pub fn seconds(&mut self, name: &str, least: u32, most: u32) -> Duration {
        Duration::from_secs(self.whole(name, least, most).into())
    }

    /// A number of threads; 0 leaves it open.
    pub fn threads(&mut self, name: &str, most: u32) -> Option<usize> {
        usize::try_from(self.whole(name, 0, most)).ok().filter(|number| *number > 0)
    }

    fn read<T>(
        &mut self,
        name: &str,
        requirement: &str,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let (value, origin) =
            self.layers.value(name).expect("every setting read here is in the file of defaults");
        let parsed = parse(value);
        if parsed.is_none() {
            let message = format!("`{name}` must {requirement}.");
            let setting = Some(name.to_owned());
            self.faults.push(ConfigFault { setting, origin: origin.clone(), message });
        }
        parsed
    }
}

/// A base address as it is compared and put before paths: its scheme in small letters, no slash at
/// its end.
fn normal_base(url: &str) -> String {
    let url = url.trim_end_matches('/');
    url.split_once("://").map_or_else(
        || url.to_owned(),
        |(scheme, rest)| format!("{}://{rest}", scheme.to_ascii_lowercase()),
    )
}

fn is_base(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri
        .authority()
        .is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty());
    scheme && host && uri.query().is_none() && !text.contains('#')
}

#[cfg(test)]
mod tests {
    use super::{is_base, normal_base};

    #[test]
    fn a_base_address_is_https_however_its_scheme_is_written() {
        assert_eq!(normal_base("HTTPS://Example.org/Assess/"), "https://Example.org/Assess");
        assert_eq!(normal_base("Http://example.org"), "http://example.org");
        assert_eq!(normal_base(""), "");
    }

    #[test]
    fn a_base_address_has_a_scheme_and_a_host_and_nothing_after_its_path() {
        for wrong in [
            "example.org",
            "ftp://example.org",
            "https://",
            "https://a@b.org",
            "http://b.org?x=1",
            "http://b#c",
        ] {
            assert!(!is_base(wrong), "{wrong}");
        }
        for right in ["", "http://127.0.0.1:8080", "https://example.org/assess/"] {
            assert!(is_base(right), "{right}");
        }
    }
}
