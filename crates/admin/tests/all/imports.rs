//! Stories of exports of directories: what the first brings, what each further one changes, and what never happens by one.

use admin::{
    AdminError, Asker, CategoryFields, DirectoryImport, GroupGet, GroupSet, Operation, Outcome, Request,
    RoomFields, RoomPrivacy, UserDisable, UserGet, UserRemove,
};
use chat::{Actor, Entry, JournalKey, PersonState, PoolEntry, Right, Role};
use serde_json::{Value, json};
use store::{Member, Order, RowChange};

use crate::groups::{grant, may, new_group, remove_group, set_group};
use crate::house::{House, ROOT, add, allowed, conflict, invalid, members, new_room, new_user, remove, root};

const ACTIVE_DIRECTORY: &str = include_str!("../../../directory/tests/exports/active_directory.ldif");
const OPENLDAP: &str = include_str!("../../../directory/tests/exports/openldap.ldif");

/// A small office: a domain, two containers, two groups, three people.
pub const OFFICE: &str = "\
dn: DC=example,DC=com
objectClass: domainDNS
entryUUID: 00000000-0000-4000-8000-000000000001

dn: OU=Sales,DC=example,DC=com
objectClass: organizationalUnit
entryUUID: 00000000-0000-4000-8000-000000000002

dn: OU=Legal,DC=example,DC=com
objectClass: organizationalUnit
entryUUID: 00000000-0000-4000-8000-000000000003

dn: CN=Staff,DC=example,DC=com
objectClass: group
entryUUID: 00000000-0000-4000-8000-000000000011
member: CN=Traders,DC=example,DC=com
member: CN=Ana,OU=Sales,DC=example,DC=com

dn: CN=Traders,DC=example,DC=com
objectClass: group
entryUUID: 00000000-0000-4000-8000-000000000012
member: CN=Ben,OU=Sales,DC=example,DC=com

dn: CN=Ana,OU=Sales,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000021
msRTCSIP-PrimaryUserAddress: sip:ana@example.com
mail: ana.ruiz@example.com
userAccountControl: 512

dn: CN=Ben,OU=Sales,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000022
msRTCSIP-PrimaryUserAddress: sip:ben@example.com

dn: CN=Cleo,OU=Legal,DC=example,DC=com
objectClass: user
entryUUID: 00000000-0000-4000-8000-000000000023
msRTCSIP-PrimaryUserAddress: sip:cleo@example.com
";

pub const ANA: &str = "sip:ana@example.com";
pub const BEN: &str = "sip:ben@example.com";
pub const CLEO: &str = "sip:cleo@example.com";

pub fn import(text: &str) -> DirectoryImport {
    DirectoryImport { ldif: Some(text.into()), ..DirectoryImport::default() }
}

pub fn of(asked: DirectoryImport) -> Operation {
    Operation::DirectoryImport(asked)
}

/// The office with these texts replaced.
fn office(replaced: &[(&str, &str)]) -> String {
    let mut text = OFFICE.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from} is in the export");
        text = text.replace(from, to);
    }
    text
}

/// The entry of somebody of the office, to be taken out.
fn entry(dn: &str) -> &'static str {
    let start = OFFICE.find(&format!("dn: {dn}")).expect("it is in the export");
    let end = OFFICE[start..].find("\n\n").map_or(OFFICE.len(), |end| start + end + 2);
    &OFFICE[start..end]
}

/// The counts of an import, as `3 added person`.
fn counts(outcome: &Outcome) -> Vec<String> {
    let one = |row: &Value| {
        let text = |field: &str| row[field].as_str().expect("a word").to_owned();
        format!("{} {} {}", row["count"], text("what"), text("of"))
    };
    outcome.rows.values().iter().map(one).collect()
}

/// A house with the office, a category that Sales may use, and rooms.
async fn house_with_office() -> House {
    let house = House::found();
    house.must(of(import(OFFICE))).await;
    house.category("General", allowed(&["domain:example.com"])).await;
    house
}

