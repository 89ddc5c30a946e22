//! `topology new`: question by question at a terminal, or from options alone.
//! What may be is said by the rules; what is asked, in `questions.rs`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use topology::builder::{Machines, NewCompliance, NewPool, Refused};
use topology::document::{DefaultFor, Site, Store};
use topology::word::{Fqdn, Identity, Kind, Text, Word};
use topology::{Builder, Topology, print};

use super::files::{self, Out};
use super::interview::interview;
use super::questions::{USUAL_FILES, define};
use super::spelled::{self, Named, NamedFiles};
use crate::house::host_name;
use crate::trouble::Trouble;

/// Options of `topology new`.
#[derive(Args, Debug, Clone)]
pub struct NewOptions {
    /// Go on with the topology in this file, and write it back
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    parts: Parts,
    /// Where to write it; - is standard output [default: topology.toml, or the file of --from]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write it over a file that is there
    #[arg(long)]
    replace: bool,
}

/// What is to be added to a topology. Without any of it the questions are asked.
#[derive(Args, Debug, Clone, Default, PartialEq, Eq)]
struct Parts {
    /// The site of what is added [default: the only one; headquarters in a new topology]
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// Add a Standard Edition server; without --pool persistent chat is on it
    #[arg(long, value_name = "FQDN")]
    standard_edition: Option<String>,
    /// Add a front-end pool of this name
    #[arg(long, value_name = "FQDN", requires = "front_end_machine", requires = "back_end")]
    front_end_pool: Option<String>,
    /// A machine of the front-end pool; may be repeated
    #[arg(long, value_name = "FQDN", requires = "front_end_pool")]
    front_end_machine: Vec<String>,
    /// The database server of the front-end pool
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]", requires = "front_end_pool")]
    back_end: Option<String>,
    /// Add a persistent chat pool of this name
    #[arg(long, value_name = "FQDN")]
    pool: Option<String>,
    /// A machine of the pool, which is then of kind multiple; may be repeated: the first four serve, more stand by
    #[arg(long, value_name = "FQDN", requires = "pool")]
    machine: Vec<String>,
    /// The display name of the pool [default: Persistent Chat]
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// The port on which front ends reach the pool [default: 5041]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Whose rooms are made in the pool when nobody says where [default: site, if its site has no default yet]
    #[arg(long, value_name = "FOR")]
    default_for: Option<Whose>,
    /// The store of the content: that of the topology, or a new one
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]")]
    content_store: Option<String>,
    /// The mirror of a new content store
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]", requires = "content_store")]
    content_mirror: Option<String>,
    /// The backup of the content; with it there is disaster recovery
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]")]
    backup_content_store: Option<String>,
    /// The store of the compliance record; with it compliance is on
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]")]
    compliance_store: Option<String>,
    /// The mirror of a new compliance store
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]", requires = "compliance_store")]
    compliance_mirror: Option<String>,
    /// Where the compliance record goes on after a disaster
    #[arg(long, value_name = "HOST[:PORT][/INSTANCE]", requires = "compliance_store")]
    backup_compliance_store: Option<String>,
    /// Where uploaded files are kept [default for a single machine: /var/lib/causerie/files]
    #[arg(long, value_name = "SERVER/SHARE|PATH")]
    file_store: Option<String>,
    /// The front-end pool or Standard Edition server that routes to the pool [default: that of the site]
    #[arg(long, value_name = "FQDN")]
    next_hop: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// People of the pool's own site
    Site,
    /// People of every site without a default of its own
    AllSites,
    /// Nobody
    No,
}

