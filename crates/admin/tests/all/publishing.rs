//! The topology is published: judged with what is seen of the world, kept as a version, given out; and what keeps it from being.
//! What each rule says is told in the crate `topology`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use admin::{
    AdminError, AuditGet, AuditList, Operation, Outcome, PoolJoinCode, Request, RoleGrant, RoleName, Rows,
    Survey, Surveyed, TopologyDownload, TopologyHistory, TopologyPublish, TopologyView,
};
use store::{Order, RowChange, TopologyDraft};
use topology::facts::FileSystem;
use topology::finding::{Object, ObjectKind};
use topology::version::Hash;
use topology::{Finding, Seen, Severity, Topology, Version};

use crate::house::{House, ROOT};

/// Litware: one machine that does everything.
pub const LITWARE: &str = r#"format = 1
[[site]]
id = "office"
[[standard-edition-server]]
fqdn = "se.litware.example"
site = "office"
store = "se"
[[store]]
id = "se"
engine = "embedded"
server = "se.litware.example"
[[file-store]]
id = "files"
site = "office"
path = "/var/lib/causerie/files"
[[persistent-chat-pool]]
fqdn = "se.litware.example"
site = "office"
kind = "single"
display-name = "Litware rooms"
default-for = "site"
next-hop = "se.litware.example"
content-store = "se"
file-store = "files"
[[persistent-chat-pool.machine]]
fqdn = "se.litware.example"
"#;

/// The world as stories have it: everything named is there, but what a story takes away.
#[derive(Clone, Default)]
pub struct World {
    without_files: Arc<Mutex<bool>>,
    asked: Arc<Mutex<Vec<bool>>>,
}

impl World {
    pub fn survey(&self) -> Survey {
        let world = self.clone();
        Survey::new(move |asked| {
            world.asked.lock().expect("no story panics holding it").push(asked.prepares);
            let surveyed = world.look(&asked.topology);
            async { surveyed }
        })
    }

    fn look(&self, topology: &Topology) -> Surveyed {
        let mut seen = Seen::default();
        for server in &topology.standard_edition_servers {
            seen.addresses.insert(server.fqdn.clone(), BTreeSet::from([[10, 0, 0, 1].into()]));
        }
        for store in topology.file_stores.iter().filter(|_| !*self.without_files.lock().expect("as above")) {
            seen.file_stores.insert(store.id.clone(), FileSystem("ext4".to_owned()));
        }
        let remark = Finding {
            rule: "V12",
            severity: Severity::Warning,
            place: Object::new(ObjectKind::FileStore, &"files").whole(),
            problem: "others may read it".to_owned(),
            fix: "narrow its rights".to_owned(),
        };
        Surveyed { seen, findings: vec![remark] }
    }
}

fn house(world: &World) -> House {
    House::found().surveyed(world.survey())
}

fn publish(document: &str) -> Operation {
    Operation::TopologyPublish(TopologyPublish { document: document.to_owned(), remark: None })
}

fn download(version: Option<u32>) -> Operation {
    Operation::TopologyDownload(TopologyDownload { version })
}

fn views(outcome: Outcome) -> Vec<TopologyView> {
    match outcome.rows {
        Rows::Topologies(views) => views,
        other => panic!("versions of the topology, not {other:?}"),
    }
}

/// The newest version, as a server would have it.
async fn newest(house: &House) -> Version {
    let view = views(house.must(download(None)).await).remove(0);
    let hash = |text: &str| text.parse::<Hash>().expect("a hash");
    let document = view.document.expect("it is given out with its document");
    Version::kept(view.version, hash(&view.previous), document, hash(&view.hash)).expect("it is unaltered")
}

#[tokio::test]
async fn a_published_topology_is_given_out_as_it_was_and_stands_in_the_record() {
    let house = house(&World::default());
    let refused = house.run(download(None)).await.expect_err("nothing is published");
    assert!(matches!(&refused, AdminError::NotFound(why) if why.contains("topology publish")), "{refused}");
    let asked = TopologyPublish { document: LITWARE.to_owned(), remark: Some(" the beginning ".to_owned()) };
    let outcome = house.must(Operation::TopologyPublish(asked)).await;
    assert!(outcome.warnings.iter().any(|warning| warning.contains("others may read it")), "{outcome:?}");
    let view = views(outcome).remove(0);
    assert_eq!((view.version, view.by.as_str(), view.remark.as_str()), (1, "uid 0", "the beginning"));
    assert_eq!(newest(&house).await.topology(), topology::parse(LITWARE.as_bytes()).expect("it is one"));
    let list =
        Operation::AuditList(AuditList { what: Some("topology-publish".to_owned()), ..AuditList::default() });
    let Rows::Record(record) = house.must(list).await.rows else { panic!("the record") };
    assert_eq!(record.len(), 1);
    let whole = AuditGet { operation: record[0].operation.to_string(), ..AuditGet::default() };
    let Rows::Record(whole) = house.must(Operation::AuditGet(whole)).await.rows else { panic!("the record") };
    let told: Vec<&str> = whole[0].changes.iter().map(|change| change.object.as_str()).collect();
    assert!(told.contains(&"topology: persistent chat pool se.litware.example"), "{told:?}");
    assert!(!whole[0].asked.to_string().contains("display-name"), "the document is told by its length");
}

