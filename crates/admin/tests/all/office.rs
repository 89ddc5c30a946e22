//! The office whose directory the stories import, and short words for what is asked of it. No story is here.

use admin::{DirectoryImport, Operation, Outcome};
use chat::PersonState;
use serde_json::{Value, json};
use store::Member;

use crate::house::{House, allowed};

pub const ACTIVE_DIRECTORY: &str = include_str!("../../../directory/tests/exports/active_directory.ldif");
pub const OPENLDAP: &str = include_str!("../../../directory/tests/exports/openldap.ldif");

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
pub fn office(replaced: &[(&str, &str)]) -> String {
    let mut text = OFFICE.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from} is in the export");
        text = text.replace(from, to);
    }
    text
}

/// The entry of somebody of the office, to be taken out.
pub fn entry(dn: &str) -> &'static str {
    let start = OFFICE.find(&format!("dn: {dn}")).expect("it is in the export");
    let end = OFFICE[start..].find("\n\n").map_or(OFFICE.len(), |end| start + end + 2);
    &OFFICE[start..end]
}

/// The counts of an import, as `3 added person`.
pub fn counts(outcome: &Outcome) -> Vec<String> {
    let one = |row: &Value| {
        let text = |field: &str| row[field].as_str().expect("a word").to_owned();
        format!("{} {} {}", row["count"], text("what"), text("of"))
    };
    outcome.rows.values().iter().map(one).collect()
}

/// A house with the office, a category that Sales may use, and rooms.
pub async fn house_with_office() -> House {
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
        // Who was removed for ever has none.
        let Some(facts) = facts.iter().find(|one| one.id == person.id) else { continue };
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
pub async fn belongs_to(house: &House, address: &str) -> Vec<String> {
    let person = house.store.person(house.id(address).await).await.expect("a read").expect("a person");
    let mut names = Vec::new();
    for id in person.ancestors.as_slice() {
        let group = house.store.group(*id).await.expect("a read").expect("a group");
        names.push(group.name.to_string());
    }
    names.sort();
    names
}
