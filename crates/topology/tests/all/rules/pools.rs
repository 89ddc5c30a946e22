//! What breaks a rule about pools and their machines, and what the rule then says.
//! Stores are in `stores.rs`, Standard Edition servers and the document in `editions.rs`.

use topology::document::{DefaultFor, MachineState, PoolKind};

use super::{Row, lyon, machines, paris, word};
use crate::world::{contoso, litware};

/// The rows.
pub const ROWS: &[Row] = &[
    (
        "V1",
        contoso,
        |story| {
            story.topology.front_end_pools.clear();
            story.topology.standard_edition_servers.clear();
        },
        &[
            "error V1: topology: there is a persistent chat pool, and no front-end pool or Standard Edition server; define a front-end pool or a Standard Edition server first",
        ],
    ),
    (
        "V2",
        contoso,
        |story| lyon(story).machines[0].fqdn = word("lyon1.contoso.example"),
        &[
            "error V2: persistent chat pool lyon.contoso.example, fqdn: it is of a single machine, and the machine is named lyon1.contoso.example; name the pool lyon1.contoso.example, or define it with kind = \"multiple\"",
        ],
    ),
    (
        "V3",
        contoso,
        |story| paris(story).machines[0].fqdn = word("chat.contoso.example"),
        &[
            "error V3: persistent chat pool chat.contoso.example, fqdn: a machine of the pool has the pool's name; give the pool a name of its own, with the addresses of all its machines in DNS",
        ],
    ),
    (
        "V3",
        contoso,
        |story| drop(story.seen.addresses.remove(&word("chat.contoso.example"))),
        &[
            "error V3: persistent chat pool chat.contoso.example, fqdn: DNS knows no address of it; add an A or AAAA record of this name for each machine of the pool",
        ],
    ),
    (
        "V3",
        contoso,
        |story| {
            let name = word("chat.contoso.example");
            story.seen.addresses.insert(name, [[10, 9, 9, 9].into()].into());
        },
        &[
            "error V3: persistent chat pool chat.contoso.example, fqdn: DNS gives for it 10.9.9.9, which is no machine of the pool; take that record out, or add its machine to the pool",
            "warning V3: persistent chat pool chat.contoso.example, fqdn: DNS gives for it no address of its machine chat1.contoso.example; add the addresses of chat1.contoso.example to the records of this name",
            "warning V3: persistent chat pool chat.contoso.example, fqdn: DNS gives for it no address of its machine chat2.contoso.example; add the addresses of chat2.contoso.example to the records of this name",
            "warning V3: persistent chat pool chat.contoso.example, fqdn: DNS gives for it no address of its machine chat3.contoso.example; add the addresses of chat3.contoso.example to the records of this name",
        ],
    ),
    (
        "V5",
        contoso,
        |story| paris(story).machines[1].fqdn = word("fe1.contoso.example"),
        &[
            "error V5: machine fe1.contoso.example of chat.contoso.example: it is also a machine of the front-end pool fe.contoso.example; take another machine for persistent chat, or take it out of the front-end pool",
        ],
    ),
    (
        "V6",
        contoso,
        |story| {
            let mut second = lyon(story).machines[0].clone();
            second.fqdn = word("lyon2.contoso.example");
            lyon(story).machines.push(second);
        },
        &[
            "error V6: persistent chat pool lyon.contoso.example, machine: it is of a single machine, and has 2; leave one machine, or define the pool with kind = \"multiple\" under another name",
        ],
    ),
    (
        "V6",
        contoso,
        |story| {
            story.published = Some(contoso());
            lyon(story).kind = PoolKind::Multiple;
        },
        &[
            "error V6: persistent chat pool lyon.contoso.example, kind: it was published as a pool of a single machine, which cannot grow; remove the pool and publish, then define it again with kind = \"multiple\"",
        ],
    ),
    (
        "V7",
        contoso,
        |story| lyon(story).machines.clear(),
        &[
            "error V7: persistent chat pool lyon.contoso.example, machine: it has no machine; add the machine it runs on",
        ],
    ),
    (
        "V7",
        contoso,
        |story| lyon(story).machines[0].state = MachineState::Inactive,
        &[
            "error V7: persistent chat pool lyon.contoso.example, machine: no machine is active; write state = \"active\" for one machine at least",
        ],
    ),
    (
        "V7",
        contoso,
        |story| machines(story, 9, 5),
        &[
            "error V7: persistent chat pool chat.contoso.example, machine: it has 9 machines, 8 at most; take machines out until 8 are left",
            "error V7: persistent chat pool chat.contoso.example, machine: 5 machines are active, 4 at most; write state = \"inactive\" for machines until 4 are active",
        ],
    ),
    (
        "V8",
        contoso,
        |story| {
            paris(story).display_name = None;
            paris(story).port = 0;
        },
        &[
            "error V8: persistent chat pool chat.contoso.example, display-name: there is no display name; give it one by which people can tell its rooms from those of other pools",
            "error V8: persistent chat pool chat.contoso.example, port: 0 is no port; take 5041, or another from 1 to 65535",
        ],
    ),
    (
        "V9",
        contoso,
        |story| lyon(story).content_store = None,
        &[
            "error V9: persistent chat pool lyon.contoso.example, content-store: there is no content store; name the store that is to keep its rooms",
        ],
    ),
    (
        "V9",
        litware,
        |story| story.topology.pools[0].content_store = None,
        &[
            "error V9: persistent chat pool se.litware.example, content-store: there is no content store; name the embedded store of se.litware.example, or a PostgreSQL store",
        ],
    ),
    (
        "V10",
        contoso,
        |story| lyon(story).compliance = true,
        &[
            "error V10: persistent chat pool lyon.contoso.example, compliance-store: compliance is on, and there is no compliance store; name the store that is to keep the record, or set compliance = false",
        ],
    ),
    (
        "V10",
        contoso,
        |story| paris(story).compliance = false,
        &[
            "error V10: persistent chat pool chat.contoso.example, compliance: there is the compliance store record, and compliance is off: nothing would be recorded; set compliance = true, or take compliance-store out",
        ],
    ),
    (
        "V11",
        contoso,
        |story| {
            lyon(story).disaster_recovery = true;
            lyon(story).backup_content_store = Some(word("x"));
        },
        &[
            "error V11: persistent chat pool lyon.contoso.example, disaster-recovery: a pool of a single machine has no disaster recovery; set disaster-recovery = false, or remove the pool and define it again with kind = \"multiple\"",
            "error V11: persistent chat pool lyon.contoso.example, backup-content-store: a pool of a single machine has no backup store, and this one names x; take backup-content-store out, or define the pool again with kind = \"multiple\"",
        ],
    ),
    (
        "V11",
        contoso,
        |story| paris(story).disaster_recovery = false,
        &[
            "error V11: persistent chat pool chat.contoso.example, backup-content-store: the backup store backup is named, and disaster recovery is off; set disaster-recovery = true, or take backup-content-store out",
            "error V11: persistent chat pool chat.contoso.example, backup-compliance-store: the backup store record-backup is named, and disaster recovery is off; set disaster-recovery = true, or take backup-compliance-store out",
        ],
    ),
    (
        "V11",
        contoso,
        |story| {
            paris(story).backup_content_store = None;
            paris(story).backup_compliance_store = None;
        },
        &[
            "error V11: persistent chat pool chat.contoso.example, backup-content-store: disaster recovery is on, and there is no backup of the content store; name the store in the other place, or set disaster-recovery = false",
            "warning V11: persistent chat pool chat.contoso.example, backup-compliance-store: disaster recovery and compliance are on, and there is no backup compliance store: after a disaster nothing is recorded; name a store in the other place",
        ],
    ),
    (
        "V11",
        contoso,
        |story| paris(story).compliance = false,
        &[
            "error V11: persistent chat pool chat.contoso.example, backup-compliance-store: there is a backup compliance store, and compliance is off; set compliance = true with a compliance store, or take it out",
        ],
    ),
    (
        "V13",
        contoso,
        |story| {
            lyon(story).next_hop = None;
            paris(story).next_hop = Some(word("chat.contoso.example"));
        },
        &[
            "error V13: persistent chat pool chat.contoso.example, next-hop: chat.contoso.example is neither a front-end pool nor a Standard Edition server of this topology; name a front-end pool or Standard Edition server of this topology",
            "error V13: persistent chat pool lyon.contoso.example, next-hop: there is no next hop: nobody would reach the pool; name a front-end pool or Standard Edition server of this topology",
        ],
    ),
    (
        "V18",
        contoso,
        |story| {
            paris(story).default_for = DefaultFor::No;
            lyon(story).default_for = DefaultFor::No;
        },
        &[
            "error V18: site lyon: no pool is its default: its people could make no rooms; write default-for = \"site\" for a pool of the site, or \"all-sites\" for one elsewhere",
            "error V18: site paris: no pool is its default: its people could make no rooms; write default-for = \"site\" for a pool of the site, or \"all-sites\" for one elsewhere",
        ],
    ),
    (
        "V18",
        contoso,
        |story| {
            paris(story).site = word("lyon");
            paris(story).default_for = DefaultFor::Site;
        },
        &[
            "error V18: site lyon: 2 pools are its default: chat.contoso.example, lyon.contoso.example; leave it to one of them, and write default-for = \"no\" for the others",
            "error V18: site paris: no pool is its default: its people could make no rooms; write default-for = \"site\" for a pool of the site, or \"all-sites\" for one elsewhere",
        ],
    ),
    (
        "V18",
        contoso,
        |story| lyon(story).default_for = DefaultFor::AllSites,
        &[
            "error V18: topology: 2 pools are the default for all sites: chat.contoso.example, lyon.contoso.example; leave it to one of them, and write default-for = \"site\" or \"no\" for the others",
        ],
    ),
    (
        "V18",
        litware,
        |story| story.topology.pools[0].default_for = DefaultFor::AllSites,
        &[
            "error V18: persistent chat pool se.litware.example, default-for: it is the default for all sites, and there are not several; write default-for = \"site\"",
        ],
    ),
    (
        "V23",
        contoso,
        |story| {
            for name in ["fe1.contoso.example", "se.contoso.example", "chat2.contoso.example"] {
                story.seen.addresses.remove(&word::<topology::word::FqdnKind>(name));
            }
            story.seen.addresses.get_mut(&word("chat.contoso.example")).expect("it is there").clear();
        },
        &[
            "error V23: Standard Edition server se.contoso.example: DNS knows no address of se.contoso.example; add an A or AAAA record for it, or correct the name",
            "error V23: front-end pool fe.contoso.example: DNS knows no address of fe1.contoso.example; add an A or AAAA record for it, or correct the name",
            "error V23: machine chat2.contoso.example of chat.contoso.example: DNS knows no address of chat2.contoso.example; add an A or AAAA record for it, or correct the name",
        ],
    ),
];
