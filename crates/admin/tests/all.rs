//! Stories of administrators, over a real store: who may be what, who loses what, and what is never kept.

use std::sync::Arc;

use admin::{
    AdminError, CategoryFields, CategoryView, Desk, ListChange, Operation, Outcome, RoomFields, RoomView,
    Rows, Secret, UserView,
};
use chat::{Actor, Clock, Domain, Draft, Entry, JournalKey, PersonId, PoolEntry, Text, Under};
use directory::{Directory, SealingKey};
use store::{Credentials, Founding, NewPost, PostOutcome, Store, Window};
use testkit::TestClock;

const PASSWORD: &str = "correct horse 9";
const ROOT: Actor = Actor::Shell(0);

struct House {
    _folder: tempfile::TempDir,
    store: Store,
    directory: Directory,
    desk: Desk,
}

impl House {
    fn found() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let clock = Arc::new(TestClock::at("2026-11-24T10:00:00Z", 7));
        let founding = Founding {
            domain: Domain::parse("example.com").expect("a domain"),
            pool_name: "pool.example.com".into(),
            pool_guid: clock.guid(),
        };
        let store =
            Store::open(&folder.path().join("store.db"), &founding, clock.clone()).expect("a new store");
        let key = SealingKey::make(&folder.path().join("key"), &*clock).expect("a new key");
        let directory = Directory::open(store.clone(), clock, key).expect("argon2id works");
        let desk = Desk::new(store.clone(), directory.clone());
        Self { _folder: folder, store, directory, desk }
    }

    /// A house with Alice, Bob and Mallory of elsewhere, a category for everybody of the domain, and a closed room in it.
    async fn furnished() -> Self {
        let house = Self::found();
        for address in ["sip:alice@example.com", "sip:bob@example.com", "sip:mallory@other.example"] {
            house.person(address).await;
        }
        house.category("General", allowed(&["domain:example.com"])).await;
        house.room("Engineering", RoomFields::default()).await;
        house
    }

    async fn run(&self, operation: Operation) -> Result<Outcome, AdminError> {
        self.desk.run(ROOT, operation).await
    }

    async fn must(&self, operation: Operation) -> Outcome {
        let asked = operation.recorded();
        self.run(operation).await.unwrap_or_else(|error| panic!("{asked}: {error}"))
    }

    async fn person(&self, address: &str) -> UserView {
        user(self.must(new_user(address, None, false)).await)
    }

    async fn category(&self, name: &str, fields: CategoryFields) -> Outcome {
        self.must(Operation::CategoryNew { name: name.into(), fields }).await
    }

    async fn room(&self, name: &str, fields: RoomFields) -> Outcome {
        self.must(Operation::RoomNew { name: name.into(), category: "General".into(), fields }).await
    }

    async fn set_room(&self, name: &str, fields: RoomFields) -> Result<Outcome, AdminError> {
        self.run(Operation::RoomSet { name: name.into(), new_name: None, category: None, fields }).await
    }

    async fn set_category(&self, name: &str, fields: CategoryFields) -> Result<Outcome, AdminError> {
        self.run(Operation::CategorySet { name: name.into(), new_name: None, fields }).await
    }

    async fn room_now(&self, name: &str) -> RoomView {
        room(self.must(Operation::RoomGet { name: name.into() }).await)
    }

    async fn credentials(&self, address: &str) -> Credentials {
        self.store.credentials(self.id(address).await).await.expect("a read").unwrap_or_default()
    }

    async fn id(&self, address: &str) -> PersonId {
        let address = address.parse().expect("an address");
        self.store.person_at(&address).await.expect("a read").expect("the person exists").id
    }

    /// Everything the pool's journal keeps of operations.
    async fn told(&self) -> String {
        let entries = self.store.entries(JournalKey::Pool, 0, 1_000).await.expect("a read");
        entries.iter().filter_map(|entry| entry.body.as_ref()).map(|body| body.text.clone() + "\n").collect()
    }
}

