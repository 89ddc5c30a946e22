//! Operations carried out by a server elsewhere: the table's methods and paths over HTTPS, with a token.
//! Trusts a given authority, or those of the system; answers are outcomes or problem details (RFC 9457).

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use admin::{AdminError, Spec};
use clap::{Args, Command};
use rustls::CertificateError;
use serde::Deserialize;
use serde_json::{Map, Value};
use ureq::http::{Request, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Timeout};

use super::answer::Answer;
use super::print;
use crate::trouble::{Trouble, at};

/// Where the API lies under a server's address.
const API: &str = "/api/v1";
/// Longest answer that is read, in octets (ours: as of an answer at the socket).
const ANSWER_BYTES_MAX: u64 = 256 << 20;
/// How long it may take until the server is reached at all (ours: beyond it nobody is there).
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long the server may take to carry an operation out and answer (ours: as at the socket).
const ANSWER_TIME: Duration = Duration::from_secs(300);
/// The code of an answer to a token that is not good.
const NOT_SIGNED_ON: &str = "NotSignedOn";
/// What comes when there is no way to a server, so that nothing was asked of it.
const UNREACHED: [ErrorKind; 3] =
    [ErrorKind::ConnectionRefused, ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable];
/// What the standard library says of a name that nobody knows; it has no kind of its own there.
const NO_SUCH_HOST: &str = "failed to lookup address";
/// Files in which systems keep the authorities they trust (ours: Debian and its kin, Fedora and its kin, SUSE).
const SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

/// Options of operations that are carried out elsewhere.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "A server elsewhere")]
pub struct RemoteOptions {
    /// Ask the server at this address, such as https://chat.example.com
    // Its name among the arguments is no word of an operation: `pool drain SERVER` means a server of the pool.
    #[arg(id = "elsewhere", long = "server", global = true, value_name = "URL")]
    pub server: Option<String>,
    /// A file with the token to show there
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Trust the certificate authorities in this file, such as the server's ca.pem [default: those of the system]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

impl RemoteOptions {
    /// Whether one of them is given.
    pub fn are_given(&self) -> bool {
        self.server.is_some() || self.token_file.is_some() || self.ca.is_some()
    }
}

/// A command with these options. What it says of itself stays: adding options would say what they are instead.
pub fn offered(command: Command) -> Command {
    let (about, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    let command = RemoteOptions::augment_args(command).next_help_heading(None::<&str>);
    let command = about.into_iter().fold(command, Command::about);
    long.into_iter().fold(command, Command::long_about)
}

/// A command that takes none of these options, so that its help does not show them.
pub fn hidden(command: Command) -> Command {
    let command = offered(command);
    command.mut_args(|arg| {
        let ours = matches!(arg.get_id().as_str(), "elsewhere" | "token_file" | "ca");
        if ours { arg.hide(true) } else { arg }
    })
}

/// A server elsewhere.
pub struct Remote {
    agent: Agent,
    server: String,
    token: String,
    token_file: PathBuf,
}

/// What is believed of problem details.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    field: Option<String>,
}

impl Remote {
    /// The server these options name, if they do.
    ///
    /// # Errors
    /// [`Trouble::Usage`] for one without the other, [`Trouble::Invalid`] for an address over which a token would travel in clear, and files without what they are for,
    /// [`Trouble::Unavailable`] for files that cannot be read.
    pub fn of(options: &RemoteOptions) -> Result<Option<Self>, Trouble> {
        Self::within(options, ANSWER_TIME)
    }

