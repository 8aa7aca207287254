//! The settings of the server: where they come from and what they may be.
//!
//! Flags are stronger than the environment, the environment is stronger than the file, the file is
//! stronger than the defaults that are compiled in (`default.toml`). Every fault is reported at
//! once, with the place it was made. This module must never read the environment or a file unasked:
//! both are arguments, so that tests are alone with them.

mod layers;
pub mod mail;
mod reader;
#[cfg(test)]
mod reference;

pub use layers::{ConfigFault, ConfigLayers};
pub use mail::{MailConfig, MailLogin, MailPassword};

use crate::proxies::TrustedProxies;
use reader::ConfigReader;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use storage::DatabaseUrl;

/// The file of defaults, with comments that are the reference.
pub const DEFAULT_FILE: &str = include_str!("../../default.toml");

/// The file that is read when none is named and it exists.
pub const USUAL_FILE: &str = "assay.toml";

domain::string_enum! {
    /// How log lines are written.
    pub enum LogFormat {
        Text = "text",
        Json = "json",
    }
}

/// Every setting, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub data_dir: PathBuf,
    /// None stands for the file in the data directory.
    pub database_url: Option<DatabaseUrl>,
    /// A replica of it.
    pub database_read_url: Option<DatabaseUrl>,
    pub listen: SocketAddr,
    /// Without a slash at its end; none stands for the address the server listens on.
    pub public_url: Option<String>,
    /// None serves no metrics.
    pub metrics_listen: Option<SocketAddr>,
    pub log: LogConfig,
    pub limits: LimitsConfig,
    pub callbacks: CallbackConfig,
    pub mail: MailConfig,
    /// None is the folder of the data directory.
    pub media_directory: Option<PathBuf>,
    /// The origin of files of candidates; none is that of the pages.
    pub media_public_url: Option<String>,
    pub server: ServerConfig,
}

/// How the log is written, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    pub format: LogFormat,
    /// Directives of the form tracing's filters take.
    pub level: String,
}

/// How much each client may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Per API key; none lifts the limit.
    pub requests_per_minute: Option<u32>,
    pub entry_failures_per_address: u32,
    pub entry_failures_per_task: u32,
    /// Of one candidate's browser; none lifts the limit.
    pub requests_per_second_per_session: Option<u32>,
    pub requests_per_second_per_address: Option<u32>,
    pub entries_per_minute_per_address: Option<u32>,
    /// Of one test instance.
    pub answer_files_mebibytes: u32,
    pub evidences_mebibytes: u32,
    /// Of one organization.
    pub author_media_mebibytes: u32,
    /// Of the whole server.
    pub export_spool_mebibytes: u32,
}

/// Where callbacks may go beside `https` addresses of the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackConfig {
    pub plain_http: bool,
    pub private_addresses: bool,
}

/// Threads, connections, timeouts and caches of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// None is one for each processor.
    pub worker_threads: Option<usize>,
    /// None is as many as are usual for the database.
    pub readers: Option<usize>,
    /// None is as many as are usual.
    pub writers: Option<usize>,
    /// 0 keeps no page.
    pub page_cache_bytes: u64,
    pub idle_timeout: Duration,
    pub shutdown_grace: Duration,
    /// None is as many as the descriptors allow.
    pub max_connections: Option<usize>,
    /// None lifts the limit.
    pub max_connections_per_address: Option<usize>,
    pub head_timeout: Duration,
    pub proxies: TrustedProxies,
}

impl Config {
    /// The settings that the layers add up to.
    ///
    /// # Errors
    /// Every fault of every layer, in the order of the reference.
    pub fn from_layers(layers: &ConfigLayers) -> Result<Self, Vec<ConfigFault>> {
        let mut reading = ConfigReader::new(layers);
        let config = Self {
            data_dir: PathBuf::from(reading.some_text("data_dir")),
            database_url: reading.database_url("database_url"),
            database_read_url: reading.replica_url("database_read_url", "database_url"),
            listen: reading.address("listen"),
            public_url: reading.base_url("public_url"),
            metrics_listen: reading.some_address("metrics_listen"),
            log: LogConfig {
                format: reading.log_format("log.format"),
                level: reading.log_level("log.level"),
            },
            limits: LimitsConfig::read(&mut reading),
            callbacks: CallbackConfig {
                plain_http: reading.flag("callbacks.plain_http"),
                private_addresses: reading.flag("callbacks.private_addresses"),
            },
            mail: MailConfig::read(&mut reading),
            media_directory: reading.text("media.directory").map(PathBuf::from),
            media_public_url: reading.base_url("media.public_url"),
            server: ServerConfig::read(&mut reading),
        };
        reading.finish(config)
    }