fn new_user(address: &str, password: Option<&str>, legacy_sign_on: bool) -> Operation {
    Operation::UserNew {
        address: address.into(),
        display_name: "Somebody".into(),
        password: password.map(|text| Secret(text.into())),
        legacy_sign_on,
    }
}

fn set_user(address: &str, password: Option<&str>, legacy_sign_on: Option<bool>) -> Operation {
    Operation::UserSet {
        address: address.into(),
        display_name: None,
        password: password.map(|text| Secret(text.into())),
        legacy_sign_on,
    }
}

fn add(who: &[&str]) -> ListChange {
    ListChange { add: who.iter().map(|w| (*w).to_owned()).collect(), ..ListChange::default() }
}

fn remove(who: &[&str]) -> ListChange {
    ListChange { remove: who.iter().map(|w| (*w).to_owned()).collect(), ..ListChange::default() }
}

fn replace(who: &[&str]) -> ListChange {
    ListChange { replace: Some(who.iter().map(|w| (*w).to_owned()).collect()), ..ListChange::default() }
}

fn allowed(who: &[&str]) -> CategoryFields {
    CategoryFields { allowed_members: add(who), ..CategoryFields::default() }
}

fn members(who: &[&str]) -> RoomFields {
    RoomFields { members: add(who), ..RoomFields::default() }
}

fn user(outcome: Outcome) -> UserView {
    match outcome.rows {
        Rows::Users(users) => users.into_iter().next().expect("one user"),
        other => panic!("not users: {other:?}"),
    }
}

fn category(outcome: Outcome) -> CategoryView {
    match outcome.rows {
        Rows::Categories(categories) => categories.into_iter().next().expect("one category"),
        other => panic!("not categories: {other:?}"),
    }
}

fn room(outcome: Outcome) -> RoomView {
    match outcome.rows {
        Rows::Rooms(rooms) => rooms.into_iter().next().expect("one room"),
        other => panic!("not rooms: {other:?}"),
    }
}

fn not_found(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::NotFound(message)) => message,
        other => panic!("not refused as not found: {other:?}"),
    }
}

fn invalid(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Invalid(message)) => message,
        other => panic!("not refused as invalid: {other:?}"),
    }
}

fn conflict(refused: Result<Outcome, AdminError>) -> String {
    match refused {
        Err(AdminError::Conflict(message)) => message,
        other => panic!("not refused as a conflict: {other:?}"),
    }
}

// People

#[tokio::test]
async fn alice_is_made_listed_renamed_disabled_enabled_and_removed() {
    let house = House::found();
    let alice = user(house.must(new_user("sip:Alice@Example.com", Some(PASSWORD), false)).await);
    assert_eq!(alice.address, "sip:alice@example.com");
    assert!(alice.enabled && alice.has_password && !alice.legacy_sign_on);
    let renamed = Operation::UserSet {
        address: alice.address.clone(),
        display_name: Some("Alice Martin".into()),
        password: None,
        legacy_sign_on: None,
    };
    assert_eq!(user(house.must(renamed).await).display_name, "Alice Martin");
    let disabled = house.must(Operation::UserDisable { address: alice.address.clone() }).await;
    assert!(!user(disabled).enabled);
    let enabled = house.must(Operation::UserEnable { address: alice.address.clone() }).await;
    assert!(user(enabled).enabled);
    house.must(Operation::UserRemove { address: alice.address.clone() }).await;
    assert_eq!(house.must(Operation::UserList).await.rows, Rows::Users(Vec::new()));
    not_found(house.run(Operation::UserGet { address: alice.address }).await);
}

#[tokio::test]
async fn an_address_that_is_taken_is_a_conflict() {
    let house = House::found();
    house.person("sip:alice@example.com").await;
    let message = conflict(house.run(new_user("sip:ALICE@example.com", None, false)).await);
    assert!(message.contains("exists already"), "{message}");
}

#[tokio::test]
async fn somebody_without_a_password_is_told_how_to_get_one() {
    let house = House::found();
    let outcome = house.must(new_user("sip:alice@example.com", None, false)).await;
    assert!(outcome.warnings[0].contains("causerie user set sip:alice@example.com --password-stdin"));
}

