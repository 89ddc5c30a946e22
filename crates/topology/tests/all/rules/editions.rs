//! What breaks a rule about Standard Edition servers or the document, and what is said of parts that come later.
//! Other pools are in `pools.rs`.

use topology::document::{Engine, MachineState, PoolKind};

use super::{Row, files, instance, lyon, paris, store, word};
use crate::world::{contoso, litware};

/// The rows.
pub const ROWS: &[Row] = &[
    (
        "V4",
        litware,
        |story| story.topology.pools[0].fqdn = word("chat.litware.example"),
        &[
            "error V4: persistent chat pool chat.litware.example, fqdn: it is on the Standard Edition server se.litware.example, and pool and machine are not both named so; name pool and machine se.litware.example, or put the pool on machines of its own",
        ],
    ),
    (
        "V4",
        litware,
        |story| story.topology.pools[0].site = word("shed"),
        &[
            "error V4: persistent chat pool se.litware.example, site: it is on the Standard Edition server se.litware.example, which stands in office; write site = \"office\"",
        ],
    ),
    (
        "V17",
        contoso,
        |story| lyon(story).content_store = Some(word("se")),
        &[
            "error V17: persistent chat pool lyon.contoso.example, content-store: the store se is embedded in se.contoso.example, which keeps only what is its own; name a PostgreSQL store",
        ],
    ),
    (
        "V17",
        contoso,
        |story| {
            store(story, "backup").engine = Engine::Embedded;
            paris(story).backup_content_store = None;
        },
        &[
            "error V17: store backup, server: it is embedded, and db3.contoso.example is no Standard Edition server; name a Standard Edition server, or take engine = \"postgresql\"",
        ],
    ),
    (
        "V19",
        litware,
        |story| {
            let mut second = story.topology.pools[0].machines[0].clone();
            second.fqdn = word("two.litware.example");
            story.topology.pools[0].machines.push(second);
            story.topology.pools[0].disaster_recovery = true;
            store(story, "se").mirror = Some(instance("two.litware.example"));
        },
        &[
            "error V19: persistent chat pool se.litware.example, machine: it is on the Standard Edition server se.litware.example, and has 2 machines; leave se.litware.example alone, or define a pool on machines of its own",
            "error V19: persistent chat pool se.litware.example, disaster-recovery: it is on the Standard Edition server se.litware.example, where there is no disaster recovery; set disaster-recovery = false and take the backup stores out",
            "error V19: persistent chat pool se.litware.example, content-store: it is on the Standard Edition server se.litware.example, and its store se has a mirror; take the mirror of se out, or name a store without one",
        ],
    ),
    (
        "S10",
        litware,
        |story| {
            story.topology.pools[0].kind = PoolKind::Multiple;
            story.topology.pools[0].machines[0].state = MachineState::Inactive;
        },
        &[
            "error S10: persistent chat pool se.litware.example, kind: it is on the Standard Edition server se.litware.example, where there is no high availability; write kind = \"single\", or define a pool on machines of its own",
            "error S10: machine se.litware.example of se.litware.example, state: it stands by in a pool on the Standard Edition server se.litware.example; write state = \"active\" for the server itself, and take other machines out",
        ],
    ),
    (
        "S11",
        litware,
        |_| {},
        &[
            "warning S11: persistent chat pool se.litware.example: it is on a Standard Edition server: one machine, for trials and up to 20,000 people, and nothing takes over when it is lost; define a pool of kind multiple on machines of its own where more is wanted",
        ],
    ),
    (
        "S12",
        litware,
        |story| {
            let mut published = litware();
            published.standard_edition_servers.clear();
            story.published = Some(published);
        },
        &[
            "error S12: persistent chat pool se.litware.example: it is published as a pool on machines of its own, and a pool on a Standard Edition server can only be new; remove the pool and publish, then define a new one",
        ],
    ),
    (
        "S13",
        litware,
        |story| {
            story.legacy.insert(word("se.litware.example"));
        },
        &[
            "error S13: persistent chat pool se.litware.example: data of an older product is to be brought into it, and it is on a Standard Edition server; bring it into a pool on machines of its own",
        ],
    ),
    (
        "S13",
        contoso,
        |story| {
            story.legacy.insert(word("lyon.contoso.example"));
        },
        &[],
    ),
    (
        "D1",
        contoso,
        |story| {
            let again = (
                story.topology.sites[0].clone(),
                story.topology.stores[0].clone(),
                story.topology.front_end_pools[0].clone(),
            );
            story.topology.sites.push(again.0);
            story.topology.stores.push(again.1);
            story.topology.front_end_pools.push(again.2);
            lyon(story).machines[0].fqdn = word("chat1.contoso.example");
        },
        &[
            "error D1: site lyon, id: there are two of this name; take one out, or give it a name of its own",
            "error D1: store back-end, id: there are two of this name; take one out, or give it a name of its own",
            "error D1: front-end pool fe.contoso.example, fqdn: another pool or server has this name; give each a name of its own",
            "error D1: machine chat1.contoso.example of lyon.contoso.example: it is named twice as a machine of persistent chat pools; leave it in one",
            "error D1: front-end pool fe.contoso.example, machines: fe1.contoso.example is named twice as a front end or Standard Edition server; leave it in one place",
            "error D1: front-end pool fe.contoso.example, machines: fe2.contoso.example is named twice as a front end or Standard Edition server; leave it in one place",
        ],
    ),
    (
        "D2",
        contoso,
        |story| {
            let server = &mut story.topology.standard_edition_servers[0];
            (server.site, server.store) = (word("nice"), Some(word("none")));
            files(story).site = word("nice");
            lyon(story).file_store = Some(word("none"));
            lyon(story).content_store = Some(word("none"));
        },
        &[
            "error D2: persistent chat pool lyon.contoso.example, file-store: there is no file store none; add that file store, or correct the name",
            "error D2: Standard Edition server se.contoso.example, site: there is no site nice; add that site, or correct the name",
            "error D2: file store files, site: there is no site nice; add that site, or correct the name",
            "error D2: Standard Edition server se.contoso.example, store: there is no store none; add that store, or correct the name",
            "error D2: persistent chat pool lyon.contoso.example, content-store: there is no store none; add that store, or correct the name",
        ],
    ),
    (
        "D3",
        contoso,
        |story| {
            let site = story.topology.sites[0].clone();
            story.topology.sites.extend((0..199).map(|number| topology::document::Site {
                id: word(&format!("site-{number}")),
                ..site.clone()
            }));
            story.topology.front_end_pools[0].machines.clear();
        },
        &[
            "error D3: topology: it has 201 sites, 200 at most; divide it into several topologies",
            "error D3: front-end pool fe.contoso.example, machines: it has no machine; add the machines it runs on",
        ],
    ),
    (
        "D3",
        contoso,
        |story| {
            story.topology.front_end_pools[0].machines =
                (0..13).map(|number| word(&format!("fe{number}.contoso.example"))).collect();
        },
        &[
            "error D3: front-end pool fe.contoso.example, machines: it has 13 machines, 12 at most; divide it into several pools",
        ],
    ),
    (
        "D5",
        contoso,
        |story| {
            story.topology.front_end_pools[0].store = None;
            story.topology.standard_edition_servers[0].store = None;
        },
        &[
            "error D5: Standard Edition server se.contoso.example, store: there is no store; name the store that is to keep its data and the published topology",
            "error D5: front-end pool fe.contoso.example, store: there is no store; name the store that is to keep its data and the published topology",
        ],
    ),
    (
        "N1",
        contoso,
        |_| {},
        &[
            "note N1: persistent chat pool chat.contoso.example, compliance: compliance is defined, and not run by this version: nothing is recorded yet; nothing need be done",
        ],
    ),
    (
        "N2",
        contoso,
        |_| {},
        &[
            "note N2: persistent chat pool chat.contoso.example, disaster-recovery: disaster recovery is defined, and not run by this version: no backup is kept yet; nothing need be done",
        ],
    ),
];
