//! Random houses from a seed: people with policies and roles, groups within groups, categories and rooms with all their lists.
//! Asks nobody anything; `agreement.rs` does.

use serde_json::{Map, Value, json};
use testkit::admin::Spec;
use testkit::chat::{self, Address, Principal, Role, Scope};
use testkit::store::{CategoryDraft, RoomDraft, RowChange};
use testkit::{Browser, House, PASSWORD};

use crate::scene::house;

/// Who administers, and is in no list.
pub const ROOT: &str = "root";
/// Everybody else. What befalls Eve and Finn is always the same, so that each world has it.
pub const PEOPLE: [&str; 6] = ["ana", "bob", "cy", "dora", "eve", "finn"];
const GROUPS: [&str; 4] = ["Night", "Day", "Staff", "Everyone"];

/// A house, who lives in it, and what is in it.
pub struct World {
    pub house: House,
    pub root: Browser,
    pub people: Vec<Inhabitant>,
    pub categories: Vec<Place>,
    pub rooms: Vec<Place>,
}

/// Somebody with the browser it signed on at.
pub struct Inhabitant {
    pub name: &'static str,
    pub browser: Browser,
    /// Whether it was disabled afterwards.
    pub disabled: bool,
    /// Whether its policy lets it chat.
    pub chats: bool,
}

/// A category or a room.
pub struct Place {
    pub name: String,
    pub guid: String,
    /// Whether what is said in it is kept.
    pub history: bool,
    /// The category a room lies in.
    pub home: Option<String>,
    /// Whether it is closed to everybody.
    pub disabled: bool,
}

/// Chance that always falls the same way (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("it is below a usize")
    }

    /// Yes once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Up to `most` people and groups.
    fn principals(&mut self, most: usize) -> Vec<String> {
        let count = self.below(most + 1);
        let one = |_| match self.below(3) {
            0 => format!("group:{}", self.one(&GROUPS)),
            _ => address(self.one(&PEOPLE)),
        };
        let all: std::collections::BTreeSet<String> = (0..count).map(one).collect();
        all.into_iter().collect()
    }
}

impl World {
    /// The world of a seed.
    pub async fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let everybody: Vec<&str> = PEOPLE.iter().copied().chain([ROOT]).collect();
        let house = house(&everybody).await;
        house.rows().role(&address(ROOT), Role::Administrator).await;
        house.rows().role(&address("cy"), Role::Reader).await;
        house.rows().role(&address("dora"), Role::ChatAdministrator).await;
        groups(&house, &mut dice).await;
        let mut categories = Vec::new();
        for number in 0..3 {
            categories.push(category(&house, &mut dice, number).await);
        }
        let mut rooms = Vec::new();
        for number in 0..6 {
            let home = dice.below(categories.len());
            let room = room(&house, &mut dice, number, &categories[home]).await;
            rooms.push(room);
        }
        house.settle().await;
        let mut people = Vec::new();
        for name in PEOPLE {
            let mut browser = house.browser();
            assert_eq!(browser.sign_on(name, PASSWORD).await.status, 201, "{name}");
            people.push(Inhabitant { name, browser, disabled: name == "finn", chats: name != "eve" });
        }
        let mut root = house.browser();
        assert_eq!(root.sign_on(ROOT, PASSWORD).await.status, 201);
        house.rows().grant(&address("eve"), Some(false)).await;
        house.admin("user disable sip:finn@example.com").await;
        house.settle().await;
        Self { house, root, people, categories, rooms }
    }
}

/// The address of somebody.
pub fn address(name: &str) -> String {
    format!("sip:{name}@example.com")
}

/// Groups, each with people and, now and then, the ones before it.
async fn groups(house: &House, dice: &mut Dice) {
    for (number, name) in GROUPS.iter().enumerate() {
        let mut members: Vec<Value> = Vec::new();
        members.extend(PEOPLE.iter().filter(|_| dice.once_in(3)).map(|who| address(who).into()));
        let inner = GROUPS[..number].iter().filter(|_| dice.once_in(2));
        members.extend(inner.map(|inner| format!("group:{inner}").into()));
        run(house, "group", "new", json!({ "name": name, "members": members })).await;
    }
}