#[tokio::test]
async fn a_password_change_writes_both_hashes() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let before = house.credentials("sip:alice@example.com").await;
    house.must(set_user("sip:alice@example.com", Some("another horse 7"), None)).await;
    let after = house.credentials("sip:alice@example.com").await;
    assert!(after.argon2.is_some() && after.argon2 != before.argon2, "the argon2id hash is another one");
    assert!(after.nt.is_some() && after.nt != before.nt, "the legacy hash is another one");
    house.must(new_user("sip:bob@example.com", Some("another horse 7"), true)).await;
    let alice = house.directory.legacy("alice", "EXAMPLE").await.expect("a read");
    let bob = house.directory.legacy("bob", "EXAMPLE").await.expect("a read");
    assert_eq!(alice.hash.as_bytes(), bob.hash.as_bytes(), "it is the hash of the new password");
}

#[tokio::test]
async fn a_refused_password_change_writes_neither_hash() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let before = house.credentials("sip:alice@example.com").await;
    for bad in ["short", "pässword with umlaut", "a line\nbreak inside"] {
        invalid(house.run(set_user("sip:alice@example.com", Some(bad), None)).await);
    }
    let after = house.credentials("sip:alice@example.com").await;
    assert_eq!((after.argon2, after.nt), (before.argon2, before.nt));
}

#[tokio::test]
async fn switching_legacy_sign_on_off_erases_its_hash_and_on_again_needs_the_password() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let off = user(house.must(set_user("sip:alice@example.com", None, Some(false))).await);
    assert!(off.has_password && !off.legacy_sign_on);
    assert_eq!(house.credentials("sip:alice@example.com").await.nt, None);
    let message = invalid(house.run(set_user("sip:alice@example.com", None, Some(true))).await);
    assert!(message.contains("--legacy-sign-on --password-stdin"), "{message}");
    let on = user(house.must(set_user("sip:alice@example.com", Some(PASSWORD), Some(true))).await);
    assert!(on.legacy_sign_on);
}

#[tokio::test]
async fn two_changes_of_credentials_at_once_do_not_undo_each_other() {
    let house = House::found();
    let alice = "sip:alice@example.com";
    house.must(new_user(alice, Some(PASSWORD), true)).await;
    let before = house.credentials(alice).await;
    // Both read what is kept; the first hashes for a while, so the second is written meanwhile.
    let (password, off) = tokio::join!(
        house.run(set_user(alice, Some("another horse 7"), None)),
        house.run(set_user(alice, None, Some(false)))
    );
    let after = house.credentials(alice).await;
    assert!(password.is_ok() && off.is_ok(), "{password:?} {off:?}");
    assert!(after.nt.is_none(), "a hash that was erased does not come back");
    assert_ne!(after.argon2, before.argon2, "an old password does not come back");
}

#[tokio::test]
async fn many_who_add_members_at_once_all_add_theirs() {
    let house = House::furnished().await;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..12 {
        let address = format!("sip:person{number}@example.com");
        house.person(&address).await;
        let members = ListChange { add: vec![address], ..ListChange::default() };
        let fields = RoomFields { members, ..RoomFields::default() };
        let set = Operation::RoomSet { name: "Engineering".into(), new_name: None, category: None, fields };
        let desk = house.desk.clone();
        asking.spawn(async move { desk.run(ROOT, set).await });
    }
    while let Some(done) = asking.join_next().await {
        done.expect("nobody panics").expect("everybody adds somebody");
    }
    let get = Operation::RoomGet { name: "Engineering".into() };
    let Rows::Rooms(rooms) = house.must(get).await.rows else { panic!("a room") };
    assert_eq!(rooms[0].members.len(), 12);
}

