//! What `doctor` looks at: the machine, the data directory, the database, candidates' files, the
//! settings and the clock.
//!
//! It mends nothing, makes nothing and brings no schema up, so that whoever is in trouble can run
//! it. Every finding that is not good says what to do, and nothing it says to do harms: to restore
//! a backup is advised for a damaged file only, never for one that could not be opened.

mod data_dir;
mod database;
mod history;
mod machine;
mod media;
mod time;

use crate::cli_context::{data_dir, media_directory};
use crate::config::{Config, mail};
use crate::connections::{ConnectionLimits, raise_file_limit};
use crate::data_dir::{DataDir, WITNESS};
use crate::mail_setup;
use crate::system::SystemClock;
use crate::witness::Witness;
use app::ports::Clock;
use courier::smtp::SmtpEncryption;
use domain::time::Timestamp;
use storage::{DatabaseInspection, Transaction};

/// Fewer open files than a few hundred browsers need.
const FEW_DESCRIPTORS: u64 = 4096;

domain::string_enum! {
    /// How a check ended.
    pub enum CheckState {
        Good = "good",
        Warning = "warning",
        Bad = "bad",
    }
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub state: CheckState,
    pub message: String,
    pub advice: Option<String>,
}

impl Finding {
    fn good(what: &'static str, message: impl Into<String>) -> Self {
        Self { what, state: CheckState::Good, message: message.into(), advice: None }
    }

    fn warning(what: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what,
            state: CheckState::Warning,
            message: message.into(),
            advice: Some(advice.into()),
        }
    }

    fn bad(what: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, state: CheckState::Bad, message: message.into(), advice: Some(advice.into()) }
    }
}

/// Every check, in the order a person would look.
pub fn run_checks(config: &Config) -> Vec<Finding> {
    let directory = data_dir(config);
    let mut findings = vec![clock(SystemClock.now()), address(config), descriptors(config)];
    findings.extend(proxy(config));
    findings.extend(mail(config, &directory));
    let place = data_dir::inspect(&directory);
    let (of_place, can_go_on) = data_dir::judge(&place);
    findings.extend(of_place);
    if !directory.is_on_postgres() && can_go_on {
        findings.push(server(&directory));
        findings.extend(machine::space(&directory));
    }
    if can_go_on {
        findings.extend(inside(config, &directory));
    }
    findings
}

/// What can be seen of the database only when it can be opened.
fn inside(config: &Config, directory: &DataDir) -> Vec<Finding> {
    // Read before the database: that of a server which goes on writing is ahead of it then.
    let witness = Witness::read(&directory.file(WITNESS));
    let opened = DatabaseInspection::open(directory.location())
        .and_then(|mut look| Ok((look.schema()?, look)));
    let (state, mut look) = match opened {
        Ok((state, look)) => (state, look),
        Err(error) => return vec![database::failed(&error, directory.is_on_postgres())],
    };
    if let Some(finding) = database::schema(state) {
        return vec![finding];
    }
    let mut findings =
        vec![database::integrity(look.integrity_errors(), directory.is_on_postgres())];
    findings.extend(database::contents(&mut look));
    findings.extend(time::trusted(&mut look, SystemClock.now()));
    if directory.is_on_postgres() {
        findings.extend(database::postgres(&mut look, directory.connections()));
    }
    if !directory.is_on_postgres() {
        findings.extend(history::witness(&mut look, witness));
        findings.push(history::backups(directory, SystemClock.now()));
    }
    findings.extend(media::files(&mut look, &media_directory(config)));
    if config.database_read_url.is_some() {
        findings.push(replica(directory));
    }
    findings
}

/// Deadlines and signatures go by this clock.
fn clock(now: Timestamp) -> Finding {
    const RELEASED: Timestamp = Timestamp::from_seconds(1_767_225_600);
    if now < RELEASED {
        return Finding::bad(
            "clock",
            "the system's clock is years behind",
            "Set it; deadlines go by it.",
        );
    }
    Finding::good("clock", format!("{} UTC", crate::moment::show(now)))
}

