//! Verbs of certificates: a request to an authority, taking what it sent, choosing which is shown, and the authority of a trial.
//! What is wrong with a certificate is said in `certificate/chain.rs`; keys never leave the data directory.

use std::path::{Path, PathBuf};

use chat::{Clock, Domain, Time};
use clap::{Args, Subcommand};
use serde::Serialize;
use topology::Fqdn;

use super::print;
use super::table;
use crate::certificate::{
    self, Authority, Certificates, Chain, Flaw, Kept, SOON_DAYS, hand_out, keep_secret, read,
};
use crate::clock::SystemClock;
use crate::data::Data;
use crate::house;
use crate::machine::{self, Machine};
use crate::seat;
use crate::trouble::Trouble;

/// How the certificate of our own authority is called.
const TRIAL: &str = "trial";

/// Verbs of certificates.
#[derive(Subcommand, Debug)]
pub enum CertificateVerb {
    /// Make a key, and the request (PKCS #10) to give to an authority
    Request {
        #[command(flatten)]
        names: Names,
        /// Where to write the request [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take what an authority sent, when chain, key, names and dates are right
    Import {
        /// The certificate, with those between it and its root behind it (PEM)
        #[arg(value_name = "FILE")]
        chain: PathBuf,
        /// Its key [default: the one made by `certificate request`]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The authority that vouches for it; other servers with certificates from there are trusted, too
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
        /// Assign it at once
        #[arg(long)]
        assign: bool,
        #[command(flatten)]
        names: Names,
    },
    /// Have the server show a certificate; one that runs takes it within seconds
    Assign {
        /// Its thumbprint, or "trial" for that of our own authority
        #[arg(value_name = "THUMBPRINT|trial")]
        which: String,
    },
    /// Show the certificates that are here, the assigned one first
    Show,
    /// Have our own authority issue one: for trials and small houses
    Trial {
        #[command(flatten)]
        names: Names,
        /// The SIP domain, for which a new authority speaks
        #[arg(long, value_name = "DOMAIN")]
        domain: Option<String>,
        /// Make a new authority, which everybody is to be given anew
        #[arg(long)]
        new_authority: bool,
    },
}

/// Which names a certificate is to bear.
#[derive(Args, Debug, Clone, Default)]
pub struct Names {
    /// A name it is to bear, the first before all; once for each [default: those the topology says]
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    machine: machine::MachineOptions,
}

/// A certificate as it is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    assigned: bool,
    issued_by_us: bool,
    thumbprint: String,
    subject: String,
    issuer: String,
    names: Vec<String>,
    begins: String,
    ends: String,
    days_left: i64,
}

/// Carries a verb out.
///
/// # Errors
/// [`Trouble::Invalid`] for a certificate with flaws, all of them named; [`Trouble::Unavailable`] for files.
pub fn run(place: &Path, verb: &CertificateVerb, json: bool) -> Result<(), Trouble> {
    let data = Data::make(place)?;
    let certificates = Certificates::of(&data)?;
    let clock = SystemClock::default();
    let was_prepared = certificates.files().prepared().exists() || seat::is_taken(&data);
    match verb {
        CertificateVerb::Request { names, out } => {
            let names = names.wanted(&data)?;
            let (request, key) = certificate::request(&names)?;
            keep_secret(&certificates.files().requested_key(), key.as_bytes())?;
            match out {
                Some(out) => hand_out(out, request.as_bytes())?,
                None => print::say(&request)?,
            }
        }
        CertificateVerb::Import { chain, key, authority, assign, names } => {
            let sent = Sent { chain, key: key.as_deref(), authority: authority.as_deref() };
            let taken = import(&certificates, &sent, &names.wanted(&data)?, clock.now())?;
            if *assign {
                assign_imported(&certificates, &taken.thumbprint, clock.now())?;
            }
            show(&certificates, Some(&taken.thumbprint), clock.now(), json)?;
        }
        CertificateVerb::Assign { which } if which == TRIAL => {
            assign_trial(&certificates)?;
            show(&certificates, None, clock.now(), json)?;
        }
        CertificateVerb::Assign { which } => {
            assign_imported(&certificates, &which.to_ascii_lowercase(), clock.now())?;
            show(&certificates, Some(&which.to_ascii_lowercase()), clock.now(), json)?;
        }
        CertificateVerb::Show => show(&certificates, None, clock.now(), json)?,
        CertificateVerb::Trial { names, domain, new_authority } => {
            let wanted = names.wanted(&data)?;
            let others = names.machine.topology(Some(&data))?.map(|topology| machine::names(&topology));
            let founding = Founding { domain: domain.as_deref(), anew: *new_authority, others };
            trial(&certificates, &wanted, founding, &clock)?;
            show(&certificates, None, clock.now(), json)?;
        }
    }
    if was_prepared { Ok(()) } else { keep_secret(&certificates.files().prepared(), b"") }
}

