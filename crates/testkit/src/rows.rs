//! Rows changed behind the desk, for stories about what they do: policies, settings, add-ins, addresses, tokens.
//! Checks no rule: what an operation of the desk would refuse is written all the same.

use chat::{
    Actor, AddInName, Address, Configuration, Description, DisplayName, Domain, PersonId, Principal, Role,
    Room, RoomId, ScopeName, Time, Url,
};
use directory::Directory;
use rooms::Rooms;
use store::{
    AddInDraft, CategoryDraft, Order, PolicyDraft, RoomDraft, RowChange, RowDone, Store, TokenDraft,
};

/// The rows of a store.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'s>(&'s Store, Option<&'s Rooms>);

impl<'s> Rows<'s> {
    /// Those of this store; live rooms may not have heard of a change yet when it is made.
    #[must_use]
    pub fn of(store: &'s Store) -> Self {
        Self(store, None)
    }

    /// The same; a change is made when these live rooms know it.
    #[must_use]
    pub fn known_to(self, rooms: &'s Rooms) -> Self {
        Self(self.0, Some(rooms))
    }

    /// Makes changes, in one operation.
    ///
    /// # Panics
    /// When the store refuses them; so for everything here.
    pub async fn change(self, changes: Vec<RowChange>) -> Vec<RowDone> {
        let done = self.0.administer(Order::of(Actor::Shell(0), "{}".into()), changes).await;
        if let Some(rooms) = self.1 {
            rooms.settled().await.expect("the rooms follow");
        }
        done.expect("the rows can be changed").done
    }

    /// Switches the policy for everybody.
    pub async fn policy(self, enabled: bool) {
        let all = self.0.policies().await.expect("policies can be read");
        let global = all.into_iter().find(|policy| policy.scope == ScopeName::Global).expect("one for all");
        let draft = PolicyDraft { scope: global.scope, enabled, description: global.description };
        self.change(vec![RowChange::SetPolicy { id: global.id, expected_version: None, draft }]).await;
    }

    /// Gives a person a policy of its own, or takes it.
    pub async fn grant(self, who: &str, enabled: Option<bool>) {
        let policy = match enabled {
            Some(enabled) => Some(self.own_policy(enabled).await),
            None => None,
        };
        let id = self.person(who).await;
        self.change(vec![RowChange::GrantPolicy(id, policy)]).await;
    }

    async fn own_policy(self, enabled: bool) -> i64 {
        let scope = ScopeName::Tag(if enabled { "On" } else { "Off" }.to_owned());
        let all = self.0.policies().await.expect("policies can be read");
        if let Some(known) = all.iter().find(|policy| policy.scope == scope) {
            return known.id;
        }
        let draft = PolicyDraft { scope, enabled, description: Description::default() };
        match self.change(vec![RowChange::NewPolicy(draft)]).await.pop() {
            Some(RowDone::Policy(policy)) => policy.id,
            other => panic!("a policy was made, not {other:?}"),
        }
    }

    /// Gives a person an administrative role.
    pub async fn role(self, who: &str, role: Role) {
        let id = self.person(who).await;
        self.change(vec![RowChange::GrantRole(id, role)]).await;
    }

    /// Makes a token of this scope for a person, or for nobody; returns what its owner shows, and its number.
    pub async fn token(
        self,
        directory: &Directory,
        scope: &str,
        who: Option<&str>,
        expires: Option<Time>,
    ) -> (String, i64) {
        let person = match who {
            Some(who) => Some(self.person(who).await),
            None => None,
        };
        let minted = directory.mint();
        let name = DisplayName::parse(scope).expect("a name");
        let draft = TokenDraft { hash: minted.hash, name, scope: scope.to_owned(), person, expires };
        match self.change(vec![RowChange::NewToken(draft)]).await.pop() {
            Some(RowDone::Token(row)) => (minted.secret, row.id),
            other => panic!("a token was made, not {other:?}"),
        }
    }

    /// Ends a token.
    pub async fn revoke(self, token: i64) {
        self.change(vec![RowChange::RevokeToken(token)]).await;
    }

    /// Changes the settings for everybody.
    pub async fn settings(self, change: impl FnOnce(Configuration) -> Configuration) {
        let all = self.0.configurations().await.expect("settings can be read");
        let global =
            all.into_iter().find(|row| row.scope == ScopeName::Global).expect("there are some for all");
        let settings = change(global.settings);
        let set = RowChange::SetConfiguration { id: global.id, expected_version: None, settings };
        self.change(vec![set]).await;
    }

