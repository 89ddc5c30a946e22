//! Operations carried out by a server elsewhere: the table's methods and paths over HTTPS, with a token.
//! Trusts a given authority, or those of the system; answers are outcomes or problem details (RFC 9457).

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use admin::{AdminError, Outcome, Spec};
use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value};
use ureq::Agent;
use ureq::http::{Request, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::trouble::{Trouble, at};

/// Where the API lies under a server's address.
const API: &str = "/api/v1";
/// Longest answer that is read, in octets (ours: as of an answer at the socket).
const ANSWER_BYTES_MAX: u64 = 256 << 20;
/// How long the server may take to carry an operation out and answer (ours: as at the socket).
const ANSWER_TIME: Duration = Duration::from_secs(300);
/// Files in which systems keep the authorities they trust (ours: Debian and its kin, Fedora and its kin, SUSE).
const SYSTEM: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

/// Options of operations that are carried out elsewhere.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "A server elsewhere")]
pub struct RemoteOptions {
    /// Ask the server at this address, such as https://chat.example.com
    #[arg(long, global = true, value_name = "URL", requires = "token_file")]
    pub server: Option<String>,
    /// A file with the token to show there
    #[arg(long, global = true, value_name = "FILE", requires = "server")]
    pub token_file: Option<PathBuf>,
    /// Trust the certificate authorities in this file, such as the server's ca.pem [default: those of the system]
    #[arg(long, global = true, value_name = "FILE", requires = "server")]
    pub ca: Option<PathBuf>,
}

/// A server elsewhere.
pub struct Remote {
    agent: Agent,
    base: String,
    token: String,
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
    /// [`Trouble::Invalid`] for an address over which a token would travel in clear, [`Trouble::Denied`] for a token file
    /// that others can read, [`Trouble::Unavailable`] for files that cannot be read.
    pub fn of(options: &RemoteOptions) -> Result<Option<Self>, Trouble> {
        let (Some(server), Some(token_file)) = (&options.server, &options.token_file) else {
            return Ok(None);
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
            .timeout_global(Some(ANSWER_TIME));
        let token = token(token_file)?;
        Ok(Some(Self { agent: config.build().into(), base: format!("{base}{API}"), token }))
    }

    /// Has an operation carried out.
    ///
    /// # Errors
    /// [`Trouble::Admin`] with what the server says, [`Trouble::Unavailable`] when it does not answer as it should.
    pub async fn carry_out(
        &self,
        spec: &'static Spec,
        fields: Map<String, Value>,
        dry_run: bool,
        if_match: Option<String>,
    ) -> Result<Outcome, Trouble> {
        let request = self.request(spec, fields, dry_run, if_match)?;
        let agent = self.agent.clone();
        let asked = tokio::task::spawn_blocking(move || agent.run(request)).await;
        let answer = asked.expect("asking does not panic").map_err(|error| self.silent(&error))?;
        self.read(answer)
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
            .uri(format!("{}{path}{mark}{}", self.base, query.join("&")))
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

    fn read(&self, mut answer: Response<ureq::Body>) -> Result<Outcome, Trouble> {
        let status = answer.status();
        let read = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = read.map_err(|error| self.silent(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|bad| self.silent(&bad));
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(Problem { code, detail, field }) if !detail.is_empty() => {
                Err(AdminError::coded(&code, field, detail).into())
            }
            _ => Err(Trouble::Unavailable(format!("{} answers {status} without saying why", self.base))),
        }
    }

    fn silent(&self, why: &dyn std::fmt::Display) -> Trouble {
        let said = "so the outcome is not known: look whether the change was made, then try again";
        Trouble::Unavailable(format!("{} does not answer as it should ({why}), {said}", self.base))
    }
}

fn token(file: &Path) -> Result<String, Trouble> {
    let mode = std::fs::metadata(file).map_err(at(file))?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = format!("{}: others can read this token: chmod 600 it", file.display());
        return Err(Trouble::Denied(message));
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
        f.debug_struct("Remote").field("base", &self.base).finish_non_exhaustive()
    }
}
