//! Documents of the original, in both forms, and documents that are none: what is understood, what is listed, what is refused.
//! The documents were written for these tests, by what is known of the form.

use topology::document::{DefaultFor, Engine, MachineState, PoolKind};
use topology::import::Strictness::{Accept, Refuse};
use topology::limits::{
    ORIGINAL_ATTRIBUTES_MAX, ORIGINAL_BYTES_MAX, ORIGINAL_DEPTH_MAX, ORIGINAL_ELEMENTS_MAX,
};
use topology::{Facts, ImportFault, Imported, import, print, validate};

use crate::world::contoso;

const PUBLISHED: &str = include_str!("import/published.xml");
const BUILDER: &str = include_str!("import/builder.xml");

#[test]
fn a_published_topology_is_understood() {
    let imported = read(PUBLISHED);
    let topology = &imported.topology;
    assert_eq!(topology.sites[0].name.as_ref().map(|name| name.as_str()), Some("Fabrikam & Sons"));
    assert_eq!(topology.front_end_pools[0].fqdn.as_str(), "fe.fabrikam.example");
    assert_eq!(topology.front_end_pools[0].machines.len(), 2);
    assert_eq!(topology.standard_edition_servers[0].fqdn.as_str(), "se.fabrikam.example");
    let [pool] = topology.pools.as_slice() else { panic!("{:?}", topology.pools) };
    assert_eq!(
        (pool.fqdn.as_str(), pool.kind, pool.port),
        ("chat.fabrikam.example", PoolKind::Multiple, 5141)
    );
    assert_eq!((pool.compliance, pool.disaster_recovery, pool.active()), (true, true, 4));
    assert_eq!(pool.machines[4].state, MachineState::Inactive);
    assert_eq!(pool.next_hop.as_ref().map(|hop| hop.as_str()), Some("fe.fabrikam.example"));
    let store = |id: &Option<topology::Identity>| id.as_ref().map(|id| id.to_string());
    assert_eq!(store(&pool.content_store).as_deref(), Some("sql-chat"));
    assert_eq!(store(&pool.backup_content_store).as_deref(), Some("far"));
    assert_eq!(store(&pool.compliance_store).as_deref(), Some("sql-record"));
    assert_eq!(store(&pool.file_store).as_deref(), Some("files-chatfiles"));
    let engines: Vec<(&str, Engine)> =
        topology.stores.iter().map(|store| (store.id.as_str(), store.engine)).collect();
    assert_eq!(
        engines,
        [
            ("far", Engine::Postgresql),
            ("se-rtc", Engine::Embedded),
            ("sql", Engine::Postgresql),
            ("sql-chat", Engine::Postgresql),
            ("sql-record", Engine::Postgresql),
        ]
    );
}

#[test]
fn what_the_original_does_not_say_is_said_and_found() {
    let imported = read(PUBLISHED);
    let remarks: Vec<String> = imported.remarks.iter().map(ToString::to_string).collect();
    for remark in [
        "store se-rtc: SQL Server Express becomes the embedded store of the server; data is not carried over",
        "store sql-chat: SQL Server becomes PostgreSQL, whose port is taken to be 5432; data is not carried over",
        "persistent chat pool chat.fabrikam.example: which machines are active is not known; the first four are taken to be",
        "persistent chat pool chat.fabrikam.example: whose default it is is not known; set default-for",
    ] {
        assert!(remarks.iter().any(|known| known == remark), "{remark} in {remarks:?}");
    }
    let findings = validate(&imported.topology, &Facts::defining(None));
    let mut rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    // The display name, the ports of instances on one machine and the default are not in the document; the backup record is not there.
    assert_eq!(rules, ["N1", "N2", "V11", "V18", "V21", "V8"]);
    assert_eq!(imported.topology.pools[0].default_for, DefaultFor::No);
}