fn address(config: &Config) -> Finding {
    let address = config.listen;
    match &config.public_url {
        None if !address.ip().is_loopback() => Finding::warning(
            "address",
            format!("listens on {address} and has no public address"),
            "Set public_url: links to candidates begin with it.",
        ),
        Some(url) if url.starts_with("http://") && !address.ip().is_loopback() => Finding::warning(
            "address",
            format!("people reach the server without encryption at {url}"),
            "Put a reverse proxy with TLS in front and set public_url to its https address.",
        ),
        _ => Finding::good(
            "address",
            format!("listens on {address}, links begin with {}", config.base_url(address)),
        ),
    }
}

/// How many connections the limit of open files leaves room for. Asked of this command's own
/// process: a service may have another limit, which the server tells when it starts.
fn descriptors(config: &Config) -> Finding {
    let descriptors = raise_file_limit();
    let limits = ConnectionLimits::new(config.server.max_connections, None, descriptors);
    let message =
        format!("{descriptors} open files are allowed, {} connections at once", limits.total);
    if ConnectionLimits::new(None, None, descriptors).total < limits.total {
        let advice = "Raise the limit (LimitNOFILE in a unit of systemd, ulimit -Hn in a shell) or lower server.max_connections.";
        return Finding::warning(
            "open files",
            format!("{message}: more than the files allow"),
            advice,
        );
    }
    if descriptors < FEW_DESCRIPTORS {
        let advice =
            "Raise it for large exams: LimitNOFILE in a unit of systemd, ulimit -Hn in a shell.";
        return Finding::warning("open files", message, advice);
    }
    Finding::good("open files", message)
}

/// An https address needs a reverse proxy in front. One that is not trusted makes all its clients
/// one.
fn proxy(config: &Config) -> Option<Finding> {
    config.lacks_trusted_proxies().then(|| {
        Finding::warning(
            "proxy",
            "links begin with https, so a reverse proxy is in front, but none is trusted: all clients count as one address",
            "Name the address the proxy connects from in server.trusted_proxies, or limits hit everybody together.",
        )
    })
}

/// Whether mail is sent or kept, and whether its server takes us.
fn mail(config: &Config, directory: &DataDir) -> Vec<Finding> {
    let Some(server) = &config.mail.server else {
        let place = mail_setup::folder(directory)
            .map_or_else(String::new, |folder| format!(", and as files in {}", folder.display()));
        let message = format!(
            "none is sent, because mail.smtp_host is not set: it is kept, to be read in the management API{place}"
        );
        // Many installations hand out links themselves.
        return vec![Finding::good("mail", message)];
    };
    let mut findings = vec![greeting(config, server)];
    if server.encryption == SmtpEncryption::None && server.login.is_some() && !is_here(&server.host)
    {
        let message = format!("the password for {} goes there without encryption", server.host);
        findings.push(Finding::warning("mail", message, "Set mail.smtp_tls to starttls or tls."));
    }
    if config.public_url.is_none() {
        let message = format!("links in mail begin with {}", config.base_url(config.listen));
        findings.push(Finding::warning(
            "mail",
            message,
            "Set public_url to the address that candidates reach.",
        ));
    }
    findings
}