    /// The same, for somebody who does not wait longer than this.
    ///
    /// # Errors
    /// As [`Remote::of`].
    pub fn within(options: &RemoteOptions, patience: Duration) -> Result<Option<Self>, Trouble> {
        let (server, token_file) = match (&options.server, &options.token_file) {
            (Some(server), Some(token_file)) => (server, token_file),
            (Some(_), None) => {
                return Err(Trouble::Usage(
                    "--server needs a token to show there: give its file with --token-file".into(),
                ));
            }
            (None, _) if options.are_given() => {
                return Err(Trouble::Usage(
                    "--token-file and --ca are for a server elsewhere: name it with --server".into(),
                ));
            }
            (None, _) => return Ok(None),
        };
        let base = server.trim_end_matches('/');
        let host = base.strip_prefix("http://").map(|rest| rest.split([':', '/']).next().unwrap_or_default());
        if !base.starts_with("https://") && !matches!(host, Some("localhost" | "127.0.0.1")) {
            return Err(Trouble::Invalid(format!(
                "--server {server}: the token would travel in clear: give an address that begins with https://"
            )));
        }
        let tls = TlsConfig::builder()
            .root_certs(authorities(options.ca.as_deref())?)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIME.min(patience)))
            .timeout_global(Some(patience));
        let (token, token_file) = (token(token_file)?, token_file.clone());
        Ok(Some(Self { agent: config.build().into(), server: base.to_owned(), token, token_file }))
    }

    /// Has an operation carried out.
    ///
    /// # Errors
    /// [`Trouble::Admin`] with what the server says, [`Trouble::Denied`] when it does not take the token,
    /// [`Trouble::Unavailable`] when it cannot be reached or does not answer as it should.
    pub async fn carry_out(
        &self,
        spec: &'static Spec,
        fields: Map<String, Value>,
        dry_run: bool,
        if_match: Option<String>,
    ) -> Result<Answer, Trouble> {
        let about: Vec<String> =
            spec.positional.iter().filter_map(|name| fields.get(*name)).map(text).collect();
        let request = self.request(spec, fields, dry_run, if_match)?;
        let changes = !spec.only_reads && !dry_run;
        let agent = self.agent.clone();
        let asked = tokio::task::spawn_blocking(move || agent.run(request)).await;
        let answer = asked.expect("asking does not panic").map_err(|error| self.failed(&error, changes))?;
        match self.read(answer, changes) {
            // What is not there is answered to everybody alike, without the name that was asked for.
            Err(Trouble::Admin(AdminError::NotFound(said)))
                if !about.iter().any(|name| said.contains(name)) =>
            {
                let asked = format!("{} '{}'", spec.said(), about.join("' '"));
                Err(AdminError::NotFound(format!("{asked}: {said}")).into())
            }
            done => done,
        }
    }

    fn request(
        &self,
        spec: &Spec,
        mut fields: Map<String, Value>,
        dry_run: bool,
        if_match: Option<String>,
    ) -> Result<Request<String>, Trouble> {
        let mut path = spec.path.to_owned();
        for name in spec.path_fields() {
            let value = fields.shift_remove(name).unwrap_or_default();
            path = path.replace(&format!("{{{name}}}"), &escaped(&text(&value)));
        }
        let mut query = Vec::new();
        if !spec.has_body() {
            for (name, value) in &fields {
                let all = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
                query.extend(all.iter().map(|one| format!("{name}={}", escaped(&text(one)))));
            }
        }
        if dry_run {
            query.push("dryRun=true".to_owned());
        }
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = Request::builder()
            .method(spec.method.name())
            .uri(format!("{}{API}{path}{mark}{}", self.server, query.join("&")))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Accept", "application/json");
        if let Some(etag) = if_match {
            request = request.header("If-Match", format!("\"{etag}\""));
        }
        let mut body = String::new();
        if spec.has_body() {
            request = request.header("Content-Type", "application/json");
            body = Value::Object(fields).to_string();
        }
        request.body(body).map_err(|bad| Trouble::Invalid(format!("--server: {bad}")))
    }

    fn read(&self, mut answer: Response<ureq::Body>, changes: bool) -> Result<Answer, Trouble> {
        let status = answer.status();
        let read = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = read.map_err(|error| self.silent(&error, changes))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|bad| self.silent(&bad, changes));
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(Problem { code, .. }) if code == NOT_SIGNED_ON => Err(Trouble::Denied(format!(
                "{} does not take the token in {}: it is another server's, or has ended (`causerie token list` there shows \
                 those that are good, `causerie token new` makes one)",
                self.server,
                self.token_file.display()
            ))),
            Ok(Problem { code, detail, field }) if !detail.is_empty() => Err(refused(&code, field, detail)),
            _ => Err(Trouble::Unavailable(format!("{} answers {status} without saying why", self.server))),
        }
    }

    /// Why no answer came, and whether something may have been done.
    fn failed(&self, error: &ureq::Error, changes: bool) -> Trouble {
        let io = match error {
            ureq::Error::Io(io) => Some(io),
            _ => None,
        };
        let tls = io.and_then(|io| io.get_ref()).and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let reached = io.is_none_or(|io| !UNREACHED.contains(&io.kind()));
        let what = match (error, tls) {
            (ureq::Error::Rustls(why), _) | (_, Some(why)) => distrusted(why),
            (ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect), _) => {
                "nobody answers there: look at the address, and at what lies between".to_owned()
            }
            _ if error.to_string().contains(NO_SUCH_HOST) => {
                "there is no such host: look at the address".to_owned()
            }
            _ if !reached => {
                format!("it cannot be reached ({error}): is the server running, and with --https?")
            }
            _ => return self.silent(error, changes),
        };
        Trouble::Unavailable(format!("{}: {what}", self.server))
    }

    /// Whoever only asks something has nothing to look for.
    fn silent(&self, why: &dyn std::fmt::Display, changes: bool) -> Trouble {
        let said = match changes {
            true => ", so the outcome is not known: look whether the change was made, then try again",
            false => ": is this a Causerie server, and of this version? Nothing was changed; try again",
        };
        Trouble::Unavailable(format!("{} does not answer as it should ({why}){said}", self.server))
    }
}