/// All that is kept of principals but what counts changes.
pub async fn principals(house: &House) -> Value {
    let people = house.store.people().await.expect("a read");
    let facts = house.store.all_person_facts().await.expect("a read");
    let groups = house.store.groups().await.expect("a read");
    let graph = house.store.graph().await.expect("a read");
    let sources = house.store.group_sources().await.expect("a read");
    let guid = |member: &Member| match member {
        Member::Person(id) => people.iter().find(|one| one.id == *id).map(|one| one.guid),
        Member::Group(id) => groups.iter().find(|one| one.id == *id).map(|one| one.guid),
    };
    let above = |set: &chat::Ancestors| {
        let mut guids: Vec<_> = set.as_slice().iter().map(|id| guid(&Member::Group(*id))).collect();
        guids.sort();
        json!(guids)
    };
    let gone = |member: &Member| match member {
        Member::Person(id) => facts.iter().any(|one| one.id == *id && one.gone),
        Member::Group(id) => groups.iter().any(|one| one.id == *id && one.gone),
    };
    let mut all: Vec<Value> = Vec::new();
    for person in people.iter().filter(|one| !gone(&Member::Person(one.id))) {
        let facts = facts.iter().find(|one| one.id == person.id).expect("facts");
        all.push(json!([
            person.guid,
            person.address.as_str(),
            person.display_name.as_str(),
            person.state == PersonState::Enabled,
            facts.source,
            facts.distinguished_name,
            facts.mail,
            facts.parent.and_then(|id| guid(&Member::Group(id))),
            above(&person.ancestors)
        ]));
    }
    for group in groups.iter().filter(|one| !one.gone) {
        let source = sources.iter().find(|(id, _)| *id == group.id).map(|(_, source)| source);
        let parent = graph.parents.iter().find(|(member, _)| *member == Member::Group(group.id));
        all.push(json!([
            group.guid,
            format!("{:?}", group.kind),
            group.name.as_str(),
            group.distinguished_name,
            source,
            group.domain.as_ref().map(chat::Domain::as_str),
            parent.and_then(|(_, id)| guid(&Member::Group(*id))),
            above(&group.ancestors)
        ]));
    }
    for one in graph.memberships.iter().filter(|one| !gone(&one.member) && !gone(&Member::Group(one.group))) {
        all.push(json!(["in", guid(&Member::Group(one.group)), guid(&one.member)]));
    }
    all.sort_by_key(ToString::to_string);
    Value::Array(all)
}

/// The groups, containers and domains somebody belongs to, by name.
async fn belongs_to(house: &House, address: &str) -> Vec<String> {
    let person = house.store.person(house.id(address).await).await.expect("a read").expect("a person");
    let mut names = Vec::new();
    for id in person.ancestors.as_slice() {
        let group = house.store.group(*id).await.expect("a read").expect("a group");
        names.push(group.name.to_string());
    }
    names.sort();
    names
}