async fn category(house: &House, dice: &mut Dice, number: usize) -> Place {
    let mut allowed = dice.principals(4);
    if !dice.once_in(4) {
        allowed.push("domain:example.com".into());
    }
    let denied = if dice.once_in(2) { dice.principals(2) } else { Vec::new() };
    let (name, history) = (format!("Category {number}"), !dice.once_in(3));
    let fields = json!({
        "name": name, "allowedMembers": allowed, "chatHistory": history,
        "invitations": !dice.once_in(3), "fileUpload": dice.once_in(2),
    });
    let guid = run(house, "category", "new", fields).await;
    // Behind the desk: what it would take off the lists stands on them here, and must not count all the same.
    let (denied, creators) = (principals(house, denied).await, principals(house, dice.principals(3)).await);
    let row = house.store.categories().await.expect("categories can be read");
    let row = row.into_iter().find(|row| row.name.as_str() == name).expect("it was made");
    let draft = CategoryDraft {
        name: row.name,
        description: row.description,
        scope: Scope { allowed: row.scope.allowed, denied },
        creators,
        invitations: row.invitations,
        file_upload: row.file_upload,
        history: row.history,
    };
    house.rows().change(vec![RowChange::SetCategory { id: row.id, expected_rules: None, draft }]).await;
    Place { name, guid, history, home: None, disabled: false }
}

async fn room(house: &House, dice: &mut Dice, number: usize, home: &Place) -> Place {
    let name = format!("Room {number}");
    let fields = json!({
        "name": name, "category": home.name,
        "privacy": dice.one(&["open", "closed", "closed", "secret"]),
        "type": dice.one(&["normal", "normal", "auditorium"]),
        "invitations": dice.one(&["inherit", "inherit", "false"]),
        "disabled": dice.once_in(5),
    });
    let guid = run(house, "room", "new", fields).await;
    let row = house.store.rooms().await.expect("rooms can be read");
    let row = row.into_iter().find(|row| row.name.as_str() == name).expect("it was made");
    let draft = RoomDraft {
        category: row.category,
        under_category_rules: None,
        name: row.name,
        description: row.description,
        privacy: row.privacy,
        kind: row.kind,
        invitations: row.invitations,
        disabled: row.disabled,
        add_in: row.add_in,
        members: principals(house, dice.principals(4)).await,
        managers: principals(house, dice.principals(2)).await,
        presenters: principals(house, dice.principals(3)).await,
    };
    house.rows().change(vec![RowChange::SetRoom { id: row.id, expected_rules: None, draft }]).await;
    let home_name = Some(home.name.clone());
    Place { name, guid, history: home.history, home: home_name, disabled: row.disabled }
}

/// People and groups as lists have them.
async fn principals(house: &House, names: Vec<String>) -> Vec<Principal> {
    let mut all = Vec::new();
    for name in names {
        all.push(match name.strip_prefix("group:") {
            Some(group) => {
                let found = house.store.groups_named(&chat::folded(group)).await.expect("groups can be read");
                Principal::Group(found.first().expect("there is such a group").id)
            }
            None => {
                let address = Address::parse(&name).expect("an address");
                let found = house.store.person_at(&address).await.expect("people can be read");
                Principal::Person(found.expect("there is such a person").id)
            }
        });
    }
    all
}

/// An operation of the administrator of the house; returns the GUID of what was made.
async fn run(house: &House, noun: &str, verb: &str, fields: Value) -> String {
    let spec = Spec::find(noun, verb).expect("there is such an operation");
    let fields: Map<String, Value> = fields.as_object().cloned().expect("an object");
    let operation = spec.read(fields).expect("it is one");
    let outcome = house.run(operation).await.expect("it is carried out");
    outcome.rows.values()[0]["guid"].as_str().expect("it has a GUID").to_owned()
}