/// Asks for a join code; returns its first part.
async fn join_code(house: &House, machine: &str) -> Result<String, AdminError> {
    let outcome = house.run(Operation::PoolJoinCode(PoolJoinCode { machine: machine.to_owned() })).await?;
    let Rows::JoinCodes(codes) = outcome.rows else { panic!("join codes") };
    let code = codes[0].secret.as_ref().expect("it is shown once");
    Ok(code.0.split('.').next().expect("its first part").to_owned())
}

#[tokio::test]
async fn only_machines_of_the_published_topology_get_join_codes_and_each_has_one() {
    let house = house(&World::default());
    let document = format!(
        "{LITWARE}[[front-end-pool]]\nfqdn = \"fe.litware.example\"\nsite = \"office\"\nmachines = \
         [\"fe1.litware.example\"]\nstore = \"se\"\n"
    );
    let topology = topology::parse(document.as_bytes()).expect("it is one");
    let next = Version::next(None, &topology).expect("it can be published");
    let draft = TopologyDraft {
        number: next.number(),
        previous: next.previous().0,
        hash: next.hash().0,
        document: next.document().to_owned(),
        remark: String::new(),
    };
    let order = Order::of(ROOT, "{}".into());
    house.store.administer(order, vec![RowChange::PublishTopology(draft)]).await.expect("it is the first");
    for name in ["fe.litware.example", "fe2.litware.example"] {
        let refused = join_code(&house, name).await.expect_err("it is no machine").to_string();
        assert!(refused.contains("no machine of the published topology"), "{name}: {refused}");
    }
    let (machine, other) = ("fe1.litware.example", "se.litware.example");
    let first = join_code(&house, machine).await.expect("it is one");
    let is_good = async |code: &str, machine: &str| {
        house.desk.join_code(code, machine).await.expect("it is looked at").is_some()
    };
    assert!(is_good(&first, machine).await);
    let of_other = join_code(&house, other).await.expect("it is one");
    let second = join_code(&house, machine).await.expect("it may have another");
    assert!(!is_good(&first, machine).await, "the former is good no more");
    assert!(is_good(&second, machine).await);
    assert!(is_good(&of_other, other).await, "that of another machine stays");
}

#[tokio::test]
async fn every_error_is_said_at_once_and_nothing_is_published() {
    let world = World::default();
    let house = house(&world);
    let bad = LITWARE
        .replace("next-hop = \"se.litware.example\"\n", "")
        .replace("\"Litware rooms\"", "\"x\"\nport = 0");
    let refused = house.run(publish(&bad)).await.expect_err("it breaks rules").to_string();
    for part in
        ["2 errors", "nothing was published", "line 21: error V8", "error V13", "name a front-end pool"]
    {
        assert!(refused.contains(part), "{part} is not in {refused}");
    }
    assert!(world.asked.lock().expect("as above").is_empty(), "nobody looked at the world for that");
    let refused =
        house.run(publish("format = 1\n[[site]]\n")).await.expect_err("it is no topology").to_string();
    assert!(refused.contains("line 2"), "{refused}");
    *world.without_files.lock().expect("as above") = true;
    let refused = house.run(publish(LITWARE)).await.expect_err("there is no folder").to_string();
    assert!(refused.contains("error V12: file store files: it does not exist"), "{refused}");
    assert!(house.run(download(None)).await.is_err(), "nothing is published");
    *world.without_files.lock().expect("as above") = false;
    house.must(publish(LITWARE)).await;
}

#[tokio::test]
async fn what_was_made_from_an_older_version_is_refused() {
    let house = house(&World::default());
    house.must(publish(LITWARE)).await;
    let first = newest(&house).await.stamped();
    let ana = first.replace("Litware rooms", "Rooms of Ana");
    let ben = first.replace("Litware rooms", "Rooms of Ben");
    house.must(publish(&ana)).await;
    let refused = house.run(publish(&ben)).await.expect_err("Ana was faster");
    assert!(
        matches!(&refused, AdminError::Stale(why) if why.contains("made from version 1") && why.contains("version 2")),
        "{refused}"
    );
    assert_eq!(newest(&house).await.topology(), topology::parse(ana.as_bytes()).expect("it is one"));
    let mended = newest(&house).await.stamped().replace("Rooms of Ana", "Rooms of both");
    assert_eq!(views(house.must(publish(&mended)).await)[0].version, 3);
    let stranger = mended.replace("version 2", "version 9");
    let refused = house.run(publish(&stranger)).await.expect_err("it is of another deployment");
    assert!(matches!(refused, AdminError::Conflict(_)), "{refused}");
}