/// Carries it out.
///
/// # Errors
/// [`Trouble::Invalid`] when a rule is broken, [`Trouble::Usage`] when the talk was given up or nobody can be asked; those of files.
pub fn run(options: &NewOptions) -> Result<(), Trouble> {
    let begun = options.from.as_deref().map(files::topology).transpose()?.unwrap_or_default();
    let usual = options.from.clone().unwrap_or_else(|| "topology.toml".into());
    let place = options.out.clone().unwrap_or(usual);
    let replace = options.replace || options.from.as_ref() == Some(&place);
    let out = Out::at(&place, replace)?;
    let topology = if options.parts != Parts::default() {
        options.parts.added_to(begun)?
    } else if std::io::stdin().is_terminal() {
        asked(begun)?
    } else {
        return Err(Trouble::Usage(
            "there is no terminal to ask at: say what is to be added, such as --standard-edition chat.example.com".into(),
        ));
    };
    out.write(&print(&topology))
}

/// Talks at the terminal.
fn asked(begun: Topology) -> Result<Topology, Trouble> {
    let host = host_name(Path::new("/etc/hosts"));
    let begun = Builder::open(begun, None);
    super::super::print::aside("back goes to the question before, ? explains, abort leaves nothing behind.");
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stderr());
    let made = interview(|answers| define(&begun, &host, answers), &mut input, &mut output);
    let made = made.map_err(|error| Trouble::Unavailable(format!("the terminal: {error}")))?;
    made.ok_or_else(|| Trouble::Usage("nothing was written".into()))
}

impl Parts {
    fn added_to(&self, begun: Topology) -> Result<Topology, Trouble> {
        let mut builder = Builder::open(begun, None);
        let site = self.site(&mut builder)?;
        if let Some(fqdn) = &self.standard_edition {
            let fqdn: Fqdn = read("standard-edition", fqdn)?;
            let store = spelled::free(fqdn.host(), |id| builder.topology().store(id).is_some());
            builder.add_standard_edition_server(fqdn, site.clone(), store).map_err(refused)?;
        }
        if let (Some(fqdn), Some(back_end)) = (&self.front_end_pool, &self.back_end) {
            let store = named(&mut builder, "back-end", back_end, None)?;
            let machines = all("front-end-machine", &self.front_end_machine)?;
            let fqdn = read("front-end-pool", fqdn)?;
            builder.add_front_end_pool(fqdn, site.clone(), machines, store).map_err(refused)?;
        }
        if let Some(fqdn) = self.pool.as_ref().or(self.standard_edition.as_ref()) {
            let pool = self.pool(&mut builder, read("pool", fqdn)?, site)?;
            builder.add_pool(pool).map_err(refused)?;
        }
        builder.finish().map_err(refused)
    }

    fn site(&self, builder: &mut Builder) -> Result<Identity, Trouble> {
        let sites = &builder.topology().sites;
        let id = match (&self.site, sites.as_slice()) {
            (Some(site), _) => read("site", site)?,
            (None, []) => Identity::parse("headquarters").expect("it has the form"),
            (None, [site]) => site.id.clone(),
            (None, _) => {
                return Err(Trouble::Usage("the topology has several sites: choose one with --site".into()));
            }
        };
        if !sites.iter().any(|site| site.id == id) {
            let site = Site { id: id.clone(), name: None, description: None, location: None };
            builder.add_site(site).map_err(refused)?;
        }
        Ok(id)
    }