#[tokio::test]
async fn the_first_export_of_an_active_directory_brings_who_is_sip_enabled_and_all_groups() {
    let house = House::found();
    let would = house
        .ask(Request { dry_run: true, ..Request::of(of(import(ACTIVE_DIRECTORY))) })
        .await
        .expect("it can be");
    assert_eq!(principals(&house).await, json!([]), "a dry run writes nothing");
    let done = house.must(of(import(ACTIVE_DIRECTORY))).await;
    assert_eq!((counts(&would), &would.changes), (counts(&done), &done.changes));
    for count in
        ["5 added person", "4 added group", "1 added domain", "1 left-out person that is not SIP-enabled"]
    {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!(
        belongs_to(&house, "sip:juergen@example.com").await,
        ["Desk Leads", "Domain Users", "Everybody", "Hamburg", "Traders", "Verkäufer", "example.com"]
    );
    let state = async |address: &str| {
        let user =
            house.must(Operation::UserGet(UserGet { user: address.into() })).await.rows.values().remove(0);
        user["enabled"].as_bool().expect("it is said")
    };
    assert!(state(ANA).await);
    assert!(!state("sip:dana@example.com").await, "her account is disabled there");
    assert!(!state("sip:frida@example.com").await, "she may not use SIP there");
    let group = house
        .must(Operation::GroupGet(GroupGet { group: "CN=Traders,OU=Groups,DC=example,DC=com".into() }))
        .await;
    let group = group.rows.values().remove(0);
    assert_eq!(group["source"], "ldif");
    assert_eq!(group["members"], json!(["CN=Desk Leads,OU=Groups,DC=example,DC=com", ANA]));
}

#[tokio::test]
async fn an_openldap_gives_addresses_by_mail_if_that_is_asked_for() {
    let house = House::found();
    let mut asked = import(OPENLDAP);
    asked.address_from_mail = true;
    let done = house.must(of(asked)).await;
    assert!(counts(&done).contains(&"4 added person".to_owned()), "{:?}", counts(&done));
    assert_eq!(
        belongs_to(&house, "sip:ana@example.com").await,
        ["example.com", "people", "staff", "traders"]
    );
    let facts =
        house.store.person_facts(house.id("sip:bo@example.com").await).await.expect("a read").expect("facts");
    assert_eq!(facts.mail.as_deref(), Some("bo@example.com"));
}

#[tokio::test]
async fn the_same_export_again_changes_nothing() {
    for (text, by_mail) in [(ACTIVE_DIRECTORY, false), (OPENLDAP, true), (OFFICE, false)] {
        let house = House::found();
        let asked = DirectoryImport { address_from_mail: by_mail, ..import(text) };
        house.must(of(asked.clone())).await;
        let told = (house.told().await, house.store.people().await, house.store.groups().await);
        let again = house.must(of(asked)).await;
        assert_eq!(again.changes, []);
        let counts = counts(&again);
        assert!(
            counts.iter().all(|said| said.contains("unchanged") || said.contains("left-out")),
            "{counts:?}"
        );
        assert_eq!((house.told().await, house.store.people().await, house.store.groups().await), told);
    }
}

#[tokio::test]
async fn whoever_is_renamed_or_moved_stays_who_it_is_with_all_rights() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, "CN=Traders,DC=example,DC=com"])).await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    let married = [
        ("CN=Ana,OU=Sales", "CN=Ana Maria,OU=Legal"),
        ("sip:ana@", "sip:ana.maria@"),
        ("CN=Traders,", "CN=Dealers,"),
        ("OU=Sales,", "OU=Selling,"),
    ];
    let done = house.must(of(import(&office(&married)))).await;
    for count in ["1 renamed person", "1 moved person", "1 renamed group", "1 renamed container"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!(house.id("sip:ana.maria@example.com").await, ana);
    assert_eq!(house.id(BEN).await, ben);
    assert_eq!(
        house.room_now("Engineering").await.members,
        ["sip:ana.maria@example.com", "CN=Dealers,DC=example,DC=com"]
    );
    assert!(may(&house, "sip:ana.maria@example.com", "Engineering", Right::Post).await);
    assert!(may(&house, BEN, "Engineering", Right::Post).await);
    assert_eq!(belongs_to(&house, "sip:ana.maria@example.com").await, ["Legal", "Staff", "example.com"]);
    assert_eq!(belongs_to(&house, BEN).await, ["Dealers", "Selling", "Staff", "example.com"]);
}

#[tokio::test]
async fn a_container_that_moves_takes_along_whoever_is_in_it() {
    let house = house_with_office().await;
    house.category("Law", allowed(&["OU=Legal,DC=example,DC=com"])).await;
    let Operation::RoomNew(mut cases) =
        new_room("Cases", RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() })
    else {
        unreachable!()
    };
    cases.category = "Law".into();
    house.must(Operation::RoomNew(cases)).await;
    assert!(!may(&house, ANA, "Cases", Right::See).await);
    let done = house.must(of(import(&office(&[("OU=Sales,DC", "OU=Sales,OU=Legal,DC")])))).await;
    assert!(counts(&done).contains(&"1 moved container".to_owned()), "{:?}", counts(&done));
    assert!(may(&house, ANA, "Cases", Right::Join).await);
    house.must(of(import(OFFICE))).await;
    assert!(!may(&house, ANA, "Cases", Right::See).await);
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "Staff", "example.com"]);
}

