//! What the server is told to do: a file and the environment.
//!
//! What must hold: every wrong value is told at start, all at once, with where
//! it came from; a setting nobody knows is one; no secret is ever shown again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use tickmark_access::{Secret, Sso};
use tickmark_catalog::{Problem, Problems};
use url::Url;

/// What the server is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where metrics are told; only on loopback. `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// The address people use, where a proxy stands before the server.
    pub public_url: Option<Url>,
    /// Certificate chain and key, both PEM, to encrypt itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Addresses of proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Largest upload, in bytes.
    pub max_upload_bytes: u64,
    /// Longest time a request may take, in seconds.
    pub timeout_seconds: u64,
    /// How the log is written.
    pub log: LogFormat,
    /// The identity provider people may sign in with. `None`: there is none.
    pub sso: Option<SsoSettings>,
    /// Whether webhooks may post to addresses inside the network.
    pub webhook_private_addresses: bool,
    /// How long people stay signed in, and how often they may try.
    pub sign_in: SignInLimits,
    /// Whether people sign in by role with one click: the demo, and only it.
    pub demo: bool,
}

/// An identity provider, and as whom we ask it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoSettings {
    /// Its issuer.
    pub issuer: String,
    /// The client id it gave us.
    pub client_id: String,
    /// The client secret it gave us.
    pub client_secret: Secret,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8250)),
            metrics: None,
            public_url: None,
            tls: None,
            trusted_proxies: Vec::new(),
            max_upload_bytes: 256 * 1024 * 1024,
            timeout_seconds: 60,
            log: LogFormat::Text,
            sso: None,
            webhook_private_addresses: false,
            sign_in: SignInLimits::default(),
            demo: false,
        }
    }
}

/// How long people stay signed in, and how often they may try to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLimits {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub session_hours: u32,
    /// Attempts a minute from one network address.
    pub attempts_per_minute: NonZeroU32,
}

impl Default for SignInLimits {
    /// Twelve hours idle, seven days in all, thirty attempts a minute.
    fn default() -> Self {
        Self {
            idle_minutes: 12 * 60,
            session_hours: 7 * 24,
            attempts_per_minute: NonZeroU32::MIN.saturating_add(29),
        }
    }
}

impl SignInLimits {
    /// Tells them to an entrance.
    pub fn apply(self, entrance: &mut tickmark_access::Settings) {
        entrance.sessions.idle = SignedDuration::from_mins(self.idle_minutes.into());
        entrance.sessions.absolute = SignedDuration::from_hours(self.session_hours.into());
        entrance.attempts_per_minute = self.attempts_per_minute;
    }
}

/// A setting as it was given, and where.
struct Given {
    text: String,
    from: String,
}

/// Every setting: name, and what it means.
const KNOWN: &[&str] = &[
    "listen",
    "metrics",
    "public_url",
    "tls_certificate",
    "tls_key",
    "trusted_proxies",
    "max_upload_bytes",
    "timeout_seconds",
    "log",
    "sso_issuer",
    "sso_client_id",
    "sso_client_secret_file",
    SSO_SECRET,
    "webhook_private_addresses",
    "session_idle_minutes",
    "session_hours",
    "sign_in_attempts_per_minute",
];

/// The one setting that is a secret: it never stands in a file of settings,
/// and what was given is in no message.
const SSO_SECRET: &str = "sso_client_secret";

/// What environment variables of the server begin with.
const PREFIX: &str = "TICKMARK_SERVE_";