    fn pool(&self, builder: &mut Builder, fqdn: Fqdn, site: Identity) -> Result<NewPool, Trouble> {
        let on = builder.topology().standard_edition_server(&fqdn).cloned();
        let lacking = |option: &str| Trouble::Usage(format!("a persistent chat pool needs --{option}"));
        let embedded = on.as_ref().and_then(|server| server.store.clone());
        let mirror = self.content_mirror.as_deref();
        let content = match (&self.content_store, embedded) {
            (Some(text), _) => named(builder, "content-store", text, mirror)?,
            (None, Some(store)) => store,
            (None, None) => return Err(lacking("content-store")),
        };
        let backup = self.backup_content_store.as_deref();
        let backup = backup.map(|text| named(builder, "backup-content-store", text, None)).transpose()?;
        let compliance = match &self.compliance_store {
            None => None,
            Some(text) => {
                let store = named(builder, "compliance-store", text, self.compliance_mirror.as_deref())?;
                let backup = self.backup_compliance_store.as_deref();
                let field = "backup-compliance-store";
                let backup = backup.map(|text| named(builder, field, text, None)).transpose()?;
                Some(NewCompliance { store, backup })
            }
        };
        let usual_files = self.machine.is_empty().then_some(USUAL_FILES);
        let files = self.file_store.as_deref().or(usual_files).ok_or_else(|| lacking("file-store"))?;
        let file_store = file_store(builder, &site, files)?;
        let machines = match self.machine.as_slice() {
            [] => Machines::Single,
            names => Machines::Multiple(all("machine", names)?),
        };
        let topology = builder.topology();
        let next_hop = match &self.next_hop {
            Some(fqdn) => read("next-hop", fqdn)?,
            None => on
                .map(|server| server.fqdn)
                .or_else(|| hop(topology, &site))
                .ok_or_else(|| lacking("next-hop"))?,
        };
        let is_first = topology.default_pool(&site).is_none();
        let default_for = match self.default_for {
            Some(Whose::Site) => DefaultFor::Site,
            Some(Whose::AllSites) => DefaultFor::AllSites,
            None if is_first => DefaultFor::Site,
            Some(Whose::No) | None => DefaultFor::No,
        };
        let display_name: Text =
            read("display-name", self.display_name.as_deref().unwrap_or("Persistent Chat"))?;
        let port = self.port;
        Ok(NewPool {
            fqdn,
            site,
            machines,
            display_name,
            port,
            default_for,
            content,
            backup,
            compliance,
            file_store,
            next_hop,
        })
    }
}

/// What routes to pools of a site, when one thing does.
fn hop(topology: &Topology, site: &Identity) -> Option<Fqdn> {
    let pools = topology.front_end_pools.iter().map(|pool| (&pool.site, &pool.fqdn));
    let servers = topology.standard_edition_servers.iter().map(|server| (&server.site, &server.fqdn));
    let mut hops = pools.chain(servers).filter(|(of, _)| *of == site).map(|(_, fqdn)| fqdn.clone());
    hops.next().filter(|_| hops.next().is_none())
}

/// A store by what an option says, added when it is new.
fn named(builder: &mut Builder, option: &str, text: &str, mirror: Option<&str>) -> Result<Identity, Trouble> {
    let wrong = |why: String| Trouble::Invalid(format!("--{option}: {why}"));
    let store = spelled::store(builder.topology(), text).map_err(wrong)?;
    let mirror = mirror.map(spelled::instance).transpose().map_err(wrong)?;
    match store {
        Named::There(id) if mirror.is_none() => Ok(id),
        Named::There(id) => Err(wrong(format!("{id} is there already: write its mirror into the document"))),
        Named::New(store) => {
            let id = store.id.clone();
            builder.add_store(Store { mirror, ..store }).map_err(refused)?;
            Ok(id)
        }
    }
}

fn file_store(builder: &mut Builder, site: &Identity, text: &str) -> Result<Identity, Trouble> {
    let named = spelled::file_store(builder.topology(), text);
    match named.map_err(|why| Trouble::Invalid(format!("--file-store: {why}")))? {
        NamedFiles::There(id) => Ok(id),
        NamedFiles::New(id, place) => {
            builder.add_file_store(id.clone(), site.clone(), place).map_err(refused)?;
            Ok(id)
        }
    }
}

fn all<K: Kind>(option: &str, texts: &[String]) -> Result<Vec<Word<K>>, Trouble> {
    texts.iter().map(|text| read(option, text)).collect()
}

fn read<K: Kind>(option: &str, text: &str) -> Result<Word<K>, Trouble> {
    Word::parse(text).map_err(|bad| Trouble::Invalid(format!("--{option}: {bad}")))
}

fn refused(findings: Refused) -> Trouble {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Trouble::Invalid(format!("this topology could not be published:\n{}", lines.join("\n")))
}
