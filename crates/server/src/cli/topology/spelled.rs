//! Stores and file stores as one types them: by the identity of one that is there, or by the place of a new one.
//! Whether they fit is said by the rules.

use topology::Topology;
use topology::builder::FilePlace;
use topology::document::{Engine, Instance, Store};
use topology::word::{DatabaseName, Fqdn, Identity, LocalPath, ShareName};

/// How a store is written, for whoever wrote it wrongly.
pub const STORE: &str = "HOST[:PORT][/INSTANCE], such as db1.example.com or db1.example.com:5433";
/// How a file store is written.
pub const FILES: &str =
    "SERVER/SHARE, such as files.example.com/chat, or a path, such as /var/lib/causerie/files";

/// A store somebody named.
#[derive(Clone, Debug)]
pub enum Named {
    /// One of the topology.
    There(Identity),
    /// One that is to be added.
    New(Store),
}

/// A file store somebody named.
#[derive(Clone, Debug)]
pub enum NamedFiles {
    /// One of the topology.
    There(Identity),
    /// One that is to be added under this identity.
    New(Identity, FilePlace),
}

impl Named {
    /// Its identity.
    pub fn id(&self) -> &Identity {
        match self {
            Self::There(id) => id,
            Self::New(store) => &store.id,
        }
    }
}

/// The store of this identity, or on this instance; a new one when there is none.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn store(topology: &Topology, text: &str) -> Result<Named, String> {
    if let Ok(id) = Identity::parse(text)
        && topology.store(&id).is_some()
    {
        return Ok(Named::There(id));
    }
    let ids = || listed(topology.stores.iter().map(|store| &store.id));
    let Instance { server, instance, port } =
        self::instance(text).map_err(|why| format!("{why}: name {STORE}{}", ids()))?;
    let id = free(server.host(), |id| topology.store(id).is_some());
    let new = Store {
        id,
        engine: Engine::Postgresql,
        server,
        instance,
        port,
        availability_group: None,
        mirror: None,
        witness: None,
    };
    let same = |store: &&Store| store.name() == new.name() && store.port() == new.port();
    match topology.stores.iter().find(same) {
        Some(store) => Ok(Named::There(store.id.clone())),
        None => Ok(Named::New(new)),
    }
}

/// A PostgreSQL cluster by its place.
///
/// # Errors
/// What is wrong.
pub fn instance(text: &str) -> Result<Instance, String> {
    let (place, instance) = text.split_once('/').map_or((text, None), |(place, name)| (place, Some(name)));
    let (server, port) = place.split_once(':').map_or((place, None), |(server, port)| (server, Some(port)));
    let wrong = |bad: topology::BadWord| bad.to_string();
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => return Err(format!("'{text}' names no port from 1 to 65535")),
    };
    Ok(Instance {
        server: Fqdn::parse(server).map_err(wrong)?,
        instance: instance.map(DatabaseName::parse).transpose().map_err(wrong)?,
        port,
    })
}

/// The file store of this identity, or at this place; a new one when there is none.
///
/// # Errors
/// What is wrong, and how it is written.
pub fn file_store(topology: &Topology, text: &str) -> Result<NamedFiles, String> {
    if let Ok(id) = Identity::parse(text)
        && topology.file_store(&id).is_some()
    {
        return Ok(NamedFiles::There(id));
    }
    let ids = || listed(topology.file_stores.iter().map(|store| &store.id));
    let place = file_place(text).map_err(|why| format!("{why}: name {FILES}{}", ids()))?;
    let parts = match &place {
        FilePlace::Share(server, share) => (Some(server), Some(share), None),
        FilePlace::Path(path) => (None, None, Some(path)),
    };
    let same = topology
        .file_stores
        .iter()
        .find(|store| (store.server.as_ref(), store.share.as_ref(), store.path.as_ref()) == parts);
    if let Some(same) = same {
        return Ok(NamedFiles::There(same.id.clone()));
    }
    Ok(NamedFiles::New(free("files", |id| topology.file_store(id).is_some()), place))
}

fn file_place(text: &str) -> Result<FilePlace, String> {
    let wrong = |bad: topology::BadWord| bad.to_string();
    // The way of the systems the product ran on is understood, too.
    let text = text.strip_prefix(r"\\").map_or_else(|| text.to_owned(), |unc| unc.replace('\\', "/"));
    if text.starts_with('/') {
        return LocalPath::parse(&text).map(FilePlace::Path).map_err(wrong);
    }
    let (server, share) = text.split_once('/').ok_or_else(|| format!("'{text}' names no share"))?;
    Ok(FilePlace::Share(Fqdn::parse(server).map_err(wrong)?, ShareName::parse(share).map_err(wrong)?))
}

/// An identity like `begun` that nothing has yet.
pub fn free(begun: &str, is_taken: impl Fn(&Identity) -> bool) -> Identity {
    let named = |number: usize| {
        let name = if number == 1 { begun.to_owned() } else { format!("{begun}-{number}") };
        Identity::parse(&name).or_else(|_| Identity::parse(&format!("store-{number}")))
    };
    let mut all = (1..).map(|number| named(number).expect("a number makes no identity too long"));
    all.find(|id| !is_taken(id)).expect("numbers do not end")
}

fn listed<'a>(ids: impl Iterator<Item = &'a Identity>) -> String {
    let ids: Vec<&str> = ids.map(Identity::as_str).collect();
    if ids.is_empty() { String::new() } else { format!(", or one that is there: {}", ids.join(", ")) }
}
