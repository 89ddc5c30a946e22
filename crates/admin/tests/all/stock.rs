//! A house with one of everything, and what can be asked there of each operation of the table. No story is here.

use admin::{Operation, PolicyGrant, Spec};
use chat::{Ancestors, Role};
use serde_json::{Map, Value, json};
use store::{Options, Order, Place, RowChange, ServerState, Store};

use crate::groups::{grant, new_group};
use crate::house::{House, ROOT, members};
use crate::office::OFFICE;
use crate::publishing::{LITWARE, World};

/// Who asks in stories of roles.
pub const ALICE: &str = "sip:alice@example.com";
/// About whom things are asked.
pub const BOB: &str = "sip:bob@example.com";
/// Who is disabled, and in a group without knowing.
pub const CAROL: &str = "sip:carol@example.com";
/// Who has a policy of her own.
pub const DORA: &str = "sip:dora@example.com";

/// A server that stands by and does not run.
const SPARE: &str = "spare.example.com";
/// A server that is being emptied.
const EMPTIED: &str = "emptied.example.com";

impl House {
    /// A house where each operation of the table finds something to be about.
    pub async fn stocked() -> Self {
        let house = Self::furnished().await.surveyed(World::default().survey());
        for address in [CAROL, DORA] {
            house.person(address).await;
        }
        house.must(read("user", "disable", json!({ "user": CAROL }))).await;
        house.must(new_group("Traders", &[BOB])).await;
        house.must(new_group("Leavers", &[CAROL])).await;
        house.set_room("Engineering", members(&[BOB])).await.expect("Bob is in scope");
        for text in ["the alpha release", "beta only"] {
            house.say("bob", "Engineering", text).await;
        }
        for (noun, fields) in [
            ("category", json!({ "name": "Spare" })),
            ("policy", json!({ "identity": "Off" })),
            ("policy", json!({ "identity": "Pilot", "enablePersistentChat": true })),
            ("configuration", json!({ "identity": "site:Default" })),
            ("add-in", json!({ "name": "Board", "url": "https://board.example.com/" })),
            ("endpoint", json!({ "address": "sip:lobby@example.com" })),
            ("token", json!({ "name": "printer", "scope": "reader", "expires": "2026-12-24" })),
        ] {
            house.must(read(noun, "new", fields)).await;
        }
        for (name, state) in [(SPARE, ServerState::Standby), (EMPTIED, ServerState::Active)] {
            let place = Place { state: Some(state), ..Place::of(name, "another machine") };
            let (file, clock) = (house.folder.path().join("store.db"), house.clock.clone());
            let server = Store::open_place(&file, None, &place, clock, &Options::default());
            server.expect("there is room for three").close().await;
        }
        house.must(read("pool", "drain", json!({ "server": EMPTIED }))).await;
        house.must(read("topology", "publish", json!({ "document": LITWARE }))).await;
        let policy = PolicyGrant { policy: "Pilot".into(), users: vec![DORA.into()] };
        house.must(Operation::PolicyGrant(policy)).await;
        grant(&house, house.id(DORA).await, Role::Reader).await;
        // Behind the desk: what Carol belongs to is not known any more.
        let lost = RowChange::Affiliate {
            people: vec![(house.id(CAROL).await, Ancestors::default())],
            groups: vec![],
        };
        house.store.administer(Order::of(ROOT, "{}".into()), vec![lost]).await.expect("it is written");
        house
    }

    /// What can be asked of an operation in this house, each changing something if the operation does.
    pub async fn examples(&self, spec: &Spec) -> Vec<Operation> {
        let said = spec.said();
        let all = match said.as_str() {
            "token revoke" => {
                let tokens = self.store.tokens().await.expect("a read");
                let guid = tokens.first().expect("there is the printer's").guid;
                vec![json!({ "token": guid })]
            }
            "audit get" => {
                let listed = self.must(read("audit", "list", json!({ "limit": 1 }))).await;
                vec![json!({ "operation": listed.rows.values()[0]["operation"].to_string() })]
            }
            _ => asked(&said),
        };
        all.into_iter().map(|fields| read(spec.noun, spec.verb, fields)).collect()
    }
}