#[test]
fn a_file_of_the_builder_is_understood() {
    let imported = read(BUILDER);
    let topology = &imported.topology;
    assert_eq!(topology.sites[0].id.as_str(), "site-1");
    assert_eq!(topology.standard_edition_servers[0].fqdn.as_str(), "se.fabrikam.example");
    let pool = &topology.pools[0];
    assert_eq!((pool.fqdn.as_str(), pool.kind), ("se.fabrikam.example", PoolKind::Single));
    assert_eq!(pool.content_store, topology.standard_edition_servers[0].store);
    assert_eq!(pool.next_hop.as_ref(), Some(&pool.fqdn));
    assert_eq!(topology.file_stores[0].share.as_ref().map(|share| share.as_str()), Some("chat files"));
}

#[test]
fn a_document_in_utf_16_is_the_same() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let octets: Vec<u8> = format!("\u{FEFF}{PUBLISHED}").encode_utf16().flat_map(order).collect();
        assert_eq!(import(&octets, Refuse), Ok(read(PUBLISHED)));
        assert_eq!(import(&octets[..octets.len() - 1], Refuse), Err(ImportFault::Encoding));
    }
    assert_eq!(import(&[0xFF, 0xFE, 0x00, 0xD8], Refuse), Err(ImportFault::Encoding));
    assert_eq!(import(b"<Topology>\xFF</Topology>", Refuse), Err(ImportFault::Encoding));
}

#[test]
fn what_is_unknown_fails_the_import_with_a_list() {
    let strange = PUBLISHED
        .replace("</Topology>", "<Wormholes><Wormhole /></Wormholes><x:Y xmlns:x=\"urn:y\" /><x:Z xmlns:x=\"urn:y\" /></Topology>")
        .replace("RoleName=\"ConfServices\"", "RoleName=\"Mediation\"");
    let fault = import(strange.as_bytes(), Refuse).expect_err("three names are unknown");
    assert_eq!(
        fault.to_string(),
        "3 names are not known, and what they hold would be lost:\n  \
         namespace urn:y in Topology, 2 times\n  \
         element Wormholes in Topology\n  \
         role Mediation in Services\n\
         accept unknown names to leave all of it out"
    );
    let accepted = import(strange.as_bytes(), Accept).expect("unknown names are accepted");
    assert_eq!(accepted.unknown.len(), 3);
    assert_eq!(accepted.topology, read(PUBLISHED).topology);
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let many: String = (0..120).map(|number| format!("<Strange{number} />")).collect();
    let strange = PUBLISHED.replace("</Topology>", &format!("{many}</Topology>"));
    let Err(ImportFault::Unknown { unknown, total }) = import(strange.as_bytes(), Refuse) else { panic!() };
    assert_eq!((unknown.len(), total), (50, 120));
}

#[test]
fn another_namespace_is_no_topology() {
    let later = PUBLISHED.replace("Topology.2008", "Topology.2029");
    let fault = import(later.as_bytes(), Accept).expect_err("it is another form");
    assert_eq!(
        fault.to_string(),
        "the document begins with <Topology>, and a topology with <Topology> or <TopologyBuilder> of its namespace: export it with \
         Get-CsTopology -AsXml, or take the file of the builder"
    );
    for other in ["<html/>", "<Topology/>", &BUILDER.replace("PartialTopology", "Partial")] {
        assert!(import(other.as_bytes(), Accept).is_err(), "{other}");
    }
}

#[test]
fn our_own_form_is_imported_as_it_was_exported() {
    let imported = import(print(&contoso()).as_bytes(), Refuse).expect("it is our own");
    assert_eq!(imported, Imported { topology: contoso(), unknown: Vec::new(), remarks: Vec::new() });
    let fault = import(b"format = 3", Refuse).expect_err("there is no such format");
    assert!(fault.to_string().contains("format 3 is not known"), "{fault}");
}