#[tokio::test]
async fn what_moves_into_a_container_that_is_new_in_an_export_in_which_somebody_is_gone_lies_in_it() {
    let house = house_with_office().await;
    let new = "dn: OU=New,DC=example,DC=com\nobjectClass: organizationalUnit\n\
               entryUUID: 00000000-0000-4000-8000-000000000004\n\n";
    let moved = office(&[
        (entry("CN=Cleo"), ""),
        ("CN=Ben,OU=Sales", "CN=Ben,OU=New"),
        ("CN=Traders,DC", "CN=Traders,OU=New,DC"),
    ]);
    let moved = moved + "\n" + new;
    house.must(of(DirectoryImport { yes: true, ..import(&moved) })).await;
    assert_eq!(belongs_to(&house, BEN).await, ["New", "Staff", "Traders", "example.com"]);
    let fresh = House::found();
    fresh.must(of(import(&moved))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}

#[tokio::test]
async fn whoever_is_disabled_in_the_directory_is_so_here_until_it_is_enabled_there() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, BEN])).await;
    let off = office(&[("userAccountControl: 512", "userAccountControl: 514")]);
    let done = house.must(of(import(&off))).await;
    assert!(counts(&done).contains(&"1 disabled person".to_owned()), "{:?}", counts(&done));
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    let done = house.must(of(import(OFFICE))).await;
    assert!(counts(&done).contains(&"1 enabled person".to_owned()), "{:?}", counts(&done));
    assert!(may(&house, ANA, "Engineering", Right::Join).await);
    let disabled = house.must(Operation::UserDisable(UserDisable { user: ANA.into() })).await;
    assert!(disabled.warnings[0].contains("comes from the directory 'ldif'"), "{:?}", disabled.warnings);
    let message = conflict(house.run(Operation::UserRemove(UserRemove { user: ANA.into() })).await);
    assert!(message.contains("causerie user disable sip:ana@example.com"), "{message}");
}

#[tokio::test]
async fn whoever_is_gone_loses_everything_at_once_and_comes_back_with_its_rights() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, "CN=Traders,DC=example,DC=com"])).await;
    house.must(new_group("Local", &[ANA])).await;
    house.room("Kitchen", members(&["group:Local"])).await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    let without = office(&[(entry("CN=Ana"), ""), (entry("CN=Traders"), "")]);
    let done = house.must(of(import(&without))).await;
    for count in ["1 gone person", "1 gone group"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    let person = house.store.person(ana).await.expect("a read").expect("her posts remain");
    assert_eq!(person.state, PersonState::Removed);
    assert_eq!(house.store.person_at(&person.address).await.expect("a read"), None, "she cannot sign on");
    assert!(!may(&house, BEN, "Engineering", Right::Join).await, "nobody is in a group that is gone");
    let message = house.run(Operation::UserGet(UserGet { user: ANA.into() })).await.expect_err("she is gone");
    assert_eq!(message.code(), "NoSuchNode");
    let described = RoomFields { description: Some("Pumps".into()), ..RoomFields::default() };
    house.set_room("Engineering", described).await.expect("who is gone stands in nobody's way");
    let narrower = CategoryFields { denied_members: add(&[CLEO]), ..CategoryFields::default() };
    house.set_category("General", narrower).await.expect("and is kept");
    let done = house.must(of(import(OFFICE))).await;
    for count in ["1 enabled person", "1 enabled group"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ana, ben));
    for (who, room) in [(ANA, "Engineering"), (ANA, "Kitchen"), (BEN, "Engineering")] {
        assert!(may(&house, who, room, Right::Post).await, "{who} is in {room} again");
    }
}