/// An operation of these fields.
fn read(noun: &str, verb: &str, fields: Value) -> Operation {
    let fields: Map<String, Value> = fields.as_object().cloned().expect("an object");
    let spec = Spec::find(noun, verb).expect("there is such an operation");
    spec.read(fields).unwrap_or_else(|bad| panic!("{noun} {verb}: {bad}"))
}

/// The fields of what is asked of an operation: each new one wants its line here.
fn asked(said: &str) -> Vec<Value> {
    match said.split_once(' ').map_or(said, |(noun, _)| noun) {
        "user" => of_people(said),
        "category" => of_categories(said),
        "room" | "message" => of_rooms(said),
        "group" | "directory" | "principal" | "eligible-principal" => of_groups(said),
        "policy" => of_policies(said),
        "configuration" | "add-in" | "endpoint" | "pool" | "topology" => of_the_pool(said),
        _ => of_the_rest(said),
    }
}

fn of_people(said: &str) -> Vec<Value> {
    let erin = "sip:erin@example.com";
    match said {
        "user new" => vec![
            json!({ "address": erin, "displayName": "Erin" }),
            json!({ "address": erin, "displayName": "Erin", "password": "correct horse 9", "legacySignOn": true }),
            json!({ "address": erin, "displayName": "Erin", "bot": true }),
        ],
        "user set" => vec![
            json!({ "user": BOB, "displayName": "Robert" }),
            json!({ "user": BOB, "password": "another horse 7", "legacySignOn": true }),
        ],
        "user disable" | "user remove" | "user get" => vec![json!({ "user": BOB })],
        "user enable" => vec![json!({ "user": CAROL })],
        "user list" => vec![json!({})],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_categories(said: &str) -> Vec<Value> {
    match said {
        "category new" => vec![json!({ "name": "Other", "allowedMembers": [BOB], "creators": [BOB] })],
        "category set" => vec![
            json!({ "category": "General", "name": "Common", "description": "For all", "fileUpload": true }),
            json!({ "category": "General", "creators": { "add": [BOB] } }),
            json!({ "category": "General", "deniedMembers": { "add": [BOB] } }),
            json!({ "category": "General", "chatHistory": false }),
        ],
        "category remove" => vec![json!({ "category": "Spare" })],
        "category get" => vec![json!({ "category": "General" })],
        "category list" => vec![json!({})],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_rooms(said: &str) -> Vec<Value> {
    match said {
        "room new" => {
            vec![json!({ "name": "Plans", "category": "General", "privacy": "open", "members": [BOB] })]
        }
        "room set" => vec![
            json!({ "room": "Engineering", "name": "Works", "description": "Pumps", "privacy": "secret" }),
            json!({ "room": "Engineering", "members": { "remove": [BOB] }, "managers": { "add": [BOB] } }),
            json!({ "room": "Engineering", "addIn": "Board", "disabled": true }),
        ],
        "room remove" | "room get" => vec![json!({ "room": "Engineering" })],
        "room clear" => vec![json!({ "room": "Engineering", "endDate": "2026-11-24" })],
        "room import" => vec![json!({ "rows": "name,category\nPlans,General\nPumps,General\n" })],
        "room list" => vec![json!({})],
        "message remove" => vec![
            json!({ "room": "Engineering", "filter": "alpha", "remove": true }),
            json!({ "room": "Engineering", "userUri": BOB, "replaceMessage": "Taken away." }),
            json!({ "room": "Engineering" }),
        ],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_groups(said: &str) -> Vec<Value> {
    match said {
        "group new" => vec![json!({ "name": "Night", "members": [BOB, "group:Traders"] })],
        "group set" => vec![
            json!({ "group": "Traders", "name": "Dealers" }),
            json!({ "group": "Traders", "members": { "add": [ALICE], "remove": [BOB] } }),
        ],
        "group remove" | "group get" => vec![json!({ "group": "Traders" })],
        "group list" | "principal list" => vec![json!({})],
        "directory import" => vec![json!({ "ldif": OFFICE })],
        "principal refresh" => vec![json!({ "principal": CAROL })],
        "eligible-principal list" => vec![json!({ "category": "General" })],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_policies(said: &str) -> Vec<Value> {
    match said {
        "policy new" => vec![json!({ "identity": "Temps", "description": "For some" })],
        "policy set" => vec![
            json!({ "policy": "Pilot", "enablePersistentChat": false, "description": "Not yet" }),
            json!({ "policy": "global", "enablePersistentChat": false }),
        ],
        "policy remove" => vec![json!({ "policy": "Off" }), json!({ "policy": "Pilot", "force": true })],
        "policy grant" => vec![json!({ "policy": "Off", "users": [BOB, DORA] })],
        "policy revoke" => vec![json!({ "policy": "Pilot", "users": [DORA] })],
        "policy assign" => {
            vec![json!({ "user": BOB, "policyName": "Off" }), json!({ "user": DORA, "policyName": null })]
        }
        "policy get" => vec![json!({ "policy": "Pilot" })],
        "policy effective" => vec![json!({ "user": BOB })],
        "policy list" => vec![json!({})],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_the_pool(said: &str) -> Vec<Value> {
    match said {
        "configuration new" => vec![
            json!({ "identity": "service:PersistentChatServer:pool.example.com", "defaultChatHistory": 40 }),
        ],
        "configuration set" => vec![
            json!({ "configuration": "global", "participantUpdateLimit": 7, "maxFileSizeKB": 9 }),
            json!({ "configuration": "site:Default", "roomManagementUrl": "https://rooms.example.com/" }),
        ],
        "configuration remove" | "configuration get" => vec![json!({ "configuration": "site:Default" })],
        "add-in new" => vec![json!({ "name": "Map", "url": "https://map.example.com/" })],
        "add-in set" => {
            vec![json!({ "addIn": "Board", "name": "Tickets", "url": "https://tickets.example.com/" })]
        }
        "add-in remove" | "add-in get" => vec![json!({ "addIn": "Board" })],
        "endpoint new" => vec![json!({ "address": "sip:desk@example.com", "displayName": "Desk" })],
        "endpoint remove" => vec![json!({ "endpoint": "sip:lobby@example.com" })],
        "topology publish" => {
            let document = LITWARE.replace("Litware rooms", "Rooms");
            vec![json!({ "document": format!("# Published topology: version 1, changed\n{document}") })]
        }
        "configuration list" | "configuration effective" | "add-in list" | "endpoint list" => vec![json!({})],
        "pool state" | "pool servers" | "pool active-servers list" | "pool active-servers swap" => {
            vec![json!({})]
        }
        "pool active-servers set" => {
            vec![json!({ "servers": { "add": [SPARE] } }), json!({ "servers": { "replace": [SPARE] } })]
        }
        "pool join-code" => vec![json!({ "machine": "se.litware.example" })],
        "pool drain" => vec![json!({ "server": "pool.example.com" })],
        "pool undrain" => vec![json!({ "server": EMPTIED })],
        "pool remove" => vec![json!({ "server": SPARE })],
        "topology history" | "topology download" => vec![json!({})],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}

fn of_the_rest(said: &str) -> Vec<Value> {
    match said {
        "role grant" => vec![json!({ "user": BOB, "role": "user-administrator" })],
        "role revoke" => vec![json!({ "user": DORA, "role": "reader" })],
        "token new" => vec![json!({ "name": "scanner", "scope": "reader" })],
        "report membership" => vec![json!({ "user": BOB })],
        "explain" => vec![json!({ "person": BOB, "about": "room", "name": "Engineering" })],
        "who-can" => vec![json!({ "right": "read", "about": "room", "name": "Engineering" })],
        "role list" | "token list" | "audit list" | "report usage" | "report activity" => vec![json!({})],
        other => panic!("nothing is asked of {other} here yet: say what"),
    }
}
