//! Administrators in a storm: lists of members, a narrower category, people disabled, texts taken away and replaced.
//! Each names in the words of the operation what it makes of it, so that the verdict can hold everybody to it.

use chat::{Actor, PersonId, PersonState, Principal, Privacy, Room, RoomId};
use serde_json::{Value, json};
use store::{Act, Amend, Amendment, CategoryDraft, Order, PersonDraft, RoomDraft, RowChange, Store};

use super::Storm;
use crate::pool::guest::draft;

/// Nobody rules over this one, who is asked for headcounts.
const PORTER: &str = "alice";

impl Storm {
    /// Some administrator does something through some server.
    pub(super) fn rule(&mut self) {
        let machine = self.chance.below(self.strength.machines);
        if !self.pool.machines[machine].answers() {
            return;
        }
        let porter = self.pool.person(PORTER);
        let people: Vec<PersonId> =
            self.pool.ground.people.iter().map(|(_, id)| *id).filter(|id| *id != porter).collect();
        let Some(person) = self.chance.pick(&people).copied() else { return };
        let rooms: Vec<Room> = self.pool.ground.rooms.clone();
        let closed: Vec<RoomId> =
            rooms.iter().filter(|room| room.privacy != Privacy::Open).map(|room| room.id).collect();
        let Some(room) = self.chance.pick(&rooms).map(|room| room.id) else { return };
        let Some(shut) = self.chance.pick(&closed).copied() else { return };
        let back = self.chance.below(12);
        let at = &self.pool.machines[machine];
        // What becomes of it is read from the journals: whoever asked may never hear.
        match self.chance.below(10) {
            0..=3 => at.spawn(|store, _| async move { _ = toggle_member(&store, shut, person).await }),
            4 => at.spawn(|store, _| async move { _ = toggle_denied(&store, room, person).await }),
            5 => at.spawn(|store, _| async move { _ = toggle_enabled(&store, person).await }),
            6..=7 => at.spawn(move |store, _| async move {
                _ = amend(&store, room, back, Amendment::Remove).await;
            }),
            _ => {
                let to = Amendment::Replace(draft(&format!("put in place of {back} of {}", room.0)));
                at.spawn(move |store, _| async move { _ = amend(&store, room, back, to).await });
            }
        }
    }
}

/// Makes somebody a member of a room, or no member any more.
async fn toggle_member(store: &Store, room: RoomId, person: PersonId) -> Option<()> {
    let room = store.room(room).await.ok()??;
    let mut members = room.members.clone();
    toggle(&mut members, person);
    let asked = json!({ "members": numbers(&members) });
    let draft = RoomDraft {
        category: room.category,
        under_category_rules: None,
        name: room.name,
        description: room.description,
        privacy: room.privacy,
        kind: room.kind,
        invitations: room.invitations,
        disabled: room.disabled,
        add_in: room.add_in,
        members,
        managers: room.managers,
        presenters: room.presenters,
    };
    order(store, asked, RowChange::SetRoom { id: room.id, expected_rules: Some(room.rules), draft }).await
}

/// Denies somebody a category, or admits again.
async fn toggle_denied(store: &Store, room: RoomId, person: PersonId) -> Option<()> {
    let room = store.room(room).await.ok()??;
    let category = store.category(room.category).await.ok()??;
    let mut scope = category.scope;
    toggle(&mut scope.denied, person);
    let asked = json!({ "denied": numbers(&scope.denied) });
    let draft = CategoryDraft {
        name: category.name,
        description: category.description,
        scope,
        creators: category.creators,
        invitations: category.invitations,
        file_upload: category.file_upload,
        history: category.history,
    };
    let change = RowChange::SetCategory { id: category.id, expected_rules: Some(category.rules), draft };
    order(store, asked, change).await
}

/// Disables somebody, or enables again.
async fn toggle_enabled(store: &Store, person: PersonId) -> Option<()> {
    let person = store.person(person).await.ok()??;
    let enabled = person.state != PersonState::Enabled;
    let draft = PersonDraft { enabled, ..PersonDraft::local(person.address, person.display_name) };
    let change = RowChange::SetPerson { id: person.id, expected_standing: Some(person.standing), draft };
    order(store, json!({ "enabled": enabled }), change).await
}

/// Takes a late text away, or replaces it.
async fn amend(store: &Store, room: RoomId, back: usize, to: Amendment) -> Option<()> {
    let head = store.head(chat::JournalKey::Room(room)).await.ok()?;
    let post = head.posts.checked_sub(u32::try_from(back).ok()?).filter(|post| *post > 0)?;
    let act = Act::of(Actor::Server, "{}".into());
    store.amend(Amend { room, posts: vec![post], to, act }).await.ok().map(drop)
}

async fn order(store: &Store, asked: Value, change: RowChange) -> Option<()> {
    store.administer(Order::of(Actor::Server, asked.to_string()), vec![change]).await.ok().map(drop)
}

fn toggle(list: &mut Vec<Principal>, person: PersonId) {
    let principal = Principal::Person(person);
    let was = list.len();
    list.retain(|listed| *listed != principal);
    if list.len() == was {
        list.push(principal);
    }
}

fn numbers(list: &[Principal]) -> Vec<i64> {
    let number = |principal: &Principal| match principal {
        Principal::Person(id) => Some(id.0),
        _ => None,
    };
    list.iter().filter_map(number).collect()
}
