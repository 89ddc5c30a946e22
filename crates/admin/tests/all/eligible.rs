//! Stories of principals: who there is, and who could be given a role in a category or a room.

use admin::{
    CategoryFields, EligiblePrincipalList, Operation, Outcome, PrincipalKind, PrincipalList, RoomFields,
    RoomPrivacy, RoomType, UserList,
};
use chat::{Ancestors, DisplayName, Domain, GroupId, GroupKind, PersonId, Role};
use serde_json::json;
use store::{DirectoryEntry, GroupDraft, Order, RowChange, RowDone};
use uuid::Uuid;

use crate::house::{House, ROOT, add, allowed, denied, invalid, members, not_found, value, values};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";
const MALLORY: &str = "sip:mallory@other.example";
const STAFF: &str = "OU=Staff,DC=example,DC=com";

fn everybody() -> PrincipalList {
    PrincipalList::default()
}

fn eligible(category: &str) -> EligiblePrincipalList {
    EligiblePrincipalList { category: Some(category.into()), ..EligiblePrincipalList::default() }
}

fn in_room(room: &str, presenters: bool) -> EligiblePrincipalList {
    EligiblePrincipalList { room: Some(room.into()), presenters, ..EligiblePrincipalList::default() }
}

impl House {
    /// Makes a group, of the directory if it has a distinguished name, with these people in it.
    async fn group(&self, name: &str, kind: GroupKind, dn: Option<&str>, people: &[&str]) -> GroupId {
        let entry = dn.map(|dn| DirectoryEntry {
            guid: Uuid::from_u128(dn.len() as u128),
            name: dn.into(),
            source: "example".into(),
            name_folded: chat::folded(dn),
            parent: None,
            mail: None,
            gone: false,
        });
        let domain = Some(Domain::parse("example.com").expect("a domain"));
        let draft = GroupDraft { name: DisplayName::parse(name).expect("a name"), kind, domain, entry };
        let made = self.change(RowChange::NewGroup(draft)).await;
        let RowDone::Group(group) = made else { panic!("a group") };
        for address in people {
            let id: PersonId = self.id(address).await;
            let person = self.store.person(id).await.expect("a read").expect("a person");
            let mut groups = person.ancestors.as_slice().to_vec();
            groups.push(group.id);
            let people = vec![(id, Ancestors::of(groups))];
            self.change(RowChange::Affiliate { people, groups: Vec::new() }).await;
        }
        group.id
    }

    async fn change(&self, change: RowChange) -> RowDone {
        let order = Order::of(ROOT, "{}".into());
        self.store.administer(order, vec![change]).await.expect("it can be changed").done.remove(0)
    }

    async fn who(&self, asked: EligiblePrincipalList) -> Vec<String> {
        values(&self.must(Operation::EligiblePrincipalList(asked)).await, "principal")
    }

    async fn principals(&self, asked: PrincipalList) -> Vec<String> {
        values(&self.must(Operation::PrincipalList(asked)).await, "principal")
    }
}

/// A house with Carol, a group of Alice and Bob, and a container with Bob in it.
async fn varied() -> House {
    let house = House::furnished().await;
    house.person("sip:carol@example.com").await;
    house.group("Pumps", GroupKind::Group, None, &[ALICE, BOB]).await;
    house.group("Staff", GroupKind::Container, Some(STAFF), &[BOB]).await;
    house
}

#[tokio::test]
async fn a_category_of_a_domain_admits_its_people_and_groups_one_by_one() {
    let house = varied().await;
    assert_eq!(
        house.who(eligible("General")).await,
        [ALICE, BOB, "sip:carol@example.com", "group:Pumps", STAFF],
        "people by address, then groups"
    );
    let deny = CategoryFields { denied_members: add(&[BOB, "group:Pumps"]), ..CategoryFields::default() };
    house.set_category("General", deny).await.expect("they can be denied");
    assert_eq!(
        house.who(eligible("general")).await,
        ["sip:carol@example.com", STAFF],
        "who is denied is not"
    );
}

#[tokio::test]
async fn a_category_of_a_group_or_container_admits_who_belongs_to_it() {
    let house = varied().await;
    house.category("Technics", allowed(&["group:Pumps"])).await;
    assert_eq!(house.who(eligible("Technics")).await, [ALICE, BOB, "group:Pumps"]);
    house.category("Office", allowed(&[STAFF, MALLORY])).await;
    assert_eq!(house.who(eligible("Office")).await, [BOB, MALLORY, STAFF]);
    house.category("Empty", CategoryFields::default()).await;
    assert!(house.who(eligible("Empty")).await.is_empty());
}