    /// Whether a reverse proxy must be in front, as this program speaks no TLS, and none is
    /// trusted.
    #[must_use]
    pub fn lacks_trusted_proxies(&self) -> bool {
        let is_https = self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        is_https && self.server.proxies.networks.is_empty()
    }

    /// The base of links: what was set, or the address the server really listens on.
    #[must_use]
    pub fn base_url(&self, listening: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{listening}"))
    }
}

impl LimitsConfig {
    fn read(reading: &mut ConfigReader<'_>) -> Self {
        let mut rate = |name| Some(reading.whole(name, 0, 1_000_000)).filter(|number| *number > 0);
        Self {
            requests_per_minute: rate("limits.requests_per_minute"),
            requests_per_second_per_session: rate("limits.requests_per_second_per_session"),
            requests_per_second_per_address: rate("limits.requests_per_second_per_address"),
            entries_per_minute_per_address: rate("limits.entries_per_minute_per_address"),
            entry_failures_per_address: reading.whole(
                "limits.entry_failures_per_address",
                1,
                100_000,
            ),
            entry_failures_per_task: reading.whole("limits.entry_failures_per_task", 1, 100_000),
            answer_files_mebibytes: reading.whole("limits.answer_files_mebibytes", 1, 1_000_000),
            evidences_mebibytes: reading.whole("limits.evidences_mebibytes", 1, 1_000_000),
            author_media_mebibytes: reading.whole("limits.author_media_mebibytes", 1, 1_000_000),
            export_spool_mebibytes: reading.whole("limits.export_spool_mebibytes", 1, 1_000_000),
        }
    }
}