impl Names {
    /// The names: those that were said, or what the topology calls this machine, or what it calls itself.
    fn wanted(&self, data: &Data) -> Result<Vec<String>, Trouble> {
        if !self.names.is_empty() {
            return Ok(self.names.iter().map(|name| name.to_ascii_lowercase()).collect());
        }
        let Machine { name, roles, .. } =
            self.machine.find(&self.machine.name_in(data.path())?, Some(data))?;
        let names = roles.map(|roles| roles.certificate_names());
        let names = names.map(|names| names.iter().map(Fqdn::to_string).collect());
        Ok(names.unwrap_or_else(|| vec![name]))
    }
}

/// Files an authority sent.
struct Sent<'a> {
    chain: &'a Path,
    key: Option<&'a Path>,
    authority: Option<&'a Path>,
}

/// Judges what was sent, and keeps it.
fn import(
    certificates: &Certificates,
    sent: &Sent<'_>,
    names: &[String],
    now: Time,
) -> Result<certificate::Leaf, Trouble> {
    let flawed = |flaw: Flaw| refused(sent.chain, &[flaw]);
    let pem = there(sent.chain)?;
    let mut chain = Chain::read(&pem).map_err(flawed)?;
    let key = match sent.key {
        Some(key) => Some(there(key)?),
        None if chain.key.is_none() => read(&certificates.files().requested_key())?,
        None => None,
    };
    if let Some(key) = &key {
        chain.key = certificate::key(key);
    }
    let authority = sent.authority.map(there).transpose()?.unwrap_or_default();
    let authorities = certificate::certificates(&authority).map_err(flawed)?;
    let flaws = chain.flaws(&authorities, names, now);
    if !flaws.is_empty() {
        return Err(refused(sent.chain, &flaws));
    }
    // The end of the chain is by what machines that join recognise this deployment; a server's own certificate is none.
    if chain.certificates.len() == 1 {
        chain.certificates.extend(authorities.first().cloned());
    }
    let files = certificates.files();
    let thumbprint = &chain.leaf.thumbprint;
    keep_secret(&files.imported_authority(thumbprint), &chain.anchors_as_pem(&authorities))?;
    keep_secret(&files.imported(thumbprint), &chain.as_pem())?;
    Ok(chain.leaf)
}

/// Puts an imported certificate in the place of what is shown. One that has ended meanwhile is refused.
fn assign_imported(certificates: &Certificates, thumbprint: &str, now: Time) -> Result<(), Trouble> {
    let files = certificates.files();
    let named = thumbprint.bytes().all(|octet| octet.is_ascii_hexdigit());
    let pem = if named { read(&files.imported(thumbprint))? } else { None };
    let pem = pem.ok_or_else(|| {
        Trouble::Invalid(format!(
            "no imported certificate has the thumbprint '{thumbprint}': `causerie certificate show` lists those there are"
        ))
    })?;
    let authority = read(&files.imported_authority(thumbprint))?.unwrap_or_default();
    let place = files.imported(thumbprint);
    let flawed = |flaw: Flaw| refused(&place, &[flaw]);
    let chain = Chain::read(&pem).map_err(flawed)?;
    let flaws = chain.flaws(&certificate::certificates(&authority).map_err(flawed)?, &[], now);
    if !flaws.is_empty() {
        return Err(refused(&place, &flaws));
    }
    // Whoever is trusted is known before anybody is shown the new certificate.
    hand_out(&files.authorities(), &authority)?;
    keep_secret(&files.assigned(), &pem)
}