/// What a refusal with this code comes to here.
pub fn refused(code: &str, field: Option<String>, detail: String) -> Trouble {
    match code {
        NOT_SIGNED_ON | "ForeignOrigin" => Trouble::Denied(detail),
        "TooLarge" => Trouble::Invalid(detail),
        _ => AdminError::coded(code, field, detail).into(),
    }
}

/// What is wrong with the other end of a connection.
fn distrusted(why: &rustls::Error) -> String {
    match why {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "nobody who is trusted here vouches for its certificate: give the authority that does with --ca, such as the \
             server's ca.pem"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            format!("its certificate is for another name ({why}): call the server by a name that stands there")
        }
        rustls::Error::InvalidCertificate(_) => format!("its certificate is not trusted ({why}): have it mended there"),
        _ => format!("no TLS can be spoken there ({why}): is this the port of --https?"),
    }
}

fn token(file: &Path) -> Result<String, Trouble> {
    let mode = std::fs::metadata(file).map_err(at(file))?.permissions().mode();
    if mode & 0o077 != 0 {
        let file = admin::quoted(&file.to_string_lossy());
        print::aside(&format!("note: others can use the token in {file}: `chmod 600 {file}`"));
    }
    let text = std::fs::read_to_string(file).map_err(at(file))?;
    // The command that makes a token prints it as its last line.
    let token = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    token
        .map(str::to_owned)
        .ok_or_else(|| Trouble::Invalid(format!("{}: there is no token in it", file.display())))
}

fn authorities(file: Option<&Path>) -> Result<RootCerts, Trouble> {
    let system = || SYSTEM.iter().map(Path::new).find(|file| file.exists());
    let Some(file) = file.or_else(system) else {
        return Err(Trouble::Unavailable(
            "this system keeps no certificate authorities: give some with --ca".into(),
        ));
    };
    let pem = std::fs::read(file).map_err(at(file))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(Trouble::Invalid(format!("{}: there is no certificate in it", file.display())));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// A value as it stands in a path or query.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text as it stands in a path or query: everything but unreserved characters escaped (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            escaped.push(char::from(octet));
        } else {
            escaped.push_str(&format!("%{octet:02X}"));
        }
    }
    escaped
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("server", &self.server).finish_non_exhaustive()
    }
}
