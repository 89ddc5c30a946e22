//! What is known of the original's document: its namespaces (functional specification, 8.3, and published examples), the elements in
//! them, and the roles of its services.
//! An element that is not here is not understood, and is never left out silently.

/// The prefix of namespaces of deployment.
const BUILDER: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.TopologyBuilder.2008";
const WRITABLE: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.WritableTopology.2008";
const PUBLISHED: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008";
const ROLES: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008";
const WEB: &str = "urn:schema:Microsoft.Rtc.Management.Deploy.WebServices.2011";
const BASE: &str = "urn:schema:Microsoft.Rtc.Management.BaseTypes.2008";

/// A known namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Namespace {
    /// The file of the builder.
    Builder,
    /// A topology, published or being written: the two differ in how objects are named.
    Topology,
    /// Services, each with its ports and settings.
    Roles,
    /// Web components.
    Web,
    /// Types used by the others.
    Base,
}

/// The namespace of this name.
pub fn namespace(name: &str) -> Option<Namespace> {
    match name {
        BUILDER => Some(Namespace::Builder),
        WRITABLE | PUBLISHED => Some(Namespace::Topology),
        ROLES => Some(Namespace::Roles),
        WEB => Some(Namespace::Web),
        BASE => Some(Namespace::Base),
        _ => None,
    }
}

/// Whether the element is known in the namespace.
pub fn is_element(namespace: Namespace, name: &str) -> bool {
    let known: &[&str] = match namespace {
        Namespace::Builder => &["TopologyBuilder", "NewTopology"],
        Namespace::Topology => &[
            "Topology",
            "PartialTopology",
            "InternalDomains",
            "InternalDomain",
            "Sites",
            "CentralSites",
            "CentralSite",
            "Name",
            "Description",
            "Location",
            "Clusters",
            "Cluster",
            "ClusterId",
            "Machines",
            "Machine",
            "NetInterface",
            "SqlInstances",
            "SqlInstance",
            "SqlInstanceId",
            "Services",
            "Service",
            "ServiceId",
            "DependsOn",
            "Dependency",
            "InstalledOn",
        ],
        Namespace::Roles => &[
            "Ports",
            "Port",
            "FileStoreService",
            "PersistentChatService",
            "RegistrarService",
            "WebService",
            "ExternalSettings",
            "OverrideUrls",
            "ConfService",
            "MCUs",
            "MCU",
            "ApplicationServerService",
            "CentralMgmtService",
        ],
        Namespace::Web => &["WebComponents", "Component"],
        Namespace::Base => &["UpaSeparator"],
    };
    known.contains(&name)
}

/// What a service does, as far as it means something here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Where people are homed: its cluster is a front-end pool or Standard Edition server.
    UserServices,
    /// What routes: a next hop.
    Registrar,
    /// The back end.
    UserStore,
    /// A file store.
    FileStore,
    /// Persistent chat.
    PersistentChat,
    /// Its content.
    ContentStore,
    /// Its compliance record.
    ComplianceStore,
    /// Something a front end does by itself here, or that is no part of persistent chat.
    Other,
}

/// The role of this name.
pub fn role(name: &str) -> Option<Role> {
    match name {
        "UserServices" => Some(Role::UserServices),
        "Registrar" => Some(Role::Registrar),
        "UserStore" => Some(Role::UserStore),
        "FileStore" => Some(Role::FileStore),
        "PersistentChatService" => Some(Role::PersistentChat),
        "PersistentChatStore" => Some(Role::ContentStore),
        "PersistentChatComplianceStore" => Some(Role::ComplianceStore),
        "WebServices" | "ConfServices" | "ApplicationServer" | "ApplicationStore" | "CentralMgmt"
        | "CentralMgmtStore" => Some(Role::Other),
        _ => None,
    }
}