fn assign_trial(certificates: &Certificates) -> Result<(), Trouble> {
    if certificates.issued()?.is_none() {
        return Err(Trouble::Invalid(
            "our own authority has issued none yet: `causerie certificate trial` has it do so".into(),
        ));
    }
    let assigned = certificates.files().assigned();
    match std::fs::remove_file(&assigned) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(crate::trouble::at(&assigned)(error))
        }
        _ => Ok(()),
    }
}

/// How an authority is made when there is none, or another is wanted.
struct Founding<'a> {
    domain: Option<&'a str>,
    anew: bool,
    others: Option<Vec<String>>,
}

fn trial(
    certificates: &Certificates,
    names: &[String],
    founding: Founding<'_>,
    clock: &dyn Clock,
) -> Result<(), Trouble> {
    let files = certificates.files();
    if files.joined().exists() {
        return Err(Trouble::Invalid(
            "this machine has its certificate from the authority of the deployment it joined: `causerie setup` with a new \
             join code asks that for another"
                .into(),
        ));
    }
    let here = if founding.anew { None } else { Authority::load(files)? };
    let authority = match here {
        Some(authority) => authority,
        None => {
            let domain = founding.domain.ok_or_else(|| {
                Trouble::Usage(
                    "there is no authority here yet: say for which SIP domain with --domain".into(),
                )
            })?;
            let domain = Domain::parse(domain).map_err(|bad| Trouble::Invalid(bad.to_string()))?;
            house::whole(&domain)?;
            let own = house::host_name(Path::new("/etc/hosts"));
            let all = [names, &[own], &founding.others.unwrap_or_default()].concat();
            certificates.found_authority(&domain, &all, clock.now())?
        }
    };
    certificates.issue(&authority, names, clock)?;
    assign_trial(certificates)
}

/// Prints what there is, or one of them.
fn show(certificates: &Certificates, only: Option<&str>, now: Time, json: bool) -> Result<(), Trouble> {
    let all = certificates.all()?;
    let chosen = all.iter().filter(|kept| only.is_none_or(|only| kept.leaf.thumbprint == only));
    for kept in chosen {
        let row = row(kept, now);
        if kept.is_assigned && row.days_left < SOON_DAYS {
            print::aside(&format!("note: the assigned certificate ends in {} days", row.days_left));
        }
        let value = serde_json::to_value(&row).expect("a row is plain values");
        print::fact(&row, table::whole(&value).trim_end(), json)?;
    }
    if all.is_empty() {
        print::aside(
            "note: there is none yet; the first start of the server makes one, or `causerie certificate trial`",
        );
    }
    Ok(())
}

fn row(kept: &Kept, now: Time) -> Row {
    let leaf = &kept.leaf;
    Row {
        assigned: kept.is_assigned,
        issued_by_us: kept.is_trial,
        thumbprint: leaf.thumbprint.clone(),
        subject: leaf.subject.clone(),
        issuer: leaf.issuer.clone(),
        names: leaf.names.iter().cloned().collect(),
        begins: leaf.begins.iso7(),
        ends: leaf.ends.iso7(),
        days_left: leaf.days_left(now),
    }
}

fn there(file: &Path) -> Result<Vec<u8>, Trouble> {
    read(file)?.ok_or_else(|| Trouble::Invalid(format!("{}: there is no such file", file.display())))
}

/// Names everything that is wrong at once.
fn refused(file: &Path, flaws: &[Flaw]) -> Trouble {
    let said: Vec<String> = flaws.iter().map(Flaw::to_string).collect();
    Trouble::Invalid(format!("{}: {}", file.display(), said.join("; ")))
}
