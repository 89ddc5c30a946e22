//! Rows changed behind the desk, for stories about what they do: groups, policies, settings, add-ins, further addresses.
//! Checks no rule: what an operation of the desk would refuse is written all the same.

use std::collections::{BTreeMap, BTreeSet};

use chat::{
    Actor, AddInName, Address, Ancestors, Configuration, Description, DisplayName, GroupId, GroupKind,
    PersonId, PersonState, Principal, Role, Room, RoomId, ScopeName, Time, Url,
};
use directory::Directory;
use rooms::Rooms;
use store::{
    AddInDraft, CategoryDraft, GroupDraft, Member, Order, PolicyDraft, RoomDraft, RowChange, RowDone, Store,
    TokenDraft,
};

/// The rows of a store.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'s>(&'s Store, Option<&'s Rooms>);

impl<'s> Rows<'s> {
    /// Those of this store.
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

    /// Makes a group with these members, `sip:...` or `group:...`.
    pub async fn group(self, name: &str, members: &[&str]) {
        let name = DisplayName::parse(name).expect("a name");
        let draft = GroupDraft { name: name.clone(), kind: GroupKind::Group, domain: None, entry: None };
        self.change(vec![RowChange::NewGroup(draft)]).await;
        self.members(name.as_str(), members, &[]).await;
    }

    /// Changes who is in a group, and says anew what everybody belongs to.
    pub async fn members(self, group: &str, add: &[&str], remove: &[&str]) {
        let group = self.group_named(group).await;
        let (add, remove) = (self.all_members(add).await, self.all_members(remove).await);
        let graph = self.0.graph().await.expect("memberships can be read");
        let mut direct: BTreeMap<Member, BTreeSet<GroupId>> = BTreeMap::new();
        for membership in graph.memberships {
            direct.entry(membership.member).or_default().insert(membership.group);
        }
        for member in &add {
            direct.entry(*member).or_default().insert(group);
        }
        for member in &remove {
            direct.entry(*member).or_default().remove(&group);
        }
        let people = self.0.people().await.expect("people can be read");
        let people = people.into_iter().filter(|person| person.state != PersonState::Removed);
        let people = people.map(|person| (person.id, above(&direct, Member::Person(person.id)))).collect();
        let groups = self.0.groups().await.expect("groups can be read");
        let groups = groups.into_iter().map(|known| (known.id, above(&direct, Member::Group(known.id))));
        let affiliate = RowChange::Affiliate { people, groups: groups.collect() };
        let members = RowChange::SetMembers { group, add, remove };
        self.change(vec![RowChange::GraphIs(graph.number), members, affiliate]).await;
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

    /// Carries out words of a transcript that no operation of the desk understands yet; `false` when they are none of ours.
    pub(crate) async fn by_words(self, words: &[String]) -> bool {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let [noun, verb, name, options @ ..] = &words[..] else { return false };
        let values = |option: &str| -> Vec<&str> {
            options
                .chunks(2)
                .filter(|pair| pair[0] == option)
                .filter_map(|pair| pair.get(1).copied())
                .collect()
        };
        let lists: BTreeSet<&str> = options
            .iter()
            .filter_map(|option| option.strip_prefix("--add-").or(option.strip_prefix("--remove-")))
            .collect();
        let changed = |list: &str| (values(&format!("--add-{list}")), values(&format!("--remove-{list}")));
        let of_groups = options.iter().any(|word| word.starts_with("group:"));
        match (*noun, *verb) {
            ("group", "new") => self.group(name, &values("--add-member")).await,
            ("group", "set") => self.members(name, &values("--add-member"), &values("--remove-member")).await,
            ("policy", "grant") => {
                let enabled = values("--policy").first().map(|word| *word == "On");
                self.grant(name, enabled).await;
            }
            ("configuration", "set") => {
                self.management_pages(values("--room-management-url").first().copied()).await;
            }
            ("add-in", "new") => {
                let (url, room) = (values("--url"), values("--room"));
                self.add_in(name, url[0], room[0]).await;
            }
            ("room", "set") if of_groups => {
                for list in lists {
                    let (add, remove) = changed(list);
                    self.list(name, list, &add, &remove).await;
                }
            }
            ("category", "set") if of_groups => {
                for list in lists {
                    let (add, remove) = changed(list);
                    self.category_list(name, list, &add, &remove).await;
                }
            }
            _ => return false,
        }
        true
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

    async fn group_named(self, name: &str) -> GroupId {
        let found = self.0.groups_named(&chat::folded(name)).await.expect("groups can be read");
        found.first().expect("there is such a group").id
    }

    async fn member(self, who: &str) -> Member {
        match who.strip_prefix("group:") {
            Some(group) => Member::Group(self.group_named(group).await),
            None => Member::Person(self.person(who).await),
        }
    }

    async fn all_members(self, who: &[&str]) -> Vec<Member> {
        let mut all = Vec::new();
        for who in who {
            all.push(self.member(who).await);
        }
        all
    }

    async fn principals(self, who: &[&str]) -> Vec<Principal> {
        let principal = |member| match member {
            Member::Person(id) => Principal::Person(id),
            Member::Group(id) => Principal::Group(id),
        };
        self.all_members(who).await.into_iter().map(principal).collect()
    }
}

/// All groups somebody belongs to, directly and through others.
fn above(direct: &BTreeMap<Member, BTreeSet<GroupId>>, member: Member) -> Ancestors {
    let (mut found, mut next) = (BTreeSet::new(), vec![member]);
    while let Some(member) = next.pop() {
        for group in direct.get(&member).into_iter().flatten() {
            if found.insert(*group) {
                next.push(Member::Group(*group));
            }
        }
    }
    Ancestors::of(found.into_iter().collect())
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