impl Settings {
    /// Reads settings from a file's text and the environment, which wins.
    ///
    /// `file`: its name and text, where there is one. `environment`: name and
    /// value of every variable.
    ///
    /// # Errors
    /// Every value that is wrong, and every setting nobody knows.
    pub fn read(
        file: Option<(&Path, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut given = BTreeMap::new();
        if let Some((path, text)) = file {
            read_file(path, text, &mut given, &mut problems);
        }
        for (name, value) in environment {
            if let Some(name) = name.strip_prefix(PREFIX) {
                let key = name.to_lowercase();
                let from = format!("{PREFIX}{name}");
                take(&key, Given { text: value, from }, &mut given, &mut problems);
            }
        }
        let settings = Self::from_given(&given, &mut problems);
        Problems::unless_empty(problems, settings)
    }

    fn from_given(given: &BTreeMap<String, Given>, problems: &mut Vec<Problem>) -> Self {
        let default = Self::default();
        let mut read = Read { given, problems };
        let settings = Self {
            listen: read
                .parsed("listen", "an address such as `127.0.0.1:8250`")
                .unwrap_or(default.listen),
            metrics: read.parsed("metrics", "an address such as `127.0.0.1:9250`"),
            public_url: read.parsed(
                "public_url",
                "an address such as `https://tickmark.example.com`",
            ),
            tls: read.both("tls_certificate", "tls_key"),
            trusted_proxies: read.list("trusted_proxies", "addresses separated by commas"),
            max_upload_bytes: read
                .parsed("max_upload_bytes", "a number of bytes")
                .unwrap_or(default.max_upload_bytes),
            timeout_seconds: read
                .parsed("timeout_seconds", "a number of seconds")
                .unwrap_or(default.timeout_seconds),
            log: read.log().unwrap_or(default.log),
            sso: read.sso(),
            webhook_private_addresses: read
                .parsed("webhook_private_addresses", "`true` or `false`")
                .unwrap_or(default.webhook_private_addresses),
            sign_in: read.sign_in(),
            demo: false,
        };
        if settings.metrics.is_some_and(|it| !it.ip().is_loopback()) {
            read.refuse(
                "metrics",
                "it must be a loopback address: metrics are not for everyone",
            );
        }
        if settings.max_upload_bytes == 0 || settings.timeout_seconds == 0 {
            read.problems.push(Problem::new(
                "`max_upload_bytes` and `timeout_seconds` must be at least 1",
            ));
        }
        if !settings.listen.ip().is_loopback() && !settings.is_secure() {
            read.problems.push(
                Problem::new(format!("`listen` is `{}`, where others can reach it without encryption", settings.listen))
                    .hint("give `tls_certificate` and `tls_key`, or `public_url` with https where a proxy encrypts, or listen on 127.0.0.1"),
            );
        }
        settings
    }

    /// Whether people reach the server encrypted.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
            || self
                .public_url
                .as_ref()
                .is_some_and(|url| url.scheme() == "https")
    }

    /// The address people use. `bound`: where the server listens.
    pub fn base(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if self.tls.is_some() => format!("https://{bound}"),
            None => format!("http://{bound}"),
        }
    }
}

/// Reading given settings, collecting what is wrong.
struct Read<'r> {
    given: &'r BTreeMap<String, Given>,
    problems: &'r mut Vec<Problem>,
}

impl Read<'_> {
    fn parsed<T: std::str::FromStr>(&mut self, name: &str, hint: &str) -> Option<T> {
        let given = self.given.get(name)?;
        let parsed = given.text.trim().parse().ok();
        if parsed.is_none() {
            self.refuse(name, &format!("write {hint}"));
        }
        parsed
    }

    fn list<T: std::str::FromStr>(&mut self, name: &str, hint: &str) -> Vec<T> {
        let Some(given) = self.given.get(name) else {
            return Vec::new();
        };
        let parsed: Option<Vec<T>> = given
            .text
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .map(|it| it.parse().ok())
            .collect();
        if parsed.is_none() {
            self.refuse(name, &format!("write {hint}"));
        }
        parsed.unwrap_or_default()
    }

    fn both(&mut self, one: &str, other: &str) -> Option<(PathBuf, PathBuf)> {
        match (self.given.get(one), self.given.get(other)) {
            (Some(one), Some(other)) => {
                Some((PathBuf::from(&one.text), PathBuf::from(&other.text)))
            }
            (None, None) => None,
            _ => {
                self.problems.push(
                    Problem::new(format!("`{one}` and `{other}` go together"))
                        .hint("give both, or neither"),
                );
                None
            }
        }
    }

    fn bounded(&mut self, name: &str, bounds: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let given = self.given.get(name)?;
        let within = given
            .text
            .trim()
            .parse()
            .ok()
            .filter(|it| bounds.contains(it));
        if within.is_none() {
            let (least, most) = bounds.into_inner();
            self.refuse(
                name,
                &format!("write a whole number from {least} to {most}"),
            );
        }
        within
    }

    fn sign_in(&mut self) -> SignInLimits {
        let default = SignInLimits::default();
        let idle = self.bounded("session_idle_minutes", 5..=10_080);
        let hours = self.bounded("session_hours", 1..=720);
        let attempts = self.bounded("sign_in_attempts_per_minute", 1..=600);
        let hours_or_default = hours.unwrap_or(default.session_hours);
        // Where only the longest time is set, idle time shrinks to fit in it.
        let longest_idle = hours_or_default.saturating_mul(60);
        if idle.is_some_and(|idle| idle > longest_idle) {
            let hint = format!(
                "a session ends after {hours_or_default} hours in any case (`session_hours`): write at most {longest_idle}"
            );
            self.refuse("session_idle_minutes", &hint);
        }
        SignInLimits {
            idle_minutes: idle.unwrap_or(default.idle_minutes.min(longest_idle)),
            session_hours: hours_or_default,
            attempts_per_minute: attempts
                .and_then(NonZeroU32::new)
                .unwrap_or(default.attempts_per_minute),
        }
    }

    fn log(&mut self) -> Option<LogFormat> {
        match self.given.get("log")?.text.as_str() {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => {
                self.refuse("log", "write `text` or `json`");
                None
            }
        }
    }

    /// All three of the identity provider, or none.
    fn sso(&mut self) -> Option<SsoSettings> {
        let text = |name: &str| Some(self.given.get(name)?.text.trim().to_owned());
        let (issuer, client_id) = (text("sso_issuer"), text("sso_client_id"));
        let has_secret = [SSO_SECRET, "sso_client_secret_file"]
            .iter()
            .any(|name| self.given.contains_key(*name));
        let (issuer, client_id) = match (issuer, client_id, has_secret) {
            (None, None, false) => return None,
            (Some(issuer), Some(client_id), true) if !client_id.is_empty() => (issuer, client_id),
            _ => {
                let together = Problem::new(
                    "`sso_issuer`, `sso_client_id` and the client's secret go together",
                );
                self.problems.push(together.hint(format!("give all three, the secret in a file named by `sso_client_secret_file` or in {PREFIX}SSO_CLIENT_SECRET; or none")));
                return None;
            }
        };
        if let (Err(problem), Some(given)) =
            (Sso::check_issuer(&issuer), self.given.get("sso_issuer"))
        {
            self.problems
                .push(problem.cause(format!("given by {}", given.from)));
        }
        let client_secret = self.sso_secret()?;
        Some(SsoSettings {
            issuer,
            client_id,
            client_secret,
        })
    }

    /// The secret itself, or what stands in the file that is named.
    fn sso_secret(&mut self) -> Option<Secret> {
        let (text, from) = match (
            self.given.get(SSO_SECRET),
            self.given.get("sso_client_secret_file"),
        ) {
            (Some(given), _) => (Ok(given.text.clone()), given.from.clone()),
            (None, Some(given)) => (
                std::fs::read_to_string(&given.text),
                format!("`{}`", given.text),
            ),
            (None, None) => return None,
        };
        let why = match text {
            Ok(text) if !text.trim().is_empty() => return Some(Secret::new(text.trim())),
            Ok(_) => "it is empty".to_owned(),
            Err(error) => error.to_string(),
        };
        let unusable = Problem::new(format!("the client's secret cannot be read from {from}"));
        let hint = "the file or variable holds the secret alone, and this user may read it";
        self.problems.push(unusable.cause(why).hint(hint));
        None
    }

    fn refuse(&mut self, name: &str, hint: &str) {
        if let Some(given) = self.given.get(name) {
            let problem = Problem::new(format!("`{name}` cannot be `{}`", given.text))
                .cause(format!("given by {}", given.from));
            self.problems.push(problem.hint(hint));
        }
    }
}