#[tokio::test]
async fn a_room_admits_whom_its_category_does_and_an_auditorium_presenters_among_its_members() {
    let house = varied().await;
    assert_eq!(house.who(in_room("Engineering", false)).await, house.who(eligible("General")).await);
    let message = invalid(house.run(Operation::EligiblePrincipalList(in_room("Engineering", true))).await);
    assert!(message.contains("normal room"), "{message}");
    let stage = RoomFields { kind: Some(RoomType::Auditorium), ..members(&["group:Pumps"]) };
    house.room("Hall", stage).await;
    assert_eq!(house.who(in_room("Hall", true)).await, [ALICE, BOB, "group:Pumps"]);
    let open = RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    house.set_room("Hall", open).await.expect("it can be opened");
    assert_eq!(house.who(in_room("Hall", true)).await, house.who(in_room("Hall", false)).await);
}

#[tokio::test]
async fn people_are_filtered_by_their_address() {
    let house = varied().await;
    for (filter, expected) in [
        ("*li*", vec![ALICE]),
        ("*@EXAMPLE.com", vec![ALICE, BOB, "sip:carol@example.com"]),
        ("bob@*", vec![BOB]),
        ("sip:b?b@*", vec![BOB]),
        ("bob", vec![]),
        ("*[a-z]*", vec![]),
        ("*pumps*", vec![]),
    ] {
        let asked = EligiblePrincipalList { filter: Some(filter.into()), ..eligible("General") };
        assert_eq!(house.who(asked).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn one_thing_is_asked_about_and_it_exists() {
    let house = varied().await;
    let run = |asked| house.run(Operation::EligiblePrincipalList(asked));
    invalid(run(EligiblePrincipalList::default()).await);
    invalid(run(EligiblePrincipalList { room: Some("Engineering".into()), ..eligible("General") }).await);
    invalid(run(EligiblePrincipalList { presenters: true, ..eligible("General") }).await);
    not_found(run(eligible("Nowhere")).await);
    not_found(run(in_room("Nowhere", false)).await);
}

#[tokio::test]
async fn managers_are_shown_whom_their_room_can_have_and_creators_whom_their_category_admits() {
    let house = varied().await;
    let creators = CategoryFields { creators: add(&[BOB]), ..CategoryFields::default() };
    house.set_category("General", creators).await.expect("Bob is in its scope");
    let managers = RoomFields { managers: add(&[ALICE]), ..RoomFields::default() };
    house.set_room("Engineering", managers).await.expect("Alice is in scope");
    let asks = [in_room("Engineering", false), eligible("General")];
    for (asker, answered) in [
        (ALICE, [true, false]),
        (BOB, [false, true]),
        ("sip:carol@example.com", [false, false]),
        (MALLORY, [false, false]),
    ] {
        for (asked, answered) in asks.clone().into_iter().zip(answered) {
            let told = house.by(asker, Operation::EligiblePrincipalList(asked.clone())).await;
            if answered {
                assert_eq!(values(&told.expect("it is for them"), "principal"), house.who(asked).await);
                continue;
            }
            // What is not theirs is answered as what is not there.
            let name = asked.room.clone().or(asked.category.clone()).expect("one is asked about");
            let ghost = EligiblePrincipalList {
                room: asked.room.map(|_| "Ghost".to_owned()),
                category: asked.category.map(|_| "Ghost".to_owned()),
                ..asked
            };
            let absent = not_found(house.by(asker, Operation::EligiblePrincipalList(ghost)).await);
            assert_eq!(not_found(told).replace(&name, "Ghost"), absent, "{asker}");
        }
    }
    house.give_role(MALLORY, Role::Reader).await;
    for asked in asks {
        house.by(MALLORY, Operation::EligiblePrincipalList(asked)).await.expect("a reader reads");
    }
}

/// All pages of a list, and how many there were.
async fn pages(house: &House, ask: impl Fn(Option<String>) -> Operation) -> (Vec<String>, usize) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page: Outcome = house.must(ask(cursor)).await;
        all.extend(values(&page, "principal"));
        pages += 1;
        match page.next {
            Some(next) => cursor = Some(next),
            None => return (all, pages),
        }
    }
}

#[tokio::test]
async fn pages_together_are_the_whole_list() {
    let house = varied().await;
    let whole = house.who(eligible("General")).await;
    for limit in 1..=6 {
        let (all, count) = pages(&house, |cursor| {
            let limit = Some(limit);
            Operation::EligiblePrincipalList(EligiblePrincipalList { limit, cursor, ..eligible("General") })
        })
        .await;
        assert_eq!(all, whole, "{limit} at a time");
        assert!(count <= whole.len() + 1, "{count} pages");
    }
    let none = EligiblePrincipalList { limit: Some(0), ..eligible("General") };
    let none = house.must(Operation::EligiblePrincipalList(none)).await;
    assert!(none.rows.values().is_empty() && none.next.is_none(), "nothing was asked for");
    for cursor in ["zz", "6261", "67726f75703a78"] {
        let asked = EligiblePrincipalList { cursor: Some(cursor.into()), ..eligible("General") };
        invalid(house.run(Operation::EligiblePrincipalList(asked)).await);
    }
}

#[tokio::test]
async fn among_many_thousands_a_page_may_be_short_and_the_list_is_whole() {
    let house = varied().await;
    // More than are looked at for one page.
    let crowd = (0..10_500).map(|number| {
        let address = format!("sip:crowd{number:05}@other.example").parse().expect("an address");
        RowChange::NewPerson(store::PersonDraft::local(address, DisplayName::parse("Crowd").expect("a name")))
    });
    house.store.administer(Order::of(ROOT, "{}".into()), crowd.collect()).await.expect("they are made");
    house.category("Few", allowed(&["group:Pumps", MALLORY])).await;
    let ask = |cursor| Operation::EligiblePrincipalList(EligiblePrincipalList { cursor, ..eligible("Few") });
    let first = house.must(ask(None)).await;
    assert_eq!(values(&first, "principal"), [ALICE, BOB], "it stops after so many");
    let (all, count) = pages(&house, ask).await;
    assert_eq!(all, [ALICE, BOB, MALLORY, "group:Pumps"]);
    assert!((2..=4).contains(&count), "{count} pages");
    house.category("Two", allowed(&[MALLORY, BOB])).await;
    let two = house.must(Operation::EligiblePrincipalList(eligible("Two"))).await;
    assert_eq!((values(&two, "principal"), two.next), (vec![BOB.to_owned(), MALLORY.to_owned()], None));
    let filtered = EligiblePrincipalList { filter: Some("bob@*".into()), ..eligible("Two") };
    assert_eq!(house.who(filtered).await, [BOB]);
    let sought = PrincipalList { q: Some("mallory".into()), ..everybody() };
    assert_eq!(house.principals(sought).await, [MALLORY], "who is looked for by a text is found at once");
    let users = Operation::UserList(UserList { q: Some("CROWD10499".into()), ..UserList::default() });
    assert_eq!(house.must(users).await.rows.values().len(), 1);
}

#[tokio::test]
async fn principals_are_found_by_text_container_and_kind() {
    let house = varied().await;
    let text = |text: &str| Some(text.to_owned());
    for (asked, expected) in [
        (everybody(), vec![ALICE, BOB, "sip:carol@example.com", MALLORY, "group:Pumps", STAFF]),
        (PrincipalList { q: text("LI"), ..everybody() }, vec![ALICE]),
        (PrincipalList { q: text("pum"), ..everybody() }, vec!["group:Pumps"]),
        (PrincipalList { q: text("dc=EXAMPLE"), ..everybody() }, vec![STAFF]),
        (PrincipalList { q: text("sip:*@other*"), ..everybody() }, vec![MALLORY]),
        (PrincipalList { kind: Some(PrincipalKind::Group), ..everybody() }, vec!["group:Pumps"]),
        (PrincipalList { kind: Some(PrincipalKind::Container), ..everybody() }, vec![STAFF]),
        (PrincipalList { kind: Some(PrincipalKind::Domain), ..everybody() }, vec![]),
        (PrincipalList { ou: text("ou=staff,dc=example,dc=com"), ..everybody() }, vec![BOB]),
        (PrincipalList { ou: text(STAFF), kind: Some(PrincipalKind::Group), ..everybody() }, vec![]),
        (PrincipalList { q: text("somebody"), limit: Some(2), ..everybody() }, vec![ALICE, BOB]),
    ] {
        assert_eq!(house.principals(asked.clone()).await, expected, "{asked:?}");
    }
    let group = Operation::PrincipalList(PrincipalList { q: text("staff"), ..everybody() });
    let group = house.must(group).await;
    assert_eq!(
        (value(&group, "kind"), value(&group, "distinguishedName")),
        (json!("container"), json!(STAFF))
    );
    for ou in ["OU=Nowhere,DC=example,DC=com", "Staff"] {
        not_found(house.run(Operation::PrincipalList(PrincipalList { ou: text(ou), ..everybody() })).await);
    }
    let message = invalid(
        house.run(Operation::PrincipalList(PrincipalList { ou: text("group:Pumps"), ..everybody() })).await,
    );
    assert!(message.contains("no container"), "{message}");
    denied(house.by(ALICE, Operation::PrincipalList(everybody())).await);
}