#[tokio::test]
async fn two_people_may_swap_their_addresses_and_three_may_pass_theirs_on() {
    let house = house_with_office().await;
    let (ana, ben, cleo) = (house.id(ANA).await, house.id(BEN).await, house.id(CLEO).await);
    let swapped = office(&[("sip:ana@", "sip:x@"), ("sip:ben@", "sip:ana@"), ("sip:x@", "sip:ben@")]);
    house.must(of(import(&swapped))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ben, ana));
    let passed = office(&[
        ("sip:ana@", "sip:x@"),
        ("sip:cleo@", "sip:ana@"),
        ("sip:ben@", "sip:cleo@"),
        ("sip:x@", "sip:ben@"),
    ]);
    house.must(of(import(&passed))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await, house.id(CLEO).await), (cleo, ana, ben));
    let people = house.store.people().await.expect("a read");
    assert!(people.iter().all(|person| person.state == PersonState::Enabled), "{people:?}");
}

#[tokio::test]
async fn the_address_of_somebody_who_is_gone_is_free_and_taken_back_only_when_it_is() {
    let house = house_with_office().await;
    let ana = house.id(ANA).await;
    let heir = office(&[(entry("CN=Ana"), ""), ("sip:ben@", "sip:ana@")]);
    house.must(of(import(&heir))).await;
    let ben = house.id(ANA).await;
    assert_ne!(ben, ana, "whoever has the address now is somebody else");
    let message = invalid(house.run(of(import(&office(&[("sip:ben@", "sip:ana@")])))).await);
    assert!(message.contains("would be the address of two people") && message.contains("line"), "{message}");
    house.must(of(import(OFFICE))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ana, ben), "each has its own again");
}

#[tokio::test]
async fn two_directories_live_side_by_side() {
    let house = house_with_office().await;
    let other = DirectoryImport { source: Some("ldap".into()), address_from_mail: true, ..import(OPENLDAP) };
    let message = invalid(house.run(of(other.clone())).await);
    assert!(message.contains("sip:ana@example.com would be the address of two people"), "{message}");
    let text = OPENLDAP.replace("mail: ana@example.com", "mail: ana@other.example");
    house.must(of(DirectoryImport { ldif: Some(text.clone()), ..other.clone() })).await;
    let both = principals(&house).await;
    for again in [import(OFFICE), DirectoryImport { ldif: Some(text.clone()), ..other.clone() }] {
        let done = house.must(of(again)).await;
        assert_eq!(done.changes, [], "neither knows of the other");
    }
    assert_eq!(principals(&house).await, both);
    let message =
        invalid(house.run(of(DirectoryImport { source: Some("third".into()), ..import(OFFICE) })).await);
    assert!(message.contains("import it under the name of the source it came from"), "{message}");
}

#[tokio::test]
async fn a_local_account_is_never_taken_over() {
    let house = House::found();
    house.person(ANA).await;
    let before = principals(&house).await;
    let message = invalid(house.run(of(import(OFFICE))).await);
    assert!(message.contains("(a local account)") && message.contains(ANA), "{message}");
    let endpoint = RowChange::NewEndpoint(
        "sip:chat@example.com".parse().expect("an address"),
        chat::DisplayName::parse("Chat").expect("a name"),
    );
    house.store.administer(Order::of(ROOT, "{}".into()), vec![endpoint]).await.expect("it is made");
    let server = office(&[("sip:ana@", "sip:chat@")]);
    let message = invalid(house.run(of(import(&server))).await);
    assert!(message.contains("is an address of the pool"), "{message}");
    assert_eq!(principals(&house).await, before);
    let renamed = office(&[("sip:ana@", "sip:ana.ruiz@")]);
    house.must(of(import(&renamed))).await;
    let message = conflict(house.run(new_user("sip:ana.ruiz@example.com", None, false)).await);
    assert!(message.contains("exists already"), "{message}");
}