#[tokio::test]
async fn an_address_of_the_server_is_nobodys() {
    let house = House::furnished().await;
    let message = invalid(house.run(new_user("sip:ocschat@example.com", Some(PASSWORD), false)).await);
    assert!(message.contains("the chat server itself"), "{message}");
    house.must(new_user("sip:ocschat@other.example", Some(PASSWORD), false)).await;
}

#[tokio::test]
async fn any_characters_serve_where_legacy_sign_on_is_off() {
    let house = House::found();
    let alice = user(house.must(new_user("sip:alice@example.com", Some("пароль длинный"), false)).await);
    assert!(alice.has_password);
    let message =
        invalid(house.run(set_user("sip:alice@example.com", Some("пароль другой"), Some(true))).await);
    assert!(message.contains("printable ASCII"), "{message}");
}

#[tokio::test]
async fn no_password_stands_in_the_journal_or_in_what_is_shown() {
    let house = House::found();
    house.must(new_user("sip:alice@example.com", Some(PASSWORD), true)).await;
    let set = set_user("sip:alice@example.com", Some("another horse 7"), None);
    assert!(!format!("{set:?}").contains("another"), "debugging shows no password");
    let outcome = house.must(set).await;
    let told = house.told().await;
    assert!(
        told.contains("user-new") && told.contains("sip:alice@example.com"),
        "operations are told: {told}"
    );
    for secret in [PASSWORD, "another horse 7", "argon2id"] {
        assert!(!told.contains(secret), "'{secret}' stands in the journal");
        assert!(!format!("{outcome:?}").contains(secret), "'{secret}' is shown");
    }
}

#[tokio::test]
async fn the_journal_names_who_did_it() {
    let house = House::found();
    house
        .desk
        .run(Actor::Shell(1234), new_user("sip:alice@example.com", None, false))
        .await
        .expect("Alice is made");
    let entries = house.store.entries(JournalKey::Pool, 0, 10).await.expect("a read");
    let by: Vec<Actor> = entries
        .iter()
        .filter_map(|entry| match &entry.header.entry {
            Entry::Pool(PoolEntry::Administered { by, .. }) => Some(*by),
            _ => None,
        })
        .collect();
    assert_eq!(by, [Actor::Shell(1234)]);
}

#[tokio::test]
async fn whoever_gets_a_removed_address_is_somebody_else() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    let first = user(house.must(Operation::UserGet { address: "sip:alice@example.com".into() }).await);
    let first_id = house.id("sip:alice@example.com").await;
    let room = house.store.rooms().await.expect("a read").remove(0);
    let category = house.store.categories().await.expect("a read").remove(0);
    let person = house.store.person(first_id).await.expect("a read").expect("Alice exists");
    let post = NewPost {
        room: room.id,
        author: first_id,
        under: Under { room_rules: room.rules, category_rules: category.rules, standing: person.standing },
        client_id: None,
        draft: Draft { text: Text::parse("I was here").expect("a text"), rtf: None, alert: false },
        kept: true,
        story: false,
    };
    assert!(matches!(house.store.post(post).await.expect("a post"), PostOutcome::Recorded(_)));
    house.must(Operation::UserRemove { address: "sip:alice@example.com".into() }).await;
    let second = house.person("sip:alice@example.com").await;
    assert_ne!(first.guid, second.guid);
    assert!(
        house.room_now("Engineering").await.members.is_empty(),
        "the new Alice has none of the old rights"
    );
    let history = house.store.history(room.id, Window::Last(10)).await.expect("a read");
    assert_eq!(history.iter().map(|post| post.author).collect::<Vec<_>>(), [first_id]);
    assert_ne!(house.id("sip:alice@example.com").await, first_id);
}

// Principals and scopes

#[tokio::test]
async fn an_unknown_principal_is_not_found_and_the_command_that_makes_one_is_named() {
    let house = House::furnished().await;
    let message = not_found(house.set_room("Engineering", members(&["sip:ghost@example.com"])).await);
    assert!(message.contains("causerie user new sip:ghost@example.com"), "{message}");
}

