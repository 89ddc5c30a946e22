//! From the tree of the original to its objects, with their keys: sites, clusters, instances, services. Lists what is not known.
//! Both forms are read: the published one, whose objects refer to each other by numbers, and the builder's, where they do by `UniqueId`.
//! What the objects mean is decided in `convert.rs`.

use std::collections::BTreeMap;

use crate::import::known::{self, Namespace, Role};
use crate::import::xml::Element;
use crate::import::{ImportFault, Unknown, UnknownKind};
use crate::word::shown;

/// The objects of the original.
#[derive(Debug, Default)]
pub struct Original {
    /// Sites by their number.
    pub sites: BTreeMap<String, Site>,
    /// Clusters by their key.
    pub clusters: BTreeMap<String, Cluster>,
    /// SQL instances by their key.
    pub instances: BTreeMap<String, SqlInstance>,
    /// Services by their key.
    pub services: BTreeMap<String, Service>,
}

/// A site.
#[derive(Debug)]
pub struct Site {
    pub name: String,
    pub description: String,
    pub location: String,
}

/// Machines under one name.
#[derive(Debug)]
pub struct Cluster {
    pub site: String,
    pub fqdn: String,
    pub machines: Vec<String>,
}

/// An instance of SQL Server on a cluster.
#[derive(Debug)]
pub struct SqlInstance {
    pub cluster: String,
    pub name: String,
}

/// Something that runs on a cluster or instance.
#[derive(Debug)]
pub struct Service {
    pub role: Role,
    /// The key of a cluster or instance.
    pub on: String,
    /// What it needs: how, and the key of a service.
    pub needs: Vec<(String, String)>,
    pub port: Option<String>,
    pub share: Option<String>,
    pub display_name: Option<String>,
}

/// Every object, and what was not known.
pub fn collect(root: &Element) -> Result<(Original, Vec<Unknown>), ImportFault> {
    let topology = topology(root)?;
    let mut unknown = UnknownNames::new();
    list(root, "the document", &mut unknown);
    let mut original = Original::default();
    sites(topology, &mut original)?;
    clusters(topology, "", &mut original)?;
    if let Some(instances) = topology.child("SqlInstances") {
        for instance in instances.named("SqlInstance") {
            let id = instance.child("SqlInstanceId").ok_or(damaged("SqlInstance", "has no SqlInstanceId"))?;
            let (key, cluster, name) = instance_id(id)?;
            new(&mut original.instances, key, SqlInstance { cluster, name }, "SqlInstance")?;
        }
    }
    services(topology, &mut original, &mut unknown)?;
    let unknown =
        unknown.into_iter().map(|((kind, name), (within, count))| Unknown { kind, name, within, count });
    Ok((original, unknown.collect()))
}

/// The element that holds the topology, in either form.
fn topology(root: &Element) -> Result<&Element, ImportFault> {
    let found = match (known::namespace(&root.namespace), root.name.as_str()) {
        (Some(Namespace::Topology), "Topology") => Some(root),
        (Some(Namespace::Builder), "TopologyBuilder") => {
            root.child("NewTopology").and_then(|new| new.child("PartialTopology"))
        }
        _ => return Err(ImportFault::NotATopology { root: shown(&root.name) }),
    };
    found.ok_or(damaged("TopologyBuilder", "holds no NewTopology with a PartialTopology"))
}

/// What is not known by kind and name, with where it stands first and how often.
type UnknownNames = BTreeMap<(UnknownKind, String), (String, usize)>;

fn list(element: &Element, within: &str, unknown: &mut UnknownNames) {
    let found = match known::namespace(&element.namespace) {
        None => {
            (UnknownKind::Namespace, if element.namespace.is_empty() { "(none)" } else { &element.namespace })
        }
        Some(namespace) if !known::is_element(namespace, &element.name) => {
            (UnknownKind::Element, element.name.as_str())
        }
        Some(_) => {
            for child in &element.children {
                list(child, &element.name, unknown);
            }
            return;
        }
    };
    let (kind, name) = found;
    unknown.entry((kind, shown(name))).or_insert_with(|| (shown(within), 0)).1 += 1;
}

fn sites(topology: &Element, original: &mut Original) -> Result<(), ImportFault> {
    let lists =
        topology.children.iter().filter(|child| matches!(child.name.as_str(), "Sites" | "CentralSites"));
    for site in lists.flat_map(|list| list.named("CentralSite")) {
        let id = site.attribute("SiteId").ok_or(damaged("CentralSite", "has no SiteId"))?.to_owned();
        let text = |name| site.child(name).map(|child| child.text.trim().to_owned()).unwrap_or_default();
        let (name, description, location) = (text("Name"), text("Description"), text("Location"));
        clusters(site, &id, original)?;
        new(&mut original.sites, id, Site { name, description, location }, "CentralSite")?;
    }
    Ok(())
}