#[tokio::test]
async fn half_an_export_is_asked_about_before_half_the_house_is_shut_out() {
    let house = House::found();
    let mut office = OFFICE.to_owned();
    for number in 0..7 {
        office += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\n\
             entryUUID: 00000000-0000-4000-8000-0000000001{number:02}\nmail: x@example.com\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    house.must(of(import(&office))).await;
    let before = principals(&house).await;
    let message = conflict(house.run(of(import(OFFICE))).await);
    assert!(message.contains("7 of 10 people") && message.contains("--yes"), "{message}");
    assert_eq!(principals(&house).await, before);
    let would = house
        .ask(Request { dry_run: true, ..Request::of(of(import(OFFICE))) })
        .await
        .expect("it may be looked at");
    assert!(counts(&would).contains(&"7 gone person".to_owned()), "{:?}", counts(&would));
    assert_eq!(would.changes.iter().filter(|change| change.field == "gone").count(), 7);
    assert!(would.warnings[0].contains("7 of 10 people"), "{:?}", would.warnings);
    assert_eq!(principals(&house).await, before);
    let done = house.must(of(DirectoryImport { yes: true, ..import(OFFICE) })).await;
    assert_eq!((&done.changes, counts(&done)), (&would.changes, counts(&would)));
}

#[tokio::test]
async fn a_file_that_is_no_export_is_refused_with_its_line() {
    let house = house_with_office().await;
    let before = principals(&house).await;
    for (text, said) in [
        (office(&[("objectClass: domainDNS", "objectClass domainDNS")]), "line 2"),
        (office(&[("00000000-0000-4000-8000-000000000002", "no-guid")]), "line "),
        (OFFICE.to_owned() + "\n" + entry("CN=Ana"), "line "),
        (String::new(), "line 1"),
    ] {
        let refused = house.run(of(import(&text))).await;
        let Err(AdminError::Invalid { field, message }) = refused else { panic!("not refused: {refused:?}") };
        assert_eq!(field, "ldif");
        assert!(message.contains(said), "'{said}' in {message}");
    }
    assert_eq!(principals(&house).await, before);
    let nowhere = DirectoryImport { file: Some("/nowhere/export.ldif".into()), ..DirectoryImport::default() };
    let message = invalid(house.run(of(nowhere.clone())).await);
    assert!(message.contains("/nowhere/export.ldif"), "{message}");
    invalid(house.run(of(DirectoryImport { ldif: Some(OFFICE.into()), ..nowhere })).await);
    invalid(house.run(of(DirectoryImport::default())).await);
    invalid(house.run(of(DirectoryImport { source: Some("a\nb".into()), ..import(OFFICE) })).await);
}

#[tokio::test]
async fn files_of_the_machine_are_read_only_for_whoever_has_a_shell_there() {
    let house = House::furnished().await;
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), OFFICE).expect("it can be written");
    let by_file = DirectoryImport {
        file: Some(file.path().to_str().expect("a path").to_owned()),
        ..DirectoryImport::default()
    };
    let alice = house.id("sip:alice@example.com").await;
    grant(&house, alice, Role::Administrator).await;
    let asker = Asker::new(Actor::Person(alice), "192.0.2.7");
    let refused = house.desk.run(asker.clone(), Request::of(of(by_file.clone()))).await;
    let Err(AdminError::Denied(said)) = refused else { panic!("not denied: {refused:?}") };
    assert!(said.contains("send the export itself as `ldif`"), "{said}");
    let long = format!("{OFFICE}\n# {}\n", "as long as an export is ".repeat(1_000));
    let done = house.desk.run(asker, Request::of(of(import(&long)))).await.expect("she may send it");
    assert!(counts(&done).contains(&"3 added person".to_owned()));
    let told = house.told().await;
    assert!(!told.contains("objectClass"), "the directory is not copied into the record");
    let again = house.must(of(by_file)).await;
    assert_eq!(again.changes, [], "it is the same export");
    let bob = Asker::new(Actor::Person(house.id("sip:bob@example.com").await), "192.0.2.7");
    let refused = house.desk.run(bob, Request::of(of(import(OFFICE)))).await;
    assert!(matches!(refused, Err(AdminError::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn an_import_that_was_interrupted_is_finished_by_the_next() {
    let house = House::found();
    let half = OFFICE.split("dn: CN=Ben").next().expect("a beginning");
    house.must(of(import(half))).await;
    house.must(of(import(OFFICE))).await;
    let fresh = House::found();
    fresh.must(of(import(OFFICE))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}

#[tokio::test]
async fn all_portions_of_an_import_are_one_operation_whose_first_entry_tells_what_it_changes() {
    let house = House::found();
    let mut text = OFFICE.to_owned();
    for number in 0..1_200 {
        text += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\nmemberOf: CN=Staff,DC=example,DC=com\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    let before = house.store.head(JournalKey::Pool).await.expect("a read").position.number;
    let done = house.must(of(import(&text))).await;
    let (mut after, mut numbers, mut bodies, mut count) = (before, Vec::new(), Vec::new(), 0);
    loop {
        let page = house.store.entries(JournalKey::Pool, after, 1_000).await.expect("a read");
        let Some(last) = page.last() else { break };
        after = last.header.position.number;
        count += page.len();
        for entry in &page {
            let Entry::Pool(PoolEntry::Administered { operation, by, .. }) = entry.header.entry else {
                panic!("another entry: {entry:?}")
            };
            assert_eq!(by, Actor::Shell(0));
            numbers.push(operation);
            bodies.extend(entry.body.as_ref().map(|body| body.text.clone()));
        }
    }
    assert!(count > 2 * 1_200, "each person is told of when it is made and when it belongs to something");
    numbers.dedup();
    assert_eq!(numbers, [before + 1], "one operation");
    assert_eq!(bodies.len(), 1);
    let body: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    assert_eq!(body["changes"], serde_json::to_value(&done.changes).expect("plain values"));
    assert_eq!(body["operation"]["ldif"], format!("({} octets)", text.len()));
}

#[tokio::test]
async fn groups_of_a_directory_are_used_here_and_changed_there() {
    let house = house_with_office().await;
    let traders = "CN=Traders,DC=example,DC=com";
    let message = conflict(house.run(set_group(traders, add(&[ANA]))).await);
    assert!(
        message.contains("change it there") && message.contains("causerie directory import"),
        "{message}"
    );
    conflict(house.run(remove_group(traders)).await);
    house.must(new_group("Traders", &["OU=Legal,DC=example,DC=com", traders])).await;
    house.room("Engineering", members(&["group:Traders"])).await;
    assert!(
        may(&house, CLEO, "Engineering", Right::Join).await,
        "the local group has the name, and Cleo is in Legal"
    );
    assert!(may(&house, BEN, "Engineering", Right::Join).await, "Ben is in the directory's group within it");
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    let moved = office(&[("CN=Ana,OU=Sales", "CN=Ana,OU=Legal")]);
    house.must(of(import(&moved))).await;
    assert!(may(&house, ANA, "Engineering", Right::Join).await, "she is in Legal now");
    let same = house.must(of(import(&moved))).await;
    assert_eq!(same.changes, [], "of the local group the directory knows nothing");
    house.must(set_group("Traders", remove(&["OU=Legal,DC=example,DC=com"]))).await;
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    assert!(!may(&house, CLEO, "Engineering", Right::Join).await);
    let name = GroupSet { group: "group:Staff".into(), name: Some("Crew".into()), ..GroupSet::default() };
    conflict(house.run(Operation::GroupSet(name)).await);
}

#[tokio::test]
async fn memberships_can_be_changed_while_an_import_goes_on() {
    let house = house_with_office().await;
    house.must(new_group("Local", &[])).await;
    let mut text = OFFICE.to_owned();
    for number in 0..3_000 {
        text += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\nmemberOf: CN=Staff,DC=example,DC=com\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&text))));
    let importing = tokio::spawn(async move { desk.run(root(), asked).await });
    let mut changed = 0;
    while !importing.is_finished() {
        let who = [ANA, BEN, CLEO][changed % 3];
        let change = if (changed / 3) % 2 == 0 { add(&[who]) } else { remove(&[who]) };
        house.must(set_group("Local", change)).await;
        changed += 1;
    }
    importing.await.expect("nobody panics").expect("it is imported");
    assert!(changed > 2, "it was changed meanwhile: {changed}");
    house.must(remove_group("Local")).await;
    let fresh = House::found();
    fresh.must(of(import(&text))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}