#[tokio::test]
async fn what_is_neither_a_person_nor_a_domain_is_invalid() {
    let house = House::furnished().await;
    for word in ["alice", "mailto:alice@example.com", "domain:", "sip:@example.com"] {
        invalid(house.set_room("Engineering", members(&[word])).await);
    }
}

#[tokio::test]
async fn only_whom_the_category_admits_gets_a_role_in_its_rooms() {
    let house = House::furnished().await;
    let outsiders = ["sip:mallory@other.example", "domain:other.example"];
    for outsider in outsiders {
        for fields in [
            RoomFields { members: add(&[outsider]), ..RoomFields::default() },
            RoomFields { managers: add(&[outsider]), ..RoomFields::default() },
        ] {
            let message = invalid(house.set_room("Engineering", fields).await);
            assert!(message.contains(outsider) && message.contains("--add-allowed-member"), "{message}");
        }
    }
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    house.set_room("Engineering", members(&["domain:example.com"])).await.expect("her domain is in scope");
}

#[tokio::test]
async fn the_denied_list_wins_over_the_allowed_one() {
    let house = House::furnished().await;
    let deny = CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    house.set_category("General", deny).await.expect("Bob can be denied");
    invalid(house.set_room("Engineering", members(&["sip:bob@example.com"])).await);
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is not denied");
}