#[tokio::test]
async fn a_document_without_a_version_needs_the_one_it_was_made_from_as_its_etag() {
    let house = house(&World::default());
    house.must(publish(LITWARE)).await;
    let changed = LITWARE.replace("Litware rooms", "Other rooms");
    let refused = house.run(publish(&changed)).await.expect_err("made from which?");
    assert!(
        matches!(&refused, AdminError::Rule { message, .. } if message.contains("--if-match 1")),
        "{refused}"
    );
    let on = |etag: &str| Request { if_match: Some(etag.to_owned()), ..Request::of(publish(&changed)) };
    let refused = house.ask(on("7")).await.expect_err("there is no such version");
    assert!(matches!(refused, AdminError::Stale(_)), "{refused}");
    assert_eq!(views(house.ask(on("1")).await.expect("it was made from that"))[0].version, 2);
}

#[tokio::test]
async fn two_who_publish_at_the_same_time_do_not_both() {
    let house = house(&World::default());
    house.must(publish(LITWARE)).await;
    let first = newest(&house).await.stamped();
    let (ana, ben) =
        (first.replace("Litware rooms", "Rooms of Ana"), first.replace("Litware rooms", "Rooms of Ben"));
    let (ana, ben) = tokio::join!(house.run(publish(&ana)), house.run(publish(&ben)));
    let refused = match (ana, ben) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        other => panic!("one of them: {other:?}"),
    };
    assert!(matches!(refused, AdminError::Stale(_)), "{refused}");
    assert_eq!(newest(&house).await.number(), 2);
}

#[tokio::test]
async fn the_same_again_is_no_new_version_and_a_rehearsal_none_at_all() {
    let world = World::default();
    let house = house(&world);
    let planned = house.rehearse(publish(LITWARE)).await;
    assert!(planned.dry_run && !planned.changes.is_empty(), "{planned:?}");
    assert_eq!(*world.asked.lock().expect("as above"), [false], "a rehearsal prepares nothing");
    assert!(house.run(download(None)).await.is_err(), "nothing is published");
    house.must(publish(LITWARE)).await;
    let given = newest(&house).await.stamped();
    let outcome = house.must(publish(&format!("# only a remark\n{given}"))).await;
    assert!(
        outcome.warnings.iter().any(|warning| warning.contains("version 1 says the same")),
        "{outcome:?}"
    );
    assert_eq!(views(outcome)[0].version, 1);
    let history = |limit, cursor| Operation::TopologyHistory(TopologyHistory { limit, cursor });
    assert_eq!(views(house.must(history(None, None)).await).len(), 1);
    house.must(publish(&given.replace("Litware rooms", "Rooms"))).await;
    let page = house.must(history(Some(1), None)).await;
    let next = page.next.clone();
    assert_eq!(views(page).iter().map(|view| view.version).collect::<Vec<_>>(), [2]);
    let page = house.must(history(Some(1), next)).await;
    assert_eq!((views(page.clone())[0].version, page.next), (1, None));
    assert_eq!(views(house.must(download(Some(1))).await)[0].version, 1);
    assert!(house.run(download(Some(3))).await.is_err());
}

#[tokio::test]
async fn only_an_administrator_publishes_and_readers_look() {
    let world = World::default();
    let house = House::furnished().await.surveyed(world.survey());
    house.must(publish(LITWARE)).await;
    let changed = newest(&house).await.stamped().replace("Litware rooms", "Rooms of Alice");
    let grant = |role| Operation::RoleGrant(RoleGrant { role, user: "sip:alice@example.com".into() });
    let refused = house.by("sip:alice@example.com", download(None)).await.expect_err("she has no role");
    assert!(matches!(refused, AdminError::Denied(_)), "{refused}");
    house.must(grant(RoleName::Reader)).await;
    house.by("sip:alice@example.com", download(None)).await.expect("she may look");
    let refused = house.by("sip:alice@example.com", publish(&changed)).await.expect_err("she may not");
    assert!(matches!(refused, AdminError::Denied(_)), "{refused}");
    house.must(grant(RoleName::Administrator)).await;
    house.by("sip:alice@example.com", publish(&changed)).await.expect("she may now");
    assert_eq!(views(house.must(download(None)).await)[0].by, "sip:alice@example.com");
}

#[tokio::test]
async fn a_desk_that_cannot_look_publishes_nothing() {
    let house = House::found();
    let refused = house.run(publish(LITWARE)).await.expect_err("who knows what is there");
    assert!(matches!(refused, AdminError::Unavailable(_)), "{refused}");
    let remark = Some("a\nb".to_owned());
    let asked = TopologyPublish { document: LITWARE.to_owned(), remark };
    let refused = house.run(Operation::TopologyPublish(asked)).await.expect_err("a remark is one line");
    assert_eq!(refused.field(), Some("remark"));
}