/// The clusters in a topology (published form) or in a site (the builder's).
fn clusters(parent: &Element, site: &str, original: &mut Original) -> Result<(), ImportFault> {
    for cluster in parent.named("Clusters").flat_map(|list| list.named("Cluster")) {
        let fqdn = cluster.attribute("Fqdn").ok_or(damaged("Cluster", "has no Fqdn"))?.to_owned();
        let (key, site) = match (cluster.child("ClusterId"), cluster.attribute("UniqueId")) {
            (Some(id), _) => (cluster_id(id)?, id.attribute("SiteId").unwrap_or_default().to_owned()),
            (None, Some(id)) => (id.to_owned(), site.to_owned()),
            (None, None) => return Err(damaged("Cluster", "has neither ClusterId nor UniqueId")),
        };
        let list = cluster.child("Machines").unwrap_or(cluster);
        // A machine that names itself nowhere is named as its cluster is.
        let machines: Vec<String> = list
            .named("Machine")
            .map(|machine| machine.attribute("Fqdn").unwrap_or(&fqdn).to_owned())
            .collect();
        for instance in cluster.named("SqlInstances").flat_map(|list| list.named("SqlInstance")) {
            let id = instance.attribute("UniqueId").ok_or(damaged("SqlInstance", "has no UniqueId"))?;
            let name = instance.attribute("Name").unwrap_or_default().to_owned();
            let found = SqlInstance { cluster: key.clone(), name };
            new(&mut original.instances, id.to_owned(), found, "SqlInstance")?;
        }
        new(&mut original.clusters, key, Cluster { site, fqdn, machines }, "Cluster")?;
    }
    Ok(())
}

fn services(
    topology: &Element,
    original: &mut Original,
    unknown: &mut UnknownNames,
) -> Result<(), ImportFault> {
    for service in topology.named("Services").flat_map(|list| list.named("Service")) {
        let id = service.child("ServiceId");
        let name =
            id.unwrap_or(service).attribute("RoleName").ok_or(damaged("Service", "has no RoleName"))?;
        let key = match (id, service.attribute("UniqueId")) {
            (Some(id), _) => service_id(id),
            (None, Some(id)) => id.to_owned(),
            // Nothing can refer to it; it counts by its place.
            (None, None) => format!("#{}", original.services.len()),
        };
        let Some(role) = known::role(name) else {
            let entry = unknown.entry((UnknownKind::Role, shown(name)));
            entry.or_insert_with(|| ("Services".to_owned(), 0)).1 += 1;
            continue;
        };
        let on = installed_on(service)?;
        let needs =
            service.named("DependsOn").flat_map(|list| list.named("Dependency")).flat_map(needs).collect();
        let port = service.named("Ports").flat_map(|list| list.named("Port"));
        let port = port.filter(|port| port.attribute("Usage") == Some("SipServer"));
        let port = port.filter_map(|port| port.attribute("Port")).next().map(str::to_owned);
        let share =
            service.child("FileStoreService").and_then(|own| own.attribute("ShareName")).map(str::to_owned);
        let display_name =
            service.child("PersistentChatService").and_then(|own| own.attribute("DisplayName"));
        let display_name = display_name.map(str::to_owned);
        let found = Service { role, on, needs, port, share, display_name };
        new(&mut original.services, key, found, "Service")?;
    }
    Ok(())
}

fn installed_on(service: &Element) -> Result<String, ImportFault> {
    if let Some(id) = service.attribute("InstalledOn") {
        return Ok(id.to_owned());
    }
    let on = service.child("InstalledOn").ok_or(damaged("Service", "is installed nowhere"))?;
    match (on.child("SqlInstanceId"), on.child("ClusterId")) {
        (Some(id), _) => Ok(instance_id(id)?.0),
        (None, Some(id)) => cluster_id(id),
        (None, None) => Err(damaged("InstalledOn", "names neither cluster nor instance")),
    }
}

/// What a dependency names. How the builder's form writes the attribute is not published: its value is the key of a service.
fn needs(dependency: &Element) -> Vec<(String, String)> {
    let usage = dependency.attribute("Usage").unwrap_or("Default").to_owned();
    match dependency.child("ServiceId") {
        Some(id) => vec![(usage, service_id(id))],
        None => {
            let others = dependency.attributes.iter().filter(|(name, _)| name != "Usage");
            others.map(|(_, value)| (usage.clone(), value.clone())).collect()
        }
    }
}

fn cluster_id(id: &Element) -> Result<String, ImportFault> {
    match (id.attribute("SiteId"), id.attribute("Number")) {
        (Some(site), Some(number)) => Ok(format!("{site}:{number}")),
        _ => Err(damaged("ClusterId", "has no SiteId or no Number")),
    }
}

/// The key of an instance, that of its cluster, and its name.
fn instance_id(id: &Element) -> Result<(String, String, String), ImportFault> {
    let name = id.attribute("Name").unwrap_or_default().to_owned();
    let cluster = cluster_id(id.child("ClusterId").ok_or(damaged("SqlInstanceId", "has no ClusterId"))?)?;
    Ok((format!("{cluster}\\{name}"), cluster, name))
}

fn service_id(id: &Element) -> String {
    let part = |name| id.attribute(name).unwrap_or_default();
    format!("{}-{}-{}", part("SiteId"), part("RoleName"), part("Instance"))
}

fn damaged(place: &'static str, what: &'static str) -> ImportFault {
    ImportFault::Damaged { place, what }
}

/// Keeps an object under a key nothing else has.
fn new<T>(
    objects: &mut BTreeMap<String, T>,
    key: String,
    object: T,
    place: &'static str,
) -> Result<(), ImportFault> {
    if objects.insert(key, object).is_some() {
        Err(damaged(place, "stands twice under one key"))
    } else {
        Ok(())
    }
}