fn greeting(config: &Config, server: &mail::MailServerConfig) -> Finding {
    let advice = "Compare mail.smtp_host, smtp_port, smtp_tls, smtp_user and the password with what your mail server wants.";
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string());
    let greeted = runtime.and_then(|runtime| match mail_setup::smtp(config) {
        Ok(Some(smtp)) => runtime.block_on(smtp.check_connection()),
        Ok(None) => Err("no mail server is set".to_owned()),
        Err(error) => Err(format!("{error:#}")),
    });
    let place = format!("{}:{}", server.host, server.port);
    match greeted {
        Ok(()) if server.login.is_some() => Finding::good("mail", format!("{place} lets us in")),
        Ok(()) => Finding::good("mail", format!("{place} answers")),
        Err(error) => Finding::bad("mail", format!("{place}: {error}"), advice),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn server(directory: &DataDir) -> Finding {
    let message = if directory.is_served() {
        "one runs on this directory"
    } else {
        "none runs on this directory"
    };
    Finding::good("server", message)
}

/// Whether the replica answers; how far behind it is decides nothing.
fn replica(directory: &DataDir) -> Finding {
    let advice = "See that it runs, follows the primary and takes connections from here. Until then the primary is read.";
    let read = directory.open_to_read().and_then(|storage| {
        let read = |tx: &mut dyn Transaction| {
            storage::organization::installation(tx).map(|row| row.is_some())
        };
        Ok(storage.read_replica_blocking(read)?)
    });
    match read {
        Ok(true) => Finding::good("replica", "it answers"),
        Ok(false) => Finding::bad("replica", "it is no copy of the database", advice),
        Err(error) => Finding::warning("replica", format!("{error:#}"), advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigLayers;
    use std::os::unix::fs::PermissionsExt;

    fn config(data_dir: &std::path::Path) -> Config {
        let mut config = Config::from_layers(&ConfigLayers::defaults()).unwrap();
        config.data_dir = data_dir.to_owned();
        config
    }

    fn of<'found>(findings: &'found [Finding], what: &str) -> &'found Finding {
        findings.iter().find(|finding| finding.what == what).unwrap()
    }

    /// Names, modes, times of change and contents of everything below a folder.
    fn everything(folder: &std::path::Path) -> Vec<(String, u32, i64, Vec<u8>)> {
        use std::os::unix::fs::MetadataExt;
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, existing) = (entry.path(), entry.metadata().unwrap());
            let content =
                if existing.is_dir() { Vec::new() } else { std::fs::read(&path).unwrap() };
            found.push((
                path.display().to_string(),
                existing.mode(),
                existing.mtime_nsec(),
                content,
            ));
            found.extend(everything(&path));
        }
        found.sort();
        found
    }

    /// Finding faults M6: it mends nothing, migrates nothing, makes no file.
    #[test]
    fn whatever_is_examined_stays_as_it_is_m6() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("inside");
        let config = config(&path);
        let unchanged = |what: &str| {
            let before = everything(above.path());
            run_checks(&config);
            assert_eq!(everything(above.path()), before, "{what}");
        };
        unchanged("no directory");
        std::fs::create_dir(&path).unwrap();
        unchanged("an empty directory");
        let file = data_dir(&config).database();
        std::fs::write(&file, "").unwrap();
        unchanged("an empty file");
        std::fs::write(&file, "not a database".repeat(1000)).unwrap();
        unchanged("another file");
        std::fs::remove_file(&file).unwrap();
        drop(data_dir(&config).open_or_make().unwrap());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        unchanged("a database");
    }

    #[test]
    fn a_missing_directory_is_told_with_what_to_do_and_stays_missing() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("none");
        let findings = run_checks(&config(&path));
        assert_eq!(of(&findings, "data directory").state, CheckState::Bad);
        assert!(of(&findings, "data directory").advice.as_ref().unwrap().contains("org create"));
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_is_no_database_is_told() {
        let above = tempfile::tempdir().unwrap();
        let config = config(above.path());
        std::fs::write(data_dir(&config).database(), "not a database".repeat(1000)).unwrap();
        assert_eq!(of(&run_checks(&config), "database").state, CheckState::Bad);
    }

    #[test]
    fn a_directory_that_others_may_enter_is_a_warning_and_a_fresh_database_is_whole() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("inside");
        let config = config(&path);
        drop(data_dir(&config).open_or_make().unwrap());
        let findings = run_checks(&config);
        assert!(findings.iter().all(|finding| finding.state != CheckState::Bad), "{findings:#?}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(of(&run_checks(&config), "data directory").state, CheckState::Warning);
    }

    #[test]
    fn without_a_mail_server_it_is_told_where_mail_is_kept() {
        let above = tempfile::tempdir().unwrap();
        let findings = run_checks(&config(above.path()));
        let found = of(&findings, "mail");
        assert_eq!(found.state, CheckState::Good);
        let folder = above.path().join("mail").display().to_string();
        assert!(
            found.message.contains("management API") && found.message.contains(&folder),
            "{}",
            found.message
        );
        assert!(found.message.contains("mail.smtp_host is not set"), "{}", found.message);
    }

    /// A mail server that says these lines, one after each line it hears, the first unasked.
    fn mail_server(lines: &'static [&'static str]) -> u16 {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = BufReader::new(stream.try_clone().unwrap()).lines();
            for line in lines {
                write!(stream, "{line}\r\n").unwrap();
                heard.next();
            }
        });
        port
    }

    fn with_server(path: &std::path::Path, port: u16, login: &str) -> Config {
        let mut layers = ConfigLayers::defaults();
        let text = format!(
            "[mail]\nfrom = 'a@example.org'\nsmtp_host = '127.0.0.1'\nsmtp_port = {port}\nsmtp_tls = 'none'\n{login}"
        );
        layers.add_file("assay.toml", &text);
        Config { data_dir: path.to_owned(), ..Config::from_layers(&layers).unwrap() }
    }

    #[test]
    fn a_mail_server_that_takes_us_is_good_and_one_that_does_not_is_told_with_its_words() {
        let above = tempfile::tempdir().unwrap();
        let port = mail_server(&["220 here", "250 fine", "250 fine", "221 bye"]);
        let findings = run_checks(&with_server(above.path(), port, ""));
        assert_eq!(of(&findings, "mail").state, CheckState::Good, "{findings:#?}");
        let port = mail_server(&["220 here", "250-fine\r\n250 AUTH PLAIN", "535 who are you"]);
        let login = "smtp_user = 'assay'\nsmtp_password = 's3cret'\n";
        let findings = run_checks(&with_server(above.path(), port, login));
        let found = of(&findings, "mail");
        assert!(
            found.state == CheckState::Bad && found.message.contains("who are you"),
            "{}",
            found.message
        );
        assert!(
            !found.message.contains("s3cret")
                && found.advice.as_ref().unwrap().contains("smtp_user")
        );
        let findings = run_checks(&with_server(
            above.path(),
            port,
            "smtp_user = 'a'\nsmtp_password_file = '/nowhere'\n",
        ));
        assert!(
            of(&findings, "mail").message.contains("mail.smtp_password_file names /nowhere"),
            "{findings:#?}"
        );
    }

    #[test]
    fn more_connections_than_open_files_allow_are_a_warning_m7() {
        let mut config = Config::from_layers(&ConfigLayers::defaults()).unwrap();
        assert!(descriptors(&config).message.contains("connections at once"));
        config.server.max_connections = Some(1_000_000);
        let found = descriptors(&config);
        assert_eq!(found.state, CheckState::Warning);
        assert!(found.advice.unwrap().contains("server.max_connections"));
    }

    #[test]
    fn an_https_address_without_a_trusted_proxy_is_a_warning() {
        let above = tempfile::tempdir().unwrap();
        let mut config = config(above.path());
        assert!(proxy(&config).is_none());
        config.public_url = Some("https://assess.example.org".to_owned());
        assert_eq!(proxy(&config).map(|finding| finding.state), Some(CheckState::Warning));
        config.server.proxies.networks = crate::proxies::networks("10.0.0.5").unwrap();
        assert!(proxy(&config).is_none());
    }

    #[test]
    fn a_clock_before_the_program_was_made_is_wrong() {
        assert_eq!(clock(Timestamp(0)).state, CheckState::Bad);
    }
}