fn read_file(
    path: &Path,
    text: &str,
    given: &mut BTreeMap<String, Given>,
    problems: &mut Vec<Problem>,
) {
    let from = path.display().to_string();
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            problems.push(
                Problem::new(format!("`{from}` cannot be read")).cause(error.message().to_owned()),
            );
            return;
        }
    };
    for (key, value) in table {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Array(items) => items
                .iter()
                .map(|it| it.as_str().unwrap_or_default())
                .collect::<Vec<_>>()
                .join(","),
            other => other.to_string(),
        };
        if key == SSO_SECRET {
            let refused = Problem::new(format!("`{SSO_SECRET}` cannot stand in `{from}`"));
            problems.push(refused.hint("a file of settings is read by many: name a file for the secret alone with `sso_client_secret_file`"));
            continue;
        }
        take(
            &key,
            Given {
                text,
                from: from.clone(),
            },
            given,
            problems,
        );
    }
}

fn take(key: &str, value: Given, given: &mut BTreeMap<String, Given>, problems: &mut Vec<Problem>) {
    if KNOWN.contains(&key) {
        given.insert(key.to_owned(), value);
        return;
    }
    let problem = Problem::new(format!("there is no setting `{key}`"))
        .cause(format!("given by {}", value.from));
    problems.push(problem.hint(
        match tickmark_catalog::nearest(key, KNOWN.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the settings are {}", KNOWN.join(", ")),
        },
    ));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Settings;

    fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let read = Settings::read(Some((Path::new("tickmark-serve.toml"), text)), environment);
        read.unwrap_err()
            .0
            .iter()
            .map(|it| it.message.clone())
            .collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let text =
            "listen = \"8250\"\nmetrics = \"0.0.0.0:9\"\ncolour = \"red\"\ntls_key = \"key.pem\"\n";
        assert_eq!(
            problems(text, &[("TICKMARK_SERVE_LOG", "loud"), ("OTHER", "x")]),
            [
                "there is no setting `colour`",
                "`listen` cannot be `8250`",
                "`tls_certificate` and `tls_key` go together",
                "`log` cannot be `loud`",
                "`metrics` cannot be `0.0.0.0:9`",
            ]
        );
    }

    #[test]
    fn others_are_not_reached_without_encryption() {
        assert_eq!(
            problems("listen = \"0.0.0.0:80\"", &[]),
            ["`listen` is `0.0.0.0:80`, where others can reach it without encryption"]
        );
        let proxied = "listen = \"0.0.0.0:80\"\npublic_url = \"https://audit.example.com\"";
        assert!(
            Settings::read(Some((Path::new("x"), proxied)), [])
                .unwrap()
                .is_secure()
        );
    }

    fn sso(text: &str, environment: &[(&str, &str)]) -> Settings {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(Some((Path::new("x"), text)), environment).unwrap()
    }

    const PROVIDER: &str =
        "sso_issuer = \"https://login.example.com\"\nsso_client_id = \"tickmark\"\n";
    const SECRET: &str = "TICKMARK_SERVE_SSO_CLIENT_SECRET";

    #[test]
    fn the_secret_of_single_sign_on_comes_from_a_file_or_the_environment() {
        assert_eq!(sso("", &[]).sso, None);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret-of-file\n").unwrap();
        let with_file = format!("{PROVIDER}sso_client_secret_file = {:?}", file.path());
        for (settings, expected) in [
            (sso(&with_file, &[]), "s3cret-of-file"),
            (
                sso(PROVIDER, &[(SECRET, "s3cret-of-environment")]),
                "s3cret-of-environment",
            ),
            (
                sso(&with_file, &[(SECRET, "s3cret-of-environment")]),
                "s3cret-of-environment",
            ),
        ] {
            assert!(!format!("{settings:?}").contains("s3cret"));
            assert_eq!(settings.sso.unwrap().client_secret.reveal(), expected);
        }
    }

    #[test]
    fn what_is_wrong_with_single_sign_on_is_told_without_its_secret() {
        let together = "`sso_issuer`, `sso_client_id` and the client's secret go together";
        let secret = [(SECRET, "s3cret")];
        assert_eq!(problems(PROVIDER, &[]), [together]);
        assert_eq!(problems("", &secret), [together]);
        assert_eq!(
            problems("sso_issuer = \"https://login.example.com\"", &secret),
            [together]
        );
        let plain = PROVIDER.replace("https", "http");
        assert_eq!(
            problems(&plain, &secret),
            ["`http://login.example.com` cannot be asked who someone is"]
        );
        let missing = format!("{PROVIDER}sso_client_secret_file = \"/nowhere\"");
        assert_eq!(
            problems(&missing, &[]),
            ["the client's secret cannot be read from `/nowhere`"]
        );
        assert_eq!(
            problems(PROVIDER, &[(SECRET, " ")]),
            ["the client's secret cannot be read from TICKMARK_SERVE_SSO_CLIENT_SECRET"]
        );
        let inside = format!("{PROVIDER}sso_client_secret = \"s3cret\"\nlog = \"loud\"");
        let told = problems(&inside, &secret);
        assert_eq!(
            told,
            [
                "`sso_client_secret` cannot stand in `tickmark-serve.toml`",
                "`log` cannot be `loud`"
            ]
        );
        // A provider on this machine is reached without encryption.
        assert!(
            sso(
                &plain.replace("login.example.com", "127.0.0.1:9000"),
                &secret
            )
            .sso
            .is_some()
        );
    }

    #[test]
    fn how_long_and_how_often_is_within_bounds() {
        assert_eq!(
            problems(
                "session_idle_minutes = 4\nsession_hours = 721\nsign_in_attempts_per_minute = 0",
                &[],
            ),
            [
                "`session_idle_minutes` cannot be `4`",
                "`session_hours` cannot be `721`",
                "`sign_in_attempts_per_minute` cannot be `0`",
            ]
        );
        assert_eq!(
            problems("session_idle_minutes = 121\nsession_hours = 2", &[]),
            ["`session_idle_minutes` cannot be `121`"]
        );
        let text = "session_hours = 8\nsign_in_attempts_per_minute = 5";
        let limits = Settings::read(Some((Path::new("x"), text)), []).unwrap();
        let url = "http://localhost".parse().unwrap();
        let mut told = tickmark_access::Settings::new(tickmark_access::Side::Firm, "x", url);
        limits.sign_in.apply(&mut told);
        assert_eq!(told.sessions.absolute.as_hours(), 8);
        assert_eq!(told.sessions.idle.as_hours(), 8, "idle shrinks to fit");
        assert_eq!(told.attempts_per_minute.get(), 5);
    }

    #[test]
    fn the_environment_wins() {
        let environment = [("TICKMARK_SERVE_LISTEN".to_owned(), "127.0.0.1:1".to_owned())];
        let settings = Settings::read(
            Some((Path::new("x"), "listen = \"127.0.0.1:2\"")),
            environment,
        )
        .unwrap();
        assert_eq!(settings.listen.port(), 1);
    }
}