    /// Names pages for managing rooms, or none.
    pub async fn management_pages(self, url: Option<&str>) {
        let url = url.map(|url| Url::parse(url).expect("the address of a page"));
        self.settings(|settings| Configuration { room_management_url: url, ..settings }).await;
    }

    /// Makes a further address of the pool.
    pub async fn endpoint(self, address: &str) {
        let address = Address::parse(address).expect("an address");
        let name = DisplayName::parse("Chat rooms").expect("a name");
        self.change(vec![RowChange::NewEndpoint(address, name)]).await;
    }

    /// Removes a further address of the pool.
    pub async fn remove_endpoint(self, address: &str) {
        let all = self.0.endpoints().await.expect("addresses can be read");
        let row = all.iter().find(|row| row.address.as_str() == address).expect("there is such an address");
        self.change(vec![RowChange::RemoveEndpoint(row.id)]).await;
    }

    /// Registers a page and shows it beside a room.
    pub async fn add_in(self, name: &str, url: &str, room: &str) {
        let name = AddInName::parse(name).expect("a name");
        let draft = AddInDraft { name, url: Url::parse(url).expect("the address of a page") };
        let done = self.change(vec![RowChange::NewAddIn(draft)]).await.pop();
        let Some(RowDone::AddIn(made)) = done else { panic!("an add-in was made, not {done:?}") };
        self.set_room(room, |draft| draft.add_in = Some(made.id)).await;
    }

    /// Puts principals, `sip:...` or `group:...`, on a list of a room (`member`, `manager`, `presenter`) and takes others off.
    pub async fn list(self, room: &str, list: &str, add: &[&str], remove: &[&str]) {
        let (add, remove) = (self.principals(add).await, self.principals(remove).await);
        self.set_room(room, |draft| {
            let list = match list {
                "member" => &mut draft.members,
                "manager" => &mut draft.managers,
                "presenter" => &mut draft.presenters,
                other => panic!("a room has no list {other}"),
            };
            list.retain(|principal| !remove.contains(principal));
            list.extend(add);
        })
        .await;
    }

    /// Puts principals on a list of a category (`allowed-member`, `denied-member`, `creator`) and takes others off.
    pub async fn category_list(self, category: &str, list: &str, add: &[&str], remove: &[&str]) {
        let (add, remove) = (self.principals(add).await, self.principals(remove).await);
        let all = self.0.categories().await.expect("categories can be read");
        let row =
            all.into_iter().find(|row| row.name.as_str() == category).expect("there is such a category");
        let mut draft = CategoryDraft {
            name: row.name,
            description: row.description,
            scope: row.scope,
            creators: row.creators,
            invitations: row.invitations,
            file_upload: row.file_upload,
            history: row.history,
        };
        let list = match list {
            "allowed-member" => &mut draft.scope.allowed,
            "denied-member" => &mut draft.scope.denied,
            "creator" => &mut draft.creators,
            other => panic!("a category has no list {other}"),
        };
        list.retain(|principal| !remove.contains(principal));
        list.extend(add);
        self.change(vec![RowChange::SetCategory { id: row.id, expected_rules: None, draft }]).await;
    }

    async fn principals(self, who: &[&str]) -> Vec<Principal> {
        let mut all = Vec::new();
        for who in who {
            all.push(match (who.strip_prefix("group:"), who.strip_prefix("domain:")) {
                (Some(group), _) => {
                    let found = self.0.groups_named(&chat::folded(group)).await.expect("groups can be read");
                    Principal::Group(found.first().expect("there is such a group").id)
                }
                (_, Some(domain)) => Principal::Domain(Domain::parse(domain).expect("a domain")),
                _ => Principal::Person(self.person(who).await),
            });
        }
        all
    }

    async fn set_room(self, room: &str, change: impl FnOnce(&mut RoomDraft)) {
        let all = self.0.rooms().await.expect("rooms can be read");
        let row = all.into_iter().find(|row| row.name.as_str() == room).expect("there is such a room");
        let (id, mut draft): (RoomId, _) = (row.id, draft_of(row));
        change(&mut draft);
        self.change(vec![RowChange::SetRoom { id, expected_rules: None, draft }]).await;
    }

    async fn person(self, who: &str) -> PersonId {
        let address = Address::parse(who).expect("an address");
        self.0.person_at(&address).await.expect("people can be read").expect("there is such a person").id
    }
}

fn draft_of(room: Room) -> RoomDraft {
    RoomDraft {
        category: room.category,
        under_category_rules: None,
        name: room.name,
        description: room.description,
        privacy: room.privacy,
        kind: room.kind,
        invitations: room.invitations,
        disabled: room.disabled,
        add_in: room.add_in,
        members: room.members,
        managers: room.managers,
        presenters: room.presenters,
    }
}