#[test]
fn damaged_documents_say_what_is_damaged() {
    let rows: &[(&str, &str, &str)] = &[
        (
            "Fqdn=\"chat.fabrikam.example\"",
            "Fqdn=\"chat\"",
            "Cluster Fqdn: 'chat' is not a fully qualified domain name: write it as chat.example.com (two labels at least, of letters, digits and hyphens, 63 octets each and 253 in all)",
        ),
        (
            "Fqdn=\"chat.fabrikam.example\"",
            "",
            "Cluster has no Fqdn: the document is damaged; export the topology again",
        ),
        ("Port=\"5141\"", "Port=\"0\"", "Port Port: '0' is not a port: a number from 1 to 65535"),
        (
            "<ClusterId SiteId=\"1\" Number=\"3\" />",
            "<ClusterId SiteId=\"1\" Number=\"1\" />",
            "Cluster stands twice under one key: the document is damaged; export the topology again",
        ),
        (
            "<CentralSite SiteId=\"1\">",
            "<CentralSite>",
            "CentralSite has no SiteId: the document is damaged; export the topology again",
        ),
        (
            "</Clusters>",
            "</Cluster>",
            "octet 2951: markup that is not closed, or closes something else: this is not well-formed XML; export the topology again",
        ),
    ];
    for (good, bad, says) in rows {
        assert!(PUBLISHED.contains(good), "{good}");
        let fault = import(PUBLISHED.replacen(good, bad, 1).as_bytes(), Accept).expect_err(bad);
        assert_eq!(fault.to_string(), *says);
    }
    let nowhere = PUBLISHED
        .replace("<SqlInstanceId Name=\"chat\">", "<SqlInstanceId Name=\"gone\">")
        .replacen("gone", "chat", 1);
    let fault = import(nowhere.as_bytes(), Accept).expect_err("the instance is gone").to_string();
    assert_eq!(
        fault,
        "InstalledOn names no SQL instance of the document: the document is damaged; export the topology again"
    );
}

#[test]
fn hostile_documents_are_refused_before_they_cost_anything() {
    let head = "<Topology xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008\"";
    let bomb = format!("<!DOCTYPE t [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{head}>&b;</Topology>");
    let deep = format!("{head}>{}", "<Name>".repeat(ORIGINAL_DEPTH_MAX));
    let wide = format!("{head}>{}</Topology>", "<Name/>".repeat(ORIGINAL_ELEMENTS_MAX));
    let attributes: String = (0..=ORIGINAL_ATTRIBUTES_MAX).map(|number| format!(" a{number}=\"\"")).collect();
    let namespaces: String = (0..60).map(|number| format!(" xmlns:a{number}=\"u\"")).collect();
    let long = format!("{head}><Name>{}</Name></Topology>", "n".repeat(10_000));
    let rows: [(String, ImportFault); 10] = [
        (format!("<!DOCTYPE t>{head}/>"), ImportFault::Entities),
        (bomb, ImportFault::Entities),
        (format!("{head}>&b;</Topology>"), ImportFault::Entities),
        (format!("{head} Signature=\"&b;\"/>"), ImportFault::Entities),
        (deep, ImportFault::Excess { what: "levels", limit: ORIGINAL_DEPTH_MAX }),
        (wide, ImportFault::Excess { what: "elements", limit: ORIGINAL_ELEMENTS_MAX }),
        (
            format!("{head}{attributes}/>"),
            ImportFault::Excess { what: "attributes of one element", limit: ORIGINAL_ATTRIBUTES_MAX },
        ),
        (
            format!("{head}{namespaces}><Name{namespaces}/></Topology>"),
            ImportFault::Excess { what: "namespaces at one place", limit: 64 },
        ),
        (long, ImportFault::Excess { what: "octets in one text", limit: 8_192 }),
        (" ".repeat(ORIGINAL_BYTES_MAX) + "<a/>", ImportFault::TooLarge { size: ORIGINAL_BYTES_MAX + 4 }),
    ];
    for (document, fault) in rows {
        assert_eq!(import(document.as_bytes(), Accept), Err(fault));
    }
    for broken in [
        "<",
        "<a",
        "<a>",
        "</a>",
        "<a/><b/>",
        "<a/>x",
        "<a b='1' b='2'/>",
        "<p:a/>",
        "<!-- -->",
        "<a><![CDATA[</a>",
    ] {
        let fault = import(broken.as_bytes(), Accept);
        assert!(matches!(fault, Err(ImportFault::Malformed { .. })), "{broken}: {fault:?}");
    }
}

fn read(text: &str) -> Imported {
    import(text.as_bytes(), Refuse).unwrap_or_else(|fault| panic!("{fault}"))
}