#[tokio::test]
async fn creators_are_inside_the_scope() {
    let house = House::furnished().await;
    let creators = |who: &[&str]| CategoryFields { creators: add(who), ..CategoryFields::default() };
    invalid(house.set_category("General", creators(&["sip:mallory@other.example"])).await);
    let set =
        house.set_category("General", creators(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    assert_eq!(category(set).creators, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn lists_are_replaced_added_to_removed_from_and_cleared() {
    let house = House::furnished().await;
    let with = |change: ListChange| RoomFields { members: change, ..RoomFields::default() };
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    let now = |outcome: Result<Outcome, AdminError>| {
        let mut list = room(outcome.expect("the list can be changed")).members;
        list.sort();
        list
    };
    assert_eq!(now(house.set_room("Engineering", with(add(&both))).await), both);
    assert_eq!(now(house.set_room("Engineering", with(add(&both))).await), both, "nobody is there twice");
    assert_eq!(now(house.set_room("Engineering", with(remove(&both[..1]))).await), both[1..]);
    assert_eq!(now(house.set_room("Engineering", with(replace(&both[..1]))).await), both[..1]);
    assert!(now(house.set_room("Engineering", with(replace(&[]))).await).is_empty());
}

// Categories

#[tokio::test]
async fn a_category_without_allowed_members_says_so_and_how_to_change_it() {
    let house = House::found();
    let outcome = house.category("General", CategoryFields::default()).await;
    let warning = outcome.warnings.join("\n");
    assert!(warning.contains("nobody can be a member"), "{warning}");
    assert!(warning.contains("category set General --add-allowed-member domain:example.com"), "{warning}");
    let set =
        house.set_category("General", allowed(&["domain:example.com"])).await.expect("it can be changed");
    assert_eq!(set.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn a_category_begins_with_history_and_without_invitations_and_files() {
    let house = House::found();
    let general = category(house.category("General", CategoryFields::default()).await);
    assert!(general.chat_history && !general.invitations && !general.file_upload);
    assert_eq!(general.rooms, 0);
}

#[tokio::test]
async fn a_narrower_category_takes_roles_away_and_says_whose() {
    let house = House::furnished().await;
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    let fields =
        RoomFields { members: add(&both), managers: add(&["sip:bob@example.com"]), ..RoomFields::default() };
    house.set_room("Engineering", fields).await.expect("both are in scope");
    let narrow =
        CategoryFields { denied_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() };
    let outcome = house.set_category("General", narrow).await.expect("it can be narrowed");
    let said = outcome.warnings.join("\n");
    assert!(said.contains("Engineering") && said.contains("sip:bob@example.com"), "{said}");
    assert!(!said.contains("sip:alice@example.com"), "{said}");
    let now = house.room_now("Engineering").await;
    assert_eq!(now.members, ["sip:alice@example.com"]);
    assert!(now.managers.is_empty());
}

#[tokio::test]
async fn a_category_with_rooms_stays_and_one_without_goes() {
    let house = House::furnished().await;
    let general = || Operation::CategoryRemove { name: "general".into() };
    conflict(house.run(general()).await);
    house.must(Operation::RoomRemove { name: "Engineering".into() }).await;
    house.must(general()).await;
    not_found(house.run(Operation::CategoryGet { name: "General".into() }).await);
}

// Rooms

#[tokio::test]
async fn a_room_begins_closed_and_normal_and_says_that_nobody_can_join_it() {
    let house = House::furnished().await;
    let outcome = house.room("Plans", RoomFields::default()).await;
    let warning = outcome.warnings.join("\n");
    assert!(warning.contains("causerie room set Plans --add-member"), "{warning}");
    let plans = room(outcome);
    assert_eq!(
        (plans.privacy.as_str(), plans.kind.as_str(), plans.invitations.as_str()),
        ("closed", "normal", "inherit")
    );
    let open = RoomFields { privacy: Some("open".into()), ..RoomFields::default() };
    assert_eq!(house.room("Lobby", open).await.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn rooms_and_categories_share_their_names() {
    let house = House::furnished().await;
    let in_general = |name: &str| Operation::RoomNew {
        name: name.into(),
        category: "General".into(),
        fields: RoomFields::default(),
    };
    conflict(house.run(in_general("ENGINEERING")).await);
    conflict(house.run(in_general("general")).await);
    let again = Operation::CategoryNew { name: "engineering".into(), fields: CategoryFields::default() };
    conflict(house.run(again).await);
    house.must(Operation::RoomRemove { name: "Engineering".into() }).await;
    house.must(in_general("Engineering")).await;
}

#[tokio::test]
async fn a_room_needs_a_category_that_exists() {
    let house = House::furnished().await;
    let lost =
        Operation::RoomNew { name: "Lost".into(), category: "Nowhere".into(), fields: RoomFields::default() };
    let message = not_found(house.run(lost).await);
    assert!(message.contains("causerie category new"), "{message}");
}

#[tokio::test]
async fn presenters_belong_to_auditoriums() {
    let house = House::furnished().await;
    let presenters = |kind: Option<&str>| RoomFields {
        kind: kind.map(str::to_owned),
        members: add(&["sip:alice@example.com"]),
        presenters: add(&["sip:alice@example.com"]),
        ..RoomFields::default()
    };
    let message = invalid(house.set_room("Engineering", presenters(None)).await);
    assert!(message.contains("--type auditorium"), "{message}");
    house
        .set_room("Engineering", presenters(Some("auditorium")))
        .await
        .expect("an auditorium has presenters");
}

#[tokio::test]
async fn a_presenter_of_a_closed_auditorium_is_a_member_and_of_an_open_one_need_not_be() {
    let house = House::furnished().await;
    let stage = |privacy: &str, members: &[&str]| RoomFields {
        privacy: Some(privacy.into()),
        kind: Some("auditorium".into()),
        members: add(members),
        presenters: add(&["sip:bob@example.com"]),
        ..RoomFields::default()
    };
    for privacy in ["closed", "secret"] {
        let message = invalid(house.set_room("Engineering", stage(privacy, &[])).await);
        assert!(message.contains("--add-member sip:bob@example.com"), "{message}");
    }
    house.set_room("Engineering", stage("open", &[])).await.expect("an open room has no members to be among");
    house
        .set_room("Engineering", stage("closed", &["domain:example.com"]))
        .await
        .expect("Bob is one by his domain");
}

#[tokio::test]
async fn a_moved_room_loses_whom_its_new_category_does_not_admit() {
    let house = House::furnished().await;
    let both = ["sip:alice@example.com", "sip:bob@example.com"];
    house.set_room("Engineering", members(&both)).await.expect("both are in scope");
    house.category("Core", allowed(&["sip:alice@example.com"])).await;
    let before = house.room_now("Engineering").await;
    let moved = Operation::RoomSet {
        name: "Engineering".into(),
        new_name: None,
        category: Some("Core".into()),
        fields: RoomFields::default(),
    };
    let outcome = house.must(moved).await;
    assert!(outcome.warnings.join("\n").contains("sip:bob@example.com"), "{:?}", outcome.warnings);
    let after = room(outcome);
    assert_eq!((after.guid, after.category.as_str()), (before.guid, "Core"), "it is the same room elsewhere");
    assert_eq!(after.members, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn a_disabled_room_keeps_its_members() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    let disabled = RoomFields { disabled: Some(true), ..RoomFields::default() };
    let off = room(house.set_room("Engineering", disabled).await.expect("it can be disabled"));
    assert!(off.disabled);
    let enabled = RoomFields { disabled: Some(false), ..RoomFields::default() };
    let on = room(house.set_room("Engineering", enabled).await.expect("it can be enabled"));
    assert!(!on.disabled);
    assert_eq!(on.members, ["sip:alice@example.com"]);
}

#[tokio::test]
async fn words_and_names_beyond_their_limits_are_invalid() {
    let house = House::furnished().await;
    let long = "x".repeat(257);
    for fields in [
        RoomFields { privacy: Some("private".into()), ..RoomFields::default() },
        RoomFields { kind: Some("stage".into()), ..RoomFields::default() },
        RoomFields { invitations: Some("true".into()), ..RoomFields::default() },
        RoomFields { description: Some(long.clone()), ..RoomFields::default() },
    ] {
        invalid(house.set_room("Engineering", fields).await);
    }
    for name in ["", "   ", "two\nlines", &long] {
        let new = Operation::CategoryNew { name: name.into(), fields: CategoryFields::default() };
        invalid(house.run(new).await);
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_refused() {
    let house = House::furnished().await;
    let before = house.told().await;
    invalid(house.set_room("Engineering", RoomFields::default()).await);
    invalid(house.set_category("General", CategoryFields::default()).await);
    invalid(house.run(set_user("sip:alice@example.com", None, None)).await);
    assert_eq!(house.told().await, before);
}

#[test]
fn a_command_in_a_message_quotes_what_a_shell_would_take_apart() {
    for (word, expected) in [
        ("Engineering", "Engineering"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("/var/lib/causerie", "/var/lib/causerie"),
        ("Town hall", "'Town hall'"),
        ("$(rm -rf ~)", "'$(rm -rf ~)'"),
        ("it's", "'it'\\''s'"),
        ("", "''"),
        ("--yes", "'--yes'"),
    ] {
        assert_eq!(admin::quoted(word), expected);
    }
}

#[tokio::test]
async fn a_refused_operation_leaves_everything_as_it_was() {
    let house = House::furnished().await;
    let before = (house.room_now("Engineering").await, house.told().await);
    let fields = RoomFields {
        description: Some("new".into()),
        members: add(&["sip:alice@example.com", "sip:mallory@other.example"]),
        ..RoomFields::default()
    };
    invalid(house.set_room("Engineering", fields).await);
    assert_eq!((house.room_now("Engineering").await, house.told().await), before);
}

// How operations travel

#[tokio::test]
async fn an_operation_is_the_same_after_its_way_as_json() {
    let operations = [
        new_user("sip:alice@example.com", Some(PASSWORD), true),
        Operation::UserList,
        Operation::CategorySet {
            name: "General".into(),
            new_name: Some("Everybody".into()),
            fields: allowed(&["domain:example.com"]),
        },
        Operation::RoomNew {
            name: "Engineering".into(),
            category: "General".into(),
            fields: RoomFields {
                kind: Some("auditorium".into()),
                members: replace(&[]),
                ..RoomFields::default()
            },
        },
    ];
    for operation in operations {
        let json = serde_json::to_string(&operation).expect("it can be written");
        assert_eq!(serde_json::from_str::<Operation>(&json).expect("it can be read"), operation, "{json}");
    }
}