impl ServerConfig {
    fn read(reading: &mut ConfigReader<'_>) -> Self {
        Self {
            worker_threads: reading.threads("server.worker_threads", 1024),
            readers: reading.threads("server.readers", 256),
            writers: reading.threads("server.writers", 256),
            page_cache_bytes: reading.whole("server.page_cache_bytes", 0, 4_000_000_000).into(),
            idle_timeout: reading.seconds("server.idle_timeout_seconds", 1, 3600),
            shutdown_grace: reading.seconds("server.shutdown_grace_seconds", 0, 3600),
            max_connections: reading.threads("server.max_connections", 1_000_000),
            max_connections_per_address: reading
                .threads("server.max_connections_per_address", 1_000_000),
            head_timeout: reading.seconds("server.head_timeout_seconds", 1, 3600),
            proxies: TrustedProxies {
                networks: reading.networks("server.trusted_proxies"),
                header: reading.forwarded_header("server.forwarded_header"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(
        file: &str,
        environment: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> ConfigLayers {
        let mut layers = ConfigLayers::defaults();
        layers.add_file("assay.toml", file);
        layers.add_environment(
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        for (name, value) in flags {
            layers.add_flag(name, value);
        }
        layers
    }

    fn faults(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let outcome = Config::from_layers(&layers(file, environment, &[]));
        outcome.unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn unknown_keys_are_refused_by_name_with_what_was_probably_meant() {
        let messages = faults("lisen = 'x'\n[log]\nformatt = 'json'\n[limit]\nx = 1\n", &[]);
        assert_eq!(
            messages,
            [
                "assay.toml: there is no setting `limit.x`; docs/configuration.md lists them all.",
                "assay.toml: there is no setting `lisen`; did you mean `listen`?",
                "assay.toml: there is no setting `log.formatt`; did you mean `log.format`?",
            ]
        );
    }

    /// An old name that is passed over in silence would leave every client behind a proxy with one
    /// address.
    #[test]
    fn a_setting_that_was_replaced_is_refused_with_what_took_its_place_wherever_it_was_made() {
        let file = "[server]\ntrust_forwarded_for = true\n";
        let messages = faults(file, &[("ASSAY_SERVER_TRUST_FORWARDED_FOR", "true")]);
        assert_eq!(messages.len(), 2, "{messages:#?}");
        for (fault, origin) in
            messages.iter().zip(["assay.toml", "ASSAY_SERVER_TRUST_FORWARDED_FOR"])
        {
            assert!(
                fault.starts_with(origin) && fault.contains("`server.trusted_proxies`"),
                "{fault}"
            );
        }
    }

    #[test]
    fn trusted_proxies_are_addresses_and_networks() {
        let file =
            "[server]\ntrusted_proxies = '127.0.0.1, 10.0.0.0/8'\nforwarded_header = 'forwarded'\n";
        let config = Config::from_layers(&layers(file, &[], &[])).unwrap();
        assert!(config.server.proxies.contains([10, 9, 8, 7].into()));
        assert!(!config.server.proxies.contains([11, 9, 8, 7].into()));
        let messages = faults(
            "[server]\ntrusted_proxies = 'proxy.example.org'\nforwarded_header = 'via'\n",
            &[],
        );
        assert!(
            messages.len() == 2 && messages[0].contains("trusted_proxies` must "),
            "{messages:#?}"
        );
    }

    #[test]
    fn a_section_written_as_a_value_is_told_apart_from_an_unknown_key() {
        assert_eq!(
            faults("log = 'json'", &[]),
            ["assay.toml: `log` is a section; write its settings below [log]."]
        );
    }

    #[test]
    fn a_file_that_is_not_toml_is_refused_with_its_line() {
        let messages = faults("listen = \n", &[]);
        assert!(
            messages.len() == 1 && messages[0].starts_with("assay.toml: line 1"),
            "{messages:?}"
        );
    }

    #[test]
    fn every_wrong_value_is_told_at_once_with_the_place_it_was_made() {
        let file = "listen = 'localhost'\npublic_url = 'example.org'\n[log]\nformat = 'xml'\nlevel = 'loud=='\n";
        let messages = faults(
            file,
            &[("ASSAY_LIMITS_REQUESTS_PER_MINUTE", "many"), ("ASSAY_SERVER_READERS", "900")],
        );
        let wanted = [
            ("assay.toml", "listen"),
            ("assay.toml", "public_url"),
            ("assay.toml", "log.format"),
            ("assay.toml", "log.level"),
            ("ASSAY_LIMITS_REQUESTS_PER_MINUTE", "limits.requests_per_minute"),
            ("ASSAY_SERVER_READERS", "server.readers"),
        ];
        assert_eq!(messages.len(), wanted.len(), "{messages:#?}");
        for (fault, (origin, name)) in messages.iter().zip(wanted) {
            assert!(fault.starts_with(&format!("{origin}: `{name}` must ")), "{fault}");
        }
    }

    #[test]
    fn a_number_written_as_text_in_the_file_is_a_wrong_type() {
        let messages =
            faults("[limits]\nrequests_per_minute = '5'\n[callbacks]\nplain_http = 1\n", &[]);
        assert_eq!(
            messages[0],
            "assay.toml: `limits.requests_per_minute` must be a whole number from 0 to 1000000."
        );
        assert_eq!(messages[1], "assay.toml: `callbacks.plain_http` must be true or false.");
    }

    #[test]
    fn flags_are_stronger_than_the_environment_and_that_is_stronger_than_the_file() {
        let file =
            "data_dir = '/file'\nlisten = '127.0.0.1:1'\npublic_url = 'https://file.example/'\n";
        let environment =
            [("ASSAY_DATA_DIR", "/environment"), ("ASSAY_LISTEN", "127.0.0.1:2"), ("OTHER", "x")];
        let config =
            Config::from_layers(&layers(file, &environment, &[("data_dir", "/flag")])).unwrap();
        assert_eq!(config.data_dir, PathBuf::from("/flag"));
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.public_url.as_deref(), Some("https://file.example"));
        assert_eq!(config.log.format, LogFormat::Text);
    }

    #[test]
    fn the_defaults_alone_are_valid_and_zero_lifts_or_leaves_open() {
        let config = Config::from_layers(&ConfigLayers::defaults()).unwrap();
        assert_eq!(config.limits.requests_per_minute, Some(6000));
        assert_eq!((config.server.worker_threads, config.server.readers), (None, None));
        assert_eq!(config.server.page_cache_bytes, 64 << 20);
        assert_eq!(config.base_url(config.listen), "http://127.0.0.1:8080");
        let lifted = layers("[limits]\nrequests_per_minute = 0", &[], &[]);
        assert_eq!(Config::from_layers(&lifted).unwrap().limits.requests_per_minute, None);
    }

    #[test]
    fn an_unknown_variable_is_a_warning_since_other_programs_name_variables_too() {
        let layers = layers(
            "",
            &[("ASSAY_LISTN", "x"), ("ASSAY_PORT", "tcp://10.0.0.1:80"), ("ASSAY_CONFIG", "f")],
            &[],
        );
        assert!(Config::from_layers(&layers).is_ok());
        assert_eq!(
            layers.warnings(),
            [
                "The variable ASSAY_LISTN is no setting and has no effect; did you mean ASSAY_LISTEN?",
                "The variable ASSAY_PORT is no setting and has no effect.",
            ]
        );
    }
}
