//! What breaks a rule about stores and file stores, and what the rule then says.
//! Whether a pool names one is in `pools.rs`.

use topology::facts::FileSystem;

use super::{Row, files, instance, lyon, paris, store, word};
use crate::world::{contoso, litware};

/// The rows.
pub const ROWS: &[Row] = &[
    (
        "V12",
        contoso,
        |story| lyon(story).file_store = None,
        &[
            "error V12: persistent chat pool lyon.contoso.example, file-store: there is no file store; name the file store that is to keep what people upload",
        ],
    ),
    (
        "V12",
        contoso,
        |story| drop(story.seen.file_stores.remove(&word("files"))),
        &["error V12: file store files: it does not exist; make the share or folder before publishing"],
    ),
    (
        "V12",
        contoso,
        |story| files(story).server = Some(word("fe2.contoso.example")),
        &[
            "error V12: file store files, server: fe2.contoso.example belongs to the front-end pool fe.contoso.example; put the share on a file server, a database server or a Standard Edition server",
        ],
    ),
    (
        "V12",
        contoso,
        |story| {
            files(story).server = None;
            files(story).share = None;
            files(story).path = Some(word("/srv/files"));
        },
        &[
            "error V12: persistent chat pool chat.contoso.example, file-store: files is a local path, and the pool may have several machines; name a file store that is a share all of them reach",
        ],
    ),
    (
        "V12",
        contoso,
        |story| {
            files(story).share = None;
            paris(story).file_store = Some(word("lyon-files"));
            story.topology.file_stores[1].path = None;
        },
        &[
            "error V12: file store files, share: it names a server without a share; name the share",
            "error V12: file store lyon-files: it names no place; name server and share, or a path for a pool of a single machine",
            "error V12: persistent chat pool chat.contoso.example, file-store: lyon-files is for pools of lyon, and the pool belongs to paris; name a file store of paris",
        ],
    ),
    (
        "V12",
        contoso,
        |story| {
            files(story).server = None;
            story.topology.file_stores[1].share = Some(word("chat"));
        },
        &[
            "error V12: file store files, server: it names a share without its server; name the server",
            "error V12: file store lyon-files, path: it names a path and a share or server; leave either server and share, or path",
        ],
    ),
    (
        "V14",
        contoso,
        |story| lyon(story).content_store = Some(word("backup")),
        &[
            "error V14: persistent chat pool lyon.contoso.example, content-store: the instance db3.contoso.example would host the content 2 times (persistent chat pool chat.contoso.example, backup-content-store; persistent chat pool lyon.contoso.example, content-store); put each on a database server of its own",
        ],
    ),
    (
        "V14",
        contoso,
        |story| {
            let store = store(story, "lyon");
            (store.server, store.instance, store.port) =
                (word("db3.contoso.example"), Some(word("lyon")), Some(5433));
        },
        &[
            "error V14: persistent chat pool lyon.contoso.example, content-store: the database server db3.contoso.example would host the content 2 times (persistent chat pool chat.contoso.example, backup-content-store; persistent chat pool lyon.contoso.example, content-store); put each on a database server of its own",
        ],
    ),
    (
        "V15",
        contoso,
        |story| {
            paris(story).compliance_store = Some(word("content"));
            paris(story).compliance_database = word("causerie_content");
        },
        &[
            "error V15: persistent chat pool chat.contoso.example, compliance-store: the database causerie_content of db1.contoso.example would be the content and the compliance record; name different databases; they may stay on one instance",
            "error V15: persistent chat pool chat.contoso.example, compliance-store: the database causerie_content of db2.contoso.example would be the content and the compliance record; name different databases; they may stay on one instance",
        ],
    ),
    (
        "V16",
        contoso,
        |story| lyon(story).content_store = Some(word("back-end")),
        &[
            "warning V16: persistent chat pool lyon.contoso.example, content-store: db0.contoso.example is also the back end of the front-end pool fe.contoso.example: both would grow there; take an instance of its own if the pool is to be large",
        ],
    ),
    (
        "V20",
        contoso,
        |story| store(story, "lyon").availability_group = Some(word("AG 1")),
        &[
            "error V20: persistent chat pool lyon.contoso.example, content-store: the store lyon is in the availability group AG 1; name a store that is in none; a mirror may take over from it",
        ],
    ),
    (
        "V21",
        contoso,
        |story| {
            store(story, "content").mirror = Some(instance("db2.elsewhere.example"));
            store(story, "content").witness = Some(instance("db2.elsewhere.example"));
        },
        &[
            "error V21: store content, mirror: db2.elsewhere.example is not in the domain of db1.contoso.example; take a machine of contoso.example",
            "error V21: store content, witness: db2.elsewhere.example is not in the domain of db1.contoso.example; take a machine of contoso.example",
            "error V21: store content, witness: the witness is the store or its mirror; take the witness out",
            "warning V21: store content, witness: the witness db2.elsewhere.example is not used: PostgreSQL decides without one who takes over; take it out",
        ],
    ),
    (
        "V21",
        contoso,
        |story| store(story, "content").mirror = Some(instance("db1.contoso.example")),
        &[
            "error V21: store content, mirror: db1.contoso.example would mirror itself; take another instance, on another machine if it is to help",
        ],
    ),
    (
        "V21",
        contoso,
        |story| {
            story.seen.instances.insert(instance("db2.contoso.example").name(), 16);
        },
        &[
            "error V21: store content, mirror: db2.contoso.example has version 16, and db1.contoso.example has 17; bring both to one version",
        ],
    ),
    ("V21", contoso, |story| store(story, "lyon").server = word("db4.contoso.example"), &[]),
    (
        "V21",
        contoso,
        |story| {
            let lyon = store(story, "lyon");
            (lyon.server, lyon.port) = (word("db4.contoso.example"), Some(5433));
        },
        &[
            "error V21: store record, port: the instances db4.contoso.example and db4.contoso.example\\record would both be reached by port 5433; give each instance of a machine a port of its own",
        ],
    ),
    (
        "V21",
        litware,
        |story| store(story, "se").mirror = Some(instance("two.litware.example")),
        &[
            "error V21: store se, mirror: an embedded store has no mirror; take the mirror out, or take a PostgreSQL store",
        ],
    ),
    (
        "V22",
        contoso,
        |story| {
            story.published = Some(contoso());
            lyon(story).content_store = Some(word("content"));
            paris(story).content_store = Some(word("lyon"));
        },
        &[
            "error V22: persistent chat pool chat.contoso.example, content-store: db6.contoso.example keeps the content of the persistent chat pool lyon.contoso.example, as it is published; name another instance, or publish without the other first",
            "error V22: persistent chat pool lyon.contoso.example, content-store: db1.contoso.example keeps the content of the persistent chat pool chat.contoso.example, as it is published; name another instance, or publish without the other first",
            "error V22: persistent chat pool lyon.contoso.example, content-store: db2.contoso.example keeps the content of the persistent chat pool chat.contoso.example, as it is published; name another instance, or publish without the other first",
        ],
    ),
    (
        "V24",
        contoso,
        |story| {
            story.seen.file_stores.insert(word("files"), FileSystem("exfat".to_owned()));
            story.seen.machines.insert(word("chat1.contoso.example"), FileSystem("VFAT".to_owned()));
        },
        &[
            "error V24: file store files: it lies on exfat, which cannot guard files; take one with permissions for each file, such as ext4, xfs, btrfs or zfs",
            "error V24: machine chat1.contoso.example of chat.contoso.example: its program or data lies on VFAT, which cannot guard files; take one with permissions for each file, such as ext4, xfs, btrfs or zfs",
        ],
    ),
    (
        "D4",
        contoso,
        |story| {
            story.seen.instances.retain(|name, _| !["db2", "db6"].contains(&name.server.host()));
        },
        &[
            "error D4: persistent chat pool lyon.contoso.example, content-store: the instance db6.contoso.example does not answer; start it, or correct its server, instance and port",
            "warning D4: persistent chat pool chat.contoso.example, content-store: the instance db2.contoso.example does not answer, a mirror; start it, or correct its server, instance and port",
        ],
    ),
];
